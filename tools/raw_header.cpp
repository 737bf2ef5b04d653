#include "raw_header.h"

#include "facts.h"
#include "regions.h"

namespace swr::tool {
namespace {

std::string nrrd_type(swr_component component) {
  switch (component) {
    case SWR_FLOAT32: return "float";
    case SWR_FLOAT64: return "double";
    default: return swr_component_name(component);
  }
}

std::string size_text(const RawPixels& pixels) {
  return list_text(pixels.size.data(), static_cast<int>(pixels.size.size()), " ");
}

// Such as " (0.5,0,0) (0,0.5,0)": a vector for each axis.
std::string directions_text(const std::vector<double>& spacing) {
  std::string text;
  for (size_t axis = 0; axis < spacing.size(); ++axis) {
    text += " (";
    for (size_t i = 0; i < spacing.size(); ++i)
      text += (i ? "," : "") + number_text(i == axis ? spacing[axis] : 0);
    text += ")";
  }
  return text;
}

std::string vector_text(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ",") + number_text(value);
  return "(" + text + ")";
}

std::string repeated(const std::string& word, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += " " + word;
  return text;
}

const char* metaimage_type(swr_component component) {
  switch (component) {
    case SWR_UINT8: return "MET_UCHAR";
    case SWR_INT8: return "MET_CHAR";
    case SWR_UINT16: return "MET_USHORT";
    case SWR_INT16: return "MET_SHORT";
    case SWR_UINT32: return "MET_UINT";
    case SWR_INT32: return "MET_INT";
    case SWR_UINT64: return "MET_ULONG_LONG";
    case SWR_INT64: return "MET_LONG_LONG";
    case SWR_FLOAT32: return "MET_FLOAT";
    default: return "MET_DOUBLE";
  }
}

}  // namespace

std::string nrrd_header(const RawPixels& pixels) {
  const size_t n = pixels.size.size();
  const bool has_vectors = pixels.components > 1;
  std::string text = "NRRD0005\ntype: " + nrrd_type(pixels.component);
  text += "\ndimension: " + std::to_string(n + (has_vectors ? 1 : 0));
  text += "\nsizes: " + (has_vectors ? std::to_string(pixels.components) + " " : std::string()) +
          size_text(pixels);
  text += n == 3 ? "\nspace: left-posterior-superior" : "\nspace dimension: " + std::to_string(n);
  text += std::string("\nspace directions:") + (has_vectors ? " none" : "") +
          directions_text(pixels.spacing);
  text += std::string("\nkinds:") + (has_vectors ? " vector" : "") + repeated("domain", n);
  text += std::string("\nendian: ") + (pixels.big_endian ? "big" : "little");
  text += "\nencoding: raw\nbyte skip: " + std::to_string(pixels.offset);
  text += "\nspace units:" + repeated("\"mm\"", n);
  text += "\nspace origin: " + vector_text(pixels.origin);
  return text + "\ndata file: " + pixels.file + "\n";
}

std::string metaimage_header(const RawPixels& pixels) {
  std::string text = "ObjectType = Image\nNDims = " + std::to_string(pixels.size.size());
  text += "\nBinaryData = True\nBinaryDataByteOrderMSB = ";
  text += pixels.big_endian ? "True" : "False";
  text += "\nCompressedData = False\nOffset = " + number_text(pixels.origin);
  text += "\nElementSpacing = " + number_text(pixels.spacing);
  text += "\nDimSize = " + size_text(pixels);
  text += "\nHeaderSize = " + std::to_string(pixels.offset);
  if (pixels.components > 1)
    text += "\nElementNumberOfChannels = " + std::to_string(pixels.components);
  text += "\nElementType = " + std::string(metaimage_type(pixels.component));
  return text + "\nElementDataFile = " + pixels.file + "\n";
}

}  // namespace swr::tool

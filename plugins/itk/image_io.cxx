#include "image_io.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "dictionary.h"
#include "pixel_names.h"
#include "which_files.h"

namespace swr_itk {
namespace {

std::string format_of(swr_reader* reader) {
  const char* name = "";
  swr_reader_get_format(reader, &name);
  return name;
}

// Analyze 7.5 has NIfTI's names and sizes, and not its magic words. ITK has its own rules for the
// orientation of such images.
bool is_analyze(const std::string& path) {
  std::string header = path;
  if (has_suffix(path, ".img")) header.replace(path.size() - 4, 4, ".hdr");
  if (!has_suffix(header, ".hdr")) return false;
  char bytes[348] = {};
  std::ifstream(header, std::ios::binary).read(bytes, sizeof bytes);
  const std::string first(bytes + 4, 3), second(bytes + 344, 3);
  return first != "ni2" && first != "n+2" && second != "ni1" && second != "n+1";
}

bool is_colour(swr_kind kind) {
  return kind == SWR_KIND_RGB || kind == SWR_KIND_RGBA;
}

int64_t pixels_of(const swr_region& region) {
  int64_t pixels = 1;
  for (int32_t axis = 0; axis < region.dimensions; ++axis) pixels *= region.size[axis];
  return pixels;
}

// As ITK computes it, with the same rounding.
template <class Stored, class Real>
void scale(const char* from, int64_t count, double slope, double intercept, char* to) {
  const auto* stored = reinterpret_cast<const Stored*>(from);
  auto* real = reinterpret_cast<Real*>(to);
  for (int64_t i = 0; i < count; ++i)
    real[i] =
        static_cast<Real>(static_cast<double>(static_cast<Real>(stored[i])) * slope + intercept);
}

void scale(swr_component stored, const char* from, int64_t count, double slope, double intercept,
           char* to) {
  switch (stored) {
    case SWR_UINT8: return scale<uint8_t, float>(from, count, slope, intercept, to);
    case SWR_INT8: return scale<int8_t, float>(from, count, slope, intercept, to);
    case SWR_UINT16: return scale<uint16_t, float>(from, count, slope, intercept, to);
    case SWR_INT16: return scale<int16_t, float>(from, count, slope, intercept, to);
    case SWR_UINT32: return scale<uint32_t, float>(from, count, slope, intercept, to);
    case SWR_INT32: return scale<int32_t, float>(from, count, slope, intercept, to);
    case SWR_UINT64: return scale<uint64_t, float>(from, count, slope, intercept, to);
    case SWR_INT64: return scale<int64_t, float>(from, count, slope, intercept, to);
    case SWR_FLOAT64: return scale<double, double>(from, count, slope, intercept, to);
    default: return scale<float, float>(from, count, slope, intercept, to);
  }
}

// On standard error, if SWR_ITK_VERBOSE is set.
void say(const std::string& path, const std::string& what) {
  if (std::getenv("SWR_ITK_VERBOSE"))
    std::fprintf(stderr, "swr_itk: %s: %s\n", path.c_str(), what.c_str());
}

// What ITK may ask for at least instead of what the program asks for: SWR_ITK_DIVISIONS.
unsigned least_divisions() {
  const char* const text = std::getenv("SWR_ITK_DIVISIONS");
  return text ? static_cast<unsigned>(std::max(std::atoi(text), 1)) : 1;
}

}  // namespace

SwrImageIO::SwrImageIO() {
  for (const std::string& suffix : suffixes_with(SWR_CAN_READ))
    AddSupportedReadExtension(suffix.c_str());
  for (const std::string& suffix : suffixes_with(SWR_CAN_STREAM))
    AddSupportedWriteExtension(suffix.c_str());
  SetMaximumCompressionLevel(9);
  SetCompressionLevel(usual_level);
}

bool SwrImageIO::SupportsDimension(unsigned long dimensions) {
  return dimensions >= 1 && dimensions <= SWR_MAX_DIMENSIONS;
}

// What swr cannot read, or reads otherwise than ITK, is left to ITK's own classes.
bool SwrImageIO::CanReadFile(const char* path) {
  const std::unique_ptr<swr_reader, Destroy> reader(swr_reader_create());
  if (!reader || !path) return false;
  if (swr_reader_open(reader.get(), path) != SWR_OK) {
    say(path, std::string("is left to ITK: ") + swr_reader_message(reader.get()));
    return false;
  }
  const std::string format = format_of(reader.get());
  swr_kind kind = SWR_KIND_SCALAR;
  double slope = 1, intercept = 0;
  swr_reader_get_pixel_type(reader.get(), nullptr, nullptr, &kind);
  swr_reader_get_value_scale(reader.get(), &slope, &intercept);
  const bool scaled_colours = is_colour(kind) && (slope != 1 || intercept != 0);
  return takes_format(format) && !(format == "NIfTI" && (scaled_colours || is_analyze(path)));
}

void SwrImageIO::ReadImageInformation() {
  m_Reader.reset(swr_reader_create());
  if (!m_Reader) itkExceptionMacro(<< "there is no memory");
  m_OpenPath = GetFileName();
  CheckReader(swr_reader_open(m_Reader.get(), m_OpenPath.c_str()));
  CheckReader(swr_reader_get_image_region(m_Reader.get(), &m_Whole));
  ReadGeometry(m_Whole);
  int32_t components = 1;
  swr_kind kind = SWR_KIND_SCALAR;
  CheckReader(swr_reader_get_pixel_type(m_Reader.get(), &m_Stored, &components, &kind));
  ReadScale();
  const bool is_double = m_Stored == SWR_FLOAT64;
  SetComponentType(io_component(m_IsScaled ? (is_double ? SWR_FLOAT64 : SWR_FLOAT32) : m_Stored));
  SetNumberOfComponents(static_cast<unsigned>(components));
  SetPixelType(components == 1 ? itk::IOPixelEnum::SCALAR : io_kind(kind));
  int32_t big_endian = 0;
  swr_reader_get_big_endian(m_Reader.get(), &big_endian);
  SetByteOrder(big_endian ? itk::IOByteOrderEnum::BigEndian : itk::IOByteOrderEnum::LittleEndian);
  SetFileType(itk::IOFileEnum::Binary);
  GetMetaDataDictionary().Clear();
  read_dictionary(m_Reader.get(), format_of(m_Reader.get()), GetMetaDataDictionary());
}

// In other formats than NIfTI ITK leaves the values as they are.
void SwrImageIO::ReadScale() {
  m_IsScaled = false;
  if (format_of(m_Reader.get()) != "NIfTI") return;
  CheckReader(swr_reader_get_value_scale(m_Reader.get(), &m_Slope, &m_Intercept));
  m_IsScaled = m_Slope != 1 || m_Intercept != 0;
}

// ITK's origin is the position of the first pixel, and its files begin at index 0.
void SwrImageIO::ReadGeometry(const swr_region& region) {
  const auto n = static_cast<unsigned>(region.dimensions);
  std::vector<double> spacing(n), origin(n), direction(n * n);
  CheckReader(swr_reader_get_spacing(m_Reader.get(), spacing.data(), region.dimensions));
  CheckReader(swr_reader_get_origin(m_Reader.get(), origin.data(), region.dimensions));
  CheckReader(swr_reader_get_direction(m_Reader.get(), direction.data(),
                                       region.dimensions * region.dimensions));
  SetNumberOfDimensions(n);
  for (unsigned row = 0; row < n; ++row) {
    double first = origin[row];
    std::vector<double> column(n);
    for (unsigned i = 0; i < n; ++i) {
      first += direction[row * n + i] * spacing[i] * static_cast<double>(region.index[i]);
      column[i] = direction[i * n + row];
    }
    SetDimensions(row, static_cast<itk::SizeValueType>(region.size[row]));
    SetSpacing(row, spacing[row]);
    SetOrigin(row, first);
    SetDirection(row, column);
  }
}

// All axes that the image of the program lacks are read at their first index.
itk::ImageIORegion SwrImageIO::GenerateStreamableReadRegionFromRequestedRegion(
    const itk::ImageIORegion& requested) const {
  if (!GetUseStreamedReading())
    return Superclass::GenerateStreamableReadRegionFromRequestedRegion(requested);
  itk::ImageIORegion region(GetNumberOfDimensions());
  for (unsigned axis = 0; axis < GetNumberOfDimensions(); ++axis) {
    const bool has = axis < requested.GetImageDimension();
    region.SetIndex(axis, has ? requested.GetIndex(axis) : 0);
    region.SetSize(axis, has ? requested.GetSize(axis) : 1);
  }
  return region;
}

void SwrImageIO::Read(void* buffer) {
  const bool was_scaled = m_IsScaled;
  if (!m_Reader || m_OpenPath != GetFileName()) {
    OpenAgain();
  } else {
    CheckReader(swr_reader_refresh(m_Reader.get()));  // another image may have the name meanwhile
    ReadScale();
  }
  if (m_IsScaled != was_scaled)
    itkExceptionMacro(<< "swr: " << GetFileName() << ": the file has another value scale now");
  swr_region region = m_Whole;
  const itk::ImageIORegion& io = GetIORegion();
  for (int32_t axis = 0; axis < region.dimensions; ++axis) {
    const auto i = static_cast<unsigned>(axis);
    const bool has = i < io.GetImageDimension();
    region.index[axis] = m_Whole.index[axis] + (has ? io.GetIndex(i) : 0);
    region.size[axis] = has ? static_cast<int64_t>(io.GetSize(i)) : 1;
  }
  std::ostringstream what;
  what << "reads " << pixels_of(region) << " of " << pixels_of(m_Whole) << " pixels";
  say(GetFileName(), what.str());
  if (m_IsScaled) {
    ReadScaled(region, static_cast<char*>(buffer));
  } else {
    ReadStored(region, buffer);
  }
  // Programs keep many readers; those that have delivered everything need no open file.
  if (pixels_of(region) == pixels_of(m_Whole)) m_Reader.reset();
}

// The caller's buffer has room for the pixels that ReadImageInformation() found.
void SwrImageIO::OpenAgain() {
  const auto type = GetComponentType();
  const unsigned components = GetNumberOfComponents(), dimensions = GetNumberOfDimensions();
  ReadImageInformation();
  if (GetComponentType() != type || GetNumberOfComponents() != components ||
      GetNumberOfDimensions() != dimensions) {
    itkExceptionMacro(<< "swr: " << GetFileName()
                      << ": the file was replaced by one with other pixels; read it again");
  }
}

void SwrImageIO::ReadStored(const swr_region& region, void* buffer) {
  const int64_t bytes = pixels_of(region) * GetNumberOfComponents() * swr_component_bytes(m_Stored);
  CheckReader(swr_reader_read(m_Reader.get(), &region, buffer, bytes));
}

// Slice by slice, so that the values as they are stored take little memory.
void SwrImageIO::ReadScaled(const swr_region& region, char* buffer) {
  int32_t axis = region.dimensions - 1;
  while (axis > 0 && region.size[axis] == 1) --axis;
  swr_region slice = region;
  slice.size[axis] = 1;
  const int64_t numbers = pixels_of(slice) * GetNumberOfComponents();
  std::vector<char> stored(static_cast<size_t>(numbers * swr_component_bytes(m_Stored)));
  for (int64_t i = 0; i < region.size[axis]; ++i) {
    slice.index[axis] = region.index[axis] + i;
    ReadStored(slice, stored.data());
    scale(m_Stored, stored.data(), numbers, m_Slope, m_Intercept,
          buffer + i * numbers * static_cast<int64_t>(GetComponentSize()));
  }
}

bool SwrImageIO::CanWriteFile(const char* path) {
  return path && !written_format(path).empty();
}

unsigned int SwrImageIO::GetActualNumberOfSplitsForWriting(unsigned int requested,
                                                           const itk::ImageIORegion& region,
                                                           const itk::ImageIORegion& image) {
  m_Writing.reset();  // of an earlier write that failed
  m_Plan = std::make_unique<WriteRequest>(WriteRequest{image, region});
  const unsigned pieces = Superclass::GetActualNumberOfSplitsForWriting(
      std::max(requested, least_divisions()), region, image);
  say(GetFileName(),
      std::to_string(pieces) + (m_Plan->is_paste() ? " pieces of a paste" : " pieces"));
  return pieces;
}

// For callers other than ITK's writer, which set no more than the region.
WriteRequest SwrImageIO::RequestWithoutPlan() const {
  itk::ImageIORegion image(GetNumberOfDimensions());
  for (unsigned axis = 0; axis < GetNumberOfDimensions(); ++axis)
    image.SetSize(axis, GetDimensions(axis));
  return {image,
          GetUseStreamedWriting() && GetIORegion().GetNumberOfPixels() > 0 ? GetIORegion() : image};
}

void SwrImageIO::Write(const void* buffer) {
  try {
    const WriteRequest request = m_Plan ? *m_Plan : RequestWithoutPlan();
    if (!m_Writing) m_Writing = std::make_unique<Writing>(*this, request);
    m_Writing->put(m_Plan ? GetIORegion() : request.region, buffer);
    for (const std::string& warning : m_Writing->take_warnings())
      itkWarningMacro(<< "swr: " << warning);
    if (!m_Writing->is_complete()) return;
    say(GetFileName(), m_Writing->summary());
  } catch (...) {
    m_Writing.reset();
    m_Plan.reset();
    throw;
  }
  m_Writing.reset();
  m_Plan.reset();
}

void SwrImageIO::CheckReader(swr_status status) {
  if (status == SWR_OK) return;
  itkExceptionMacro(<< "swr: " << swr_reader_message(m_Reader.get()) << " ("
                    << swr_status_name(status) << ")");
}

}  // namespace swr_itk

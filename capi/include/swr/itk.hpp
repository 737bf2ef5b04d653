/**
 * @file itk.hpp
 * Streams images of ITK into image files: itk::Image and itk::VectorImage of any dimension, with
 * geometry and metadata. For C++17 and ITK 5.2 or later; all of it is in this header.
 *
 * @code
 * auto* image = filter->GetOutput();     // the end of a pipeline, or an image in memory
 * swr_set_image_from_itk(writer, image);
 * swr_set_divisions(writer, 10);
 * swr_write(writer, swr_pull_itk<Image>, image);  // ten updates, each for a tenth of the image
 * @endcode
 *
 * A program that must not change can have the same from the plug-in: see docs/itk.md.
 */
#ifndef SWR_ITK_HPP
#define SWR_ITK_HPP

#include "swr/swr.h"

#include <itkCovariantVector.h>
#include <itkDiffusionTensor3D.h>
#include <itkImage.h>
#include <itkMetaDataObject.h>
#include <itkNumericTraits.h>
#include <itkRGBAPixel.h>
#include <itkRGBPixel.h>
#include <itkSymmetricSecondRankTensor.h>
#include <itkVectorImage.h>

#include <complex>
#include <exception>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

/** @cond */
namespace swr_itk {

// The type of a number by its size and sign: long has 4 or 8 bytes. bool and long double have none.
template <class Number>
constexpr swr_component component_of() {
  if constexpr (std::is_same_v<Number, float>) return SWR_FLOAT32;
  if constexpr (std::is_same_v<Number, double>) return SWR_FLOAT64;
  if constexpr (std::is_integral_v<Number> && !std::is_same_v<Number, bool>) {
    constexpr bool is_signed = std::is_signed_v<Number>;
    switch (sizeof(Number)) {
      case 1: return is_signed ? SWR_INT8 : SWR_UINT8;
      case 2: return is_signed ? SWR_INT16 : SWR_UINT16;
      case 4: return is_signed ? SWR_INT32 : SWR_UINT32;
      case 8: return is_signed ? SWR_INT64 : SWR_UINT64;
      default: break;
    }
  }
  return SWR_COMPONENT_UNKNOWN;
}

// The kind of a pixel by its class. `more` is anything: that overload is the last choice.
template <class Pixel>
constexpr swr_kind kind_of(const Pixel *, ...) {
  return std::is_arithmetic_v<Pixel> ? SWR_KIND_SCALAR : SWR_KIND_VECTOR;
}
template <class Number>
constexpr swr_kind kind_of(const itk::RGBPixel<Number> *, int) {
  return SWR_KIND_RGB;
}
template <class Number>
constexpr swr_kind kind_of(const itk::RGBAPixel<Number> *, int) {
  return SWR_KIND_RGBA;
}
template <class Number>
constexpr swr_kind kind_of(const std::complex<Number> *, int) {
  return SWR_KIND_COMPLEX;
}
template <class Number, unsigned N>
constexpr swr_kind kind_of(const itk::CovariantVector<Number, N> *, int) {
  return SWR_KIND_COVARIANT_VECTOR;
}
template <class Number, unsigned N>
constexpr swr_kind kind_of(const itk::SymmetricSecondRankTensor<Number, N> *, int) {
  return SWR_KIND_SYMMETRIC_TENSOR;
}
template <class Number>
constexpr swr_kind kind_of(const itk::DiffusionTensor3D<Number> *, int) {
  return SWR_KIND_SYMMETRIC_TENSOR;
}

template <unsigned N>
swr_region region_of(const itk::ImageRegion<N> &region) {
  swr_region result = {};
  result.dimensions = static_cast<int32_t>(N);
  for (unsigned axis = 0; axis < N; ++axis) {
    result.index[axis] = static_cast<int64_t>(region.GetIndex(axis));
    result.size[axis] = static_cast<int64_t>(region.GetSize(axis));
  }
  return result;
}

template <class Number>
bool number_text(const itk::MetaDataDictionary &dictionary, const std::string &key,
                 std::string &text) {
  Number number{};
  if (!itk::ExposeMetaData<Number>(dictionary, key, number)) return false;
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out.precision(std::numeric_limits<Number>::max_digits10);
  out << number;
  text = out.str();
  return true;
}

// NRRD's measurement frame, which ITK has as a list of vectors: "(1,0,0) (0,1,0) (0,0,1)".
inline bool vectors_text(const itk::MetaDataDictionary &dictionary, const std::string &key,
                         std::string &text) {
  std::vector<std::vector<double>> vectors;
  if (!itk::ExposeMetaData<std::vector<std::vector<double>>>(dictionary, key, vectors))
    return false;
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out.precision(std::numeric_limits<double>::max_digits10);
  for (size_t i = 0; i < vectors.size(); ++i) {
    out << (i > 0 ? " (" : "(");
    for (size_t j = 0; j < vectors[i].size(); ++j) out << (j > 0 ? "," : "") << vectors[i][j];
    out << ")";
  }
  text = out.str();
  return true;
}

// An entry as text: strings and numbers. False for an entry of another type.
inline bool entry_text(const itk::MetaDataDictionary &dictionary, const std::string &key,
                       std::string &text) {
  return itk::ExposeMetaData<std::string>(dictionary, key, text) ||
         number_text<double>(dictionary, key, text) || number_text<float>(dictionary, key, text) ||
         number_text<int>(dictionary, key, text) || number_text<unsigned>(dictionary, key, text) ||
         number_text<long>(dictionary, key, text) ||
         number_text<unsigned long>(dictionary, key, text) ||
         number_text<long long>(dictionary, key, text) ||
         number_text<unsigned long long>(dictionary, key, text) ||
         number_text<short>(dictionary, key, text) ||
         number_text<unsigned short>(dictionary, key, text) ||
         number_text<bool>(dictionary, key, text) || vectors_text(dictionary, key, text);
}

// ITK's notes about the file that it read, which are not true of another file; of those about
// NRRD's fields three are metadata.
inline bool is_own_entry(const std::string &key) {
  if (key.compare(0, 5, "NRRD_") == 0) {
    return key != "NRRD_content" && key != "NRRD_sample units" && key != "NRRD_measurement frame";
  }
  return key.compare(0, 4, "ITK_") == 0;
}

}  // namespace swr_itk
/** @endcond */

/**
 * Sets the entries of a dictionary that are strings or numbers as metadata (swr_set_metadata()).
 * ITK's own notes, whose keys begin with "ITK_" or "NRRD_", and empty strings are left out, but
 * "NRRD_content", "NRRD_sample units" and "NRRD_measurement frame" are metadata. `left_out` (may
 * be NULL) gets the keys of entries that have another type.
 */
inline swr_status swr_set_metadata_from_itk(swr_writer *writer,
                                            const itk::MetaDataDictionary &dictionary,
                                            std::vector<std::string> *left_out = nullptr) {
  for (const std::string &key : dictionary.GetKeys()) {
    if (swr_itk::is_own_entry(key)) continue;
    std::string text;
    if (!swr_itk::entry_text(dictionary, key, text)) {
      if (left_out) left_out->push_back(key);
      continue;
    }
    if (text.empty()) continue;
    const swr_status status = swr_set_metadata(writer, key.c_str(), text.c_str());
    if (status != SWR_OK) return status;
  }
  return SWR_OK;
}

/**
 * Describes the writer's image as ITK's: the largest possible region with its start index, pixel
 * type, spacing, origin, direction, and the metadata of swr_set_metadata_from_itk(). Updates the
 * information of the pipeline, not its data; throws what that throws. Set what should differ in the
 * file afterwards; a different stored type also needs swr_set_source_type() with the image's type.
 * SWR_ERROR_ARGUMENT for pixels that files cannot hold, such as bool; SWR_ERROR_REGION for an empty
 * image. The image may then be described in part.
 */
template <class Image>
swr_status swr_set_image_from_itk(swr_writer *writer, Image *image) {
  constexpr unsigned n = Image::ImageDimension;
  using Pixel = typename Image::PixelType;
  using Number = typename itk::NumericTraits<Pixel>::ValueType;
  // Without a source, ITK would replace the largest possible region by the one that is in memory.
  if (image->GetSource()) image->UpdateOutputInformation();
  const auto components = static_cast<int32_t>(image->GetNumberOfComponentsPerPixel());
  const swr_kind kind = swr_itk::kind_of(static_cast<const Pixel *>(nullptr), 0);
  const swr_region region = swr_itk::region_of(image->GetLargestPossibleRegion());
  double spacing[n], origin[n], direction[n * n];
  for (unsigned row = 0; row < n; ++row) {
    spacing[row] = image->GetSpacing()[row];
    origin[row] = image->GetOrigin()[row];
    for (unsigned axis = 0; axis < n; ++axis)
      direction[row * n + axis] = image->GetDirection()[row][axis];
  }
  swr_status status = swr_set_image_region(writer, &region);
  if (status == SWR_OK) {
    status = swr_set_pixel_type(writer, swr_itk::component_of<Number>(), components,
                                components == 1 ? SWR_KIND_SCALAR : kind);
  }
  if (status == SWR_OK) status = swr_set_spacing(writer, spacing, n);
  if (status == SWR_OK) status = swr_set_origin(writer, origin, n);
  if (status == SWR_OK) status = swr_set_direction(writer, direction, n * n);
  if (status == SWR_OK) status = swr_set_metadata_from_itk(writer, image->GetMetaDataDictionary());
  return status;
}

/**
 * A source for swr_write() whose `user` is the `Image*` that describes the writer's image: asks the
 * pipeline for exactly the region of each piece, and lends what is in memory without a copy. If
 * more is delivered, it is cropped, and the pipeline is not updated again for pieces that it has
 * delivered. An image without a pipeline is read where it is in memory; it may be a part of its
 * largest possible region, if the paste region is inside that part. An exception of a filter
 * becomes the message of SWR_ERROR_SOURCE.
 */
template <class Image>
int32_t swr_pull_itk(swr_piece *piece, void *user) {
  try {
    auto *image = static_cast<Image *>(user);
    const swr_region *region = swr_piece_region(piece);
    typename Image::RegionType wanted;
    for (unsigned axis = 0; axis < Image::ImageDimension; ++axis) {
      wanted.SetIndex(axis, static_cast<itk::IndexValueType>(region->index[axis]));
      wanted.SetSize(axis, static_cast<itk::SizeValueType>(region->size[axis]));
    }
    if (image->GetSource()) {
      image->SetRequestedRegion(wanted);
      image->PropagateRequestedRegion();
      image->UpdateOutputData();
    }
    const swr_region held = swr_itk::region_of(image->GetBufferedRegion());
    return swr_piece_lend(piece, image->GetBufferPointer(), &held);
  } catch (const std::exception &error) {
    swr_piece_fail(piece, error.what());
  } catch (...) {
    swr_piece_fail(piece, "the pipeline failed with an exception of an unknown type");
  }
  return SWR_ERROR_SOURCE;
}

#endif

#include "formats/nifti_shape.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"
#include "formats/header_text.h"

namespace swr {
namespace {

struct TypeRow {
  int datatype;
  PixelType pixel;
};
constexpr TypeRow types[] = {
    {nifti_uint8, {SWR_UINT8, 1, SWR_KIND_SCALAR}},
    {nifti_int8, {SWR_INT8, 1, SWR_KIND_SCALAR}},
    {nifti_uint16, {SWR_UINT16, 1, SWR_KIND_SCALAR}},
    {nifti_int16, {SWR_INT16, 1, SWR_KIND_SCALAR}},
    {nifti_uint32, {SWR_UINT32, 1, SWR_KIND_SCALAR}},
    {nifti_int32, {SWR_INT32, 1, SWR_KIND_SCALAR}},
    {nifti_uint64, {SWR_UINT64, 1, SWR_KIND_SCALAR}},
    {nifti_int64, {SWR_INT64, 1, SWR_KIND_SCALAR}},
    {nifti_float32, {SWR_FLOAT32, 1, SWR_KIND_SCALAR}},
    {nifti_float64, {SWR_FLOAT64, 1, SWR_KIND_SCALAR}},
    {nifti_rgb24, {SWR_UINT8, 3, SWR_KIND_RGB}},
    {nifti_rgba32, {SWR_UINT8, 4, SWR_KIND_RGBA}},
    {nifti_complex64, {SWR_FLOAT32, 2, SWR_KIND_COMPLEX}},
    {nifti_complex128, {SWR_FLOAT64, 2, SWR_KIND_COMPLEX}},
};

// n if there are n(n+1)/2 components, those of a symmetric n x n tensor; else 0.
int triangle_rows(int components) {
  int rows = 0, entries = 0;
  while (entries < components && rows < 65536) entries += ++rows;
  return entries == components ? rows : 0;
}

// The plane of each component of a tensor: entry (row, column) of the upper triangle is (column,
// row) of the lower one.
std::vector<int> tensor_planes(int components) {
  const int rows = triangle_rows(components);
  std::vector<int> planes;
  for (int row = 0; row < rows; ++row) {
    for (int column = row; column < rows; ++column)
      planes.push_back(column * (column + 1) / 2 + row);
  }
  return planes;
}

PixelType element_type(const NiftiHeader& header, const std::string& path) {
  const auto* const row = std::find_if(std::begin(types), std::end(types), [&](const TypeRow& r) {
    return r.datatype == header.datatype;
  });
  if (row != std::end(types)) return row->pixel;
  switch (header.datatype) {
    case 1: fail(SWR_ERROR_UNSUPPORTED, path, ": pixels of one bit (datatype 1) cannot be read");
    case 1536:
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": floating numbers of 128 bits (datatype 1536) cannot be read");
    case 2048:
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": complex numbers of 256 bits (datatype 2048) cannot be read");
    default:
      fail(SWR_ERROR_CORRUPT, path, ": datatype ", header.datatype, " is not one of NIfTI's");
  }
}

// Some writers count axes of size 0 after the third; they are ignored.
bool is_absent(const NiftiHeader& header, int axis) {
  return axis > 3 && std::all_of(header.dim.begin() + axis, header.dim.begin() + header.dim[0] + 1,
                                 [](int64_t size) { return size == 0 || size == 1; });
}

void check_dim(const NiftiHeader& header, const std::string& path) {
  if (header.dim[0] < 1 || header.dim[0] > most_nifti_axes)
    fail(SWR_ERROR_CORRUPT, path, ": dim[0] is ", header.dim[0], " and not 1 to 7");
  for (int64_t i = 1; i <= header.dim[0]; ++i) {
    const int64_t size = header.dim[static_cast<size_t>(i)];
    if (size < 1 && !is_absent(header, static_cast<int>(i)))
      fail(SWR_ERROR_CORRUPT, path, ": dim[", i, "] is ", size, "; a size is at least 1");
  }
}

// Whether an axis can be dropped.
bool is_one(const NiftiHeader& header, int axis) {
  const int64_t size = header.dim[static_cast<size_t>(axis)];
  return size == 1 || (size == 0 && is_absent(header, axis));
}

// Sets the sizes. With `keeps_ones`, trailing axes of size 1 in the header stay.
void spread_axes(const Image& image, bool keeps_ones, const NiftiShape& shape,
                 NiftiHeader& header) {
  if (!keeps_ones) {
    header.dim.fill(1);
    header.dim[0] = shape.planar ? nifti_component_axis : image.dimensions();
  }
  std::copy_n(image.region.size.begin(), image.dimensions(), header.dim.begin() + 1);
  if (shape.planar) header.dim[nifti_component_axis] = image.pixel.components;
  for (size_t axis = static_cast<size_t>(image.dimensions()) + 1; axis < header.dim.size(); ++axis)
    header.dim[axis] = std::max<int64_t>(header.dim[axis], 1);
}

// Sets the intent for vectors and tensors, and removes one that no longer fits.
void set_intent(const Image& image, const NiftiShape& shape, NiftiHeader& header) {
  const bool of_components = header.intent_code >= nifti_general_matrix;
  if (!shape.planar && !of_components) return;
  header.intent_parameter = {};
  header.intent_code = !shape.planar ? 0 : shape.tensor ? nifti_symmetric_matrix : nifti_vector;
  if (shape.tensor) header.intent_parameter[0] = triangle_rows(image.pixel.components);
}

// Whether the number is exact in a NIfTI-1 header, which has floats.
bool is_float(double value) {
  return std::abs(value) <= std::numeric_limits<float>::max() &&
         static_cast<double>(static_cast<float>(value)) == value;
}

}  // namespace

NiftiShape nifti_shape_of(const NiftiHeader& header, const std::string& path) {
  check_dim(header, path);
  NiftiShape shape;
  shape.pixel = element_type(header, path);
  const bool vector =
      header.intent_code == nifti_vector || header.intent_code == nifti_symmetric_matrix ||
      header.intent_code == nifti_general_matrix || header.intent_code == nifti_displacement;
  if (!vector || header.dim[0] < nifti_component_axis) {
    shape.dimensions = static_cast<int>(header.dim[0]);
    while (shape.dimensions > 3 && is_one(header, shape.dimensions)) --shape.dimensions;
    return shape;
  }
  for (int64_t i = nifti_component_axis + 1; i <= header.dim[0]; ++i) {
    if (header.dim[static_cast<size_t>(i)] > 1)
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": an image of vectors with more than four axes cannot be read");
  }
  if (header.dim[nifti_component_axis] > INT32_MAX)
    fail(SWR_ERROR_CORRUPT, path, ": dim[5] is ", header.dim[nifti_component_axis]);
  const int components = static_cast<int>(header.dim[nifti_component_axis]);
  if (components > 1) {
    if (shape.pixel.components > 1)
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": vectors of colours or of complex numbers cannot be read");
    shape.tensor = header.intent_code == nifti_symmetric_matrix && triangle_rows(components) > 0;
    shape.pixel.components = components;
    shape.pixel.kind = shape.tensor ? SWR_KIND_SYMMETRIC_TENSOR : SWR_KIND_VECTOR;
    shape.planar = true;
  }
  shape.dimensions = most_nifti_axes_of_vectors;
  while (shape.dimensions > 1 && is_one(header, shape.dimensions)) --shape.dimensions;
  return shape;
}

// The planes of a tensor have another order than those of a vector, so a note cannot turn one into
// the other.
void apply_nifti_kind(std::string_view name, NiftiShape& shape) {
  for (int number = SWR_KIND_SCALAR; number <= SWR_KIND_SYMMETRIC_TENSOR; ++number) {
    const auto kind = static_cast<swr_kind>(number);
    const bool reorders = shape.planar && (kind == SWR_KIND_SYMMETRIC_TENSOR) != shape.tensor;
    if (name == swr_kind_name(kind) && kind_fits(kind, shape.pixel.components) && !reorders)
      shape.pixel.kind = kind;
  }
}

void apply_nifti_dimensions(std::string_view text, const NiftiHeader& header, NiftiShape& shape) {
  int wanted = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), wanted);
  const int most = shape.planar ? most_nifti_axes_of_vectors : static_cast<int>(header.dim[0]);
  if (parsed.ec != std::errc{} || wanted < 1 || wanted > most) return;
  for (int i = wanted + 1; i <= most; ++i) {
    if (!is_one(header, i)) return;
  }
  shape.dimensions = wanted;
}

NiftiShape spread_over_nifti(const Image& image, const Image* old, NiftiHeader& header,
                             const std::string& path) {
  NiftiShape shape{image.dimensions(), image.pixel, false, false};
  const bool row_of_own = std::any_of(std::begin(types), std::end(types), [&](const TypeRow& r) {
    return r.pixel == image.pixel || (r.pixel.components == 1 && image.pixel.components == 1 &&
                                      r.pixel.component == image.pixel.component);
  });
  shape.planar = !row_of_own;
  shape.tensor = shape.planar && image.pixel.kind == SWR_KIND_SYMMETRIC_TENSOR;
  const int most = shape.planar ? most_nifti_axes_of_vectors : most_nifti_axes;
  if (image.dimensions() < 1 || image.dimensions() > most) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI holds images of ", image.pixel.text(),
         " with up to ", most, " dimensions, not ", image.dimensions());
  }
  if (!kind_fits(image.pixel.kind, image.pixel.components)) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": ", image.pixel.components, " components are no ",
         swr_kind_name(image.pixel.kind));
  }
  const NiftiShape before = old ? nifti_shape_of(header, path) : NiftiShape();
  header.datatype = 0;
  for (const TypeRow& row : types) {
    const bool same =
        shape.planar ? row.pixel.components == 1 && row.pixel.component == image.pixel.component
                     : row.pixel.components == image.pixel.components &&
                           row.pixel.component == image.pixel.component;
    if (!same) continue;
    header.datatype = row.datatype;
    header.bits_per_pixel = static_cast<int>(8 * row.pixel.bytes());
  }
  if (header.datatype == 0)
    fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold pixels of ", image.pixel.text());
  const bool same_axes = old && old->dimensions() == image.dimensions();
  const bool same_pixels = old && old->pixel.components == image.pixel.components &&
                           old->pixel.kind == image.pixel.kind && before.planar == shape.planar &&
                           before.tensor == shape.tensor;
  spread_axes(image, same_axes && same_pixels, shape, header);
  if (!same_pixels) set_intent(image, shape, header);
  const bool is_large = std::any_of(header.dim.begin(), header.dim.end(),
                                    [](int64_t size) { return size > nifti1_largest_size; });
  if (is_large || !is_float(image.scale.slope) || !is_float(image.scale.intercept))
    header.version = 2;
  return shape;
}

LinearOrder nifti_order(const Image& image, const NiftiShape& shape) {
  LinearOrder order;
  order.dimensions = image.dimensions();
  order.size = image.region.size;
  order.component_bytes = swr_component_bytes(image.pixel.component);
  order.components = image.pixel.components;
  if (shape.planar) order.component_axis = image.dimensions();
  if (shape.tensor) order.planes = tensor_planes(image.pixel.components);
  return order;
}

}  // namespace swr

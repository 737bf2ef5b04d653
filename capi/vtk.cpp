// Translates VTK's export callbacks into calls of the public interface.
#include "swr/vtk.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>

#include "base/error.h"
#include "on_writer.h"
#include "swr/writer.h"

namespace {

using swr::fail;

constexpr int axes_of_vtk = 3;

struct ScalarName {
  const char* name;
  swr_component component;
};

template <typename Integer>
constexpr swr_component integer_component() {
  constexpr bool is_signed = static_cast<Integer>(-1) < 0;
  switch (sizeof(Integer)) {
    case 1: return is_signed ? SWR_INT8 : SWR_UINT8;
    case 2: return is_signed ? SWR_INT16 : SWR_UINT16;
    case 4: return is_signed ? SWR_INT32 : SWR_UINT32;
    default: return is_signed ? SWR_INT64 : SWR_UINT64;
  }
}

// The names of vtkImageScalarTypeNameMacro and itk::VTKImageExport; their meaning depends on the
// platform.
constexpr ScalarName scalar_names[] = {
    {"char", integer_component<char>()},
    {"signed char", SWR_INT8},
    {"unsigned char", SWR_UINT8},
    {"short", integer_component<short>()},
    {"unsigned short", integer_component<unsigned short>()},
    {"int", integer_component<int>()},
    {"unsigned int", integer_component<unsigned int>()},
    {"long", integer_component<long>()},
    {"unsigned long", integer_component<unsigned long>()},
    {"long long", integer_component<long long>()},
    {"unsigned long long", integer_component<unsigned long long>()},
    {"float", SWR_FLOAT32},
    {"double", SWR_FLOAT64},
};

struct PixelType {
  swr_component component;
  int32_t components;
};

// The size of the first published table. A program that was compiled with it keeps working when the
// table has grown: the missing callbacks are NULL.
constexpr size_t first_size = offsetof(swr_vtk_callbacks, buffer_pointer) + sizeof(void*);

// Copies a table of any size. Fields of a later version must be zero.
swr_vtk_callbacks table_of(const swr_vtk_callbacks& given) {
  constexpr size_t most = 4096;  // no table is larger
  if (given.size < first_size || given.size > most) {
    fail(SWR_ERROR_ARGUMENT, "swr_vtk_callbacks.size is ", given.size,
         "; it must be sizeof(swr_vtk_callbacks)");
  }
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&given);
  for (size_t at = sizeof(swr_vtk_callbacks); at < given.size; ++at) {
    if (bytes[at] != 0) {
      fail(SWR_ERROR_ARGUMENT, "swr_vtk_callbacks has ", given.size,
           " bytes and uses a field that this version of the library does not support");
    }
  }
  swr_vtk_callbacks table{};
  std::memcpy(&table, &given, std::min<size_t>(given.size, sizeof(table)));
  return table;
}

void check_table(const swr_vtk_callbacks& table) {
  if (table.reserved != 0) fail(SWR_ERROR_ARGUMENT, "swr_vtk_callbacks.reserved must be 0");
  if (table.dimensions < 0 || table.dimensions > axes_of_vtk)
    fail(SWR_ERROR_ARGUMENT, "swr_vtk_callbacks.dimensions must be 0 to 3");
  if (!table.whole_extent || !table.scalar_type || !table.number_of_components ||
      !table.propagate_update_extent || !table.update_data || !table.data_extent ||
      !table.buffer_pointer) {
    fail(SWR_ERROR_ARGUMENT, "swr_vtk_callbacks lacks a required callback");
  }
}

void update_information(const swr_vtk_callbacks& table) {
  if (table.update_information) table.update_information(table.user);
  if (table.pipeline_modified) table.pipeline_modified(table.user);
}

PixelType pixel_type(const swr_vtk_callbacks& table) {
  const char* name = table.scalar_type(table.user);
  const int components = table.number_of_components(table.user);
  if (components < 1) fail(SWR_ERROR_ARGUMENT, "the pipeline's image has no components");
  for (const ScalarName& scalar : scalar_names) {
    if (name && std::strcmp(name, scalar.name) == 0) return {scalar.component, components};
  }
  fail(SWR_ERROR_ARGUMENT, "files cannot hold the pipeline's scalar type: ", name ? name : "none");
}

swr_kind kind_of(const PixelType& type) {
  if (type.components == 1) return SWR_KIND_SCALAR;
  if (type.component == SWR_UINT8 && type.components == 3) return SWR_KIND_RGB;
  if (type.component == SWR_UINT8 && type.components == 4) return SWR_KIND_RGBA;
  return SWR_KIND_VECTOR;
}

// The region of an extent along the first `dimensions` axes.
swr_region region_of(const int* extent, int dimensions) {
  swr_region region{};
  region.dimensions = dimensions;
  for (int axis = 0; axis < dimensions; ++axis) {
    region.index[axis] = extent[2 * axis];
    region.size[axis] = static_cast<int64_t>(extent[2 * axis + 1]) - extent[2 * axis] + 1;
  }
  return region;
}

const int* whole_extent(const swr_vtk_callbacks& table) {
  const int* whole = table.whole_extent(table.user);
  if (!whole) fail(SWR_ERROR_REGION, "the pipeline has no whole extent");
  return whole;
}

swr_region image_region(const swr_vtk_callbacks& table, int dimensions) {
  const int* whole = whole_extent(table);
  for (int axis = 0; axis < axes_of_vtk; ++axis) {
    const char name = "xyz"[axis];
    if (whole[2 * axis + 1] < whole[2 * axis])
      fail(SWR_ERROR_REGION, "the pipeline's whole extent is empty along ", name);
    if (axis >= dimensions && whole[2 * axis + 1] != whole[2 * axis]) {
      fail(SWR_ERROR_ARGUMENT,
           "the pipeline's image has more axes than swr_vtk_callbacks.dimensions");
    }
  }
  return region_of(whole, dimensions);
}

struct Geometry {
  double spacing[axes_of_vtk];
  double origin[axes_of_vtk];
  double direction[axes_of_vtk * axes_of_vtk];  // dimensions x dimensions of it, packed
};

Geometry geometry(const swr_vtk_callbacks& table, int dimensions) {
  const double* spacing = table.spacing ? table.spacing(table.user) : nullptr;
  const double* origin = table.origin ? table.origin(table.user) : nullptr;
  const double* direction = table.direction ? table.direction(table.user) : nullptr;
  Geometry g{};
  for (int axis = 0; axis < dimensions; ++axis) {
    const double step = spacing ? spacing[axis] : 1;
    g.spacing[axis] = std::abs(step);
    g.origin[axis] = origin ? origin[axis] : 0;
    for (int row = 0; row < dimensions; ++row) {
      const double entry = direction ? direction[axes_of_vtk * row + axis] : (row == axis ? 1 : 0);
      g.direction[dimensions * row + axis] = step < 0 && entry != 0 ? -entry : entry;
    }
  }
  return g;
}

struct Description {
  swr_region region;
  PixelType type;
  Geometry geometry;
};

Description description(const swr_vtk_callbacks& given) {
  const swr_vtk_callbacks table = table_of(given);
  check_table(table);
  update_information(table);
  const int dimensions = table.dimensions ? table.dimensions : axes_of_vtk;
  return {image_region(table, dimensions), pixel_type(table), geometry(table, dimensions)};
}

// An exception of a callback is a failure of the source, not of the library.
Description description_or_failure(const swr_vtk_callbacks& table) {
  try {
    return description(table);
  } catch (const swr::Error&) {
    throw;
  } catch (const std::exception& thrown) {
    fail(SWR_ERROR_SOURCE, "the pipeline failed: ", thrown.what());
  } catch (...) {
    fail(SWR_ERROR_SOURCE, "the pipeline threw an object that is not a std::exception");
  }
}

swr_status describe(swr_writer* writer, const Description& d) {
  const int dimensions = d.region.dimensions;
  swr_status status = swr_set_image_region(writer, &d.region);
  if (status == SWR_OK)
    status = swr_set_pixel_type(writer, d.type.component, d.type.components, kind_of(d.type));
  if (status == SWR_OK) status = swr_set_spacing(writer, d.geometry.spacing, dimensions);
  if (status == SWR_OK) status = swr_set_origin(writer, d.geometry.origin, dimensions);
  if (status == SWR_OK)
    status = swr_set_direction(writer, d.geometry.direction, dimensions * dimensions);
  return status;
}

// The extent of a piece. Axes that the image leaves out have the one index of the whole extent.
void extent_of(const swr_region& region, const swr_vtk_callbacks& table, int* extent) {
  std::memcpy(extent, whole_extent(table), 2 * axes_of_vtk * sizeof(int));
  for (int axis = 0; axis < region.dimensions; ++axis) {
    const int64_t first = region.index[axis];
    if (first < INT_MIN || first > INT_MAX - region.size[axis])
      fail(SWR_ERROR_REGION, "the piece exceeds the range of VTK's extents (int)");
    extent[2 * axis] = static_cast<int>(first);
    extent[2 * axis + 1] = static_cast<int>(first + region.size[axis] - 1);
  }
}

void check_type(const swr_piece* piece, const swr_vtk_callbacks& table) {
  PixelType asked{};
  swr_piece_get_type(piece, &asked.component, &asked.components);
  const PixelType type = pixel_type(table);
  if (type.component != asked.component || type.components != asked.components) {
    fail(SWR_ERROR_SOURCE, "the pipeline delivers ", type.components, " x ",
         swr_component_name(type.component), ", the writer expects ", asked.components, " x ",
         swr_component_name(asked.component));
  }
}

// vtkImageExport always returns the whole extent. Trusting it could read past the end of the
// buffer.
void check_extent(const int* delivered, const int* asked, const int* whole) {
  constexpr size_t bytes = 2 * axes_of_vtk * sizeof(int);
  if (std::memcmp(delivered, whole, bytes) == 0 && std::memcmp(asked, whole, bytes) != 0) {
    fail(SWR_ERROR_SOURCE,
         "the pipeline reports that its buffer holds the whole image, although less was requested, "
         "and "
         "swr_vtk_callbacks.trusted is 0");
  }
}

swr_status deliver(swr_piece* piece, const swr_vtk_callbacks& given) {
  const swr_vtk_callbacks table = table_of(given);
  check_table(table);
  const swr_region region = *swr_piece_region(piece);
  if (region.dimensions > axes_of_vtk)
    fail(SWR_ERROR_SOURCE, "a pipeline has at most three dimensions");
  update_information(table);
  check_type(piece, table);
  int extent[2 * axes_of_vtk];
  extent_of(region, table, extent);
  table.propagate_update_extent(table.user, extent);
  table.update_data(table.user);
  const int* delivered = table.data_extent(table.user);
  const void* pixels = table.buffer_pointer(table.user);
  if (!delivered || !pixels) fail(SWR_ERROR_SOURCE, "the pipeline delivered no pixels");
  if (!table.trusted) check_extent(delivered, extent, whole_extent(table));
  const swr_region held = region_of(delivered, region.dimensions);
  return swr_piece_lend(piece, pixels, &held);
}

}  // namespace

swr_status swr_set_image_from_vtk(swr_writer* writer, const swr_vtk_callbacks* callbacks) {
  Description d{};
  const swr_status status = swr::on_writer(writer, [&](swr::Writer&) {
    d = description_or_failure(swr::given(callbacks, "the table of callbacks"));
  });
  return status == SWR_OK ? describe(writer, d) : status;
}

int32_t swr_pull_vtk(swr_piece* piece, void* user) {
  if (!piece) return SWR_ERROR_SOURCE;
  try {
    if (!user) fail(SWR_ERROR_ARGUMENT, "the table of callbacks is NULL");
    return deliver(piece, *static_cast<const swr_vtk_callbacks*>(user));
  } catch (const std::exception& thrown) {
    swr_piece_fail(piece, thrown.what());
  } catch (...) {
    swr_piece_fail(piece, "the pipeline threw an object that is not a std::exception");
  }
  return SWR_ERROR_SOURCE;
}

#include "formats/hdf5_value.h"

#include <algorithm>

#include "base/checked.h"
#include "formats/hdf5_messages.h"
#include "formats/hdf5_text.h"
#include "formats/header_text.h"

namespace swr {
namespace {

// Attributes and datasets are read alike.
struct Access {
  hid_t (*type)(hid_t);
  hid_t (*space)(hid_t);
  herr_t (*read)(hid_t object, hid_t type, void* out);
};

constexpr Access of_attribute = {
    H5Aget_type, H5Aget_space,
    [](hid_t object, hid_t type, void* out) { return H5Aread(object, type, out); }};
constexpr Access of_dataset = {H5Dget_type, H5Dget_space, [](hid_t object, hid_t type, void* out) {
                                 return H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
                               }};

constexpr const char* damaged_value = "a value is damaged";

struct Shape {
  bool is_scalar = false;
  std::vector<hsize_t> size;
  int64_t count = 1;
};

// Nothing if it has no elements, or too many.
std::optional<Shape> shape_of(const Hdf5File& file, hid_t object, const Access& access) {
  const Hdf5Id space = file.valid(access.space(object), H5Sclose, damaged_value);
  const H5S_class_t kind = H5Sget_simple_extent_type(space.get());
  if (kind != H5S_SCALAR && kind != H5S_SIMPLE) return std::nullopt;
  Shape shape;
  shape.is_scalar = kind == H5S_SCALAR;
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 0) file.refuse(damaged_value);
  shape.size.resize(static_cast<size_t>(rank));
  if (rank > 0)
    file.check(H5Sget_simple_extent_dims(space.get(), shape.size.data(), nullptr), damaged_value);
  for (const hsize_t size : shape.size) {
    if (size < 1 || size > static_cast<hsize_t>(most_hdf5_value_bytes / shape.count))
      return std::nullopt;
    shape.count *= static_cast<int64_t>(size);
  }
  return shape;
}

// Whether the bytes of such a value mean the same in another file.
bool is_self_contained(hid_t type) {
  return H5Tdetect_class(type, H5T_VLEN) == 0 && H5Tdetect_class(type, H5T_REFERENCE) == 0 &&
         H5Tis_variable_str(type) == 0;
}

// A string of any length; nothing of an array of them.
std::optional<Hdf5Value> long_text_value(const Hdf5File& file, hid_t object, hid_t type,
                                         const Shape& shape, bool is_attribute) {
  if (shape.count != 1) return std::nullopt;
  auto text = read_hdf5_long_text(file, object, is_attribute);
  if (!text) return std::nullopt;
  Hdf5Value value;
  value.is_text = value.is_shown = true;
  value.is_utf8 = H5Tget_cset(type) == H5T_CSET_UTF8;
  value.is_scalar = shape.is_scalar;
  value.size = shape.size;
  value.bytes = *text;
  value.text = std::move(*text);
  return value;
}

std::string text_of_numbers(const Hdf5File& file, hid_t object, hid_t type, const Access& access,
                            int64_t count) {
  const auto list = [&](auto number, hid_t native, const auto& text_of) {
    std::vector<decltype(number)> numbers(static_cast<size_t>(count));
    file.check(access.read(object, native, numbers.data()), damaged_value);
    std::string text;
    for (const auto each : numbers) text += (text.empty() ? "" : " ") + text_of(each);
    return text;
  };
  const auto plain = [](auto number) { return std::to_string(number); };
  if (H5Tget_class(type) == H5T_FLOAT)
    return list(double{}, H5T_NATIVE_DOUBLE, [](double number) { return swr::text(number); });
  if (H5Tget_class(type) != H5T_INTEGER || H5Tget_size(type) > sizeof(int64_t)) return {};
  if (H5Tget_sign(type) == H5T_SGN_NONE) return list(uint64_t{}, H5T_NATIVE_UINT64, plain);
  return list(int64_t{}, H5T_NATIVE_INT64, plain);
}

std::string encoded_type(const Hdf5File& file, hid_t type) {
  size_t bytes = 0;
  file.check(H5Tencode(type, nullptr, &bytes), damaged_value);
  std::string encoded(bytes, '\0');
  file.check(H5Tencode(type, encoded.data(), &bytes), damaged_value);
  return encoded;
}

std::optional<Hdf5Value> read_value(const Hdf5File& file, hid_t object, const Access& access) {
  const auto shape = shape_of(file, object, access);
  const Hdf5Id type = file.valid(access.type(object), H5Tclose, damaged_value);
  if (!shape) return std::nullopt;
  if (H5Tis_variable_str(type.get()) > 0)
    return long_text_value(file, object, type.get(), *shape, &access == &of_attribute);
  const auto element = static_cast<int64_t>(H5Tget_size(type.get()));
  if (!is_self_contained(type.get()) || element < 1 ||
      element > most_hdf5_value_bytes / shape->count)
    return std::nullopt;
  Hdf5Value value;
  value.is_scalar = shape->is_scalar;
  value.size = shape->size;
  value.bytes.resize(static_cast<size_t>(element * shape->count));
  file.check(access.read(object, type.get(), value.bytes.data()), damaged_value);
  value.type = encoded_type(file, type.get());
  if (H5Tget_class(type.get()) == H5T_STRING) {
    value.is_shown = shape->count == 1;
    if (value.is_shown) value.text = value.bytes.substr(0, value.bytes.find('\0'));
    if (H5Tget_strpad(type.get()) == H5T_STR_SPACEPAD)
      value.text.erase(value.text.find_last_not_of(' ') + 1);
  } else {
    value.text = text_of_numbers(file, object, type.get(), access, shape->count);
    value.is_shown = !value.text.empty();
  }
  return value;
}

// The type and the shape of a value that is written.
struct Form {
  Hdf5Id type, space;
};

Form form_of(const Hdf5File& file, const Hdf5Value& value, const std::string& what) {
  Form form;
  if (value.is_text) {
    form.type = file.valid(H5Tcopy(H5T_C_S1), H5Tclose, what);
    file.check(H5Tset_size(form.type.get(), H5T_VARIABLE), what);
    if (value.is_utf8) file.check(H5Tset_cset(form.type.get(), H5T_CSET_UTF8), what);
  } else {
    form.type = file.valid(H5Tdecode(value.type.data()), H5Tclose, what);
  }
  const hid_t space = value.is_scalar ? H5Screate(H5S_SCALAR)
                                      : H5Screate_simple(static_cast<int>(value.size.size()),
                                                         value.size.data(), nullptr);
  form.space = file.valid(space, H5Sclose, what);
  return form;
}

// What the library is given: the bytes, or a pointer to a string.
template <typename Give>
void give_bytes(const Hdf5Value& value, const Give& give) {
  const char* const bytes = value.bytes.c_str();
  give(value.is_text ? static_cast<const void*>(&bytes) : bytes);
}

}  // namespace

Hdf5Value hdf5_text(std::string_view text) {
  Hdf5Value value;
  value.is_text = value.is_shown = true;
  value.size = {1};
  value.bytes = value.text = text;
  return value;
}

Hdf5Value hdf5_short_text(std::string_view text) {
  const Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  const bool is_set = type && H5Tset_size(type.get(), text.size() + 1) >= 0 &&
                      H5Tset_cset(type.get(), H5T_CSET_UTF8) >= 0;
  if (!is_set) fail(SWR_ERROR_MEMORY, "the HDF5 library has no memory");
  Hdf5Value value = hdf5_numbers(type.get(), {}, text);
  value.bytes += '\0';
  value.is_shown = true;
  value.text = text;
  return value;
}

Hdf5Value hdf5_numbers(hid_t type, std::vector<hsize_t> size, std::string_view bytes) {
  Hdf5Value value;
  size_t length = 0;
  if (H5Tencode(type, nullptr, &length) >= 0) value.type.resize(length);
  if (H5Tencode(type, value.type.data(), &length) < 0)
    fail(SWR_ERROR_MEMORY, "the HDF5 library has no memory");
  value.is_scalar = size.empty();
  value.size = std::move(size);
  value.bytes = bytes;
  return value;
}

std::optional<Hdf5Value> read_hdf5_attribute(const Hdf5File& file, hid_t attribute) {
  return read_value(file, attribute, of_attribute);
}

std::optional<Hdf5Value> read_hdf5_dataset(const Hdf5File& file, hid_t dataset) {
  const Hdf5Id creation = file.valid(H5Dget_create_plist(dataset), H5Pclose, damaged_value);
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  // Values elsewhere are not read, and nothing that would have to be decoded.
  if ((layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) ||
      H5Pget_external_count(creation.get()) != 0)
    return std::nullopt;
  auto value = read_value(file, dataset, of_dataset);
  if (!value) return std::nullopt;
  for (const std::string& name : hdf5_attribute_names(file, dataset)) {
    const Hdf5Id attribute =
        file.valid(H5Aopen(dataset, name.c_str(), H5P_DEFAULT), H5Aclose, damaged_value);
    auto of = read_hdf5_attribute(file, attribute.get());
    if (!of) return std::nullopt;
    value->attributes.emplace_back(name, std::move(*of));
  }
  return value;
}

std::optional<std::vector<double>> read_hdf5_doubles(const Hdf5File& file, hid_t group,
                                                     const std::string& name, bool is_attribute) {
  const htri_t is_there =
      is_attribute ? H5Aexists(group, name.c_str()) : H5Lexists(group, name.c_str(), H5P_DEFAULT);
  if (is_there <= 0) return std::nullopt;
  const Access& access = is_attribute ? of_attribute : of_dataset;
  const Hdf5Id links = hdf5_link_access(H5P_DATASET_ACCESS);
  if (!is_attribute) check_hdf5_here(file, hdf5_address(group, name, links.get()), name);
  const Hdf5Id object =
      is_attribute
          ? file.valid(H5Aopen(group, name.c_str(), H5P_DEFAULT), H5Aclose, damaged_value)
          : file.valid(H5Dopen2(group, name.c_str(), links.get()), H5Dclose, damaged_value);
  const auto value = is_attribute ? read_hdf5_attribute(file, object.get())
                                  : read_hdf5_dataset(file, object.get());
  const auto shape = shape_of(file, object.get(), access);
  if (!value || !shape) return std::nullopt;
  const Hdf5Id type = file.valid(access.type(object.get()), H5Tclose, damaged_value);
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) return std::nullopt;
  std::vector<double> numbers(static_cast<size_t>(shape->count));
  file.check(access.read(object.get(), H5T_NATIVE_DOUBLE, numbers.data()), damaged_value);
  return numbers;
}

std::vector<std::string> hdf5_attribute_names(const Hdf5File& file, hid_t object) {
  struct Attribute {
    std::string name;
    int64_t made = 0;
  };
  const auto take = [](hid_t, const char* name, const H5A_info_t* info, void* data) noexcept {
    return static_cast<Hdf5List<Attribute>*>(data)->add(
        name, info->corder_valid ? int64_t{info->corder} : -1);
  };
  std::vector<std::string> names;
  for (Attribute& each :
       hdf5_items<Attribute>(file, "the attributes are damaged", [&](void* attributes) {
         return H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, take, attributes);
       }))
    names.push_back(std::move(each.name));
  return names;
}

Hdf5Id hdf5_object_creation(const Hdf5File& file, hid_t kind) {
  constexpr const char* what = "cannot use the HDF5 library";
  Hdf5Id list = file.valid(H5Pcreate(kind), H5Pclose, what);
  file.check(H5Pset_obj_track_times(list.get(), false), what);
  if (kind == H5P_GROUP_CREATE)
    file.check(H5Pset_link_creation_order(list.get(), H5P_CRT_ORDER_TRACKED), what);
  return list;
}

Hdf5Id hdf5_link_creation(const Hdf5File& file) {
  constexpr const char* what = "cannot use the HDF5 library";
  Hdf5Id list = file.valid(H5Pcreate(H5P_LINK_CREATE), H5Pclose, what);
  file.check(H5Pset_char_encoding(list.get(), H5T_CSET_UTF8), what);
  return list;
}

void write_hdf5_attribute(const Hdf5File& file, hid_t object, const std::string& name,
                          const Hdf5Value& value) {
  const std::string what = "cannot write the attribute " + name;
  const Form form = form_of(file, value, what);
  const Hdf5Id attribute = file.valid(
      H5Acreate2(object, name.c_str(), form.type.get(), form.space.get(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose, what);
  give_bytes(value, [&](const void* bytes) {
    file.check(H5Awrite(attribute.get(), form.type.get(), bytes), what);
  });
}

void write_hdf5_dataset(const Hdf5File& file, const std::string& path, const Hdf5Value& value) {
  const std::string what = "cannot write the dataset " + path;
  const Form form = form_of(file, value, what);
  const Hdf5Id links = hdf5_link_creation(file);
  const Hdf5Id creation = hdf5_object_creation(file, H5P_DATASET_CREATE);
  const Hdf5Id dataset =
      file.valid(H5Dcreate2(file.id(), path.c_str(), form.type.get(), form.space.get(), links.get(),
                            creation.get(), H5P_DEFAULT),
                 H5Dclose, what);
  give_bytes(value, [&](const void* bytes) {
    file.check(H5Dwrite(dataset.get(), form.type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes),
               what);
  });
  for (const auto& [name, attribute] : value.attributes)
    write_hdf5_attribute(file, dataset.get(), name, attribute);
}

}  // namespace swr

#include "formats/hdf5_reading.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "formats/hdf5_pixels.h"
#include "formats/hdf5_source.h"
#include "formats/hdf5_tree.h"
#include "formats/hdf5_type.h"
#include "formats/header_text.h"

namespace swr {
namespace {

constexpr size_t most_listed = 20;
constexpr size_t most_entries = 100000;

// --- Which dataset ---

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (size_t i = 0; i < std::min(names.size(), most_listed); ++i)
    list += (i > 0 ? ", " : "") + names[i];
  return names.size() > most_listed ? list + ", ..." : list;
}

int rank_of(const Hdf5Id& dataset) {
  const Hdf5Id space(H5Dget_space(dataset.get()), H5Sclose);
  return space ? H5Sget_simple_extent_ndims(space.get()) : 0;
}

// The datasets that may be an image: of two axes or more, or of one if there are no others.
std::vector<std::string> candidates(const Hdf5File& file) {
  std::vector<std::string> images, lines;
  for (const Hdf5Object& object : hdf5_tree(file).objects) {
    // What these are can be seen only in the other files.
    if (object.kind == Hdf5Object::Kind::elsewhere) images.push_back(object.path);
    if (object.kind != Hdf5Object::Kind::dataset) continue;
    const Hdf5Id dataset = open_hdf5_dataset(file, object.path);
    if (!dataset) continue;
    const Hdf5Id type(H5Dget_type(dataset.get()), H5Tclose);
    const int rank = rank_of(dataset);
    if (!type || rank < 1 || !read_hdf5_type(type.get())) continue;
    (rank > 1 ? images : lines).push_back(object.path);
  }
  return images.empty() ? lines : images;
}

std::string chosen_dataset(const Hdf5File& file) {
  if (open_hdf5_dataset(file, std::string(itk_dataset))) return std::string(itk_dataset);
  const std::vector<std::string> found = candidates(file);
  if (found.size() == 1) return found[0];
  if (found.empty())
    fail(SWR_ERROR_UNSUPPORTED, file.path(), ": no dataset in the file is an image");
  fail(SWR_ERROR_UNSUPPORTED, file.path(), ": the file has ", found.size(),
       " datasets: ", list_of(found), "; the option hdf5.dataset says which one is the image");
}

std::string dataset_of(const Hdf5File& file, const std::string& asked_for) {
  if (asked_for.empty()) return chosen_dataset(file);
  std::string path = hdf5_path(asked_for);
  if (open_hdf5_dataset(file, path)) return path;
  fail(SWR_ERROR_NOT_FOUND, file.path(), ": there is no dataset ", path, " in the file; it has ",
       list_of(candidates(file)));
}

// --- The image ---

class ImageReader {
 public:
  ImageReader(const Hdf5File& file, std::shared_ptr<const File> bytes, std::string path)
      : file_(file),
        bytes_(std::move(bytes)),
        path_(std::move(path)),
        is_itk_(is_itk_path(path_)),
        dataset_(open_hdf5_dataset(file, path_)) {
    if (is_itk_) group_ = open_hdf5_group(file, hdf5_parent(path_));
  }

  Description read() {
    Hdf5Values entries = read_entries();
    read_type();
    read_shape();
    read_geometry();
    read_metadata(entries);
    found_.layout = hdf5_layout(file_, dataset_.get(), found_.image, type_, found_.read_only);
    found_.header_bytes = 48;  // the superblock has no fewer
    found_.header =
        std::make_shared<Hdf5Source>(bytes_, path_, std::move(entries), std::move(notes_));
    return std::move(found_);
  }

 private:
  const Hdf5File& file_;
  std::shared_ptr<const File> bytes_;
  const std::string path_;  // of the dataset
  const bool is_itk_;
  Hdf5Id dataset_, group_;
  Hdf5PixelType type_;
  Description found_;
  std::optional<swr_kind> kind_;
  Hdf5Values notes_;

  template <typename... Parts>
  [[noreturn]] void refuse(swr_status status, const Parts&... parts) const {
    fail(status, file_.path(), ": the dataset ", path_, " ", parts...);
  }

  void read_type() {
    const Hdf5Id type = file_.valid(H5Dget_type(dataset_.get()), H5Tclose, "the type is damaged");
    const auto read = read_hdf5_type(type.get());
    if (!read)
      refuse(SWR_ERROR_UNSUPPORTED, "has ", hdf5_type_name(type.get()),
             "; swr reads integers and floats of 8 to 64 bits, and complex numbers of floats");
    type_ = *read;
    if (H5Aexists(dataset_.get(), std::string(hdf5_kind_key).c_str()) <= 0) return;
    const Hdf5Id attribute =
        file_.valid(H5Aopen(dataset_.get(), std::string(hdf5_kind_key).c_str(), H5P_DEFAULT),
                    H5Aclose, "an attribute is damaged");
    if (const auto value = read_hdf5_attribute(file_, attribute.get()))
      kind_ = kind_of_name(value->text);
  }

  // Slowest first, as the file has them.
  std::vector<int64_t> read_sizes() const {
    const Hdf5Id space =
        file_.valid(H5Dget_space(dataset_.get()), H5Sclose, "the shape is damaged");
    if (H5Sget_simple_extent_type(space.get()) != H5S_SIMPLE)
      refuse(SWR_ERROR_UNSUPPORTED, "has no axes");
    const int rank = H5Sget_simple_extent_ndims(space.get());
    std::vector<hsize_t> sizes(static_cast<size_t>(std::max(rank, 0)));
    file_.check(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr),
                "the shape is damaged");
    std::vector<int64_t> read;
    for (const hsize_t size : sizes) {
      if (size == 0) refuse(SWR_ERROR_UNSUPPORTED, "is empty: a size is 0");
      if (size > static_cast<hsize_t>(std::numeric_limits<int64_t>::max()))
        refuse(SWR_ERROR_CORRUPT, "has more pixels than there can be");
      read.push_back(static_cast<int64_t>(size));
    }
    return read;
  }

  bool has_components_axis(size_t rank) const {
    if (!is_itk_) return kind_.has_value() && rank > 1;
    const auto sizes = read_hdf5_doubles(file_, group_.get(), "Dimension", false);
    if (!sizes) return kind_.has_value() && rank > 1;
    if (sizes->size() != rank && sizes->size() + 1 != rank)
      refuse(SWR_ERROR_CORRUPT, "has ", rank, " axes, and Dimension has ", sizes->size(),
             " numbers");
    return sizes->size() + 1 == rank;
  }

  void read_shape() {
    std::vector<int64_t> sizes = read_sizes();
    std::ranges::reverse(sizes);
    Image& image = found_.image;
    image.pixel.component = type_.component;
    int64_t components = type_.is_complex ? 2 : 1;
    if (has_components_axis(sizes.size())) {
      if (type_.is_complex)
        refuse(SWR_ERROR_UNSUPPORTED, "has several complex numbers in each pixel");
      components = sizes[0];
      sizes.erase(sizes.begin());
      if (components > 65535) refuse(SWR_ERROR_UNSUPPORTED, "has ", components, " components");
    }
    image.pixel.components = static_cast<int>(components);
    image.pixel.kind = type_.is_complex ? SWR_KIND_COMPLEX
                       : kind_ && kind_fits(*kind_, image.pixel.components)
                           ? *kind_
                           : default_kind(image.pixel.components);
    if (sizes.size() > max_dimensions)
      refuse(SWR_ERROR_UNSUPPORTED, "has ", sizes.size(), " axes; an image has 1 to ",
             max_dimensions);
    image.region.dimensions = static_cast<int>(sizes.size());
    std::ranges::copy(sizes, image.region.size.begin());
    if (!bytes_of_axes(sizes.data(), image.dimensions(), image.pixel.bytes()))
      refuse(SWR_ERROR_CORRUPT, "has more bytes than there can be: ", image.region.text());
  }

  // Numbers of ITK's group, or of an attribute; nothing if they are missing.
  std::optional<std::vector<double>> numbers(std::string_view name, size_t count) const {
    if (is_itk_ && !group_) return std::nullopt;
    auto read = read_hdf5_doubles(file_, is_itk_ ? group_.get() : dataset_.get(), std::string(name),
                                  !is_itk_);
    if (!read) return std::nullopt;
    if (read->size() != count)
      refuse(SWR_ERROR_CORRUPT, "has ", read->size(), " numbers in ", name, "; ", count,
             " belong there");
    for (const double number : *read) {
      if (!std::isfinite(number))
        refuse(SWR_ERROR_CORRUPT, "has a number in ", name, " that is not finite");
    }
    return read;
  }

  void read_spacing(size_t n) {
    auto spacing = numbers(is_itk_ ? "Spacing" : hdf5_spacing_key, n);
    if (!spacing && !is_itk_) {
      spacing = read_hdf5_doubles(file_, dataset_.get(), std::string(hdf5_element_size_key), true);
      if (spacing && spacing->size() != n) spacing.reset();
      if (!spacing) return;
      std::ranges::reverse(*spacing);
      for (double& each : *spacing) each /= 1000;
    }
    if (!spacing) return;
    for (size_t axis = 0; axis < n; ++axis) {
      const double each = (*spacing)[axis];
      if (!(each > 0 && std::isfinite(each)))
        refuse(SWR_ERROR_UNSUPPORTED, "has a spacing of ", each, " along axis ", axis,
               "; swr reads spacings above 0");
      found_.image.spacing[axis] = each;
    }
  }

  void read_geometry() {
    Image& image = found_.image;
    image.set_default_geometry();
    const auto n = static_cast<size_t>(image.dimensions());
    read_spacing(n);
    if (const auto rows = numbers(is_itk_ ? "Directions" : hdf5_direction_key, n * n)) {
      for (size_t axis = 0; axis < n; ++axis) {
        for (size_t row = 0; row < n; ++row)
          image.direction[row * n + axis] = (*rows)[axis * n + row];
      }
    }
    std::array<double, max_dimensions> first{};
    if (const auto origin = numbers(is_itk_ ? "Origin" : hdf5_origin_key, n))
      std::ranges::copy(*origin, first.begin());
    if (const auto text = start_index()) set_start_index(image.region, *text);
    image.set_origin_from_first_pixel(first);
  }

  // --- Metadata ---

  std::optional<std::string> start_index() const {
    std::optional<Hdf5Value> value;
    if (is_itk_) {
      const Hdf5Id dataset =
          open_hdf5_dataset(file_, hdf5_parent(path_) + "/MetaData/" + start_index_key);
      if (dataset) value = read_hdf5_dataset(file_, dataset.get());
    } else if (H5Aexists(dataset_.get(), start_index_key) > 0) {
      const Hdf5Id attribute = file_.valid(H5Aopen(dataset_.get(), start_index_key, H5P_DEFAULT),
                                           H5Aclose, "an attribute is damaged");
      value = read_hdf5_attribute(file_, attribute.get());
    }
    return value ? std::optional(value->text) : std::nullopt;
  }

  void take_note(const std::string& name, std::optional<Hdf5Value> value) {
    if (value && name != hdf5_kind_key) notes_.emplace_back(name, std::move(*value));
  }

  Hdf5Values read_entries() {
    Hdf5Values entries;
    int64_t bytes = 0;
    const auto take = [&](const std::string& name, std::optional<Hdf5Value> value) {
      if (entries.size() >= most_entries)
        refuse(SWR_ERROR_UNSUPPORTED, "has more than ", most_entries, " entries of metadata");
      if (!value || !value->is_shown) return;
      bytes += std::ssize(name) + std::ssize(value->text);
      if (bytes > most_hdf5_metadata_bytes)
        refuse(SWR_ERROR_UNSUPPORTED, "has more than ", most_hdf5_metadata_bytes,
               " bytes of metadata");
      entries.emplace_back(name, std::move(*value));
    };
    if (!is_itk_) {
      for (const std::string& name : hdf5_attribute_names(file_, dataset_.get())) {
        const Hdf5Id attribute = file_.valid(H5Aopen(dataset_.get(), name.c_str(), H5P_DEFAULT),
                                             H5Aclose, "an attribute is damaged");
        auto value = read_hdf5_attribute(file_, attribute.get());
        if (is_hdf5_note(name)) {
          take_note(name, std::move(value));
        } else {
          take(name, std::move(value));
        }
      }
      return entries;
    }
    for (const std::string name : {"Origin", "Directions", "Spacing"}) {
      if (const Hdf5Id dataset = open_hdf5_dataset(file_, hdf5_child(hdf5_parent(path_), name)))
        take_note(name, read_hdf5_dataset(file_, dataset.get()));
    }
    const std::string parent = hdf5_parent(path_) + "/MetaData";
    const Hdf5Id group = open_hdf5_group(file_, parent);
    if (!group) return entries;
    for (const std::string& name : hdf5_link_names(file_, group.get())) {
      if (const Hdf5Id dataset = open_hdf5_dataset(file_, hdf5_child(parent, name)))
        take(name, read_hdf5_dataset(file_, dataset.get()));
    }
    return entries;
  }

  void read_metadata(const Hdf5Values& entries) {
    for (const auto& [name, value] : entries) {
      if (!is_hdf5_note(name)) found_.image.set_metadata(name, value.text);
    }
  }
};

}  // namespace

Description read_hdf5_image(std::shared_ptr<const File> file, const std::string& dataset) {
  const Hdf5Calls calls;
  Hdf5FileBytes bytes(file);
  const Hdf5File opened = Hdf5File::open(file->path(), bytes);
  Description found = opened.complete([&] {
    const std::string path = dataset_of(opened, dataset);
    return ImageReader(opened, file, path).read();
  });
  // What the structure has after the pixels is written again with it, or the plan refuses.
  const DataPart& last = found.layout.parts.back();
  found.trailer_bytes = std::max<int64_t>(0, bytes.end() - (last.offset + last.bytes));
  return found;
}

}  // namespace swr

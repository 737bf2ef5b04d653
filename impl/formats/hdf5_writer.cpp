#include "formats/hdf5_writer.h"

#include <algorithm>
#include <cstring>

#include "base/byte_order.h"
#include "base/checked.h"
#include "formats/hdf5_chunk_form.h"
#include "formats/hdf5_source.h"
#include "formats/hdf5_tree.h"
#include "formats/hdf5_type.h"
#include "formats/header_text.h"

namespace swr {
namespace {

constexpr const char* what = "cannot plan the file's structure";
// Where the pixels are while the structure is measured: after all structures that there can be.
constexpr int64_t far_away = int64_t{1} << 40;
constexpr int64_t most_attribute_bytes = 60000;
constexpr int64_t most_pixel_bytes = int64_t{1} << 61;

// `count` numbers, little-endian.
template <typename Number, typename Function>
std::string bytes_of(size_t count, const Function& number) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i) {
    std::array<std::byte, sizeof(Number)> each{};
    store(each.data(), static_cast<Number>(number(i)));
    bytes.append(reinterpret_cast<const char*>(each.data()), each.size());
  }
  return bytes;
}

class Writer {
 public:
  Writer(const Image& image, const NewFileRequest& request)
      : image_(image),
        request_(request),
        path_(request.path),
        base_(request.base ? &request.base->image : nullptr),
        source_(request.base ? dynamic_cast<const Hdf5Source*>(request.base->header.get())
                             : nullptr),
        dataset_(path_of_dataset(request)),
        is_itk_(is_itk_path(dataset_)),
        n_(static_cast<size_t>(image.dimensions())) {
    if (source_) others_ = source_->others();
    if (source_ && request.rewritten) refuse_loss();
  }

  NewFile write() {
    check_storable(image_, path_);
    if (image_.bytes() > most_pixel_bytes)
      fail(SWR_ERROR_UNSUPPORTED, path_, ": HDF5 cannot hold ", image_.bytes(), " bytes of pixels");
    const Hdf5Calls calls;
    choose_metadata();
    if (const auto* const chunked = std::get_if<Chunked>(&request_.storage))
      return write_chunked(*chunked);
    const int64_t end = build(far_away).structure_end();
    const int64_t begin = round_up(end, data_alignment);
    NewFile file;
    file.header = build(begin).bytes();
    file.header.resize(static_cast<size_t>(begin), '\0');
    Layout& layout = file.layout;
    layout.order = {image_.dimensions(), image_.region.size,
                    swr_component_bytes(image_.pixel.component), image_.pixel.components};
    layout.parts = {{.path = path_, .offset = begin, .bytes = image_.bytes()}};
    file.remarks = std::move(remarks_);
    return file;
  }

 private:
  const Image& image_;
  const NewFileRequest& request_;
  const std::string& path_;
  const Image* const base_;         // null if there is none
  const Hdf5Source* const source_;  // of the base; null if there is none
  const std::string dataset_;
  const bool is_itk_;
  const size_t n_;
  Hdf5Others others_;  // of the base
  Hdf5Values entries_;
  std::vector<Remark> remarks_;
  std::shared_ptr<const Hdf5ChunkForm> chunks_;  // null: the pixels are contiguous
  int level_ = 0;                                // of their compression
  haddr_t object_ = 0;                           // the header of the dataset, where it was built

  std::string path_of_dataset(const NewFileRequest& request) const {
    if (!request.dataset.empty()) return hdf5_path(request.dataset);
    return source_ ? source_->dataset : std::string(itk_dataset);
  }

  // A file that is written again is the same one: it may lose nothing.
  void refuse_loss() const {
    if (dataset_ != source_->dataset || others_.foreign.empty()) return;
    fail(SWR_ERROR_UNSUPPORTED, path_, ": the file must be written again for this, and would lose ",
         others_.foreign[0],
         others_.foreign.size() > 1 ? text(" and ", others_.foreign.size() - 1, " more") : "",
         "; copy the image to another file");
  }

  bool is_complex() const {
    const PixelType& pixel = image_.pixel;
    return !is_itk_ && pixel.kind == SWR_KIND_COMPLEX &&
           (pixel.component == SWR_FLOAT32 || pixel.component == SWR_FLOAT64);
  }
  bool has_components_axis() const {
    return !is_complex() && (image_.pixel.components > 1 || image_.pixel.kind != SWR_KIND_SCALAR);
  }
  std::string group() const { return hdf5_parent(dataset_); }

  // --- Metadata ---

  const char* fault_of(const std::string& key, const std::string& value) const {
    if (is_hdf5_note(key)) return "swr uses that name itself";
    if (key.empty()) return "the name is empty";
    if (key.find('\0') != key.npos || value.find('\0') != value.npos) return "it has a zero byte";
    if (is_itk_ && (key.find('/') != key.npos || key == "."))
      return "HDF5 divides names at each \"/\"";
    if (std::ssize(value) > (is_itk_ ? most_hdf5_value_bytes : most_attribute_bytes))
      return "it is longer than HDF5's attributes, or than swr reads back";
    return nullptr;
  }

  Hdf5Value new_value(const std::string& value) const {
    return is_itk_ ? hdf5_text(value) : hdf5_short_text(value);
  }

  void choose_metadata() {
    int64_t bytes = 0;
    for (const auto& [key, value] : image_.metadata) {
      if (const char* const fault = fault_of(key, value)) {
        remarks_.push_back(
            {text("HDF5 cannot hold the metadata \"", key, "\": ", fault), true, key});
        continue;
      }
      bytes += std::ssize(key) + std::ssize(value);
      if (bytes > most_hdf5_metadata_bytes)
        fail(SWR_ERROR_UNSUPPORTED, path_, ": the metadata has more than ",
             most_hdf5_metadata_bytes, " bytes, which swr would not read back");
      const Hdf5Value* const old = source_ ? source_->entry(key) : nullptr;
      entries_.emplace_back(key, old && old->text == value ? *old : new_value(value));
    }
    for (const std::string& lost : others_.foreign)
      remarks_.push_back({text("the new file does not have ", lost)});
  }

  // --- The file ---

  // The chunks and their list follow the structure.
  NewFile write_chunked(const Chunked& asked) {
    NewFile file;
    Layout& layout = file.layout;
    layout.order = {image_.dimensions(), image_.region.size,
                    swr_component_bytes(image_.pixel.component), image_.pixel.components};
    const int64_t element = is_complex() ? image_.pixel.bytes() : layout.order.component_bytes;
    chunks_ = new_hdf5_chunk_form(path_, image_, asked, element);
    level_ = std::clamp(asked.level, 1, 9);
    const Hdf5NewBytes bytes = build(0);
    file.header = bytes.bytes();
    file.header.resize(static_cast<size_t>(bytes.structure_end()), '\0');
    layout.storage = asked;
    std::get<Chunked>(layout.storage).grid = grid_of_hdf5_chunks(*chunks_, layout.order);
    layout.own = chunks_;
    layout.parts = {
        {.path = path_, .offset = static_cast<int64_t>(object_), .bytes = image_.bytes()}};
    file.remarks = std::move(remarks_);
    return file;
  }

  void set_chunks(const Hdf5File& file, hid_t creation) const {
    std::vector<hsize_t> size;
    for (size_t axis = n_; axis-- > 0;) size.push_back(static_cast<hsize_t>(chunks_->chunk[axis]));
    if (has_components_axis()) size.push_back(static_cast<hsize_t>(image_.pixel.components));
    file.check(H5Pset_chunk(creation, static_cast<int>(size.size()), size.data()), what);
    // They are listed in the order in which they are undone.
    for (size_t i = chunks_->filters.size(); i-- > 0;) {
      const bool is_shuffle = chunks_->filters[i].kind == ChunkFilter::Kind::shuffle;
      file.check(is_shuffle ? H5Pset_shuffle(creation)
                            : H5Pset_deflate(creation, static_cast<unsigned>(level_)),
                 what);
    }
  }

  void set_contiguous(const Hdf5File& file, hid_t creation) const {
    file.check(H5Pset_layout(creation, H5D_CONTIGUOUS), what);
    file.check(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY), what);
    file.check(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER), what);
  }

  Hdf5NewBytes build(int64_t pixels_begin) {
    Hdf5NewBytes bytes(pixels_begin, image_.bytes());
    Hdf5File file = Hdf5File::create(path_, bytes);
    make_groups(file, group());
    if (is_itk_) {
      write_itk(file);
      make_groups(file, group() + "/MetaData");
      write_itk_metadata(file);
    }
    write_others(file);
    write_pixels(file, bytes);
    file.close();
    return bytes;
  }

  static void make_groups(const Hdf5File& file, const std::string& path) {
    for (size_t end = path.find('/', 1); !path.empty(); end = path.find('/', end + 1)) {
      const std::string part = path.substr(0, end);
      if (!open_hdf5_group(file, part)) {
        const Hdf5Id links = hdf5_link_creation(file);
        const Hdf5Id creation = hdf5_object_creation(file, H5P_GROUP_CREATE);
        const Hdf5Id group = file.valid(
            H5Gcreate2(file.id(), part.c_str(), links.get(), creation.get(), H5P_DEFAULT), H5Gclose,
            what);
      }
      if (end == path.npos) return;
    }
  }

  static Hdf5Value doubles(std::vector<hsize_t> size, std::string_view bytes) {
    return hdf5_numbers(H5T_IEEE_F64LE, std::move(size), bytes);
  }

  std::string spacing_bytes() const {
    return bytes_of<double>(n_, [&](size_t axis) { return image_.spacing[axis]; });
  }
  std::string origin_bytes() const {
    const auto first = image_.first_pixel_position();
    return bytes_of<double>(n_, [&](size_t axis) { return first[axis]; });
  }
  // Row i is the direction of axis i.
  std::string direction_bytes() const {
    return bytes_of<double>(n_ * n_,
                            [&](size_t i) { return image_.direction[(i % n_) * n_ + i / n_]; });
  }

  // Whether the base says of the place what the image says. Then its notes stay as they are, and so
  // does their absence.
  template <typename Numbers>
  bool is_kept(size_t count, const Numbers& numbers) const {
    if (!source_ || source_->is_itk() != is_itk_ || base_->dimensions() != image_.dimensions())
      return false;
    const auto before = numbers(*base_), now = numbers(image_);
    return std::equal(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(count),
                      before.begin());
  }
  bool keeps_spacing() const {
    return is_kept(n_, [](const Image& image) { return image.spacing; });
  }
  bool keeps_origin() const {
    return is_kept(n_, [](const Image& image) { return image.first_pixel_position(); });
  }
  bool keeps_direction() const {
    return is_kept(n_ * n_, [](const Image& image) { return image.direction; });
  }

  template <typename Write>
  void write_note(const Write& write, std::string_view name, bool is_kept,
                  const Hdf5Value& value) const {
    if (!is_kept) {
      write(name, value);
    } else if (const Hdf5Value* const old = source_->note(name)) {
      write(name, *old);
    }
  }

  void write_itk(const Hdf5File& file) const {
    const std::string at = group() + "/";
    const auto size = [&](size_t axis) { return image_.region.size[axis]; };
    const auto write = [&](std::string_view name, const Hdf5Value& value) {
      write_hdf5_dataset(file, at + std::string(name), value);
    };
    write_note(write, "Origin", keeps_origin(), doubles({n_}, origin_bytes()));
    write_note(write, "Directions", keeps_direction(), doubles({n_, n_}, direction_bytes()));
    write_note(write, "Spacing", keeps_spacing(), doubles({n_}, spacing_bytes()));
    write_hdf5_dataset(file, at + "Dimension",
                       hdf5_numbers(H5T_STD_U64LE, {n_}, bytes_of<uint64_t>(n_, size)));
    write_hdf5_dataset(file, at + "VoxelType", hdf5_text(itk_voxel_type(image_.pixel.component)));
  }

  bool has_start_index() const {
    return std::any_of(image_.region.index.begin(),
                       image_.region.index.begin() + image_.dimensions(),
                       [](int64_t index) { return index != 0; });
  }

  void write_itk_metadata(const Hdf5File& file) const {
    const std::string at = group() + "/MetaData/";
    if (has_start_index())
      write_hdf5_dataset(file, at + start_index_key, hdf5_text(start_index_text(image_.region)));
    for (const auto& [key, value] : entries_) write_hdf5_dataset(file, at + key, value);
  }

  // What the old file holds besides. Names that the image needs are the image's.
  void write_others(const Hdf5File& file) const {
    for (const std::string& path : others_.groups) {
      if (is_free(file, path)) make_groups(file, path);
    }
    for (const auto& [path, value] : others_.datasets) {
      if (is_free(file, path)) write_hdf5_dataset(file, path, value);
    }
    for (const auto& [path, attribute] : others_.attributes) {
      const Hdf5Id object = open_hdf5_group(file, path);
      if (path != source_->dataset && object)
        write_hdf5_attribute(file, object.get(), attribute.first, attribute.second);
    }
  }

  bool is_free(const Hdf5File& file, const std::string& path) const {
    if (path == dataset_ || path.starts_with(dataset_ + "/")) return false;
    return !open_hdf5_group(file, path) && !open_hdf5_dataset(file, path);
  }

  void write_pixels(const Hdf5File& file, Hdf5NewBytes& bytes) {
    std::vector<hsize_t> size;
    for (size_t axis = n_; axis-- > 0;)
      size.push_back(static_cast<hsize_t>(image_.region.size[axis]));
    if (has_components_axis()) size.push_back(static_cast<hsize_t>(image_.pixel.components));
    const Hdf5Id type = new_hdf5_type(file, image_.pixel.component, is_complex());
    std::vector<hsize_t> most = size;
    if (chunks_) most[0] = H5S_UNLIMITED;
    const Hdf5Id space = file.valid(
        H5Screate_simple(static_cast<int>(size.size()), size.data(), most.data()), H5Sclose, what);
    const Hdf5Id creation = hdf5_object_creation(file, H5P_DATASET_CREATE);
    chunks_ ? set_chunks(file, creation.get()) : set_contiguous(file, creation.get());
    file.check(H5Pset_attr_creation_order(creation.get(), H5P_CRT_ORDER_TRACKED), what);
    const Hdf5Id links = hdf5_link_creation(file);
    if (!chunks_) bytes.pixels_come();
    const Hdf5Id dataset =
        file.valid(H5Dcreate2(file.id(), dataset_.c_str(), type.get(), space.get(), links.get(),
                              creation.get(), H5P_DEFAULT),
                   H5Dclose, what);
    write_attributes(file, dataset.get());
    object_ = hdf5_object_header(file, dataset.get());
  }

  void write_attributes(const Hdf5File& file, hid_t dataset) const {
    const auto write = [&](std::string_view name, const Hdf5Value& value) {
      write_hdf5_attribute(file, dataset, std::string(name), value);
    };
    if (has_components_axis())
      write(hdf5_kind_key, hdf5_short_text(swr_kind_name(image_.pixel.kind)));
    if (!is_itk_) {
      write_plain_geometry(write);
      for (const auto& [key, value] : entries_) write(key, value);
    }
    for (const auto& [path, attribute] : others_.attributes) {
      if (source_->dataset == path && (is_itk_ || !image_.metadata.find(attribute.first)))
        write(attribute.first, attribute.second);
    }
  }

  template <typename Write>
  void write_plain_geometry(const Write& write) const {
    const auto element_size = [&](size_t i) { return image_.spacing[n_ - 1 - i] * 1000; };
    write_note(write, hdf5_element_size_key, keeps_spacing(),
               doubles({n_}, bytes_of<double>(n_, element_size)));
    write_note(write, hdf5_spacing_key, keeps_spacing(), doubles({n_}, spacing_bytes()));
    write_note(write, hdf5_origin_key, keeps_origin(), doubles({n_}, origin_bytes()));
    write_note(write, hdf5_direction_key, keeps_direction(), doubles({n_, n_}, direction_bytes()));
    if (has_start_index()) write(start_index_key, hdf5_short_text(start_index_text(image_.region)));
  }
};

}  // namespace

NewFile plan_hdf5_file(const Image& image, const NewFileRequest& request) {
  return Writer(image, request).write();
}

}  // namespace swr

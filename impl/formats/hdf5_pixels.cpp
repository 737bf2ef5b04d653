#include "formats/hdf5_pixels.h"

#include <algorithm>
#include <limits>

#include "base/checked.h"
#include "formats/hdf5_changes.h"
#include "formats/hdf5_chunk_form.h"
#include "formats/hdf5_chunks.h"
#include "formats/hdf5_messages.h"
#include "formats/hdf5_tree.h"
#include "storage/open_files.h"
#include "stores/linear_pixels.h"

namespace swr {
namespace {

constexpr const char* damaged_pixels = "the pixels' description is damaged";
constexpr int64_t most_chunk_parts = 65536;

using Sizes = std::vector<hsize_t>;

// Of chunks that are stretches of the sequence.
struct SliceChunks final : FormatStorage {
  Index chunk{};
};

Sizes sizes_of(const Hdf5File& file, hid_t dataset) {
  const Hdf5Id space = file.valid(H5Dget_space(dataset), H5Sclose, damaged_pixels);
  Sizes sizes(static_cast<size_t>(std::max(0, H5Sget_simple_extent_ndims(space.get()))));
  file.check(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr), damaged_pixels);
  return sizes;
}

class LayoutReader {
 public:
  LayoutReader(const Hdf5File& file, hid_t dataset, const Image& image, const Hdf5PixelType& type)
      : file_(file),
        dataset_(dataset),
        image_(image),
        type_(type),
        creation_(file.valid(H5Dget_create_plist(dataset), H5Pclose, damaged_pixels)),
        sizes_(sizes_of(file, dataset)) {}

  Layout read(std::string& read_only) {
    layout_.order = {image_.dimensions(), image_.region.size,
                     swr_component_bytes(image_.pixel.component), image_.pixel.components};
    layout_.big_endian = type_.big_endian;
    const H5D_layout_t kind = H5Pget_layout(creation_.get());
    if (H5Pget_external_count(creation_.get()) != 0)
      refuse("the pixels are in external files, which swr does not open");
    if (kind == H5D_CONTIGUOUS) {
      read_contiguous(read_only);
    } else if (kind == H5D_CHUNKED) {
      read_chunks(read_only);
    } else if (kind == H5D_COMPACT) {
      read_only = "its pixels are within the header of their dataset; copy it to another file";
      use_library({});
    } else {
      refuse("the dataset is a virtual one, of other files, which swr does not open");
    }
    return std::move(layout_);
  }

 private:
  const Hdf5File& file_;
  const hid_t dataset_;
  const Image& image_;
  const Hdf5PixelType& type_;
  const Hdf5Id creation_;
  const Sizes sizes_;  // slowest first, with the axis of the components
  Layout layout_;

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, file_.path(), ": ", parts...);
  }

  int64_t stored_bytes() const { return image_.bytes() / (type_.is_half ? 2 : 1); }

  void add_part(haddr_t at, int64_t bytes) {
    int64_t end;
    if (at > static_cast<haddr_t>(std::numeric_limits<int64_t>::max()) ||
        add_overflows(static_cast<int64_t>(at), bytes, end))
      fail(SWR_ERROR_CORRUPT, file_.path(), ": the pixels' place in the file is too far");
    layout_.parts.push_back(
        {.path = file_.path(), .offset = static_cast<int64_t>(at), .bytes = bytes});
  }

  void read_contiguous(std::string& read_only) {
    const haddr_t at = H5Dget_offset(dataset_);
    if (at != HADDR_UNDEF) {
      layout_.half_floats = type_.is_half;
      return add_part(at, stored_bytes());
    }
    read_only = "its pixels have no space in the file yet; copy it to another file";
    use_library({});
  }

  // For the reader below. `chunk` is slowest first; the whole image if it is empty.
  void use_library(const Sizes& chunk) {
    Grid grid{image_.dimensions(), image_.region.size, image_.region.size};
    for (int axis = 0; axis < grid.dimensions && !chunk.empty(); ++axis) {
      const auto at = static_cast<size_t>(grid.dimensions - 1 - axis);
      grid.chunk[axis] = std::clamp<int64_t>(static_cast<int64_t>(chunk[at]), 1, grid.size[axis]);
    }
    layout_.storage = Chunked{grid};
    layout_.parts = {{.path = file_.path(),
                      .offset = static_cast<int64_t>(hdf5_object_header(file_, dataset_)),
                      .bytes = image_.bytes()}};
  }

  void read_chunks(std::string& read_only) {
    Sizes chunk(sizes_.size());
    if (H5Pget_chunk(creation_.get(), static_cast<int>(chunk.size()), chunk.data()) !=
        static_cast<int>(chunk.size()))
      file_.refuse(damaged_pixels);
    const int filters = H5Pget_nfilters(creation_.get());
    if (filters < 0) file_.refuse(damaged_pixels);
    if (const std::string fault = hdf5_filter_fault(file_, creation_.get()); !fault.empty())
      refuse(fault);
    if (filters == 0 && !is_larger(chunk) && take_slices(chunk)) return;
    layout_.parts.clear();
    use_library(chunk);
    read_hdf5_chunk_form(file_, dataset_, creation_.get(), type_.is_half, layout_);
    read_only = hdf5_chunk_form(layout_)->read_only;
  }

  // Whether a chunk has more than the image, which may grow into it.
  bool is_larger(const Sizes& chunk) const {
    for (size_t axis = 0; axis < chunk.size(); ++axis) {
      if (chunk[axis] > sizes_[axis]) return true;
    }
    return false;
  }

  // Chunks that are stretches of the sequence become parts. False if they are not, or not all are
  // there.
  bool take_slices(const Sizes& chunk) {
    size_t cut = 0;  // the axis along which a chunk may be less than the image
    for (size_t axis = 0; axis < chunk.size(); ++axis) {
      if (chunk[axis] != sizes_[axis]) cut = axis;
    }
    int64_t slices = 1, row = stored_bytes();
    for (size_t axis = 0; axis <= cut; ++axis) {
      if (axis < cut && chunk[axis] != 1) return false;
      slices *= static_cast<int64_t>(sizes_[axis]);
      row /= static_cast<int64_t>(sizes_[axis]);
    }
    const auto rows = static_cast<int64_t>(std::min(chunk[cut], sizes_[cut]));
    const auto along = static_cast<int64_t>(sizes_[cut]);
    if (slices / along * divide_up(along, rows) > most_chunk_parts) return false;
    Hdf5Places places(file_, dataset_, stored_bytes());
    Sizes at(chunk.size());
    for (int64_t first = 0; first < slices / along; ++first) {
      set_place(at, cut, first);
      for (int64_t begin = 0; begin < along; begin += rows) {
        at[cut] = static_cast<hsize_t>(begin);
        if (!take_chunk(places, at, std::min(rows, along - begin) * row)) return false;
      }
    }
    layout_.half_floats = type_.is_half;
    auto slice_chunks = std::make_shared<SliceChunks>();
    for (int axis = 0; axis < image_.dimensions(); ++axis)
      slice_chunks->chunk[axis] =
          static_cast<int64_t>(chunk[static_cast<size_t>(image_.dimensions() - 1 - axis)]);
    layout_.own = std::move(slice_chunks);
    return true;
  }

  // The place along the axes before `cut` of slice number `number`.
  void set_place(Sizes& at, size_t cut, int64_t number) const {
    for (size_t axis = cut; axis-- > 0;) {
      at[axis] = static_cast<hsize_t>(number) % sizes_[axis];
      number /= static_cast<int64_t>(sizes_[axis]);
    }
  }

  bool take_chunk(Hdf5Places& places, const Sizes& at, int64_t bytes) {
    const auto chunk = places.find(at);
    if (!chunk || chunk->bytes < bytes) return false;
    add_part(static_cast<haddr_t>(chunk->offset), bytes);
    return true;
  }
};

// A dataset that is open in the library.
struct Opened {
  Opened(std::shared_ptr<const File> read, const DataPart& part)
      : bytes(std::move(read)),
        file(open_here(part, bytes)),
        dataset(file.valid(H5Oopen_by_addr(file.id(), static_cast<haddr_t>(part.offset)), H5Oclose,
                           damaged_pixels)),
        type(hdf5_memory_type(
            file, file.valid(H5Dget_type(dataset.get()), H5Tclose, damaged_pixels).get())),
        creation(file.valid(H5Dget_create_plist(dataset.get()), H5Pclose, damaged_pixels)) {}
  Hdf5FileBytes bytes;
  Hdf5File file;
  Hdf5Id dataset, type, creation;

 private:
  // The file may have changed since its header was read.
  static Hdf5File open_here(const DataPart& part, Hdf5Bytes& bytes) {
    Hdf5File file = Hdf5File::open(part.path, bytes);
    check_hdf5_here(file, static_cast<haddr_t>(part.offset), "the pixels");
    return file;
  }
};

// Reads pixels that are small, or not there, through the library. Requires: an Hdf5Calls exists
// while it is made.
class LibraryReader final : public PixelReader {
 public:
  explicit LibraryReader(std::unique_ptr<Opened> opened) : opened_(std::move(opened)) {}
  ~LibraryReader() override {
    const Hdf5Calls calls;
    opened_.reset();
  }

  void read(const Region& region, std::span<std::byte> out) override {
    const Hdf5Calls calls;
    const Hdf5File& file = opened_->file;
    const Hdf5Id space = file.valid(H5Dget_space(id()), H5Sclose, damaged_pixels);
    Sizes count = sizes_of(file, id()), begin(count.size());
    for (int axis = 0; axis < region.dimensions; ++axis) {
      const auto at = static_cast<size_t>(region.dimensions - 1 - axis);
      begin[at] = static_cast<hsize_t>(region.index[axis]);
      count[at] = static_cast<hsize_t>(region.size[axis]);
    }
    file.check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, begin.data(), nullptr, count.data(),
                                   nullptr),
               damaged_pixels);
    const Hdf5Id memory =
        file.valid(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                   H5Sclose, damaged_pixels);
    const hssize_t pixels = H5Sget_select_npoints(memory.get());
    if (pixels < 0 || static_cast<size_t>(pixels) * H5Tget_size(opened_->type.get()) != out.size())
      fail(SWR_ERROR_CORRUPT, file.path(), ": the pixels changed while they were read");
    file.check(
        H5Dread(id(), opened_->type.get(), memory.get(), space.get(), H5P_DEFAULT, out.data()),
        "pixels cannot be read");
  }
  bool notices_changes() const override { return false; }
  void verify() override {}

 private:
  hid_t id() const { return opened_->dataset.get(); }

  std::unique_ptr<Opened> opened_;
};

}  // namespace

Layout hdf5_layout(const Hdf5File& file, hid_t dataset, const Image& image,
                   const Hdf5PixelType& type, std::string& read_only) {
  return LayoutReader(file, dataset, image, type).read(read_only);
}

PixelForm form_of_hdf5_pixels(const Layout& layout, const FormOptions& options) {
  if (!layout.is_chunked()) {
    PixelForm form = form_of_linear_pixels(layout, options);
    if (const auto* const chunks = dynamic_cast<const SliceChunks*>(layout.own.get()))
      form.stored_chunk = chunks->chunk;
    return form;
  }
  if (const Hdf5ChunkForm* const chunks = hdf5_chunk_form(layout))
    return form_of_hdf5_chunks(layout, *chunks, options);
  PixelForm form;
  form.encoding = "chunks";
  form.read_only = "its pixels are within the structure of the file; copy it to another file";
  form.is_encoded = true;
  return form;
}

std::unique_ptr<PixelReader> read_hdf5_pixels(const Layout& layout, const ReadOptions& options) {
  if (!layout.is_chunked()) return read_linear_pixels(layout, options);
  const DataPart& part = layout.parts[0];
  auto bytes = open_to_read(options.files.get(), part.path);
  const Hdf5Calls calls;
  auto opened = std::make_unique<Opened>(std::move(bytes), part);
  if (H5Pget_layout(opened->creation.get()) == H5D_CHUNKED)
    return read_hdf5_chunks(opened->file, opened->dataset.get(), layout, options);
  return std::make_unique<LibraryReader>(std::move(opened));
}

}  // namespace swr

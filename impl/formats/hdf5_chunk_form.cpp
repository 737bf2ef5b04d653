#include "formats/hdf5_chunk_form.h"

#include <algorithm>
#include <limits>

#include "base/checked.h"
#include "base/error.h"
#include "formats/hdf5_chunks.h"
#include "formats/hdf5_type.h"
#include "stores/chunk_encoding.h"

namespace swr {
namespace {

constexpr const char* to_change = "; copy the image to another file";
using Kind = ChunkFilter::Kind;
using Sizes = std::vector<hsize_t>;

int count_of(const std::vector<ChunkFilter>& filters, Kind kind) {
  return static_cast<int>(std::ranges::count(filters, kind, &ChunkFilter::kind));
}

class FormReader {
 public:
  FormReader(const Hdf5File& file, hid_t dataset, hid_t creation, bool is_half, Layout& layout)
      : file_(file),
        dataset_(dataset),
        creation_(creation),
        is_half_(is_half),
        layout_(layout),
        type_(file.valid(H5Dget_type(dataset), H5Tclose, damaged_hdf5_chunks)) {}

  void read() {
    form_.filters = hdf5_filters(file_, creation_, static_cast<int64_t>(H5Tget_size(type_.get())));
    std::ranges::reverse(form_.filters);
    read_shape();
    form_.fill = hdf5_fill(file_, creation_, hdf5_memory_type(file_, type_.get()).get());
    if (count_of(form_.filters, Kind::zlib) == 1) form_.encoding = "deflate";
    if (form_.filters.empty()) form_.encoding = "none";
    if (const std::string obstacle = this->obstacle(); !obstacle.empty())
      form_.read_only = obstacle + to_change;
    describe_storage();
    layout_.own = std::make_shared<const Hdf5ChunkForm>(std::move(form_));
  }

 private:
  const Hdf5File& file_;
  const hid_t dataset_, creation_;
  const bool is_half_;
  Layout& layout_;
  const Hdf5Id type_;
  Hdf5ChunkForm form_;
  int64_t components_ = 1;  // in each chunk

  // Sizes of a dataset are the slowest axis first, and may end with the components.
  void read_shape() {
    const Hdf5Id space = file_.valid(H5Dget_space(dataset_), H5Sclose, damaged_hdf5_chunks);
    const int rank = std::max(0, H5Sget_simple_extent_ndims(space.get()));
    Sizes chunk(static_cast<size_t>(rank)), now(chunk), most(chunk);
    file_.check(H5Sget_simple_extent_dims(space.get(), now.data(), most.data()),
                damaged_hdf5_chunks);
    const auto dimensions = static_cast<size_t>(layout_.order.dimensions);
    if (H5Pget_chunk(creation_, rank, chunk.data()) != rank || chunk.size() < dimensions)
      file_.refuse(damaged_hdf5_chunks);
    for (size_t axis = 0; axis < dimensions; ++axis)
      form_.chunk[dimensions - 1 - axis] = static_cast<int64_t>(chunk[axis]);
    if (chunk.size() > dimensions) components_ = static_cast<int64_t>(chunk.back());
    constexpr auto largest = static_cast<hsize_t>(std::numeric_limits<int64_t>::max());
    form_.most_slices = static_cast<int64_t>(std::min(most[0], largest));
  }

  std::string obstacle() const {
    if (is_half_)
      return "its pixels are floating numbers of 16 bits, which swr reads as float32 and does not"
             " write";
    if (count_of(form_.filters, Kind::lzf) > 0)
      return "its pixels are compressed with LZF, which swr reads and does not write";
    if (!can_encode(form_.filters) || count_of(form_.filters, Kind::zlib) > 1)
      return "its pixels have filters which swr does not apply";
    unsigned options = 0;
    file_.check(H5Pget_chunk_opts(creation_, &options), damaged_hdf5_chunks);
    if (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS)
      return "its chunks at the ends of the image have no filters, which swr does not write";
    const auto element = static_cast<int64_t>(H5Tget_size(type_.get()));
    if (components_ * element != layout_.order.pixel_bytes())
      return "the components of its pixels are in several chunks, which swr does not write";
    return {};
  }

  // As the file would be asked for.
  void describe_storage() {
    auto& chunked = std::get<Chunked>(layout_.storage);
    if (count_of(form_.filters, Kind::zlib) == 1) chunked.codec = ChunkCodec::deflate;
    if (count_of(form_.filters, Kind::shuffle) > 0 && chunked.codec != ChunkCodec::none)
      chunked.preparation = ChunkPreparation::shuffle;
    unsigned flags = 0, level = 0;
    size_t values = 1;
    if (chunked.codec != ChunkCodec::none &&
        H5Pget_filter_by_id2(creation_, H5Z_FILTER_DEFLATE, &flags, &values, &level, 0, nullptr,
                             nullptr) >= 0)
      chunked.level = static_cast<int>(std::clamp(level, 1u, 9u));
  }
};

// Whole rows of the first slice, up to 256 KiB; ITK's files have a slice in each chunk.
Index usual_chunk(const Image& image) {
  constexpr int64_t most_bytes = 256 << 10;
  Index chunk{};
  int64_t left = std::max<int64_t>(1, most_bytes / image.pixel.bytes());
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    chunk[axis] = axis < 2 ? std::clamp<int64_t>(image.region.size[axis], 1, left) : 1;
    left = std::max<int64_t>(1, left / chunk[axis]);
  }
  return chunk;
}

}  // namespace

int64_t Hdf5ChunkForm::pixels() const {
  int64_t pixels = 1;
  for (const int64_t size : chunk) pixels = checked_multiply(pixels, std::max<int64_t>(size, 1));
  return pixels;
}

const Hdf5ChunkForm* hdf5_chunk_form(const Layout& layout) {
  return dynamic_cast<const Hdf5ChunkForm*>(layout.own.get());
}

Grid grid_of_hdf5_chunks(const Hdf5ChunkForm& form, const LinearOrder& order) {
  Grid grid{order.dimensions, order.size, {}};
  for (int axis = 0; axis < grid.dimensions; ++axis)
    grid.chunk[axis] = std::clamp<int64_t>(form.chunk[axis], 1, grid.size[axis]);
  return grid;
}

void read_hdf5_chunk_form(const Hdf5File& file, hid_t dataset, hid_t creation, bool is_half,
                          Layout& layout) {
  FormReader(file, dataset, creation, is_half, layout).read();
}

std::shared_ptr<const Hdf5ChunkForm> new_hdf5_chunk_form(const std::string& path,
                                                         const Image& image, const Chunked& asked,
                                                         int64_t element_bytes) {
  constexpr int64_t most_bytes = std::numeric_limits<uint32_t>::max();
  Hdf5ChunkForm form;
  form.chunk = asked.grid.chunk[0] > 0 ? asked.grid.chunk : usual_chunk(image);
  // Only the slowest axis can grow into a chunk that is longer than the image.
  for (int axis = 0; axis + 1 < image.dimensions(); ++axis)
    form.chunk[axis] = std::min(form.chunk[axis], image.region.size[axis]);
  int64_t bytes = image.pixel.bytes();
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    const auto more = try_multiply(bytes, form.chunk[axis]);
    if (!more || *more > most_bytes || form.chunk[axis] > most_bytes)
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": HDF5 cannot hold chunks of 4 GiB or more; the option chunk.shape asks for them");
    bytes = *more;
  }
  if (asked.codec == ChunkCodec::deflate) {
    form.encoding = "deflate";
    form.filters.push_back({.kind = Kind::zlib});
    if (asked.preparation == ChunkPreparation::shuffle)
      form.filters.push_back({.kind = Kind::shuffle, .sample_bytes = element_bytes});
  } else {
    form.encoding = "none";
  }
  form.most_slices = std::numeric_limits<int64_t>::max();
  return std::make_shared<const Hdf5ChunkForm>(std::move(form));
}

}  // namespace swr

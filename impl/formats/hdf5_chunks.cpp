#include "formats/hdf5_chunks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>

#include "base/checked.h"
#include "base/error.h"
#include "formats/hdf5_type.h"
#include "image/copy.h"
#include "stores/chunk_decoder.h"
#include "stores/chunked_reader.h"
#include "stores/overlay.h"
#include "stores/part_files.h"

namespace swr {
namespace {

using Sizes = std::vector<hsize_t>;
using Kind = ChunkFilter::Kind;

struct Chunks {
  Index size{};                      // of each chunk, in pixels
  int64_t components = 1;            // in each chunk
  int64_t along_components = 1;      // chunks that hold the components of the same pixels
  int64_t element_bytes = 1;         // as swr gets them
  bool is_half = false;              // twice as many as are stored
  std::vector<ChunkFilter> filters;  // in the order in which they were applied
  std::vector<std::byte> fill;       // an element
  std::vector<Hdf5Chunk> places;     // in the order of the grid, those of the same pixels together

  int64_t bytes() const {
    int64_t all = checked_multiply(element_bytes, components);
    for (const int64_t each : size) all = checked_multiply(all, std::max<int64_t>(each, 1));
    return all;
  }
};

constexpr H5Z_filter_t h5py_lzf = 32000;  // of the HDF Group's list of registered filters

std::optional<Kind> kind_of(H5Z_filter_t filter) {
  switch (filter) {
    case H5Z_FILTER_DEFLATE: return Kind::zlib;
    case H5Z_FILTER_SHUFFLE: return Kind::shuffle;
    case H5Z_FILTER_FLETCHER32: return Kind::fletcher32;
    case h5py_lzf: return Kind::lzf;
    default: return std::nullopt;
  }
}

struct Filter {
  H5Z_filter_t number = 0;
  std::array<char, 64> name{};
};

Filter filter_at(const Hdf5File& file, hid_t creation, unsigned at) {
  Filter filter;
  unsigned flags = 0, config = 0;
  size_t values = 0;
  filter.number = H5Pget_filter2(creation, at, &flags, &values, nullptr, filter.name.size() - 1,
                                 filter.name.data(), &config);
  if (filter.number < 0) file.refuse(damaged_hdf5_chunks);
  return filter;
}

unsigned filters_of(const Hdf5File& file, hid_t creation) {
  const int count = H5Pget_nfilters(creation);
  if (count < 0) file.refuse(damaged_hdf5_chunks);
  return static_cast<unsigned>(count);
}

// Lists the chunks of a dataset.
class Lister {
 public:
  Lister(const Hdf5File& file, hid_t dataset, const Layout& layout, const ReadOptions& options)
      : file_(file),
        dataset_(dataset),
        layout_(layout),
        options_(options),
        creation_(file.valid(H5Dget_create_plist(dataset), H5Pclose, damaged_hdf5_chunks)),
        stored_type_(file.valid(H5Dget_type(dataset), H5Tclose, damaged_hdf5_chunks)),
        type_(hdf5_memory_type(file, stored_type_.get())) {}

  Chunks list() {
    read_shape();
    read_filters();
    chunks_.fill = hdf5_fill(file_, creation_.get(), type_.get());
    check_memory();
    find_places();
    return std::move(chunks_);
  }

 private:
  const Hdf5File& file_;
  const hid_t dataset_;
  const Layout& layout_;
  const ReadOptions& options_;
  const Hdf5Id creation_, stored_type_, type_;
  Chunks chunks_;
  Sizes chunk_;  // as the file has it: the slowest axis first

  int dimensions() const { return layout_.order.dimensions; }

  // Sizes are those of the layout, unless the file changed meanwhile.
  void read_shape() {
    const Hdf5Id space = file_.valid(H5Dget_space(dataset_), H5Sclose, damaged_hdf5_chunks);
    Sizes sizes(static_cast<size_t>(std::max(0, H5Sget_simple_extent_ndims(space.get()))));
    file_.check(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr), damaged_hdf5_chunks);
    chunk_.resize(sizes.size());
    const auto rank = static_cast<int>(sizes.size());
    chunks_.element_bytes = static_cast<int64_t>(H5Tget_size(type_.get()));
    int64_t components = 1;
    bool is_same = rank == dimensions() || rank == dimensions() + 1;
    for (int axis = 0; is_same && axis < dimensions(); ++axis) {
      const auto at = static_cast<size_t>(dimensions() - 1 - axis);
      is_same = static_cast<int64_t>(sizes[at]) == layout_.order.size[axis];
    }
    if (is_same && rank > dimensions()) components = static_cast<int64_t>(sizes.back());
    if (!is_same || components * chunks_.element_bytes != layout_.order.pixel_bytes())
      fail(SWR_ERROR_CORRUPT, file_.path(), ": the pixels changed while they were read");
    if (H5Pget_chunk(creation_.get(), rank, chunk_.data()) != rank)
      file_.refuse(damaged_hdf5_chunks);
    for (const hsize_t size : chunk_) {
      if (size < 1 || size > std::numeric_limits<uint32_t>::max())
        fail(SWR_ERROR_CORRUPT, file_.path(), ": ", damaged_hdf5_chunks);
    }
    for (int axis = 0; axis < dimensions(); ++axis)
      chunks_.size[axis] =
          static_cast<int64_t>(chunk_[static_cast<size_t>(dimensions() - 1 - axis)]);
    if (rank > dimensions()) chunks_.components = static_cast<int64_t>(chunk_.back());
    chunks_.along_components = divide_up(components, chunks_.components);
  }

  void read_filters() {
    const auto stored_bytes = static_cast<int64_t>(H5Tget_size(stored_type_.get()));
    chunks_.filters = hdf5_filters(file_, creation_.get(), stored_bytes);
    chunks_.is_half = stored_bytes != chunks_.element_bytes;
  }

  void check_memory() const {
    const int64_t limit = options_.memory_limit, bytes = chunks_.bytes();
    if (bytes > limit / 2)
      fail(SWR_ERROR_MEMORY_LIMIT, file_.path(), ": each chunk of the pixels has ", bytes,
           " bytes; the memory limit of ", limit, " bytes must be twice that");
    const int64_t count = checked_multiply(layout_.grid().count(), chunks_.along_components);
    const int64_t list = checked_multiply(count, static_cast<int64_t>(sizeof(Hdf5Chunk)));
    if (list > limit / 2)
      fail(SWR_ERROR_MEMORY_LIMIT, file_.path(), ": the pixels are in ", count,
           " chunks; the memory limit of ", limit, " bytes must be ", checked_multiply(list, 2));
  }

  bool filters_edges() const {
    unsigned options = 0;
    file_.check(H5Pget_chunk_opts(creation_.get(), &options), damaged_hdf5_chunks);
    return (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) == 0;
  }

  void find_places() {
    const Grid& grid = layout_.grid();
    const bool has_filtered_edges = filters_edges();
    Hdf5Places places(file_, dataset_, checked_add(checked_multiply(chunks_.bytes(), 2), 65536));
    const int64_t count = grid.count();
    chunks_.places.reserve(static_cast<size_t>(count * chunks_.along_components));
    hsize_t stored = 0;
    Sizes at(chunk_.size());
    for (int64_t number = 0; number < count; ++number) {
      const Region box = grid.box(number);
      bool is_whole = true;
      for (int axis = 0; axis < dimensions(); ++axis) {
        at[static_cast<size_t>(dimensions() - 1 - axis)] = static_cast<hsize_t>(box.index[axis]);
        is_whole = is_whole && box.size[axis] == chunks_.size[axis];
      }
      for (int64_t i = 0; i < chunks_.along_components; ++i) {
        if (std::ssize(at) > dimensions()) at.back() = static_cast<hsize_t>(i * chunks_.components);
        Hdf5Chunk chunk = places.find(at).value_or(Hdf5Chunk{});
        stored += chunk.bytes > 0;
        if (!is_whole && !has_filtered_edges) chunk.skipped = ~uint32_t{0};
        chunks_.places.push_back(chunk);
      }
    }
    refuse_others(stored);
  }

  // A chunk that the file has at no place of the image is one whose place is damaged: it seems not
  // to be stored, and new pixels for it would be stored where nothing finds them.
  void refuse_others(hsize_t found) const {
    const Hdf5Id space = file_.valid(H5Dget_space(dataset_), H5Sclose, damaged_hdf5_chunks);
    hsize_t listed = 0;
    file_.check(H5Dget_num_chunks(dataset_, space.get(), &listed), damaged_hdf5_chunks);
    if (listed > found)
      fail(SWR_ERROR_CORRUPT, file_.path(), ": the list of the pixels' chunks is damaged: of ",
           listed, " chunks only ", found, " are at places in the image");
  }
};

// Whether the size of a chunk was refused since the chunk is not stored. Asking for its place takes
// long, so the words of the error decide where they are known.
bool is_missing(hid_t dataset, const Sizes& at) {
  if (last_hdf5_failure().text == "chunk storage is not allocated") return true;
  unsigned skipped = 0;
  haddr_t address = 0;
  hsize_t bytes = 0;
  return H5Dget_chunk_info_by_coord(dataset, at.data(), &skipped, &address, &bytes) >= 0 &&
         address == HADDR_UNDEF;
}

class ChunksReader final : public ChunkedReader {
 public:
  ChunksReader(Chunks chunks, const Layout& layout, const ReadOptions& options)
      : ChunkedReader(layout.grid(), layout.order.pixel_bytes(),
                      means_for(2 * chunks.bytes(), options)),
        chunks_(std::move(chunks)),
        is_big_endian_(layout.big_endian),
        files_({{.path = layout.parts.at(0).path}}, options.files.get()),
        file_(files_.open(0)),
        file_bytes_(file_.size()) {
    for (const Hdf5Chunk& chunk : chunks_.places) add_decoder(chunk.skipped);
  }

  void refuse_shared() const {
    std::vector<Hdf5Chunk> places = chunks_.places;
    std::ranges::sort(places, {}, &Hdf5Chunk::offset);
    int64_t end = 0;
    for (const Hdf5Chunk& place : places) {
      if (place.bytes == 0) continue;
      if (place.offset < end)
        fail(SWR_ERROR_UNSUPPORTED, file_.path(), ": cannot be changed: two chunks, at byte ",
             place.offset, ", have the same bytes of the file; copy the image to another file");
      end = checked_add(place.offset, place.bytes);
    }
  }

 private:
  struct Decoder {
    std::vector<ChunkFilter> filters;  // in the order in which they are undone
    std::optional<ChunkDecoder> decoder;
  };

  void add_decoder(uint32_t skipped) {
    Decoder& decoder = decoders_[skipped];
    if (decoder.decoder) return;
    for (size_t i = chunks_.filters.size(); i-- > 0;) {
      if ((skipped >> i & 1) == 0) decoder.filters.push_back(chunks_.filters[i]);
    }
    if (chunks_.is_half) decoder.filters.push_back({.kind = Kind::half_floats});
    decoder.decoder.emplace(decoder.filters, is_big_endian_, file_.path());
  }

  std::vector<std::byte> pixels_of(int64_t chunk, const Region& box) const override {
    Region full = box;
    full.size = chunks_.size;
    std::vector<std::byte> pixels;
    if (chunks_.components * chunks_.element_bytes == pixel_bytes()) {
      pixels = decoded(chunk, 0);
    } else {
      pixels = joined(chunk, full.pixels());
    }
    if (full == box) return pixels;
    std::vector<std::byte> clipped(static_cast<size_t>(box.pixels() * pixel_bytes()));
    copy_region(box, pixel_bytes(), pixels.data(), full, clipped.data(), box);
    return clipped;
  }

  // The components of the pixels are in several chunks, or fewer than a chunk has room for.
  std::vector<std::byte> joined(int64_t chunk, int64_t count) const {
    std::vector<std::byte> pixels(static_cast<size_t>(count * pixel_bytes()));
    const int64_t stored = chunks_.components * chunks_.element_bytes;
    for (int64_t i = 0; i < chunks_.along_components; ++i) {
      const std::vector<std::byte> part = decoded(chunk, i);
      const int64_t begin = i * stored, used = std::min(stored, pixel_bytes() - begin);
      for (int64_t pixel = 0; pixel < count; ++pixel)
        std::memcpy(pixels.data() + pixel * pixel_bytes() + begin, part.data() + pixel * stored,
                    static_cast<size_t>(used));
    }
    return pixels;
  }

  std::vector<std::byte> decoded(int64_t chunk, int64_t part) const {
    const Hdf5Chunk& place =
        chunks_.places[static_cast<size_t>(chunk * chunks_.along_components + part)];
    const int64_t raw_bytes = chunks_.bytes();
    if (place.bytes == 0) return filled(raw_bytes);
    const ChunkDecoder& decoder = *decoders_.at(place.skipped).decoder;
    const char* flaw = decoder.flaw_of_sizes(place.bytes, raw_bytes);
    if (!flaw && place.bytes > file_bytes_) flaw = "the file ends before";
    if (flaw) refuse(chunk, flaw);
    std::vector<std::byte> bytes(static_cast<size_t>(decoder.needed(place.bytes, raw_bytes)));
    file_.read_at(place.offset, bytes);
    flaw = decoder.decode(bytes, raw_bytes);
    if (flaw) refuse(chunk, flaw);
    return bytes;
  }

  std::vector<std::byte> filled(int64_t bytes) const {
    std::vector<std::byte> pixels(static_cast<size_t>(bytes));
    if (!chunks_.fill.empty()) fill_with(chunks_.fill, 0, pixels);
    return pixels;
  }

  [[noreturn]] void refuse(int64_t chunk, const char* flaw) const {
    fail(SWR_ERROR_CORRUPT, file_.path(), ": the chunk with the pixels ", grid().box(chunk).text(),
         " is damaged: ", flaw);
  }

  const Chunks chunks_;
  const bool is_big_endian_;
  PartFiles files_;
  const File& file_;
  const int64_t file_bytes_;  // before a change, which writes on another thread, makes it longer
  std::map<uint32_t, Decoder> decoders_;  // by the filters that were skipped
};

}  // namespace

// The library gives out the size of a chunk, but not, in all versions and quickly, its place. So it
// is asked to read the chunk, and the driver notes where it would read.
std::optional<Hdf5Chunk> Hdf5Places::find(const std::vector<hsize_t>& at) {
  hsize_t stored = 0;
  if (H5Dget_chunk_storage_size(dataset_, at.data(), &stored) < 0) {
    if (is_missing(dataset_, at)) return std::nullopt;
    file_.refuse(damaged_hdf5_chunks);
  }
  if (stored == 0) return std::nullopt;
  if (stored > static_cast<hsize_t>(most_bytes_))
    fail(SWR_ERROR_CORRUPT, file_.path(), ": a chunk of the pixels has ", stored, " bytes");
  Hdf5Chunk chunk;
  chunk.bytes = static_cast<int64_t>(stored);
  if (chunk.bytes > buffer_bytes_) {
    buffer_.reset(new std::byte[static_cast<size_t>(chunk.bytes)]);
    buffer_bytes_ = chunk.bytes;
  }
  const Hdf5File::Watch watch(file_, buffer_.get());
  if (H5Dread_chunk(dataset_, H5P_DEFAULT, at.data(), &chunk.skipped, buffer_.get()) < 0)
    file_.refuse(damaged_hdf5_chunks);
  const auto place = watch.place();
  if (!place) fail(SWR_ERROR_INTERNAL, file_.path(), ": HDF5 reads a chunk in another way");
  chunk.offset = *place;
  return chunk;
}

std::string hdf5_filter_fault(const Hdf5File& file, hid_t creation) {
  const unsigned count = filters_of(file, creation);
  for (unsigned i = 0; i < count; ++i) {
    const Filter filter = filter_at(file, creation, i);
    if (!kind_of(filter.number))
      return text("the pixels are stored by the filter ", filter.number, " (", filter.name.data(),
                  "); swr reads deflate, LZF, shuffle and fletcher32");
  }
  return {};
}

std::vector<ChunkFilter> hdf5_filters(const Hdf5File& file, hid_t creation, int64_t element_bytes) {
  std::vector<ChunkFilter> filters;
  const unsigned count = filters_of(file, creation);
  for (unsigned i = 0; i < count; ++i) {
    const auto kind = kind_of(filter_at(file, creation, i).number);
    if (!kind) fail(SWR_ERROR_UNSUPPORTED, file.path(), ": ", damaged_hdf5_chunks);
    filters.push_back({.kind = *kind, .sample_bytes = element_bytes});
  }
  return filters;
}

std::vector<std::byte> hdf5_fill(const Hdf5File& file, hid_t creation, hid_t type) {
  H5D_fill_value_t state = H5D_FILL_VALUE_UNDEFINED;
  file.check(H5Pfill_value_defined(creation, &state), damaged_hdf5_chunks);
  if (state != H5D_FILL_VALUE_USER_DEFINED) return {};
  std::vector<std::byte> fill(H5Tget_size(type));
  file.check(H5Pget_fill_value(creation, type, fill.data()), damaged_hdf5_chunks);
  return fill;
}

void refuse_shared_hdf5_chunks(const PixelReader& reader) {
  if (const auto* const chunks = dynamic_cast<const ChunksReader*>(&reader))
    chunks->refuse_shared();
}

std::unique_ptr<PixelReader> read_hdf5_chunks(const Hdf5File& file, hid_t dataset,
                                              const Layout& layout, const ReadOptions& options) {
  return std::make_unique<ChunksReader>(Lister(file, dataset, layout, options).list(), layout,
                                        options);
}

}  // namespace swr

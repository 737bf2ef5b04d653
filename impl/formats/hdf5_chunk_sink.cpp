#include "formats/hdf5_chunk_sink.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "formats/hdf5_chunks.h"
#include "formats/hdf5_messages.h"
#include "formats/hdf5_tree.h"

namespace swr {
namespace {

constexpr int64_t most_chunk_bytes = std::numeric_limits<uint32_t>::max();

}  // namespace

struct Hdf5ChunkSink::Opened {
  Opened(const std::string& path, Hdf5Bytes& bytes, int64_t number)
      : file(open(path, bytes, static_cast<haddr_t>(number))),
        dataset(file.valid(H5Oopen_by_addr(file.id(), static_cast<haddr_t>(number)), H5Oclose,
                           damaged_hdf5_chunks)),
        space(file.valid(H5Dget_space(dataset.get()), H5Sclose, damaged_hdf5_chunks)),
        rank(H5Sget_simple_extent_ndims(space.get())),
        places(file, dataset.get(), most_chunk_bytes) {}

  // Before the file.
  void close_dataset() { const Hdf5Id set = std::move(dataset), extent = std::move(space); }

  Hdf5File file;
  Hdf5Id dataset, space;
  int rank;
  Hdf5Places places;

 private:
  static Hdf5File open(const std::string& path, Hdf5Bytes& bytes, haddr_t number) {
    Hdf5File file = Hdf5File::open_to_change(path, bytes);
    check_hdf5_here(file, number, "the pixels");
    return file;
  }
};

Hdf5ChunkSink::Hdf5ChunkSink(const Layout& layout, std::unique_ptr<Hdf5Target> bytes,
                             const Growth& growth, const Options& options)
    : layout_(layout),
      options_(options),
      path_(layout.parts.at(0).path),
      coder_(layout, options.deflate),
      bytes_(std::move(bytes)) {
  const Hdf5Calls calls;
  opened_ = std::make_unique<Opened>(path_, *bytes_, layout.parts[0].offset);
  bytes_->begin();
  const int extra = opened_->rank - layout.order.dimensions;
  if (extra != 0 && extra != 1) opened_->file.refuse(damaged_hdf5_chunks);
  if (growth.is_needed) grow(growth);
}

// What the library has not written yet of a file that is not finished is lost.
Hdf5ChunkSink::~Hdf5ChunkSink() {
  if (!opened_) return;
  const Hdf5Calls calls;
  opened_->close_dataset();
  opened_->file.abandon();
  opened_.reset();
}

std::vector<hsize_t> Hdf5ChunkSink::offset_of(int64_t chunk) const {
  const Region box = grid().box(chunk);
  std::vector<hsize_t> at(static_cast<size_t>(opened_->rank));
  for (int axis = 0; axis < box.dimensions; ++axis)
    at[static_cast<size_t>(box.dimensions - 1 - axis)] = static_cast<hsize_t>(box.index[axis]);
  return at;
}

void Hdf5ChunkSink::grow(const Growth& growth) {
  const Hdf5File& file = opened_->file;
  const int n = layout_.order.dimensions;
  std::vector<hsize_t> size(static_cast<size_t>(opened_->rank));
  file.check(H5Sget_simple_extent_dims(opened_->space.get(), size.data(), nullptr),
             damaged_hdf5_chunks);
  size[0] = static_cast<hsize_t>(layout_.order.size[n - 1]);
  file.complete([&] {
    file.check(H5Dset_extent(opened_->dataset.get(), size.data()), "the image cannot grow");
    if (growth.itk_sizes.empty()) return true;
    const Hdf5Id sizes = open_hdf5_dataset(file, growth.itk_sizes);
    if (!sizes) return true;
    std::vector<uint64_t> numbers(static_cast<size_t>(n));
    std::copy_n(layout_.order.size.begin(), n, numbers.begin());
    file.check(
        H5Dwrite(sizes.get(), H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()),
        "the image cannot grow");
    return true;
  });
}

std::span<const std::byte> Hdf5ChunkSink::leave_old(const std::vector<hsize_t>& at,
                                                    std::span<const std::byte> encoded,
                                                    std::vector<std::byte>& padded) {
  if (!options_.erases && !options_.keeps_room) return encoded;
  const std::optional<Hdf5Chunk> old = opened_->places.find(at);
  if (!old) return encoded;
  if (options_.erases)
    bytes_->write(old->offset, std::vector<std::byte>(static_cast<size_t>(old->bytes)));
  if (!options_.keeps_room || old->bytes <= std::ssize(encoded)) return encoded;
  padded.assign(encoded.begin(), encoded.end());
  padded.resize(static_cast<size_t>(old->bytes));
  return padded;
}

void Hdf5ChunkSink::place(int64_t chunk, std::span<const std::byte> encoded) {
  const Hdf5Calls calls;
  const std::vector<hsize_t> at = offset_of(chunk);
  opened_->file.complete([&] {
    std::vector<std::byte> padded;
    const std::span<const std::byte> stored = leave_old(at, encoded, padded);
    opened_->file.check(H5Dwrite_chunk(opened_->dataset.get(), H5P_DEFAULT, 0, at.data(),
                                       stored.size(), stored.data()),
                        "a chunk of the pixels cannot be stored");
    return true;
  });
}

void Hdf5ChunkSink::read(int64_t chunk, std::span<std::byte> pixels) {
  std::optional<Hdf5Chunk> place;
  {
    const Hdf5Calls calls;
    place = opened_->places.find(offset_of(chunk));
  }
  if (!place) fail(SWR_ERROR_INTERNAL, path_, ": a chunk is not where it was placed");
  std::vector<std::byte> bytes(static_cast<size_t>(place->bytes));
  bytes_->file().read_at(place->offset, bytes);
  coder_.decode(chunk, std::move(bytes), pixels);
}

void Hdf5ChunkSink::finish() {
  {
    const Hdf5Calls calls;
    opened_->close_dataset();
    opened_->file.close();
    opened_.reset();
  }
  bytes_->finish();
}

}  // namespace swr

#include "formats/hdf5_listed_sink.h"

#include <array>
#include <utility>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"

namespace swr {

Hdf5ListedSink::Hdf5ListedSink(const Layout& layout, FileChanges& changes, int number, Hdf5Use use,
                               const DeflateOptions& deflate, bool erases)
    : layout_(layout),
      changes_(changes),
      number_(number),
      use_(std::move(use)),
      erases_(erases),
      coder_(layout, deflate),
      old_end_(changes.file(number).size()),
      end_(old_end_) {}

void Hdf5ListedSink::write(int64_t offset, std::span<const std::byte> bytes) {
  changes_.write(number_, offset, bytes);
}

void Hdf5ListedSink::leave(int64_t offset, int64_t bytes) {
  if (bytes <= 0) return;
  use_.holes.add(offset, bytes);
  if (erases_) write(offset, std::vector<std::byte>(static_cast<size_t>(bytes)));
}

int64_t Hdf5ListedSink::room_for(const Hdf5Use::Listed& old, int64_t bytes) {
  if (bytes <= old.bytes) {
    leave(old.offset + bytes, old.bytes - bytes);
    return old.offset;
  }
  leave(old.offset, old.bytes);
  if (const auto hole = use_.holes.take(bytes)) return *hole;
  const int64_t begin = use_.holes.take_last(end_).value_or(end_);
  end_ = checked_add(begin, bytes);
  return begin;
}

void Hdf5ListedSink::place(int64_t chunk, std::span<const std::byte> encoded) {
  Hdf5Use::Listed& listed = use_.chunks.at(static_cast<size_t>(chunk));
  if (listed.key == 0)
    fail(SWR_ERROR_INTERNAL, changes_.file(number_).path(), ": a chunk is not listed");
  const int64_t offset = room_for(listed, std::ssize(encoded));
  write(offset, encoded);
  listed.offset = offset;
  listed.bytes = std::ssize(encoded);
  std::array<std::byte, 8> size{}, address{};  // no filter was left out
  store(size.data(), static_cast<uint32_t>(listed.bytes));
  store(address.data(), listed.offset);
  write(listed.key, size);
  write(listed.address, address);
}

void Hdf5ListedSink::read(int64_t chunk, std::span<std::byte> pixels) {
  const Hdf5Use::Listed& listed = use_.chunks.at(static_cast<size_t>(chunk));
  std::vector<std::byte> stored(static_cast<size_t>(listed.bytes));
  changes_.file(number_).read_at(listed.offset, stored);
  coder_.decode(chunk, std::move(stored), pixels);
}

void Hdf5ListedSink::finish() {
  end_ = use_.holes.take_last(end_).value_or(end_);
  if (end_ == old_end_) return;
  changes_.resize(number_, end_);
  write_hdf5_end(
      changes_.file(number_), end_,
      [this](int64_t offset, std::span<const std::byte> bytes) { write(offset, bytes); });
}

}  // namespace swr

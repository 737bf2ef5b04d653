#include "stores/half_float_store.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "codecs/half_float.h"

namespace swr {
namespace {

constexpr int64_t wide_bytes = 4;

class HalfFloatStore final : public ReadStore {
 public:
  HalfFloatStore(std::unique_ptr<ReadStore> halves, bool big_endian)
      : halves_(std::move(halves)), big_endian_(big_endian) {}

  void read(int64_t offset, std::span<std::byte> out) override {
    const int64_t within = offset % wide_bytes;
    if (within != 0 && !out.empty()) {
      const int64_t bytes = std::min<int64_t>(wide_bytes - within, std::ssize(out));
      read_part(offset - within, within, out.first(static_cast<size_t>(bytes)));
      offset += bytes;
      out = out.subspan(static_cast<size_t>(bytes));
    }
    const size_t rest = out.size() % static_cast<size_t>(wide_bytes);
    const auto whole = out.first(out.size() - rest);
    if (!whole.empty()) read_whole(offset, whole);
    if (rest > 0) read_part(offset + std::ssize(whole), 0, out.last(rest));
  }

  bool notices_changes() const override { return halves_->notices_changes(); }
  void verify() override { halves_->verify(); }
  StoreFacts facts() const override { return halves_->facts(); }

 private:
  // Whole numbers, which need no memory besides their own.
  void read_whole(int64_t offset, std::span<std::byte> out) {
    halves_->read(offset / 2, out.last(out.size() / 2));
    widen_half_floats(out, big_endian_);
  }

  // Bytes of the number at `offset`, from its byte `from` on.
  void read_part(int64_t offset, int64_t from, std::span<std::byte> out) {
    std::array<std::byte, wide_bytes> number;
    read_whole(offset, number);
    std::memcpy(out.data(), number.data() + from, out.size());
  }

  const std::unique_ptr<ReadStore> halves_;
  const bool big_endian_;
};

}  // namespace

std::unique_ptr<ReadStore> widen_half_floats(std::unique_ptr<ReadStore> halves, bool big_endian) {
  return std::make_unique<HalfFloatStore>(std::move(halves), big_endian);
}

}  // namespace swr

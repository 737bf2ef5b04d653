// The piece that a source is asked to deliver; swr_piece in the public header.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "image/pixel_type.h"
#include "image/region.h"

struct swr_piece {};

namespace swr {

class SourceWatch;

class Piece : public swr_piece {
 public:
  Piece(const Region& region, int64_t number, int64_t count, const PixelType& type,
        SourceWatch& watch, std::function<void*()> memory)
      : region_(region),
        c_region_(region.to_c()),
        number_(number),
        count_(count),
        type_(type),
        watch_(watch),
        memory_(std::move(memory)) {}

  const Region& region() const { return region_; }
  const swr_region* c_region() const { return &c_region_; }
  int64_t number() const { return number_; }
  int64_t count() const { return count_; }
  int64_t bytes() const { return region_.pixels() * type_.bytes(); }
  const PixelType& type() const { return type_; }
  // Checks each image that is read for this piece.
  SourceWatch& watch() const { return watch_; }

  // The buffer to fill. It is taken at the first call; nullptr if that fails.
  void* buffer();
  // SWR_ERROR_SOURCE_REGION if `held` does not cover the region; region_error() then keeps the
  // message.
  void lend(const void* data, const swr_region* held);
  void fail(const char* why) { words_ = why ? why : ""; }

  // Whether the source has asked for the buffer.
  bool has_buffer() const { return is_asked_; }
  // What was put into the buffer does not count.
  void withdraw() { is_asked_ = false; }
  const std::byte* lent() const { return lent_; }
  const Region& held() const { return held_; }
  const std::string& words() const { return words_; }
  const std::optional<std::string>& region_error() const { return region_error_; }
  // The exception of buffer(), if it failed.
  const std::exception_ptr& failure() const { return failure_; }

 private:
  Region region_;
  swr_region c_region_;
  int64_t number_, count_;
  PixelType type_;
  SourceWatch& watch_;
  std::function<void*()> memory_;
  void* buffer_ = nullptr;
  bool is_asked_ = false;
  std::exception_ptr failure_;
  const std::byte* lent_ = nullptr;
  Region held_;
  std::string words_;
  std::optional<std::string> region_error_;
};

// The packed pixels of `region`, if memory that holds `held` has them in one stretch.
std::optional<std::span<const std::byte>> lent_stretch(const std::byte* lent, const Region& held,
                                                       const Region& region, const PixelType& type);

}  // namespace swr

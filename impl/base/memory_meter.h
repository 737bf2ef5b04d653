// Counts the bytes of buffers, and their peak.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace swr {

class MemoryMeter {
 public:
  void add(int64_t bytes) {
    const int64_t now = now_ += bytes;
    int64_t peak = peak_;
    while (now > peak && !peak_.compare_exchange_weak(peak, now)) {
    }
  }
  void remove(int64_t bytes) { now_ -= bytes; }
  int64_t peak() const { return peak_; }

 private:
  std::atomic<int64_t> now_{0};
  std::atomic<int64_t> peak_{0};
};

// Counts memory that another object owns, as long as this object lives.
class MeterShare {
 public:
  MeterShare() = default;
  MeterShare(int64_t bytes, MemoryMeter& meter) : bytes_(bytes), meter_(&meter) {
    meter.add(bytes);
  }
  MeterShare(MeterShare&& other) noexcept
      : bytes_(other.bytes_), meter_(std::exchange(other.meter_, nullptr)) {}
  MeterShare& operator=(MeterShare&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(meter_, other.meter_);
    return *this;
  }
  ~MeterShare() {
    if (meter_) meter_->remove(bytes_);
  }

 private:
  int64_t bytes_ = 0;
  MemoryMeter* meter_ = nullptr;
};

// Page-aligned memory, counted by a meter.
class Buffer {
 public:
  Buffer() = default;
  Buffer(int64_t bytes, MemoryMeter& meter) : bytes_(bytes), meter_(&meter) {
    data_.reset(static_cast<std::byte*>(::operator new(static_cast<size_t>(bytes), page)));
    meter.add(bytes);
  }
  Buffer(Buffer&& other) noexcept
      : bytes_(other.bytes_), meter_(other.meter_), data_(std::move(other.data_)) {
    other.meter_ = nullptr;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(meter_, other.meter_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Buffer() {
    if (meter_) meter_->remove(bytes_);
  }

  std::byte* data() const { return data_.get(); }
  int64_t bytes() const { return bytes_; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  static constexpr std::align_val_t page{4096};
  struct Free {
    void operator()(std::byte* data) const { ::operator delete(data, page); }
  };
  int64_t bytes_ = 0;
  MemoryMeter* meter_ = nullptr;
  std::unique_ptr<std::byte, Free> data_;
};

}  // namespace swr

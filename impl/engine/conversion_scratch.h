// The buffers of conversions, kept from one block to the next: memory that is allocated anew costs
// a page fault for each of its pages and a pass that clears it, as much as the conversion itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/memory_meter.h"
#include "base/mutex.h"
#include "image/pixel_conversion.h"

namespace swr {

class ConversionScratch {
  struct Item {
    PixelConversion::Buffers buffers;
    int64_t metered = 0;
  };
  struct GiveBack {
    ConversionScratch* scratch;
    void operator()(Item* item) const { scratch->give_back(std::unique_ptr<Item>(item)); }
  };

 public:
  // The buffers of one conversion at a time; the ConversionScratch must outlive it.
  class Lease {
   public:
    // PixelConversion::run(); the result is valid until the next run or the end of the lease.
    std::span<const std::byte> run(const PixelConversion& conversion,
                                   std::span<const std::byte> source,
                                   const PixelConversion::Place& place);

   private:
    friend class ConversionScratch;
    explicit Lease(std::unique_ptr<Item, GiveBack> item) : item_(std::move(item)) {}
    std::unique_ptr<Item, GiveBack> item_;
  };

  explicit ConversionScratch(MemoryMeter& meter) : meter_(meter) {}
  ConversionScratch(const ConversionScratch&) = delete;
  ConversionScratch& operator=(const ConversionScratch&) = delete;
  ~ConversionScratch() { clear(); }

  // Buffers that are free, or new ones.
  Lease take() SWR_EXCLUDES(mutex_);
  // Frees what is not leased.
  void clear() SWR_EXCLUDES(mutex_);

 private:
  void give_back(std::unique_ptr<Item> item) noexcept SWR_EXCLUDES(mutex_);

  MemoryMeter& meter_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Item>> free_ SWR_GUARDED_BY(mutex_);
};

}  // namespace swr

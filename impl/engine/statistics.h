// The statistics of a write.
#pragma once

#include <atomic>

#include "stores/store.h"

namespace swr {

struct Statistics {
  std::atomic<int64_t> pulls{0}, pieces{0}, bytes_in{0};
  std::atomic<int64_t> pull_nanoseconds{0}, convert_nanoseconds{0};
  std::atomic<int64_t> lent{0}, lent_cropped{0}, lent_again{0}, lent_direct{0}, untouched{0};
  std::atomic<int64_t> method{0};
  std::atomic<int64_t> frames_kept{0}, checkpoints{0}, resumed{0};
  StoreCounters store;
  MemoryMeter& memory = store.memory;

  int64_t value(swr_statistic which) const;  // SWR_ERROR_ARGUMENT for an unknown one
};

}  // namespace swr

// Forwards every call of a writer to the engine.
#pragma once

#include <cstdint>

#include "engine/writer.h"
#include "guard.h"

namespace swr {

// The number of the writer that refused this thread's last call because another call was running.
// The reason cannot be stored in the writer: its message belongs to the running call.
extern constinit thread_local uint64_t refused_by;

// Runs `call` on the engine's writer. Refused while another call of the same writer is running:
// from inside a callback or on another thread.
template <typename Call>
swr_status on_writer(swr_writer* writer, const Call& call) noexcept {
  if (!writer) return SWR_ERROR_ARGUMENT;
  auto* const engine = static_cast<Writer*>(writer);
  if (!engine->in_use().enter()) {
    refused_by = engine->number();
    return SWR_ERROR_STATE;
  }
  const swr_status status = guard(engine->message(), [&] { call(*engine); });
  if (refused_by == engine->number()) refused_by = 0;
  if (engine->in_use().leave()) delete engine;
  return status;
}

}  // namespace swr

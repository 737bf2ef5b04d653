// The way of every call of a writer into the engine.
#pragma once

#include <cstdint>

#include "engine/writer.h"
#include "guard.h"

namespace swr {

// The number of the writer that refused this thread's last call, because another call of it was
// under way. The reason cannot be the writer's own message: that belongs to the call under way.
extern constinit thread_local uint64_t refused_by;

// Runs `call` on the engine's writer, alone: from inside a callback of the same writer, and from
// another thread meanwhile, it is refused.
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

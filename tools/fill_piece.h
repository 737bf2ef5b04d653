// What the command's sources have in common.
#pragma once

#include <swr/swr.h>

#include <cstddef>
#include <new>

#include "status.h"
#include "system.h"

namespace swr::tool {

// Calls fill(region, buffer) for a pulled piece, and returns what its source has to return. A
// Failure becomes the writer's message.
template <class Fill>
int32_t fill_piece(swr_piece* piece, const Fill& fill) {
  if (interrupted()) return SWR_CANCELLED;
  auto* const buffer = static_cast<std::byte*>(swr_piece_buffer(piece));
  if (!buffer) return SWR_ERROR_MEMORY;
  try {
    fill(*swr_piece_region(piece), buffer);
    return SWR_OK;
  } catch (const Failure& failure) {
    swr_piece_fail(piece, failure.what());
    return failure.status();
  } catch (const std::bad_alloc&) {
    return SWR_ERROR_MEMORY;
  }
}

}  // namespace swr::tool

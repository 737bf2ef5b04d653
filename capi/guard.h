// The only place where exceptions become statuses.
#pragma once

#include <new>

#include "base/error.h"
#include "base/message.h"
#include "swr/types.h"

namespace swr {

inline swr_status keep(Message& message, swr_status status, const char* words) noexcept {
  message.set(words, swr_status_text(status));
  return status;
}

// Runs `call` and returns SWR_OK, or the status of its exception, whose text goes to `message`.
template <typename Call>
swr_status guard(Message& message, const Call& call) noexcept {
  try {
    message.clear();
    call();
    return SWR_OK;
  } catch (const Error& error) {
    return keep(message, error.status(), error.what());
  } catch (const std::bad_alloc&) {
    return keep(message, SWR_ERROR_MEMORY, "the system has no memory left");
  } catch (const std::exception& error) {
    return keep(message, SWR_ERROR_INTERNAL, error.what());
  } catch (...) {
    return keep(message, SWR_ERROR_INTERNAL, "an unknown error");
  }
}

// Fails with SWR_ERROR_ARGUMENT for a null pointer.
template <typename T>
T& given(T* pointer, const char* what) {
  if (!pointer) fail(SWR_ERROR_ARGUMENT, what, " is NULL");
  return *pointer;
}

}  // namespace swr

/**
 * @file cpp/callbacks.hpp
 * Between the callbacks of C and those of a program in C++: exceptions wait for the end of the call
 * of C. For swr::Writer alone.
 */
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string_view>
#include <utility>

#include "swr/cpp/error.hpp"
#include "swr/cpp/piece.hpp"
#include "swr/writer.h"

namespace swr {
inline namespace cpp {

/** How far a write is. */
struct Progress {
  int64_t pieces_done; /**< Pieces that are stored. */
  int64_t pieces;      /**< All pieces. */
  int64_t bytes_done;  /**< Bytes of pixels that are stored. */
  int64_t bytes;       /**< All bytes of pixels. */
};

/** @cond */
namespace detail {

// A handle of C and what its callbacks need. It has an address that does not change.
class Callbacks {
 public:
  Callbacks() : writer(swr_writer_create()) {
    if (!writer) throw MemoryError();
  }
  ~Callbacks() { swr_writer_destroy(writer); }
  Callbacks(const Callbacks &) = delete;
  Callbacks &operator=(const Callbacks &) = delete;

  // Keeps the exception that is being handled, if it is the first.
  void keep_exception() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!thrown_) thrown_ = std::current_exception();
  }
  bool has_exception() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    return thrown_ != nullptr;
  }
  // Throws the exception that was kept, if there is one.
  void rethrow() {
    std::exception_ptr thrown;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      std::swap(thrown, thrown_);
    }
    if (thrown) std::rethrow_exception(thrown);
  }

  static int32_t on_progress(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes,
                             void *user) noexcept {
    Callbacks &self = *static_cast<Callbacks *>(user);
    if (self.has_exception()) return 1;
    try {
      return self.progress({pieces_done, pieces, bytes_done, bytes}) ? 0 : 1;
    } catch (...) {
      self.keep_exception();
      return 1;
    }
  }

  static int32_t on_cancel(void *user) noexcept {
    Callbacks &self = *static_cast<Callbacks *>(user);
    try {
      return self.cancel() ? 1 : 0;
    } catch (...) {
      self.keep_exception();
      return 1;
    }
  }

  static void on_log(swr_log_level level, const char *message, void *user) noexcept {
    Callbacks &self = *static_cast<Callbacks *>(user);
    try {
      self.log(level, message);
    } catch (...) {
      self.keep_exception();
    }
  }

  swr_writer *const writer;
  std::function<bool(const Progress &)> progress;
  std::function<bool()> cancel;
  std::function<void(swr_log_level, std::string_view)> log;

 private:
  std::mutex mutex_;  // a source may run on several threads
  std::exception_ptr thrown_;
};

// A source of C that calls one of C++.
template <class Source>
struct Pull {
  Source *source;
  Callbacks *callbacks;

  static int32_t call(swr_piece *c_piece, void *user) noexcept {
    const Pull &self = *static_cast<const Pull *>(user);
    if (self.callbacks->has_exception()) return SWR_CANCELLED;
    try {
      Piece piece(c_piece);
      (*self.source)(piece);
      return SWR_OK;
    } catch (const CancelledError &) {
      self.callbacks->keep_exception();
      return SWR_CANCELLED;
    } catch (const std::exception &error) {
      swr_piece_fail(c_piece, error.what());
      self.callbacks->keep_exception();
    } catch (...) {
      self.callbacks->keep_exception();
    }
    return SWR_ERROR_SOURCE;
  }
};

}  // namespace detail
/** @endcond */

}  // namespace cpp
}  // namespace swr

/**
 * @file cpp/error.hpp
 * Exceptions: a class for each status of the library.
 */
#pragma once

#include <stdexcept>
#include <string>

#include "swr/types.h"

/** swr in C++: see swr.hpp. */
namespace swr {
// The engine has classes of the same names. In a program that links the static library they must
// not be taken for these.
inline namespace cpp {

/** A call failed. what() says why, in a sentence. The base of all exceptions of swr. */
class Error : public std::runtime_error {
 public:
  /** An error with a status and a sentence. */
  Error(swr_status status, const std::string &message)
      : std::runtime_error(message), status_(status) {}
  /** The status of the library's call, such as SWR_ERROR_IO. */
  swr_status status() const noexcept { return status_; }

 private:
  swr_status status_;
};

/** The error of one status. The names below are shorter. */
template <swr_status Status>
class ErrorOf : public Error {
 public:
  /** An error with the text of its status. */
  ErrorOf() : Error(Status, swr_status_text(Status)) {}
  /** An error with a sentence of its own. */
  explicit ErrorOf(const std::string &message) : Error(Status, message) {}
};

/** Cancelled by the source or the progress callback. A source throws it to cancel. */
using CancelledError = ErrorOf<SWR_CANCELLED>;
/** An argument is not valid. */
using ArgumentError = ErrorOf<SWR_ERROR_ARGUMENT>;
/** The call is not allowed now. */
using StateError = ErrorOf<SWR_ERROR_STATE>;
/** The system has no memory left. */
using MemoryError = ErrorOf<SWR_ERROR_MEMORY>;
/** More memory would be needed than the limit allows. */
using MemoryLimitError = ErrorOf<SWR_ERROR_MEMORY_LIMIT>;
/** The system refused to read or write. */
using IoError = ErrorOf<SWR_ERROR_IO>;
/** There is no such file. */
using NotFoundError = ErrorOf<SWR_ERROR_NOT_FOUND>;
/** The file exists. */
using ExistsError = ErrorOf<SWR_ERROR_EXISTS>;
/** The format is unknown. */
using FormatError = ErrorOf<SWR_ERROR_FORMAT>;
/** The file is damaged or contradicts itself. */
using CorruptError = ErrorOf<SWR_ERROR_CORRUPT>;
/** The format cannot hold or do this. */
using UnsupportedError = ErrorOf<SWR_ERROR_UNSUPPORTED>;
/** The file and the writer differ. */
using MismatchError = ErrorOf<SWR_ERROR_MISMATCH>;
/** The region is empty or not inside the image. */
using RegionError = ErrorOf<SWR_ERROR_REGION>;
/** The source failed. An exception of a source in C++ is thrown itself, not this one. */
using SourceError = ErrorOf<SWR_ERROR_SOURCE>;
/** The source delivered another region than was asked for. */
using SourceRegionError = ErrorOf<SWR_ERROR_SOURCE_REGION>;
/** Not all regions of a new image were put. */
using IncompleteError = ErrorOf<SWR_ERROR_INCOMPLETE>;
/** A value does not survive the conversion. */
using ConversionError = ErrorOf<SWR_ERROR_CONVERSION>;
/** An error inside the library; please report it. */
using InternalError = ErrorOf<SWR_ERROR_INTERNAL>;
/** Another process or handle is changing the file. */
using BusyError = ErrorOf<SWR_ERROR_BUSY>;

/**
 * Throws the class of a status that is not SWR_OK, with a sentence, or the text of the status if
 * that is empty. For programs that call C with a get() of their own.
 */
[[noreturn]] inline void throw_error(swr_status status, const std::string &message = {}) {
  const std::string words = message.empty() ? swr_status_text(status) : message;
  switch (status) {
#define SWR_STATUS_ROW(number, name, sentence) \
  case SWR_##name: throw ErrorOf<SWR_##name>(words);
    SWR_STATUS_MAP(SWR_STATUS_ROW)
#undef SWR_STATUS_ROW
    case SWR_STATUS_FORCE_INT32:
    default: throw Error(status, words);
  }
}

/** @cond */
namespace detail {

// C would see a string that contains a zero byte as a shorter one.
inline const char *c_string(const std::string &text) {
  if (text.find('\0') != std::string::npos)
    throw ArgumentError("the text \"" + std::string(text.c_str()) + "\" goes on after a zero byte");
  return text.c_str();
}

}  // namespace detail
/** @endcond */

/** The version of the library, "major.minor.patch". */
inline std::string version() {
  return swr_version();
}

}  // namespace cpp
}  // namespace swr

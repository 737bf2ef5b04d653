// The errors that end a command, and their exit codes: the library's status number, or 64 for an
// invalid command line.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "swr/swr.h"

namespace swr::tool {

inline constexpr int exit_usage = 64;     // EX_USAGE of sysexits.h
inline constexpr int exit_different = 1;  // of swr compare, which cannot be cancelled

// A failed call, or a failure of the tool that one of the library's statuses describes.
class Failure : public std::runtime_error {
 public:
  Failure(swr_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  swr_status status() const { return status_; }

 private:
  swr_status status_;
};

// An invalid command line.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// From now on messages have `name`, such as "standard input", in the place of `path`, a file that
// the command made for itself.
void show_as(const std::string& path, const std::string& name);
std::string shown(std::string message);

// Throws a Failure with the handle's message, unless the status is SWR_OK.
void check(const swr_reader* reader, swr_status status);
void check(const swr_writer* writer, swr_status status);

// "swr: <message> (ERROR_NAME)" on stderr; the exit code.
int report(const Failure& failure);
int report(const UsageError& error);
// All exit codes, with what they mean.
std::vector<std::pair<int, std::string>> exit_codes();
// "swr: warning: <message>" on stderr.
void warn(const std::string& message);

}  // namespace swr::tool

#include "status.h"

#include <iostream>

namespace swr::tool {
namespace {

[[noreturn]] void fail_with(swr_status status, const char* message) {
  throw Failure(status, *message ? message : swr_status_text(status));
}

}  // namespace

void check(const swr_reader* reader, swr_status status) {
  if (status != SWR_OK) fail_with(status, swr_reader_message(reader));
}

void check(const swr_writer* writer, swr_status status) {
  if (status != SWR_OK) fail_with(status, swr_writer_message(writer));
}

int report(const Failure& failure) {
  std::cerr << "swr: " << failure.what() << " (" << swr_status_name(failure.status()) << ")\n";
  return failure.status();
}

int report(const UsageError& error) {
  std::cerr << "swr: " << error.what() << "\nRun with --help for more information.\n";
  return exit_usage;
}

void warn(const std::string& message) {
  std::cerr << "swr: warning: " << message << "\n";
}

}  // namespace swr::tool

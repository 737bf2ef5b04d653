#include "status.h"

#include <iostream>

namespace swr::tool {
namespace {

[[noreturn]] void fail_with(swr_status status, const char* message) {
  throw Failure(status, *message ? message : swr_status_text(status));
}

using ShownNames = std::vector<std::pair<std::string, std::string>>;

ShownNames& shown_names() {
  static ShownNames names;
  return names;
}

}  // namespace

void show_as(const std::string& path, const std::string& name) {
  shown_names().emplace_back(path, name);
}

std::string shown(std::string message) {
  for (const auto& [path, name] : shown_names()) {
    for (size_t at = message.find(path); at != message.npos;
         at = message.find(path, at + name.size()))
      message.replace(at, path.size(), name);
  }
  return message;
}

void check(const swr_reader* reader, swr_status status) {
  if (status != SWR_OK) fail_with(status, swr_reader_message(reader));
}

void check(const swr_writer* writer, swr_status status) {
  if (status != SWR_OK) fail_with(status, swr_writer_message(writer));
}

int report(const Failure& failure) {
  std::cerr << "swr: " << shown(failure.what()) << " (" << swr_status_name(failure.status())
            << ")\n";
  return failure.status();
}

int report(const UsageError& error) {
  std::cerr << "swr: " << shown(error.what()) << "\nRun with --help for more information.\n";
  return exit_usage;
}

std::vector<std::pair<int, std::string>> exit_codes() {
  std::vector<std::pair<int, std::string>> codes;
#define SWR_ENTRY(number, name, sentence) codes.emplace_back(number, #name ": " sentence);
  SWR_STATUS_MAP(SWR_ENTRY)
#undef SWR_ENTRY
  for (auto& [code, sentence] : codes)
    if (code == exit_different) sentence += "; swr compare: images differ";
  codes.emplace_back(exit_usage, "the command line is invalid");
  return codes;
}

void warn(const std::string& message) {
  std::cerr << "swr: warning: " << shown(message) << "\n";
}

}  // namespace swr::tool

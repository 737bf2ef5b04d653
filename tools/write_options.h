// The options that the writing commands have in common.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "command_line.h"

namespace swr::tool {

struct WriteOptions {
  std::optional<int64_t> divisions;
  std::optional<int64_t> memory;
  int threads = 0;
  bool sync = false;
  std::vector<std::pair<std::string, std::string>> settings;
  bool quiet = false;
  bool json = false;
  bool to_stream = false;  // the image goes to standard output, and the summary to standard error

  // Of new files only:
  std::optional<std::string> format;
  std::optional<Compression> compression;
  swr_existing existing = SWR_EXISTING_REPLACE;

  void add_to(Command& command);
  void add_new_file_to(Command& command);
  // Of commands that only read: --memory and --threads.
  void add_reading_to(Command& command);
  void add_output_to(Command& command);  // only --quiet and --json

  void apply(swr_writer* writer) const;
  void apply_alone(swr_reader* reader) const;
  // If there is also a reader, it takes a quarter of --memory and the writer the rest.
  void apply_beside_writer(swr_reader* reader) const;
  void apply_beside_reader(swr_writer* writer) const;
  void apply_new_file(swr_writer* writer) const;

 private:
  int64_t reader_share() const;
};

}  // namespace swr::tool

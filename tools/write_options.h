// The options that the writing commands have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"

namespace swr::tool {

struct WriteOptions {
  std::optional<int64_t> divisions;
  std::optional<int64_t> memory;
  int threads = 0;
  bool sync = false;
  std::vector<std::pair<std::string, std::string>> settings;
  bool quiet = false;
  bool json = false;

  // Of new files only:
  std::optional<std::string> format;
  std::optional<Compression> compression;
  swr_existing existing = SWR_EXISTING_REPLACE;

  void add_to(CLI::App& command);
  void add_new_file_to(CLI::App& command);
  void add_output_to(CLI::App& command);  // only --quiet and --json

  void apply(swr_writer* writer) const;
  // If there is also a reader, it takes a quarter of --memory and the writer the rest.
  void apply_beside_writer(swr_reader* reader) const;
  void apply_beside_reader(swr_writer* writer) const;
  void apply_new_file(swr_writer* writer) const;

 private:
  int64_t reader_share() const;
};

}  // namespace swr::tool

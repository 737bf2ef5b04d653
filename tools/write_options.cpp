#include "write_options.h"

#include <algorithm>

#include "status.h"

namespace swr::tool {
namespace {

constexpr int64_t least_memory = 1 << 20;  // below it the library refuses a limit

}  // namespace

void WriteOptions::add_to(Command& command) {
  command.add("--divisions", divisions, "Pieces to ask for; unless given, the memory decides")
      .takes("N")
      .at_least_zero();
  command.add_parsed("--memory", memory, parse_memory,
                     "The most memory for buffers, such as 64M; 256M unless given", "BYTES");
  command
      .add("--threads", threads,
           "Threads that convert, compress and store; 0, unless given: all cores")
      .takes("N")
      .at_least_zero();
  command.add_flag("--sync", sync,
                   "Flush to the disk, so that a finished write survives a power failure");
  command
      .add_repeated(
          "--option",
          [this](const std::string& text) { settings.push_back(parse_setting("--option", text)); },
          "An option of the library by name, such as deflate.slot=131072; may be repeated")
      .takes("KEY=VALUE");
  add_output_to(command);
}

void WriteOptions::add_reading_to(Command& command) {
  command.add_parsed("--memory", memory, parse_memory,
                     "The most memory for buffers, such as 64M; 256M unless given", "BYTES");
  command.add("--threads", threads, "Threads that decompress; 0, unless given: all cores")
      .takes("N")
      .at_least_zero();
}

void WriteOptions::add_output_to(Command& command) {
  command.add_flag("-q,--quiet", quiet, "No progress and no summary");
  command.add_flag("--json", json, "The summary as one JSON object on standard output");
}

void WriteOptions::add_new_file_to(Command& command) {
  command
      .add("--format", format, "The format by name (see swr formats); unless given, by the suffix")
      .takes("NAME");
  command.add_parsed(
      "--compress", compression, parse_compression,
      "none, deflate, zstd, lz4 or blosc, or with a level, deflate:1 (fast) to deflate:9 (small);"
      " unless given, by the suffix",
      "HOW");
  command.add_parsed("--existing", existing, parse_existing,
                     "What to do with an existing file: replace (unless given) or fail",
                     "replace|fail");
}

void WriteOptions::apply(swr_writer* writer) const {
  if (divisions) check(writer, swr_set_divisions(writer, *divisions));
  if (memory) check(writer, swr_set_memory_limit(writer, *memory));
  check(writer, swr_set_threads(writer, threads));
  check(writer, swr_set_sync(writer, sync ? 1 : 0));
  for (const auto& [key, value] : settings)
    check(writer, swr_set_option(writer, key.c_str(), value.c_str()));
}

int64_t WriteOptions::reader_share() const {
  return std::max(least_memory, *memory / 4);
}

void WriteOptions::apply_alone(swr_reader* reader) const {
  if (memory) check(reader, swr_reader_set_memory_limit(reader, *memory));
  check(reader, swr_reader_set_threads(reader, threads));
}

void WriteOptions::apply_beside_writer(swr_reader* reader) const {
  if (memory) check(reader, swr_reader_set_memory_limit(reader, reader_share()));
  check(reader, swr_reader_set_threads(reader, threads));
}

void WriteOptions::apply_beside_reader(swr_writer* writer) const {
  apply(writer);
  if (memory && *memory > 2 * least_memory)
    check(writer, swr_set_memory_limit(writer, *memory - reader_share()));
}

void WriteOptions::apply_new_file(swr_writer* writer) const {
  if (format) check(writer, swr_set_format(writer, format->c_str()));
  if (compression)
    check(writer, swr_set_compression(writer, compression->name.c_str(), compression->level));
  check(writer, swr_set_existing(writer, existing));
}

}  // namespace swr::tool

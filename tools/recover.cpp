// swr recover: rolls back a write that died while it changed a file in place.
#include <filesystem>
#include <iostream>

#include "commands.h"
#include "each_file.h"
#include "files.h"
#include "handles.h"
#include "json.h"
#include "status.h"

namespace swr::tool {
namespace {

struct RecoverOptions {
  std::vector<std::string> files;
  bool outside = false;
  bool other_machine = false;
  bool json = false;
};

// Returns the number of writes that were rolled back.
int32_t recover_file(const RecoverOptions& options, const std::string& file) {
  int32_t recovered = 0;
  const Reader reader = create_reader();
  const auto permit = [&](const char* key) {
    check(reader.get(), swr_reader_set_option(reader.get(), key, "allow"));
  };
  if (options.outside) permit("detached.outside");
  if (options.other_machine) permit("recover.other_machine");
  check(reader.get(), swr_reader_recover(reader.get(), file.c_str(), &recovered));
  warn_of_notes(reader.get());
  std::error_code ignored;
  if (recovered == 0 && !std::filesystem::exists(path_of(file), ignored)) {
    throw Failure(SWR_ERROR_NOT_FOUND, file + ": " + swr_status_text(SWR_ERROR_NOT_FOUND));
  }
  return recovered;
}

void print_text(const std::string& file, int32_t recovered) {
  if (recovered == 0) {
    std::cout << file << ": nothing to roll back\n";
  } else {
    std::cout << file << ": took back " << recovered
              << (recovered == 1 ? " unfinished write\n" : " unfinished writes\n");
  }
}

void recover(const RecoverOptions& options, int& exit_code) {
  Json objects = Json::array();
  each_file(options.files, exit_code, [&](const std::string& file) {
    const int32_t recovered = recover_file(options, file);
    objects.push_back({{"file", file}, {"recovered", recovered}});
    if (!options.json) print_text(file, recovered);
  });
  if (options.json) print_objects(options.files, objects);
}

}  // namespace

void add_recover(CommandLine& line, int& exit_code) {
  auto options = std::make_shared<RecoverOptions>();
  Command command =
      line.add("recover", "Roll back a write that died while it changed a file in place");
  command.add("FILE", options->files, "The images").required().at_least(1);
  command.add_flag("--outside", options->outside,
                   "Also change data files outside the header's folder");
  command.add_flag("--other-machine", options->other_machine,
                   "Also roll back a write of another machine; its process must have ended");
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options, &exit_code] { recover(*options, exit_code); });
}

}  // namespace swr::tool

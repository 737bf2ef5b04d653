// swr recover: rolls back a write that died while it changed a file in place.
#include <filesystem>
#include <iostream>

#include "commands.h"
#include "handles.h"
#include "json.h"
#include "status.h"

namespace swr::tool {
namespace {

struct RecoverOptions {
  std::string file;
  bool outside = false;
  bool other_machine = false;
  bool json = false;
};

void recover(const RecoverOptions& options) {
  int32_t recovered = 0;
  const Reader reader = create_reader();
  const auto permit = [&](const char* key) {
    check(reader.get(), swr_reader_set_option(reader.get(), key, "allow"));
  };
  if (options.outside) permit("detached.outside");
  if (options.other_machine) permit("recover.other_machine");
  check(reader.get(), swr_reader_recover(reader.get(), options.file.c_str(), &recovered));
  warn_of_notes(reader.get());
  std::error_code ignored;
  if (recovered == 0 && !std::filesystem::exists(options.file, ignored)) {
    throw Failure(SWR_ERROR_NOT_FOUND, options.file + ": " + swr_status_text(SWR_ERROR_NOT_FOUND));
  }
  if (options.json) {
    print_json({{"file", options.file}, {"recovered", recovered}});
  } else if (recovered == 0) {
    std::cout << options.file << ": nothing to roll back\n";
  } else {
    std::cout << options.file << ": took back " << recovered
              << (recovered == 1 ? " unfinished write\n" : " unfinished writes\n");
  }
}

}  // namespace

void add_recover(CLI::App& app, Run& run) {
  auto options = std::make_shared<RecoverOptions>();
  CLI::App* command =
      app.add_subcommand("recover", "Roll back a write that died while it changed a file in place");
  command->add_option("FILE", options->file, "The image")->required();
  command->add_flag("--outside", options->outside,
                    "Also change data files outside the header's folder");
  command->add_flag("--other-machine", options->other_machine,
                    "Also roll back a write of another machine; its process must have ended");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &run] { run = [options] { recover(*options); }; });
}

}  // namespace swr::tool

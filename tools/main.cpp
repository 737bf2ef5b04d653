// The command `swr`: a thin layer on the public header of the library.
#include <iostream>

#include "commands.h"
#include "process.h"
#include "status.h"

namespace swr::tool {
namespace {

constexpr const char* footer =
    "Regions are written INDEX:SIZE, such as 0,0,10:512,512,5, in the image's own index space. The "
    "exit code is the library's\n"
    "status number, 0 for success, and 64 for an invalid command line.\n"
    "Run swr COMMAND --help for the options of a command.";

// The column of names in the help text is as wide as the longest option.
void add_commands(CLI::App& app, Run& run, int& exit_code) {
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("swr ") + swr_version());
  app.get_formatter()->column_width(40);
  app.footer(footer);
  add_info(app, run);
  add_copy(app, run);
  add_stack(app, run);
  add_paste(app, run);
  add_extend(app, run);
  add_make(app, run);
  add_redact(app, run);
  add_verify(app, run);
  add_recover(app, run);
  add_formats(app, run);
  add_preview(app, run);
  add_compare(app, run, exit_code);
}

// 0, or 64 with a message. `run` stays empty if the parser printed everything already.
int parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    // The parser only says that there is no command.
    const auto is_meant = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
    if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(is_meant).empty())
      throw UsageError(std::string("there is no command '") + argv[1] +
                       "'; 'swr --help' lists the commands");
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
}

// Lost output is an error, for example on a full disk.
void flush_output() {
  std::cout.flush();
  if (!std::cout) throw Failure(SWR_ERROR_IO, "standard output: could not be written");
}

int run_command(int argc, char** argv) {
  try {
    Run run;
    int exit_code = 0;
    CLI::App app("Writes N-dimensional images that do not fit in memory, piece by piece.", "swr");
    add_commands(app, run, exit_code);
    const int parsed = parse(app, argc, argv);
    if (parsed == 0 && run) run();
    flush_output();
    return parsed == 0 ? exit_code : parsed;
  } catch (const UsageError& error) {
    return report(error);
  } catch (const Failure& failure) {
    return report(failure);
  } catch (const std::bad_alloc&) {
    return report(Failure(SWR_ERROR_MEMORY, swr_status_text(SWR_ERROR_MEMORY)));
  } catch (const std::exception& error) {
    return report(Failure(SWR_ERROR_INTERNAL, error.what()));
  }
}

}  // namespace
}  // namespace swr::tool

int main(int argc, char** argv) {
  swr::tool::prepare_process();
  return swr::tool::run_command(argc, argv);
}

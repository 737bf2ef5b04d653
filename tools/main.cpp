// The command `swr`: a thin layer on the public header of the library.
#include <iostream>

#include "commands.h"
#include "status.h"
#include "system.h"
#include "wrapped.h"

namespace swr::tool {
namespace {

constexpr const char* command_footer =
    "Regions are written INDEX:SIZE, such as 0,0,10:512,512,5, in the image's own index space.\n"
    "Exit codes, and what holds for all commands: swr help.";

std::string footer() {
  std::string text =
      "Run swr help COMMAND for the arguments and options of a command.\n\n"
      "Regions are written INDEX:SIZE, such as 0,0,10:512,512,5, in the image's own index space.\n"
      "Messages are on standard error and begin with swr: - of several files that fail, the first\n"
      "gives the exit code.\n\nExit codes:\n";
  for (const auto& [code, meaning] : exit_codes())
    text += wrapped_entry(std::to_string(code), meaning, 8);
  return text.substr(0, text.size() - 1);
}

void add_commands(CommandLine& line, int& exit_code) {
  add_info(line, exit_code);
  add_copy(line);
  add_stack(line);
  add_paste(line);
  add_extend(line);
  add_make(line);
  add_describe(line);
  add_redact(line);
  add_verify(line, exit_code);
  add_recover(line, exit_code);
  add_formats(line);
  add_preview(line, exit_code);
  add_stats(line, exit_code);
  add_compare(line, exit_code);
  add_help(line);
}

// Lost output is an error, for example on a full disk.
void flush_output() {
  std::cout.flush();
  if (!std::cout) throw Failure(SWR_ERROR_IO, "standard output: could not be written");
}

int run_command(int argc, char** argv) {
  try {
    int exit_code = 0;
    CommandLine line("swr",
                     "Writes N-dimensional images that do not fit in memory, piece by piece.",
                     std::string("swr ") + swr_version(), {footer(), command_footer});
    add_commands(line, exit_code);
    if (line.parse(command_words(argc, argv))) line.run();
    flush_output();
    return exit_code;
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

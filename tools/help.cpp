// swr help: the help text of a command, the manual page, and what shells complete.
#include <iostream>

#include "commands.h"
#include "manual.h"
#include "status.h"

namespace swr::tool {
namespace {

struct HelpOptions {
  std::string command;  // the parser takes care of it: "help COMMAND" is "COMMAND --help"
  std::string kind;
};

std::string parse_kind(const std::string& option, const std::string& text) {
  for (const char* kind : {"man", "bash", "zsh", "fish"})
    if (text == kind) return text;
  throw UsageError(option + ": \"" + text + "\" is not one of man, bash, zsh, fish");
}

}  // namespace

void add_help(CommandLine& line) {
  auto options = std::make_shared<HelpOptions>();
  Command command = line.add("help", "Print the help text of a command, or the manual page");
  command.add("COMMAND", options->command, "The command; all commands unless given");
  command.add_parsed("--as", options->kind, parse_kind,
                     "Print the manual page, or what a shell completes", "man|bash|zsh|fish");
  command.runs([options, &line] { std::cout << manual(options->kind, line.texts()); });
}

}  // namespace swr::tool

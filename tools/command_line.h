// The grammar of the command line: commands with options and flags. Only command_line.cpp includes
// CLI11, whose headers take several times as long to compile as one of the commands.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
class ParseError;
}  // namespace CLI

namespace swr::tool {

// An option, or an argument without a name in front of it. Each call returns the option itself.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option& required();
  // What the help text calls the value, such as "N"; of an argument, instead of its name.
  Option& takes(const std::string& value);
  Option& at_least_zero();
  Option& between(int least, int most);
  Option& only_with(const std::string& other);
  // The number of values; without a call, one.
  Option& at_least(int values);

 private:
  CLI::Option* option_;
};

class Command {
 public:
  using Take = std::function<void(const std::string&)>;

  Command(CLI::App& app, std::function<void()>& run) : app_(&app), run_(&run) {}

  // A name without dashes is that of an argument. The value is stored when the user gives it.
  Option add(const std::string& name, std::string& value, const std::string& help);
  Option add(const std::string& name, std::optional<std::string>& value, const std::string& help);
  Option add(const std::string& name, std::vector<std::string>& values, const std::string& help);
  Option add(const std::string& name, int& value, const std::string& help);
  Option add(const std::string& name, std::optional<int>& value, const std::string& help);
  Option add(const std::string& name, int64_t& value, const std::string& help);
  Option add(const std::string& name, std::optional<int64_t>& value, const std::string& help);
  Option add(const std::string& name, double& value, const std::string& help);
  Option add(const std::string& name, std::optional<double>& value, const std::string& help);
  void add_flag(const std::string& name, bool& value, const std::string& help);
  // `take` gets the text.
  Option add_text(const std::string& name, const Take& take, const std::string& help);
  // An option that may be repeated: `take` gets the text of each.
  Option add_repeated(const std::string& name, Take take, const std::string& help);
  // `parse(name, text)` converts the text into `value` (an optional or a plain value).
  template <class Value, class Parse>
  Option add_parsed(const std::string& name, Value& value, Parse parse, const std::string& help,
                    const std::string& type) {
    return add_text(
               name, [&value, parse, name](const std::string& text) { value = parse(name, text); },
               help)
        .takes(type);
  }
  // What the command does, after the whole command line is parsed.
  void runs(std::function<void()> run);

 private:
  CLI::App* app_;
  std::function<void()>* run_;
};

// What the help text says of an option, an argument or a command.
struct OptionText {
  std::vector<std::string> names;  // such as "-q", "--quiet"; none for an argument
  std::string value;               // such as "N"; "" for a flag; of an argument such as "FILE..."
  std::string help;
  bool is_required = false;
};
struct CommandText {
  std::string name, purpose;
  std::vector<OptionText> arguments, options;
};

// The words of a command line: "swr", the name, "[options]", the arguments, and the options that
// are required with their values. Help text, manual page and messages show these.
std::vector<std::string> synopsis(const CommandText& command);
// The same as one line.
std::string usage(const CommandText& command);

class CommandLine {
 public:
  // What the help texts end with: that of the command line, and those of its commands.
  struct Footers {
    std::string command_line, command;
  };

  CommandLine(const std::string& name, const std::string& purpose, const std::string& version,
              const Footers& footers);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  Command add(const std::string& name, const std::string& purpose);
  // Returns false after a help text or the version was printed. Throws a UsageError if the command
  // line is invalid.
  bool parse(std::vector<std::string> words);
  // All commands, in their order.
  std::vector<CommandText> texts() const;
  // Runs the command that the user gave.
  void run() const { run_(); }

 private:
  std::vector<std::string> names() const;
  void expect_command(const std::string& word) const;
  [[noreturn]] void refuse(const CLI::ParseError& error) const;

  std::unique_ptr<CLI::App> app_;
  const std::string command_footer_;
  std::function<void()> run_;
};

}  // namespace swr::tool

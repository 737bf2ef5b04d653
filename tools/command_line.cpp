#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "nearest.h"
#include "status.h"

namespace swr::tool {

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::takes(const std::string& value) {
  option_->type_name(value);
  return *this;
}

Option& Option::at_least_zero() {
  option_->check(CLI::NonNegativeNumber);
  return *this;
}

Option& Option::between(int least, int most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option& Option::only_with(const std::string& other) {
  option_->needs(other);
  return *this;
}

Option& Option::at_least(int values) {
  option_->expected(values, 1 << 30);
  return *this;
}

Option Command::add(const std::string& name, std::string& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Command::add(const std::string& name, std::optional<std::string>& value,
                    const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Command::add(const std::string& name, std::vector<std::string>& values,
                    const std::string& help) {
  return Option(app_->add_option(name, values, help));
}

Option Command::add(const std::string& name, int& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Command::add(const std::string& name, std::optional<int>& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Command::add(const std::string& name, int64_t& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Command::add(const std::string& name, std::optional<int64_t>& value,
                    const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Command::add(const std::string& name, double& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Command::add(const std::string& name, std::optional<double>& value,
                    const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

void Command::add_flag(const std::string& name, bool& value, const std::string& help) {
  app_->add_flag(name, value, help);
}

Option Command::add_text(const std::string& name, const Take& take, const std::string& help) {
  return Option(app_->add_option_function<std::string>(name, take, help));
}

Option Command::add_repeated(const std::string& name, Take take, const std::string& help) {
  const auto take_all = [take = std::move(take)](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) take(text);
  };
  return Option(app_->add_option_function<std::vector<std::string>>(name, take_all, help)
                    ->allow_extra_args(false));
}

void Command::runs(std::function<void()> run) {
  app_->callback([to = run_, run = std::move(run)] { *to = run; });
}

CommandLine::CommandLine(const std::string& name, const std::string& purpose,
                         const std::string& version, const std::string& footer)
    : app_(std::make_unique<CLI::App>(purpose, name)) {
  app_->require_subcommand(1);
  app_->set_version_flag("--version", version);
  // The column of names in the help text is as wide as the longest option.
  app_->get_formatter()->column_width(40);
  app_->footer(footer);
}

CommandLine::~CommandLine() = default;

Command CommandLine::add(const std::string& name, const std::string& purpose) {
  return {*app_->add_subcommand(name, purpose), run_};
}

namespace {

// The parser appends what it checks, such as ":NONNEGATIVE".
std::string value_name(const CLI::Option& option) {
  const std::string name = option.get_type_name();
  return name.substr(0, std::min(name.find(":NONNEGATIVE"), name.find(":INT in")));
}

}  // namespace

std::vector<CommandText> CommandLine::texts() const {
  std::vector<CommandText> texts;
  for (const CLI::App* command : app_->get_subcommands(nullptr)) {
    CommandText& text = texts.emplace_back();
    text.name = command->get_name();
    text.purpose = command->get_description();
    for (const CLI::Option* option : command->get_options()) {
      if (!option->nonpositional()) {
        text.arguments.push_back(
            {{}, option->get_name(true), option->get_description(), option->get_required()});
        continue;
      }
      OptionText described{{}, "", option->get_description(), option->get_required()};
      for (const std::string& name : option->get_snames()) described.names.push_back("-" + name);
      for (const std::string& name : option->get_lnames()) described.names.push_back("--" + name);
      if (option->get_items_expected_max() > 0) described.value = value_name(*option);
      text.options.push_back(std::move(described));
    }
  }
  return texts;
}

std::vector<std::string> CommandLine::names() const {
  std::vector<std::string> names;
  for (const CLI::App* command : app_->get_subcommands(nullptr))
    names.push_back(command->get_name());
  return names;
}

// Throws a UsageError if the word is none of the commands.
void CommandLine::expect_command(const std::string& word) const {
  const auto commands = names();
  if (std::find(commands.begin(), commands.end(), word) != commands.end()) return;
  const std::string meant = nearest(word, commands);
  throw UsageError(
      "there is no command '" + word + "'; " +
      (meant.empty() ? "'swr --help' lists the commands" : "did you mean '" + meant + "'?"));
}

bool CommandLine::parse(int argc, char** argv, int& exit_code) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (!words.empty() && !words[0].empty() && words[0][0] != '-') expect_command(words[0]);
  // "help COMMAND" is "COMMAND --help".
  if (!words.empty() && words[0] == "help") {
    const bool has_command = words.size() > 1 && words[1][0] != '-';
    if (has_command) expect_command(words[1]);
    if (words.size() == 1) words = {"--help"};
    if (has_command && words.size() == 2) words = {words[1], "--help"};
  }
  try {
    std::reverse(words.begin(), words.end());  // the order that the parser wants
    app_->parse(std::move(words));
    return true;
  } catch (const CLI::ParseError& error) {
    exit_code = app_->exit(error) == 0 ? 0 : exit_usage;
    return false;
  }
}

}  // namespace swr::tool

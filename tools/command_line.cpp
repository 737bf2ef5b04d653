#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "nearest.h"
#include "numbers.h"
#include "status.h"
#include "wrapped.h"

namespace swr::tool {
namespace {

// A check of the parser: it returns what is wrong with the text, or "".
template <class Accepts>
auto check_of(const std::string& expected, Accepts accepts) {
  return [=](const std::string& text) {
    return accepts(text) ? std::string() : "\"" + text + "\" is not " + expected;
  };
}

CLI::Option* whole_number(CLI::Option* option) {
  return option->check(
      check_of("a whole number",
               [](const std::string& text) { return read_number<int64_t>(text).has_value(); }),
      "");
}

CLI::Option* number(CLI::Option* option) {
  return option->check(
      check_of("a number",
               [](const std::string& text) { return read_number<double>(text).has_value(); }),
      "");
}

}  // namespace

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::takes(const std::string& value) {
  option_->option_text(value);
  return *this;
}

Option& Option::at_least_zero() {
  option_->check(check_of("a whole number from 0 on",
                          [](const std::string& text) { return read_number<int64_t>(text) >= 0; }),
                 "");
  return *this;
}

Option& Option::between(int least, int most) {
  option_->check(
      check_of("a whole number from " + std::to_string(least) + " to " + std::to_string(most),
               [=](const std::string& text) {
                 const auto value = read_number<int64_t>(text);
                 return value && *value >= least && *value <= most;
               }),
      "");
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
  return Option(whole_number(app_->add_option(name, value, help)));
}

Option Command::add(const std::string& name, std::optional<int>& value, const std::string& help) {
  return Option(whole_number(app_->add_option(name, value, help)));
}

Option Command::add(const std::string& name, int64_t& value, const std::string& help) {
  return Option(whole_number(app_->add_option(name, value, help)));
}

Option Command::add(const std::string& name, std::optional<int64_t>& value,
                    const std::string& help) {
  return Option(whole_number(app_->add_option(name, value, help)));
}

Option Command::add(const std::string& name, double& value, const std::string& help) {
  return Option(number(app_->add_option(name, value, help)));
}

Option Command::add(const std::string& name, std::optional<double>& value,
                    const std::string& help) {
  return Option(number(app_->add_option(name, value, help)));
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

namespace {

// Whether the option is a flag, without a value.
bool is_flag(const CLI::Option& option) {
  return option.get_items_expected_max() == 0;
}

OptionText text_of(const CLI::Option& option) {
  OptionText text{{}, option.get_option_text(), option.get_description(), option.get_required()};
  if (option.nonpositional()) {
    for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
    if (is_flag(option)) text.value.clear();
  } else if (text.value.empty()) {
    const bool takes_several = option.get_items_expected_max() > 1;
    text.value = option.get_name(true) + (takes_several ? "..." : "");
  }
  if (text.is_required && option.nonpositional()) text.help += " (required)";
  for (const CLI::Option* other : option.get_needs())
    text.help += " (only with " + other->get_name() + ")";
  return text;
}

CommandText text_of(const CLI::App& command) {
  CommandText text{command.get_name(), command.get_description(), {}, {}};
  for (const CLI::Option* option : command.get_options())
    (option->nonpositional() ? text.options : text.arguments).push_back(text_of(*option));
  return text;
}

class HelpText : public CLI::Formatter {
 public:
  HelpText() { label("Positionals", "Arguments"); }

  std::string make_usage(const CLI::App* app, std::string) const override {
    if (!app->get_parent()) return "Usage: swr COMMAND [options] arguments\n";
    return "Usage: " + usage(text_of(*app)) + "\n";
  }
  std::string make_option(const CLI::Option* option, bool) const override {
    const OptionText text = text_of(*option);
    std::string title;
    for (const std::string& name : text.names) title += (title.empty() ? "" : ",") + name;
    if (!text.value.empty()) title += (title.empty() ? "" : " ") + text.value;
    return wrapped_entry(title, text.help);
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return wrapped_entry(command->get_name(), command->get_description());
  }
};

}  // namespace

std::vector<std::string> synopsis(const CommandText& command) {
  std::vector<std::string> words{"swr", command.name};
  if (!command.options.empty()) words.push_back("[options]");
  for (const OptionText& argument : command.arguments)
    words.push_back(argument.is_required ? argument.value : "[" + argument.value + "]");
  for (const OptionText& option : command.options) {
    if (!option.is_required) continue;
    words.push_back(option.names.back());
    words.push_back(option.value);
  }
  return words;
}

std::string usage(const CommandText& command) {
  std::string line;
  for (const std::string& word : synopsis(command)) line += (line.empty() ? "" : " ") + word;
  return line;
}

CommandLine::CommandLine(const std::string& name, const std::string& purpose,
                         const std::string& version, const Footers& footers)
    : app_(std::make_unique<CLI::App>(purpose, name)), command_footer_(footers.command) {
  app_->require_subcommand(1);
  app_->set_version_flag("--version", version, "Print the version and exit");
  app_->set_help_flag("-h,--help", "Print this text and exit");
  app_->formatter(std::make_shared<HelpText>());
  app_->footer(footers.command_line);
}

CommandLine::~CommandLine() = default;

Command CommandLine::add(const std::string& name, const std::string& purpose) {
  CLI::App* const command = app_->add_subcommand(name, purpose);
  command->group("Commands")->footer(command_footer_);
  return {*command, run_};
}

std::vector<CommandText> CommandLine::texts() const {
  std::vector<CommandText> texts;
  for (const CLI::App* command : app_->get_subcommands(nullptr)) texts.push_back(text_of(*command));
  return texts;
}

std::vector<std::string> CommandLine::names() const {
  std::vector<std::string> names;
  for (const CLI::App* command : app_->get_subcommands(nullptr))
    names.push_back(command->get_name());
  return names;
}

namespace {

// "; did you mean 'info'?", or `otherwise` if no word is near.
std::string hint(const std::string& given, const std::vector<std::string>& words,
                 const std::string& otherwise) {
  const std::string meant = nearest(given, words);
  return "; " + (meant.empty() ? otherwise : "did you mean '" + meant + "'?");
}

[[noreturn]] void refuse_option(const CLI::App& command, const std::string& option) {
  std::vector<std::string> names;
  for (const OptionText& text : text_of(command).options)
    names.insert(names.end(), text.names.begin(), text.names.end());
  const std::string& name = command.get_name();
  throw UsageError(name + " has no option '" + option + "'" +
                   hint(option, names, "'swr help " + name + "' lists them"));
}

// Throws a UsageError for a long option that the command does not have. The parser would first
// tell of arguments that are missing.
void expect_options(const CLI::App& command, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return;
    const std::string name = word.substr(0, word.find('='));
    if (word.starts_with("--") && !command.get_option_no_throw(name)) refuse_option(command, name);
  }
}

// What the parser says, in the words of this command. `left`: what it found no place for.
std::string reason(const CLI::ParseError& error, const std::vector<std::string>& left) {
  std::string text = error.what();
  if (!left.empty()) return "'" + left.front() + "' is one argument too many";
  if (dynamic_cast<const CLI::RequiredError*>(&error))
    return text.substr(0, text.find(" is required")) + " is missing";
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) && text.ends_with(" missing"))
    return text.substr(0, text.find(':')) + " needs a value";
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error)) {
    if (text.find(": At least ") != text.npos) return "too few arguments";
    if (text.find(": At Most ") != text.npos)
      return text.substr(0, text.find(':')) + " is repeated";
  }
  return text;
}

}  // namespace

// Throws a UsageError if the word is none of the commands.
void CommandLine::expect_command(const std::string& word) const {
  const auto commands = names();
  if (std::find(commands.begin(), commands.end(), word) != commands.end()) return;
  if (word.starts_with("-"))
    throw UsageError("there is no option '" + word +
                     "' before a command; options follow it: swr COMMAND [options] arguments");
  throw UsageError("there is no command '" + word + "'" +
                   hint(word, commands, "'swr --help' lists the commands"));
}

// Throws a UsageError that says why the words cannot be parsed.
void CommandLine::refuse(const CLI::ParseError& error) const {
  if (app_->get_subcommands().empty()) throw UsageError(error.what());
  const CLI::App& command = *app_->get_subcommands().front();
  const std::vector<std::string> left = command.remaining();
  if (!left.empty() && left.front().starts_with("-") && left.front() != "-")
    refuse_option(command, left.front());
  throw UsageError(command.get_name() + ": " + reason(error, left) +
                   "\nUsage: " + usage(text_of(command)));
}

bool CommandLine::parse(std::vector<std::string> words) {
  if (words.empty()) throw UsageError("a command is missing; 'swr --help' lists the commands");
  const bool is_option = words[0] == "-h" || words[0] == "--help" || words[0] == "--version";
  if (!is_option) expect_command(words[0]);
  // "help COMMAND" is "COMMAND --help".
  if (words[0] == "help") {
    const bool has_command = words.size() > 1 && !words[1].starts_with("-");
    if (has_command) expect_command(words[1]);
    if (words.size() == 1) words = {"--help"};
    if (has_command && words.size() == 2) words = {words[1], "--help"};
  }
  if (!words[0].starts_with("-"))
    expect_options(*app_->get_subcommand(words[0]), {words.begin() + 1, words.end()});
  try {
    std::reverse(words.begin(), words.end());  // the order that the parser wants
    app_->parse(std::move(words));
    return true;
  } catch (const CLI::Success& help) {
    app_->exit(help);
    return false;
  } catch (const CLI::ParseError& error) {
    refuse(error);
  }
}

}  // namespace swr::tool

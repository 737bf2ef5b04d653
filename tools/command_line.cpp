#include "command_line.h"

#include <CLI/CLI.hpp>
#include <utility>

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

bool CommandLine::parse(int argc, char** argv, int& exit_code) {
  try {
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::ParseError& error) {
    // The parser only says that there is no command.
    const auto is_meant = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
    if (argc > 1 && argv[1][0] != '-' && app_->get_subcommands(is_meant).empty())
      throw UsageError(std::string("there is no command '") + argv[1] +
                       "'; 'swr --help' lists the commands");
    exit_code = app_->exit(error) == 0 ? 0 : exit_usage;
    return false;
  }
}

}  // namespace swr::tool

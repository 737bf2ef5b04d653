#include "manual.h"

#include <algorithm>
#include <sstream>

#include "status.h"
#include "swr/swr.h"

namespace swr::tool {
namespace {

using Words = std::vector<std::string>;

std::string joined(const Words& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

Words format_names() {
  Words names;
  for (int32_t i = 0; i < swr_format_count(); ++i) names.push_back(swr_format_name(i));
  return names;
}

// The words that an option's value can be; none if there is no list of them.
Words choices_of(const OptionText& option) {
  if (option.value == "TYPE")
    return {"uint8", "int8",   "uint16", "int16",   "uint32",
            "int32", "uint64", "int64",  "float32", "float64"};
  const auto has_name = [&](const char* name) {
    return std::find(option.names.begin(), option.names.end(), name) != option.names.end();
  };
  if (has_name("--format")) return format_names();
  if (has_name("--compress")) return {"none", "deflate"};
  if (option.value.find('|') == std::string::npos) return {};
  Words words;
  std::stringstream text(option.value);
  for (std::string word; std::getline(text, word, '|');) words.push_back(word);
  return words;
}

// --- The manual page ---

// A minus stays one, and a line does not begin like a request.
std::string roff(const std::string& text) {
  const std::string escaped = replaced(replaced(text, "\\", "\\e"), "-", "\\-");
  return (escaped.starts_with(".") || escaped.starts_with("'") ? "\\&" : "") + escaped;
}

std::string bold(const std::string& text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string entry(const std::string& title, const std::string& text) {
  return ".TP\n" + title + "\n" + roff(text) + "\n";
}

// Words to be typed as they are stand out in bold, others in italics.
std::string shown_synopsis(const CommandText& command) {
  Words shown;
  for (const std::string& word : synopsis(command)) {
    const bool is_typed = word == "swr" || word == command.name || word.starts_with("--");
    const bool is_optional = word.starts_with("[");
    shown.push_back(is_typed ? bold(word) : is_optional ? roff(word) : italic(word));
  }
  return joined(shown, " ");
}

std::string command_section(const CommandText& command) {
  std::string page = ".SS " + roff(command.name) + "\n" + shown_synopsis(command) + "\n";
  page += ".PP\n" + roff(command.purpose) + ".\n";
  for (const OptionText& argument : command.arguments)
    page += entry(italic(argument.value), argument.help);
  for (const OptionText& option : command.options) {
    std::string title;
    for (const std::string& name : option.names) title += (title.empty() ? "" : ", ") + bold(name);
    if (!option.value.empty()) title += " " + italic(option.value);
    page += entry(title, option.help);
  }
  return page;
}

std::string codes() {
  std::string page;
  for (const auto& [code, meaning] : exit_codes()) page += entry(std::to_string(code), meaning);
  return page;
}

std::string manual_page(const std::vector<CommandText>& commands) {
  std::string page =
      ".TH SWR 1 \"\" \"swr " + std::string(swr_version()) + "\" \"User Commands\"\n";
  page +=
      ".SH NAME\nswr \\- write N\\-dimensional images piece by piece\n"
      ".SH SYNOPSIS\n.B swr\n.I COMMAND\n[options] arguments\n.br\n.B swr help\n.RI [ COMMAND ]\n"
      ".SH DESCRIPTION\nReads and writes images that do not fit in memory: MetaImage, NRRD, NIfTI, "
      "TIFF, OME\\-Zarr,\nHDF5 and further formats. A write succeeds completely, or the old file "
      "stays as it was.\n.PP\n"
      "Regions are written INDEX:SIZE, such as 0,0,10:512,512,5, in the image's own index space.\n"
      ".SH COMMANDS\n";
  for (const CommandText& command : commands) page += command_section(command);
  page += ".SH EXIT STATUS\nA failure's message is on standard error.\n" + codes() +
          ".PP\nWith several files, the status is that of the first failure.\n"
          ".SH ENVIRONMENT\n" +
          entry("TMPDIR",
                "The folder for images from standard input and to standard output; /var/tmp "
                "unless set");
  return page;
}

// --- Completions ---

Words option_names(const CommandText& command) {
  Words names;
  for (const OptionText& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

Words command_names(const std::vector<CommandText>& commands) {
  Words names;
  for (const CommandText& command : commands) names.push_back(command.name);
  return names;
}

std::string bash_completion(const std::vector<CommandText>& commands) {
  std::string names, options, values;
  for (const CommandText& command : commands) {
    options += "    " + command.name + ") words='" + joined(option_names(command), " ") + "' ;;\n";
    for (const OptionText& option : command.options) {
      const Words choices = choices_of(option);
      if (choices.empty()) continue;
      for (const std::string& name : option.names)
        values +=
            "    '" + command.name + " " + name + "') words='" + joined(choices, " ") + "' ;;\n";
    }
  }
  names = joined(command_names(commands), " ");
  return "# bash completion for swr, made by: swr help --as bash\n"
         "_swr() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} words=''\n"
         "  local command=${COMP_WORDS[1]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  COMPREPLY=()\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ] || { [ \"$COMP_CWORD\" -eq 2 ] && [ \"$command\" = help ] "
         "&& [ \"${current#-}\" = \"$current\" ]; }; then\n"
         "    COMPREPLY=($(compgen -W '" +
         names +
         "' -- \"$current\"))\n"
         "    return\n"
         "  fi\n"
         "  case \"$command $previous\" in\n" +
         values +
         "  esac\n"
         "  if [ -z \"$words\" ] && [ \"${current#-}\" != \"$current\" ]; then\n"
         "    case \"$command\" in\n" +
         options +
         "    esac\n"
         "  fi\n"
         "  [ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _swr swr\n";
}

// Inside single quotes of a shell.
std::string in_quotes(const std::string& text) {
  return "'" + replaced(text, "'", "'\\''") + "'";
}

std::string zsh_text(std::string text) {
  for (const char* special : {"\\", "[", "]", ":"})
    text = replaced(text, special, std::string("\\") + special);
  return text;
}

std::string zsh_option(const OptionText& option, const std::string& name) {
  std::string spec = name + "[" + zsh_text(option.help) + "]";
  if (!option.value.empty()) {
    const Words choices = choices_of(option);
    const bool takes_file = option.value == "MASK" || option.value == "HEADER";
    spec += ":" + zsh_text(option.value) + ":";
    if (!choices.empty()) spec += "(" + joined(choices, " ") + ")";
    if (takes_file) spec += "_files";
  }
  return in_quotes(spec);
}

std::string zsh_completion(const std::vector<CommandText>& commands) {
  std::string names, cases;
  for (const CommandText& command : commands) {
    names += "    " + in_quotes(command.name + ":" + zsh_text(command.purpose)) + "\n";
    cases += "    " + command.name + ")\n      _arguments";
    for (const OptionText& option : command.options) {
      for (const std::string& name : option.names)
        cases += " \\\n        " + zsh_option(option, name);
    }
    const bool is_help = command.name == "help";
    cases += std::string(" \\\n        '*:") +
             (is_help ? "command:(" + joined(command_names(commands), " ") + ")" : "file:_files") +
             "' ;;\n";
  }
  return "#compdef swr\n"
         "# zsh completion for swr, made by: swr help --as zsh\n"
         "_swr() {\n"
         "  local -a commands\n"
         "  commands=(\n" +
         names +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "if [[ $funcstack[1] == _swr ]]; then _swr \"$@\"; else compdef _swr swr; fi\n";
}

std::string fish_text(const std::string& text) {
  return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string fish_option(const CommandText& command, const OptionText& option) {
  std::string line = "complete -c swr -n '__fish_seen_subcommand_from " + command.name + "'";
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  const Words choices = choices_of(option);
  if (!option.value.empty()) line += " -r";
  if (!choices.empty()) line += " -f -a " + fish_text(joined(choices, " "));
  return line + " -d " + fish_text(option.help) + "\n";
}

std::string fish_completion(const std::vector<CommandText>& commands) {
  std::string lines = "# fish completion for swr, made by: swr help --as fish\n";
  for (const CommandText& command : commands)
    lines += "complete -c swr -n __fish_use_subcommand -f -a " + command.name + " -d " +
             fish_text(command.purpose) + "\n";
  for (const CommandText& command : commands) {
    for (const OptionText& option : command.options) lines += fish_option(command, option);
  }
  return lines + "complete -c swr -n '__fish_seen_subcommand_from help' -f -a " +
         fish_text(joined(command_names(commands), " ")) + "\n";
}

}  // namespace

std::string manual(const std::string& kind, const std::vector<CommandText>& commands) {
  if (kind == "man") return manual_page(commands);
  if (kind == "bash") return bash_completion(commands);
  return kind == "zsh" ? zsh_completion(commands) : fish_completion(commands);
}

}  // namespace swr::tool

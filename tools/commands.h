// The commands. Each adds itself to the command line. A command whose exit code is an answer sets
// `exit_code`.
#pragma once

#include "command_line.h"

namespace swr::tool {

void add_info(CommandLine& line, int& exit_code);
void add_copy(CommandLine& line);
void add_stack(CommandLine& line);
void add_paste(CommandLine& line);
void add_describe(CommandLine& line);
void add_extend(CommandLine& line);
void add_make(CommandLine& line);
void add_redact(CommandLine& line);
void add_verify(CommandLine& line, int& exit_code);
void add_recover(CommandLine& line, int& exit_code);
void add_formats(CommandLine& line);
void add_preview(CommandLine& line, int& exit_code);
void add_help(CommandLine& line);
void add_stats(CommandLine& line, int& exit_code);
void add_compare(CommandLine& line, int& exit_code);

}  // namespace swr::tool

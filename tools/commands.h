// The subcommands. Each adds itself to the command line and sets `run` if the user gave its name. A
// command whose exit code is an answer sets `exit_code`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace swr::tool {

using Run = std::function<void()>;

void add_info(CLI::App& app, Run& run);
void add_copy(CLI::App& app, Run& run);
void add_stack(CLI::App& app, Run& run);
void add_paste(CLI::App& app, Run& run);
void add_extend(CLI::App& app, Run& run);
void add_make(CLI::App& app, Run& run);
void add_redact(CLI::App& app, Run& run);
void add_verify(CLI::App& app, Run& run);
void add_recover(CLI::App& app, Run& run);
void add_formats(CLI::App& app, Run& run);
void add_preview(CLI::App& app, Run& run);
void add_compare(CLI::App& app, Run& run, int& exit_code);

}  // namespace swr::tool

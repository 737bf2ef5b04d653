#include "engine/locked_plan.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.h"
#include "engine/erasing.h"
#include "engine/recovery.h"
#include "storage/platform.h"

namespace swr {
namespace {

using Mode = Transaction::Mode;
using Needs = std::map<std::string, Mode>;  // in the order in which they are taken

// More files than this are locked by their first and their last one alone: a process may have few
// files open.
constexpr size_t most_parts = 8;

void add_parts(Needs& needs, const std::vector<DataPart>& parts, Mode mode) {
  const bool all = parts.size() <= most_parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (all || i == 0 || i + 1 == parts.size()) needs[parts[i].path] = mode;
  }
}

// Whether other writes of the file must not be under way: all but those that change pixels where they
// are, of which several may come together.
bool is_exclusive(const WritePlan& plan, const Settings& settings) {
  return plan.new_file.has_value() || plan.file->layout.is_compressed() ||
         plan.image.region.size != plan.file->image.region.size || !plan.patches.empty() ||
         settings.erase || settings.sole;
}

Needs needs_of(const WritePlan& plan, const Settings& settings) {
  const Mode mode = is_exclusive(plan, settings) ? Mode::exclusive : Mode::shared;
  Needs needs{{settings.path, mode}, {plan.path, mode}};
  if (plan.file) add_parts(needs, plan.file->layout.parts, mode);
  if (mode == Mode::exclusive && plan.new_file) {
    if (!plan.new_file->header_path.empty()) needs[plan.new_file->header_path] = mode;
    add_parts(needs, plan.new_file->layout.parts, mode);
  }
  return needs;
}

// Nothing if it took a rollback, which can have given other files their names: then all begins again.
std::optional<WritePlan> recover_and_plan(const Settings& settings,
                                          const std::shared_ptr<OpenFiles>& files,
                                          std::vector<std::string>& notes) {
  if (settings.path.empty()) return make_write_plan(settings, files);
  const RecoverOptions options{.outside = settings.detached_outside};
  Recovery recovery;
  std::optional<ExistingImage> existing;
  if (keeps_existing(settings) && files->is_there(settings.path)) {
    existing = open_recovered(settings.path, options, *files, recovery);
  } else {
    recovery = recover_path(settings.path, options);
    require_recovered(recovery);
  }
  if (recovery.rolled_back > 0) return std::nullopt;
  WritePlan plan = make_write_plan(settings, files, std::move(existing));
  if (settings.erase && plan.file) refuse_leftovers(plan, recovery.notes);
  notes = std::move(recovery.notes);
  return plan;
}

// Whether something else than a file is there: the plan refuses it, and opening it can be more than
// looking at it.
bool is_no_file(const std::string& path) {
  system::Facts facts;
  return system::facts(path.c_str(), system::Links::follow, facts) &&
         facts.kind != system::Facts::Kind::file;
}

// What the settings alone tell. It is right for most images of one file, which are then planned once.
Needs likely_needs(const Settings& settings) {
  if (settings.path.empty()) return {};
  if (!keeps_existing(settings) && is_no_file(settings.path)) return {};
  const bool keeps_file =
      settings.existing == SWR_EXISTING_UPDATE ||
      (settings.existing == SWR_EXISTING_DEFAULT && settings.paste_region.has_value());
  const bool changes_pixels_alone =
      keeps_file && !settings.erase && !settings.sole && !has_suffix(settings.path, ".gz");
  return {{settings.path, changes_pixels_alone ? Mode::shared : Mode::exclusive}};
}

}  // namespace

WritePlan make_locked_plan(const Settings& settings, Transaction& transaction,
                           std::vector<std::string>& notes) {
  Needs needs = likely_needs(settings);
  while (true) {
    for (const auto& [path, mode] : needs) transaction.lock(path, mode);
    std::optional<WritePlan> plan = recover_and_plan(settings, transaction.files(), notes);
    if (!plan) {
      transaction.unlock();
      transaction.files()->forget_all();
      continue;
    }
    const Needs now = needs_of(*plan, settings);
    if (needs == now) return std::move(*plan);
    // Those that are held already stay locked, unless that could make two writes wait for each other.
    const auto lock = [&](const auto& need) {
      return transaction.try_to_lock(need.first, need.second);
    };
    if (!std::ranges::all_of(now, lock)) transaction.unlock();
    needs = now;
  }
}

}  // namespace swr

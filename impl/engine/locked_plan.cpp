#include "engine/locked_plan.h"

#include <optional>

#include "base/error.h"
#include "engine/erasing.h"
#include "engine/recovery.h"
#include "engine/watch.h"
#include "storage/platform.h"

namespace swr {
namespace {

using Mode = Transaction::Mode;
using Needs = FileLocks::Needs;

// Of more files than this only the first and the last one are locked: a process may not have many
// open files.
constexpr size_t most_parts = 8;

void add_parts(Needs& needs, const std::vector<DataPart>& parts, Mode mode) {
  const bool all = parts.size() <= most_parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (all || i == 0 || i + 1 == parts.size()) needs[parts[i].path] = mode;
  }
}

// Encoded pixels get another length and move, and what says where they are changes with them. Only
// chunks that are files of their own are replaced one by one.
bool changes_pixels_in_place(const PixelForm& form) {
  return !form.is_encoded || form.replaces_files;
}

// Whether no other write of the file may be under way. Several writes at a time are permitted only
// if they change pixels where they are, and nothing else.
bool is_exclusive(const WritePlan& plan, const Settings& settings) {
  return plan.new_file.has_value() || plan.image.region.size != plan.file->image.region.size ||
         !plan.patches.empty() || !changes_pixels_in_place(plan.form) || settings.erase ||
         settings.sole;
}

Needs needs_of(const WritePlan& plan, const Settings& settings) {
  const Mode mode = is_exclusive(plan, settings) ? Mode::exclusive : Mode::shared;
  Needs needs{{settings.path, mode}, {plan.path, mode}};
  if (plan.file) {
    const Layout& layout = plan.file->layout;
    add_parts(needs, layout.parts, mode);
    if (layout.pyramid) {
      for (const Layout& level : layout.pyramid->levels) add_parts(needs, level.parts, mode);
    }
  }
  if (mode == Mode::exclusive && plan.new_file) {
    if (!plan.new_file->header_path.empty()) needs[plan.new_file->header_path] = mode;
    add_parts(needs, plan.new_file->layout.parts, mode);
  }
  return needs;
}

// Returns nothing after a rollback, and after a wait for another writer's files to get their names.
// Names can belong to other files then: the caller begins again.
std::optional<WritePlan> recover_and_plan(const Settings& settings,
                                          const std::shared_ptr<OpenFiles>& files,
                                          std::vector<std::string>& notes, Patience& patience) {
  if (settings.path.empty()) return make_write_plan(settings, files);
  files->choose_dataset(settings.dataset);
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
  // Another writer's files of this image are getting their names: some are there, and some not yet.
  if (recovery.giving_names > 0 && recovery.giving_names == recovery.living) {
    patience.wait(settings.path, {});
    return std::nullopt;
  }
  WritePlan plan = make_write_plan(settings, files, std::move(existing));
  if (settings.erase && plan.file) refuse_leftovers(plan, recovery.notes);
  notes = std::move(recovery.notes);
  return plan;
}

// A folder cannot be locked, and another write may put a new one in its place while its files are
// read. Nor can a file that cannot be opened.
std::optional<WritePlan> plan_without_lock(const Settings& settings,
                                           const std::shared_ptr<OpenFiles>& files,
                                           std::vector<std::string>& notes, Patience& patience) {
  try {
    return recover_and_plan(settings, files, notes, patience);
  } catch (const Error& error) {
    if (!may_be_a_change(error) || !files->are_disturbed()) throw;
    patience.wait(settings.path, error);
    return std::nullopt;
  }
}

// An absent file cannot be locked: another writer may be making the image, whose files get their
// names one after the other. An error that this can have caused is no reason to give up, and an
// image that is there now is locked first.
std::optional<WritePlan> plan_beside_makers(const Settings& settings,
                                            const std::shared_ptr<OpenFiles>& files,
                                            std::vector<std::string>& notes, Patience& patience) {
  const bool is_locked = files->is_open(settings.path);
  if (settings.path.empty() || !keeps_existing(settings) || is_locked)
    return recover_and_plan(settings, files, notes, patience);
  if (files->is_there(settings.path)) {
    if (files->is_open(settings.path)) return std::nullopt;
    return plan_without_lock(settings, files, notes, patience);
  }
  const Watch watch(settings.path, *files);
  try {
    std::optional<WritePlan> plan = recover_and_plan(settings, files, notes, patience);
    if (plan && plan->file) return std::nullopt;
    return plan;
  } catch (const Error& error) {
    const bool may_pass = may_be_a_change(error) || error.status() == SWR_ERROR_EXISTS;
    if (!may_pass || !watch.is_disturbed()) throw;
    patience.wait(settings.path, error);
    return std::nullopt;
  }
}

// Whether the path is not a regular file, such as a device. The plan refuses it; opening it could
// have effects.
bool is_no_file(const std::string& path) {
  system::Facts facts;
  return system::facts(path.c_str(), system::Links::follow, facts) &&
         facts.kind != system::Facts::Kind::file;
}

// A guess from the settings alone. It is right for most images of one file: they are planned once.
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
  Patience patience(settings.is_cancelled);
  for (bool was_planned = false;; was_planned = true) {
    const auto before = std::chrono::steady_clock::now();
    transaction.lock(needs);
    patience.leave_out(std::chrono::steady_clock::now() - before);
    // Meanwhile others may have replaced files that need no lock, such as those of the group of a
    // Zarr image.
    if (was_planned) transaction.forget_unlocked();
    std::optional<WritePlan> plan =
        plan_beside_makers(settings, transaction.files(), notes, patience);
    if (!plan) {
      transaction.unlock();
      transaction.files()->forget_all();
      continue;
    }
    const Needs now = needs_of(*plan, settings);
    if (needs == now) return std::move(*plan);
    needs = now;
  }
}

WritePlan make_unlocked_plan(const Settings& settings) {
  for (Patience patience(settings.is_cancelled);;) {
    const auto files = std::make_shared<OpenFiles>(File::Mode::read);
    const Watch watch(settings.path, *files);
    std::optional<Error> trouble;
    try {
      return make_write_plan(settings, files);
    } catch (const Error& error) {
      const bool is_disturbed =
          !settings.path.empty() && (watch.is_disturbed() || files->are_disturbed());
      const bool may_pass = error.status() == SWR_ERROR_EXISTS ||
                            (may_be_a_change(error) && error.status() != SWR_ERROR_MISMATCH);
      if (!keeps_existing(settings) || !may_pass || !is_disturbed) throw;
      trouble = error;
    }
    patience.wait(settings.path, trouble);
  }
}

}  // namespace swr

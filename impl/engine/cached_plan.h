// The plan that answers an application's questions before a write, made once for all of them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/settings.h"
#include "engine/write_plan.h"
#include "storage/file_state.h"

namespace swr {

class CachedPlan {
 public:
  // The plan for the settings: the last one, unless one of its files has changed since, or may have.
  // Valid until the next call. Requires: forget() was called since the settings changed.
  const WritePlan& get(const Settings& settings);
  // The plan for the settings as all files are now.
  const WritePlan& renew(const Settings& settings);
  void forget() { plan_.reset(); }

 private:
  bool is_current() const;

  std::optional<WritePlan> plan_;
  std::vector<std::pair<std::string, FileState>> files_;  // that the plan depends on
};

}  // namespace swr

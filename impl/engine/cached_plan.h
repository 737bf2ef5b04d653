// The plan that answers an application's questions before a write. It is made once for all of them.
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
  // Returns the cached plan, or a new one if one of its files has changed, or may have changed,
  // since. Valid until the next call. Requires: forget() was called after the settings last
  // changed.
  const WritePlan& get(const Settings& settings);
  // Makes the plan again from the current state of the files.
  const WritePlan& renew(const Settings& settings);
  void forget() { plan_.reset(); }

 private:
  bool is_current() const;

  std::optional<WritePlan> plan_;
  std::vector<std::pair<std::string, FileState>> files_;  // on which the plan depends
};

}  // namespace swr

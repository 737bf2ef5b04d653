// The working directory at the beginning of a call: relative paths keep their meaning when the
// application changes it meanwhile, and messages name files as the application does.
#pragma once

#include <string>

#include "base/error.h"

namespace swr {

class WorkingFolder {
 public:
  // The path in full. It stays relative where the system does not let the full one be used: a folder
  // above may be closed to this process.
  std::string fix(const std::string& path);
  // A text in which the paths that come from fix() are relative again.
  std::string as_given(std::string text) const;
  // Runs `act`, whose errors name the files so.
  template <typename Act>
  void run(const Act& act) const {
    try {
      act();
    } catch (const Error& error) {
      throw Error(error.status(), as_given(error.what()));
    }
  }

 private:
  std::string prefix_;  // with its slash; empty: nothing was relative
};

}  // namespace swr

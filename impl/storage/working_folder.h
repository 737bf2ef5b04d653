// Remembers the working directory at the beginning of a call, so that relative paths keep their
// meaning if the application changes it, and messages name files as the application does.
#pragma once

#include <string>

#include "base/error.h"

namespace swr {

class WorkingFolder {
 public:
  // The absolute path. It stays relative if the system does not permit the absolute one: this
  // process may have no access to a parent folder.
  std::string fix(const std::string& given);
  // Makes paths that came from fix() relative again in a text.
  std::string as_given(std::string text) const;
  // Runs `act` and applies as_given() to the messages of its errors.
  template <typename Act>
  void run(const Act& act) const {
    try {
      act();
    } catch (const Error& error) {
      throw Error(error.status(), as_given(error.what()));
    }
  }

 private:
  std::string prefix_;  // ends with a slash; empty if the path was not relative
};

}  // namespace swr

// Recovery: what dead writers left of a file is rolled back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/journal_reader.h"
#include "storage/journal_writer.h"
#include "storage/name_entry.h"
#include "storage/recovery_scope.h"
#include "storage/write_back.h"

namespace swr {

struct Recovery {
  int rolled_back = 0;
  int living = 0;        // journals whose writers live, and were left alone
  int giving_names = 0;  // those of them that are about names, and soon over
  // Sentences about what was found and left alone, because it is not about the files that are
  // there.
  std::vector<std::string> notes;
  // Why a journal that is about these files was not rolled back: the first reason.
  std::optional<Error> refusal;

  void add(Recovery&& other);
};
// Rolls back every journal of `path` whose writer is dead, and which may be: see in_place.h.
// Nothing is changed outside the folder of `image`, unless that is allowed: a header can name data
// files, and with them their journals, anywhere. Throws only what the system refuses.
Recovery recover_all(const std::string& path, const RecoverOptions& options,
                     const std::string& image);
Recovery recover_all(const std::string& path, const RecoverOptions& options);

}  // namespace swr

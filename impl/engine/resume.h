// Lets an interrupted write of a new image go on: keeps the pieces that the source delivers, and
// delivers those that an earlier write has kept.
#pragma once

#include "engine/piece.h"
#include "engine/settings.h"
#include "engine/statistics.h"
#include "engine/write_plan.h"
#include "storage/resume_file.h"

namespace swr {

// Refuses a write that cannot be resumed: SWR_ERROR_UNSUPPORTED.
void check_resume(const WritePlan& plan, const Settings& settings);

class Resume {
 public:
  // Requires: the settings have a token, and check_resume() has passed. `plan` and `statistics`
  // must outlive the object. May fail as ResumeFile does.
  Resume(const WritePlan& plan, const Settings& settings, Statistics& statistics);

  // Fills the buffer of a piece that was kept; false if it was not. These two may be called by
  // several threads at once.
  bool deliver(Piece& piece);
  // Requires: the source has delivered the piece.
  void keep(Piece& piece);
  // The write is complete: its pieces are not needed any more.
  void end() noexcept { file_.remove(); }

 private:
  void keep_lent(const Piece& piece, int64_t number);

  const WritePlan& plan_;
  Statistics& statistics_;
  ResumeFile file_;
};

}  // namespace swr

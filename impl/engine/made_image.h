// A new image that is complete, but whose name another writer took before it got it.
#pragma once

#include <memory>
#include <vector>

#include "engine/session.h"
#include "engine/settings.h"
#include "engine/write_plan.h"
#include "storage/file.h"
#include "storage/staged_tree.h"

namespace swr {

// The write was to change the image at its path, or to make it if there is none. There was none,
// and now there is one: the pixels that were written to the new files go into that one. The
// application is not asked for them again.
class MadeImage {
 public:
  // `files`: those of the plan's parts, and then that of its header, if it has one of its own.
  // `written`: disjoint boxes of what the application wrote; their index 0 is the image's first
  // pixel.
  MadeImage(const WritePlan& plan, std::vector<Region> written, std::vector<File> files);
  // The same of an image that is a folder.
  MadeImage(const WritePlan& plan, std::vector<Region> written, std::unique_ptr<StagedTree> folder);

  // The settings of the write that changes the other image.
  Settings settings_for_change(Settings settings) const;
  // Stores the pixels. SWR_ERROR_EXISTS if the other image does not hold them as they are, after
  // conversions.
  void give_to(Session& session, const Settings& settings) const;

 private:
  const Format* format_;
  std::string path_;  // the name that it was to get
  Image image_;
  std::vector<Region> written_;
  std::shared_ptr<OpenFiles> files_;
  std::unique_ptr<StagedTree> folder_{};  // under its staging name
};

}  // namespace swr

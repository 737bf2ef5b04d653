// One walk: a folder and its changes, step by step.
#pragma once

#include <string>
#include <vector>

#include "walk/attempt.h"
#include "walk/folder.h"
#include "walk/random.h"

namespace swr::walk {

class Walk {
 public:
  // `detached`: images of two files too.
  Walk(uint64_t seed, bool detached) : random_(seed), detached_(detached) {}

  // Throws Wrong.
  void step();
  // What was done, a line for each step.
  const std::vector<std::string>& history() const { return history_; }
  int64_t writes() const { return writes_; }
  int64_t refusals() const { return refusals_; }

 private:
  std::string any_name();
  std::string any_image();
  ImageState any_description(const std::string& name);
  swr_region any_box(const swr_region& inside);
  void draw_update(Attempt& attempt);
  ImageState any_source(const swr_region& region, const ImageState& like, Attempt& attempt);

  void create();
  void paste();
  void extend();
  void copy();
  void recompress();
  void refuse();
  void recover();
  void act_as_user();

  // Runs it, and takes over what it comes to. `sure`: it has to succeed if nothing is in its way on
  // purpose.
  void run_and_note(Attempt& attempt, ImageState predicted, bool sure);
  void tell(const std::string& words) { history_.push_back(words); }

  Random random_;
  bool detached_;
  Folder folder_;
  std::vector<std::string> history_;
  int64_t writes_ = 0, refusals_ = 0;
};

}  // namespace swr::walk

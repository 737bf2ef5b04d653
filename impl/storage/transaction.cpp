#include "storage/transaction.h"

#include <utility>

#include "base/error.h"

namespace swr {

Transaction::Transaction(const Options& options)
    : options_(options), locks_(*files_, options.waits, options.is_cancelled) {}

FileChanges& Transaction::change(const std::string& path) {
  if (staged_) fail(SWR_ERROR_INTERNAL, path, ": new files and changes in one transaction");
  if (!in_place_)
    in_place_.emplace(path, InPlace::Options{options_.rollback, options_.sync, options_.erase,
                                             options_.unfinished, files_.get()});
  return *in_place_;
}

StagedSet& Transaction::staged() {
  if (in_place_) fail(SWR_ERROR_INTERNAL, "changes and new files in one transaction");
  if (!staged_) staged_.emplace(StagedSet::Options{.sync = options_.sync, .locks = &locks_});
  return *staged_;
}

File& Transaction::create(const std::string& final_path, const Creation& how) {
  return staged().create(final_path, how);
}

StagedTree& Transaction::create_folder(const std::string& final_path, StagedTree::Options how) {
  if (in_place_ || staged_ || folder_)
    fail(SWR_ERROR_INTERNAL, final_path, ": a new folder and files in one transaction");
  how.sync = options_.sync;
  how.let_go = [this] {
    locks_.release();
    files_->forget_all();
  };
  folder_ = std::make_unique<StagedTree>(final_path, std::move(how));
  return *folder_;
}

FolderChange& Transaction::change_folder(FolderPlaces places) {
  if (in_place_ || staged_ || folder_ || changed_folder_)
    fail(SWR_ERROR_INTERNAL, places.folder, ": a changed folder and files in one transaction");
  return changed_folder_.emplace(std::move(places),
                                 FolderChange::Options{.sync = options_.sync, .locks = &locks_});
}

void Transaction::retire(const std::string& path) {
  staged().retire(path);
}

int64_t Transaction::revise(File& created,
                            const std::function<void(FileChanges& change, int file)>& act) {
  InPlace change(created.path(), {.rollback = false, .sync = false, .erase = false});
  act(change, change.add(created));
  change.commit();
  return change.bytes_written();
}

void Transaction::publish() {
  if (in_place_) in_place_->commit();
  if (staged_) staged_->commit();
  if (folder_) folder_->commit();
  if (changed_folder_) changed_folder_->commit();
}

void Transaction::rollback() noexcept {
  in_place_.reset();
  staged_.reset();
  folder_.reset();
  changed_folder_.reset();
}

int64_t Transaction::bytes_written() const {
  return (in_place_ ? in_place_->bytes_written() : 0) + (staged_ ? staged_->bytes_written() : 0) +
         (folder_ ? folder_->bytes_written() : 0) +
         (changed_folder_ ? changed_folder_->bytes_written() : 0);
}

}  // namespace swr

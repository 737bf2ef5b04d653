#include "storage/folder_change.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/error.h"
#include "storage/identity.h"
#include "storage/name_giving.h"
#include "storage/platform.h"
#include "storage/sweep.h"
#include "storage/undo.h"

namespace swr {
namespace {

StagingFolder::Options staging_of(const std::string& folder, const std::string& header, bool sync) {
  sweep(header);
  return {.beside = header,
          .shown = folder,
          .sync = sync,
          .folder_attributes = attributes_of_folder(folder),
          .file_attributes = attributes_at(header)};
}

}  // namespace

FolderChange::FolderChange(const std::string& folder, const std::string& header,
                           const Options& options)
    : folder_(folder),
      header_(name_of(header)),
      options_(options),
      staging_(staging_of(folder_, header_path(), options.sync)) {
  sweep(options_.image.empty() ? folder_ : options_.image);
}

std::string FolderChange::header_path() const {
  return text(folder_, '/', header_);
}

void FolderChange::take_turn() {
  if (turn_ || !options_.locks) return;
  turn_.emplace(*options_.locks, header_path());
  // What a writer that died in its turn has replaced must not be read.
  require_recovered(recover_all(header_path(), {}));
}

void FolderChange::lengthen(const std::string& name, const File& file,
                            std::function<void(File& file)> write) {
  GivenName longer{.final_path = text(folder_, '/', name)};
  longer.made_at = longer.final_path;
  longer.is_longer = true;
  longer.staged_id = identity_of(file);
  longer.old_size = file.size();
  longer.lengthen = [this, write = std::move(write)](File& written) {
    write(written);
    appended_bytes_ += written.bytes_written();
  };
  longer_.push_back(std::move(longer));
}

GivenName FolderChange::place_of(const std::string& name) const {
  GivenName place{.final_path = text(folder_, '/', name)};
  place.made_at = staging_.place_of(name);
  return place;
}

GivenName FolderChange::new_folder(const std::string& name) {
  GivenName place{.final_path = text(folder_, '/', name)};
  place.made_at = staging_.make_empty_folder(text('+', new_folders_++));
  place.is_new_folder = true;
  return place;
}

// The files in the folder `within`, and before them the folders that they need.
void FolderChange::add_places(const std::string& within, std::vector<GivenName>& places) {
  std::vector<std::string> names = names_in(staging_.place_of(within));
  std::ranges::sort(names);
  for (const std::string& entry : names) {
    const std::string name = within.empty() ? entry : text(within, '/', entry);
    if (name == header_) {
      header_changes_ = true;
      continue;
    }
    const bool has_files = is_folder(staging_.place_of(name));
    const std::string final_path = text(folder_, '/', name);
    const bool is_there = facts_if_there(final_path, system::Links::no_follow).has_value();
    if (is_there && is_folder(final_path, system::Links::no_follow) != has_files) {
      fail(SWR_ERROR_CORRUPT, final_path,
           has_files ? ": is no folder, and the image has its files there"
                     : ": is a folder, and the image has a file of this name");
    }
    if (!has_files) {
      places.push_back(place_of(name));
      continue;
    }
    if (!is_there) places.push_back(new_folder(name));
    add_places(name, places);
  }
}

void FolderChange::commit() {
  staging_.require_own_process();
  std::vector<GivenName> places;
  add_places("", places);
  std::ranges::move(longer_, std::back_inserter(places));
  longer_.clear();
  if (header_changes_) places.push_back(place_of(header_));
  staging_.complete(attributes_of_folder(folder_));
  // Who may read the header may read the journal.
  const File header(header_path(), File::Mode::read);
  std::vector<GivenName*> given;
  given.reserve(places.size());
  for (GivenName& place : places) {
    if (!place.is_longer) {
      const auto made = identity_at(place.made_at);
      if (!made) fail(SWR_ERROR_IO, place.final_path, ": the new file was removed meanwhile");
      place.staged_id = *made;
    }
    place.new_file = &header;
    given.push_back(&place);
  }
  journal_bytes_ += header_changes_ ? give_names(given, {}, options_.sync, options_.locks)
                                    : give_places(given, header_path(), options_.sync);
  turn_.reset();
  staging_.remove();
}

}  // namespace swr

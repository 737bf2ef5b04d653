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

FolderPlaces completed(FolderPlaces places) {
  if (places.journal.empty()) places.journal = places.header;
  if (places.image.empty()) places.image = places.folder;
  return places;
}

std::vector<std::string> names_of_headers(const FolderPlaces& places) {
  std::vector<std::string> names;
  const size_t in_folder = places.folder.size() + 1;
  for (const std::string& header : places.further_headers)
    names.push_back(header.substr(in_folder));
  names.push_back(places.header.substr(in_folder));
  return names;
}

StagingFolder::Options staging_of(const FolderPlaces& places, bool sync) {
  sweep(places.journal);
  return {.beside = places.journal,
          .shown = places.folder,
          .sync = sync,
          .folder_attributes = attributes_of_folder(places.folder),
          .file_attributes = attributes_at(places.header)};
}

}  // namespace

FolderChange::FolderChange(FolderPlaces places, const Options& options)
    : places_(completed(std::move(places))),
      headers_(names_of_headers(places_)),
      options_(options),
      staging_(staging_of(places_, options.sync)) {
  if (places_.journal != places_.header) sweep(places_.header);
  sweep(places_.image);
}

void FolderChange::take_turn() {
  if (turn_ || !options_.locks) return;
  turn_.emplace(*options_.locks, places_.header);
  // What a writer that died in its turn has replaced must not be read.
  std::vector<std::string> files{places_.header};
  for (const std::string& file : {places_.journal, places_.outer_journal}) {
    if (!file.empty() && file != places_.header) files.push_back(file);
  }
  require_recovered(recover_files(files, places_.image, {}));
}

void FolderChange::lengthen(const std::string& name, const File& file,
                            std::function<void(File& file)> write) {
  GivenName longer{.final_path = text(places_.folder, '/', name)};
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
  GivenName place{.final_path = text(places_.folder, '/', name)};
  place.made_at = staging_.place_of(name);
  return place;
}

GivenName FolderChange::new_folder(const std::string& name) {
  GivenName place{.final_path = text(places_.folder, '/', name)};
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
    if (std::ranges::find(headers_, name) != headers_.end()) continue;
    const bool has_files = is_folder(staging_.place_of(name));
    const std::string final_path = text(places_.folder, '/', name);
    const auto there = facts_if_there(final_path, system::Links::no_follow);
    if (there && (there->kind == system::Facts::Kind::folder) != has_files) {
      fail(SWR_ERROR_CORRUPT, final_path,
           has_files ? ": is no folder, and the image has its files there"
                     : ": is a folder, and the image has a file of this name");
    }
    if (!has_files) {
      if (there) keep_attributes(name);
      places.push_back(place_of(name));
      continue;
    }
    if (!there) places.push_back(new_folder(name));
    add_places(name, places);
  }
}

// A file that is replaced gives its own to the new one, which has those of the header.
void FolderChange::keep_attributes(const std::string& name) const {
  const auto old = attributes_at(text(places_.folder, '/', name));
  if (!old || old == attributes_at(staging_.place_of(name))) return;
  File file = staging_.open(name);
  give_attributes(file, *old);
  if (options_.sync) file.sync();
}

std::vector<std::string> FolderChange::headers_that_change() const {
  std::vector<std::string> names;
  for (const std::string& name : headers_) {
    if (facts_if_there(staging_.place_of(name), system::Links::no_follow)) names.push_back(name);
  }
  return names;
}

void FolderChange::commit() {
  staging_.require_own_process();
  std::vector<GivenName> places;
  add_places("", places);
  std::ranges::move(longer_, std::back_inserter(places));
  longer_.clear();
  for (const std::string& name : headers_that_change()) places.push_back(place_of(name));
  staging_.complete(attributes_of_folder(places_.folder));
  // Who may read the header may read the journal.
  const File header(places_.header, File::Mode::read);
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
  const bool ends_with_journal = !places.empty() && places.back().final_path == places_.journal;
  journal_bytes_ += ends_with_journal ? give_names(given, {}, options_.sync, options_.locks)
                                      : give_places(given, places_.journal, options_.sync);
  turn_.reset();
  staging_.remove();
}

}  // namespace swr

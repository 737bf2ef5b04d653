#include "storage/journal_names.h"

#include <string_view>

#include "base/error.h"
#include "storage/held_folder.h"
#include "storage/identity.h"
#include "storage/journal_format.h"
#include "storage/names.h"
#include "storage/platform.h"

namespace swr {

namespace {

constexpr std::string_view first_suffix = ".swr-undo";
constexpr std::string_view folder_suffix = ".swr-undos";

// A name in the folder of `path`, made of its own.
std::string beside(const std::string& path, std::string_view suffix) {
  std::string name = name_of(path);
  const size_t room = system::longest_name - 1 - folder_suffix.size();
  if (name.size() > room) {
    // The checksum keeps apart what begins alike.
    const uint32_t sum = journal_format::checksum(0, std::as_bytes(std::span(name)));
    const std::string tail = text('~', sum);
    name = shortened(name, room - tail.size()) + tail;
  }
  return sibling(path, text('.', name, suffix));
}

}  // namespace

std::string first_journal(const std::string& path) {
  return beside(path, first_suffix);
}

std::string journal_folder(const std::string& path) {
  return beside(path, folder_suffix);
}

JournalFolder look_at_journal_folder(const std::string& folder) {
  const auto facts =
      facts_if_there(folder, system::Links::no_follow, "look for undo journals there");
  if (!facts) return JournalFolder::absent;
  return facts->kind == system::Facts::Kind::folder ? JournalFolder::there
                                                    : JournalFolder::something_else;
}

std::vector<std::string> journal_names(const std::string& path) {
  std::vector<std::string> names{first_journal(path)};
  const std::string folder = journal_folder(path);
  if (look_at_journal_folder(folder) != JournalFolder::there) {
    names.push_back(folder);
    return names;
  }
  for (const std::string& name : names_in(folder)) names.push_back(text(folder, '/', name));
  return names;
}

void remove_journal_name(const File& journal, const std::string& name) noexcept {
  try {
    static_cast<void>(remove_if_named(identity_of(journal), name));
  } catch (const std::exception&) {
  }
}

void remove_journal_names(const File& journal, const std::string& path) noexcept {
  try {
    for (const std::string& name : journal_names(path)) remove_journal_name(journal, name);
    remove_if_empty(journal_folder(path));
  } catch (const std::exception&) {
    // They say that they are over, to whoever finds them.
  }
}

void remove_if_empty(const std::string& journal_folder) noexcept {
  static_cast<void>(system::remove_folder(journal_folder.c_str()));
}

}  // namespace swr

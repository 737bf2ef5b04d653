// Somebody acts while a recovery is under way, before any call that it makes: swaps the image's
// folder for a link to another one, where the names of a journal that they made up are those of
// other files.
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "faulty_system.h"
#include "storage/identity.h"
#include "storage/in_place.h"
#include "storage/journal_writer.h"
#include "storage/storage_test.h"

namespace swr {
namespace {

using Kind = JournalEntry::Kind;

const std::string image = "work/x.mhd", victim = "elsewhere/victim",
                  kept = "elsewhere/.b.swr-bbbbbbbbbb", decoy = "work/victim";

struct Entry {
  Kind kind;
  uint32_t number = 0;
  int64_t position = 0;
  std::string bytes{};
};

struct Case {
  std::string name;
  bool has_decoy;  // a file of the victim's name in the image's folder
  std::function<std::vector<Entry>()> entries;
};

std::string id_of(const std::string& path) {
  std::string bytes;
  append(bytes, identity_at(path).value());
  return bytes;
}

std::vector<Case> cases() {
  const auto names = [](const std::string& staged, const std::string& old) {
    return id_of(staged) + id_of(old) + "victim" + '\0' + ".a.swr-aaaaaaaaaa" + '\0' +
           ".b.swr-bbbbbbbbbb";
  };
  const auto new_name = [] {
    return id_of(victim) + id_of(kept) + "victim" + '\0' + ".a.swr-aaaaaaaaaa" + '\0';
  };
  return {{"a new file that goes", false,
           [=]() -> std::vector<Entry> {
             return {{Kind::name, 0, 0, new_name()}};
           }},
          {"an old file that comes back", false,
           [=]() -> std::vector<Entry> {
             return {{Kind::name, 1, 0, names(victim, kept)}};
           }},
          {"an old file that goes", false,
           [=]() -> std::vector<Entry> {
             return {{Kind::name, 1, 0, names(victim, kept)}, {Kind::complete}};
           }},
          {"old bytes", true, []() -> std::vector<Entry> {
             return {{Kind::file, 0, 6, id_of(victim) + "victim"}, {Kind::bytes, 0, 0, "evil"}};
           }}};
}

// A journal of the image, of a writer that is dead.
void forge(const std::vector<Entry>& entries) {
  JournalWriter journal(image, {});
  for (const Entry& entry : entries)
    journal.add({entry.kind, entry.number, entry.position, bytes_of(entry.bytes)});
  journal.flush();
}

void set_up(const Case& each) {
  std::filesystem::remove_all("work");
  std::filesystem::remove_all("gone");
  fresh_folder("work");
  fresh_folder("elsewhere");
  put(image, "header");
  put(victim, "victim");
  put(kept, "kept");
  if (each.has_decoy) put(decoy, "decoy!");
  forge(each.entries());
}

void swap_folders() {
  std::filesystem::rename("work", "gone");
  std::filesystem::create_directory_symlink("elsewhere", "work");
}

void recovery_whose_folder_is_swapped_changes_nothing_elsewhere(void**) {
  for (const Case& each : cases()) {
    for (int64_t call = 1;; ++call) {
      set_up(each);
      const auto before = listing("elsewhere");
      faulty::before_call(call, swap_folders);
      try {
        recover(image, false);
      } catch (const Error&) {
      }
      const bool was_swapped = faulty::others_have_acted();
      faulty::before_call(0, nullptr);
      const bool is_same =
          listing("elsewhere") == before && content(victim) == "victim" && content(kept) == "kept";
      if (!is_same)
        fail_msg("%s: swapped before call %d", each.name.c_str(), static_cast<int>(call));
      if (!was_swapped) {
        assert_true(call > 10);
        break;
      }
    }
  }
}

// A file that gets the old one's name while that comes back is somebody else's.
void file_that_comes_meanwhile_is_not_replaced(void**) {
  const std::string old = "work/.b.swr-bbbbbbbbbb", again = "work/victim";
  for (int64_t call = 1;; ++call) {
    fresh_folder("work");
    for (const std::string& path : {image, old, std::string("work/new")}) put(path, path);
    forge({{Kind::name, 1, 0,
            id_of("work/new") + id_of(old) + "victim" + '\0' + ".a.swr-aaaaaaaaaa" + '\0' +
                ".b.swr-bbbbbbbbbb"}});
    bool was_free = false;
    faulty::before_call(call, [&] {
      was_free = !std::filesystem::exists(again);
      if (was_free) put(again, "another");
    });
    try {
      recover(image, false);
    } catch (const Error&) {
    }
    faulty::before_call(0, nullptr);
    if (content(again) != (was_free ? "another" : old))
      fail_msg("before call %d: %s", static_cast<int>(call), content(again).c_str());
    if (!was_free) break;
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const MemoryFolder home;
  const CMUnitTest tests[] = {
      cmocka_unit_test(recovery_whose_folder_is_swapped_changes_nothing_elsewhere),
      cmocka_unit_test(file_that_comes_meanwhile_is_not_replaced),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

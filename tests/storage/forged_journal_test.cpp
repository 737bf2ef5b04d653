// Undo journals that someone made up, met through the public interface: by a reader, by a writer and
// by a recovery. What lies outside the image's folder is never touched, and in it only the very files
// that a journal of an owner of theirs means.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "storage/journal.h"
#include "storage/undo.h"
#include "storage_test.h"
#include "swr/swr.h"

namespace swr {
namespace {

const std::string image = "images/x.mha", canary = "elsewhere/canary", neighbour = "images/notes";

std::vector<std::string> everything() {
  std::vector<std::string> all;
  for (const std::string folder : {"images", "elsewhere"}) {
    for (const std::string& path : listing(folder)) {
      if (path.find(".swr-undo") == path.npos && std::filesystem::is_regular_file(path))
        all.push_back(path + "=" + content(path));
    }
  }
  return all;
}

int32_t pull(swr_piece* piece, void*) {
  auto* at = static_cast<unsigned char*>(swr_piece_buffer(piece));
  if (!at) return SWR_ERROR_MEMORY;
  std::fill_n(at, swr_piece_bytes(piece), static_cast<unsigned char>(7));
  return SWR_OK;
}

swr_status write_image(swr_existing existing) {
  swr_writer* w = swr_writer_create();
  const swr_region region{2, 0, {0, 0}, {8, 8}};
  swr_set_path(w, image.c_str());
  swr_set_image_region(w, &region);
  swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR);
  swr_set_existing(w, existing);
  const swr_status status = swr_write(w, pull, nullptr);
  swr_writer_destroy(w);
  return status;
}

int set_up(void**) {
  fresh_folder("images");
  fresh_folder("elsewhere");
  put(canary, "canary");
  put(neighbour, "my notes");
  return write_image(SWR_EXISTING_REPLACE) == SWR_OK ? 0 : 1;
}

using Kind = JournalEntry::Kind;

struct Entry {
  Kind kind;
  uint32_t number = 0;
  int64_t position = 0;
  std::string bytes{};
};

void forge(const std::vector<Entry>& entries) {
  JournalWriter journal(image, {});
  for (const Entry& entry : entries)
    journal.add({entry.kind, entry.number, entry.position, bytes_of(entry.bytes)});
  journal.flush();
}

std::string id_of(const std::string& path) {
  std::string bytes;
  append(bytes, identity_at(path).value_or(Identity{}));
  return bytes;
}

std::string full(const std::string& path) {
  return std::filesystem::absolute(path);
}

// All ways to come to a journal; none may change a thing.
void check_nothing_changes(const std::string& what, const std::vector<Entry>& entries) {
  const auto openers = {
      std::function<swr_status()>([] {
        swr_reader* r = swr_reader_create();
        swr_reader_set_option(r, "detached.outside", "allow");
        const swr_status status = swr_reader_open(r, image.c_str());
        swr_reader_destroy(r);
        return status;
      }),
      std::function<swr_status()>([] { return swr_recover(image.c_str(), nullptr); })};
  for (const auto& open : openers) {
    set_up(nullptr);
    forge(entries);
    const auto before = everything();
    open();
    if (everything() != before) fail_msg("%s: a file was changed", what.c_str());
  }
  // A writer changes its image; nothing else.
  set_up(nullptr);
  forge(entries);
  write_image(SWR_EXISTING_UPDATE);
  assert_string_equal(content(canary).c_str(), "canary");
  assert_string_equal(content(neighbour).c_str(), "my notes");
}

void forged_entries_change_nothing(void**) {
  set_up(nullptr);
  const std::string half = std::string(".a.swr-aaaaaaaaaa") + '\0' + ".b.swr-bbbbbbbbbb";
  assert_int_equal(::symlink("../elsewhere/canary", "images/link"), 0);
  for (const std::string& name : {full(canary), std::string("../elsewhere/canary")}) {
    check_nothing_changes("bytes of " + name,
                          {{Kind::file, 0, 6, id_of(canary) + name}, {Kind::bytes, 0, 0, "evil"}});
    check_nothing_changes("the size of " + name,
                          {{Kind::file, 0, 0, id_of(canary) + name}, {Kind::resized, 0}});
    check_nothing_changes("a new name of " + name, {{Kind::name, 0, 0,
                                                     id_of(canary) + id_of(canary) + name + '\0' +
                                                         ".a.swr-aaaaaaaaaa" + '\0'}});
    check_nothing_changes("an old name of " + name,
                          {{Kind::name, 1, 0, id_of(canary) + id_of(canary) + name + '\0' + half}});
    check_nothing_changes(
        "a complete name of " + name,
        {{Kind::name, 1, 0, id_of(canary) + id_of(canary) + name + '\0' + half}, {Kind::complete}});
  }
  // A file of the folder under the identity of another one.
  check_nothing_changes("bytes of a neighbour",
                        {{Kind::file, 0, 8, id_of(image) + "notes"}, {Kind::bytes, 0, 0, "evil"}});
  check_nothing_changes("a neighbour's name", {{Kind::name, 0, 0,
                                                id_of(image) + id_of(image) + "notes" + '\0' +
                                                    ".a.swr-aaaaaaaaaa" + '\0'}});
}

// A link in the image's folder is no way out of it.
void forged_links_lead_nowhere(void**) {
  const auto check = [](const char* target, const std::string& name) {
    set_up(nullptr);
    assert_int_equal(::symlink(target, "images/link"), 0);
    forge({{Kind::file, 0, 6, id_of(canary) + name}, {Kind::bytes, 0, 0, "evil"}});
    const auto before = everything();
    swr_reader* r = swr_reader_create();
    swr_reader_set_option(r, "detached.outside", "allow");
    assert_int_equal(swr_reader_open(r, image.c_str()), SWR_ERROR_UNSUPPORTED);
    assert_non_null(std::strstr(swr_reader_message(r), "swr-undo"));
    swr_reader_destroy(r);
    assert_true(everything() == before);
  };
  check("../elsewhere/canary", "link");
  check("../elsewhere", "link/canary");
}

// Who owns a folder owns no file that is linked into it: the superuser does not do for them what they
// could not do themselves.
void journal_of_a_stranger_does_not_reach_linked_files(void**) {
  if (::geteuid() != 0) skip();
  constexpr uid_t stranger = 65533;
  set_up(nullptr);
  assert_int_equal(::link(canary.c_str(), "images/x.raw"), 0);
  forge({{Kind::file, 0, 6, id_of("images/x.raw") + "x.raw"}, {Kind::bytes, 0, 0, "evil"}});
  assert_int_equal(::chown(first_journal(image).c_str(), stranger, stranger), 0);
  swr_reader* r = swr_reader_create();
  assert_int_equal(swr_reader_open(r, image.c_str()), SWR_ERROR_IO);
  assert_non_null(std::strstr(swr_reader_message(r), "65533"));
  swr_reader_destroy(r);
  assert_int_equal(swr_recover(image.c_str(), nullptr), SWR_ERROR_IO);
  assert_string_equal(content(canary).c_str(), "canary");
  assert_true(std::filesystem::exists(first_journal(image)));
}

void what_has_a_journals_name_is_a_note(void**) {
  set_up(nullptr);
  put(first_journal(image), "shopping list");
  swr_reader* r = swr_reader_create();
  assert_int_equal(swr_reader_open(r, image.c_str()), SWR_OK);
  assert_non_null(std::strstr(swr_reader_message(r), "left alone"));
  assert_int_equal(swr_reader_recover(r, image.c_str(), nullptr), SWR_OK);
  assert_non_null(std::strstr(swr_reader_message(r), "left alone"));
  assert_int_equal(swr_reader_verify(r), SWR_OK);
  swr_reader_destroy(r);
  assert_int_equal(write_image(SWR_EXISTING_UPDATE), SWR_OK);
  assert_string_equal(content(first_journal(image)).c_str(), "shopping list");
}

// An image that took the name of one that died: a good file, whatever the journal of the other says.
void replaced_image_is_read_as_it_is(void**) {
  set_up(nullptr);
  forge({{Kind::file, 0, std::ssize(content(image)), id_of(image) + "x.mha"},
         {Kind::bytes, 0, 0, "evil"}});
  put("elsewhere/good", content(image));
  std::filesystem::rename("elsewhere/good", image);
  const std::string good = content(image);
  swr_reader* r = swr_reader_create();
  assert_int_equal(swr_reader_open(r, image.c_str()), SWR_OK);
  assert_non_null(std::strstr(swr_reader_message(r), "another file"));
  swr_reader_destroy(r);
  assert_true(content(image) == good);
  assert_int_equal(write_image(SWR_EXISTING_UPDATE), SWR_OK);
  assert_true(std::filesystem::exists(first_journal(image)));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(forged_entries_change_nothing),
      cmocka_unit_test(forged_links_lead_nowhere),
      cmocka_unit_test(journal_of_a_stranger_does_not_reach_linked_files),
      cmocka_unit_test(what_has_a_journals_name_is_a_note),
      cmocka_unit_test(replaced_image_is_read_as_it_is),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

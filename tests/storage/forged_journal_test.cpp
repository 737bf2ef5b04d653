// Forged undo journals, found through the public interface: by a reader, a writer, a recovery and
// the command. Files outside the image's folder are never changed. Inside it, only the files that a
// journal of their owner names by identity are changed.
#include "image_folder.h"

namespace swr {
namespace {

using Preparation = std::function<void()>;

// Finds the journal of an image in every way. None may change anything, except that a writer may
// change its image.
void check_nothing_changes(const std::string& what, const Preparation& prepare) {
  const std::vector<std::function<void()>> ways = {
      [] { read_image(image); }, [] { recover_image(image); },
      [] { recover_image(image, "recover.other_machine"); },
      [] { swr_recover(image.c_str(), nullptr); }, [] { run_recover(image); }};
  for (size_t way = 0; way < ways.size(); ++way) {
    fresh_images();
    prepare();
    const auto before = everything();
    ways[way]();
    if (everything() != before) fail_msg("%s: way %zu changed a file", what.c_str(), way);
  }
  for (const swr_existing existing : {SWR_EXISTING_UPDATE, SWR_EXISTING_REPLACE}) {
    fresh_images();
    prepare();
    const auto before = everything();
    write_image(image, existing);
    auto after = everything();
    assert_int_equal(after.size(), before.size());
    for (size_t i = 0; i < after.size(); ++i) {
      if (after[i] != before[i] && !after[i].starts_with(image + "="))
        fail_msg("%s: a writer changed %s", what.c_str(), before[i].c_str());
    }
  }
}

void check_forged(const std::string& what, const std::function<std::vector<Entry>()>& entries) {
  check_nothing_changes(what, [&] { forge(image, entries()); });
}

void forged_entries_change_nothing_elsewhere(void**) {
  fresh_images();
  const std::string staged = ".a.swr-aaaaaaaaaa", kept = ".b.swr-bbbbbbbbbb";
  for (const std::string& name : {full(canary), std::string("../elsewhere/canary")}) {
    const auto names = [&] { return id_of(canary) + id_of(canary) + name + '\0'; };
    check_forged("bytes of " + name, [&]() -> std::vector<Entry> {
      return {{Kind::file, 0, 6, id_of(canary) + name}, {Kind::bytes, 0, 0, "evil"}};
    });
    check_forged("the size of " + name, [&]() -> std::vector<Entry> {
      return {{Kind::file, 0, 0, id_of(canary) + name}, {Kind::resized, 0}};
    });
    check_forged("the new name " + name, [&]() -> std::vector<Entry> {
      return {{Kind::name, 0, 0, names() + staged + '\0'}};
    });
    check_forged("the old name " + name, [&]() -> std::vector<Entry> {
      return {{Kind::name, 1, 0, names() + staged + '\0' + kept}};
    });
    check_forged("the complete name " + name, [&]() -> std::vector<Entry> {
      return {{Kind::name, 1, 0, names() + staged + '\0' + kept}, {Kind::complete}};
    });
    check_forged("the retired name " + name, [&]() -> std::vector<Entry> {
      return {{Kind::name, 1, 0, names() + '\0' + kept}};
    });
    check_forged("the staging name " + name, [&]() -> std::vector<Entry> {
      return {{Kind::name, 0, 0, id_of(canary) + id_of(canary) + "x.mha" + '\0' + name + '\0'}};
    });
    check_forged("the kept name " + name, [&]() -> std::vector<Entry> {
      return {{Kind::name, 1, 0,
               id_of(canary) + id_of(canary) + "x.mha" + '\0' + staged + '\0' + name}};
    });
  }
}

// A file that has the name in the journal, but another identity, is another file.
void forged_identities_change_nothing(void**) {
  check_forged("bytes of a neighbour", []() -> std::vector<Entry> {
    return {{Kind::file, 0, 8, id_of(image) + "notes"}, {Kind::bytes, 0, 0, "evil"}};
  });
  check_forged("the size of a neighbour", []() -> std::vector<Entry> {
    return {{Kind::file, 0, 0, id_of(image) + "notes"}, {Kind::resized, 0}};
  });
  check_forged("a neighbour's name", []() -> std::vector<Entry> {
    return {{Kind::name, 0, 0,
             id_of(image) + id_of(image) + "notes" + '\0' + ".a.swr-aaaaaaaaaa" + '\0'}};
  });
}

// The journal says where its image is. Names are relative to that folder, and are restricted like
// all others.
void forged_home_changes_nothing_elsewhere(void**) {
  const auto forge_home = [](const std::string& home, const std::vector<Entry>& entries) {
    // Made elsewhere and renamed, because a journal beside its image refers to no other folder.
    JournalWriter journal(home, {});
    for (const Entry& entry : entries)
      journal.add({entry.kind, entry.number, entry.position, bytes_of(entry.bytes)});
    journal.flush();
    std::filesystem::rename(first_journal(home), first_journal(image));
  };
  check_nothing_changes("bytes at another home", [&] {
    forge_home("elsewhere/canary",
               {{Kind::file, 0, 6, id_of(canary) + "canary"}, {Kind::bytes, 0, 0, "evil"}});
  });
  check_nothing_changes("a name at another home", [&] {
    forge_home("elsewhere/canary",
               {{Kind::name, 0, 0,
                 id_of(canary) + id_of(canary) + "canary" + '\0' + ".a.swr-aaaaaaaaaa" + '\0'}});
  });
  // Its target is in order, but its second name and the empty folder do not belong to the image.
  check_nothing_changes("nothing at another home", [&] {
    forge_home("elsewhere/canary",
               {{Kind::file, 0, std::ssize(content(image)), id_of(image) + full(image)}});
    std::filesystem::create_hard_link(first_journal(image), first_journal(canary));
    std::filesystem::create_directory("elsewhere/.x.mha.swr-undos");
  });
}

// A link in the image's folder does not lead out of it.
void forged_links_lead_nowhere(void**) {
  for (const auto& [target, name] :
       {std::pair("../elsewhere/canary", "images/link"), std::pair("../elsewhere", "images/way")}) {
    const std::string named =
        std::string(name).substr(7) + (std::string(name) == "images/way" ? "/canary" : "");
    const auto prepare = [&, target = target, name = name] {
      assert_int_equal(::symlink(target, name), 0);
      forge(image, {{Kind::file, 0, 6, id_of(canary) + named}, {Kind::bytes, 0, 0, "evil"}});
    };
    check_nothing_changes(named, prepare);
    fresh_images();
    prepare();
    const Result result = read_image(image);
    assert_int_equal(result.status, SWR_ERROR_UNSUPPORTED);
    assert_true(says(result, "swr-undo") && says(result, "canary"));
  }
}

// A link with the name of the journals' folder is not listed, opened or written to.
void linked_folder_of_journals_is_left_alone(void**) {
  const auto prepare = [] {
    fresh_folder("elsewhere/others");
    forge("elsewhere/others/x.mha", {{Kind::file, 0, 6, id_of(canary) + full(canary)}});
    assert_int_equal(::symlink("../elsewhere/others", journal_folder(image).c_str()), 0);
  };
  check_nothing_changes("a linked folder", prepare);
  fresh_images();
  prepare();
  const Result result = read_image(image);
  assert_int_equal(result.status, SWR_OK);
  assert_true(says(result, "left alone"));
  // A writer that needs the folder fails.
  const auto before = everything();
  put(first_journal(image), "in the way");
  const Result written = write_image(image, SWR_EXISTING_UPDATE);
  assert_int_equal(written.status, SWR_ERROR_IO);
  assert_true(says(written, "remove it"));
  assert_true(everything() == before);
}

// Pipes, devices and folders that have a journal's name, or that a journal names, are not opened,
// and no call blocks.
void forged_pipes_and_devices_are_left_alone(void**) {
  const auto check = [](const std::string& what, const Preparation& prepare) {
    check_nothing_changes(what, prepare);
  };
  check("a pipe", [] { assert_int_equal(::mkfifo(first_journal(image).c_str(), 0600), 0); });
  check("a folder", [] { std::filesystem::create_directory(first_journal(image)); });
  check("a link to a device",
        [] { assert_int_equal(::symlink("/dev/zero", first_journal(image).c_str()), 0); });
  check("the devices",
        [] { assert_int_equal(::symlink("/dev", journal_folder(image).c_str()), 0); });
  check("bytes of a pipe", [] {
    assert_int_equal(::mkfifo("images/pipe", 0600), 0);
    forge(image, {{Kind::file, 0, 4, id_of("images/pipe") + "pipe"}, {Kind::bytes, 0, 0, "evil"}});
  });
  check("bytes of a folder", [] {
    forge(image, {{Kind::file, 0, 4, id_of("images") + "."}, {Kind::bytes, 0, 0, "evil"}});
  });
}

// The owner of a folder can link another user's file into it. The superuser must not do for the
// owner of the folder what the owner may not do.
void journal_of_a_stranger_does_not_reach_linked_files(void**) {
  if (::geteuid() != 0) skip();
  constexpr uid_t stranger = 65533;
  const auto prepare = [] {
    assert_int_equal(::link(canary.c_str(), "images/x.raw"), 0);
    forge(image,
          {{Kind::file, 0, 6, id_of("images/x.raw") + "x.raw"}, {Kind::bytes, 0, 0, "evil"}});
    assert_int_equal(::chown(first_journal(image).c_str(), stranger, stranger), 0);
  };
  check_nothing_changes("a stranger's journal", prepare);
  fresh_images();
  prepare();
  const Result result = read_image(image);
  assert_int_equal(result.status, SWR_ERROR_IO);
  assert_true(says(result, "65533"));
  assert_true(std::filesystem::exists(first_journal(image)));
}

// Users who may write a journal can put anything into it, so it is trusted only for files that they
// may write.
void journal_that_others_can_write_does_not_reach_their_owners_files(void**) {
  needs_posix();
  for (const mode_t mode : {0620, 0602}) {
    const auto prepare = [&] {
      assert_int_equal(::chmod(neighbour.c_str(), 0600), 0);
      forge(image, {{Kind::file, 0, 8, id_of(neighbour) + "notes"}, {Kind::bytes, 0, 0, "evil"}});
      assert_int_equal(::chmod(first_journal(image).c_str(), mode), 0);
    };
    check_nothing_changes("a journal that others can write", prepare);
    fresh_images();
    prepare();
    const Result result = read_image(image);
    assert_int_equal(result.status, SWR_ERROR_IO);
    assert_true(says(result, "chmod"));
    // They can write this one.
    assert_int_equal(::chmod(neighbour.c_str(), 0666), 0);
    assert_int_equal(recover_image(image).status, SWR_OK);
    assert_string_equal(content(neighbour).c_str(), "evilotes");
  }
  check_nothing_changes("names that others can write", [] {
    forge(image, {{Kind::name, 0, 0,
                   id_of(neighbour) + id_of(image) + "notes" + '\0' + ".a.swr-aaaaaaaaaa" + '\0'}});
    assert_int_equal(::chmod(first_journal(image).c_str(), 0620), 0);
  });
}

// A header can name data files anywhere. A user who only reads the header recovers nothing there.
void reading_outside_data_recovers_nothing_there(void**) {
  const std::string away = "elsewhere/y.raw";
  const auto prepare = [&] {
    std::filesystem::rename(data, away);
    std::string head = content(header);
    put(header, head.replace(head.find("y.raw"), 5, "../elsewhere/y.raw"));
    forge(away, {{Kind::file, 0, 64, id_of(away) + "y.raw"}, {Kind::bytes, 0, 0, "old"}});
  };
  fresh_images();
  prepare();
  const auto before = everything();
  for (const Result& result : {read_image(header), recover_image(header)}) {
    assert_int_equal(result.status, SWR_ERROR_UNSUPPORTED);
    assert_true(says(result, "y.raw"));
  }
  assert_int_not_equal(run_recover(header), 0);
  assert_true(everything() == before);
  assert_int_equal(run_recover("--outside " + header), 0);
  assert_string_equal(content(away).substr(0, 3).c_str(), "old");
  assert_false(std::filesystem::exists(first_journal(away)));
  // A journal that is over also stays there, and so does an empty folder of further journals.
  forge(away, {});
  std::filesystem::resize_file(first_journal(away), 24);
  std::filesystem::create_directory(journal_folder(away));
  const auto over = everything();
  assert_int_equal(read_image(header).status, SWR_OK);
  assert_true(everything() == over);
  assert_int_equal(run_recover("--outside " + header), 0);
  assert_false(std::filesystem::exists(first_journal(away)));
  assert_false(std::filesystem::exists(journal_folder(away)));
}

void what_has_a_journals_name_is_a_note(void**) {
  fresh_images();
  put(first_journal(image), "shopping list");
  for (const Result& result : {read_image(image), recover_image(image)}) {
    assert_int_equal(result.status, SWR_OK);
    assert_true(says(result, "left alone"));
  }
  assert_int_equal(run_recover(image), 0);
  assert_true(content("output").find("left alone") != std::string::npos);
  assert_int_equal(write_image(image, SWR_EXISTING_UPDATE).status, SWR_OK);
  assert_string_equal(content(first_journal(image)).c_str(), "shopping list");
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(forged_entries_change_nothing_elsewhere),
      cmocka_unit_test(forged_identities_change_nothing),
      cmocka_unit_test(forged_home_changes_nothing_elsewhere),
      cmocka_unit_test(forged_links_lead_nowhere),
      cmocka_unit_test(linked_folder_of_journals_is_left_alone),
      cmocka_unit_test(forged_pipes_and_devices_are_left_alone),
      cmocka_unit_test(journal_of_a_stranger_does_not_reach_linked_files),
      cmocka_unit_test(journal_that_others_can_write_does_not_reach_their_owners_files),
      cmocka_unit_test(reading_outside_data_recovers_nothing_there),
      cmocka_unit_test(what_has_a_journals_name_is_a_note),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// Changes that are completed or rolled back: by their writer, or by the next process that finds the
// journal of a dead writer.
#include "storage/in_place.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "storage/journal_names.h"
#include "storage/journal_reader.h"
#include "storage/lock.h"
#include "storage/platform.h"
#include "storage/read_trace.h"
#include "storage/undo.h"
#include "storage_test.h"

namespace swr {
namespace {

const std::string folder = "changed", header = folder + "/x.mhd", data = folder + "/x.raw";
const std::string old_header = pattern(200, 1), old_data = pattern(10000, 2),
                  fresh = pattern(10000, 3);

int set_up(void**) {
  fresh_folder(folder);
  fresh_folder("outside");
  put(header, old_header);
  put(data, old_data);
  return 0;
}

std::span<const std::byte> some(size_t offset, size_t bytes) {
  return bytes_of(fresh).subspan(offset, bytes);
}

std::string with(std::string file, size_t offset, const std::string& bytes) {
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
  return file.replace(offset, bytes.size(), bytes);
}

void check_old() {
  assert_true(content(header) == old_header);
  assert_true(content(data) == old_data);
}

void check_no_litter() {
  assert_true(listing(folder) == std::vector({header, data}));
  assert_false(has_journal(header));
}

// The journal of a first writer, which makes no folder.
std::string the_journal() {
  assert_true(std::filesystem::is_regular_file(first_journal(header)));
  assert_false(std::filesystem::exists(journal_folder(header)));
  return first_journal(header);
}

// A child process changes the files and is killed before it ends.
void die_after(const std::string& path, const std::function<void(InPlace&)>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    InPlace change(path, {});
    act(change);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

void die_in_a_change() {
  die_after(header, [](InPlace& change) {
    const int raw = change.add(data);
    change.write(raw, 100, some(0, 500));
    change.write(raw, 300, some(600, 500));
    change.write(raw, 9900, some(0, 400));
    change.write(change.add(header), 190, some(0, 30));
  });
}

void change_that_is_committed_stays(void**) {
  InPlace change(header, {});
  const int raw = change.add(data);
  assert_int_equal(change.add(folder + "/../" + data), raw);
  change.write(raw, 100, some(0, 50));
  const InPlace::Change two[] = {{raw, 200, some(50, 50)}, {raw, 9990, some(0, 20)}};
  change.write(two);
  const std::span<const std::byte> old[] = {bytes_of(old_data).subspan(300, 10)};
  const InPlace::Change third[] = {{raw, 300, some(0, 10)}};
  change.write_whole(third[0], third, old);
  assert_true(has_journal(header));
  change.commit();
  std::string expected = with(with(old_data, 100, fresh.substr(0, 50)), 200, fresh.substr(50, 50));
  expected = with(with(expected, 9990, fresh.substr(0, 20)), 300, fresh.substr(0, 10));
  assert_true(content(data) == expected);
  assert_in_range(change.bytes_written(), 130 + 130, 130 + 130 + 1000);  // and the journal
  check_no_litter();
  assert_int_equal(status_of([&] { change.write(raw, 0, some(0, 1)); }), SWR_ERROR_STATE);
}

void change_that_is_not_committed_is_rolled_back(void**) {
  for (const bool sync : {false, true}) {
    for (const bool erase : {false, true}) {
      InPlace change(header, {.rollback = true, .sync = sync, .erase = erase});
      const int raw = change.add(data), head = change.add(header);
      change.write(raw, 100, some(0, 500));
      change.write(raw, 0, some(100, 1000));
      change.resize(raw, 5000);
      change.write(raw, 4000, some(0, 3000));
      change.resize(raw, 20000);
      change.resize(head, 0);
      change.roll_back();
      check_old();
      check_no_litter();
    }
  }
}

void change_without_rollback_has_no_journal(void**) {
  {
    InPlace change(header, {.rollback = false});
    change.write(change.add(data), 0, some(0, 10));
    assert_false(has_journal(header));
  }
  assert_true(content(data) == with(old_data, 0, fresh.substr(0, 10)));
  check_no_litter();
}

// More than a journal block, more than one read, many small ranges, and old bytes given by the
// caller.
void large_and_scattered_changes_are_rolled_back(void**) {
  const std::string old_large = pattern(5 << 20, 4), new_large = pattern(5 << 20, 5);
  put(data, old_large);
  {
    InPlace change(header, {});
    const int raw = change.add(data);
    std::vector<InPlace::Change> rows;
    for (size_t row = 0; row < 6000; ++row) {
      const size_t offset = row * (row % 3 == 0 ? 800 : 700);
      rows.push_back(
          {raw, static_cast<int64_t>(offset), bytes_of(new_large).subspan(offset, row % 50)});
    }
    change.write(rows);
    // Both ends change; the bytes between them stay.
    const std::string now = content(data), ends = new_large.substr(0, 99) + now.substr(99, 801) +
                                                  new_large.substr(900, 100);
    const InPlace::Change two[] = {{raw, 0, bytes_of(ends).first(99)},
                                   {raw, 900, bytes_of(ends).subspan(900)}};
    const std::span<const std::byte> old[] = {bytes_of(now).first(99),
                                              bytes_of(now).subspan(900, 100)};
    change.write_whole({raw, 0, bytes_of(ends)}, two, old);
    assert_true(content(data) == with(now, 0, ends));
    change.write(raw, 1, bytes_of(new_large).subspan(1));
    change.write(raw, 0, bytes_of(old_large));
    change.write(raw, 0, bytes_of(new_large));
    assert_true(content(data) == new_large);
  }
  assert_true(content(data) == old_large);
  check_no_litter();
}

void dead_writer_is_rolled_back_once(void**) {
  die_in_a_change();
  assert_true(content(data) != old_data && content(header) != old_header);
  assert_true(has_journal(header));
  assert_int_equal(recover(header, false), 1);
  check_old();
  check_no_litter();
  assert_int_equal(recover(header, false), 0);
  check_old();
}

void living_writer_is_left_alone(void**) {
  InPlace change(header, {});
  change.write(change.add(data), 0, some(0, 10));
  assert_int_equal(recover(header, false), 0);
  assert_true(has_journal(header));
  assert_true(content(data) == with(old_data, 0, fresh.substr(0, 10)));
  change.commit();
  check_no_litter();
}

int entries_in(const std::string& journal, JournalReader::Blocks blocks) {
  const File file(journal, File::Mode::read);
  JournalReader reader(file, blocks);
  int entries = 0;
  while (reader.next()) ++entries;
  assert_true(!reader.next());
  return entries;
}

// Whoever opens the image asks what the change is about, and old bytes can be many.
void start_of_a_long_journal_is_read_alone(void**) {
  using Blocks = JournalReader::Blocks;
  constexpr size_t piece = 1 << 20, pieces = 6;
  const std::string large = pattern(piece, 4);
  put(data, pattern(pieces * piece, 2));
  InPlace change(header, {});
  const size_t number = change.add(data);
  for (size_t i = 0; i < pieces; ++i)
    change.write(number, static_cast<int64_t>(i * piece), bytes_of(large));
  const Recovery recovery = recover_all(header, {});
  assert_int_equal(recovery.living, 1);
  assert_int_equal(recovery.giving_names, 0);
  {
    File file(the_journal(), File::Mode::read);
    ReadTrace trace(2 * journal_format::most_block_bytes);
    file.note_reads(&trace);
    JournalReader reader(file, Blocks::unknown);
    assert_int_equal(reader.next()->kind, JournalEntry::Kind::begin);
    assert_int_equal(reader.next()->kind, JournalEntry::Kind::file);
    assert_true(trace.is_whole());
    while (reader.next()) continue;
    assert_false(trace.is_whole());
    file.note_reads(nullptr);
  }
  const int entries = entries_in(the_journal(), Blocks::counted);
  assert_int_equal(entries_in(the_journal(), Blocks::unknown), entries);
  const std::string whole = content(the_journal());
  put("outside/cut", whole.substr(0, whole.size() - 1));
  const int fewer = entries_in("outside/cut", Blocks::counted);
  assert_true(fewer < entries);
  assert_int_equal(entries_in("outside/cut", Blocks::unknown), fewer);
  change.roll_back();
  check_no_litter();
}

// Two writers change disjoint rows, and one of them dies: its rows get the old bytes, and the
// other's rows keep the new ones, also those between the first one's.
void dead_writer_is_rolled_back_without_changing_rows_of_a_living_one(void**) {
  needs_posix();
  std::vector<InPlace::Change> even, odd;
  std::string expected = old_data;
  for (size_t row = 0; row < 100; ++row) {
    (row % 2 == 0 ? even : odd)
        .push_back({0, static_cast<int64_t>(row * 100), some(row * 100, 100)});
    if (row % 2 == 0) expected = with(expected, row * 100, fresh.substr(row * 100, 100));
  }
  InPlace living(header, {});
  living.add(data);
  living.write(std::span(even).first(25));
  die_after(header, [&](InPlace& dying) {
    dying.add(data);
    dying.write(odd);
  });
  living.write(std::span(even).subspan(25));
  assert_int_equal(recover(header, false), 1);
  living.commit();
  assert_true(content(data) == expected);
  check_no_litter();
}

// A rollback restores the size only if the change has changed it.
void size_that_another_writer_gave_stays(void**) {
  {
    InPlace change(header, {});
    change.write(change.add(data), 0, some(0, 10));
    File(data, File::Mode::change).resize(12000);
  }
  assert_int_equal(std::filesystem::file_size(data), 12000);
}

void journal_is_found_through_a_link_and_without(void**) {
  assert_int_equal(::symlink("../changed/x.mhd", "outside/link"), 0);
  die_after("outside/link",
            [](InPlace& change) { change.write(change.add("outside/link"), 0, some(0, 10)); });
  assert_true(has_journal(header) && has_journal("outside/link"));
  assert_int_equal(recover(header, false), 1);
  check_old();
}

// A process that opens the file while another one undoes the write of a dead process waits until
// that is done.
void recovery_waits_for_another_recovery(void**) {
  for (const auto kind : {system::Lock::exclusive, system::Lock::shared}) {
    set_up(nullptr);
    die_in_a_change();
    File journal(the_journal(), File::Mode::change);
    assert_true(static_cast<bool>(system::lock(journal.descriptor(), kind, lock_of_look, false)));
    std::atomic<bool> is_released{false};
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      is_released = true;
      journal.close();
    });
    const int recovered = recover(header, false);
    const bool waited = is_released;
    other.join();
    assert_true(waited);
    assert_int_equal(recovered, 1);
    check_old();
    check_no_litter();
  }
}

// A recovery that takes too long is stuck; others stop waiting for it.
void recovery_does_not_wait_forever(void**) {
  die_in_a_change();
  const std::string dead_data = content(data);
  File journal(the_journal(), File::Mode::change);
  assert_true(static_cast<bool>(
      system::lock(journal.descriptor(), system::Lock::exclusive, lock_of_look, false)));
  const auto recover_soon = [] {
    recover_all(header, {.patience = std::chrono::milliseconds(20)});
  };
  assert_int_equal(status_of(recover_soon), SWR_ERROR_BUSY);
  assert_true(content(data) == dead_data);
  journal.close();
  recover_soon();
  check_old();
}

// The write of a dead process is undone once, however many processes open the file at the same
// time.
void many_that_open_at_the_same_time_find_old_files(void**) {
  for (int round = 0; round < 40; ++round) {
    set_up(nullptr);
    die_in_a_change();
    std::atomic<int> recovered{0}, ready{0};
    std::atomic<bool> all_old{true};
    std::vector<std::thread> openers;
    for (int i = 0; i < 6; ++i) {
      openers.emplace_back([&] {
        ++ready;
        while (ready < 6) std::this_thread::yield();
        recovered += recover(header, false);
        if (content(data) != old_data || content(header) != old_header) all_old = false;
      });
    }
    for (std::thread& opener : openers) opener.join();
    assert_int_equal(recovered, 1);
    assert_true(all_old);
    check_no_litter();
  }
}

void torn_journal_undoes_what_is_whole(void**) {
  die_in_a_change();
  const std::string journal = the_journal(), whole = content(journal);
  const std::string dead_data = content(data), dead_header = content(header);
  constexpr size_t head_bytes = 24;
  for (size_t bytes = head_bytes; bytes < whole.size(); bytes += bytes < 100 ? 1 : 7) {
    // Recovery removes the journal; a link keeps its inode.
    std::filesystem::create_hard_link(journal, "outside/kept");
    put(journal, whole.substr(0, bytes));
    put(data, dead_data);
    put(header, dead_header);
    assert_in_range(recover(header, false), 0, 1);
    assert_int_equal(recover(data, false), 0);  // the journal has a name there too
    check_no_litter();
    assert_true(content(header) == dead_header);  // its bytes are in the last block
    std::filesystem::rename("outside/kept", journal);
  }
}

void damaged_journal_is_never_trusted(void**) {
  die_in_a_change();
  const std::string journal = the_journal(), whole = content(journal);
  for (size_t at = 0; at < whole.size(); at += at < 200 ? 1 : 11) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    if (at == 7) continue;  // the version
    std::filesystem::create_hard_link(journal, "outside/kept");
    put(journal, damaged);
    const Recovery recovery = recover_all(header, {});
    assert_false(recovery.refusal.has_value());
    if (at < 20) {
      assert_int_equal(recovery.rolled_back, 0);
      assert_int_equal(recovery.notes.size(), 1);
      assert_true(content(journal) == damaged);
      std::filesystem::remove(journal);
      std::filesystem::remove(first_journal(data));
    }
    assert_int_equal(recover(data, false), 0);
    check_no_litter();
    std::filesystem::rename("outside/kept", journal);
  }
}

void journal_of_another_version_is_kept(void**) {
  for (const char version : {'1', '3', '9'}) {
    const std::string other = text("SWRUNDO", version, old_data.substr(0, 100));
    put(first_journal(header), other);
    assert_int_equal(status_of([] { recover(header, false); }), SWR_ERROR_UNSUPPORTED);
    assert_true(content(first_journal(header)) == other);
    check_old();
  }
}

// The refused journal is one of another version.
void journal_that_is_refused_does_not_keep_others_from_being_rolled_back(void**) {
  die_in_a_change();
  std::filesystem::create_directory(journal_folder(header));
  std::filesystem::rename(first_journal(header), journal_folder(header) + "/abcdefghij");
  const std::string other = text("SWRUNDO1", old_data.substr(0, 100));
  put(first_journal(header), other);
  const Recovery recovery = recover_all(header, {});
  assert_int_equal(recovery.rolled_back, 1);
  assert_true(recovery.refusal && recovery.refusal->status() == SWR_ERROR_UNSUPPORTED);
  const std::string words = recovery.refusal->what();
  assert_true(words.find(first_journal(header)) != words.npos);
  check_old();
  assert_true(content(first_journal(header)) == other);
}

void what_only_has_a_journals_name_is_left_alone(void**) {
  const std::string name = first_journal(header);
  const auto check = [&] {
    const Recovery recovery = recover_all(header, {});
    assert_int_equal(recovery.rolled_back, 0);
    assert_int_equal(recovery.notes.size(), 1);
    assert_false(recovery.refusal.has_value());
    check_old();
    // Another writer can still change the file.
    InPlace change(header, {});
    change.write(change.add(data), 0, some(0, 10));
    change.roll_back();
    check_old();
  };
  for (const std::string& notes :
       {std::string(), std::string("my notes"), old_data, std::string(1000, '\0')}) {
    put(name, notes);
    check();
    assert_true(content(name) == notes);
  }
  std::filesystem::remove(name);
  std::filesystem::create_directory(name);
  check();
  std::filesystem::remove(name);
  if (is_windows()) return;  // no links
  std::filesystem::create_symlink("../outside/target", name);
  put("outside/target", "innocent");
  check();
  assert_string_equal(content("outside/target").c_str(), "innocent");
}

using Kind = JournalEntry::Kind;

struct Entry {
  Kind kind;
  uint32_t number = 0;
  int64_t position = 0;
  std::string bytes{};
};

// Leaves a dead journal with these entries.
void leave_journal(const std::vector<Entry>& entries) {
  JournalWriter journal(header, {});
  for (const Entry& entry : entries)
    journal.add({entry.kind, entry.number, entry.position, bytes_of(entry.bytes)});
  journal.flush();
}

Identity identity(const std::string& path) {
  return identity_at(path).value_or(Identity{});
}

Entry file_entry(const std::string& path, int64_t size, uint32_t number = 0,
                 std::optional<Identity> is = std::nullopt) {
  std::string bytes;
  append(bytes, is ? *is : identity(path.front() == '/' ? path : folder + "/" + path));
  return {Kind::file, number, size, bytes + path};
}
Entry bytes_entry(int64_t offset, std::string_view bytes, uint32_t number = 0) {
  return {Kind::bytes, number, offset, std::string(bytes)};
}

void check_refused(const std::vector<Entry>& entries, swr_status status = SWR_ERROR_CORRUPT) {
  leave_journal(entries);
  assert_int_equal(status_of([] { recover(header, false); }), status);
  check_old();
  assert_true(has_journal(header));
  std::filesystem::remove(first_journal(header));
}

void hostile_journal_changes_nothing(void**) {
  const Entry good = file_entry("x.raw", 10000), bytes = bytes_entry(0, "evil");
  check_refused({bytes});
  check_refused({good, bytes, bytes_entry(0, "evil", 1)});
  check_refused({good, bytes, bytes_entry(9997, "evil")});
  check_refused({good, bytes, bytes_entry(-1, "evil")});
  check_refused({good, bytes, bytes_entry(INT64_MAX, "evil")});
  check_refused({good, bytes, bytes_entry(INT64_MIN, "evil")});
  check_refused({good, bytes, file_entry("x.mhd", 200, 2)});
  check_refused({good, bytes, file_entry("x.mhd", -1, 1)});
  check_refused({good, bytes, {Kind::resized, 7}});
  check_refused({good, bytes, {static_cast<Kind>(99)}});
  check_refused({good, bytes, {Kind::begin, 0, 0, "x.mhd"}});
  check_refused({good, bytes, {Kind::file, 1, 4, "short"}});
  // Sizes far beyond the saved bytes.
  check_refused({file_entry("x.raw", int64_t{1} << 60), {Kind::resized, 0}, bytes});
  check_refused({file_entry("x.raw", INT64_MAX), bytes_entry(INT64_MAX - 4, "evil")});
  const Identity raw = identity(data);
  check_refused({file_entry("", 4, 0, raw), bytes});
  check_refused({good, file_entry(std::string("x\0y", 3), 4, 1, raw)});
}

void hostile_journal_does_not_leave_its_folder(void**) {
  const std::string target = "outside/target";
  put(target, "innocent");
  const std::string full = std::filesystem::absolute(target).string();
  assert_int_equal(::symlink("../outside/target", (folder + "/link").c_str()), 0);
  assert_int_equal(::symlink("../outside", (folder + "/way").c_str()), 0);
  for (const std::string& name :
       {full, std::string("../outside/target"), std::string("link"), std::string("way/target")}) {
    const bool goes_up = name.front() == '.';
    check_refused({file_entry(name, 8, 0, identity(target)), bytes_entry(0, "evil")},
                  goes_up ? SWR_ERROR_CORRUPT : SWR_ERROR_UNSUPPORTED);
    assert_string_equal(content(target).c_str(), "innocent");
  }
  // The identities are those of the target, so a rollback would remove it.
  const auto name_entry = [&](std::string_view names) {
    std::string bytes;
    append(bytes, identity(target));
    append(bytes, identity(target));
    return Entry{Kind::name, 1, 0, bytes.append(names)};
  };
  using namespace std::string_view_literals;
  check_refused({name_entry("../outside/target\0.a.swr-aaaaaaaaaa\0.b.swr-bbbbbbbbbb"sv)});
  check_refused({name_entry("way/target\0.a.swr-aaaaaaaaaa\0.b.swr-bbbbbbbbbb"sv)},
                SWR_ERROR_UNSUPPORTED);
  check_refused({name_entry("x.raw\0../outside/target\0.b.swr-bbbbbbbbbb"sv)});
  check_refused({name_entry("x.raw\0target\0.b.swr-bbbbbbbbbb"sv)});
  check_refused({name_entry("x.raw\0.a.swr-aaaaaaaaaa\0/.b.swr-bbbbbbbbbb"sv)});
  check_refused({name_entry("x.raw"sv)});
  assert_string_equal(content(target).c_str(), "innocent");
}

// Names are removed only from the files whose identities the journal has.
void hostile_names_remove_no_other_file(void**) {
  using namespace std::string_view_literals;
  const std::string staged = folder + "/.x.raw.swr-aaaaaaaaaa",
                    old = folder + "/.x.raw.swr-bbbbbbbbbb";
  const auto check = [&](bool replaces, const std::vector<Entry>& more) {
    std::string bytes;
    append(bytes, Identity{});
    append(bytes, Identity{});
    bytes += replaces ? "x.raw\0.x.raw.swr-aaaaaaaaaa\0.x.raw.swr-bbbbbbbbbb"sv
                      : "x.raw\0.x.raw.swr-aaaaaaaaaa\0"sv;
    std::vector<Entry> entries{{Kind::name, replaces ? 1U : 0U, 0, bytes}};
    entries.insert(entries.end(), more.begin(), more.end());
    put(staged, "staged");
    put(old, "old");
    leave_journal(entries);
    assert_int_equal(recover(header, false), 1);
    check_old();
    assert_string_equal(content(staged).c_str(), "staged");
    assert_string_equal(content(old).c_str(), "old");
  };
  for (const bool replaces : {false, true}) {
    check(replaces, {});
    check(replaces, {{Kind::complete}});
  }
}

// Entries with names that no writer gives, for files with the right identities.
void hostile_names_that_no_writer_gives_are_refused(void**) {
  using namespace std::string_view_literals;
  const std::string notes = folder + "/notes";
  const std::pair<uint32_t, std::string_view> names[] = {
      {0, "x.raw\0notes\0"sv},
      {1, "x.raw\0notes\0"sv},
      {1, "x.raw\0.x.raw.swr-aaaaaaaaaa\0notes"sv},
      {0, "x.raw\0\0.x.raw.swr-bbbbbbbbbb"sv},
      {1, "x.raw\0\0"sv}};
  for (const auto& [number, words] : names) {
    for (const bool complete : {false, true}) {
      put(notes, "notes");
      std::string bytes;
      append(bytes, identity_at(notes).value());
      append(bytes, identity_at(notes).value());
      std::vector<Entry> entries{{Kind::name, number, 0, bytes.append(words)}};
      if (complete) entries.push_back({Kind::complete});
      check_refused(entries);
      assert_string_equal(content(notes).c_str(), "notes");
    }
  }
}

void data_outside_the_folder_is_rolled_back_if_that_is_allowed(void**) {
  put("outside/far.raw", "0123456789");
  die_after(header,
            [](InPlace& change) { change.write(change.add("outside/far.raw"), 8, some(0, 10)); });
  assert_int_equal(status_of([] { recover(header, false); }), SWR_ERROR_UNSUPPORTED);
  assert_int_equal(recover(header, true), 1);
  assert_string_equal(content("outside/far.raw").c_str(), "0123456789");
  check_no_litter();
}

void data_below_the_folder_is_rolled_back(void**) {
  std::filesystem::create_directory(folder + "/deep");
  put(folder + "/deep/x.raw", "0123456789");
  die_after(header, [](InPlace& change) {
    change.write(change.add(folder + "/deep/x.raw"), 8, some(0, 10));
  });
  assert_int_equal(recover(header, false), 1);
  assert_string_equal(content(folder + "/deep/x.raw").c_str(), "0123456789");
}

void journal_of_a_file_that_is_gone_waits_for_it(void**) {
  die_in_a_change();
  const std::string dead_header = content(header);
  std::filesystem::rename(data, "outside/moved");
  assert_int_equal(status_of([] { recover(header, false); }), SWR_ERROR_NOT_FOUND);
  assert_true(content(header) == dead_header && has_journal(header));
  std::filesystem::rename("outside/moved", data);
  assert_int_equal(recover(header, false), 1);
  check_old();
  check_no_litter();
}

// If both files were replaced, the journal no longer applies. If only one was, it is unknown which
// state is right.
void journal_of_a_file_that_was_replaced_changes_nothing(void**) {
  die_in_a_change();
  put("outside/good", fresh);
  std::filesystem::rename("outside/good", data);
  assert_int_equal(status_of([] { recover(header, false); }), SWR_ERROR_CORRUPT);
  assert_true(content(data) == fresh && has_journal(header));
  put("outside/good", old_header);
  std::filesystem::rename("outside/good", header);
  const Recovery recovery = recover_all(header, {});
  assert_int_equal(recovery.rolled_back, 0);
  assert_false(recovery.refusal.has_value());
  assert_int_equal(recovery.notes.size(), 1);
  assert_true(content(data) == fresh && content(header) == old_header && has_journal(header));
  // Other journals are made and removed beside it, and it stays.
  die_after(header, [](InPlace& change) { change.write(change.add(data), 0, some(100, 50)); });
  assert_int_equal(recover(header, false), 1);
  assert_true(content(data) == fresh && has_journal(header));
}

void copy_of_a_journal_changes_nothing(void**) {
  die_in_a_change();
  std::filesystem::copy(first_journal(header), "outside/copy");
  assert_int_equal(recover(header, false), 1);
  check_old();
  InPlace change(header, {});
  change.write(change.add(data), 0, some(0, 1000));
  change.commit();
  const std::string now = content(data);
  std::filesystem::copy("outside/copy", first_journal(header));
  const Recovery recovery = recover_all(header, {});
  assert_true(recovery.rolled_back == 0 && !recovery.refusal && recovery.notes.size() == 1);
  assert_true(content(data) == now && has_journal(header));
}

// Another header that names the same data file finds the journal, and so does the data file's own
// name.
void journal_is_found_from_each_file_that_it_refers_to(void**) {
  for (const std::string& path : {data, header}) {
    die_in_a_change();
    assert_true(has_journal(header) && has_journal(data));
    assert_int_equal(recover(path, false), 1);
    check_old();
    check_no_litter();
    assert_false(has_journal(data));
  }
  // Several journals at a time.
  die_in_a_change();
  InPlace change(folder + "/other.mhd", {});
  change.write(change.add(data), 5000, some(0, 100));
  assert_int_equal(recover_all(data, {}).living, 1);
  change.commit();
  assert_true(content(data) == with(old_data, 5000, fresh.substr(0, 100)));
  check_no_litter();
}

void journal_of_a_complete_change_is_over(void**) {
  for (const bool commits : {true, false}) {
    set_up(nullptr);
    InPlace change(header, {});
    change.write(change.add(data), 0, some(0, 1000));
    std::filesystem::create_hard_link(the_journal(), "outside/kept");
    commits ? change.commit() : change.roll_back();
    const std::string now = content(data);
    std::filesystem::rename("outside/kept", first_journal(header));
    assert_int_equal(recover(header, false), 0);
    assert_true(content(data) == now);
    check_no_litter();
  }
}

void change_whose_journal_was_taken_is_not_committed(void**) {
  needs_posix();  // wine keeps the name of an open file that is removed
  for (const bool replaced : {false, true}) {
    set_up(nullptr);
    {
      InPlace change(header, {});
      change.write(change.add(data), 0, some(0, 1000));
      std::filesystem::remove(the_journal());
      if (replaced) put(first_journal(header), "another's");
      assert_int_equal(status_of([&] { change.commit(); }), SWR_ERROR_IO);
    }
    check_old();
    if (replaced) assert_string_equal(content(first_journal(header)).c_str(), "another's");
  }
}

void child_of_fork_changes_nothing(void**) {
  needs_posix();
  auto change = std::make_unique<InPlace>(header, InPlace::Options{});
  const int raw = change->add(data);
  change->write(raw, 0, some(0, 100));
  const std::string before = content(data);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool refused =
        status_of([&] { change->write(raw, 500, some(0, 100)); }) == SWR_ERROR_STATE &&
        status_of([&] { change->commit(); }) == SWR_ERROR_STATE;
    change->roll_back();
    change.reset();  // the parent still holds the journal's lock
    ::_exit(refused ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  assert_true(content(data) == before && has_journal(header));
  assert_int_equal(recover(header, false), 0);
  change->commit();
  assert_true(content(data) == before);
  check_no_litter();
}

// Changes the effective user. Requires: the real user is the superuser.
bool become(uid_t user) {
  return ::seteuid(0) == 0 && (user == 0 || ::seteuid(user) == 0);
}

void journal_belongs_to_the_owner_of_the_file(void**) {
  if (::geteuid() != 0) skip();
  constexpr uid_t owner = 65534, stranger = 65533;
  assert_int_equal(::chown(folder.c_str(), owner, owner), 0);
  for (const auto& path : {header, data}) {
    assert_int_equal(::chown(path.c_str(), owner, owner), 0);
    assert_int_equal(::chmod(path.c_str(), 0640), 0);
  }
  die_in_a_change();
  struct stat facts;
  assert_int_equal(::stat(the_journal().c_str(), &facts), 0);
  assert_true(facts.st_uid == owner && facts.st_gid == owner && (facts.st_mode & 0777) == 0640);
  assert_true(become(stranger));
  const swr_status refused = status_of([] { recover(header, false); });
  assert_true(become(owner));
  const int recovered = recover(header, false);
  assert_true(become(0));
  assert_int_equal(refused, SWR_ERROR_IO);
  assert_int_equal(recovered, 1);
  check_old();
  check_no_litter();
}

void journal_of_another_user_is_refused(void**) {
  if (::geteuid() != 0) skip();
  constexpr uid_t stranger = 65533;
  die_in_a_change();
  const std::string journal = the_journal(), dead_data = content(data), made = content(journal);
  // The superuser does not carry out another user's journal either.
  assert_int_equal(::chown(journal.c_str(), stranger, stranger), 0);
  const Recovery recovery = recover_all(header, {});
  assert_true(recovery.refusal && recovery.refusal->status() == SWR_ERROR_IO);
  assert_true(content(data) == dead_data && content(journal) == made);
  assert_int_equal(::chown(journal.c_str(), 0, 0), 0);
  assert_int_equal(recover(header, false), 1);
  check_old();
}

void old_bytes_are_erased_before_the_journal_is_removed(void**) {
  for (const bool commits : {true, false}) {
    set_up(nullptr);
    InPlace change(header, {.rollback = true, .sync = false, .erase = true});
    change.write(change.add(data), 0, some(0, 3000));
    std::filesystem::create_hard_link(the_journal(), "outside/kept");
    if (!is_windows()) {  // where no other handle opens it meanwhile
      assert_true(content("outside/kept").find(old_data.substr(0, 3000)) != std::string::npos);
    }
    commits ? change.commit() : change.roll_back();
    const std::string kept = content("outside/kept");
    assert_true(kept.size() > 3000 && kept.find_first_not_of('\0', 24) == std::string::npos);
    check_no_litter();
  }
}

void journal_is_no_more_readable_than_the_file(void**) {
  needs_posix();
  assert_int_equal(::chmod(data.c_str(), 0600), 0);
  InPlace change(header, {});
  change.write(change.add(data), 0, some(0, 30));
  struct stat facts;
  assert_int_equal(::stat(the_journal().c_str(), &facts), 0);
  assert_int_equal(facts.st_mode & 0077, 0);
  InPlace further(header, {});
  further.write(further.add(data), 50, some(50, 30));
  assert_int_equal(::stat(journal_folder(header).c_str(), &facts), 0);
  assert_int_equal(facts.st_mode & 0077, 0);
}

// Many processes at the same time make and remove the journals' folder, which they share.
void writers_that_come_and_go_do_not_disturb_each_other(void**) {
  std::vector<pid_t> children;
  for (size_t number = 0; number < 8; ++number) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    bool good = true;
    for (size_t round = 0; round < 50 && good; ++round) {
      good = status_of([&] {
               recover(header, false);
               InPlace change(header, {});
               change.write(change.add(data), static_cast<int64_t>(number * 1000 + round * 20),
                            some(number * 1000 + round * 20, 20));
               if (round % 5 != 4) change.commit();
             }) == SWR_OK;
    }
    ::_exit(good ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  std::string expected = old_data;
  for (size_t number = 0; number < 8; ++number) {
    for (size_t round = 0; round < 50; ++round) {
      const size_t offset = number * 1000 + round * 20;
      if (round % 5 != 4) expected = with(expected, offset, fresh.substr(offset, 20));
    }
  }
  assert_true(content(data) == expected);
  check_no_litter();
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(change_that_is_committed_stays, set_up),
      cmocka_unit_test_setup(change_that_is_not_committed_is_rolled_back, set_up),
      cmocka_unit_test_setup(change_without_rollback_has_no_journal, set_up),
      cmocka_unit_test_setup(large_and_scattered_changes_are_rolled_back, set_up),
      cmocka_unit_test_setup(dead_writer_is_rolled_back_once, set_up),
      cmocka_unit_test_setup(living_writer_is_left_alone, set_up),
      cmocka_unit_test_setup(start_of_a_long_journal_is_read_alone, set_up),
      cmocka_unit_test_setup(dead_writer_is_rolled_back_without_changing_rows_of_a_living_one,
                             set_up),
      cmocka_unit_test_setup(size_that_another_writer_gave_stays, set_up),
      cmocka_unit_test_setup(journal_is_found_through_a_link_and_without, set_up),
      cmocka_unit_test_setup(recovery_waits_for_another_recovery, set_up),
      cmocka_unit_test_setup(recovery_does_not_wait_forever, set_up),
      cmocka_unit_test_setup(many_that_open_at_the_same_time_find_old_files, set_up),
      cmocka_unit_test_setup(torn_journal_undoes_what_is_whole, set_up),
      cmocka_unit_test_setup(damaged_journal_is_never_trusted, set_up),
      cmocka_unit_test_setup(journal_of_another_version_is_kept, set_up),
      cmocka_unit_test_setup(journal_that_is_refused_does_not_keep_others_from_being_rolled_back,
                             set_up),
      cmocka_unit_test_setup(what_only_has_a_journals_name_is_left_alone, set_up),
      cmocka_unit_test_setup(hostile_journal_changes_nothing, set_up),
      cmocka_unit_test_setup(hostile_journal_does_not_leave_its_folder, set_up),
      cmocka_unit_test_setup(hostile_names_remove_no_other_file, set_up),
      cmocka_unit_test_setup(hostile_names_that_no_writer_gives_are_refused, set_up),
      cmocka_unit_test_setup(data_outside_the_folder_is_rolled_back_if_that_is_allowed, set_up),
      cmocka_unit_test_setup(data_below_the_folder_is_rolled_back, set_up),
      cmocka_unit_test_setup(journal_of_a_file_that_is_gone_waits_for_it, set_up),
      cmocka_unit_test_setup(journal_of_a_file_that_was_replaced_changes_nothing, set_up),
      cmocka_unit_test_setup(copy_of_a_journal_changes_nothing, set_up),
      cmocka_unit_test_setup(journal_is_found_from_each_file_that_it_refers_to, set_up),
      cmocka_unit_test_setup(journal_of_a_complete_change_is_over, set_up),
      cmocka_unit_test_setup(change_whose_journal_was_taken_is_not_committed, set_up),
      cmocka_unit_test_setup(child_of_fork_changes_nothing, set_up),
      cmocka_unit_test_setup(journal_belongs_to_the_owner_of_the_file, set_up),
      cmocka_unit_test_setup(journal_of_another_user_is_refused, set_up),
      cmocka_unit_test_setup(old_bytes_are_erased_before_the_journal_is_removed, set_up),
      cmocka_unit_test_setup(journal_is_no_more_readable_than_the_file, set_up),
      cmocka_unit_test_setup(writers_that_come_and_go_do_not_disturb_each_other, set_up),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

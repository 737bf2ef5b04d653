// What was read of files, and which bytes of them journals have saved.
#include "storage/read_trace.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/journal_writer.h"
#include "storage/open_files.h"
#include "storage/saved_ranges.h"
#include "storage/storage_test.h"

namespace swr {
namespace {

using Kind = JournalEntry::Kind;

const std::string image = "work/image.bin", header = "work/header.txt";

void make_files() {
  fresh_folder("work");
  put(image, pattern(10'000, 1));
  put(header, pattern(3'000, 2));
}

void add_file(JournalWriter& journal, uint32_t number, const std::string& path) {
  std::string data;
  append(data, identity_at(path).value());
  data += path.substr(path.find('/') + 1);
  journal.add({Kind::file, number, 0, bytes_of(data)});
}

// Entries that are longer than what is read at a time, and many short ones, in several blocks.
void every_range_of_a_journal_is_found(void**) {
  make_files();
  JournalWriter journal(image, {});
  add_file(journal, 0, image);
  add_file(journal, 1, header);
  struct Saved {
    uint32_t number;
    int64_t begin, bytes;
  };
  std::vector<Saved> saved;
  for (int64_t i = 0; i < 4000; ++i)
    saved.push_back({static_cast<uint32_t>(i % 2), 1000 * i, i % 400 == 7 ? 300'000 : 1 + i % 90});
  for (const Saved& each : saved) {
    journal.add({Kind::bytes, each.number, each.begin,
                 bytes_of(std::string(static_cast<size_t>(each.bytes), 'x'))});
  }
  journal.flush();
  const File file(journal.path(), File::Mode::read);
  SavedRanges ranges(file);
  for (const Saved& each : saved) {
    for (int64_t at = each.begin; at < each.begin + each.bytes;) {  // long ones are in parts
      const auto range = ranges.next();
      assert_true(range.has_value());
      assert_int_equal(range->begin, at);
      assert_true(range->end > at && range->end <= each.begin + each.bytes);
      assert_true(range->file.is_of(identity_at(each.number == 0 ? image : header).value(), true));
      at = range->end;
    }
  }
  assert_false(ranges.next().has_value());
  journal.end();
}

void what_is_no_journal_and_one_that_is_cut_off_have_no_more_ranges(void**) {
  make_files();
  const File no_journal(image, File::Mode::read);
  assert_false(SavedRanges(no_journal).next().has_value());
  std::string bytes;
  {
    JournalWriter journal(image, {});
    add_file(journal, 0, image);
    for (int64_t i = 0; i < 20; ++i) journal.add({Kind::bytes, 0, i, bytes_of("old")});
    journal.flush();
    // Streams of C++ cannot open on Windows what may be removed.
    const File written(journal.path(), File::Mode::read);
    bytes.resize(static_cast<size_t>(written.size()));
    written.read_at(0, std::as_writable_bytes(std::span(bytes)));
    journal.end();
  }
  for (size_t length = 0; length <= bytes.size(); ++length) {
    put("work/copy", bytes.substr(0, length));
    const File copy("work/copy", File::Mode::read);
    SavedRanges ranges(copy);
    int count = 0;
    while (ranges.next()) ++count;
    assert_in_range(count, 0, 20);
    if (length == bytes.size()) assert_int_equal(count, 20);
  }
}

// Reads some of both files.
class Traced {
 public:
  Traced() : files_(File::Mode::read) {
    files_.note_reads(&trace_);
    std::vector<std::byte> bytes(100);
    for (const int64_t at : {0, 5'000, 5'050}) files_.open(image)->read_at(at, bytes);
    files_.open(header)->read_at(200, bytes);
    files_.note_reads(nullptr);
    files_.open(image)->read_at(9'000, bytes);
  }

  const File& image_file() { return *files_.open(image); }
  ReadTrace& trace() { return trace_; }

 private:
  OpenFiles files_;
  ReadTrace trace_;
};

void overwrite(const std::string& path, int64_t at) {
  File file(path, File::Mode::change);
  std::byte old[1];
  file.read_at(at, old);
  old[0] = ~old[0];
  file.write_at(at, old);
}

void bytes_that_were_read_and_changed_are_noticed(void**) {
  const std::vector<std::pair<std::string, int64_t>> read = {
      {image, 0}, {image, 99}, {image, 5'000}, {image, 5'149}, {header, 200}, {header, 299}};
  const std::vector<std::pair<std::string, int64_t>> other = {
      {image, 100}, {image, 4'999}, {image, 5'150}, {image, 9'000}, {header, 199}, {header, 300}};
  for (const auto& [path, at] : read) {
    make_files();
    Traced traced;
    assert_true(traced.trace().is_still_there());
    overwrite(path, at);
    assert_false(traced.trace().is_still_there());
  }
  make_files();
  Traced traced;
  for (const auto& [path, at] : other) overwrite(path, at);
  assert_true(traced.trace().is_still_there());
}

void what_is_left_out_may_change(void**) {
  make_files();
  Traced traced;
  traced.trace().leave_out(traced.image_file(), {{50, 5'010}});
  for (const int64_t at : {50, 99, 5'000, 5'009}) overwrite(image, at);
  assert_true(traced.trace().is_still_there());
  for (const int64_t at : {49, 5'010, 5'149}) {
    overwrite(image, at);
    assert_false(traced.trace().is_still_there());
    overwrite(image, at);
  }
  assert_true(traced.trace().is_still_there());
}

void many_stretches_are_left_out_at_once(void**) {
  make_files();
  std::vector<std::byte> bytes(4'000);
  const File file(image, File::Mode::read);
  const auto trace_of = [&] {
    ReadTrace trace;
    file.read_at(2'000, bytes);
    trace.add(file, 2'000, bytes);
    // In no order, beside each other, over each other, and beyond what was read.
    trace.leave_out(file, {{5'000, 5'500},
                           {1'000, 2'010},
                           {3'000, 3'100},
                           {3'100, 3'200},
                           {5'400, 7'000},
                           {2'500, 2'501}});
    return trace;
  };
  for (const int64_t at : {2'000, 2'009, 2'500, 3'000, 3'150, 3'199, 5'000, 5'450, 5'999}) {
    const ReadTrace trace = trace_of();
    overwrite(image, at);
    assert_true(trace.is_still_there());
  }
  for (const int64_t at : {2'010, 2'499, 2'501, 2'999, 3'200, 4'999}) {
    const ReadTrace trace = trace_of();
    overwrite(image, at);
    assert_false(trace.is_still_there());
  }
}

// A million pages are a million stretches.
void leaving_out_takes_a_moment(void**) {
  make_files();
  const File file(image, File::Mode::read);
  const std::vector<std::byte> bytes(12);
  ReadTrace trace;
  std::vector<ReadTrace::Stretch> pixels;
  for (int64_t i = 0; i < 400'000; ++i) {
    trace.add(file, 100 * i, bytes);
    pixels.push_back({100 * i + 50, 100 * i + 90});
  }
  const auto begun = std::chrono::steady_clock::now();
  trace.leave_out(file, std::move(pixels));
  assert_true(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
}

void no_more_is_remembered_than_was_allowed(void**) {
  make_files();
  const File file(image, File::Mode::read);
  const std::vector<std::byte> bytes(100);
  ReadTrace trace(250);
  trace.add(file, 0, bytes);
  trace.add(file, 100, bytes);
  assert_true(trace.is_whole());
  trace.add(file, 200, bytes);
  assert_false(trace.is_whole());
  trace.clear();
  assert_true(trace.is_whole());
}

void old_bytes_in_a_journal_are_noticed_where_they_were_read(void**) {
  struct Case {
    std::string path;
    int64_t begin, bytes;
    bool is_read;
  };
  for (const Case& each : {Case{image, 100, 4'900, false}, Case{image, 99, 1, true},
                           Case{image, 4'990, 11, true}, Case{image, 5'150, 2'000, false},
                           Case{header, 0, 200, false}, Case{header, 299, 50, true}}) {
    make_files();
    Traced traced;
    assert_false(traced.trace().is_in_journals_of({header, image}));
    JournalWriter journal(header, {});
    add_file(journal, 0, each.path);
    journal.add(
        {Kind::bytes, 0, each.begin, bytes_of(std::string(static_cast<size_t>(each.bytes), 'x'))});
    journal.flush();
    assert_int_equal(traced.trace().is_in_journals_of({header, image}), each.is_read);
    assert_false(traced.trace().is_in_journals_of({image}));
    journal.end();
    assert_false(traced.trace().is_in_journals_of({header, image}));
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  return run_in_memory(
      "traces of reading",
      {
          cmocka_unit_test(every_range_of_a_journal_is_found),
          cmocka_unit_test(what_is_no_journal_and_one_that_is_cut_off_have_no_more_ranges),
          cmocka_unit_test(bytes_that_were_read_and_changed_are_noticed),
          cmocka_unit_test(what_is_left_out_may_change),
          cmocka_unit_test(many_stretches_are_left_out_at_once),
          cmocka_unit_test(leaving_out_takes_a_moment),
          cmocka_unit_test(no_more_is_remembered_than_was_allowed),
          cmocka_unit_test(old_bytes_in_a_journal_are_noticed_where_they_were_read),
      });
}

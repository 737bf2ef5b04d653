// Pastes into slotted streams and their growth: every fallback step, and after each the stream is
// as if it had been written in one go.
#include <numeric>

#include "codecs/filler.h"
#include "stores/slot_ladder.h"
#include "stores/slot_update.h"

#include "streams.h"
#include "updates.h"

using namespace streams;

namespace {

constexpr int64_t slot = 4096;

NewStream small_slots(double slack = 3) {
  return {.offset = 100,
          .prefix = "a prefix",
          .options = {.level = 6, .slot_bytes = slot, .slack_percent = slack}};
}

// Pastes into a stream of `raw` and checks everything that can be.
struct Paste {
  std::string path = "paste.z";
  NewStream how = small_slots();
  Bytes raw;
  Bytes tail{};  // what follows the stream in its file
  swr::StoreCounters counters{};
  int64_t old_bytes = 0, new_bytes = 0;
  swr::ReadOptions resources{.threads = 2};
  swr::InPlace::Options journal{};

  swr::Layout layout() const {
    return layout_of(path, static_cast<int64_t>(raw.size()), how.offset,
                     static_cast<int64_t>(how.prefix.size()), tail.empty() ? -1 : old_bytes);
  }

  void create() {
    old_bytes = write_slotted(path, raw, how);
    if (tail.empty()) return;
    Bytes file = load_file(path);
    file.insert(file.end(), tail.begin(), tail.end());
    save(path, file);
  }

  bool apply(const std::vector<Stretch>& stretches, int64_t size) {
    const StretchOverlay overlay(stretches, size);
    swr::DeflateUpdate update;
    update.overlay = &overlay;
    update.new_bytes = size;
    update.options = how.options;
    update.resources = resources;
    const swr::DeflateForecast forecast = swr::forecast_update(layout(), update);
    assert_true(forecast.slotted);
    const Bytes before = load_file(path);
    swr::InPlace change(path, journal);
    const auto result = swr::update_deflate(layout(), update, change, change.add(path), counters);
    if (!result.done) {
      assert_same(load_file(path), before);
      return false;
    }
    change.commit();
    new_bytes = result.stream_bytes;
    raw.resize(static_cast<size_t>(size));
    for (const Stretch& stretch : stretches)
      std::copy(stretch.bytes.begin(), stretch.bytes.end(), raw.begin() + stretch.offset);
    check();
    return true;
  }

  void check() const {
    Bytes file = load_file(path);
    assert_int_equal(file.size(), how.offset + new_bytes + std::ssize(tail));
    assert_same(part(file, how.offset + new_bytes, std::ssize(tail)), tail);
    const auto* prefix = reinterpret_cast<const Bytes::value_type*>(how.prefix.data());
    Bytes expected(prefix, prefix + how.prefix.size());
    expected.insert(expected.end(), raw.begin(), raw.end());
    assert_same(inflate_all(part(file, how.offset, new_bytes)), expected);
    auto layout_now = layout();
    if (!tail.empty()) std::get<swr::Deflate>(layout_now.storage).stream_bytes = new_bytes;
    const auto reader = swr::DeflateReader::open(layout_now, {});
    assert_true(reader->slotted());
    assert_same(read_part(*reader, 0, std::ssize(raw)), raw);
    reader->verify();
  }
};

void paste_that_fits_leaves_everything_where_it_was(void**) {
  for (const bool gzip : {false, true}) {
    Paste paste{.raw = ct(1500000)};
    paste.how.options.slot_bytes = 65536;
    paste.how.gzip = gzip;
    paste.create();
    const Bytes before = load_file(paste.path);
    assert_true(paste.apply({{200000, Bytes(3000, std::byte{1})}, {900000, Bytes(10)}},
                            std::ssize(paste.raw)));
    assert_int_equal(paste.new_bytes, paste.old_bytes);
    assert_int_equal(paste.counters.slots_rewritten, 2);
    assert_int_equal(paste.counters.slots_moved, 0);
    const Bytes after = load_file(paste.path);
    const auto differing = std::inner_product(after.begin(), after.end(), before.begin(),
                                              int64_t{0}, std::plus<>(), std::not_equal_to<>());
    assert_true(differing > 0 && differing < 65536 * 2);
  }
}

void paste_of_every_slot_and_of_none_is_right(void**) {
  Paste paste{.raw = ct(300 * slot + 77)};
  paste.create();
  assert_true(paste.apply({{0, labels(300 * slot + 77)}}, std::ssize(paste.raw)));
  assert_int_equal(paste.counters.slots_rewritten, 301);
  const Bytes before = load_file(paste.path);
  assert_true(paste.apply({}, std::ssize(paste.raw)));
  assert_same(load_file(paste.path), before);
}

void overflow_by_a_little_is_encoded_with_more_effort(void**) {
  // Without slack nothing else than a shorter run fits; what level 9 and stronger encoders gain is
  // more than a few bytes.
  for (const int level : {1, 9}) {
    if (level == 9 && !swr::deflate_engine_available("libdeflate")) continue;
    Paste paste{.raw = ct(20 * 65536)};
    paste.how.options = {.level = level, .slot_bytes = 65536, .slack_percent = 0, .engine = "zlib"};
    paste.create();
    assert_true(paste.apply({{7 * 65536 + 100, noise(12)}}, std::ssize(paste.raw)));
    assert_int_equal(paste.new_bytes, paste.old_bytes);
    assert_int_equal(paste.counters.slots_moved, 0);
  }
}

void overflow_of_a_slot_is_taken_by_its_neighbours(void**) {
  Paste paste{.raw = ct(600 * slot)};
  paste.create();
  assert_true(paste.apply({{300 * slot + 5, noise(200)}}, std::ssize(paste.raw)));
  assert_int_equal(paste.new_bytes, paste.old_bytes);
  assert_true(paste.counters.slots_moved > 0 && paste.counters.slots_moved < 100);
}

void overflow_beside_a_page_of_the_directory_moves_the_page(void**) {
  for (const int64_t number : {0, 1, 254, 255, 256, 257, 511, 512, 513}) {
    Paste paste{.raw = ct(514 * slot - 9)};
    paste.create();
    const int64_t bytes = std::min<int64_t>(900, std::ssize(paste.raw) - number * slot);
    assert_true(paste.apply({{number * slot, noise(bytes)}}, std::ssize(paste.raw)));
    assert_int_equal(paste.new_bytes, paste.old_bytes);
  }
}

void overflow_without_any_slack_moves_the_tail(void**) {
  for (const int64_t number : {0, 100, 255, 256, 299}) {
    Paste paste{.how = small_slots(0), .raw = ct(300 * slot)};
    paste.create();
    assert_true(paste.apply({{number * slot, noise(1000)}}, std::ssize(paste.raw)));
    assert_true(paste.new_bytes > paste.old_bytes);
    assert_int_equal(paste.counters.slots_moved, 299 - number);
  }
}

void overflow_everywhere_still_finds_its_way(void**) {
  for (const double slack : {0.0, 1.0, 3.0}) {
    Paste paste{.how = small_slots(slack), .raw = labels(400 * slot + 1)};
    paste.create();
    assert_true(paste.apply({{0, noise(400 * slot + 1)}}, std::ssize(paste.raw)));
    assert_true(paste.new_bytes > paste.old_bytes);
    assert_true(paste.apply({{0, ct(400 * slot + 1)}}, std::ssize(paste.raw)));
  }
}

void overflow_with_bytes_behind_the_stream_is_refused_and_changes_nothing(void**) {
  Paste paste{.how = small_slots(0), .raw = ct(20 * slot), .tail = noise(50)};
  paste.create();
  assert_false(paste.apply({{4 * slot, noise(2000)}}, std::ssize(paste.raw)));
  assert_false(paste.apply({{20 * slot, noise(1)}}, 20 * slot + 1));
  // What fits, fits.
  assert_true(paste.apply({{4 * slot, Bytes(slot)}}, std::ssize(paste.raw)));
}

void overflow_with_bytes_behind_the_stream_can_still_be_rebalanced(void**) {
  Paste paste{.raw = ct(200 * slot), .tail = noise(50)};
  paste.create();
  assert_true(paste.apply({{4 * slot, noise(500)}}, std::ssize(paste.raw)));
  assert_true(paste.counters.slots_moved > 0);
}

void remainder_that_no_filler_fills_is_solved(void**) {
  // Without slack, a run that gets a few bytes shorter leaves 1, 2, 3, 4 or 8 bytes.
  std::minstd_rand random(3);
  for (int round = 0; round < 60; ++round) {
    Paste paste{.how = small_slots(0), .raw = ct(8 * slot, static_cast<unsigned>(round + 1))};
    paste.create();
    const auto at = static_cast<int64_t>(random() % (7 * slot));
    assert_true(paste.apply({{at, Bytes(1 + random() % 12)}}, std::ssize(paste.raw)));
  }
}

void random_pastes_one_after_the_other_stay_right(void**) {
  std::minstd_rand random(11);
  Paste paste{.raw = ct(520 * slot + 1234)};
  paste.resources.memory_limit = 4 << 20;
  paste.create();
  for (int round = 0; round < 40; ++round) {
    std::vector<Stretch> stretches;
    for (unsigned i = 0; i <= random() % 5; ++i) {
      const auto bytes = static_cast<int64_t>(1 + random() % (random() % 3 == 0 ? 60000 : 2000));
      const int64_t offset = static_cast<int64_t>(random()) % (std::ssize(paste.raw) - bytes);
      stretches.push_back({offset, random() % 2 ? noise(bytes, static_cast<unsigned>(round))
                                                : Bytes(static_cast<size_t>(bytes), std::byte{9})});
    }
    assert_true(paste.apply(stretches, std::ssize(paste.raw)));
  }
}

void growth_from_every_size_to_every_size_is_right(void**) {
  for (const int64_t from : {int64_t{1}, slot - 1, slot, slot + 1, 255 * slot, 256 * slot - 1,
                             256 * slot, 256 * slot + 1, 257 * slot}) {
    for (const int64_t more : {int64_t{1}, slot - 1, slot, slot + 1, 256 * slot, 300 * slot}) {
      Paste paste{.raw = ct(from)};
      paste.how.gzip = more % 2 == 0;
      paste.create();
      std::vector<Stretch> stretches = {{from, ct(more, 5)}};
      if (from > 20) stretches.insert(stretches.begin(), {from / 3, noise(7)});
      assert_true(paste.apply(stretches, from + more));
    }
  }
}

// A stream of version 1, without an index: 300 slots on two pages.
void stream_of_an_old_version_is_read_pasted_into_and_grown(void**) {
  Paste paste{.path = "old.z", .how = {.options = {.slot_bytes = slot}}, .raw = {}};
  const Bytes stream = load_file(SWR_TEST_DATA "/slotted/without_index.z");
  paste.raw = inflate_all(stream);
  assert_int_equal(paste.raw.size(), 300 * slot);
  save(paste.path, stream);
  paste.old_bytes = paste.new_bytes = std::ssize(stream);
  paste.check();
  assert_true(paste.apply({{5, noise(100)}, {290 * slot, Bytes(9000)}}, 300 * slot));
  assert_true(paste.apply({{100 * slot, noise(20 * slot)}}, 300 * slot));
  assert_true(paste.apply({{300 * slot, labels(300 * slot)}}, 600 * slot));
  assert_true(paste.apply({{599 * slot, noise(slot)}, {0, noise(1)}}, 600 * slot));
}

// Against a plain vector: directories of every depth, with and without an index.
void random_pastes_and_growth_agree_with_a_model(void**) {
  std::minstd_rand random(23);
  for (int stream = 0; stream < 24; ++stream) {
    const auto slots = static_cast<int64_t>(1 + random() % 60);
    Paste paste{.how = small_slots(stream % 4), .raw = labels(slots * slot - random() % 3)};
    paste.how.gzip = stream % 2 == 1;
    paste.how.options.node_entries = stream < 18 ? 2 + stream % 6 : 256;
    paste.how.options.indexed = stream % 5 != 0;
    // Streams without an index have nodes of 256 entries.
    if (!paste.how.options.indexed) {
      paste.how.options.node_entries = 256;
      paste.raw = labels(random() % (700 * slot) + 200 * slot);
    }
    paste.resources.memory_limit = 1 << 20;
    paste.create();
    for (int round = 0; round < 12; ++round) {
      const int64_t old_size = std::ssize(paste.raw);
      const bool grows = random() % 3 == 0;
      const int64_t size = old_size + (grows ? 1 + random() % (40 * slot) : 0);
      std::vector<Stretch> stretches;
      if (grows)
        stretches.push_back(
            {old_size, random() % 2 ? Bytes(static_cast<size_t>(size - old_size), std::byte{3})
                                    : ct(size - old_size)});
      for (unsigned i = 0; i <= random() % 4; ++i) {
        const int64_t bytes =
            std::min<int64_t>(1 + random() % (random() % 4 == 0 ? 50000 : 3000), old_size);
        const int64_t offset = static_cast<int64_t>(random()) % (old_size - bytes + 1);
        stretches.push_back({offset, random() % 3
                                         ? noise(bytes, static_cast<unsigned>(round))
                                         : Bytes(static_cast<size_t>(bytes), std::byte{9})});
      }
      assert_true(paste.apply(stretches, size));
    }
  }
}

void growth_by_many_appends_stays_cheap(void**) {
  const int64_t step = 8 * slot;
  Paste paste{.raw = ct(step)};
  paste.how.options.level = 1;
  paste.create();
  std::vector<int64_t> written;
  for (int64_t i = 1; i < 100; ++i) {
    const int64_t size = std::ssize(paste.raw);
    const StretchOverlay overlay({{size, ct(step, static_cast<unsigned>(i))}}, size + step);
    swr::DeflateUpdate update{.overlay = &overlay,
                              .new_bytes = size + step,
                              .prefix_patches = {},
                              .options = paste.how.options,
                              .resources = {}};
    swr::InPlace change(paste.path, {});
    const auto result =
        swr::update_deflate(paste.layout(), update, change, change.add(paste.path), paste.counters);
    assert_true(result.done);
    change.commit();
    written.push_back(change.bytes_written());
    const Bytes more = ct(step, static_cast<unsigned>(i));
    paste.raw.insert(paste.raw.end(), more.begin(), more.end());
    paste.new_bytes = result.stream_bytes;
  }
  paste.check();
  // The new slots and up to a page of the directory, with their undo; never the whole.
  assert_true(*std::max_element(written.begin(), written.end()) < 4 * step);
}

void prefix_is_patched_with_its_checksum(void**) {
  for (const bool gzip : {false, true}) {
    Paste paste{.raw = ct(10 * slot)};
    paste.how.gzip = gzip;
    paste.how.prefix = std::string(140000, 'x');
    paste.create();
    const StretchOverlay overlay({{3, noise(2)}}, std::ssize(paste.raw));
    swr::DeflateUpdate update{.overlay = &overlay,
                              .new_bytes = std::ssize(paste.raw),
                              .prefix_patches = {},
                              .options = paste.how.options,
                              .resources = {}};
    update.prefix_patches = {{0, "abc"}, {65530, "0123456789"}, {139999, "z"}};
    swr::InPlace change(paste.path, {});
    const auto result =
        swr::update_deflate(paste.layout(), update, change, change.add(paste.path), paste.counters);
    assert_true(result.done);
    change.commit();
    paste.new_bytes = result.stream_bytes;
    paste.how.prefix.replace(0, 3, "abc").replace(65530, 10, "0123456789").replace(139999, 1, "z");
    std::copy_n(noise(2).begin(), 2, paste.raw.begin() + 3);
    paste.check();
  }
}

void change_that_is_not_committed_is_rolled_back(void**) {
  Paste paste{.how = small_slots(0), .raw = ct(300 * slot)};
  paste.create();
  const Bytes before = load_file(paste.path);
  for (const int64_t size : {300 * slot, 310 * slot}) {
    const StretchOverlay overlay({{7 * slot, noise(3000)}, {299 * slot, noise(size - 299 * slot)}},
                                 size);
    swr::DeflateUpdate update{.overlay = &overlay,
                              .new_bytes = size,
                              .prefix_patches = {},
                              .options = paste.how.options,
                              .resources = {.threads = 2, .memory_limit = 1 << 20}};
    {
      swr::InPlace change(paste.path, {});
      assert_true(swr::update_deflate(paste.layout(), update, change, change.add(paste.path),
                                      paste.counters)
                      .done);
    }
    assert_same(load_file(paste.path), before);
  }
}

void old_pixels_leave_no_trace_in_the_file(void**) {
  // The file contains incompressible pixels literally: a part of them would be found.
  Paste paste{.raw = noise(40 * slot)};
  const Bytes secret = part(paste.raw, 10 * slot, 3 * slot);
  paste.create();
  paste.journal.erase = true;
  const auto holds = [&](const Bytes& piece) {
    const Bytes file = load_file(paste.path);
    return std::search(file.begin(), file.end(), piece.begin(), piece.end()) != file.end();
  };
  assert_true(holds(part(secret, 100, 16)));
  assert_true(paste.apply({{10 * slot, Bytes(3 * slot)}}, std::ssize(paste.raw)));
  for (int64_t at = 0; at + 16 <= std::ssize(secret); at += 16)
    assert_false(holds(part(secret, at, 16)));
}

void engines_and_levels_all_paste(void**) {
  for (const std::string& engine : engines()) {
    for (const int level : {1, 6, 9}) {
      Paste paste{.raw = ct(40 * slot)};
      paste.how.options.engine = engine;
      paste.how.options.level = level;
      paste.create();
      assert_true(paste.apply({{3 * slot, noise(3000)}, {17 * slot, Bytes(3 * slot)}},
                              std::ssize(paste.raw)));
      assert_true(paste.apply({{39 * slot, noise(2 * slot)}}, 41 * slot));
    }
  }
}

class Slots : public swr::SlotTable {
 public:
  Slots(std::initializer_list<std::pair<uint32_t, uint32_t>> bytes_and_runs) {
    for (const auto& [bytes, run] : bytes_and_runs) slots_.push_back({bytes, run, 0});
  }
  int64_t count() const override { return std::ssize(slots_); }
  swr::Slot get(int64_t number) override { return slots_.at(static_cast<size_t>(number)); }
  void set(int64_t number, const swr::Slot& slot) override {
    slots_.at(static_cast<size_t>(number)) = slot;
  }
  // Of a change of one slot.
  bool make_room(int64_t changed, const swr::Ladder& ladder) {
    return swr::make_room(
        *this, [&](int64_t from) { return from <= changed ? changed : count(); }, count(), 4096,
        ladder);
  }

 private:
  std::vector<swr::Slot> slots_;
};

void ladder_rebalances_before_it_moves_the_tail(void**) {
  Slots slots{{1000, 900}, {1000, 1050}, {1000, 900}, {1000, 900}};
  assert_true(slots.make_room(1, {3, true}));
  int64_t total = 0;
  for (int64_t i = 0; i < slots.count(); ++i) {
    total += slots.get(i).bytes;
    assert_true(swr::run_fits(slots.get(i).run_bytes, slots.get(i).bytes));
  }
  assert_int_equal(total, 4000);
}

void ladder_moves_the_tail_only_if_it_may(void**) {
  Slots refused{{1000, 2000}, {1000, 1000}};
  assert_false(refused.make_room(0, {3, false}));
  Slots moved{{1000, 2000}, {1000, 1000}};
  assert_true(moved.make_room(0, {3, true}));
  assert_true(moved.get(0).bytes >= 2000 && moved.get(1).bytes == 1000);
}

void touched_slots_are_those_that_change_and_all_new_ones(void**) {
  const swr::StreamShape shape{.slot_raw_bytes = slot, .pixel_bytes = 10 * slot + 1};
  const auto touched = [&](const std::vector<Stretch>& stretches, int64_t size) {
    const StretchOverlay overlay(stretches, size);
    const swr::DeflateUpdate update{.overlay = &overlay,
                                    .new_bytes = size,
                                    .prefix_patches = {},
                                    .options = {},
                                    .resources = {}};
    const swr::TouchedSlots all(shape, update);
    std::vector<int64_t> numbers;
    for (int64_t at = all.next(0); at < swr::slot_count(size, slot); at = all.next(at + 1))
      numbers.push_back(at);
    return numbers;
  };
  assert_true(touched({}, 10 * slot + 1).empty());
  assert_true((touched({{0, Bytes(1)}, {4 * slot - 1, Bytes(2)}}, 10 * slot + 1) ==
               std::vector<int64_t>{0, 3, 4}));
  assert_true((touched({{10 * slot, Bytes(1)}}, 10 * slot + 1) == std::vector<int64_t>{10}));
  assert_true((touched({{10 * slot + 1, Bytes(2 * slot)}}, 12 * slot + 1) ==
               std::vector<int64_t>{10, 11, 12}));
  assert_true((touched({{3 * slot, Bytes(1)}, {11 * slot, Bytes(2)}}, 11 * slot + 2) ==
               std::vector<int64_t>{3, 10, 11}));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(paste_that_fits_leaves_everything_where_it_was),
      cmocka_unit_test(paste_of_every_slot_and_of_none_is_right),
      cmocka_unit_test(overflow_by_a_little_is_encoded_with_more_effort),
      cmocka_unit_test(overflow_of_a_slot_is_taken_by_its_neighbours),
      cmocka_unit_test(overflow_beside_a_page_of_the_directory_moves_the_page),
      cmocka_unit_test(overflow_without_any_slack_moves_the_tail),
      cmocka_unit_test(overflow_everywhere_still_finds_its_way),
      cmocka_unit_test(overflow_with_bytes_behind_the_stream_is_refused_and_changes_nothing),
      cmocka_unit_test(overflow_with_bytes_behind_the_stream_can_still_be_rebalanced),
      cmocka_unit_test(remainder_that_no_filler_fills_is_solved),
      cmocka_unit_test(random_pastes_one_after_the_other_stay_right),
      cmocka_unit_test(growth_from_every_size_to_every_size_is_right),
      cmocka_unit_test(stream_of_an_old_version_is_read_pasted_into_and_grown),
      cmocka_unit_test(random_pastes_and_growth_agree_with_a_model),
      cmocka_unit_test(growth_by_many_appends_stays_cheap),
      cmocka_unit_test(prefix_is_patched_with_its_checksum),
      cmocka_unit_test(change_that_is_not_committed_is_rolled_back),
      cmocka_unit_test(old_pixels_leave_no_trace_in_the_file),
      cmocka_unit_test(engines_and_levels_all_paste),
      cmocka_unit_test(ladder_rebalances_before_it_moves_the_tail),
      cmocka_unit_test(ladder_moves_the_tail_only_if_it_may),
      cmocka_unit_test(touched_slots_are_those_that_change_and_all_new_ones),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

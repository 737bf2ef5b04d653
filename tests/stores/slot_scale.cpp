// What a change of a slotted stream costs does not depend on how many slots it has. Calls are
// counted by the faulty system, memory by the allocator below.
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "faulty_system.h"
#include "stores/slotted_file.h"

#include "directory.h"
#include "updates.h"

namespace {

std::atomic<int64_t> allocated{0}, most_allocated{0};

void* allocate(size_t bytes, size_t alignment) {
  void* const memory =
      alignment > alignof(std::max_align_t)
          ? std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)
          : std::malloc(bytes);
  if (!memory) throw std::bad_alloc();
  const int64_t now = allocated += static_cast<int64_t>(malloc_usable_size(memory));
  int64_t most = most_allocated;
  while (now > most && !most_allocated.compare_exchange_weak(most, now)) {
  }
  return memory;
}

void release(void* memory) {
  if (memory) allocated -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(size_t bytes) {
  return allocate(bytes, 0);
}
void* operator new(size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, size_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  release(memory);
}

using namespace streams;

namespace {

constexpr int64_t slot = 4096;
constexpr int64_t few = 2000, many = 150000;  // slots: 8 pages, and 586
constexpr int64_t limit = 2 << 20;

struct Cost {
  int64_t reads = 0, writes = 0, memory = 0;
};

template <typename Work>
int64_t calls_of(swr::faulty::Call kind, const Work& work) {
  swr::faulty::plan({.kind = kind});
  work();
  const int64_t calls = swr::faulty::calls();
  swr::faulty::plan({});
  return calls;
}

template <typename Work>
int64_t memory_of(const Work& work) {
  const int64_t before = allocated;
  most_allocated = before;
  work();
  return most_allocated - before;
}

// Writes zeros, which need few bytes, piece by piece.
void create(const std::string& path, int64_t slots, bool indexed = true, double slack = 3) {
  constexpr int64_t block = 64 * slot;
  std::remove(path.c_str());
  swr::File file(path, swr::File::Mode::create_new);
  swr::StoreCounters counters;
  const auto store = swr::SlottedStream::create(
      file, 0, true, "", slots * slot,
      {.level = 1, .slot_bytes = slot, .slack_percent = slack, .indexed = indexed}, counters);
  const Bytes zeros(block);
  for (int64_t at = 0; at < slots * slot; at += block)
    store->place(store->encode(
        at, std::span(zeros).first(static_cast<size_t>(std::min(block, slots * slot - at)))));
  store->finish();
}

void change(const std::string& path, int64_t slots, const swr::Overlay& overlay,
            int64_t new_bytes) {
  const swr::DeflateUpdate update{.overlay = &overlay,
                                  .new_bytes = new_bytes,
                                  .prefix_patches = {},
                                  .options = {.level = 1, .slack_percent = 0},
                                  .resources = {.threads = 1, .memory_limit = limit}};
  swr::StoreCounters counters;
  swr::InPlace in_place(path, {});
  assert_true(swr::update_deflate(layout_of(path, slots * slot), update, in_place,
                                  in_place.add(path), counters)
                  .done);
  in_place.commit();
  assert_true(counters.memory.peak() > 0 && counters.memory.peak() < limit);
}

void paste(const std::string& path, int64_t slots, const std::vector<Stretch>& stretches,
           int64_t new_bytes) {
  change(path, slots, StretchOverlay(stretches, new_bytes), new_bytes);
}

void read_and_compare(const std::string& path, int64_t bytes, int64_t offset,
                      const Bytes& expected) {
  const auto reader =
      swr::DeflateReader::open(layout_of(path, bytes), {.threads = 1, .memory_limit = limit});
  assert_same(read_part(*reader, offset, std::ssize(expected)), expected);
  assert_true(reader->slotted());
}

// Opens, reads, pastes and appends in the middle and at the end of a stream of so many slots.
template <typename Count>
std::vector<int64_t> costs(int64_t slots, const Count& count) {
  const std::string path = "scale.gz";
  create(path, slots);
  const int64_t middle = slots / 2 * slot + 77;
  const Bytes few_ones(100, std::byte{1});
  std::vector<int64_t> costs;
  costs.push_back(count([&] { read_and_compare(path, slots * slot, middle, Bytes(100)); }));
  costs.push_back(count([&] { paste(path, slots, {{middle, few_ones}}, slots * slot); }));
  costs.push_back(count([&] {
    paste(path, slots, {{slots * slot, Bytes(3 * slot, std::byte{2})}}, (slots + 3) * slot);
  }));
  read_and_compare(path, (slots + 3) * slot, middle, few_ones);
  read_and_compare(path, (slots + 3) * slot, (slots + 3) * slot - 5, Bytes(5, std::byte{2}));
  return costs;
}

void calls_do_not_grow_with_the_number_of_slots(void**) {
  for (const auto kind : {swr::faulty::Call::pread, swr::faulty::Call::pwrite}) {
    const auto count = [kind](const auto& work) { return calls_of(kind, work); };
    const auto small = costs(few, count), large = costs(many, count);
    for (size_t i = 0; i < small.size(); ++i) {
      // A level more of the index is a few more nodes, however many slots there are.
      assert_true(large[i] <= small[i] + 8);
    }
  }
}

void memory_does_not_grow_with_the_number_of_slots(void**) {
  const auto count = [](const auto& work) { return memory_of(work); };
  const auto small = costs(few, count), large = costs(many, count);
  for (size_t i = 0; i < small.size(); ++i) {
    // What there is of nodes is kept only as far as the limit allows.
    assert_true(large[i] <= small[i] + swr::SlottedFile::directory_memory(limit) * 2);
    assert_true(large[i] <= limit);
  }
  assert_true(memory_of([] { create("scale.gz", many); }) <= limit);
}

void memory_stays_within_the_limit_where_all_slots_have_to_move(void**) {
  const std::string path = "moves.gz";
  create(path, many, true, 0);
  const Bytes fresh = noise(1000);
  assert_true(memory_of([&] { paste(path, many, {{3 * slot, fresh}}, many * slot); }) <= limit);
  read_and_compare(path, many * slot, 3 * slot, fresh);
  read_and_compare(path, many * slot, many * slot - 10, Bytes(10));
  assert_true(memory_of([&] {
                paste(path, many, {{many * slot, fresh}}, (many + 500) * slot);
              }) <= limit);
  read_and_compare(path, (many + 500) * slot, many * slot, fresh);
}

// A few bytes of every slot.
class EverySlot : public swr::Overlay {
 public:
  int64_t next_change(int64_t from) const override {
    return from % slot < 3 ? from : (from / slot + 1) * slot;
  }
  void apply(int64_t offset, std::span<std::byte> raw) const override {
    for (int64_t at = next_change(offset); at < offset + std::ssize(raw); at = next_change(at + 1))
      raw[static_cast<size_t>(at - offset)] = static_cast<std::byte>(at / slot % 251);
  }
};

void memory_stays_within_the_limit_where_all_slots_change(void**) {
  constexpr int64_t slots = 20000;
  const std::string path = "changes.gz";
  create(path, slots);
  const EverySlot overlay;
  assert_true(memory_of([&] { change(path, slots, overlay, slots * slot); }) <= limit);
  for (int64_t at = 0; at < slots; at += 999) {
    Bytes expected(slot);
    overlay.apply(at * slot, expected);
    read_and_compare(path, slots * slot, at * slot, expected);
  }
}

void memory_stays_within_the_limit_without_an_index(void**) {
  const std::string path = "old.gz";
  create(path, many, false);
  const Bytes ones(100, std::byte{1});
  const int64_t middle = many / 2 * slot;
  assert_true(memory_of([&] { read_and_compare(path, many * slot, middle, Bytes(100)); }) <= limit);
  assert_true(memory_of([&] { paste(path, many, {{middle, ones}}, many * slot); }) <= limit);
  read_and_compare(path, many * slot, middle, ones);
  assert_true(memory_of([&] {
                paste(path, many, {{many * slot, ones}}, (many + 1) * slot);
              }) <= limit);
  read_and_compare(path, (many + 1) * slot, many * slot, ones);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(calls_do_not_grow_with_the_number_of_slots),
      cmocka_unit_test(memory_does_not_grow_with_the_number_of_slots),
      cmocka_unit_test(memory_stays_within_the_limit_where_all_slots_have_to_move),
      cmocka_unit_test(memory_stays_within_the_limit_where_all_slots_change),
      cmocka_unit_test(memory_stays_within_the_limit_without_an_index),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

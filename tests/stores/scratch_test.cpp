// Scratch space, in memory, in its file and partly in each, against plain bytes.
#include <latch>
#include <thread>

#include "stores/scratch.h"

#include "streams.h"

using namespace streams;

namespace {

constexpr int64_t chunk = 4096, size = 20 * chunk;

void writes_anywhere_read_back_whatever_the_memory(void**) {
  for (const int64_t memory : {int64_t{0}, chunk - 1, 3 * chunk, 100 * chunk}) {
    std::minstd_rand random(5);
    swr::StoreCounters counters;
    swr::Scratch scratch(memory, "scratch", counters, chunk);
    Bytes model(size);
    for (unsigned round = 0; round < 300; ++round) {
      const auto bytes = static_cast<int64_t>(1 + random() % (3 * chunk));
      const auto offset = static_cast<int64_t>(random()) % (size - bytes);
      if (round % 2 == 0) {
        const Bytes written = noise(bytes, round);
        scratch.write(offset, written);
        std::ranges::copy(written, model.begin() + offset);
      } else {
        assert_same(read_part(scratch, offset, bytes), part(model, offset, bytes));
      }
    }
    assert_true(counters.memory.peak() <= memory);
  }
}

void what_was_never_written_reads_as_zeros(void**) {
  swr::StoreCounters counters;
  swr::Scratch scratch(chunk, "scratch", counters, chunk);
  assert_same(read_part(scratch, 5 * chunk, 10), Bytes(10));
  scratch.write(3, Bytes(1, std::byte{1}));
  scratch.write(9 * chunk, Bytes(1, std::byte{1}));
  assert_same(read_part(scratch, 4, 9 * chunk - 4), Bytes(9 * chunk - 4));
  assert_same(read_part(scratch, 9 * chunk + 1, 3 * chunk), Bytes(3 * chunk));
}

void going_back_gives_the_room_to_the_next_piece(void**) {
  swr::StoreCounters counters;
  swr::Scratch scratch(2 * chunk, "scratch", counters, chunk);
  const auto kept = scratch.append(noise(100));
  const int64_t before = scratch.end();
  scratch.append(noise(3 * chunk, 1));
  scratch.go_back_to(before);
  const auto next = scratch.append(noise(3 * chunk, 2));
  assert_int_equal(next.offset, before);
  Bytes found(100), found_next(3 * chunk);
  scratch.read(kept, found);
  scratch.read(next, found_next);
  assert_same(found, noise(100));
  assert_same(found_next, noise(3 * chunk, 2));
}

// A reader beside the writers, one of which makes the file: many times, since that moment is short.
void threads_write_and_read_at_the_same_time(void**) {
  constexpr unsigned writers = 2;
  std::atomic<int> wrong{0};
  for (unsigned times = 0; times < 100; ++times) {
    swr::StoreCounters counters;
    swr::Scratch scratch(2 * chunk, "scratch", counters, chunk);
    const Bytes before = noise(1000);
    const auto piece = scratch.append(before);
    std::latch all_are_there(writers + 1);
    std::vector<std::thread> threads;
    for (unsigned number = 0; number < writers; ++number) {
      threads.emplace_back([&, number] {
        all_are_there.arrive_and_wait();
        const Bytes mine = noise(3 * chunk, number + 1);
        const auto my_piece = scratch.append(mine);
        Bytes found(mine.size());
        scratch.read(my_piece, found);
        if (found != mine) ++wrong;
      });
    }
    threads.emplace_back([&] {
      all_are_there.arrive_and_wait();
      for (int round = 0; round < 20; ++round) {
        Bytes found(before.size()), nothing(10);
        scratch.read(piece, found);
        scratch.read(50 * chunk, nothing);
        if (found != before || nothing != Bytes(10)) ++wrong;
      }
    });
    for (auto& thread : threads) thread.join();
  }
  assert_int_equal(wrong.load(), 0);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(writes_anywhere_read_back_whatever_the_memory),
      cmocka_unit_test(what_was_never_written_reads_as_zeros),
      cmocka_unit_test(going_back_gives_the_room_to_the_next_piece),
      cmocka_unit_test(threads_write_and_read_at_the_same_time),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// Callbacks that throw or cancel: the exception leaves the call unchanged, and the file stays.
#include <atomic>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <vector>

#include "cpp/cpp_tests.h"
#include "heap/heap.h"

namespace {

struct Broken : std::runtime_error {
  Broken(const std::string& why, int what) : std::runtime_error(why), number(what) {}
  int number;
};

// Calls write() and returns the number of the exception that leaves it; 0 if none does, -1 for
// another one.
template <class Source>
int broken_by(swr::Writer& writer, Source&& source) {
  try {
    writer.write(source);
  } catch (const Broken& broken) {
    return broken.number;
  } catch (const std::exception& error) {
    print_error("another exception: %s\n", error.what());
    return -1;
  }
  return 0;
}

template <class Change>
void expect_unharmed(const char* path, const Change& change) {
  make_small(path);
  snapshot* before = snapshot_take();
  change();
  assert_unchanged(before);
  snapshot_free(before);
}

void fail_at_third(swr::Piece& piece) {
  if (piece.number() == 2) throw Broken("the lamp is out", 42);
  fill(piece);
}

// No object is alive where a test is skipped, which is a jump.
swr_status make_image_of(const test_case* t, char message[512]) {
  try {
    make_small(t->path);
  } catch (const swr::Error& error) {
    std::snprintf(message, 512, "%s", error.what());
    return error.status();
  }
  return SWR_OK;
}

void an_exception_of_a_source_leaves_write_unchanged(void** state) {
  const test_case* t = static_cast<const test_case*>(*state);
  char message[512] = "";
  const swr_status status = make_image_of(t, message);
  skip_if_too_narrow(status, message);
  assert_int_equal(status, SWR_OK);
  swr::Writer writer = small_writer(t->path);
  if (t->kind->set_compression) writer.set_compression("deflate", 1);
  writer.write(fill);
  snapshot* before = snapshot_take();
  assert_int_equal(broken_by(writer, fail_at_third), 42);
  assert_says(writer.message().c_str(), "piece 3 of 4");
  assert_says(writer.message().c_str(), "the lamp is out");
  assert_unchanged(before);
  writer.set_existing(SWR_EXISTING_UPDATE);  // in place, where the format can
  assert_int_equal(broken_by(writer, fail_at_third), 42);
  assert_unchanged(before);
  writer.write(fill);  // the writer can be used again
  snapshot_free(before);
}

void an_exception_on_a_pull_thread_leaves_write_unchanged(void**) {
  expect_unharmed("image.mha", [] {
    swr::Writer writer = small_writer("image.mha");
    writer.set_pull_threads(4);
    for (int round = 0; round < 20; ++round) {
      std::atomic<int> calls{0};
      const int number = broken_by(writer, [&](swr::Piece& piece) {
        fill(piece);
        const int call = ++calls;
        if (call >= 2) throw Broken("broken", call);  // several of them at a time
      });
      assert_true(number >= 2);
    }
  });
}

void what_is_no_exception_leaves_write_too(void**) {
  expect_unharmed("image.mha", [] {
    int caught = 0;
    try {
      small_writer("image.mha").write([](swr::Piece&) { throw 17; });
    } catch (int number) {
      caught = number;
    }
    assert_int_equal(caught, 17);
    swr::Writer writer = small_writer("image.mha");
    assert_throws<std::bad_alloc>(
        [&] { writer.write([](swr::Piece&) { throw std::bad_alloc(); }); }, "");
  });
}

void a_source_cancels(void**) {
  expect_unharmed("image.mha", [] {
    swr::Writer writer = small_writer("image.mha");
    assert_throws<swr::CancelledError>(
        [&] { writer.write([](swr::Piece&) { throw swr::CancelledError("enough"); }); }, "enough");
    assert_says(writer.message().c_str(), "cancelled by the source");
  });
}

void a_source_that_delivers_nothing_or_the_wrong_thing_is_refused(void**) {
  expect_unharmed("image.mha", [] {
    swr::Writer writer = small_writer("image.mha");
    assert_throws<swr::SourceError>([&] { writer.write([](swr::Piece&) {}); }, "nothing");
    assert_throws<swr::ArgumentError>(
        [&] { writer.write([](swr::Piece& piece) { piece.pixels<float>(); }); }, "float32");
    const std::vector<uint16_t> lent(30);
    assert_throws<swr::ArgumentError>(
        [&] { writer.write([&](swr::Piece& piece) {
                piece.lend(lent, swr::Region({6, 5, 2}));
              }); },
        "120 bytes; 60");
    assert_throws<swr::SourceRegionError>(
        [&] { writer.write([&](swr::Piece& piece) {
                piece.lend(lent, swr::Region({6, 5, 1}));
              }); },
        "");
  });
}

void lent_memory_is_stored(void**) {
  std::vector<uint16_t> slice(30);
  swr::Writer writer = small_writer("image.mha");
  writer.write([&](swr::Piece& piece) {
    slice.assign(30, static_cast<uint16_t>(piece.number()));
    piece.lend(slice);
  });
  assert_int_equal(writer.statistic(SWR_STATISTIC_LENT), 4);
  assert_int_equal(swr::Reader("image.mha").read<uint16_t>().at(61), 2);
}

void progress_is_told_and_cancels(void**) {
  expect_unharmed("image.mha", [] {
    swr::Writer writer = small_writer("image.mha");
    int64_t last = 0;
    writer.set_progress([&](const swr::Progress& p) {
      last = p.pieces_done;
      return p.pieces_done < 2 || p.pieces != 4 || p.bytes_done != 120 || p.bytes != 240;
    });
    assert_throws<swr::CancelledError>([&] { writer.write(fill); }, "cancelled after 2 of 4");
    assert_int_equal(last, 2);
    writer.set_progress([](const swr::Progress&) { throw Broken("no more", 5); });
    assert_int_equal(broken_by(writer, fill), 5);
    writer.begin();
    int caught = 0;
    try {
      writer.put({{0, 0, 0}, {6, 5, 1}}, std::vector<uint16_t>(30));
    } catch (const Broken& broken) {
      caught = broken.number;
    }
    assert_int_equal(caught, 5);
    writer.abandon();
  });
}

void a_write_is_cancelled_by_whom_it_asks(void**) {
  expect_unharmed("image.mha", [] {
    swr::Writer writer = small_writer("image.mha");
    int asked = 0;
    writer.set_cancel([&] { return ++asked == 2; });
    assert_throws<swr::CancelledError>([&] { writer.write(fill); }, "cancelled after 2 of 4");
    assert_int_equal(asked, 2);
    writer.set_cancel([]() -> bool { throw Broken("no more", 5); });
    assert_int_equal(broken_by(writer, fill), 5);
    writer.set_cancel(nullptr);
  });
}

void the_log_has_the_warnings(void**) {
  std::vector<std::string> warnings;
  swr::Writer writer = small_writer("image.npy");
  writer.set_spacing({1, 1, 2}).set_option("geometry", "drop");
  writer.set_log([&](swr_log_level level, std::string_view message) {
    if (level == SWR_LOG_WARNING) warnings.emplace_back(message);
  });
  writer.write(fill);
  assert_int_equal(warnings.size(), 1);
  assert_says(warnings.at(0).c_str(), "spacing");
}

void an_exception_of_the_log_stops_the_write(void**) {
  expect_unharmed("image.mha", [] {
    swr::Writer writer = small_writer("image.mha");
    writer.set_log([](swr_log_level, std::string_view) { throw Broken("no paper", 6); });
    int pulls = 0;
    const int number = broken_by(writer, [&](swr::Piece& piece) {
      ++pulls;
      fill(piece);
    });
    assert_int_equal(number, 6);
    assert_int_equal(pulls, 0);
  });
}

void a_source_cannot_call_its_writer(void**) {
  expect_unharmed("image.mha", [] {
    swr::Writer writer = small_writer("image.mha");
    assert_throws<swr::StateError>(
        [&] { writer.write([&](swr::Piece&) { writer.set_divisions(2); }); }, "is running");
  });
}

void a_pull_allocates_nothing(void**) {
  swr::detail::Callbacks callbacks;
  int64_t called = 0;
  auto source = [&](swr::Piece&) { ++called; };
  swr::detail::Pull<decltype(source)> pull{&source, &callbacks};
  heap_watch();
  for (int i = 0; i < 10; ++i)
    assert_int_equal(swr::detail::Pull<decltype(source)>::call(nullptr, &pull), SWR_OK);
  assert_int_equal(heap_peak(), 0);
  assert_int_equal(called, 10);
}

}  // namespace

void add_failing_source_tests() {
  TEST_EACH(an_exception_of_a_source_leaves_write_unchanged, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST(an_exception_on_a_pull_thread_leaves_write_unchanged);
  TEST(what_is_no_exception_leaves_write_too);
  TEST(a_source_cancels);
  TEST(a_source_that_delivers_nothing_or_the_wrong_thing_is_refused);
  TEST(lent_memory_is_stored);
  TEST(progress_is_told_and_cancels);
  TEST(a_write_is_cancelled_by_whom_it_asks);
  TEST(the_log_has_the_warnings);
  TEST(an_exception_of_the_log_stops_the_write);
  TEST(a_source_cannot_call_its_writer);
  TEST(a_pull_allocates_nothing);
}

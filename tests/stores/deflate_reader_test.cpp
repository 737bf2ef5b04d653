// Reading compressed pixels: any part, in any order, of slotted streams and of foreign ones.
#include "stores/foreign_stream.h"

#include "streams.h"

using namespace streams;

namespace {

void assert_reads_at_random(swr::ReadStore& store, const Bytes& raw, int rounds,
                            unsigned seed = 1) {
  std::minstd_rand random(seed);
  for (int round = 0; round < rounds; ++round) {
    const auto offset = static_cast<int64_t>(random()) % std::ssize(raw);
    const auto most =
        std::min<int64_t>(std::ssize(raw) - offset, random() % 4 == 0 ? 500000 : 3000);
    const auto bytes = static_cast<int64_t>(random()) % (most + 1);
    assert_same(read_part(store, offset, bytes), part(raw, offset, bytes));
  }
}

void slotted_stream_is_read_in_any_order(void**) {
  const Bytes raw = ct(2345678);
  for (const int64_t slot : {4096, 65536, 1 << 20}) {
    write_slotted("reader.z", raw, {.options = {.level = 1, .slot_bytes = slot}, .block_slots = 1});
    for (const int threads : {1, 3}) {
      const auto reader = swr::DeflateReader::open(layout_of("reader.z", std::ssize(raw)),
                                                   {.threads = threads, .memory_limit = 1 << 20});
      assert_true(reader->slotted());
      assert_reads_at_random(*reader, raw, 60);
      assert_same(read_part(*reader, 0, std::ssize(raw)), raw);
      assert_same(read_part(*reader, 7, 0), Bytes());
    }
  }
}

void foreign_stream_is_read_in_any_order(void**) {
  const Bytes raw = ct(12345678);
  for (const int window_bits : {15, 31}) {
    save("foreign.z", deflate_all(raw, 1, window_bits));
    // Little memory: states are kept far apart.
    for (const int64_t memory : {int64_t{1} << 18, int64_t{1} << 28}) {
      const auto reader = swr::DeflateReader::open(layout_of("foreign.z", std::ssize(raw)),
                                                   {.memory_limit = memory});
      assert_false(reader->slotted());
      assert_reads_at_random(*reader, raw, 40, static_cast<unsigned>(memory));
      assert_same(read_part(*reader, 0, std::ssize(raw)), raw);
      assert_reads_at_random(*reader, raw, 40, 5);
      reader->verify();
    }
  }
}

void foreign_stream_read_in_order_is_inflated_once(void**) {
  const Bytes raw = ct(4000000);
  save("once.z", deflate_all(raw, 6));
  const swr::File file("once.z", swr::File::Mode::read);
  swr::ForeignStream stream(file, {0, file.size()}, std::ssize(raw), 1 << 20);
  int64_t last = -1, edges = 0;
  stream.watch_edges([&](const swr::ForeignStream::Edge& edge) {
    assert_true(edge.bit >= last);
    last = edge.bit;
    ++edges;
  });
  for (int64_t at = 0; at < std::ssize(raw); at += 1000) {
    Bytes out(static_cast<size_t>(std::min<int64_t>(1000, std::ssize(raw) - at)));
    stream.read(at, out);
    assert_same(out, part(raw, at, std::ssize(out)));
  }
  assert_true(stream.ends_at(std::ssize(raw)));
  assert_true(edges > 10);
}

void prefix_and_offset_are_passed_over(void**) {
  Bytes raw = ct(300000);
  const Bytes stream = deflate_all(raw, 6, 31);
  Bytes file = noise(1000);
  file.insert(file.end(), stream.begin(), stream.end());
  save("offset.z", file);
  const auto reader = swr::DeflateReader::open(layout_of("offset.z", 299648, 1000, 352), {});
  assert_same(read_part(*reader, 0, 299648), part(raw, 352, 299648));
  assert_same(read_part(*reader, 5000, 10), part(raw, 5352, 10));
  reader->verify();
}

void lines_in_front_of_the_stream_are_skipped(void**) {
  const Bytes raw = ct(50000);
  const std::string lines = "one line\nand\nthree\n";
  Bytes file(lines.size());
  std::memcpy(file.data(), lines.data(), lines.size());
  const Bytes stream = deflate_all(raw, 6, 31);
  file.insert(file.end(), stream.begin(), stream.end());
  save("lines.z", file);
  auto layout = layout_of("lines.z", 50000);
  layout.parts[0].lines_to_skip = 3;
  assert_same(read_part(*swr::DeflateReader::open(layout, {}), 0, 50000), raw);
  layout.parts[0].lines_to_skip = 100000;
  assert_int_equal(status_of([&] { swr::DeflateReader::open(layout, {}); }), SWR_ERROR_CORRUPT);
}

void stream_at_the_end_of_its_file_is_found_by_its_length(void**) {
  const Bytes raw = ct(50000);
  Bytes file = noise(123);
  const Bytes stream = deflate_all(raw, 6);
  file.insert(file.end(), stream.begin(), stream.end());
  save("last.z", file);
  assert_same(read_part(*swr::DeflateReader::open(
                            layout_of("last.z", 50000, -1, 0, std::ssize(stream)), {}),
                        0, 50000),
              raw);
  assert_int_equal(status_of([&] { swr::DeflateReader::open(layout_of("last.z", 50000, -1), {}); }),
                   SWR_ERROR_CORRUPT);
}

void members_of_gzip_are_one_sequence(void**) {
  const Bytes raw = ct(3000000);
  Bytes file;
  for (int64_t from = 0; from < std::ssize(raw); from += 700000) {
    const Bytes member =
        deflate_all(part(raw, from, std::min<int64_t>(700000, std::ssize(raw) - from)), 6, 31);
    file.insert(file.end(), member.begin(), member.end());
  }
  save("members.gz", file);
  const auto reader = swr::DeflateReader::open(layout_of("members.gz", std::ssize(raw)), {});
  assert_same(read_part(*reader, 0, std::ssize(raw)), raw);
  assert_reads_at_random(*reader, raw, 30);
  reader->verify();
}

void bytes_behind_the_stream_do_no_harm(void**) {
  const Bytes raw = ct(200000);
  for (const int window_bits : {15, 31}) {
    Bytes file = deflate_all(raw, 6, window_bits);
    file.insert(file.end(), 512, std::byte{0});
    save("trailing.z", file);
    const auto reader = swr::DeflateReader::open(layout_of("trailing.z", 200000), {});
    assert_same(read_part(*reader, 0, 200000), raw);
    reader->verify();
  }
}

void head_of_gzip_may_hold_every_field(void**) {
  const Bytes raw = ct(60000);
  const Bytes plain = deflate_all(raw, 6, 31);
  for (int flags = 0; flags < 32; ++flags) {
    Bytes file(plain.begin(), plain.begin() + 10);
    file[3] = static_cast<std::byte>(flags);
    const auto add = [&](const std::string& text) {
      for (const char c : text) file.push_back(static_cast<std::byte>(c));
    };
    if (flags & 4)
      add(
          std::string("\x04\x00"
                      "abcd",
                      6));
    if (flags & 8) add(std::string("name\0", 5));
    if (flags & 16) add(std::string("comment\0", 8));
    if (flags & 2) add("hc");
    file.insert(file.end(), plain.begin() + 10, plain.end());
    save("fields.gz", file);
    assert_same(read_part(*swr::DeflateReader::open(layout_of("fields.gz", 60000), {}), 0, 60000),
                raw);
  }
}

void preset_dictionary_is_unsupported(void**) {
  const Bytes raw = ct(10000);
  save("dictionary.z", deflate_all(raw, 6, 15, Z_DEFAULT_STRATEGY, 8, labels(1000)));
  const auto reader = swr::DeflateReader::open(layout_of("dictionary.z", 10000), {});
  assert_int_equal(status_of([&] { read_part(*reader, 0, 10); }), SWR_ERROR_UNSUPPORTED);
}

void missing_file_is_not_found(void**) {
  assert_int_equal(status_of([] { swr::DeflateReader::open(layout_of("no such file", 1), {}); }),
                   SWR_ERROR_NOT_FOUND);
}

void length_that_the_header_tells_is_respected(void**) {
  const Bytes raw = ct(200000);
  const int64_t bytes = write_slotted("length.z", raw, {.offset = 5});
  Bytes file = load_file("length.z");
  file.insert(file.end(), 100, std::byte{'x'});
  save("length.z", file);
  assert_true(swr::DeflateReader::open(layout_of("length.z", 200000, 5, 0, bytes), {})->slotted());
  // Without it the directory is not where it has to be: the stream is read as any other.
  const auto reader = swr::DeflateReader::open(layout_of("length.z", 200000, 5), {});
  assert_false(reader->slotted());
  assert_same(read_part(*reader, 0, 200000), raw);
  assert_int_equal(status_of([&] {
                     swr::DeflateReader::open(layout_of("length.z", 200000, 5, 0, bytes + 101), {});
                   }),
                   SWR_ERROR_CORRUPT);
}

// What follows the pixels in their stream is no damage of them. Much more of it is, and so is what
// the checksum at the end of the stream says.
void image_that_is_shorter_than_the_stream_is_whole(void**) {
  const Bytes raw = ct(200000);
  Bytes file = deflate_all(raw, 6);
  save("longer.z", file);
  const auto reader = swr::DeflateReader::open(layout_of("longer.z", 150000), {});
  assert_same(read_part(*reader, 0, 150000), part(raw, 0, 150000));
  reader->verify();
  file.back() ^= std::byte{1};
  save("longer.z", file);
  const auto damaged = swr::DeflateReader::open(layout_of("longer.z", 150000), {});
  assert_int_equal(status_of([&] { damaged->verify(); }), SWR_ERROR_CORRUPT);
  save("much_longer.z", deflate_all(Bytes(3 << 20), 6));
  const auto bomb = swr::DeflateReader::open(layout_of("much_longer.z", 150000), {});
  assert_int_equal(status_of([&] { bomb->verify(); }), SWR_ERROR_CORRUPT);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(slotted_stream_is_read_in_any_order),
      cmocka_unit_test(foreign_stream_is_read_in_any_order),
      cmocka_unit_test(foreign_stream_read_in_order_is_inflated_once),
      cmocka_unit_test(prefix_and_offset_are_passed_over),
      cmocka_unit_test(lines_in_front_of_the_stream_are_skipped),
      cmocka_unit_test(stream_at_the_end_of_its_file_is_found_by_its_length),
      cmocka_unit_test(members_of_gzip_are_one_sequence),
      cmocka_unit_test(bytes_behind_the_stream_do_no_harm),
      cmocka_unit_test(head_of_gzip_may_hold_every_field),
      cmocka_unit_test(preset_dictionary_is_unsupported),
      cmocka_unit_test(missing_file_is_not_found),
      cmocka_unit_test(length_that_the_header_tells_is_respected),
      cmocka_unit_test(image_that_is_shorter_than_the_stream_is_whole),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

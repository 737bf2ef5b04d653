// Pastes into streams of other programs: their length stays, every inflater reads the new pixels,
// and streams that do not fit are left alone.
#include "codecs/bit_filler.h"
#include "stores/foreign_stream.h"

#include "streams.h"
#include "updates.h"

using namespace streams;

namespace {

const char* const path = "splice.z";

struct Outcome {
  bool done;
  int64_t blocks;
};

// Pastes into the stream in the file and checks that it is as it was, or right.
Outcome paste(Bytes& raw, const std::vector<Stretch>& stretches, int64_t prefix = 0,
              int64_t memory_limit = int64_t{256} << 20,
              const std::vector<std::pair<int64_t, std::string>>& patches = {}) {
  const auto size = std::ssize(raw) - prefix;
  const StretchOverlay overlay(stretches, size);
  const Bytes before = load_file(path);
  swr::DeflateUpdate update{.overlay = &overlay,
                            .new_bytes = size,
                            .prefix_patches = patches,
                            .options = {},
                            .resources = {.threads = 2, .memory_limit = memory_limit}};
  swr::StoreCounters counters;
  swr::InPlace change(path, {});
  const auto layout = layout_of(path, size, 0, prefix);
  assert_false(swr::forecast_update(layout, update).slotted);
  const auto result = swr::update_deflate(layout, update, change, change.add(path), counters);
  if (!result.done) {
    assert_same(load_file(path), before);
    return {false, 0};
  }
  change.commit();
  for (const auto& [offset, text] : patches) std::memcpy(at(raw, offset), text.data(), text.size());
  for (const Stretch& stretch : stretches)
    std::copy(stretch.bytes.begin(), stretch.bytes.end(), raw.begin() + prefix + stretch.offset);
  assert_int_equal(result.stream_bytes, before.size());
  assert_int_equal(load_file(path).size(), before.size());
  assert_same(inflate_all(load_file(path)), raw);
  const auto reader = swr::DeflateReader::open(layout, {});
  reader->verify();
  return {true, counters.blocks_spliced};
}

Outcome paste_into(const Bytes& stream, Bytes raw, const std::vector<Stretch>& stretches) {
  save(path, stream);
  return paste(raw, stretches);
}

void fill_of_any_number_of_bits_inflates_to_nothing(void**) {
  for (int64_t bits = 0; bits < 1200; ++bits) {
    const auto fill = swr::fill_bits(bits);
    if (bits >= 463) assert_true(fill.has_value());
    if (!fill) continue;
    assert_int_equal(fill->bits(), bits);
    swr::BitWriter out;
    for (int64_t i = 0; i < fill->stored; ++i) {
      out.put(0, 8);
      out.put(0xffff0000u, 32);
    }
    swr::write_unaligned_fill(*fill, out);
    assert_int_equal(out.bits(), bits);
    // A literal with fixed codes after it, and the end.
    out.put(3, 3);
    out.put(0x8c | 0, 8);
    out.put(0, 7);
    z_stream z{};
    inflateInit2(&z, -15);
    Bytes stream = out.bytes();
    stream.resize(stream.size() + 2);
    unsigned char byte = 0;
    z.next_in = reinterpret_cast<Bytef*>(stream.data());
    z.avail_in = static_cast<uInt>(stream.size());
    z.next_out = &byte;
    z.avail_out = 1;
    int result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_OK) {
      unsigned char more;
      z.next_out = &more;
      z.avail_out = 1;
      result = inflate(&z, Z_NO_FLUSH);
      assert_int_equal(z.avail_out, 1);
    }
    inflateEnd(&z);
    assert_int_equal(result, Z_STREAM_END);
    assert_int_equal(z.total_out, 1);
  }
}

void paste_that_removes_detail_fits_at_every_level(void**) {
  const Bytes raw = ct(3000000);
  for (const int level : {1, 2, 5, 6, 9}) {
    for (const int window_bits : {15, 31}) {
      const Bytes stream = deflate_all(raw, level, window_bits);
      const auto outcome =
          paste_into(stream, raw, {{1000000, Bytes(20000)}, {1800000, Bytes(5000, std::byte{1})}});
      assert_true(outcome.done);
      assert_true(outcome.blocks >= 1 && outcome.blocks <= 2);
    }
  }
}

void paste_at_either_end_of_the_stream_fits(void**) {
  const Bytes raw = ct(1000000);
  for (const int level : {1, 6}) {
    const Bytes stream = deflate_all(raw, level);
    assert_true(paste_into(stream, raw, {{0, Bytes(9000)}}).done);
    assert_true(paste_into(stream, raw, {{991000, Bytes(9000)}}).done);
    assert_true(paste_into(stream, raw, {{999000, Bytes(1000)}}).done);
    assert_true(paste_into(stream, raw, {{0, Bytes(1000000)}}).done);
  }
}

void paste_of_every_byte_position_in_the_last_block_fits(void**) {
  const Bytes raw = ct(60000);
  const Bytes stream = deflate_all(raw, 6);
  for (int64_t offset = 30000; offset + 3000 <= 60000; offset += 997)
    assert_true(paste_into(stream, raw, {{offset, Bytes(3000)}}).done);
}

void stream_of_a_single_block_is_changed_whole(void**) {
  for (const int64_t bytes : {500, 3000, 20000}) {
    const Bytes raw = ct(bytes + 200000, 3);
    const Bytes piece = part(raw, 100000, bytes);
    const Bytes stream = deflate_all(piece, 6);
    assert_true(
        paste_into(stream, piece, {{bytes / 4, Bytes(static_cast<size_t>(bytes / 2))}}).done);
  }
}

void stored_blocks_are_replaced(void**) {
  const Bytes raw = noise(400000);
  for (const int level : {0, 6}) {
    const Bytes stream = deflate_all(raw, level);
    assert_true(paste_into(stream, raw, {{150000, Bytes(4000)}}).done);
    assert_true(paste_into(stream, raw, {{390000, Bytes(10000)}}).done);
  }
}

void fixed_blocks_are_replaced(void**) {
  const Bytes raw = ct(500000);
  const Bytes stream = deflate_all(raw, 6, 15, Z_FIXED);
  assert_true(paste_into(stream, raw, {{150000, Bytes(4000)}}).done);
  assert_true(paste_into(stream, raw, {{150000, noise(400)}})
                  .done);  // dynamic codes gain more than the noise costs
  assert_true(paste_into(stream, raw, {{499999, Bytes(1)}}).done);
}

void small_windows_are_respected(void**) {
  const Bytes raw = ct(300000);
  for (const int window_bits : {9, 12}) {
    const Bytes stream = deflate_all(raw, 6, window_bits);
    assert_true(paste_into(stream, raw, {{100000, Bytes(30000)}}).done);
    // A decoder with no more history than the head declares can still read it.
    const Bytes changed = load_file(path);
    z_stream z{};
    inflateInit2(&z, window_bits);
    Bytes out(300001);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(changed.data()));
    z.avail_in = static_cast<uInt>(changed.size());
    size_t have = 0;
    int result = Z_OK;
    while (result == Z_OK) {
      z.next_out = reinterpret_cast<Bytef*>(out.data() + have);
      z.avail_out = 100;
      result = inflate(&z, Z_NO_FLUSH);
      have = z.total_out;
    }
    inflateEnd(&z);
    assert_int_equal(result, Z_STREAM_END);
  }
}

void flushed_streams_of_parallel_programs_are_changed(void**) {
  // As pigz makes them: every 128 KiB end in an empty stored block.
  const Bytes raw = ct(2000000);
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  Bytes stream(3000000);
  z.next_out = reinterpret_cast<Bytef*>(stream.data());
  z.avail_out = static_cast<uInt>(stream.size());
  for (size_t from = 0; from < raw.size(); from += 131072) {
    const size_t bytes = std::min<size_t>(131072, raw.size() - from);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(raw.data() + from));
    z.avail_in = static_cast<uInt>(bytes);
    deflate(&z, from + bytes == raw.size() ? Z_FINISH : Z_SYNC_FLUSH);
  }
  stream.resize(z.total_out);
  deflateEnd(&z);
  assert_true(
      paste_into(stream, raw,
                 {{400000, Bytes(10000)}, {131072 * 3 - 5, Bytes(10)}, {1999990, Bytes(10)}})
          .done);
}

void paste_that_needs_a_wider_stretch_gets_it(void**) {
  // Level 1 leaves something to gain in each block: enough for a little noise, if there are enough
  // blocks.
  const Bytes raw = ct(4000000);
  const Bytes stream = deflate_all(raw, 1);
  int fitted = 0;
  for (int64_t bytes = 100; bytes <= 6400; bytes *= 2)
    fitted += paste_into(stream, raw, {{2000000, noise(bytes)}}).done;
  assert_true(fitted >= 4);
}

void paste_that_cannot_fit_changes_nothing(void**) {
  const Bytes raw = ct(1000000);
  const Bytes stream = deflate_all(raw, 9);
  assert_false(paste_into(stream, raw, {{200000, noise(300000)}}).done);
  assert_false(
      paste_into(deflate_all(labels(100000), 9), labels(100000), {{5000, noise(90000)}}).done);
}

void paste_of_what_is_there_already_writes_nothing(void**) {
  const Bytes raw = ct(1000000);
  const auto outcome = paste_into(deflate_all(raw, 9), raw, {{200000, part(raw, 200000, 500000)}});
  assert_true(outcome.done);
  assert_int_equal(outcome.blocks, 0);
}

void second_change_is_left_to_a_rewrite(void**) {
  for (const int level : {0, 1, 6, 9}) {
    Bytes raw = ct(1000000);
    save(path, deflate_all(raw, level));
    assert_true(paste(raw, {{400000, Bytes(3000)}}).done);
    assert_false(paste(raw, {{800000, Bytes(3000)}}).done);
  }
}

// As a rewrite costs less. The changes alone show it, or the attempts to make them fit.
void change_of_much_is_left_to_a_rewrite(void**) {
  const int64_t bytes = 10000000;
  const Bytes raw = labels(bytes), stream = deflate_all(raw, 1);
  assert_false(paste_into(stream, raw, {{0, Bytes(bytes)}}).done);
  std::vector<Stretch> one_of_each_step;
  for (int64_t at = 0; at < bytes; at += 60000) one_of_each_step.push_back({at, Bytes(1)});
  assert_false(paste_into(stream, raw, one_of_each_step).done);
  assert_true(paste_into(stream, raw, {{5000000, Bytes(1000000)}}).done);
}

void growth_is_left_to_a_rewrite(void**) {
  const Bytes raw = ct(100000);
  save(path, deflate_all(raw, 6));
  const StretchOverlay overlay({{100000, Bytes(10)}}, 100010);
  swr::DeflateUpdate update{.overlay = &overlay,
                            .new_bytes = 100010,
                            .prefix_patches = {},
                            .options = {},
                            .resources = {}};
  swr::StoreCounters counters;
  swr::InPlace change(path, {});
  assert_false(
      swr::update_deflate(layout_of(path, 100000), update, change, change.add(path), counters)
          .done);
}

void several_members_and_trailing_bytes_are_left_alone(void**) {
  const Bytes raw = ct(200000);
  Bytes two = deflate_all(part(raw, 0, 100000), 6, 31);
  const Bytes second = deflate_all(part(raw, 100000, 100000), 6, 31);
  two.insert(two.end(), second.begin(), second.end());
  assert_false(paste_into(two, raw, {{5000, Bytes(1000)}}).done);
  for (const int window_bits : {15, 31}) {
    Bytes trailing = deflate_all(raw, 6, window_bits);
    trailing.insert(trailing.end(), 20, std::byte{'x'});
    assert_false(paste_into(trailing, raw, {{5000, Bytes(1000)}}).done);
  }
}

void preset_dictionary_is_refused(void**) {
  const Bytes raw = ct(100000);
  save(path, deflate_all(raw, 6, 15, Z_DEFAULT_STRATEGY, 8, labels(1000)));
  Bytes copy = raw;
  assert_int_equal(status_of([&] { paste(copy, {{5000, Bytes(1000)}}); }), SWR_ERROR_UNSUPPORTED);
}

void damaged_stream_is_refused_before_anything_is_written(void**) {
  const Bytes raw = ct(300000);
  Bytes stream = deflate_all(raw, 6);
  stream[stream.size() / 2] ^= std::byte{16};
  save(path, stream);
  Bytes copy = raw;
  assert_int_equal(status_of([&] { paste(copy, {{5000, Bytes(1000)}}); }), SWR_ERROR_CORRUPT);
  assert_same(load_file(path), stream);
}

void prefix_is_changed_with_the_pixels(void**) {
  Bytes raw = ct(400000);
  std::copy_n(labels(1000).begin(), 1000, raw.begin());
  save(path, deflate_all(raw, 2, 31));
  Bytes now = raw;
  assert_true(
      paste(now, {{100000, Bytes(10000)}}, 1000, int64_t{256} << 20, {{40, "abcd"}, {900, "zzzz"}})
          .done);
  assert_memory_equal(now.data() + 40, "abcd", 4);
  assert_same(inflate_all(load_file(path)), now);
}

void paste_of_many_boxes_in_little_memory_is_right(void**) {
  Bytes raw = ct(6000000);
  save(path, deflate_all(raw, 1));
  std::vector<Stretch> rows;
  for (int64_t row = 0; row < 3000; ++row) {
    if (row / 100 % 3 == 0)
      rows.push_back(
          {row * 2000 + 300, Bytes(500, std::byte{static_cast<unsigned char>(row & 3)})});
  }
  assert_true(paste(raw, rows, 0, 1 << 20).done);
}

void random_pastes_fit_or_change_nothing(void**) {
  std::minstd_rand random(5);
  int fitted = 0;
  for (int round = 0; round < 60; ++round) {
    const auto bytes = static_cast<int64_t>(20000 + random() % 900000);
    const Bytes raw =
        random() % 3 == 0 ? labels(bytes) : ct(bytes, static_cast<unsigned>(round + 1));
    const Bytes stream =
        deflate_all(raw, static_cast<int>(1 + random() % 9), random() % 2 ? 15 : 31,
                    Z_DEFAULT_STRATEGY, static_cast<int>(1 + random() % 9));
    std::vector<Stretch> stretches;
    for (unsigned i = 0; i <= random() % 4; ++i) {
      const auto length = static_cast<int64_t>(1 + random() % 10000);
      const int64_t offset = static_cast<int64_t>(random()) % (bytes - length);
      stretches.push_back({offset, random() % 4 == 0 ? noise(length, static_cast<unsigned>(round))
                                                     : Bytes(static_cast<size_t>(length))});
    }
    fitted += paste_into(stream, raw, stretches).done;
  }
  assert_true(fitted > 20);
}

void old_pixels_leave_no_trace_in_the_stream(void**) {
  // Stored blocks hold the pixels as they are.
  Bytes raw = noise(300000);
  const Bytes secret = part(raw, 100000, 8000);
  save(path, deflate_all(raw, 0));
  assert_true(paste(raw, {{100000, Bytes(8000)}}).done);
  const Bytes file = load_file(path);
  for (size_t from = 0; from + 16 <= secret.size(); from += 16) {
    assert_true(std::search(file.begin(), file.end(),
                            secret.begin() + static_cast<std::ptrdiff_t>(from),
                            secret.begin() + static_cast<std::ptrdiff_t>(from) + 16) == file.end());
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(fill_of_any_number_of_bits_inflates_to_nothing),
      cmocka_unit_test(paste_that_removes_detail_fits_at_every_level),
      cmocka_unit_test(paste_at_either_end_of_the_stream_fits),
      cmocka_unit_test(paste_of_every_byte_position_in_the_last_block_fits),
      cmocka_unit_test(stream_of_a_single_block_is_changed_whole),
      cmocka_unit_test(stored_blocks_are_replaced),
      cmocka_unit_test(fixed_blocks_are_replaced),
      cmocka_unit_test(small_windows_are_respected),
      cmocka_unit_test(flushed_streams_of_parallel_programs_are_changed),
      cmocka_unit_test(paste_that_needs_a_wider_stretch_gets_it),
      cmocka_unit_test(paste_that_cannot_fit_changes_nothing),
      cmocka_unit_test(paste_of_what_is_there_already_writes_nothing),
      cmocka_unit_test(second_change_is_left_to_a_rewrite),
      cmocka_unit_test(change_of_much_is_left_to_a_rewrite),
      cmocka_unit_test(growth_is_left_to_a_rewrite),
      cmocka_unit_test(several_members_and_trailing_bytes_are_left_alone),
      cmocka_unit_test(preset_dictionary_is_refused),
      cmocka_unit_test(damaged_stream_is_refused_before_anything_is_written),
      cmocka_unit_test(prefix_is_changed_with_the_pixels),
      cmocka_unit_test(paste_of_many_boxes_in_little_memory_is_right),
      cmocka_unit_test(random_pastes_fit_or_change_nothing),
      cmocka_unit_test(old_pixels_leave_no_trace_in_the_stream),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

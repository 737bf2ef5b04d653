// Slotted streams: every standard inflater reads them, for each engine, and slots can be read
// individually.
#include "codecs/block_walk.h"
#include "codecs/deflate_run.h"
#include "codecs/filler.h"
#include "codecs/inflate.h"
#include "codecs/pad_bits.h"

#include "directory.h"
#include "sanitized.h"

using namespace streams;

namespace {

Bytes whole_stream(const std::string& path, int64_t offset = 0) {
  Bytes file = load_file(path);
  file.erase(file.begin(), file.begin() + offset);
  return file;
}

void filler_of_every_size_inflates_to_nothing(void**) {
  for (int64_t bytes = 0; bytes < 200; ++bytes) {
    if (!swr::fillable(bytes)) {
      assert_true(bytes < 5 || bytes == 8);
      continue;
    }
    Bytes filler(static_cast<size_t>(bytes));
    swr::write_filler(filler);
    swr::RunInflater inflater;
    auto input = inflater.input(filler.size() + 6);
    std::copy(filler.begin(), filler.end(), input.begin());
    // A stored block of one byte after it shows that the filler ends on a byte boundary.
    const unsigned char stored[6] = {0, 1, 0, 0xfe, 0xff, 'x'};
    std::memcpy(input.data() + filler.size(), stored, 6);
    std::byte out;
    assert_true(inflater.inflate({&out, 1}));
    assert_true(out == std::byte{'x'});
  }
}

void pad_bits_of_any_bytes_come_back(void**) {
  for (int64_t bytes = 1; bytes < 60; ++bytes) {
    const Bytes data = noise(bytes);
    Bytes hidden(static_cast<size_t>(swr::padded_bytes(bytes))), found(data.size());
    swr::hide_in_pad_bits(data, hidden);
    assert_true(swr::find_in_pad_bits(hidden, found));
    assert_same(found, data);
    hidden[3] = std::byte{0};
    assert_false(swr::find_in_pad_bits(hidden, found));
  }
}

void checksums_of_parts_add_up(void**) {
  const Bytes data = noise(100000);
  Bytes changed = data;
  for (size_t i = 30000; i < 40000; ++i) changed[i] = std::byte{7};
  for (const auto kind : {swr::Checksum::adler32, swr::Checksum::crc32}) {
    const auto sum = [&](const Bytes& bytes, size_t from, size_t to) {
      return swr::checksum_of(kind, std::span(bytes).subspan(from, to - from));
    };
    const uint32_t whole = sum(data, 0, data.size());
    assert_int_equal(
        swr::checksum_combine(kind, sum(data, 0, 41), sum(data, 41, data.size()), 100000 - 41),
        whole);
    assert_int_equal(swr::checksum_replace(kind, whole, sum(data, 30000, 40000),
                                           sum(changed, 30000, 40000), 60000),
                     sum(changed, 0, changed.size()));
    swr::ChecksumChain chain(kind, sum(data, 0, 20000), 20000);
    for (size_t i = 1; i < 5; ++i) chain.add(sum(data, i * 20000, (i + 1) * 20000));
    assert_int_equal(chain.value(), whole);
  }
}

// What zlib computes with lengths of 64 bits, which it does not have on Windows.
void checksums_of_parts_of_many_gigabytes_add_up(void**) {
  struct Case {
    int64_t bytes;
    uint32_t crc, adler;
  };
  constexpr uint32_t first = 0x12345678, crc = 0x9abcdef0, adler = 0x1abcdef0;
  for (const Case& known : {Case{int64_t{1} << 30, 0x9e31cb6e, 0x6daf3576},
                            Case{(int64_t{1} << 31) + 5, 0x20c40082, 0x5edf3576},
                            Case{5'000'000'001, 0x8d03401a, 0x779f3576},
                            Case{(int64_t{1} << 40) + 12345, 0xd8d461b9, 0xbcf23576}}) {
    using swr::Checksum;
    assert_int_equal(swr::checksum_combine(Checksum::crc32, first, crc, known.bytes), known.crc);
    assert_int_equal(swr::checksum_combine(Checksum::adler32, first, adler, known.bytes),
                     known.adler);
    swr::ChecksumChain chain(Checksum::crc32, first, known.bytes);
    chain.add(crc);
    assert_int_equal(chain.value(), known.crc);
    // The difference of two parts is shifted by what follows them.
    assert_int_equal(swr::checksum_replace(Checksum::crc32, 0, first, 0, known.bytes) ^ crc,
                     known.crc);
  }
}

std::vector<swr::DeflateMethod> all_methods() {
  std::vector<swr::DeflateMethod> methods;
  for (int level = 1; level <= 9; ++level) methods.push_back({swr::DeflateEngine::zlib, level});
  for (int level = 0; level <= 12; ++level)
    methods.push_back({swr::DeflateEngine::libdeflate, level});
  for (int level = 0; level <= 3; ++level) methods.push_back({swr::DeflateEngine::isal, level});
  std::erase_if(methods, [](const auto& method) { return !swr::engine_is_built(method.engine); });
  // The levels differ inside the engines, which no sanitizer looks at.
  if (SANITIZED) std::erase_if(methods, [](const auto& method) { return method.level % 3 != 0; });
  return methods;
}

std::vector<Bytes> samples_of_every_kind() {
  std::vector<Bytes> samples = {ct(65536), ct(300001),   labels(65536), noise(65536),  noise(1),
                                noise(5),  noise(65535), noise(65537),  Bytes(262144), Bytes(3)};
  Bytes mixed = ct(200000);
  std::copy_n(noise(70000).begin(), 70000, mixed.begin() + 60000);
  samples.push_back(mixed);
  return samples;
}

void run_of_every_engine_and_level_stands_alone(void**) {
  for (const auto& method : all_methods()) {
    const auto encoder = swr::make_run_encoder(method);
    const std::vector<Bytes> samples = samples_of_every_kind();
    Bytes both;
    for (const Bytes& raw : samples) {
      const auto run = encoder->encode(raw);
      assert_true(static_cast<int64_t>(run.size()) <=
                  swr::longest_run(static_cast<int64_t>(raw.size())));
      const unsigned char flush[4] = {0, 0, 0xff, 0xff};
      assert_memory_equal(run.data() + run.size() - 4, flush, 4);
      swr::RunInflater inflater;
      std::copy(run.begin(), run.end(), inflater.input(run.size()).begin());
      Bytes out(raw.size());
      assert_true(inflater.inflate(out));
      assert_same(out, raw);
      // Neither more nor less than the run gives is taken.
      Bytes longer(raw.size() + 1);
      assert_false(inflater.inflate(longer));
      if (raw.size() > 1) {
        Bytes shorter(raw.size() - 1);
        assert_false(inflater.inflate(shorter));
      }
      // The same data gives the same run, whatever came before.
      const Bytes first(run.begin(), run.end());
      encoder->encode(noise(5000));
      const auto again = encoder->encode(raw);
      assert_same(Bytes(again.begin(), again.end()), first);
      both.insert(both.end(), first.begin(), first.end());
    }
    // Concatenated, they are one stream.
    both.insert(both.begin(), {std::byte{0x78}, std::byte{0x9c}});
    Bytes all;
    for (const Bytes& raw : samples) all.insert(all.end(), raw.begin(), raw.end());
    both.insert(both.end(), {std::byte{3}, std::byte{0}});
    const uint32_t adler = swr::checksum_of(swr::Checksum::adler32, all);
    for (int shift = 24; shift >= 0; shift -= 8)
      both.push_back(static_cast<std::byte>(adler >> shift & 255));
    assert_same(inflate_all(both), all);
  }
}

void encoders_of_a_method_make_the_same_of_the_same_data(void**) {
  for (const auto& method : all_methods()) {
    if (method.level > 3) continue;
    std::vector<std::unique_ptr<swr::RunEncoder>> encoders;
    for (int i = 0; i < 12; ++i) encoders.push_back(swr::make_run_encoder(method));
    for (unsigned seed = 0; seed < (SANITIZED ? 20 : 200); ++seed) {
      Bytes raw = noise(96 + seed % 400, seed);
      for (std::byte& value : raw) value &= std::byte{3};
      const auto run = encoders[0]->encode_whole(raw);
      const Bytes first(run.begin(), run.end());
      for (const auto& encoder : encoders) {
        const auto other = encoder->encode_whole(raw);
        assert_same(Bytes(other.begin(), other.end()), first);
      }
    }
  }
}

// As zlib inflates it: how many of the bytes are the stream, and what is in it.
struct Inflated {
  size_t used = 0;
  Bytes raw;
};

Inflated inflate_raw(const Bytes& stream, size_t raw_bytes) {
  z_stream z{};
  inflateInit2(&z, -15);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(stream.data()));
  z.avail_in = static_cast<uInt>(stream.size());
  Inflated inflated{0, Bytes(raw_bytes + 1)};
  z.next_out = reinterpret_cast<Bytef*>(inflated.raw.data());
  z.avail_out = static_cast<uInt>(inflated.raw.size());
  assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
  inflated.used = stream.size() - z.avail_in;
  inflated.raw.resize(inflated.raw.size() - z.avail_out);
  inflateEnd(&z);
  return inflated;
}

void whole_data_of_every_engine_and_level_ends_with_its_final_block(void**) {
  for (const auto& method : all_methods()) {
    const auto encoder = swr::make_run_encoder(method);
    for (const Bytes& raw : samples_of_every_kind()) {
      const auto run = encoder->encode(raw);
      const size_t bytes_of_run = run.size();
      const auto whole = encoder->encode_whole(raw);
      assert_true(whole.size() <= bytes_of_run);
      const Bytes first(whole.begin(), whole.end());
      const Inflated inflated = inflate_raw(first, raw.size());
      assert_int_equal(inflated.used, first.size());
      assert_same(inflated.raw, raw);
      encoder->encode(noise(5000));
      const auto again = encoder->encode_whole(raw);
      assert_same(Bytes(again.begin(), again.end()), first);
    }
  }
}

void last_block_is_found_in_streams_of_every_kind(void**) {
  swr::BlockWalker walker;
  for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE}) {
    for (const int level : {0, 1, 6, 9}) {
      for (const Bytes& raw : {ct(400000), labels(100000), noise(100000), Bytes(70000), noise(1)}) {
        const Bytes stream = deflate_all(raw, level, -15, strategy);
        const auto block = walker.last_block(stream);
        assert_true(block.has_value());
        assert_int_equal((block->end_bit + 7) / 8, stream.size());
        // The reference: inflating up to there gives everything before the last block.
        z_stream z{};
        inflateInit2(&z, -15);
        z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(stream.data()));
        z.avail_in = static_cast<uInt>(stream.size());
        Bytes out(raw.size() + 1);
        z.next_out = reinterpret_cast<Bytef*>(out.data());
        z.avail_out = static_cast<uInt>(out.size());
        size_t begin = 0;
        int result = Z_OK;
        while ((result = inflate(&z, Z_BLOCK)) == Z_OK) {
          const size_t bit = z.total_in * 8 - static_cast<size_t>(z.data_type & 7);
          if ((z.data_type & 64) == 0) begin = bit;
          if ((z.data_type & 64) != 0) assert_int_equal(block->end_bit, bit);
        }
        inflateEnd(&z);
        assert_int_equal(result, Z_STREAM_END);
        assert_int_equal(block->begin_bit, begin);
        for (size_t cut = 0; cut < stream.size(); cut += 1 + stream.size() / 50) {
          assert_false(walker.last_block(std::span(stream).first(cut)).has_value());
        }
      }
    }
  }
}

void stream_of_every_engine_and_level_is_read_by_zlib(void**) {
  const Bytes raw = ct(700001);
  for (const std::string& engine : engines()) {
    for (int level = 1; level <= 9; level += SANITIZED ? 4 : 1) {
      for (const bool gzip : {false, true}) {
        const NewStream how{.gzip = gzip, .options = {.level = level, .engine = engine}};
        const int64_t bytes = write_slotted("engines.z", raw, how);
        const Bytes stream = whole_stream("engines.z");
        assert_int_equal(stream.size(), bytes);
        assert_same(inflate_all(stream), raw);
        const auto reader =
            swr::DeflateReader::open(layout_of("engines.z", 700001), {.threads = 2});
        assert_true(reader->slotted());
        assert_int_equal(reader->level(), level);
        assert_same(read_part(*reader, 0, 700001), raw);
        reader->verify();
      }
    }
  }
}

void stream_of_any_length_and_slot_size_is_read_by_zlib(void**) {
  for (const int64_t slot : {4096, 65536}) {
    // Around a slot, and around the slots of a page of the directory.
    for (const int64_t base :
         {int64_t{0}, slot, 2 * slot, 255 * slot, 256 * slot, 257 * slot, 512 * slot, 513 * slot}) {
      if (base > 300 * slot && slot > 4096) continue;
      for (const int64_t more : {-1, 0, 1, 2}) {
        const int64_t bytes = base + more;
        if (bytes < 1) continue;
        const Bytes raw = labels(bytes);
        write_slotted(
            "lengths.z", raw,
            {.gzip = more == 1, .options = {.level = 1, .slot_bytes = slot}, .block_slots = 7});
        assert_same(inflate_all(whole_stream("lengths.z")), raw);
        const auto reader = swr::DeflateReader::open(layout_of("lengths.z", bytes), {.threads = 2});
        assert_true(reader->slotted());
        assert_same(read_part(*reader, 0, bytes), raw);
        assert_same(read_part(*reader, bytes - 1, 1), part(raw, bytes - 1, 1));
        reader->verify();
      }
    }
  }
}

void stream_does_not_depend_on_how_blocks_are_cut(void**) {
  const Bytes raw = ct(3000000);
  for (const std::string& engine : engines()) {
    write_slotted("cut1.z", raw, {.options = {.level = 4, .engine = engine}, .block_slots = 1});
    write_slotted("cut9.z", raw, {.options = {.level = 4, .engine = engine}, .block_slots = 9});
    assert_same(load_file("cut9.z"), load_file("cut1.z"));
  }
}

void prefix_of_any_length_is_stored_in_front(void**) {
  const Bytes raw = ct(200000);
  for (const int64_t bytes : {1, 352, 65535, 65536, 140000}) {
    std::string prefix;
    for (const std::byte byte : noise(bytes)) prefix += static_cast<char>(byte);
    write_slotted("prefix.gz", raw, {.gzip = true, .offset = 77, .prefix = prefix});
    Bytes expected(prefix.size());
    std::memcpy(expected.data(), prefix.data(), prefix.size());
    const Bytes file = load_file("prefix.gz");
    for (const int64_t at : {int64_t{0}, bytes / 2, bytes - 1}) {
      assert_true(file[static_cast<size_t>(77 + 10 + swr::position_in_stored_prefix(at))] ==
                  expected[static_cast<size_t>(at)]);
    }
    expected.insert(expected.end(), raw.begin(), raw.end());
    assert_same(inflate_all(whole_stream("prefix.gz", 77)), expected);
    const auto reader = swr::DeflateReader::open(layout_of("prefix.gz", 200000, 77, bytes), {});
    assert_true(reader->slotted());
    assert_same(read_part(*reader, 100, 199900), part(raw, 100, 199900));
    reader->verify();
  }
}

void slack_of_zero_leaves_no_filler_and_more_slack_takes_more_room(void**) {
  const Bytes raw = ct(1000000);
  const int64_t none = write_slotted("slack.z", raw, {.options = {.slack_percent = 0}});
  const int64_t usual = write_slotted("slack.z", raw, {.options = {.slack_percent = 3}});
  const int64_t much = write_slotted("slack.z", raw, {.options = {.slack_percent = 50}});
  assert_true(none + 15000 * 0.9 < usual && usual < none + 60000);
  assert_true(much > usual + 200000);
}

void multiple_of_gibibyte_never_falls_behind_the_last_run(void**) {
  constexpr int64_t gibibyte = int64_t{1} << 30;
  for (const int64_t after : {int64_t{326}, int64_t{330}}) {
    for (int64_t end = gibibyte - 1000; end < gibibyte + 1000; ++end) {
      const int64_t room = swr::room_before_last_run(end, after);
      assert_true(room < 1000);
      const int64_t moved = end + room;
      assert_false(moved - 64 <= gibibyte && gibibyte <= moved + after);
    }
    assert_int_equal(swr::room_before_last_run(5000, after), 0);
    assert_int_equal(swr::room_before_last_run(gibibyte / 2, after), 0);
    assert_true(swr::room_before_last_run(5 * gibibyte + 10, after) > 0);
  }
}

void directory_is_found_and_agrees_with_the_stream(void**) {
  const Bytes raw = ct(257 * 4096 + 5);
  const int64_t bytes = write_slotted("directory.z", raw,
                                      {.offset = 10, .options = {.level = 2, .slot_bytes = 4096}});
  const Directory directory = load_directory("directory.z", 10, bytes);
  assert_int_equal(directory.slots.size(), 258);
  assert_int_equal(directory.pages.size(), 2);
  assert_int_equal(directory.shape().levels(), 2);
  assert_int_equal(directory.checksum(), swr::checksum_of(swr::Checksum::adler32, raw));
  assert_int_equal(directory.footer.checksum, directory.checksum());
  assert_int_equal(directory.end + directory.shape().tail_bytes(), 10 + bytes);
  assert_int_equal(directory.begins[257] + directory.slots[257].bytes, directory.end);
  // A byte more or less at either side, and there is none.
  const swr::File file("directory.z", swr::File::Mode::read);
  assert_false(swr::SlotFooter::find(file, 9, bytes + 1).has_value());
  assert_false(swr::SlotFooter::find(file, 10, bytes - 1).has_value());
  assert_false(swr::SlotFooter::find(file, 11, bytes - 1).has_value());
  assert_false(swr::SlotFooter::find(file, 10, 5).has_value());
}

void directory_of_any_depth_finds_every_slot(void**) {
  for (const int64_t entries : {2, 3, 5, 256}) {
    for (const int64_t slots : {1, 2, 3, 4, 5, 7, 8, 9, 25, 26, 27, 28, 64, 81, 130}) {
      for (const int64_t more : {-5, 0, 1}) {
        const Bytes raw = labels(slots * 4096 + more);
        const NewStream how{.gzip = slots % 2 == 0,
                            .prefix = "prefix",
                            .options = {.level = 1, .slot_bytes = 4096, .node_entries = entries}};
        write_slotted("depth.z", raw, how);
        Bytes expected(6);
        std::memcpy(expected.data(), "prefix", 6);
        expected.insert(expected.end(), raw.begin(), raw.end());
        assert_same(inflate_all(whole_stream("depth.z")), expected);
        const auto reader = swr::DeflateReader::open(layout_of("depth.z", std::ssize(raw), 0, 6),
                                                     {.threads = 2, .memory_limit = 1 << 20});
        assert_same(read_part(*reader, std::ssize(raw) - 1, 1), part(raw, std::ssize(raw) - 1, 1));
        assert_same(read_part(*reader, 0, std::ssize(raw)), raw);
        reader->verify();
        assert_true(reader->slotted());
      }
    }
  }
}

void options_outside_their_limits_are_refused(void**) {
  const Bytes raw = ct(10000);
  const auto status = [&](const swr::DeflateOptions& options) {
    return status_of([&] { write_slotted("options.z", raw, {.options = options}); });
  };
  assert_int_equal(status({.level = 0}), SWR_ERROR_ARGUMENT);
  assert_int_equal(status({.level = 10}), SWR_ERROR_ARGUMENT);
  assert_int_equal(status({.slot_bytes = 4095}), SWR_ERROR_ARGUMENT);
  assert_int_equal(status({.slot_bytes = (4 << 20) + 1}), SWR_ERROR_ARGUMENT);
  assert_int_equal(status({.slack_percent = -1}), SWR_ERROR_ARGUMENT);
  assert_int_equal(status({.slack_percent = std::nan("")}), SWR_ERROR_ARGUMENT);
  assert_int_equal(status({.engine = "zopfli"}), SWR_ERROR_ARGUMENT);
  assert_int_equal(status({.level = 1, .slot_bytes = 4 << 20, .slack_percent = 100}), SWR_OK);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(filler_of_every_size_inflates_to_nothing),
      cmocka_unit_test(pad_bits_of_any_bytes_come_back),
      cmocka_unit_test(checksums_of_parts_add_up),
      cmocka_unit_test(checksums_of_parts_of_many_gigabytes_add_up),
      cmocka_unit_test(run_of_every_engine_and_level_stands_alone),
      cmocka_unit_test(encoders_of_a_method_make_the_same_of_the_same_data),
      cmocka_unit_test(whole_data_of_every_engine_and_level_ends_with_its_final_block),
      cmocka_unit_test(last_block_is_found_in_streams_of_every_kind),
      cmocka_unit_test(stream_of_every_engine_and_level_is_read_by_zlib),
      cmocka_unit_test(stream_of_any_length_and_slot_size_is_read_by_zlib),
      cmocka_unit_test(stream_does_not_depend_on_how_blocks_are_cut),
      cmocka_unit_test(prefix_of_any_length_is_stored_in_front),
      cmocka_unit_test(slack_of_zero_leaves_no_filler_and_more_slack_takes_more_room),
      cmocka_unit_test(multiple_of_gibibyte_never_falls_behind_the_last_run),
      cmocka_unit_test(directory_is_found_and_agrees_with_the_stream),
      cmocka_unit_test(directory_of_any_depth_finds_every_slot),
      cmocka_unit_test(options_outside_their_limits_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

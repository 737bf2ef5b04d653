// Damaged and forged streams: a clear status, never wrong pixels, never more memory than for the
// requested pixels.

#include "codecs/pad_bits.h"

#include "directory.h"
#include "heap/heap.h"
#include "updates.h"

using namespace streams;

namespace {

constexpr int64_t slot = 4096;

// Reads and verifies: either everything is right, or there is a clear status. What is read without
// an error must be the pixels.
void assert_right_or_refused(const char* path, const Bytes& raw, int64_t offset = 0,
                             int64_t prefix = 0) {
  const auto layout = layout_of(path, std::ssize(raw), offset, prefix);
  Bytes out;
  const swr_status status = status_of([&] {
    out = read_part(*swr::DeflateReader::open(layout, {.threads = 1}), 0, std::ssize(raw));
  });
  if (status == SWR_OK) {
    assert_same(out, raw);
  } else {
    assert_true(status == SWR_ERROR_CORRUPT || status == SWR_ERROR_UNSUPPORTED);
  }
}

void truncation_anywhere_is_noticed(void**) {
  const Bytes raw = ct(30 * slot);
  for (const bool foreign : {false, true}) {
    if (foreign) {
      save("cut.z", deflate_all(raw, 6, 31));
    } else {
      write_slotted("cut.z", raw,
                    {.gzip = true, .prefix = "prefix", .options = {.slot_bytes = slot}});
    }
    const Bytes whole = load_file("cut.z");
    for (int64_t bytes = 0; bytes < std::ssize(whole);
         bytes += bytes < 40 || bytes > std::ssize(whole) - 400 ? 1 : 409) {
      save("cut.z", part(whole, 0, bytes));
      std::string message;
      const auto layout =
          layout_of("cut.z", foreign ? std::ssize(raw) : std::ssize(raw), 0, foreign ? 0 : 6);
      const swr_status status = status_of(
          [&] { read_part(*swr::DeflateReader::open(layout, {}), 0, std::ssize(raw)); }, &message);
      assert_int_equal(status, SWR_ERROR_CORRUPT);
      assert_true(message.find("cut.z") != std::string::npos);
    }
  }
}

void flipped_bit_anywhere_never_gives_wrong_pixels(void**) {
  const Bytes raw = ct(20 * slot);
  for (const int64_t node_entries : {0, 3, 256}) {
    if (node_entries == 0) {
      save("flip.z", deflate_all(raw, 6));
    } else {
      write_slotted("flip.z", raw, {.options = {.slot_bytes = slot, .node_entries = node_entries}});
    }
    Bytes file = load_file("flip.z");
    std::minstd_rand random(9);
    for (size_t position = 0; position < file.size();
         position += position < 60 || position > file.size() - 2200 ? 1 : 97) {
      const std::byte bit = std::byte{1} << random() % 8;
      file[position] ^= bit;
      save("flip.z", file);
      assert_right_or_refused("flip.z", raw);
      file[position] ^= bit;
    }
  }
}

void flipped_bit_anywhere_is_found_by_verify(void**) {
  const Bytes raw = ct(5 * slot);
  write_slotted("verify.z", raw, {.options = {.level = 1, .slot_bytes = slot}});
  Bytes file = load_file("verify.z");
  // Only bits that decoders ignore may change unseen: the level in the zlib head has a check of its
  // own.
  for (size_t position = 0; position < file.size(); position += 7) {
    file[position] ^= std::byte{4};
    save("verify.z", file);
    const swr_status status = status_of(
        [&] { swr::DeflateReader::open(layout_of("verify.z", std::ssize(raw)), {})->verify(); });
    if (status == SWR_OK) {
      // A bit that every decoder ignores: the pixels stay the same.
      assert_same(inflate_all(file), raw);
    } else {
      assert_int_equal(status, SWR_ERROR_CORRUPT);
    }
    file[position] ^= std::byte{4};
  }
}

void flipped_bit_in_a_slot_is_an_error_of_that_slot_alone(void**) {
  const Bytes raw = ct(20 * slot);
  write_slotted("slot.z", raw, {.options = {.slot_bytes = slot}});
  Bytes file = load_file("slot.z");
  const int64_t begin = load_directory("slot.z", 0, std::ssize(file)).begins[8];
  file[static_cast<size_t>(begin) - 100] ^= std::byte{1};
  save("slot.z", file);
  const auto reader = swr::DeflateReader::open(layout_of("slot.z", std::ssize(raw)), {});
  assert_true(reader->slotted());
  std::string message;
  assert_int_equal(status_of([&] { read_part(*reader, 7 * slot, 10); }, &message),
                   SWR_ERROR_CORRUPT);
  assert_true(message.find("slot.z") != std::string::npos &&
              message.find(std::to_string(7 * slot)) != std::string::npos);
  assert_same(read_part(*reader, 0, 7 * slot), part(raw, 0, 7 * slot));
  assert_same(read_part(*reader, 8 * slot, 12 * slot), part(raw, 8 * slot, 12 * slot));
  assert_int_equal(status_of([&] { reader->verify(); }), SWR_ERROR_CORRUPT);
}

void lying_directory_never_gives_wrong_pixels(void**) {
  const Bytes raw = ct(300 * slot + 5);
  const auto changes = std::vector<std::function<void(Directory&)>>{
      // Another division of the same room.
      [](auto& d) { d.slots[4].bytes += 20, d.slots[5].bytes -= 20; },
      [](auto& d) { std::swap(d.slots[4], d.slots[5]); },
      [](auto& d) { d.slots[4].run_bytes -= 5; },
      [](auto& d) { d.slots[4].run_bytes = 1, d.slots[4].bytes = d.slots[4].bytes / 5 * 5 + 1; },
      [](auto& d) { std::swap(d.slots[100].checksum, d.slots[101].checksum); },
      [](auto& d) { d.slots[299].checksum ^= 1; },
      [](auto& d) { d.slots[300].bytes = 9; },
      [](auto& d) { d.slots[0].bytes = (1 << 24) - 1; },
      // The bytes before the first slot and after the last.
      [](auto& d) { d.slots[0].bytes += 5, d.slots[0].run_bytes += 5; },
      [](auto& d) { d.slots[0].bytes -= 5, d.footer.shape.prefix_bytes += 5; },
      [](auto& d) { d.slots[300].bytes += 40, d.slots[299].bytes -= 40; },
      [](auto& d) { d.footer.shape.prefix_bytes = 77; },
      [](auto& d) { d.footer.prefix_checksum ^= 0x10001; },
      [](auto& d) { d.footer.shape.pixel_bytes -= 1; },
      [](auto& d) { d.footer.shape.compression_level = 0; },
      [](auto& d) { d.footer.shape.compression_level = 10; },
  };
  heap_watch();
  for (const bool gzip : {false, true}) {
    const std::string prefix(gzip ? 352 : 0, 'h');
    const auto layout = layout_of("false.z", std::ssize(raw), 0, std::ssize(prefix));
    for (const auto& change : changes) {
      write_slotted("false.z", raw,
                    {.gzip = gzip, .prefix = prefix, .options = {.level = 1, .slot_bytes = slot}});
      Directory directory = load_directory("false.z", 0, std::ssize(load_file("false.z")));
      change(directory);
      save_directory("false.z", directory);
      assert_right_or_refused("false.z", raw, 0, std::ssize(prefix));
      // A paste is right, or refused as well.
      const StretchOverlay overlay({{3 * slot, Bytes(4 * slot)}}, std::ssize(raw));
      const swr::DeflateUpdate update{.overlay = &overlay,
                                      .new_bytes = std::ssize(raw),
                                      .prefix_patches = {},
                                      .options = {},
                                      .resources = {}};
      swr::StoreCounters counters;
      const Bytes before = load_file("false.z");
      const swr_status status = status_of([&] {
        swr::InPlace change_of_file("false.z", {});
        swr::update_deflate(layout, update, change_of_file, change_of_file.add("false.z"),
                            counters);
      });
      assert_true(status == SWR_OK || status == SWR_ERROR_CORRUPT);
      assert_same(load_file("false.z"), before);  // none was committed
    }
  }
  assert_true(heap_peak() < 64 << 20);
}

// Calls `each` for every index node of a stream, with its level, number and position.
void for_each_index_node(const std::string& path,
                         const std::function<void(int, int64_t, const swr::IndexNode&)>& each) {
  const swr::File file(path, swr::File::Mode::read);
  const auto footer = swr::SlotFooter::find(file, 0, file.size());
  swr::MemoryMeter meter;
  const swr::SlotPages pages(file, {0, file.size()}, *footer, 1 << 20, meter);
  for (int level = 1; level < footer->shape.levels(); ++level) {
    for (int64_t number = 0; number < footer->shape.nodes(level); ++number)
      each(level, number, *pages.index_node(level, number));
  }
}

void lying_index_never_gives_wrong_pixels(void**) {
  const Bytes raw = ct(30 * slot + 5);
  const NewStream how{.options = {.level = 1, .slot_bytes = slot, .node_entries = 3}};
  const auto changes = std::vector<std::function<void(std::vector<swr::IndexEntry>&)>>{
      [](auto& e) { e.front().position += 5; },
      [](auto& e) { e.back().position -= 5; },
      [](auto& e) { e.front().position = 0; },
      [](auto& e) { e.front().position = (int64_t{1} << 48) - 1; },
      [](auto& e) { std::swap(e.front(), e.back()); },
      [](auto& e) { e.front().position = e.back().position; },
      [](auto& e) { e.back().checksum ^= 1; },
      [](auto& e) { std::swap(e.front().checksum, e.back().checksum); },
  };
  write_slotted("index.z", raw, how);
  const Bytes whole = load_file("index.z");
  struct Forged {
    int64_t position;
    Bytes node;
  };
  std::vector<Forged> forgeries;
  for_each_index_node("index.z", [&](int level, int64_t number, const swr::IndexNode& node) {
    for (const auto& change : changes) {
      auto entries = node.entries;
      change(entries);
      forgeries.push_back({node.position, swr::encode_index_node(entries, level, number)});
    }
    // The node of another place, and damage that its CRC shows.
    forgeries.push_back({node.position, swr::encode_index_node(node.entries, level, number + 1)});
    forgeries.push_back({node.position, swr::encode_index_node(node.entries, level + 1, number)});
    forgeries.push_back({node.position, Bytes(10)});
  });
  assert_true(forgeries.size() > 30);
  for (const Forged& forged : forgeries) {
    Bytes file = whole;
    std::copy(forged.node.begin(), forged.node.end(), file.begin() + forged.position);
    save("index.z", file);
    assert_right_or_refused("index.z", raw);
    for (const int64_t number : {0, 14, 30}) {
      const auto reader = swr::DeflateReader::open(layout_of("index.z", std::ssize(raw)), {});
      const int64_t bytes = std::min<int64_t>(slot, std::ssize(raw) - number * slot);
      Bytes out;
      const auto status = status_of([&] { out = read_part(*reader, number * slot, bytes); });
      if (status == SWR_OK)
        assert_same(out, part(raw, number * slot, bytes));
      else
        assert_int_equal(status, SWR_ERROR_CORRUPT);
    }
    // A paste that goes through leaves a stream that is right.
    const StretchOverlay overlay({{14 * slot, Bytes(slot)}}, std::ssize(raw));
    const swr::DeflateUpdate update{.overlay = &overlay,
                                    .new_bytes = std::ssize(raw),
                                    .prefix_patches = {},
                                    .options = {},
                                    .resources = {}};
    swr::StoreCounters counters;
    swr::InPlace change("index.z", {});
    const auto status = status_of([&] {
      if (swr::update_deflate(layout_of("index.z", std::ssize(raw)), update, change,
                              change.add("index.z"), counters)
              .done)
        change.commit();
    });
    assert_true(status == SWR_OK || status == SWR_ERROR_CORRUPT);
  }
}

void damaged_page_of_a_whole_stream_costs_the_shortcut_and_no_pixel(void**) {
  const Bytes raw = ct(30 * slot);
  write_slotted("page.z", raw, {.options = {.slot_bytes = slot, .node_entries = 3}});
  Bytes file = load_file("page.z");
  const int64_t page = load_directory("page.z", 0, std::ssize(file)).pages[4];
  file[static_cast<size_t>(page)] ^= std::byte{8};  // a hidden bit
  save("page.z", file);
  const auto reader = swr::DeflateReader::open(layout_of("page.z", std::ssize(raw)), {});
  assert_true(reader->slotted());
  assert_same(read_part(*reader, 3 * slot, slot), part(raw, 3 * slot, slot));
  assert_true(reader->slotted());
  assert_same(read_part(*reader, 13 * slot, slot), part(raw, 13 * slot, slot));
  assert_false(reader->slotted());
  assert_same(read_part(*reader, 0, std::ssize(raw)), raw);
}

void directory_that_others_left_behind_is_not_believed(void**) {
  // Another program replaces a slot by one of the same length and corrects the trailer: the
  // directory's checksums do not match it.
  const Bytes raw = ct(10 * slot);
  Bytes other = raw;
  other[2 * slot] ^= std::byte{1};
  write_slotted("stale.z", raw, {.options = {.slot_bytes = slot}});
  Bytes file = load_file("stale.z");
  const uint32_t adler = swr::checksum_of(swr::Checksum::adler32, other);
  for (size_t i = 0; i < 4; ++i)
    file[file.size() - 4 + i] = static_cast<std::byte>(adler >> (24 - 8 * i) & 255);
  save("stale.z", file);
  assert_false(swr::DeflateReader::open(layout_of("stale.z", std::ssize(raw)), {})->slotted());
}

void directory_of_another_image_is_not_believed(void**) {
  const Bytes raw = ct(10 * slot);
  write_slotted("other.z", raw, {.prefix = "abc", .options = {.slot_bytes = slot}});
  assert_true(swr::DeflateReader::open(layout_of("other.z", std::ssize(raw), 0, 3), {})->slotted());
  assert_false(
      swr::DeflateReader::open(layout_of("other.z", std::ssize(raw) - 1, 0, 3), {})->slotted());
  assert_false(
      swr::DeflateReader::open(layout_of("other.z", std::ssize(raw), 0, 2), {})->slotted());
}

void bomb_costs_no_memory(void**) {
  // A stream of 200 KB that inflates to 200 MB, for a header that wants 1000 bytes; and one that
  // claims a terabyte.
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, 15, 9, Z_DEFAULT_STRATEGY);
  Bytes bomb(400000), zeros(1 << 20);
  z.next_out = reinterpret_cast<Bytef*>(bomb.data());
  z.avail_out = static_cast<uInt>(bomb.size());
  for (int i = 0; i < 200; ++i) {
    z.next_in = reinterpret_cast<Bytef*>(zeros.data());
    z.avail_in = static_cast<uInt>(zeros.size());
    assert_int_equal(deflate(&z, i == 199 ? Z_FINISH : Z_NO_FLUSH), i == 199 ? Z_STREAM_END : Z_OK);
  }
  bomb.resize(z.total_out);
  deflateEnd(&z);
  save("bomb.z", bomb);
  heap_watch();
  const auto small = swr::DeflateReader::open(layout_of("bomb.z", 1000), {});
  assert_same(read_part(*small, 0, 999), Bytes(999));
  // At the last pixel the whole stream is checked, and it has no end.
  assert_int_equal(status_of([&] { read_part(*small, 0, 1000); }), SWR_ERROR_CORRUPT);
  assert_int_equal(status_of([&] { small->verify(); }), SWR_ERROR_CORRUPT);
  const auto huge =
      swr::DeflateReader::open(layout_of("bomb.z", int64_t{1} << 40), {.memory_limit = 16 << 20});
  assert_int_equal(status_of([&] { huge->verify(); }), SWR_ERROR_CORRUPT);
  assert_int_equal(status_of([&] { read_part(*huge, (int64_t{1} << 40) - 10, 10); }),
                   SWR_ERROR_CORRUPT);
  assert_true(heap_peak() < 40 << 20);
}

void footer_that_claims_more_than_there_is_costs_no_memory(void**) {
  const Bytes raw = ct(10 * slot);
  const int64_t bytes = write_slotted("claim.z", raw, {.options = {.slot_bytes = slot}});
  const Bytes file = load_file("claim.z");
  // The footer is written again with another length; its own checksum is right.
  Bytes footer(40);
  const auto tail = part(file, bytes - 326, 320);
  assert_true(swr::find_in_pad_bits(tail, footer));
  for (const uint64_t claim : {uint64_t{1} << 62, ~uint64_t{0}, uint64_t{1} << 40, uint64_t{0}}) {
    for (int i = 0; i < 8; ++i)
      footer[static_cast<size_t>(16 + i)] = static_cast<std::byte>(claim >> (8 * i) & 255);
    const uint32_t crc = swr::checksum_of(swr::Checksum::crc32, std::span(footer).first(36));
    for (int i = 0; i < 4; ++i)
      footer[static_cast<size_t>(36 + i)] = static_cast<std::byte>(crc >> (8 * i) & 255);
    Bytes changed = file;
    swr::hide_in_pad_bits(footer,
                          std::span(changed).subspan(static_cast<size_t>(bytes - 326), 320));
    save("claim.z", changed);
    assert_right_or_refused("claim.z", raw);
    if (claim < uint64_t{1} << 62) continue;
    assert_int_equal(status_of([&] {
                       read_part(
                           *swr::DeflateReader::open(layout_of("claim.z", int64_t{1} << 62), {}), 0,
                           10 * slot + 1);
                     }),
                     SWR_ERROR_CORRUPT);
  }
}

void garbage_is_refused(void**) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Bytes file = noise(5000, seed);
    if (seed % 2 == 0) file[0] = std::byte{0x78}, file[1] = std::byte{0x9c};
    if (seed % 4 == 1)
      file[0] = std::byte{0x1f}, file[1] = std::byte{0x8b}, file[2] = std::byte{8},
      file[3] = std::byte{0};
    save("garbage.z", file);
    const swr_status status = status_of([] {
      read_part(*swr::DeflateReader::open(layout_of("garbage.z", 100000), {}), 0, 100000);
    });
    assert_true(status == SWR_ERROR_CORRUPT || status == SWR_ERROR_UNSUPPORTED);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(truncation_anywhere_is_noticed),
      cmocka_unit_test(flipped_bit_anywhere_never_gives_wrong_pixels),
      cmocka_unit_test(flipped_bit_anywhere_is_found_by_verify),
      cmocka_unit_test(flipped_bit_in_a_slot_is_an_error_of_that_slot_alone),
      cmocka_unit_test(lying_directory_never_gives_wrong_pixels),
      cmocka_unit_test(lying_index_never_gives_wrong_pixels),
      cmocka_unit_test(damaged_page_of_a_whole_stream_costs_the_shortcut_and_no_pixel),
      cmocka_unit_test(directory_that_others_left_behind_is_not_believed),
      cmocka_unit_test(directory_of_another_image_is_not_believed),
      cmocka_unit_test(bomb_costs_no_memory),
      cmocka_unit_test(footer_that_claims_more_than_there_is_costs_no_memory),
      cmocka_unit_test(garbage_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

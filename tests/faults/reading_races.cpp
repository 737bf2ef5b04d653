// A reader of a file while another process changes it: the change ends, or begins and ends, between
// two calls of the reader, whichever these are.
#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "faulty_system.h"
#include "storage/identity.h"
#include "storage/journal_writer.h"
#include "storage/storage_test.h"
#include "swr/swr.h"

namespace swr {
namespace {

using Kind = JournalEntry::Kind;

const std::string image = "work/image.nrrd";
constexpr swr_region all = {3, 0, {0, 0, 0}, {16, 16, 8}};

std::vector<unsigned char> pixels() {
  std::vector<unsigned char> values(size_t{16} * 16 * 8);
  std::iota(values.begin(), values.end(), static_cast<unsigned char>(0));
  return values;
}

int32_t pull(swr_piece* piece, void*) {
  const std::vector<unsigned char> values = pixels();
  const swr_region& region = *swr_piece_region(piece);
  const auto first = static_cast<size_t>((region.index[2] * 16 + region.index[1]) * 16);
  std::copy_n(values.begin() + static_cast<ptrdiff_t>(first), swr_piece_bytes(piece),
              static_cast<unsigned char*>(swr_piece_buffer(piece)));
  return SWR_OK;
}

void make_image() {
  swr_writer* const writer = swr_writer_create();
  assert_int_equal(swr_set_path(writer, image.c_str()), SWR_OK);
  assert_int_equal(swr_set_image_region(writer, &all), SWR_OK);
  assert_int_equal(swr_set_pixel_type(writer, SWR_UINT8, 1, SWR_KIND_SCALAR), SWR_OK);
  assert_int_equal(swr_set_compression(writer, "deflate", 6), SWR_OK);
  assert_int_equal(swr_write(writer, pull, nullptr), SWR_OK);
  swr_writer_destroy(writer);
}

// A change by a writer that was held up in its middle: its journal is there, and bytes of the file
// contradict each other, or look valid.
class Change {
 public:
  Change(std::string path, size_t at, const std::string& torn)
      : path_(std::move(path)),
        whole_(content(path_)),
        at_(at),
        bytes_(torn.size()),
        journal_(path_, {}) {
    const std::string& old = whole_.substr(at_, bytes_);
    std::string file;
    append(file, identity_at(path_).value());
    file += path_.substr(path_.find('/') + 1);
    journal_.add({Kind::file, 0, static_cast<int64_t>(whole_.size()), bytes_of(file)});
    journal_.add({Kind::bytes, 0, static_cast<int64_t>(at_), bytes_of(old)});
    journal_.flush();
    overwrite(path_, at_, torn);
    // Long enough for the file's times to show the next change.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  void end() {
    overwrite(path_, at_, whole_.substr(at_, bytes_));
    journal_.end();
  }

  static void overwrite(const std::string& path, size_t at, const std::string& bytes) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
  }

 private:
  std::string path_, whole_;
  size_t at_, bytes_;
  JournalWriter journal_;
};

std::string inverted(std::string bytes) {
  for (char& letter : bytes) letter = static_cast<char>(~letter);
  return bytes;
}

void a_change_that_ends_between_two_calls_of_a_reader_is_no_damage(void**) {
  fresh_folder("work");
  make_image();
  const std::vector<unsigned char> expected = pixels();
  for (int64_t call = 1; call <= 60; ++call) {
    const std::string whole = content(image);
    const size_t at = whole.size() * 2 / 3;
    Change change(image, at, inverted(whole.substr(at, 8)));
    swr_reader* const reader = swr_reader_create();
    assert_int_equal(swr_reader_set_threads(reader, 1), SWR_OK);
    assert_int_equal(swr_reader_open(reader, image.c_str()), SWR_OK);
    std::vector<unsigned char> values(expected.size());
    faulty::before_call(call, [&] { change.end(); });
    const swr_status status =
        swr_reader_read(reader, &all, values.data(), static_cast<int64_t>(values.size()));
    const bool has_ended = faulty::others_have_acted();
    faulty::before_call(0, nullptr);
    if (status != SWR_OK)
      fail_msg("before call %d: %s", static_cast<int>(call), swr_reader_message(reader));
    assert_true(has_ended);  // until then the reader waits
    assert_true(values == expected);
    swr_reader_destroy(reader);
  }
}

// --- A TIFF file, whose directory is where a growth puts pixels ---

const std::string page = "work/page.tif";
constexpr uint32_t side = 64;
constexpr swr_region plane = {2, 0, {0, 0}, {side, side}};
// The header and a directory are too far apart for one call that reads both.
constexpr uint32_t head_bytes = 8, plane_bytes = side * side;

std::string number(uint32_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8), static_cast<char>(value >> 16),
          static_cast<char>(value >> 24)};
}

std::string entry(uint16_t tag, uint32_t value) {
  return number(tag | 4U << 16) + number(1) + number(value);
}

std::string directory(size_t pixels_begin) {
  return std::string("\x08\0", 2) + entry(256, side) + entry(257, side) + entry(258, 8) +
         entry(259, 1) + entry(262, 1) + entry(273, static_cast<uint32_t>(pixels_begin)) +
         entry(278, side) + entry(279, plane_bytes) + number(0);
}

const size_t directory_bytes = directory(0).size();
const size_t strip_offset_at = 2 + 5 * 12 + 8;  // in a directory

// Two planes of pixels, then two directories, of which the header names one.
constexpr size_t plane_begin[] = {head_bytes, head_bytes + plane_bytes};
const size_t directory_begin[] = {head_bytes + 2 * plane_bytes,
                                  head_bytes + 2 * plane_bytes + directory_bytes};

std::string head_of(int used) {
  return std::string("II\x2a\0", 4) + number(static_cast<uint32_t>(directory_begin[used]));
}

void make_page() {
  fresh_folder("work");
  put(page, head_of(0) + std::string(plane_bytes, 'a') + std::string(plane_bytes, 'b') +
                directory(plane_begin[0]) + directory(plane_begin[1]));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

// The letter of which all pixels are.
char letter_read() {
  swr_reader* const reader = swr_reader_create();
  std::string pixels(plane_bytes, '?');
  const bool is_read =
      swr_reader_set_threads(reader, 1) == SWR_OK &&
      swr_reader_open(reader, page.c_str()) == SWR_OK &&
      swr_reader_read(reader, &plane, pixels.data(), static_cast<int64_t>(pixels.size())) == SWR_OK;
  const std::string words = swr_reader_message(reader);
  swr_reader_destroy(reader);
  if (!is_read) fail_msg("%s", words.c_str());
  assert_true(pixels == std::string(plane_bytes, pixels[0]));
  return pixels[0];
}

// The directory that is being overwritten names other pixels.
void a_directory_that_is_being_overwritten_is_not_read(void**) {
  make_page();
  const std::string other = number(plane_begin[1]);
  for (int64_t call = 1; call <= 60; ++call) {
    Change change(page, directory_begin[0] + strip_offset_at, other);
    faulty::before_call(call, [&] { change.end(); });
    const char letter = letter_read();
    const bool has_ended = faulty::others_have_acted();
    faulty::before_call(0, nullptr);
    assert_true(has_ended);
    assert_int_equal(letter, 'a');
  }
}

// In one moment, so that no journal is there before or after: the header names another directory,
// and the old one is overwritten with what looks like one.
void a_header_and_a_directory_of_different_times_are_not_read(void**) {
  const std::string wrong = number(static_cast<uint32_t>(plane_begin[0] + plane_bytes / 2));
  bool has_acted = true;
  int64_t new_ones = 0;
  for (int64_t call = 1; has_acted; ++call) {
    make_page();
    faulty::before_call(call, [&] {
      Change::overwrite(page, directory_begin[0] + strip_offset_at, wrong);
      Change::overwrite(page, 0, head_of(1));
    });
    const char letter = letter_read();
    has_acted = faulty::others_have_acted();
    faulty::before_call(0, nullptr);
    assert_true(letter == 'a' || letter == 'b');
    new_ones += letter == 'b' ? 1 : 0;
  }
  assert_true(new_ones > 0);
}

// Even if the reader has looked at these pixels because they are beside the header.
void a_file_is_opened_while_its_first_pixels_are_overwritten(void**) {
  make_page();
  Change change(page, plane_begin[0], std::string(plane_bytes, 'c'));
  assert_int_equal(letter_read(), 'c');
  change.end();
}

const std::string folder = "work/image.zarr";

// Slices up to `slices` are there then, in chunks of two.
void make_slices(int64_t slices, int64_t old) {
  swr_writer* const writer = swr_writer_create();
  const swr_region region = {3, 0, {0, 0, 0}, {16, 16, slices}},
                   added = {3, 0, {0, 0, old}, {16, 16, slices - old}};
  assert_int_equal(swr_set_path(writer, folder.c_str()), SWR_OK);
  assert_int_equal(swr_set_image_region(writer, &region), SWR_OK);
  assert_int_equal(swr_set_pixel_type(writer, SWR_UINT8, 1, SWR_KIND_SCALAR), SWR_OK);
  assert_int_equal(swr_set_compression(writer, "none", 0), SWR_OK);
  assert_int_equal(swr_set_option(writer, "chunk.shape", "16,16,2"), SWR_OK);
  assert_int_equal(swr_set_threads(writer, 1), SWR_OK);
  if (old > 0) {
    assert_int_equal(swr_set_existing(writer, SWR_EXISTING_EXTEND), SWR_OK);
    assert_int_equal(swr_set_paste_region(writer, &added), SWR_OK);
  }
  assert_int_equal(swr_write(writer, pull, nullptr), SWR_OK);
  swr_writer_destroy(writer);
}

// The slices of the shape in the metadata, all of whose pixels are in the files of the chunks; -1
// if some are not.
int64_t slices_found() {
  constexpr size_t slice_bytes = size_t{16} * 16;
  const std::string metadata = content(folder + "/0/.zarray");
  const size_t digits = metadata.find_first_of("0123456789", metadata.find("\"shape\""));
  const int64_t slices = std::stoll(metadata.substr(digits));
  const std::vector<unsigned char> values = pixels();
  for (int64_t z = 0; z < slices; ++z) {
    const std::string chunk = content(folder + "/0/" + std::to_string(z / 2) + "/0/0");
    const size_t begin = static_cast<size_t>(z % 2) * slice_bytes;
    if (chunk.size() != 2 * slice_bytes) return -1;
    const auto* const expected =
        reinterpret_cast<const char*>(values.data()) + static_cast<size_t>(z) * slice_bytes;
    if (chunk.compare(begin, slice_bytes, expected, slice_bytes) != 0) return -1;
  }
  return slices;
}

// A program that knows nothing of swr, between any two calls of its writer.
void metadata_of_a_growing_folder_come_after_the_chunks(void**) {
  constexpr int64_t old_slices = 3, new_slices = 7;
  int64_t old_ones = 0, new_ones = 0;
  bool has_acted = true;
  for (int64_t call = 1; has_acted; ++call) {
    fresh_folder("work");
    make_slices(old_slices, 0);
    int64_t found = 0;
    faulty::before_call(call, [&] { found = slices_found(); });
    make_slices(new_slices, old_slices);
    has_acted = faulty::others_have_acted();
    faulty::before_call(0, nullptr);
    assert_int_equal(slices_found(), new_slices);
    if (!has_acted) break;
    assert_true(found == old_slices || found == new_slices);
    ++(found == old_slices ? old_ones : new_ones);
  }
  assert_true(old_ones > 0);
  assert_true(new_ones > 0);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  return run_in_memory(
      "races with a reader",
      {
          cmocka_unit_test(a_change_that_ends_between_two_calls_of_a_reader_is_no_damage),
          cmocka_unit_test(a_directory_that_is_being_overwritten_is_not_read),
          cmocka_unit_test(a_header_and_a_directory_of_different_times_are_not_read),
          cmocka_unit_test(a_file_is_opened_while_its_first_pixels_are_overwritten),
          cmocka_unit_test(metadata_of_a_growing_folder_come_after_the_chunks),
      });
}

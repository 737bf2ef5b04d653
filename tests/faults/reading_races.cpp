// A reader of a compressed file while another process changes it: the change ends between two calls
// of the reader, whichever these are.
#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <optional>
#include <thread>

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
// contradict each other.
class Change {
 public:
  Change() : whole_(content(image)), at_(whole_.size() * 2 / 3), journal_(image, {}) {
    const std::string& old = whole_.substr(at_, 8);
    std::string file;
    append(file, identity_at(image).value());
    file += image.substr(image.find('/') + 1);
    journal_.add({Kind::file, 0, static_cast<int64_t>(whole_.size()), bytes_of(file)});
    journal_.add({Kind::bytes, 0, static_cast<int64_t>(at_), bytes_of(old)});
    journal_.flush();
    std::string torn = old;
    for (char& letter : torn) letter = static_cast<char>(~letter);
    write(torn);
    // Long enough for the file's times to show the next change.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  void end() {
    write(whole_.substr(at_, 8));
    journal_.end();
  }

 private:
  void write(const std::string& bytes) const {
    std::fstream file(image, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at_));
    file << bytes;
  }

  std::string whole_;
  size_t at_;
  JournalWriter journal_;
};

void a_change_that_ends_between_two_calls_of_a_reader_is_no_damage(void**) {
  fresh_folder("work");
  make_image();
  const std::vector<unsigned char> expected = pixels();
  for (int64_t call = 1; call <= 60; ++call) {
    std::optional<Change> change(std::in_place);
    swr_reader* const reader = swr_reader_create();
    assert_int_equal(swr_reader_set_threads(reader, 1), SWR_OK);
    assert_int_equal(swr_reader_open(reader, image.c_str()), SWR_OK);
    std::vector<unsigned char> values(expected.size());
    faulty::before_call(call, [&] { change->end(); });
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

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  return run_in_memory(
      "races with a reader",
      {
          cmocka_unit_test(a_change_that_ends_between_two_calls_of_a_reader_is_no_damage),
      });
}

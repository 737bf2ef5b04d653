// Calls of the public interface while memory runs out: the n-th allocation fails, for every n, of
// C++ or of the C libraries that swr uses. The status says so, files are as they were, nothing
// leaks.
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "moments.h"
#include "sanitized.h"
#include "storage/storage_test.h"
#include "writes.h"

namespace {

// Programs with a sanitizer are slow, so they try fewer moments.
constexpr int64_t thinning = SANITIZED ? 40 : 12;

std::atomic<int64_t> countdown{0};  // the allocation that brings it to 0 fails
std::atomic<bool> armed{false};
std::atomic<bool> lasting{false};
std::atomic<int64_t> living{0};

std::atomic<int64_t> c_countdown{0};  // the same for malloc(), calloc() and realloc()
std::atomic<bool> c_armed{false};
thread_local bool in_new = false;

// Records the call stacks of allocations, if it is not none.
enum class Followed { none, of_cpp, of_c };
std::atomic<Followed> followed{Followed::none};
std::mutex stacks_mutex;
std::vector<uint64_t> stacks;
thread_local bool keeps_stack = false;

void keep_stack() {
  if (keeps_stack) return;
  keeps_stack = true;
  {
    const std::lock_guard lock(stacks_mutex);
    stacks.push_back(swr::faulty::call_stack());
  }
  keeps_stack = false;
}

[[maybe_unused]] bool c_strikes() {
  if (followed == Followed::of_c && !in_new) keep_stack();
  if (!c_armed || in_new || --c_countdown != 0) return false;
  errno = ENOMEM;
  return true;
}

bool strikes() {
  if (followed == Followed::of_cpp) keep_stack();
  if (!armed) return false;
  const int64_t left = --countdown;
  return left == 0 || (lasting && left < 0);
}

void* allocate(size_t bytes, size_t alignment) {
  if (strikes()) return nullptr;
  void* memory = nullptr;
  in_new = true;
  if (alignment <= alignof(std::max_align_t)) {
    memory = std::malloc(bytes > 0 ? bytes : 1);
  } else if (posix_memalign(&memory, alignment, bytes > 0 ? bytes : 1) != 0) {
    memory = nullptr;
  }
  in_new = false;
  if (memory) ++living;
  return memory;
}

void* allocate_or_throw(size_t bytes, size_t alignment) {
  void* const memory = allocate(bytes, alignment);
  if (!memory) throw std::bad_alloc();
  return memory;
}

void release(void* memory) {
  if (memory) --living;
  std::free(memory);
}

}  // namespace

// Sanitizers replace these functions themselves.
#if defined(__GLIBC__) && !SANITIZED
#define FAILS_C_ALLOCATIONS 1
extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* memory, size_t bytes);

void* malloc(size_t bytes) {
  return c_strikes() ? nullptr : __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) {
  return c_strikes() ? nullptr : __libc_calloc(count, bytes);
}
void* realloc(void* memory, size_t bytes) {
  return c_strikes() ? nullptr : __libc_realloc(memory, bytes);
}
}
#else
#define FAILS_C_ALLOCATIONS 0
#endif

void* operator new(size_t bytes) {
  return allocate_or_throw(bytes, 1);
}
void* operator new[](size_t bytes) {
  return allocate_or_throw(bytes, 1);
}
void* operator new(size_t bytes, std::align_val_t alignment) {
  return allocate_or_throw(bytes, static_cast<size_t>(alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment) {
  return allocate_or_throw(bytes, static_cast<size_t>(alignment));
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return allocate(bytes, 1);
}
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return allocate(bytes, 1);
}
void* operator new(size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(bytes, static_cast<size_t>(alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, size_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  release(memory);
}

namespace swr {
namespace {

using faulty::Moments;
using writes::Files;
using writes::files_in;
using writes::Write;

void arm(int64_t at, bool all_after = false) {
  lasting = all_after;
  countdown = at;
  armed = true;
}

// Returns whether the allocation that was to fail was made.
bool disarm() {
  armed = false;
  return countdown <= 0;
}

// Returns the call stack of each allocation of `act`.
template <typename Act>
std::vector<uint64_t> follow(Followed which, const Act& act) {
  static_cast<void>(faulty::call_stack());  // the first call loads a library
  followed = which;
  act();
  followed = Followed::none;
  return std::exchange(stacks, {});
}

std::vector<uint64_t> stacks_of(const Write& write, Followed which) {
  write.set_up();
  swr_writer* writer = swr_writer_create();
  auto found = follow(which, [&] { write.run(writer); });
  swr_writer_destroy(writer);
  return found;
}

// zlib calls malloc(), so only a failure of operator new leads to the engine's own message.
void check_status(const std::string& what, swr_status status, const char* message) {
  if (status != SWR_ERROR_MEMORY)
    fail_msg("%s: %s: %s", what.c_str(), swr_status_name(status), message);
}

void settle(const Write& write) {
  if (swr_recover(("work/" + write.file).c_str(), nullptr) != SWR_OK)
    fail_msg("%s: it cannot be recovered", write.name.c_str());
}

void check_files(const std::string& what, const Files& expected) {
  const Files found = files_in("work");
  if (found == expected) return;
  for (const auto& [name, bytes] : found)
    print_error("%s, %zu bytes\n", name.c_str(), bytes.size());
  fail_msg("%s: the folder should have %zu files, and other ones", what.c_str(), expected.size());
}

void ignore_log(swr_log_level, const char*, void*) {}

// Runs the write once for each allocation, which fails.
void starve(const Write& write, Moments& moments) {
  const auto chosen = moments.choose(stacks_of(write, Followed::of_cpp));
  const int64_t before = living;
  for (const int64_t at : chosen) {
    const std::string what = text(write.name, ", allocation ", at);
    write.set_up();
    swr_writer* writer = swr_writer_create();
    assert_non_null(writer);
    swr_set_log(writer, ignore_log, nullptr);
    arm(at);
    const swr_status status = write.run(writer);
    const bool struck = disarm();
    if (status != SWR_OK) {
      if (!struck)
        fail_msg("%s: failed for no reason: %s", what.c_str(), swr_writer_message(writer));
      check_status(what, status, swr_writer_message(writer));
      check_files(what, write.before);
      if (write.run(writer) != SWR_OK)
        fail_msg("%s: the writer cannot be used again: %s", what.c_str(),
                 swr_writer_message(writer));
    }
    check_files(what, write.after);
    swr_writer_destroy(writer);
  }
  if (living != before)
    fail_msg("%s: %d pieces of memory are lost", write.name.c_str(),
             static_cast<int>(living - before));
}

// HDF5 is left out where allocations of C libraries fail: after one of its own that failed, libhdf5
// 1.10 frees memory twice, and destroys the heap (docs/how-to-hurt-a-file.md).
std::vector<Write> without_hdf5() {
  std::vector<Write> all = writes::in_turn(false);
  std::erase_if(all, [](const Write& write) { return write.file.ends_with(".h5"); });
  return all;
}

void a_write_whose_nth_allocation_fails_leaves_the_old_files(void**) {
  const auto all = writes::in_turn(false);
  Moments moments(thinning);
  for (const Write& write : all) starve(write, moments);
}

// All later allocations fail too, also during the rollback, which needs none.
void a_write_without_memory_from_some_point_on_is_rolled_back(void**) {
  const auto all = writes::in_turn(true);
  Moments moments(2 * thinning);
  for (const Write& write : all) {
    for (const int64_t at : moments.choose(stacks_of(write, Followed::of_cpp))) {
      const std::string what = text(write.name, ", allocations from ", at, " on");
      write.set_up();
      swr_writer* writer = swr_writer_create();
      arm(at, true);
      const swr_status status = write.run(writer);
      // If regions are put, the last call is a successful swr_abandon().
      const bool has_words = status == SWR_OK || *swr_writer_message(writer) != '\0' ||
                             write.name.find(": put") != std::string::npos;
      swr_writer_destroy(writer);
      disarm();
      if (!has_words) fail_msg("%s: an empty message", what.c_str());
      if (status != SWR_OK) check_status(what, status, "");
      if (status == SWR_OK) settle(write);
      check_files(what, status == SWR_OK ? write.after : write.before);
    }
  }
}

swr_status read_all(swr_reader* reader, const std::string& path, std::vector<uint16_t>& pixels) {
  swr_status status = swr_reader_open(reader, path.c_str());
  swr_region region;
  if (status == SWR_OK) status = swr_reader_get_image_region(reader, &region);
  const auto bytes = static_cast<int64_t>(pixels.size() * sizeof pixels[0]);
  if (status == SWR_OK) status = swr_reader_read(reader, &region, pixels.data(), bytes);
  const char* text = nullptr;
  int32_t number = 0;
  if (status == SWR_OK) status = swr_reader_get_encoding(reader, &text, &number);
  if (status == SWR_OK) status = swr_reader_get_metadata(reader, "no such key", &text);
  if (status == SWR_OK) status = swr_reader_get_data_file(reader, &text);
  if (status == SWR_OK) status = swr_reader_verify(reader);
  return status;
}

int64_t pixels_in_file(const std::string& path) {
  swr_reader* reader = swr_reader_create();
  swr_region region{};
  if (swr_reader_open(reader, path.c_str()) != SWR_OK ||
      swr_reader_get_image_region(reader, &region) != SWR_OK) {
    fail_msg("%s", swr_reader_message(reader));
  }
  swr_reader_destroy(reader);
  return region.size[0] * region.size[1] * region.size[2];
}

void a_reader_whose_nth_allocation_fails_can_be_used_again(void**) {
  const auto all = writes::in_turn(false);
  Moments moments(thinning);
  for (const Write& write : all) {
    writes::put_files("work", write.after);
    const std::string path = "work/" + write.file;
    std::vector<uint16_t> expected(static_cast<size_t>(pixels_in_file(path))),
        found(expected.size());
    swr_reader* const good = swr_reader_create();
    swr_status status_of_good = SWR_OK;
    const auto chosen = moments.choose(
        follow(Followed::of_cpp, [&] { status_of_good = read_all(good, path, expected); }));
    if (status_of_good != SWR_OK) fail_msg("%s: %s", write.name.c_str(), swr_reader_message(good));
    swr_reader_destroy(good);
    const int64_t before = living;
    for (const int64_t at : chosen) {
      const std::string what = text(write.name, ", read, allocation ", at);
      swr_reader* reader = swr_reader_create();
      arm(at);
      const swr_status status = read_all(reader, path, found);
      disarm();
      if (status != SWR_OK) {
        check_status(what, status, swr_reader_message(reader));
        if (read_all(reader, path, found) != SWR_OK)
          fail_msg("%s: the reader cannot be used again: %s", what.c_str(),
                   swr_reader_message(reader));
      }
      if (found != expected) fail_msg("%s: other pixels", what.c_str());
      std::fill(found.begin(), found.end(), uint16_t{0});
      swr_reader_destroy(reader);
      check_files(what, write.after);
    }
    if (living != before) fail_msg("%s: memory is lost", write.name.c_str());
  }
}

// An allocation failure in zlib or the C library is a lack of memory too, and must not be reported
// as damage. System calls may manage with less memory: then the call succeeds.
void a_reader_whose_nth_c_allocation_fails_calls_no_file_damaged(void**) {
  if (FAILS_C_ALLOCATIONS == 0) skip();
  const auto all = without_hdf5();
  Moments moments(thinning);
  for (const Write& write : all) {
    for (const Files& files : {write.before, write.after}) {
      if (files.empty()) continue;
      writes::put_files("work", files);
      const std::string path = "work/" + write.file;
      std::vector<uint16_t> found(static_cast<size_t>(pixels_in_file(path)));
      swr_reader* const good = swr_reader_create();
      const auto chosen =
          moments.choose(follow(Followed::of_c, [&] { read_all(good, path, found); }));
      swr_reader_destroy(good);
      for (const int64_t at : chosen) {
        const std::string what = text(write.name, ", read, C allocation ", at);
        swr_reader* reader = swr_reader_create();
        c_countdown = at;
        c_armed = true;
        const swr_status status = read_all(reader, path, found);
        c_armed = false;
        if (status != SWR_OK) check_status(what, status, swr_reader_message(reader));
        swr_reader_destroy(reader);
      }
    }
  }
}

void a_write_whose_nth_c_allocation_fails_calls_no_file_damaged(void**) {
  if (FAILS_C_ALLOCATIONS == 0) skip();
  const auto all = without_hdf5();
  Moments moments(thinning);
  for (const Write& write : all) {
    for (const int64_t at : moments.choose(stacks_of(write, Followed::of_c))) {
      const std::string what = text(write.name, ", C allocation ", at);
      write.set_up();
      swr_writer* writer = swr_writer_create();
      c_countdown = at;
      c_armed = true;
      const swr_status status = write.run(writer);
      c_armed = false;
      if (status != SWR_OK) {
        check_status(what, status, swr_writer_message(writer));
        check_files(what, write.before);
      }
      swr_writer_destroy(writer);
    }
  }
}

// Allocates nothing itself.
swr_status set_everything(swr_writer* w) {
  const swr_region region{3, 0, {1, 2, 3}, {40, 50, 60}}, part{3, 0, {4, 5, 6}, {7, 8, 9}};
  const double three[] = {1, 2, 3}, nine[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  alignas(16) static char memory[2][4096];
  void* const buffers[] = {memory[0], memory[1]};
  static const char text[] = "words that are too long for a string's own buffer";
  int64_t number = 0;
  swr_region piece;
  swr_method method;
  swr_status status = SWR_OK;
  if (status == SWR_OK)
    status = swr_set_path(w, "work/a-path-that-is-too-long-to-be-kept-without-memory.nrrd");
  if (status == SWR_OK) status = swr_set_format(w, "NRRD");
  if (status == SWR_OK) status = swr_set_image_region(w, &region);
  if (status == SWR_OK) status = swr_set_pixel_type(w, SWR_UINT8, 3, SWR_KIND_RGB);
  if (status == SWR_OK) status = swr_set_spacing(w, three, 3);
  if (status == SWR_OK) status = swr_set_origin(w, three, 3);
  if (status == SWR_OK) status = swr_set_direction(w, nine, 9);
  if (status == SWR_OK) status = swr_set_metadata(w, "a key of more than sixteen letters", text);
  if (status == SWR_OK) status = swr_set_paste_region(w, &part);
  if (status == SWR_OK) status = swr_set_compression(w, "deflate", 3);
  if (status == SWR_OK) status = swr_set_option(w, "deflate.engine", "zlib");
  if (status == SWR_OK) status = swr_set_buffers(w, buffers, 2, 4096);
  if (status == SWR_OK) status = swr_set_buffers(w, nullptr, 0, 0);
  if (status == SWR_OK) status = swr_set_paste_region(w, nullptr);
  if (status == SWR_OK) status = swr_check(w);
  if (status == SWR_OK) status = swr_get_method(w, &method, nullptr, nullptr);
  if (status == SWR_OK) status = swr_get_actual_divisions(w, 7, &number);
  if (status == SWR_OK) status = swr_get_split_region(w, 1, 7, &piece);
  if (status == SWR_OK) status = swr_get_memory_need(w, &number);
  if (status == SWR_OK) status = swr_get_piece_bytes(w, &number);
  if (status == SWR_OK) status = swr_begin(w);
  if (status == SWR_OK) status = swr_abandon(w);
  return status;
}

void settings_whose_nth_allocation_fails_can_be_set_again(void**) {
  writes::put_files("work", {});
  const int64_t before = living;
  bool struck = true;
  for (int64_t at = 1; struck; ++at) {
    const std::string what = text("settings, allocation ", at);
    swr_writer* writer = swr_writer_create();
    arm(at);
    const swr_status status = set_everything(writer);
    struck = disarm();
    if (status != SWR_OK) {
      check_status(what, status, swr_writer_message(writer));
      if (set_everything(writer) != SWR_OK)
        fail_msg("%s: not the second time: %s", what.c_str(), swr_writer_message(writer));
    }
    swr_writer_destroy(writer);
    check_files(what, {});
  }
  assert_int_equal(living, before);
}

void handles_without_memory_are_null(void**) {
  arm(1, true);
  swr_writer* const writer = swr_writer_create();
  swr_reader* const reader = swr_reader_create();
  disarm();
  assert_null(writer);
  assert_null(reader);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  return run_in_memory(
      "writes without memory",
      {
          cmocka_unit_test(handles_without_memory_are_null),
          cmocka_unit_test(settings_whose_nth_allocation_fails_can_be_set_again),
          cmocka_unit_test(a_reader_whose_nth_allocation_fails_can_be_used_again),
          cmocka_unit_test(a_reader_whose_nth_c_allocation_fails_calls_no_file_damaged),
          cmocka_unit_test(a_write_whose_nth_c_allocation_fails_calls_no_file_damaged),
          cmocka_unit_test(a_write_whose_nth_allocation_fails_leaves_the_old_files),
          cmocka_unit_test(a_write_without_memory_from_some_point_on_is_rolled_back),
      });
}

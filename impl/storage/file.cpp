#include "storage/file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "storage/paths.h"
#include "storage/read_trace.h"
#include "storage/real_path.h"

namespace swr {

namespace {

// Linux moves no more than 0x7ffff000 bytes in one call.
constexpr size_t most_bytes_in_a_call = size_t{1} << 30;
// Smaller writes share pages, which would be written to the disk more than once.
constexpr size_t least_write_through = size_t{64} << 10;

// Repeats a call that a signal interrupted.
template <typename Call>
auto repeat(const Call& call) {
  auto result = call();
  while (result.reason == std::errc::interrupted) result = call();
  return result;
}

// The absolute path with all symbolic links followed; the file need not exist.
std::filesystem::path resolved(const std::string& path) {
  std::error_code failure;
  std::filesystem::path whole = std::filesystem::absolute(path_of(follow_links(path)), failure);
  // The last name is not a link now, so only its folder needs to be resolved.
  const std::filesystem::path name = whole.filename();
  const bool has_name = !name.empty() && name != "." && name != "..";
  if (!failure) whole = real_path_of_any(has_name ? whole.parent_path() : whole, failure);
  if (failure) SystemFailure(failure).fail(path, "follow its symbolic links");
  return has_name ? whole / name : whole;
}

system::ResultOf<system::Handle> open_once(const char* path, File::Mode mode) {
  using namespace system;
  switch (mode) {
    case File::Mode::read: return open_existing(path, Access::read, Links::follow);
    case File::Mode::change: return open_existing(path, Access::change, Links::follow);
    case File::Mode::create_new: return create_new(path, 0666);
  }
  fail(SWR_ERROR_INTERNAL, "an unknown mode to open a file");
}

void check_range(const std::string& path, int64_t offset, size_t bytes) {
  int64_t end;
  if (offset < 0 || add_overflows(offset, static_cast<int64_t>(bytes), end)) {
    fail(SWR_ERROR_CORRUPT, path, ": the position ", offset, " + ", bytes,
         " bytes is outside the range of a file");
  }
}

[[noreturn]] void refuse_link(const std::string& path) {
  fail(SWR_ERROR_UNSUPPORTED, path, ": is a symbolic link, and its image must be in one folder");
}

}  // namespace

File::File(const std::string& path, Mode mode) : path_(path) {
  open(path, mode);
}

void File::reopen(const std::string& full_path, Mode mode) {
  open(full_path, mode);
}

void File::open(const std::string& path, Mode mode) {
  const auto opened = repeat([&] { return open_once(path.c_str(), mode); });
  if (!opened) refuse_to_open(path, opened.reason, mode);
  handle_ = opened.value;
  known_.reset();
  system::Facts facts;
  const auto known = system::facts(handle_, facts);
  if (known && facts.kind == system::Facts::Kind::file) return;
  close_quietly();
  if (!known) SystemFailure(known.reason).fail(path, "query its attributes");
  fail(SWR_ERROR_UNSUPPORTED, path, ": is not a regular file");
}

File::File(File&& other) noexcept
    : handle_(std::exchange(other.handle_, system::Handle::none)),
      path_(std::move(other.path_)),
      known_(std::exchange(other.known_, std::nullopt)),
      bytes_written_(std::exchange(other.bytes_written_, 0)),
      writes_through_(other.writes_through_),
      trace_(std::exchange(other.trace_, nullptr)) {}

File& File::operator=(File&& other) noexcept {
  if (this == &other) return *this;
  close_quietly();
  handle_ = std::exchange(other.handle_, system::Handle::none);
  path_ = std::move(other.path_);
  known_ = std::exchange(other.known_, std::nullopt);
  bytes_written_ = std::exchange(other.bytes_written_, 0);
  writes_through_ = other.writes_through_;
  trace_ = std::exchange(other.trace_, nullptr);
  return *this;
}

File::~File() {
  close_quietly();
}

void File::close_quietly() noexcept {
  if (is_open()) static_cast<void>(system::close(std::exchange(handle_, system::Handle::none)));
}

system::Facts File::facts() const {
  return known_ ? *known_ : ask();
}

system::Facts File::ask() const {
  system::Facts facts;
  const auto known = system::facts(handle_, facts);
  if (!known) SystemFailure(known.reason).fail(path_, "query its attributes");
  return facts;
}

void File::reaches(int64_t size) noexcept {
  if (known_) known_->size = std::max(known_->size, size);
}

void File::read_at(int64_t offset, std::span<std::byte> out) const {
  const int64_t got = read_some(offset, out);
  if (got < static_cast<int64_t>(out.size())) {
    fail(SWR_ERROR_CORRUPT, path_, ": the file ends at byte ", offset + got, ", ",
         static_cast<int64_t>(out.size()) - got, " bytes too early");
  }
}

int64_t File::read_some(int64_t offset, std::span<std::byte> out) const {
  check_range(path_, offset, out.size());
  size_t done = 0;
  while (done < out.size()) {
    const size_t bytes = std::min(out.size() - done, most_bytes_in_a_call);
    const auto got = repeat([&] {
      return system::read(handle_, out.data() + done, bytes, offset + static_cast<int64_t>(done));
    });
    if (!got)
      SystemFailure(got.reason)
          .fail(path_, "read ", bytes, " bytes at ", offset + static_cast<int64_t>(done));
    if (got.value == 0) break;
    done += got.value;
  }
  if (trace_) trace_->add(*this, offset, out.first(done));
  return static_cast<int64_t>(done);
}

void File::write_at(int64_t offset, std::span<const std::byte> data) {
  check_range(path_, offset, data.size());
  size_t done = 0;
  while (done < data.size()) {
    const size_t bytes = std::min(data.size() - done, most_bytes_in_a_call);
    const auto write =
        writes_through_ && bytes >= least_write_through ? system::write_through : system::write;
    const auto put = repeat([&] {
      return write(handle_, data.data() + done, bytes, offset + static_cast<int64_t>(done));
    });
    // write() returned 0 without an error: retrying would loop forever.
    if (!put || put.value == 0)
      SystemFailure(put ? std::errc::io_error : put.reason)
          .fail(path_, "write ", bytes, " bytes at ", offset + static_cast<int64_t>(done));
    done += put.value;
    bytes_written_ += static_cast<int64_t>(put.value);
    reaches(offset + static_cast<int64_t>(done));
  }
}

void File::resize(int64_t size) {
  check_range(path_, size, 0);
  const auto done = repeat([&] { return system::resize(handle_, size); });
  if (!done) SystemFailure(done.reason).fail(path_, "set its size to ", size, " bytes");
  if (known_) known_->size = size;
}

void File::preallocate(int64_t size) {
  check_range(path_, size, 0);
  if (size == 0) return;
  const auto done = repeat([&] { return system::reserve(handle_, 0, size); });
  if (done) reaches(size);
  if (done || done.reason == std::errc::operation_not_supported ||
      done.reason == std::errc::invalid_argument ||
      done.reason == std::errc::function_not_supported)
    return;
  SystemFailure(done.reason).fail(path_, "allocate ", size, " bytes on the disk");
}

void File::will_need(int64_t offset, int64_t bytes) const {
  // This is only advice, so failures are ignored.
  if (offset >= 0 && bytes > 0) system::will_need(handle_, offset, bytes);
}

void File::sync() {
  const auto done = repeat([&] { return system::flush(handle_); });
  if (!done) SystemFailure(done.reason).fail(path_, "flush it to the disk");
}

void File::close() {
  if (!is_open()) return;
  // close() releases the handle even if it fails; a second call could close another thread's file.
  const auto done = system::close(std::exchange(handle_, system::Handle::none));
  if (!done) SystemFailure(done.reason).fail(path_, "close it");
}

void File::close_and_keep() {
  const auto kept = system::duplicate(handle_);
  if (!kept) SystemFailure(kept.reason).fail(path_, "keep it open");
  const auto done = system::close(std::exchange(handle_, kept.value));
  if (!done) SystemFailure(done.reason).fail(path_, "close it");
}

void refuse_to_open(const std::string& path, std::errc reason, File::Mode mode) {
  if (reason == std::errc::file_exists) fail(SWR_ERROR_EXISTS, path, ": the file exists already");
  if (reason == std::errc::is_a_directory)
    fail(SWR_ERROR_UNSUPPORTED, path, ": is a folder, not a file");
  SystemFailure(reason).fail(path, mode == File::Mode::read     ? "open for reading"
                                   : mode == File::Mode::change ? "open for writing"
                                                                : "create");
}

std::optional<system::Facts> facts_if_there(const std::string& path, system::Links links,
                                            const char* act) {
  system::Facts facts;
  const auto known = system::facts(path.c_str(), links, facts);
  if (known) return facts;
  if (!system::means_absent(known.reason)) SystemFailure(known.reason).fail(path, act);
  return std::nullopt;
}

bool file_exists(const std::string& path) {
  return facts_if_there(path, system::Links::follow, "find out whether it exists").has_value();
}

std::optional<system::Facts> regular_file(const std::string& path) {
  system::Facts facts;
  const auto known = system::facts(path.c_str(), system::Links::follow, facts);
  if (known.reason == std::errc::no_such_file_or_directory) return std::nullopt;
  if (!known) SystemFailure(known.reason).fail(path, "query its attributes");
  if (facts.kind != system::Facts::Kind::file)
    fail(SWR_ERROR_UNSUPPORTED, path, ": is not a regular file and cannot be replaced");
  return facts;
}

bool is_folder(const std::string& path, system::Links links) {
  const auto facts = facts_if_there(path, links);
  return facts && facts->kind == system::Facts::Kind::folder;
}

void refuse_links(const std::string& folder, std::string_view within) {
  for (size_t end = 0; end < within.size(); ++end) {
    end = std::min(within.find('/', end), within.size());
    const std::string path = text(folder, '/', within.substr(0, end));
    const auto facts = facts_if_there(path, system::Links::no_follow);
    if (!facts) return;
    if (facts->kind == system::Facts::Kind::link) refuse_link(path);
  }
}

std::optional<File> open_if_there(const std::string& folder, std::string_view within) {
  const size_t last = within.rfind('/');
  if (last != within.npos) refuse_links(folder, within.substr(0, last));
  const std::string path = text(folder, '/', within);
  std::string kept = path;
  const auto opened = repeat([&] {
    return system::open_existing(path.c_str(), system::Access::read, system::Links::no_follow);
  });
  if (system::means_absent(opened.reason)) return std::nullopt;
  if (opened.reason == std::errc::too_many_symbolic_link_levels) refuse_link(path);
  if (!opened) refuse_to_open(path, opened.reason, File::Mode::read);
  File file(opened.value, std::move(kept));
  file.learn();
  if (file.facts().kind != system::Facts::Kind::file)
    fail(SWR_ERROR_UNSUPPORTED, path, ": is not a regular file");
  return file;
}

bool same_file(const std::string& a, const std::string& b) {
  const auto of_a = facts_if_there(a, system::Links::follow);
  if (!of_a) return false;
  const auto of_b = facts_if_there(b, system::Links::follow);
  return of_b && of_a->device == of_b->device && of_a->inode == of_b->inode;
}

bool same_entry(const std::string& a, const std::string& b) {
  return resolved(a) == resolved(b);
}

bool lies_below(const std::string& path, const std::string& beside) {
  const std::filesystem::path folder = resolved(beside).parent_path(), file = resolved(path);
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
         folder.end();
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const auto take = [](void* user, const char* name) {
    static_cast<std::vector<std::string>*>(user)->emplace_back(name);
  };
  const auto done = system::list(folder.c_str(), take, &names);
  if (system::means_absent(done.reason)) return {};
  if (!done) SystemFailure(done.reason).fail(folder, "list the folder");
  std::ranges::sort(names);
  return names;
}

std::string follow_links(const std::string& path) {
  std::string at = path;
  for (int links = 0; links < 40; ++links) {
    std::array<char, system::longest_path + 1> target;
    const auto read = system::read_link(at.c_str(), target.data(), target.size());
    if (!read) return at;
    at = sibling(at, std::string(target.data(), read.value));
  }
  SystemFailure(std::errc::too_many_symbolic_link_levels).fail(path, "follow its symbolic links");
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return path.substr(0, std::max(slash, root_bytes(path)));
}

std::string real_folder_of(const std::string& path) {
  const std::string folder = folder_of(path);
  std::error_code reason;
  const auto real = real_path(path_of(folder), reason);
  if (reason) SystemFailure(reason).fail(folder, "find the folder");
  return text_of(real);
}

std::string name_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string sibling(const std::string& beside, const std::string& name) {
  const size_t slash = beside.rfind('/');
  if (slash == std::string::npos || root_bytes(with_slashes(name)) > 0) return with_slashes(name);
  return beside.substr(0, slash + 1) + with_slashes(name);
}

namespace {

void sync_folder(const std::string& folder, bool may_be_absent) {
  const auto opened =
      repeat([&] { return system::open_folder(folder.c_str(), system::Links::follow); });
  if (may_be_absent && system::means_absent(opened.reason)) return;
  if (!opened) SystemFailure(opened.reason).fail(folder, "open the folder");
  const auto done = repeat([&] { return system::flush_folder(opened.value); });
  static_cast<void>(system::close(opened.value));
  if (!done) SystemFailure(done.reason).fail(folder, "flush the folder to the disk");
}

}  // namespace

void sync_folder(const std::string& folder) {
  sync_folder(folder, false);
}

void sync_folder_if_there(const std::string& folder) {
  sync_folder(folder, true);
}

std::string read_head(const std::string& path, int64_t most) {
  return read_head(File(path, File::Mode::read), most);
}

std::string read_head(const File& file, int64_t most) {
  std::string head(static_cast<size_t>(std::min(most, file.size())), '\0');
  head.resize(static_cast<size_t>(file.read_some(0, std::as_writable_bytes(std::span(head)))));
  return head;
}

}  // namespace swr

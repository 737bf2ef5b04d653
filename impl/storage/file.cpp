#include "storage/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "storage/system.h"

namespace swr {

namespace {

// Linux moves no more than 0x7ffff000 bytes in one call.
constexpr size_t most_bytes_in_a_call = size_t{1} << 30;
// Smaller ones share pages, and would go to the disk more than once.
constexpr size_t least_write_through = size_t{64} << 10;

// A call that a signal interrupts is made again.
template <typename Call>
auto repeat(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// In full, with all symbolic links followed, also if nothing is there.
std::filesystem::path resolved(const std::string& path) {
  std::error_code failure;
  std::filesystem::path whole = std::filesystem::absolute(follow_links(path), failure);
  if (!failure) whole = std::filesystem::weakly_canonical(whole, failure);
  if (failure) SystemFailure(failure.value()).fail(path, "follow its symbolic links");
  return whole;
}

int open_flags(File::Mode mode) {
  // O_NONBLOCK: opening a named pipe must not wait; it means nothing for regular files.
  const int always = O_CLOEXEC | O_NONBLOCK;
  switch (mode) {
    case File::Mode::read: return O_RDONLY | always;
    case File::Mode::change: return O_RDWR | always;
    case File::Mode::create_new: return O_RDWR | O_CREAT | O_EXCL | always;
  }
  fail(SWR_ERROR_INTERNAL, "an unknown mode to open a file");
}

void check_range(const std::string& path, int64_t offset, size_t bytes) {
  int64_t end;
  if (offset < 0 || add_overflows(offset, static_cast<int64_t>(bytes), end)) {
    fail(SWR_ERROR_CORRUPT, path, ": the position ", offset, " + ", bytes,
         " bytes is not one in a file");
  }
}

}  // namespace

File::File(const std::string& path, Mode mode) : path_(path) {
  open(path, mode);
}

void File::reopen(const std::string& full_path, Mode mode) {
  open(full_path, mode);
}

void File::open(const std::string& path, Mode mode) {
  fd_ = repeat([&] { return system::open(path.c_str(), open_flags(mode), 0666); });
  if (fd_ < 0) {
    const int reason = errno;
    if (reason == EEXIST) fail(SWR_ERROR_EXISTS, path, ": the file exists already");
    if (reason == EISDIR) fail(SWR_ERROR_UNSUPPORTED, path, ": is a folder, not a file");
    SystemFailure(reason).fail(path, mode == Mode::read     ? "open for reading"
                                     : mode == Mode::change ? "open for writing"
                                                            : "create");
  }
  struct stat facts;
  const bool known = system::fstat(fd_, &facts) == 0;
  const int reason = errno;
  if (known && S_ISREG(facts.st_mode)) return;
  system::close(std::exchange(fd_, -1));
  if (!known) SystemFailure(reason).fail(path, "ask for its size");
  fail(SWR_ERROR_UNSUPPORTED, path, ": is not a regular file");
}

File::File(File&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      bytes_written_(std::exchange(other.bytes_written_, 0)),
      writes_through_(other.writes_through_) {}

File& File::operator=(File&& other) noexcept {
  if (this == &other) return *this;
  if (is_open()) system::close(fd_);
  fd_ = std::exchange(other.fd_, -1);
  path_ = std::move(other.path_);
  bytes_written_ = std::exchange(other.bytes_written_, 0);
  writes_through_ = other.writes_through_;
  return *this;
}

File::~File() {
  if (is_open()) system::close(fd_);
}

int64_t File::size() const {
  struct stat facts;
  if (system::fstat(fd_, &facts) != 0) SystemFailure(errno).fail(path_, "ask for its size");
  return facts.st_size;
}

void File::read_at(int64_t offset, std::span<std::byte> out) const {
  const int64_t got = read_some(offset, out);
  if (got < static_cast<int64_t>(out.size())) {
    fail(SWR_ERROR_CORRUPT, path_, ": the file ends at byte ", offset + got, ", ",
         static_cast<int64_t>(out.size()) - got, " bytes before what it should hold");
  }
}

int64_t File::read_some(int64_t offset, std::span<std::byte> out) const {
  check_range(path_, offset, out.size());
  size_t done = 0;
  while (done < out.size()) {
    const size_t bytes = std::min(out.size() - done, most_bytes_in_a_call);
    const ssize_t got = repeat([&] {
      return system::pread(fd_, out.data() + done, bytes, offset + static_cast<int64_t>(done));
    });
    if (got < 0)
      SystemFailure(errno).fail(path_, "read ", bytes, " bytes at ",
                                offset + static_cast<int64_t>(done));
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return static_cast<int64_t>(done);
}

void File::write_at(int64_t offset, std::span<const std::byte> data) {
  check_range(path_, offset, data.size());
  size_t done = 0;
  while (done < data.size()) {
    const size_t bytes = std::min(data.size() - done, most_bytes_in_a_call);
    const auto write =
        writes_through_ && bytes >= least_write_through ? system::pwrite_through : system::pwrite;
    const ssize_t put = repeat(
        [&] { return write(fd_, data.data() + done, bytes, offset + static_cast<int64_t>(done)); });
    // POSIX has no word for a write of nothing without an error; going on would never end.
    if (put <= 0)
      SystemFailure(put < 0 ? errno : EIO)
          .fail(path_, "write ", bytes, " bytes at ", offset + static_cast<int64_t>(done));
    done += static_cast<size_t>(put);
    bytes_written_ += put;
  }
}

void File::resize(int64_t size) {
  check_range(path_, size, 0);
  if (repeat([&] { return system::ftruncate(fd_, size); }) != 0)
    SystemFailure(errno).fail(path_, "set its size to ", size, " bytes");
}

void File::preallocate(int64_t size) {
  check_range(path_, size, 0);
  if (size == 0) return;
  if (repeat([&] { return system::fallocate(fd_, 0, size); }) == 0) return;
  if (errno == EOPNOTSUPP || errno == EINVAL || errno == ENOSYS) return;
  SystemFailure(errno).fail(path_, "get the space of ", size, " bytes");
}

void File::will_need(int64_t offset, int64_t bytes) const {
  // Advice: nothing depends on whether it is taken.
  if (offset >= 0 && bytes > 0) system::will_need(fd_, offset, bytes);
}

void File::sync() {
  if (repeat([&] { return system::fsync(fd_); }) != 0)
    SystemFailure(errno).fail(path_, "flush it to the disk");
}

void File::close() {
  if (!is_open()) return;
  // Linux has let go of the descriptor whatever close() returns: a second try could close another
  // thread's file.
  if (system::close(std::exchange(fd_, -1)) != 0) SystemFailure(errno).fail(path_, "close it");
}

void File::close_and_keep() {
  const int kept = system::duplicate(fd_);
  if (kept < 0) SystemFailure(errno).fail(path_, "keep it open");
  if (system::close(std::exchange(fd_, kept)) != 0) SystemFailure(errno).fail(path_, "close it");
}

bool file_exists(const std::string& path) {
  struct stat facts;
  if (system::stat(path.c_str(), &facts) == 0) return true;
  // A disk that does not answer is no reason to take the place of a file that may be there.
  if (errno != ENOENT && errno != ENOTDIR)
    SystemFailure(errno).fail(path, "see whether it is there");
  return false;
}

std::optional<struct stat> regular_file(const std::string& path) {
  struct stat facts;
  if (system::stat(path.c_str(), &facts) != 0) {
    const int reason = errno;
    if (reason == ENOENT) return std::nullopt;
    SystemFailure(reason).fail(path, "look at it");
  }
  if (!S_ISREG(facts.st_mode))
    fail(SWR_ERROR_UNSUPPORTED, path, ": is not a regular file and cannot be replaced");
  return facts;
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat of_a, of_b;
  const auto is_there = [](const std::string& path, struct stat& facts) {
    if (system::stat(path.c_str(), &facts) == 0) return true;
    const int reason = errno;
    if (reason == ENOENT || reason == ENOTDIR) return false;
    SystemFailure(reason).fail(path, "look at it");
  };
  return is_there(a, of_a) && is_there(b, of_b) && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
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
  if (system::list_folder(folder.c_str(), take, &names) != 0) {
    const int reason = errno;
    if (reason == ENOENT || reason == ENOTDIR) return {};
    SystemFailure(reason).fail(folder, "list the folder");
  }
  std::ranges::sort(names);
  return names;
}

std::string follow_links(const std::string& path) {
  std::string at = path;
  for (int links = 0; links < 40; ++links) {
    std::error_code not_a_link;
    const auto target = std::filesystem::read_symlink(at, not_a_link);
    if (not_a_link) return at;
    at = sibling(at, target.string());
  }
  SystemFailure(ELOOP).fail(path, "follow its symbolic links");
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string real_folder_of(const std::string& path) {
  const std::string folder = folder_of(path);
  std::error_code reason;
  const auto real = std::filesystem::canonical(folder, reason);
  if (reason) SystemFailure(reason.value()).fail(folder, "find the folder");
  return real.string();
}

std::string name_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string sibling(const std::string& beside, const std::string& name) {
  const size_t slash = beside.rfind('/');
  if (slash == std::string::npos || name.starts_with('/')) return name;
  return beside.substr(0, slash + 1) + name;
}

void sync_folder(const std::string& folder) {
  const int fd =
      repeat([&] { return system::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0); });
  if (fd < 0) SystemFailure(errno).fail(folder, "open the folder");
  const int result = repeat([&] { return system::fsync(fd); });
  const int reason = errno;
  system::close(fd);
  // EINVAL: a file system whose folders cannot be flushed, because their entries are never held
  // back.
  if (result != 0 && reason != EINVAL)
    SystemFailure(reason).fail(folder, "flush the folder to the disk");
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

#include "standard_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "interrupt.h"
#include "status.h"

namespace swr::tool {
namespace {

constexpr size_t buffer_bytes = size_t{1} << 20;

[[noreturn]] void fail_io(const std::string& what) {
  const std::string reason = std::strerror(errno);  // before an allocation changes errno
  throw Failure(SWR_ERROR_IO, what + ": " + reason);
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : number_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (number_ < 0) fail_io(path + ": could not be opened");
  }
  ~Descriptor() { close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

void write_all(int to, const char* bytes, size_t count, const std::string& name) {
  while (count > 0) {
    if (interrupted()) throw Failure(SWR_CANCELLED, name + ": cancelled");
    const ssize_t written = write(to, bytes, count);
    if (written < 0 && errno != EINTR) fail_io(name + ": could not be written");
    if (written <= 0) continue;
    bytes += written;
    count -= static_cast<size_t>(written);
  }
}

// Reads until the end. A signal ends the wait for more bytes.
void copy_stream(int from, const std::string& from_name, int to, const std::string& to_name) {
  std::vector<char> buffer(buffer_bytes);
  for (;;) {
    pollfd waits{from, POLLIN, 0};
    const int ready = poll(&waits, 1, -1);
    if (interrupted()) throw Failure(SWR_CANCELLED, from_name + ": cancelled");
    if (ready < 0 && errno == EINTR) continue;
    const ssize_t count = read(from, buffer.data(), buffer.size());
    if (count < 0 && errno != EINTR && errno != EAGAIN) fail_io(from_name + ": could not be read");
    if (count == 0) return;
    if (count > 0) write_all(to, buffer.data(), static_cast<size_t>(count), to_name);
  }
}

// Whether the path leads to the open file.
bool is_file_of(int descriptor, const std::string& path) {
  struct stat open_file {
  }, named{};
  return fstat(descriptor, &open_file) == 0 && stat(path.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

bool is_regular(int descriptor) {
  struct stat facts {};
  return fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
}

// The name of the file that is redirected to standard input, from its first byte; "" if there is
// none. A library that knows the name also finds the journal of an unfinished change.
std::string redirected_input() {
  if (!is_regular(STDIN_FILENO) || lseek(STDIN_FILENO, 0, SEEK_CUR) != 0) return "";
  std::error_code none;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/0", none);
  return !none && is_file_of(STDIN_FILENO, path.string()) ? path.string() : "";
}

}  // namespace

ScratchFolder::ScratchFolder() {
  const char* const chosen = std::getenv("TMPDIR");
  path_ = std::string(chosen && *chosen ? chosen : "/var/tmp") + "/swr-XXXXXX";
  if (!mkdtemp(path_.data())) fail_io(path_ + ": a scratch folder could not be created");
}

void ScratchFolder::remove() noexcept {
  std::error_code none;
  std::filesystem::remove_all(path_, none);
}

StandardInput::StandardInput() : path_(redirected_input()) {
  if (!path_.empty()) return;
  if (isatty(STDIN_FILENO))
    throw UsageError("IN is -, but standard input is a terminal, not an image");
  path_ = folder_.emplace().path_of("standard-input");
  spool();
}

void StandardInput::spool() {
  const Descriptor file(path_, O_WRONLY | O_CREAT | O_EXCL);
  copy_stream(STDIN_FILENO, "standard input", file.number(), path_);
}

StandardOutput::StandardOutput(const std::string& suffix, const std::string& input)
    : path_(folder_.path_of("standard-output" + suffix)) {
  if (isatty(STDOUT_FILENO))
    throw UsageError("OUT is -, but standard output is a terminal; redirect it, or name a file");
  if (is_regular(STDOUT_FILENO) && is_file_of(STDOUT_FILENO, input))
    throw UsageError(input + ": is both IN and standard output");
}

void StandardOutput::send() {
  const Descriptor file(path_, O_RDONLY);
  folder_.remove();
  copy_stream(file.number(), path_, STDOUT_FILENO, "standard output");
}

void refuse_redirected_file(const std::string& path) {
  if (!is_regular(STDOUT_FILENO) || !is_file_of(STDOUT_FILENO, path)) return;
  throw UsageError(path +
                   ": standard output is redirected to this file; to write an image there, "
                   "use swr copy with - as OUT");
}

std::string with_stream_names(std::string text, const std::string& path, const std::string& name) {
  for (size_t at = text.find(path); at != text.npos; at = text.find(path, at + name.size()))
    text.replace(at, path.size(), name);
  return text;
}

}  // namespace swr::tool

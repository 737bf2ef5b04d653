#include "standard_streams.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "status.h"
#include "system.h"

namespace swr::tool {
namespace {

constexpr unsigned buffer_bytes = 1U << 20;

[[noreturn]] void fail_stream(const std::string& what, const char* advice = "") {
  const std::string reason = std::strerror(errno);  // before an allocation changes errno
  throw Failure(SWR_ERROR_IO, what + ": " + reason + advice);
}

void write_all(int to, const char* bytes, unsigned count, const std::string& name,
               const char* advice) {
  while (count > 0) {
    if (interrupted()) throw Failure(SWR_CANCELLED, name + ": cancelled");
    const ssize_t written = write(to, bytes, count);
    if (written < 0 && errno != EINTR) fail_stream(name + ": could not be written", advice);
    if (written <= 0) continue;
    bytes += written;
    count -= static_cast<unsigned>(written);
  }
}

// Reads until the end. A signal ends the wait for more bytes.
void copy_stream(int from, const std::string& from_name, int to, const std::string& to_name,
                 const char* advice = "") {
  std::vector<char> buffer(buffer_bytes);
  for (;;) {
    const bool has_more = is_ready(from);
    if (interrupted()) throw Failure(SWR_CANCELLED, from_name + ": cancelled");
    if (!has_more) continue;
    const ssize_t count = read(from, buffer.data(), buffer_bytes);
    if (count < 0 && errno != EINTR && errno != EAGAIN)
      fail_stream(from_name + ": could not be read");
    if (count == 0) return;
    if (count > 0) write_all(to, buffer.data(), static_cast<unsigned>(count), to_name, advice);
  }
}

bool is_regular(int descriptor) {
  struct stat facts {};
  return fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
}

// The name of the file that is redirected to standard input, from its first byte; "" if there is
// none. A library that knows the name also finds the journal of an unfinished change.
std::string redirected_input() {
  if (!is_regular(STDIN_FILENO) || lseek(STDIN_FILENO, 0, SEEK_CUR) != 0) return "";
  const std::string path = name_of(STDIN_FILENO);
  return !path.empty() && is_file_of(STDIN_FILENO, path) ? path : "";
}

}  // namespace

StandardInput::StandardInput() : path_(redirected_input()) {
  if (!path_.empty()) return;
  if (is_terminal(Stream::input))
    throw UsageError("IN is -, but standard input is a terminal, not an image");
  outlive_pipes();
  path_ = folder_.emplace().path_of("standard-input");
  show_as(path_, "standard input");
  spool();
}

void StandardInput::spool() {
  const Descriptor file(path_, Descriptor::For::creating);
  copy_stream(STDIN_FILENO, "standard input", file.number(),
              folder_->parent() + ", where standard input is kept", ScratchFolder::advice);
}

std::string StandardInput::compression() const {
  const std::pair<const char*, std::string_view> kinds[] = {{"gzip", "\x1f\x8b"},
                                                            {"bzip2", "BZh"},
                                                            {"xz",
                                                             "\xfd"
                                                             "7zXZ"},
                                                            {"zstd", "\x28\xb5\x2f\xfd"},
                                                            {"lz4", "\x04\x22\x4d\x18"},
                                                            {"zip", "PK\x03\x04"}};
  char bytes[8] = {};
  const Descriptor file(path_, Descriptor::For::reading);
  const ssize_t count = read(file.number(), bytes, sizeof bytes);
  for (const auto& [name, magic] : kinds) {
    if (count > 0 && std::string_view(bytes, static_cast<size_t>(count)).starts_with(magic))
      return name;
  }
  return "";
}

StandardOutput::StandardOutput(const std::string& suffix, const std::string& input)
    : path_(folder_.path_of("standard-output" + suffix)) {
  outlive_pipes();
  show_as(path_, "standard output");
  if (is_terminal(Stream::output))
    throw UsageError("OUT is -, but standard output is a terminal; redirect it, or name a file");
  if (is_regular(STDOUT_FILENO) && is_file_of(STDOUT_FILENO, input))
    throw UsageError(input + ": is both IN and standard output");
}

void StandardOutput::send() {
  const Descriptor file(path_, Descriptor::For::reading);
  folder_.remove();
  end_with_pipes();
  copy_stream(file.number(), path_, STDOUT_FILENO, "standard output");
}

void refuse_redirected_file(const std::string& path) {
  if (!is_regular(STDOUT_FILENO) || !is_file_of(STDOUT_FILENO, path)) return;
  throw UsageError(path +
                   ": standard output is redirected to this file; to write an image there, "
                   "use swr copy with - as OUT");
}

}  // namespace swr::tool

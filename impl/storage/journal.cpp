#include "storage/journal.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/byte_order.h"
#include "base/error.h"
#include "storage/names.h"
#include "storage/system.h"

namespace swr {

namespace {

constexpr std::string_view magic = "SWRUNDO";
constexpr char version = '1';
constexpr int64_t head_bytes = 16;
constexpr size_t block_head_bytes = 16;
constexpr size_t entry_head_bytes = 24;
constexpr size_t most_block_bytes = size_t{1} << 20;
constexpr int most_tries = 1000;
constexpr std::string_view first_suffix = ".swr-undo";
constexpr std::string_view folder_suffix = ".swr-undos";

uint32_t checksum(uint32_t salt, std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(
      crc32(salt, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::span<const std::byte> bytes_of(std::string_view letters) {
  return std::as_bytes(std::span(letters));
}

// Overwrites all of a journal. What it says is of no use any more, so that a disk that fails here
// is no reason to fail.
void overwrite(File& journal) noexcept {
  try {
    const std::vector<std::byte> zeros(most_block_bytes);
    const int64_t end = journal.size();
    for (int64_t at = 0; at < end; at += std::ssize(zeros)) {
      journal.write_at(
          at, std::span(zeros).first(static_cast<size_t>(std::min(end - at, std::ssize(zeros)))));
    }
    journal.sync();
  } catch (const std::exception&) {
  }
}

bool remove_folder_if_empty(const std::string& folder) noexcept {
  return system::rmdir(folder.c_str()) == 0 || errno == ENOENT;
}

bool is_further(const std::string& journal) {
  return folder_of(journal).ends_with(folder_suffix);
}

// Takes a journal's name away, and the folder of further journals if it was the last one there;
// whether nothing is left that would keep the folder.
bool unlink_journal(File& journal, bool sync) {
  if (system::unlink(journal.path().c_str()) != 0 && errno != ENOENT)
    SystemFailure(errno).fail(journal.path(), "remove the undo journal");
  const std::string folder = folder_of(journal.path());
  if (!is_further(journal.path())) {
    if (sync) sync_folder(folder);
    return true;
  }
  bool is_gone = remove_folder_if_empty(folder);
  if (!sync) return is_gone;
  try {
    if (!is_gone) sync_folder(folder);
  } catch (const Error& error) {
    // Another process removed the last journal in it.
    is_gone = error.status() == SWR_ERROR_NOT_FOUND;
    if (!is_gone) throw;
  }
  if (is_gone) sync_folder(folder_of(folder));
  return is_gone;
}

// Whether the lock was got; not if another holds it.
bool lock(const File& file) {
  while (system::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) SystemFailure(errno).fail(file.path(), "lock the undo journal");
  }
  return true;
}

// Between opening and locking, another process can have removed it.
bool has_name(const File& file) {
  struct stat facts;
  if (system::fstat(file.descriptor(), &facts) != 0)
    SystemFailure(errno).fail(file.path(), "look at the undo journal");
  return facts.st_nlink > 0;
}

// A name in the folder of `path`, made of its own.
std::string beside(const std::string& path, std::string_view suffix) {
  std::string name = name_of(path);
  const size_t room = NAME_MAX - 1 - folder_suffix.size();
  if (name.size() > room) {
    // The checksum keeps apart what begins alike.
    const std::string tail = text('~', checksum(0, bytes_of(name)));
    name = shortened(name, room - tail.size()) + tail;
  }
  return sibling(path, text('.', name, suffix));
}

}  // namespace

std::string first_journal(const std::string& path) {
  return beside(path, first_suffix);
}

std::string journal_folder(const std::string& path) {
  return beside(path, folder_suffix);
}

JournalWriter::JournalWriter(const std::string& path, JournalFlags flags, mode_t mode)
    : flags_(flags) {
  const std::string random = random_letters();
  salt_ = checksum(0, bytes_of(random));
  const std::string name = name_of(path);
  add({JournalEntry::Kind::begin, flags.number(), 0, bytes_of(name)});
  create(path, mode & 0666);
}

// The folder may go while a journal is made in it, when another process removes the last one.
void JournalWriter::create(const std::string& path, mode_t mode) {
  const std::string folder = journal_folder(path);
  const mode_t folder_mode = 0700 | mode | (mode & 0044) >> 2;
  for (int tries = 0; tries < most_tries; ++tries) {
    if (take(first_journal(path), mode)) return;
    if (errno != EEXIST) {
      if (errno == ENOENT || errno == EINTR) continue;
      SystemFailure(errno).fail(path, "make its undo journal");
    }
    const std::string further = text(folder, '/', random_letters());
    if (system::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST)
      SystemFailure(errno).fail(path, "make the folder of its undo journal");
    if (take(further, mode)) return;
    if (errno == ENOENT || errno == EEXIST || errno == EINTR) continue;
    const int reason = errno;
    remove_folder_if_empty(folder);
    SystemFailure(reason).fail(path, "make its undo journal");
  }
  fail(SWR_ERROR_IO, path, ": cannot make its undo journal: others keep removing it");
}

// Makes a journal of this name and locks it; false, with errno, if it cannot be made, or if who
// looks for dead journals was faster to lock it (EINTR).
bool JournalWriter::take(const std::string& name, mode_t mode) {
  std::string kept = name;
  const int fd = system::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode | 0600);
  if (fd < 0) return false;
  file_ = File(fd, std::move(kept));
  try {
    if (lock(file_) && has_name(file_)) return true;
  } catch (...) {
    unlink_journal(file_, false);
    throw;
  }
  errno = EINTR;
  return false;
}

void JournalWriter::add(const JournalEntry& entry) {
  std::span<const std::byte> rest = entry.data;
  int64_t position = entry.position;
  while (true) {
    const size_t used = std::max(block_.size(), block_head_bytes) + entry_head_bytes;
    const size_t room = used < most_block_bytes ? most_block_bytes - used : 0;
    // Names are never divided, and old bytes only where they fill the better part of a block.
    const bool may_divide = entry.kind == JournalEntry::Kind::bytes && room >= most_block_bytes / 2;
    if (rest.size() > room && !may_divide) {
      if (block_.empty())
        fail(SWR_ERROR_INTERNAL, file_.path(), ": an entry of ", rest.size(),
             " bytes is too long for the undo journal");
      write_block();
      continue;
    }
    const auto piece = rest.first(std::min(rest.size(), room));
    append(entry, piece, position);
    rest = rest.subspan(piece.size());
    if (rest.empty()) return;
    position += std::ssize(piece);
  }
}

void JournalWriter::append(const JournalEntry& entry, std::span<const std::byte> data,
                           int64_t position) {
  if (block_.empty()) block_.resize(block_head_bytes);
  std::byte head[entry_head_bytes];
  store(head, static_cast<uint32_t>(entry.kind));
  store(head + 4, entry.number);
  store(head + 8, position);
  store(head + 16, static_cast<int64_t>(data.size()));
  block_.insert(block_.end(), head, head + entry_head_bytes);
  block_.insert(block_.end(), data.begin(), data.end());
}

void JournalWriter::write_head() {
  std::byte head[head_bytes];
  std::copy_n(bytes_of(magic).begin(), magic.size(), head);
  head[magic.size()] = static_cast<std::byte>(version);
  store(head + 8, salt_);
  store(head + 12, checksum(0, std::span(head, 12)));
  file_.write_at(0, head);
}

void JournalWriter::write_block() {
  if (block_.empty()) return;
  if (end_ == 0) {
    write_head();
    end_ = head_bytes;
  }
  store(block_.data() + 4, static_cast<uint32_t>(block_.size() - block_head_bytes));
  store(block_.data() + 8, blocks_);
  store(block_.data(), checksum(salt_, std::span(block_).subspan(4)));
  file_.write_at(end_, block_);
  end_ += std::ssize(block_);
  ++blocks_;
  block_.clear();
  is_synced_ = false;
}

void JournalWriter::flush() {
  write_block();
  if (!flags_.sync || is_synced_) return;
  file_.sync();
  is_synced_ = true;
  if (folder_is_synced_) return;
  const std::string folder = folder_of(file_.path());
  sync_folder(folder);
  if (is_further(file_.path())) sync_folder(folder_of(folder));
  folder_is_synced_ = true;
}

void JournalWriter::remove() {
  if (!flags_.erase) {
    const std::string folder = folder_of(file_.path());
    const bool folder_is_gone = unlink_journal(file_, flags_.sync);
    file_ = File();
    // Some network file systems keep a removed file in its folder until it is closed.
    if (!folder_is_gone) remove_folder_if_empty(folder);
    return;
  }
  // A journal without its head says nothing: from then on there is no way back, and nothing that
  // may fail.
  try {
    const std::byte nothing[head_bytes] = {};
    file_.write_at(0, nothing);
    if (flags_.sync) file_.sync();
  } catch (...) {
    write_head();
    throw;
  }
  overwrite(file_);
  try {
    unlink_journal(file_, flags_.sync);
  } catch (const std::exception&) {
  }
}

JournalReader::JournalReader(const File& file, std::optional<uint32_t> salt) : file_(file) {
  const int64_t size = file.size();
  if (salt) {
    salt_ = *salt;
  } else {
    std::byte head[head_bytes];
    if (file.read_some(0, head) < head_bytes ||
        load<uint32_t>(head + 12) != checksum(0, std::span(head, 12)))
      return;
    if (!std::equal(magic.begin(), magic.end(), reinterpret_cast<const char*>(head))) return;
    if (static_cast<char>(head[magic.size()]) != version) {
      fail(SWR_ERROR_UNSUPPORTED, file.path(),
           ": an undo journal of a later version of swr; that version can roll it back");
    }
    salt_ = load<uint32_t>(head + 8);
  }
  int64_t at = head_bytes;
  while (read_block(at, std::ssize(blocks_), size)) {
    blocks_.push_back({at, static_cast<uint32_t>(buffer_.size())});
    at += std::ssize(buffer_);
  }
}

// Reads the block into the buffer, with its head; false if it is torn.
bool JournalReader::read_block(int64_t offset, int64_t number, int64_t file_size) {
  std::byte head[block_head_bytes];
  if (file_.read_some(offset, head) < std::ssize(head)) return false;
  const int64_t bytes = static_cast<int64_t>(block_head_bytes) + load<uint32_t>(head + 4);
  if (load<int64_t>(head + 8) != number || bytes > static_cast<int64_t>(most_block_bytes) ||
      bytes > file_size - offset)
    return false;
  buffer_.resize(static_cast<size_t>(bytes));
  if (file_.read_some(offset, buffer_) < bytes) return false;
  return load<uint32_t>(buffer_.data()) == checksum(salt_, std::span(buffer_).subspan(4));
}

std::vector<JournalEntry> JournalReader::entries(size_t block) {
  const Block& place = blocks_.at(block);
  if (!read_block(place.offset, static_cast<int64_t>(block), place.offset + place.bytes)) {
    fail(SWR_ERROR_IO, file_.path(), ": the undo journal changed while it was read");
  }
  std::vector<JournalEntry> result;
  auto rest = std::span<const std::byte>(buffer_).subspan(block_head_bytes);
  while (!rest.empty()) {
    if (rest.size() < entry_head_bytes)
      fail(SWR_ERROR_CORRUPT, file_.path(), ": an entry of the undo journal is cut off");
    JournalEntry entry{};
    entry.kind = static_cast<JournalEntry::Kind>(load<uint32_t>(rest.data()));
    entry.number = load<uint32_t>(rest.data() + 4);
    entry.position = load<int64_t>(rest.data() + 8);
    const auto bytes = load<uint64_t>(rest.data() + 16);
    rest = rest.subspan(entry_head_bytes);
    if (bytes > rest.size())
      fail(SWR_ERROR_CORRUPT, file_.path(),
           ": an entry of the undo journal is longer than its block");
    entry.data = rest.first(static_cast<size_t>(bytes));
    rest = rest.subspan(static_cast<size_t>(bytes));
    result.push_back(entry);
  }
  return result;
}

DeadJournals::DeadJournals(const std::string& path) : folder_(journal_folder(path)) {
  names_.push_back(first_journal(path));
  std::error_code reason;
  std::filesystem::directory_iterator entry(folder_, reason);
  for (; !reason && entry != std::filesystem::directory_iterator(); entry.increment(reason))
    names_.push_back(entry->path().string());
  if (reason && reason != std::errc::no_such_file_or_directory)
    SystemFailure(reason.value()).fail(folder_, "list the undo journals");
  std::sort(names_.begin() + 1, names_.end());
}

std::optional<File> DeadJournals::next() {
  while (at_ < names_.size()) {
    const std::string& name = names_[at_++];
    std::string kept = name;
    const int always = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    int fd = system::open(name.c_str(), O_RDWR | always, 0);
    const int refused = fd < 0 ? errno : 0;
    if (refused == ENOENT) continue;
    // Who may only read can still see whether the writer lives.
    if (refused == EACCES || refused == EROFS || refused == EPERM)
      fd = system::open(name.c_str(), O_RDONLY | always, 0);
    if (fd < 0)
      SystemFailure(refused).fail(name, "open the undo journal of a write that was interrupted");
    File file(fd, std::move(kept));
    struct stat facts;
    if (system::fstat(fd, &facts) != 0) SystemFailure(errno).fail(name, "look at the undo journal");
    if (!S_ISREG(facts.st_mode))
      fail(SWR_ERROR_CORRUPT, name, ": is no undo journal, but not a regular file");
    if (!lock(file)) {
      ++living_;
      continue;
    }
    if (!has_name(file)) continue;
    if (refused != 0) SystemFailure(refused).fail(name, "roll back a write that was interrupted");
    return file;
  }
  return std::nullopt;
}

void DeadJournals::remove(File& journal, JournalFlags flags) {
  if (flags.erase) overwrite(journal);
  unlink_journal(journal, flags.sync);
}

void DeadJournals::remove_folder() noexcept {
  remove_folder_if_empty(folder_);
}

}  // namespace swr

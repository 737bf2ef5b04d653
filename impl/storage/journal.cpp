#include "storage/journal.h"

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "base/byte_order.h"
#include "base/error.h"
#include "storage/attributes.h"
#include "storage/lock.h"
#include "storage/names.h"
#include "storage/platform.h"
#include "storage/sweep.h"
#include "storage/unnamed_file.h"

namespace swr {

namespace {

constexpr std::string_view magic = "SWRUNDO";
constexpr char version = '2';
constexpr uint32_t in_use = 1, over = 2, over_to_erase = 3;
constexpr int64_t head_bytes = 24;
constexpr size_t block_head_bytes = 24;
constexpr size_t entry_head_bytes = 24;
constexpr size_t begin_head_bytes = 8 + 2 * identity_bytes;
constexpr size_t most_block_bytes = size_t{1} << 20;
constexpr int most_tries = 1000;
constexpr size_t most_names = 16;  // of one journal
constexpr std::string_view first_suffix = ".swr-undo";
constexpr std::string_view folder_suffix = ".swr-undos";
constexpr std::string_view alone_name = "alone";  // of a further journal that excludes others

uint32_t checksum(uint32_t salt, std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(
      crc32(salt, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::span<const std::byte> bytes_of(std::string_view letters) {
  return std::as_bytes(std::span(letters));
}

void write_head(File& journal, uint32_t salt, uint32_t state) {
  std::byte head[head_bytes] = {};
  std::copy_n(bytes_of(magic).begin(), magic.size(), head);
  head[magic.size()] = static_cast<std::byte>(version);
  store(head + 8, salt);
  store(head + 12, state);
  store(head + 16, checksum(0, std::span(head, 16)));
  journal.write_at(0, head);
}

// Overwrites all of a journal but its head, which says that it is over. The rest is of no use any
// more, so that a disk that fails here is no reason to fail.
void overwrite(File& journal) noexcept {
  try {
    const std::byte zeros[8192] = {};
    const int64_t end = journal.size();
    for (int64_t at = head_bytes; at < end; at += std::ssize(zeros)) {
      journal.write_at(
          at, std::span(zeros).first(static_cast<size_t>(std::min(end - at, std::ssize(zeros)))));
    }
    journal.sync();
  } catch (const std::exception&) {
  }
}

bool remove_folder_if_empty(const std::string& folder) noexcept {
  const auto removed = system::remove_folder(folder.c_str());
  return removed || removed.reason == std::errc::no_such_file_or_directory;
}

// The journal says from now on that it is over: the one moment in which that what it holds can no
// longer be undone. If this fails it is not over.
void declare_over(File& journal, uint32_t salt, JournalFlags flags) {
  try {
    write_head(journal, salt, flags.erase ? over_to_erase : over);
    if (flags.sync) journal.sync();
  } catch (...) {
    try {
      write_head(journal, salt, in_use);
    } catch (const std::exception&) {
    }
    throw;
  }
}

// Takes a name from a journal that is over. Where this fails, whoever finds the journal tries again.
// Takes no memory.
void remove_name(const File& journal, const std::string& name) noexcept {
  try {
    if (is_named(identity_of(journal), name)) static_cast<void>(system::remove(name.c_str()));
  } catch (const std::exception&) {
  }
}

// A relative one is no use to whoever finds the journal beside a data file in another folder.
std::string full_path(const std::string& path) {
  return (std::filesystem::path(real_folder_of(path)) / name_of(path)).string();
}

enum class Found { nothing, folder, something_else };

// From one look: what is there may go at any time.
Found what_is(const std::string& path) {
  system::Facts facts;
  const auto known = system::facts(path.c_str(), system::Links::no_follow, facts);
  if (known)
    return facts.kind == system::Facts::Kind::folder ? Found::folder : Found::something_else;
  if (!system::means_absent(known.reason)) SystemFailure(known.reason).fail(path, "look at it");
  return Found::nothing;
}

// Names of the journals of `path` that are there: the first, and those of the others, sorted. What
// is no folder, a symbolic link to one too, stands for itself.
std::vector<std::string> journal_names(const std::string& path) {
  std::vector<std::string> names{first_journal(path)};
  const std::string folder = journal_folder(path);
  if (what_is(folder) != Found::folder) {
    names.push_back(folder);
    return names;
  }
  for (const std::string& name : names_in(folder)) names.push_back(text(folder, '/', name));
  return names;
}

// Where a journal gets a further name if it can.
bool links_are_missing(std::errc reason) {
  return reason == std::errc::operation_not_permitted || reason == std::errc::permission_denied ||
         reason == std::errc::read_only_file_system || reason == std::errc::cross_device_link ||
         reason == std::errc::operation_not_supported || reason == std::errc::not_supported ||
         reason == std::errc::function_not_supported || reason == std::errc::too_many_links ||
         reason == std::errc::invalid_argument;
}

// Whether a living writer holds the journal of this name. One that cannot be looked at may be held.
bool is_held(const std::string& name) {
  std::string kept = name;
  const auto opened =
      system::open_existing(name.c_str(), system::Access::read, system::Links::no_follow);
  if (!opened) {
    return opened.reason != std::errc::no_such_file_or_directory &&
           opened.reason != std::errc::too_many_symbolic_link_levels;
  }
  const File file(opened.value, std::move(kept));
  const auto lives = system::is_locked(opened.value, lock_of_life);
  return !lives || lives.value;
}

// A name in the folder of `path`, made of its own.
std::string beside(const std::string& path, std::string_view suffix) {
  std::string name = name_of(path);
  const size_t room = system::longest_name - 1 - folder_suffix.size();
  if (name.size() > room) {
    // The checksum keeps apart what begins alike.
    const std::string tail = text('~', checksum(0, bytes_of(name)));
    name = shortened(name, room - tail.size()) + tail;
  }
  return sibling(path, text('.', name, suffix));
}

// Waits for others who look at the same journal, or undo what it says.
void lock_for_a_look(const File& file, bool may_write, std::chrono::milliseconds patience) {
  const auto kind = may_write ? system::Lock::exclusive : system::Lock::shared;
  const auto end = std::chrono::steady_clock::now() + patience;
  auto pause = std::chrono::milliseconds(1);
  while (true) {
    const auto done = system::lock(file.descriptor(), kind, lock_of_look, false);
    if (done) return;
    if (done.reason == std::errc::interrupted) continue;
    if (!is_held_by_another(done.reason))
      SystemFailure(done.reason).fail(file.path(), "lock the undo journal");
    if (std::chrono::steady_clock::now() > end) {
      fail(SWR_ERROR_BUSY, file.path(),
           ": another process has been undoing this interrupted write for more than ",
           std::chrono::duration_cast<std::chrono::seconds>(patience).count(),
           " seconds; try again when it is done");
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::milliseconds(50));
  }
}

}  // namespace

std::string first_journal(const std::string& path) {
  return beside(path, first_suffix);
}

std::string journal_folder(const std::string& path) {
  return beside(path, folder_suffix);
}

std::optional<JournalBegin> begin_from(const JournalEntry& entry) {
  if (entry.kind != JournalEntry::Kind::begin || entry.data.size() < begin_head_bytes)
    return std::nullopt;
  const std::string_view words(reinterpret_cast<const char*>(entry.data.data()) + begin_head_bytes,
                               entry.data.size() - begin_head_bytes);
  const size_t first = words.find('\0');
  const size_t second = first == words.npos ? words.npos : words.find('\0', first + 1);
  if (second == words.npos) return std::nullopt;
  return JournalBegin{.flags = JournalFlags::of(entry.number),
                      .author = {.process = load<uint32_t>(entry.data.data()),
                                 .machine = std::string(words.substr(0, first)),
                                 .boot = std::string(words.substr(first + 1, second - first - 1))},
                      .journal = identity_from(entry.data.subspan(8)),
                      .folder = identity_from(entry.data.subspan(8 + identity_bytes)),
                      .image = std::string(words.substr(second + 1))};
}

JournalWriter::JournalWriter(const std::string& path, JournalFlags flags, Others others)
    : beside_(path), flags_(flags), others_(others), process_(system::process()) {
  const std::string random = random_letters();
  salt_ = checksum(0, bytes_of(random));
  const Author author = Author::self();
  create();
  try {
    std::string begin(8, '\0');
    store(reinterpret_cast<std::byte*>(begin.data()), author.process);
    swr::append(begin, identity_of(file_));
    const std::string image = full_path(path);
    swr::append(begin, identity_at(folder_of(image)).value_or(Identity{}));
    begin += text(author.machine, '\0', author.boot, '\0', image);
    add({JournalEntry::Kind::begin, flags.number(), 0, bytes_of(begin)});
  } catch (...) {
    if (!staging_.empty()) static_cast<void>(system::remove(staging_.c_str()));
    throw;
  }
}

// In a child of fork() everything belongs to the parent; the lock must not last as long as the
// child does.
JournalWriter::~JournalWriter() {
  if (system::process() != process_) return;
  if (!staging_.empty() && names_.empty()) static_cast<void>(system::remove(staging_.c_str()));
  if (file_.is_open())
    static_cast<void>(system::lock(file_.descriptor(), system::Lock::none, lock_of_life, false));
}

// A file without a name, so that none has a journal's name before it is one.
void JournalWriter::create() {
  UnnamedFile made = make_unnamed_file(beside_, 0600, "make its undo journal");
  file_ = std::move(made.file);
  staging_ = std::move(made.name);
  if (!staging_.empty()) sweep(beside_);
  try {
    while (true) {
      const auto done =
          system::lock(file_.descriptor(), system::Lock::exclusive, lock_of_life, false);
      if (done) break;
      if (done.reason != std::errc::interrupted)
        SystemFailure(done.reason).fail(beside_, "lock its undo journal");
    }
  } catch (...) {
    if (!staging_.empty()) static_cast<void>(system::remove(staging_.c_str()));
    throw;
  }
}

void JournalWriter::give_access(const File& file, bool others_may_write) {
  Attributes wanted = access_of(file);
  wanted.access.make_plain(others_may_write);
  if (access_) {
    wanted.access.narrow(access_->access);
    if (wanted.owner != access_->owner || wanted.group != access_->group)
      wanted.access.keep_owner_alone();
    if (wanted.owner != access_->owner) wanted.owner = system::effective_user();
    if (wanted.owner == access_->owner && wanted.group == access_->group &&
        wanted.access == access_->access)
      return;
  }
  swr::give_access(file_, wanted);
  access_ = std::move(wanted);
}

void JournalWriter::give_names() {
  if (names_.empty()) give_name(beside_);
  for (const std::string& file : also_beside_) give_name(file);
  also_beside_.clear();
}

// The folder may go while a journal gets its name in it, when another process removes the last one.
void JournalWriter::give_name(const std::string& beside) {
  const bool alone = others_ == Others::excluded;
  const std::string first = first_journal(beside), folder = journal_folder(beside);
  for (int tries = 0; tries < most_tries; ++tries) {
    const auto is_gone_meanwhile = [](std::errc reason) {
      return reason == std::errc::no_such_file_or_directory || reason == std::errc::interrupted;
    };
    const auto taken = take(first, "");
    if (taken) return;
    if (is_gone_meanwhile(taken.reason)) continue;
    if (taken.reason != std::errc::file_exists)
      SystemFailure(taken.reason).fail(beside, "make its undo journal");
    // One that is left alone, because it is not about the files that are there, keeps the name.
    if (alone && is_held(first)) refuse_others(beside);
    const std::string further = text(folder, '/', alone ? alone_name : random_letters());
    if (!make_folder(folder, beside)) return;
    const auto further_taken = take(further, folder);
    if (further_taken) return;
    const bool exists = further_taken.reason == std::errc::file_exists;
    if (alone && exists) refuse_others(beside);
    if (exists || is_gone_meanwhile(further_taken.reason)) continue;
    remove_folder_if_empty(folder);
    SystemFailure(further_taken.reason).fail(beside, "make its undo journal");
  }
  fail(SWR_ERROR_IO, beside, ": cannot make its undo journal: others keep removing it");
}

void JournalWriter::refuse_others(const std::string& beside) {
  fail(SWR_ERROR_BUSY, beside, ": another process is replacing or changing the file");
}

// Who may read the journals must find them, and who owns them must be able to remove them. Where
// that cannot be, they stay until the superuser comes.
bool JournalWriter::make_folder(const std::string& folder, const std::string& beside) const {
  const bool is_listed = access_ && !access_->access.is_mode();
  const uint32_t mode = access_ ? access_->access.mode() : 0;
  const uint32_t folder_mode = is_listed ? 0755 : 0700 | mode | (mode & 0044) >> 2;
  const auto made = system::make_folder(folder.c_str(), folder_mode);
  if (!made) {
    const bool exists = made.reason == std::errc::file_exists;
    if (exists && what_is(folder) == Found::something_else) {
      fail(SWR_ERROR_IO, folder, ": is not a folder, and the undo journals of ", name_of(beside),
           " need one of this name; remove it");
    }
    if (exists) return true;
    if (!names_.empty() && links_are_missing(made.reason)) return false;
    SystemFailure(made.reason).fail(beside, "make the folder of its undo journal");
  }
  if (!access_ || access_->owner == system::effective_user()) return true;
  const auto opened = system::open_folder(folder.c_str(), system::Links::no_follow);
  if (!opened) return true;
  // It may be another one by now.
  system::Facts facts;
  if (system::facts(opened.value, facts) && facts.owner == system::effective_user())
    static_cast<void>(system::set_owner(opened.value, access_->owner, access_->group));
  static_cast<void>(system::close(opened.value));
  return true;
}

// Gives the journal this name. Further names are a help where the file system has them.
system::Result JournalWriter::take(const std::string& name, const std::string& folder) {
  names_.push_back({name, folder});
  system::Result given;
  if (names_.size() > 1) {
    given = system::add_name(names_.front().path.c_str(), name.c_str());
  } else if (staging_.empty()) {
    given = system::publish(file_.descriptor(), name.c_str());
  } else {
    given = system::rename_new(staging_.c_str(), name.c_str());
  }
  if (given) return given;
  names_.pop_back();
  return !names_.empty() && links_are_missing(given.reason) ? system::Result{} : given;
}

void JournalWriter::also_beside(const std::string& path) {
  if (also_beside_.size() + names_.size() < most_names) also_beside_.push_back(path);
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
  if (block_.empty()) {
    block_.resize(block_head_bytes);
    last_entry_bytes_ = 0;
  }
  std::byte head[entry_head_bytes];
  store(head, static_cast<uint32_t>(entry.kind));
  store(head + 4, entry.number);
  store(head + 8, position);
  store(head + 16, static_cast<uint32_t>(data.size()));
  store(head + 20, static_cast<uint32_t>(last_entry_bytes_));
  block_.insert(block_.end(), head, head + entry_head_bytes);
  block_.insert(block_.end(), data.begin(), data.end());
  last_entry_bytes_ = entry_head_bytes + data.size();
}

void JournalWriter::write_block() {
  if (block_.empty()) return;
  if (end_ == 0) {
    write_head(file_, salt_, in_use);
    end_ = head_bytes;
  }
  std::byte* const head = block_.data();
  store(head + 4, static_cast<uint32_t>(block_.size() - block_head_bytes));
  store(head + 8, static_cast<uint32_t>(last_block_bytes_));
  store(head + 12, uint32_t{0});
  store(head + 16, blocks_);
  store(head, checksum(salt_, std::span(block_).subspan(4)));
  file_.write_at(end_, block_);
  last_block_bytes_ = std::ssize(block_);
  end_ += last_block_bytes_;
  ++blocks_;
  block_.clear();
  is_synced_ = false;
}

void JournalWriter::flush() {
  write_block();
  if (flags_.sync && !is_synced_) {
    file_.sync();
    is_synced_ = true;
  }
  const bool has_new_names = names_.empty() || !also_beside_.empty();
  if (has_new_names) {
    folders_are_synced_ = false;
    give_names();
  }
  if (flags_.sync && !folders_are_synced_) sync_folders();
}

void JournalWriter::sync_folders() {
  std::set<std::string> folders;
  for (const Name& name : names_) {
    folders.insert(folder_of(name.path));
    if (!name.folder.empty()) folders.insert(folder_of(name.folder));
  }
  for (const std::string& folder : folders) sync_folder(folder);
  folders_are_synced_ = true;
}

JournalWriter::Mark JournalWriter::mark() const {
  return {end_, blocks_, last_block_bytes_};
}

void JournalWriter::cut(const Mark& mark) {
  block_.clear();
  file_.resize(mark.end);
  end_ = mark.end;
  blocks_ = mark.blocks;
  last_block_bytes_ = mark.last_block_bytes;
  if (flags_.sync) file_.sync();
}

void JournalWriter::expect_name() const {
  if (names_.empty() || is_named(identity_of(file_), names_.front().path)) return;
  fail(SWR_ERROR_IO, names_.front().path,
       ": this undo journal was removed while its write was under way: another machine, or another "
       "mount of the folder, has taken the write back");
}

void JournalWriter::end() {
  if (names_.empty()) return;  // it goes with its file
  expect_name();
  declare_over(file_, salt_, flags_);
  remove();
}

void JournalWriter::end_undone() noexcept {
  try {
    end();
  } catch (const std::exception&) {
    remove();
  }
}

void JournalWriter::remove() noexcept {
  if (flags_.erase && !names_.empty()) overwrite(file_);
  for (const Name& name : names_) remove_name(file_, name.path);
  bytes_written_ = file_.bytes_written();
  // Some network file systems keep a removed file in its folder until it is closed.
  file_ = File();
  for (const Name& name : names_) {
    if (!name.folder.empty()) remove_folder_if_empty(name.folder);
  }
}

JournalReader::JournalReader(const File& file) : file_(file), buffer_(own_buffer_) {
  read_head();
  if (head_ != Head::in_use) return;
  const int64_t size = file.size();
  int64_t before = 0;
  for (int64_t at = head_bytes; read_block(at, blocks_, size); at += before) {
    if (load<uint32_t>(buffer_.data() + 8) != before) break;
    before = std::ssize(buffer_);
    last_block_ = at;
    ++blocks_;
  }
  to_begin();
}

JournalReader::JournalReader(JournalWriter& writer)
    : file_(writer.file_),
      buffer_(writer.block_),
      head_(Head::in_use),
      salt_(writer.salt_),
      blocks_(writer.blocks_),
      last_block_(writer.end_ - writer.last_block_bytes_) {}

void JournalReader::read_head() {
  std::byte head[head_bytes];
  const int64_t got = file_.read_some(0, head);
  if (got < 16 || !std::equal(magic.begin(), magic.end(), reinterpret_cast<const char*>(head)))
    return;
  const char found = static_cast<char>(head[magic.size()]);
  if (found != version && found >= '1' && found <= '9') {
    fail(SWR_ERROR_UNSUPPORTED, file_.path(), ": an undo journal of version ", found,
         ", and this swr knows version ", version,
         "; roll it back with the swr that wrote it, or remove it if the image is good");
  }
  if (got < head_bytes || found != version ||
      load<uint32_t>(head + 16) != checksum(0, std::span(head, 16)))
    return;
  salt_ = load<uint32_t>(head + 8);
  const auto state = load<uint32_t>(head + 12);
  if (state == in_use) head_ = Head::in_use;
  if (state == over || state == over_to_erase) head_ = Head::over;
  is_to_be_erased_ = state == over_to_erase;
}

// Reads the block into the buffer, with its head; false if it is torn.
bool JournalReader::read_block(int64_t offset, int64_t number, int64_t file_size) {
  std::byte head[block_head_bytes];
  if (file_.read_some(offset, head) < std::ssize(head)) return false;
  const int64_t bytes = static_cast<int64_t>(block_head_bytes) + load<uint32_t>(head + 4);
  if (load<int64_t>(head + 16) != number || bytes > static_cast<int64_t>(most_block_bytes) ||
      bytes > file_size - offset)
    return false;
  buffer_.resize(static_cast<size_t>(bytes));
  if (file_.read_some(offset, buffer_) < bytes) return false;
  return load<uint32_t>(buffer_.data()) == checksum(salt_, std::span(buffer_).subspan(4));
}

void JournalReader::go_to_block(int64_t offset, int64_t number) {
  if (!read_block(offset, number, INT64_MAX))
    fail(SWR_ERROR_IO, file_.path(), ": the undo journal changed while it was read");
  block_ = number;
  offset_ = offset;
}

void JournalReader::to_begin() {
  block_ = -1;
}

void JournalReader::to_end() {
  block_ = blocks_;
}

JournalEntry JournalReader::entry_at(size_t at) const {
  const auto rest = std::span<const std::byte>(buffer_).subspan(at);
  if (rest.size() < entry_head_bytes)
    fail(SWR_ERROR_CORRUPT, file_.path(), ": an entry of the undo journal is cut off");
  const auto bytes = load<uint32_t>(rest.data() + 16);
  if (bytes > rest.size() - entry_head_bytes)
    fail(SWR_ERROR_CORRUPT, file_.path(),
         ": an entry of the undo journal is longer than its block");
  return {.kind = static_cast<JournalEntry::Kind>(load<uint32_t>(rest.data())),
          .number = load<uint32_t>(rest.data() + 4),
          .position = load<int64_t>(rest.data() + 8),
          .data = rest.subspan(entry_head_bytes, bytes)};
}

std::optional<JournalEntry> JournalReader::next() {
  while (block_ < 0 || at_ >= buffer_.size()) {
    if (block_ + 1 >= blocks_) return std::nullopt;
    go_to_block(block_ < 0 ? head_bytes : offset_ + std::ssize(buffer_), block_ + 1);
    at_ = block_head_bytes;
  }
  const JournalEntry entry = entry_at(at_);
  at_ += entry_head_bytes + entry.data.size();
  return entry;
}

// Where the last entry of the block begins that is being read; it has one.
size_t JournalReader::last_entry() const {
  size_t last = block_head_bytes;
  for (size_t at = last; at < buffer_.size();) {
    last = at;
    at += entry_head_bytes + entry_at(at).data.size();
  }
  return last;
}

std::optional<JournalEntry> JournalReader::previous() {
  if (block_ >= 0 && block_ < blocks_ && at_ > block_head_bytes) {
    const auto before = load<uint32_t>(buffer_.data() + at_ + 20);
    if (before < entry_head_bytes || before > at_ - block_head_bytes)
      fail(SWR_ERROR_CORRUPT, file_.path(),
           ": the entries of the undo journal contradict each other");
    at_ -= before;
    return entry_at(at_);
  }
  do {
    if (block_ == 0 || blocks_ == 0) return std::nullopt;
    if (block_ == blocks_) {
      go_to_block(last_block_, blocks_ - 1);
    } else {
      const int64_t before = load<uint32_t>(buffer_.data() + 8);
      if (before > offset_ - head_bytes)
        fail(SWR_ERROR_CORRUPT, file_.path(),
             ": the blocks of the undo journal contradict each other");
      go_to_block(offset_ - before, block_ - 1);
    }
  } while (buffer_.size() <= block_head_bytes);
  at_ = last_entry();
  return entry_at(at_);
}

Journals::Journals(const std::string& path, std::chrono::milliseconds patience)
    : folder_(journal_folder(path)), patience_(patience), names_(journal_names(path)) {}

std::optional<Journals::Found> Journals::next() {
  while (at_ < names_.size()) {
    const std::string& name = names_[at_++];
    std::string kept = name;
    system::Facts facts;
    // Opening a device can be more than looking at it.
    if (system::facts(name.c_str(), system::Links::no_follow, facts) &&
        facts.kind != system::Facts::Kind::file)
      return Found{File(system::Handle::none, std::move(kept)), Found::State::alien};
    const auto open = [&](system::Access access) {
      return system::open_existing(name.c_str(), access, system::Links::no_follow);
    };
    auto opened = open(system::Access::change);
    const std::errc refused = opened.reason;
    if (system::means_absent(refused)) continue;
    // Who may only read can still see whether the writer lives.
    if (refused == std::errc::permission_denied || refused == std::errc::read_only_file_system ||
        refused == std::errc::operation_not_permitted)
      opened = open(system::Access::read);
    // A symbolic link, a folder, a device without a driver, a socket.
    if (refused == std::errc::too_many_symbolic_link_levels ||
        refused == std::errc::is_a_directory || refused == std::errc::no_such_device_or_address ||
        refused == std::errc::no_such_device)
      return Found{File(system::Handle::none, std::move(kept)), Found::State::alien};
    if (!opened)
      SystemFailure(refused).fail(name, "open the undo journal of a write that was interrupted");
    File file(opened.value, std::move(kept));
    const auto known = system::facts(opened.value, facts);
    if (!known) SystemFailure(known.reason).fail(name, "look at the undo journal");
    if (facts.kind != system::Facts::Kind::file) return Found{std::move(file), Found::State::alien};
    lock_for_a_look(file, refused == std::errc{}, patience_);
    if (!is_named(identity_of(file), name)) continue;
    const auto lives = system::is_locked(opened.value, lock_of_life);
    if (!lives)
      SystemFailure(lives.reason).fail(name, "see whether the writer of the undo journal lives");
    return Found{std::move(file), lives.value ? Found::State::living : Found::State::dead, refused};
  }
  return std::nullopt;
}

void Journals::end(File& journal, JournalFlags flags) {
  std::byte head[head_bytes];
  journal.read_at(0, head);
  declare_over(journal, load<uint32_t>(head + 8), flags);
  remove(journal, flags.erase);
}

void Journals::remove(File& journal, bool erases) noexcept {
  if (erases) overwrite(journal);
  remove_name(journal, journal.path());
}

void Journals::remove_names(const File& journal, const std::string& path) noexcept {
  try {
    for (const std::string& name : journal_names(path)) remove_name(journal, name);
    remove_folder_if_empty(journal_folder(path));
  } catch (const std::exception&) {
    // They say that they are over, to whoever finds them.
  }
}

void Journals::remove_folder() noexcept {
  remove_folder_if_empty(folder_);
}

}  // namespace swr

#include "storage/journal_writer.h"

#include "base/error.h"
#include "storage/journal_names.h"
#include "storage/lock.h"
#include "storage/names.h"
#include "storage/paths.h"
#include "storage/platform.h"
#include "storage/sweep.h"
#include "storage/unnamed_file.h"

namespace swr {

namespace {

using namespace journal_format;

void write_head(File& journal, const JournalHead& head) {
  std::byte bytes[JournalHead::bytes];
  head.store(bytes);
  journal.write_at(0, bytes);
}

// A process that finds the journal beside a data file in another folder needs the absolute path.
std::string full_path(const std::string& path) {
  return text_of(path_of(real_folder_of(path)) / path_of(name_of(path)));
}

}  // namespace

void end_journal(File& journal, uint32_t salt, JournalFlags flags) {
  using State = JournalHead::State;
  try {
    write_head(journal, {salt, flags.erase ? State::over_to_erase : State::over});
    if (flags.sync) journal.sync();
  } catch (...) {
    try {
      write_head(journal, {salt, State::in_use});
    } catch (const std::exception&) {
    }
    throw;
  }
}

void overwrite_journal(File& journal) noexcept {
  try {
    const std::byte zeros[8192] = {};
    const int64_t end = journal.size();
    for (int64_t at = JournalHead::bytes; at < end; at += std::ssize(zeros)) {
      journal.write_at(at, std::span(zeros).first(static_cast<size_t>(
                               std::min<int64_t>(end - at, std::ssize(zeros)))));
    }
    journal.sync();
  } catch (const std::exception&) {
  }
}

JournalWriter::JournalWriter(const std::string& path, JournalFlags flags, Others others)
    : beside_(path), flags_(flags), names_(others), process_(system::process()) {
  const std::string random = random_letters();
  salt_ = checksum(0, std::as_bytes(std::span(random)));
  const std::string image = full_path(path);
  JournalBegin begin{
      .flags = flags, .author = Author::self(), .journal = {}, .folder = {}, .image = image};
  begin.folder = identity_at(folder_of(image)).value_or(Identity{});
  create();
  try {
    id_ = identity_of(file_);
    begin.journal = id_;
    const std::string data = joined(begin);
    add({JournalEntry::Kind::begin, flags.number(), 0, std::as_bytes(std::span(data))});
  } catch (...) {
    remove_staging();
    throw;
  }
}

// In a child of fork() everything belongs to the parent. The parent releases the lock explicitly,
// because otherwise it would last as long as the child.
JournalWriter::~JournalWriter() {
  if (system::process() != process_) return;
  if (names_.is_empty()) remove_staging();
  if (file_.is_open())
    static_cast<void>(system::lock(file_.descriptor(), system::Lock::none, lock_of_life, false));
}

void JournalWriter::create() {
  UnnamedFile made = make_unnamed_file(beside_, 0600, "make its undo journal");
  file_ = std::move(made.file);
  staging_ = std::move(made.name);
  file_.is_called(first_journal(beside_));  // for messages: it is not the image that is written
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
    remove_staging();
    throw;
  }
}

void JournalWriter::remove_staging() noexcept {
  if (!staging_.empty()) static_cast<void>(system::remove(staging_.c_str()));
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
  id_.owner = file_.facts().owner;
  access_ = std::move(wanted);
}

void JournalWriter::also_beside(const std::string& path) {
  if (names_.has_room_for(also_beside_.size())) also_beside_.push_back(path);
}

void JournalWriter::add(const JournalEntry& entry) {
  JournalEntry part = entry;
  std::span<const std::byte> rest = entry.data;
  while (true) {
    const size_t used = std::max(block_.size(), block_head_bytes) + entry_head_bytes;
    const size_t room = used < most_block_bytes ? most_block_bytes - used : 0;
    // Names are never split; old bytes are split only if they fill most of a block.
    const bool may_split = entry.kind == JournalEntry::Kind::bytes && room >= most_block_bytes / 2;
    if (rest.size() > room && !may_split) {
      if (block_.empty())
        fail(SWR_ERROR_INTERNAL, file_.path(), ": an entry of ", rest.size(),
             " bytes is too long for the undo journal");
      write_block();
      continue;
    }
    if (block_.empty()) {
      block_.resize(block_head_bytes);
      last_entry_bytes_ = 0;
    }
    part.data = rest.first(std::min(rest.size(), room));
    append_entry(block_, part, last_entry_bytes_);
    last_entry_bytes_ = entry_head_bytes + part.data.size();
    rest = rest.subspan(part.data.size());
    if (rest.empty()) return;
    part.position += std::ssize(part.data);
  }
}

void JournalWriter::write_block() {
  if (block_.empty()) return;
  if (end_ == 0) {
    write_head(file_, {salt_, JournalHead::State::in_use});
    end_ = JournalHead::bytes;
  }
  seal_block(block_, salt_, last_block_bytes_, blocks_);
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
  const bool has_new_names = names_.is_empty() || !also_beside_.empty();
  if (has_new_names) {
    folders_are_synced_ = false;
    give_names();
  }
  if (flags_.sync && !folders_are_synced_) {
    names_.sync_folders();
    folders_are_synced_ = true;
  }
}

void JournalWriter::give_names() {
  const JournalNaming::Journal journal{file_, staging_, access_};
  if (names_.is_empty()) {
    names_.give(journal, beside_);
    file_.is_called(std::string(names_.own()));
  }
  for (const std::string& file : also_beside_) names_.give(journal, file);
  also_beside_.clear();
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
  if (names_.is_empty() || is_named(id_, names_.own())) return;
  fail(SWR_ERROR_IO, names_.own(),
       ": this undo journal was removed while its write was under way, perhaps by another machine "
       "or another mount of the folder that rolled the write back: the old pixels are kept. Let "
       "one machine at a time change the image, and write again");
}

void JournalWriter::end() {
  if (names_.is_empty()) return;  // a file without a name disappears when it is closed
  expect_name();
  end_journal(file_, salt_, flags_);
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
  if (flags_.erase && !names_.is_empty()) overwrite_journal(file_);
  names_.remove_from(id_);
  bytes_written_ = file_.bytes_written();
  // Some network file systems keep a removed file in its folder until it is closed.
  file_ = File();
  names_.remove_empty_folders();
}

}  // namespace swr

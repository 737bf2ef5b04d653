#include "storage/in_place.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/checked.h"
#include "base/error.h"
#include "storage/attributes.h"
#include "storage/few_open.h"
#include "storage/paths.h"
#include "storage/platform.h"
#include "storage/undo.h"

namespace swr {

namespace {

// Old bytes of small changes are read together if the gap between them is at most this: reading the
// gap costs less than another call.
constexpr int64_t most_gap = 4096;
constexpr int64_t most_read = int64_t{1} << 18;

struct Range {
  int file;
  int64_t begin, end;
};

}  // namespace

struct InPlace::State {
  struct Target {
    std::shared_ptr<File> file;
    bool is_held = false;  // shared with other users, and stays open
    int64_t written_before = 0;
    std::string real_path;
    Identity identity;
    int64_t old_size = 0;
    int64_t size = 0;
    bool is_in_journal = false;
    bool resize_is_in_journal = false;
    bool has_changed = false;
  };

  std::string path;
  Options options;
  std::vector<std::unique_ptr<Target>> targets;
  std::map<std::pair<uint64_t, uint64_t>, int> numbers;  // of the targets, by device and inode
  FewOpen few{File::Mode::change};
  std::optional<JournalWriter> journal;
  std::vector<std::byte> read_buffer;
  const uint32_t process = system::process();
  int64_t bytes_written = 0;  // once all files are closed
  bool is_over = false;       // committed or rolled back
  bool has_failed = false;

  Target& target(int number) { return *targets.at(static_cast<size_t>(number)); }
  // Valid until other files are used.
  File& file(int number) {
    Target& t = target(number);
    return t.is_held ? *t.file : few.use(*t.file, t.real_path, t.identity);
  }

  // The journal, created when it is first needed, with its entry for the file.
  JournalWriter& journal_for(int number) {
    if (!journal) journal.emplace(path, JournalFlags{.sync = options.sync, .erase = options.erase});
    Target& t = target(number);
    if (!t.is_in_journal) {
      journal->give_access(file(number));
      const std::string name = journal_name(path, t.real_path);
      if (name != name_of(path)) journal->also_beside(t.real_path);
      std::string data;
      append(data, t.identity);
      data += name;
      journal->add({JournalEntry::Kind::file, static_cast<uint32_t>(number), t.old_size,
                    std::as_bytes(std::span(data))});
      t.is_in_journal = true;
    }
    return *journal;
  }

  void save_bytes(int number, int64_t offset, std::span<const std::byte> bytes) {
    journal_for(number).add(
        {JournalEntry::Kind::bytes, static_cast<uint32_t>(number), offset, bytes});
  }

  // Other writers of the file may make it longer too: the size goes back only where this one
  // changed it.
  void save_resize(int number) {
    Target& t = target(number);
    if (t.resize_is_in_journal) return;
    journal_for(number).add({JournalEntry::Kind::resized, static_cast<uint32_t>(number), 0, {}});
    t.resize_is_in_journal = true;
  }

  // Bytes after the old end, or cut off before, are not old bytes.
  Range old_part(int number, int64_t begin, int64_t end) {
    const Target& t = target(number);
    return {number, begin, std::min({end, t.size, t.old_size})};
  }

  void save(std::span<const Range> ranges);
  void save(std::span<const Change> changes, std::span<const std::span<const std::byte>> old);
  // Saves the old bytes of `changes`, and makes `writes`, which are the same or hold them.
  void change(std::span<const Change> changes, std::span<const std::span<const std::byte>> old,
              std::span<const Change> writes);
  void resize(int number, int64_t size);
  void flush_journal();
  void check_usable() const;
  // Journal and files are no longer needed.
  void close() noexcept {
    bytes_written = bytes_until_now();
    journal.reset();
    for (auto& target : targets) target->file.reset();
  }
  int64_t bytes_until_now() const {
    int64_t bytes = bytes_written + (journal ? journal->bytes_written() : 0);
    for (const auto& target : targets) {
      if (target->file) bytes += target->file->bytes_written() - target->written_before;
    }
    return bytes;
  }
};

// Reads and saves ranges of the files; ranges that are close together with one read.
void InPlace::State::save(std::span<const Range> ranges) {
  for (size_t first = 0, last; first < ranges.size(); first = last) {
    const Range& range = ranges[first];
    int64_t end = range.end;
    for (last = first + 1; last < ranges.size(); ++last) {
      const Range& next = ranges[last];
      if (next.file != range.file || next.begin < end || next.begin - end > most_gap ||
          next.end - range.begin > most_read)
        break;
      end = next.end;
    }
    for (int64_t at = range.begin; at < end; at += most_read) {
      read_buffer.resize(static_cast<size_t>(std::min(end - at, most_read)));
      file(range.file).read_at(at, read_buffer);
      if (last == first + 1) save_bytes(range.file, at, read_buffer);
    }
    if (last == first + 1) continue;
    for (const Range& each : ranges.subspan(first, last - first)) {
      const auto bytes = std::span(read_buffer)
                             .subspan(static_cast<size_t>(each.begin - range.begin),
                                      static_cast<size_t>(each.end - each.begin));
      save_bytes(each.file, each.begin, bytes);
    }
  }
}

void InPlace::State::save(std::span<const Change> changes,
                          std::span<const std::span<const std::byte>> old) {
  std::vector<Range> to_read;
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    const int64_t end = checked_add(change.offset, std::ssize(change.bytes));
    if (end > target(change.file).size) save_resize(change.file);
    const Range range = old_part(change.file, change.offset, end);
    if (range.begin >= range.end) continue;
    if (old.empty()) {
      to_read.push_back(range);
      continue;
    }
    const auto bytes = static_cast<size_t>(range.end - range.begin);
    if (old[i].size() < bytes)
      fail(SWR_ERROR_INTERNAL, target(change.file).file->path(), ": too few old bytes at ",
           range.begin);
    save_bytes(change.file, range.begin, old[i].first(bytes));
  }
  save(to_read);
  if (journal) flush_journal();
}

// Afterwards the files may change. The message about a failed rollback is made now, while there is
// memory for it.
void InPlace::State::flush_journal() {
  journal->flush();
  if (!options.unfinished || !options.unfinished->words.empty()) return;
  options.unfinished->words =
      text(path,
           ": it was not possible to roll the write back; the image may be half changed, and "
           "its undo journal ",
           journal->path(), " stays. When the disk has space again, or works again, 'swr recover ",
           path, "' rolls the write back, and so does any program that opens the image with swr");
}

void InPlace::State::change(std::span<const Change> changes,
                            std::span<const std::span<const std::byte>> old,
                            std::span<const Change> writes) {
  check_usable();
  has_failed = true;  // until the end is reached
  if (options.rollback) save(changes, old);
  for (const Change& change : writes) {
    Target& t = target(change.file);
    t.has_changed = true;
    file(change.file).write_at(change.offset, change.bytes);
    t.size = std::max(t.size, change.offset + std::ssize(change.bytes));
  }
  has_failed = false;
}

void InPlace::State::resize(int number, int64_t size) {
  check_usable();
  Target& t = target(number);
  if (size == t.size) return;
  has_failed = true;
  if (options.rollback) {
    save_resize(number);
    const Range cut_off = old_part(number, size, t.size);
    if (cut_off.begin < cut_off.end) save(std::span(&cut_off, 1));
    flush_journal();
  }
  t.has_changed = true;
  file(number).resize(size);
  t.size = size;
  has_failed = false;
}

void InPlace::State::check_usable() const {
  if (is_over) fail(SWR_ERROR_STATE, path, ": the change is over");
  if (has_failed)
    fail(SWR_ERROR_STATE, path, ": the change has failed and can only be rolled back");
  if (system::process() != process)
    fail(SWR_ERROR_STATE, path,
         ": the change belongs to the process that this one was forked from");
}

InPlace::InPlace(const std::string& path, const Options& options)
    : state_(std::make_unique<State>()) {
  state_->path = options.files ? options.files->target_of(path) : follow_links(path);
  state_->options = options;
}

InPlace::~InPlace() {
  roll_back();
}

int InPlace::add(const std::string& path) {
  state_->check_usable();
  auto target = std::make_unique<State::Target>();
  OpenFiles* const files = state_->options.files;
  OpenFiles::Lent lent = files ? files->open_to_change(path)
                               : OpenFiles::Lent{std::make_shared<File>(path, File::Mode::change)};
  target->file = std::move(lent.file);
  target->is_held = lent.is_held;
  target->written_before = target->file->bytes_written();
  const std::string real = files ? files->target_of(path) : follow_links(path);
  target->real_path = text_of(path_of(real_folder_of(real)) / path_of(name_of(real)));
  target->identity = identity_of(*target->file);
  const std::pair place{target->identity.device, target->identity.inode};
  if (const auto known = state_->numbers.find(place); known != state_->numbers.end())
    return known->second;
  const auto number = static_cast<int>(state_->targets.size());
  target->old_size = target->size = target->identity.size;
  state_->targets.push_back(std::move(target));
  state_->numbers.emplace(place, number);
  state_->file(number);
  return number;
}

int InPlace::add(const File& open_file) {
  state_->check_usable();
  if (state_->options.rollback)
    fail(SWR_ERROR_INTERNAL, open_file.path(), ": only a file with a name can be rolled back");
  auto target = std::make_unique<State::Target>();
  std::string kept = open_file.path();
  const auto again = system::duplicate(open_file.descriptor());
  if (!again) SystemFailure(again.reason).fail(open_file.path(), "open it again");
  target->file = std::make_shared<File>(again.value, std::move(kept));
  target->old_size = target->size = target->file->size();
  state_->targets.push_back(std::move(target));
  return static_cast<int>(state_->targets.size()) - 1;
}

File& InPlace::file(int number) {
  return state_->file(number);
}

OpenFiles* InPlace::files() const {
  return state_->options.files;
}

void InPlace::write(std::span<const Change> changes) {
  state_->change(changes, {}, changes);
}

void InPlace::write_whole(const Change& whole, std::span<const Change> changes,
                          std::span<const std::span<const std::byte>> old) {
  if (old.size() != changes.size())
    fail(SWR_ERROR_INTERNAL, state_->path, ": ", changes.size(), " changes with ", old.size(),
         " old ones");
  state_->change(changes, old, {&whole, 1});
}

void InPlace::resize(int file, int64_t size) {
  state_->resize(file, size);
}

void InPlace::commit() {
  state_->check_usable();
  state_->has_failed = true;
  for (size_t i = 0; i < state_->targets.size(); ++i) {
    State::Target& target = *state_->targets[i];
    if (!target.has_changed) continue;
    if (state_->options.sync) state_->file(static_cast<int>(i)).sync();
    // It stays open as long as it can be rolled back. A closed file has reported its failures.
    if (target.file->is_open()) target.file->close_and_keep();
  }
  if (state_->journal) state_->journal->end();
  state_->has_failed = false;
  state_->is_over = true;
  state_->close();
}

void InPlace::roll_back() noexcept {
  if (state_->is_over) return;
  state_->is_over = true;
  // In a child of fork(), files and journal belong to the parent.
  if (system::process() != state_->process) return;
  try {
    if (!state_->journal) return;
    for (auto& target : state_->targets) target->file->forget();
    JournalReader reader(*state_->journal);
    write_back(reader, static_cast<uint32_t>(state_->targets.size()), [this](uint32_t number) {
      State::Target& target = state_->target(static_cast<int>(number));
      return UndoFile{&state_->file(static_cast<int>(number)), target.old_size,
                      target.resize_is_in_journal};
    });
    for (size_t i = 0; i < state_->targets.size(); ++i) {
      if (state_->options.sync && state_->targets[i]->has_changed)
        state_->file(static_cast<int>(i)).sync();
    }
    state_->journal->end_undone();
  } catch (...) {
    // The journal stays where it is, for recover().
    if (state_->options.unfinished) state_->options.unfinished->is_half_changed = true;
  }
  state_->close();
}

int64_t InPlace::bytes_written() const {
  return state_->bytes_until_now();
}

}  // namespace swr

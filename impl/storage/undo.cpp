#include "storage/undo.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>

#include "base/checked.h"
#include "base/error.h"
#include "storage/in_place.h"
#include "storage/system.h"

namespace swr {

namespace {

namespace fs = std::filesystem;
using Kind = JournalEntry::Kind;

std::string_view letters_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_inside(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
         folder.end();
}

fs::path real_folder(const std::string& path) {
  std::error_code reason;
  auto folder = fs::canonical(folder_of(path), reason);
  if (reason) SystemFailure(reason.value()).fail(folder_of(path), "find the folder");
  return folder;
}

// One dead writer's journal: read and checked as a whole, since it may be anybody's work, and only
// then carried out.
class Journal {
 public:
  Journal(const std::string& path, bool outside_allowed, File& file)
      : path_(path),
        outside_allowed_(outside_allowed),
        folder_(real_folder(path)),
        file_(file),
        reader_(file) {}

  // False if it is the journal of another file, or says nothing.
  bool undo() {
    if (reader_.block_count() == 0) {
      DeadJournals::remove(file_, flags_);
      return false;
    }
    for (size_t block = 0; block < reader_.block_count(); ++block) {
      for (const JournalEntry& entry : reader_.entries(block)) {
        if (!check(entry)) return false;
      }
    }
    for (const Target& target : targets_) check_size(target);
    names_.empty() ? undo_bytes() : undo_names();
    DeadJournals::remove(file_, flags_);
    return true;
  }

 private:
  struct Target {
    std::unique_ptr<File> file;  // none: it is gone
    int64_t old_size = 0;
    bool resized = false;
    int64_t size = 0;       // before anything is written back
    int64_t past_size = 0;  // old bytes that lie behind
  };

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(SWR_ERROR_CORRUPT, file_.path(), ": this undo journal ", parts...,
         "; it was not rolled back");
  }

  bool check(const JournalEntry& entry) {
    if (!has_begun_) {
      if (entry.kind != Kind::begin) refuse("does not tell whose it is");
      has_begun_ = true;
      flags_ = JournalFlags::of(entry.number);
      return letters_of(entry.data) == name_of(path_);
    }
    switch (entry.kind) {
      case Kind::begin: refuse("begins twice");
      case Kind::file: add_target(entry); return true;
      case Kind::bytes: check_bytes(entry); return true;
      case Kind::resized: target_of(entry).resized = true; return true;
      case Kind::name: add_name(entry); return true;
      case Kind::complete: is_complete_ = true; return true;
    }
    refuse("has an entry of the unknown kind ", static_cast<uint32_t>(entry.kind));
  }

  // The file that is meant, in full; it need not exist.
  fs::path place_of(std::string_view name) const {
    if (name.empty() || name.find('\0') != std::string_view::npos)
      refuse("has a name that is none");
    fs::path place = folder_ / name;  // a full name stays
    if (std::ranges::find(place, "..") != place.end()) refuse("names '", name, "'");
    return place;
  }

  void check_inside(const fs::path& real) const {
    if (!outside_allowed_ && !is_inside(real, folder_))
      refuse("names ", real.string(), ", which is not in the folder of the image");
  }

  void add_target(const JournalEntry& entry) {
    if (entry.number != targets_.size() || entry.position < 0) refuse("numbers its files wrongly");
    Target target;
    target.old_size = entry.position;
    std::error_code reason;
    const fs::path real = fs::canonical(place_of(letters_of(entry.data)), reason);
    if (!reason) {
      check_inside(real);
      target.file = std::make_unique<File>(real.string(), File::Mode::change);
      target.size = target.file->size();
    } else if (reason != std::errc::no_such_file_or_directory &&
               reason != std::errc::not_a_directory) {
      SystemFailure(reason.value())
          .fail(letters_of(entry.data), "find the file that its undo journal names");
    }
    targets_.push_back(std::move(target));
  }

  Target& target_of(const JournalEntry& entry) {
    if (entry.number >= targets_.size()) refuse("names no file with the number ", entry.number);
    return targets_[entry.number];
  }

  void check_bytes(const JournalEntry& entry) {
    Target& target = target_of(entry);
    const int64_t bytes = std::ssize(entry.data);
    if (entry.position < 0 || entry.position > target.old_size - bytes) {
      refuse("has ", bytes, " old bytes at ", entry.position, " of a file that had ",
             target.old_size);
    }
    target.past_size +=
        std::max(int64_t{0}, entry.position + bytes - std::max(entry.position, target.size));
  }

  // A file comes to be longer only by bytes that the journal holds.
  void check_size(const Target& target) const {
    if (target.file && target.old_size > checked_add(target.size, target.past_size)) {
      refuse("gives ", target.file->path(), " a size of ", target.old_size,
             " bytes, but not the bytes");
    }
  }

  void add_name(const JournalEntry& entry) {
    auto name = split(letters_of(entry.data), entry.number);
    if (!name) refuse("has a name that is none");
    const fs::path place = place_of(name->final_path);
    std::error_code reason;
    const fs::path folder = fs::canonical(place.parent_path(), reason);
    if (reason)
      SystemFailure(reason.value())
          .fail(place.string(), "find the folder that its undo journal names");
    if (place.filename().empty()) refuse("has a name that is none");
    check_inside(folder);
    name->final_path = folder / place.filename();
    if (!name->retires()) name->staging = folder / name->staging;
    if (!name->old.empty()) name->old = folder / name->old;
    names_.push_back(std::move(*name));
  }

  void undo_bytes() {
    write_back(reader_, [&](uint32_t number) {
      const Target& target = targets_.at(number);
      return UndoFile{target.file.get(), target.old_size, target.resized};
    });
    for (Target& target : targets_) {
      if (!target.file) continue;
      if (flags_.sync) target.file->sync();
      target.file->close();
    }
  }

  void undo_names() {
    std::set<std::string> folders;
    for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
      if (!(is_complete_ ? drop_old(*name) : take_back(*name)))
        SystemFailure(errno).fail(name->final_path, "take the new files' names back");
      folders.insert(folder_of(name->final_path));
    }
    if (!flags_.sync) return;
    for (const std::string& folder : folders) sync_folder(folder);
  }

  const std::string& path_;
  const bool outside_allowed_;
  const fs::path folder_;
  File& file_;
  JournalReader reader_;
  JournalFlags flags_;
  bool has_begun_ = false;
  bool is_complete_ = false;
  std::vector<Target> targets_;
  std::vector<GivenName> names_;
};

}  // namespace

void write_back(JournalReader& journal, const std::function<UndoFile(uint32_t)>& file_of) {
  std::set<uint32_t> numbers;
  for (size_t block = journal.block_count(); block-- > 0;) {
    const auto entries = journal.entries(block);
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (entry->kind == Kind::file) numbers.insert(entry->number);
      if (entry->kind != Kind::bytes) continue;
      if (File* file = file_of(entry->number).file) file->write_at(entry->position, entry->data);
    }
  }
  for (const uint32_t number : numbers) {
    const UndoFile undo = file_of(number);
    if (undo.file && undo.resized && undo.file->size() != undo.old_size)
      undo.file->resize(undo.old_size);
  }
}

std::string journal_name(const std::string& path, const std::string& file) {
  const fs::path folder = real_folder(path);
  const fs::path place = real_folder(file) / name_of(file);
  return is_inside(place, folder) ? place.lexically_relative(folder) : place;
}

std::string joined(const GivenName& name, const std::string& final_path) {
  return text(final_path, '\0', name_of(name.staging), '\0',
              name.old.empty() ? "" : name_of(name.old));
}

std::optional<GivenName> split(std::string_view data, uint32_t number) {
  const size_t first = data.find('\0');
  const size_t second = first == data.npos ? data.npos : data.find('\0', first + 1);
  if (second == data.npos || number > 1) return std::nullopt;
  GivenName name{.final_path = std::string(data.substr(0, first)),
                 .staging = std::string(data.substr(first + 1, second - first - 1)),
                 .old = std::string(data.substr(second + 1)),
                 .replaces = number == 1};
  const auto is_plain = [](const std::string& part) {
    return is_staging_name(part) && part.find('/') == part.npos && part.find('\0') == part.npos;
  };
  const bool may_retire = name.replaces && name.retires();
  if ((!may_retire && !is_plain(name.staging)) || name.replaces == name.old.empty() ||
      (name.replaces && !is_plain(name.old)))
    return std::nullopt;
  return name;
}

Recovery recover_all(const std::string& path, bool outside_allowed) {
  const std::string target = follow_links(path);
  Recovery recovery;
  DeadJournals journals(target);
  while (auto file = journals.next()) {
    if (Journal(target, outside_allowed, *file).undo()) ++recovery.rolled_back;
  }
  recovery.living = journals.living();
  journals.remove_folder();
  return recovery;
}

int recover(const std::string& path, bool outside_allowed) {
  return recover_all(path, outside_allowed).rolled_back;
}

bool has_journal(const std::string& path) {
  const std::string target = follow_links(path);
  for (const std::string& name : {first_journal(target), journal_folder(target)}) {
    struct stat facts;
    if (system::stat(name.c_str(), &facts) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR)
      SystemFailure(errno).fail(name, "look for undo journals");
  }
  return false;
}

}  // namespace swr

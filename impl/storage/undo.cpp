#include "storage/undo.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <filesystem>
#include <set>

#include "base/checked.h"
#include "base/error.h"
#include "storage/few_open.h"
#include "storage/in_place.h"
#include "storage/platform.h"

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

// Why a journal is left alone.
struct Refused {
  swr_status status;
  std::string why;
};

// One dead writer's journal: read and checked as a whole, since it may be anybody's work, and only
// then carried out.
class Journal {
 public:
  enum class Outcome { undone, over, not_ours };

  Journal(const std::string& path, const RecoverOptions& options, const fs::path& home,
          Journals::Found& found)
      : path_(path),
        options_(options),
        home_(home),
        folder_(real_folder_of(path)),
        found_(found),
        file_(found.file),
        reader_(file_),
        few_(found.refused == std::errc{} ? File::Mode::change : File::Mode::read) {}

  // Throws Refused. `note`: why the journal is not about the files that are there.
  Outcome undo(std::string& note) {
    if (reader_.head() == JournalReader::Head::none) {
      note = text(file_.path(), ": has the name of an undo journal and is none; it is left alone");
      return Outcome::not_ours;
    }
    system::Facts facts;
    const auto known = system::facts(file_.descriptor(), facts);
    if (!known) SystemFailure(known.reason).fail(file_.path(), "look at the undo journal");
    owner_ = facts.owner;
    group_ = facts.group;
    mode_ = facts.mode;
    if (reader_.head() == JournalReader::Head::over || reader_.block_count() == 0) return go();
    read();
    if (!is_about_files_there(note)) return Outcome::not_ours;
    check_places();
    check_who_asks();
    if (found_.refused != std::errc{})
      SystemFailure(found_.refused).fail(file_.path(), "roll back a write that was interrupted");
    names_.empty() ? undo_bytes() : undo_names();
    Journals::end(file_, begin_->flags);
    if (may_change(base_)) Journals::remove_names(file_, base_ / name_of(begin_->image));
    for (const Target& target : targets_) Journals::remove_names(file_, target.path);
    for (const GivenName& name : names_) Journals::remove_names(file_, name.final_path);
    return Outcome::undone;
  }

 private:
  struct Target {
    std::string name;  // as the journal has it
    std::string path;
    std::unique_ptr<File> file;  // none: it is gone, another one, or must not be changed
    bool is_there = false;
    bool is_another = false;
    Identity recorded, opened;
    system::Facts facts;
    int64_t old_size = 0;
    bool resized = false;
    int64_t size = 0;       // before anything is written back
    int64_t past_size = 0;  // old bytes beyond it
  };

  template <typename... Parts>
  [[noreturn]] void refuse(swr_status status, const Parts&... parts) const {
    throw Refused{status, text(file_.path(), ": this undo journal ", parts...)};
  }
  template <typename... Parts>
  [[noreturn]] void contradict(const Parts&... parts) const {
    refuse(SWR_ERROR_CORRUPT, parts..., "; it was not rolled back");
  }

  // The journal says nothing, and only its name is left.
  Outcome go() {
    const auto image = identity_at(path_);
    const bool may = may_change(folder_) && (owner_ == 0 || owner_ == system::effective_user() ||
                                             (image && image->owner == owner_));
    if (may && found_.refused == std::errc{}) Journals::remove(file_, reader_.is_to_be_erased());
    return Outcome::over;
  }

  void read() {
    reader_.to_begin();
    while (const auto entry = reader_.next()) check(*entry);
    for (const Target& target : targets_) check_size(target);
  }

  void check(const JournalEntry& entry) {
    if (!begin_) {
      begin_ = begin_from(entry);
      if (!begin_) contradict("does not tell whose it is");
      same_boot_ = Author::self().same_boot(begin_->author);
      base_ = base_of(*begin_);
      return;
    }
    switch (entry.kind) {
      case Kind::begin: contradict("begins twice");
      case Kind::file: return add_target(entry);
      case Kind::bytes: return check_bytes(entry);
      case Kind::resized: target_of(entry).resized = true; return;
      case Kind::name: return add_name(entry);
      case Kind::complete: is_complete_ = true; return;
    }
    contradict("has an entry of the unknown kind ", static_cast<uint32_t>(entry.kind));
  }

  // The folder of the image that the journal is of, where relative names begin. The journal is found
  // there, wherever the folder was moved to, or beside a data file in another folder.
  fs::path base_of(const JournalBegin& begin) const {
    if (name_of(begin.image).empty() || begin.image.find('\0') != begin.image.npos)
      contradict("has an invalid file name");
    const auto here = identity_at(folder_);
    if (begin.image.front() != '/' || (here && begin.folder.is_of(*here, same_boot_)))
      return folder_;
    std::error_code reason;
    fs::path base = fs::canonical(folder_of(begin.image), reason);
    return reason ? folder_ : base;
  }

  // The file that is meant, in full; it need not exist.
  fs::path place_of(std::string_view name) const {
    if (name.empty() || name.find('\0') != std::string_view::npos)
      contradict("has an invalid file name");
    fs::path place = base_ / name;  // a full name stays
    if (std::ranges::find(place, "..") != place.end()) contradict("names '", name, "'");
    return place;
  }

  bool may_change(const fs::path& real) const { return options_.outside || is_inside(real, home_); }

  void check_inside(const fs::path& real) const {
    if (may_change(real)) return;
    refuse(
        SWR_ERROR_UNSUPPORTED, "names ", real.string(),
        ", which is not in the folder of the image: it was not rolled back, and the image may be "
        "half changed. If you trust the journal, open the image with a writer whose option "
        "detached.outside is 'allow', or run 'swr recover --outside'");
  }

  void add_target(const JournalEntry& entry) {
    if (entry.number != targets_.size() || entry.position < 0 ||
        entry.data.size() <= identity_bytes)
      contradict("numbers its files wrongly");
    Target target;
    target.old_size = entry.position;
    target.recorded = identity_from(entry.data);
    target.name = letters_of(entry.data.subspan(identity_bytes));
    std::error_code reason;
    const fs::path real = fs::canonical(place_of(target.name), reason);
    if (!reason) {
      open(target, real);
    } else if (reason != std::errc::no_such_file_or_directory &&
               reason != std::errc::not_a_directory) {
      SystemFailure(reason).fail(target.name, "find the file that its undo journal names");
    }
    targets_.push_back(std::move(target));
  }

  // What is looked at is what is written to, whatever becomes of the name: a file that has to be
  // opened again must be the same.
  void open(Target& target, const std::string& real) {
    target.path = real;
    const auto there = identity_at(real);
    if (!there) return;
    if (!target.recorded.is_of(*there, same_boot_)) {
      target.is_another = true;
      return;
    }
    target.is_there = true;
    target.opened = *there;
    if (!may_change(real)) return;  // nor opened
    target.file = std::make_unique<File>(
        real, found_.refused == std::errc{} ? File::Mode::change : File::Mode::read);
    const Identity opened = identity_of(*target.file);
    target.is_another = !target.recorded.is_of(opened, same_boot_);
    target.is_there = !target.is_another;
    target.size = opened.size;
    target.opened = opened;
    const auto known = system::facts(target.file->descriptor(), target.facts);
    if (!known) SystemFailure(known.reason).fail(real, "look at it");
    if (target.is_another) {
      target.file.reset();
    } else {
      few_.use(*target.file, target.path, target.opened);
    }
  }

  Target& target_of(const JournalEntry& entry) {
    if (entry.number >= targets_.size()) contradict("names no file with the number ", entry.number);
    return targets_[entry.number];
  }

  void check_bytes(const JournalEntry& entry) {
    Target& target = target_of(entry);
    const int64_t bytes = std::ssize(entry.data);
    if (entry.position < 0 || entry.position > target.old_size - bytes) {
      contradict("has ", bytes, " old bytes at ", entry.position, " of a file that had ",
                 target.old_size);
    }
    target.past_size +=
        std::max(int64_t{0}, entry.position + bytes - std::max(entry.position, target.size));
  }

  // A file becomes longer only by bytes that the journal holds.
  void check_size(const Target& target) const {
    if (target.file && target.old_size > checked_add(target.size, target.past_size)) {
      contradict("gives ", target.file->path(), " a size of ", target.old_size,
                 " bytes, but not the bytes");
    }
  }

  void add_name(const JournalEntry& entry) {
    auto name = split(entry);
    if (!name) contradict("has an invalid file name");
    const fs::path place = place_of(name->final_path);
    std::error_code reason;
    const fs::path folder = fs::canonical(place.parent_path(), reason);
    if (reason)
      SystemFailure(reason).fail(place.string(), "find the folder that its undo journal names");
    if (place.filename().empty()) contradict("has an invalid file name");
    check_inside(folder);
    name->final_path = folder / place.filename();
    if (!name->staging.empty()) name->staging = folder / name->staging;
    if (!name->old.empty()) name->old = folder / name->old;
    names_.push_back(std::move(*name));
  }

  // A journal that is a copy, or is about files that were replaced since, is nobody's way back. One
  // about files of which only some are still there is: it cannot be used, and must not be lost.
  bool is_about_files_there(std::string& note) const {
    if (!begin_->journal.is_of(identity_of(file_), same_boot_)) {
      note = text(file_.path(), ": is a copy of an undo journal; it is left alone");
      return false;
    }
    const Target* absent = nullptr;
    const Target* another = nullptr;
    bool has_any = targets_.empty();
    for (const Target& target : targets_) {
      if (target.is_there) has_any = true;
      if (!target.is_there) (target.is_another ? another : absent) = &target;
    }
    if (absent && (has_any || !another)) {
      refuse(
          SWR_ERROR_NOT_FOUND, "has old bytes of ", absent->name,
          ", which is not there: it was not rolled back. Put the file back, or remove the journal "
          "if the image is good without it");
    }
    if (another && has_any) {
      refuse(SWR_ERROR_CORRUPT, "has old bytes of several files, of which ", another->path,
             " was replaced since: it was not rolled back. Put the old file back, or remove the "
             "journal if the image is good without it");
    }
    if (!another) return true;
    note =
        text(file_.path(), ": has old bytes of another file that had the name ", another->path,
             " before; they are not written into this one. Remove the journal if that file is not "
             "wanted any more");
    return false;
  }

  // Nothing is changed outside the image's folder, and where the journal itself is no more than there.
  void check_places() const {
    for (const Target& target : targets_) check_inside(target.path);
    check_inside(folder_ / name_of(file_.path()));
  }

  // Who may write the journal may have made it up: they must be able to write its files too.
  void check_writers() const {
    const auto refuse_writers = [&](const std::string& what) {
      refuse(
          SWR_ERROR_IO, "can be changed by users who cannot change ", what,
          ": it was not rolled back, and the image may be half changed. Remove the journal if you "
          "do not trust them; otherwise take their permission to write it away (chmod go-w), and "
          "open the image again");
    };
    for (const Target& target : targets_) {
      const uint32_t file = target.facts.mode;
      const bool by_group = (file & 0020) != 0 && target.facts.group == group_;
      if ((mode_ & 0002) != 0 && (file & 0002) == 0) refuse_writers(target.path);
      if ((mode_ & 0020) != 0 && !by_group && (file & 0022) != 0022) refuse_writers(target.path);
    }
    if (!names_.empty() && (mode_ & 0022) != 0) refuse_writers(names_.front().final_path);
  }

  void check_who_asks() const {
    check_writers();
    const auto check_owner = [&](uint32_t owner, const std::string& what) {
      if (owner_ == 0 || owner_ == system::effective_user() || owner_ == owner) return;
      refuse(SWR_ERROR_IO, "belongs to user ", owner_, ", and ", what, " to user ", owner,
             ": it was not rolled back, and the image may be half changed. Let user ", owner_,
             " or the superuser open the image, or remove the journal if you do not trust it");
    };
    for (const Target& target : targets_) check_owner(target.facts.owner, target.path);
    for (const GivenName& name : names_) {
      for (const auto& [path, recorded] :
           {std::pair(name.final_path, name.staged_id), std::pair(name.final_path, name.old_id),
            std::pair(name.staging, name.staged_id), std::pair(name.old, name.old_id)}) {
        const auto there = path.empty() ? std::nullopt : identity_at(path);
        if (there && recorded.is_of(*there, same_boot_)) check_owner(there->owner, path);
      }
    }
    const Author& author = begin_->author;
    if (options_.other_machine || Author::self().same_machine(author)) return;
    refuse(SWR_ERROR_BUSY, "was made by process ", author.process, " on the machine ",
           author.machine.substr(author.machine.find('@') + 1),
           ", which may still be writing: open the image there, or run 'swr recover "
           "--other-machine' if you know that the writer is dead");
  }

  void undo_bytes() {
    write_back(reader_, static_cast<uint32_t>(targets_.size()), [&](uint32_t number) {
      const Target& target = targets_.at(number);
      return UndoFile{&few_.use(*target.file, target.path, target.opened), target.old_size,
                      target.resized};
    });
    for (Target& target : targets_) {
      if (begin_->flags.sync) few_.use(*target.file, target.path, target.opened).sync();
      if (target.file->is_open()) target.file->close();
    }
  }

  void undo_names() {
    std::set<std::string> folders;
    for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
      const auto done = is_complete_ ? drop_old(*name, same_boot_) : take_back(*name, same_boot_);
      if (!done)
        SystemFailure(done.reason).fail(name->final_path, "take the new files' names back");
      folders.insert(folder_of(name->final_path));
    }
    if (!begin_->flags.sync) return;
    for (const std::string& folder : folders) sync_folder(folder);
  }

  const std::string& path_;
  const RecoverOptions& options_;
  const fs::path& home_;   // only what is in it is changed
  const fs::path folder_;  // where the journal was found
  fs::path base_;
  Journals::Found& found_;
  File& file_;
  JournalReader reader_;
  FewOpen few_;
  uint32_t owner_ = 0, group_ = 0, mode_ = 0;  // of the journal
  std::optional<JournalBegin> begin_;
  bool same_boot_ = false;
  bool is_complete_ = false;
  std::vector<Target> targets_;
  std::vector<GivenName> names_;
};

// Writes the bytes where others are. Without memory of its own: there may be none.
void restore(File& file, int64_t position, std::span<const std::byte> bytes) {
  std::array<std::byte, 16384> there;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), there.size()));
    const auto got =
        static_cast<size_t>(file.read_some(position, std::span(there).first(part.size())));
    if (got != part.size() || std::memcmp(there.data(), part.data(), got) != 0)
      file.write_at(position, part);
    position += std::ssize(part);
    bytes = bytes.subspan(part.size());
  }
}

// Carries out what may fail; the first failure is kept.
template <typename Act>
void attempt(std::exception_ptr& failure, const Act& act) noexcept {
  try {
    act();
  } catch (...) {
    if (!failure) failure = std::current_exception();
  }
}

}  // namespace

void write_back(JournalReader& journal, uint32_t files,
                const std::function<UndoFile(uint32_t)>& file_of) {
  std::exception_ptr failure;
  const auto resize = [&](const auto& is_wrong) {
    for (uint32_t number = 0; number < files; ++number) {
      attempt(failure, [&] {
        const UndoFile undo = file_of(number);
        if (undo.resized && is_wrong(undo.file->size(), undo.old_size))
          undo.file->resize(undo.old_size);
      });
    }
  };
  resize([](int64_t size, int64_t old_size) { return size > old_size; });
  journal.to_end();
  while (const auto entry = journal.previous()) {
    if (entry->kind != Kind::bytes) continue;
    attempt(failure, [&] { restore(*file_of(entry->number).file, entry->position, entry->data); });
  }
  resize([](int64_t size, int64_t old_size) { return size != old_size; });
  if (failure) std::rethrow_exception(failure);
}

std::string journal_name(const std::string& path, const std::string& file) {
  const fs::path folder = real_folder_of(path);
  const fs::path place = fs::path(real_folder_of(file)) / name_of(file);
  return is_inside(place, folder) ? place.lexically_relative(folder) : place;
}

std::string joined(const GivenName& name, const std::string& final_path) {
  std::string data;
  append(data, name.staged_id);
  append(data, name.old_id);
  return data + text(final_path, '\0', name_of(name.staging), '\0', name_of(name.old));
}

std::optional<GivenName> split(const JournalEntry& entry) {
  if (entry.data.size() < 2 * identity_bytes || entry.number > 1) return std::nullopt;
  const std::string_view names = letters_of(entry.data.subspan(2 * identity_bytes));
  const size_t first = names.find('\0');
  const size_t second = first == names.npos ? names.npos : names.find('\0', first + 1);
  if (second == names.npos) return std::nullopt;
  GivenName name{.final_path = std::string(names.substr(0, first)),
                 .staging = std::string(names.substr(first + 1, second - first - 1)),
                 .old = std::string(names.substr(second + 1)),
                 .replaces = entry.number == 1,
                 .staged_id = identity_from(entry.data),
                 .old_id = identity_from(entry.data.subspan(identity_bytes))};
  const auto is_plain = [](const std::string& part) {
    return is_staging_name(part) && part.find('/') == part.npos && part.find('\0') == part.npos;
  };
  if ((!name.staging.empty() && !is_plain(name.staging)) ||
      (!name.old.empty() && (!is_plain(name.old) || !name.replaces)) ||
      (name.retires() && name.old.empty()))
    return std::nullopt;
  return name;
}

void Recovery::add(Recovery&& other) {
  rolled_back += other.rolled_back;
  living += other.living;
  std::ranges::move(other.notes, std::back_inserter(notes));
  if (!refusal) refusal = std::move(other.refusal);
}

namespace {

// Whether a living writer's journal is about names that are being given, which takes a moment.
bool is_giving_names(const File& file) {
  try {
    JournalReader journal(file);
    journal.to_begin();
    while (const auto entry = journal.next()) {
      if (entry->kind != Kind::begin) return entry->kind == Kind::name;
    }
  } catch (const Error&) {
  }
  return false;
}

}  // namespace

Recovery recover_all(const std::string& path, const RecoverOptions& options) {
  return recover_all(path, options, path);
}

Recovery recover_all(const std::string& path, const RecoverOptions& options,
                     const std::string& image) {
  const std::string target = follow_links(path);
  const fs::path home = real_folder_of(follow_links(image));
  Recovery recovery;
  Journals journals(target, options.patience);
  while (auto found = journals.next()) {
    if (found->state == Journals::Found::State::living) {
      ++recovery.living;
      if (is_giving_names(found->file)) ++recovery.giving_names;
      continue;
    }
    std::string note;
    if (found->state == Journals::Found::State::alien) {
      note = text(found->file.path(),
                  ": has the name of an undo journal and is no regular file; it is left alone");
    } else {
      try {
        if (Journal(target, options, home, *found).undo(note) == Journal::Outcome::undone)
          ++recovery.rolled_back;
      } catch (const Refused& refused) {
        if (!recovery.refusal) recovery.refusal.emplace(refused.status, refused.why);
      }
    }
    if (!note.empty()) recovery.notes.push_back(std::move(note));
  }
  if (options.outside || is_inside(real_folder_of(target), home)) journals.remove_folder();
  return recovery;
}

int recover(const std::string& path, bool outside_allowed) {
  const Recovery recovery = recover_all(path, {.outside = outside_allowed});
  if (recovery.refusal) throw Error(*recovery.refusal);
  return recovery.rolled_back;
}

bool has_journal(const std::string& path) {
  const std::string target = follow_links(path);
  for (const std::string& name : {first_journal(target), journal_folder(target)}) {
    system::Facts facts;
    const auto known = system::facts(name.c_str(), system::Links::follow, facts);
    if (known) return true;
    if (!system::means_absent(known.reason))
      SystemFailure(known.reason).fail(name, "look for undo journals");
  }
  return false;
}

bool is_being_changed(const std::string& path) {
  if (!has_journal(path)) return false;
  Journals journals(follow_links(path));
  while (const auto found = journals.next()) {
    if (found->state == Journals::Found::State::living) return true;
  }
  return false;
}

}  // namespace swr

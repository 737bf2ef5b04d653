#include "storage/names.h"

#include <utility>

#include "base/error.h"
#include "storage/file.h"
#include "storage/platform.h"
#include "storage/tree.h"

namespace swr {

namespace {

constexpr std::string_view mark = ".swr-";
constexpr size_t random_count = 10;
constexpr std::string_view resume_letters = "resumefile";
static_assert(resume_letters.size() == random_count);
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz012345";

constexpr size_t most_name_bytes = system::longest_name - 1 - mark.size() - random_count;

// The part before the random letters.
std::string begin_of_name(const std::string& path) {
  return text('.', shortened(name_of(path), most_name_bytes), mark);
}

// The name without the suffix that distinguishes the files of an image: "x" for "x.mhd" and
// "x.img.gz".
std::string stem_of(const std::string& path) {
  std::string name = name_of(path);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  const size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

// Four letters that identify the machine: two machines rarely have the same.
std::string machine_letters() {
  uint32_t hash = 2166136261U;
  for (const char letter : Author::self().machine)
    hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619U;
  std::string name;
  for (int i = 0; i < 4; ++i, hash /= 32) name += letters[hash % letters.size()];
  return name;
}

// Which file has a name now. A system error is "unknown", never "nothing".
enum class Holder { nothing, new_file, old_file, another, unknown };

struct Looked {
  Holder holder = Holder::nothing;
  std::errc reason{};  // why it is unknown
};

Looked holder(const HeldFolder& folder, const std::string& path, const GivenName& name,
              bool same_boot) noexcept {
  system::Facts facts;
  const auto known = folder.facts(path, facts);
  if (system::means_absent(known.reason)) return {Holder::nothing};
  if (!known) return {Holder::unknown, known.reason};
  const Identity there = identity_of(facts);
  if (name.staged_id.is_of(there, same_boot)) return {Holder::new_file};
  if (name.old_id.is_of(there, same_boot)) return {Holder::old_file};
  return {Holder::another};
}

// Removes a file, or a folder with all that is in it.
system::Result remove_all(const HeldFolder& folder, const std::string& path) noexcept {
  system::Facts facts;
  const bool is_folder = folder.facts(path, facts) && facts.kind == system::Facts::Kind::folder;
  return is_folder ? remove_tree(path) : folder.remove(path);
}

// Puts the old file in the place of the new one. Where that takes several steps, as with a folder,
// which no rename replaces, each leaves what the next recovery knows.
system::Result put_back(const HeldFolder& folder, const GivenName& name) noexcept {
  if (system::replaces_at_once(name.final_path.c_str())) {
    const auto put = folder.replace(name.old, name.final_path);
    if (put.reason != std::errc::directory_not_empty && put.reason != std::errc::file_exists)
      return put;
  }
  // Some systems remove the name of a folder that is open, by this process too, when it is closed.
  const bool is_moved = !name.staging.empty() && folder.rename_new(name.final_path, name.staging);
  const auto freed = is_moved ? system::Result{} : remove_all(folder, name.final_path);
  return freed ? folder.rename_new(name.old, name.final_path) : freed;
}

// Removes a name if it belongs to the file that `whose` says.
system::Result remove_if(Holder whose, const HeldFolder& folder, const std::string& path,
                         const GivenName& name, bool same_boot) noexcept {
  if (path.empty()) return {};
  const Looked has_it = holder(folder, path, name, same_boot);
  if (has_it.holder == Holder::unknown) return {has_it.reason};
  if (has_it.holder != whose) return {};
  const auto removed = remove_all(folder, path);
  return removed.reason == std::errc::no_such_file_or_directory ? system::Result{} : removed;
}

}  // namespace

bool links_are_missing(std::errc reason) {
  return reason == std::errc::operation_not_permitted || reason == std::errc::permission_denied ||
         reason == std::errc::operation_not_supported || reason == std::errc::not_supported ||
         reason == std::errc::function_not_supported || reason == std::errc::too_many_links;
}

std::string random_letters() {
  unsigned char bytes[random_count];
  const auto done = system::fill_random(bytes);
  if (!done) SystemFailure(done.reason).fail("the system's random numbers", "read them");
  std::string name;
  for (const unsigned char byte : bytes) name += letters[byte % letters.size()];
  return name;
}

std::string shortened(std::string name, size_t most) {
  if (name.size() <= most) return name;
  while (most > 0 && (static_cast<unsigned char>(name[most]) & 0xC0) == 0x80) --most;
  name.resize(most);
  return name;
}

std::string staging_name(const std::string& path) {
  std::string random;
  do {
    random = random_letters();
  } while (random.ends_with(machine_letters()) || random == resume_letters);
  return sibling(path, begin_of_name(path) + random);
}

std::string temporary_name(const std::string& path) {
  const std::string tail = machine_letters();
  return sibling(
      path, begin_of_name(path) + random_letters().substr(0, random_count - tail.size()) + tail);
}

namespace {

// Instead of the first random letter: of the file, and of the folder.
constexpr char tree_letter = 'x', tree_mark = '_';

}  // namespace

std::string temporary_name_beside_tree(const std::string& path) {
  std::string name = temporary_name(path);
  name[name.size() - random_count] = tree_letter;
  return name;
}

std::string tree_beside(const std::string& temporary_name) {
  std::string name = temporary_name;
  name[name.size() - random_count] = tree_mark;
  return name;
}

std::string name_beside_tree(const std::string& tree) {
  if (!is_staging_name(tree) || tree[tree.size() - random_count] != tree_mark) return {};
  std::string name = tree;
  name[name.size() - random_count] = tree_letter;
  return name;
}

std::string resume_name(const std::string& path) {
  return sibling(path, begin_of_name(path) + std::string(resume_letters));
}

bool is_temporary_name(const std::string& name, const std::string& path) {
  const size_t tail = mark.size() + random_count;
  if (!is_staging_name(name) || !name.ends_with(machine_letters()) ||
      name.ends_with(resume_letters))
    return false;
  if (name.find_first_not_of(letters, name.size() - random_count) != std::string::npos)
    return false;
  const std::string begin = text('.', shortened(stem_of(path) + '.', most_name_bytes));
  // The last dot may be that of the mark, after a name without a suffix.
  return name.size() - tail + 1 >= begin.size() && name.starts_with(begin);
}

bool is_staging_name(const std::string& name) {
  const size_t tail = mark.size() + random_count;
  return name.size() > tail && name.front() == '.' &&
         name.compare(name.size() - tail, mark.size(), mark) == 0;
}

bool is_staging_name(const std::string& name, const std::string& path) {
  const std::string begin = begin_of_name(path);
  return name.size() == begin.size() + random_count && name.starts_with(begin);
}

namespace {

// Returns false if there is nothing to close.
bool let_go(const GivenName& name) {
  if (!name.let_go || !*name.let_go) return false;
  (*name.let_go)();
  return true;
}

}  // namespace

void keep_old(const GivenName& name) {
  if (name.old.empty()) return;
  if (!name.is_folder) {  // a folder has one name
    const auto linked = system::add_name(name.final_path.c_str(), name.old.c_str());
    if (linked) return;
    if (!links_are_missing(linked.reason))
      SystemFailure(linked.reason).fail(name.final_path, "give a second name to the old file");
  }
  // Where the names of open files stay when they are removed, the old folder could not be removed.
  if (name.is_folder && !system::replaces_at_once(name.final_path.c_str())) let_go(name);
  const auto move = [&] { return system::replace(name.final_path.c_str(), name.old.c_str()); };
  auto moved = move();
  if (!moved && let_go(name)) moved = move();
  if (!moved && name.is_folder)
    SystemFailure(moved.reason)
        .fail(name.final_path, "set the old folder aside, of which a file may be open");
  if (!moved) SystemFailure(moved.reason).fail(name.final_path, "set the old file aside");
}

void give_staging(GivenName& name) {
  if (name.staging.empty() || name.is_staged) return;
  const auto named = name.made_at.empty()
                         ? system::publish(name.new_file->descriptor(), name.staging.c_str())
                         : system::rename_new(name.made_at.c_str(), name.staging.c_str());
  if (!named)
    SystemFailure(named.reason).fail(name.final_path, "give the new file a name in its folder");
  name.is_staged = true;
}

bool give_final(const GivenName& name) {
  const char* const final = name.final_path.c_str();
  const auto named = name.staging.empty() ? system::publish(name.new_file->descriptor(), final)
                     : name.replaces      ? system::replace(name.staging.c_str(), final)
                                          : system::rename_new(name.staging.c_str(), final);
  if (named) return true;
  if (named.reason == std::errc::file_exists) return false;
  SystemFailure(named.reason).fail(name.final_path, "give the new file its name");
}

void give_new_folder(const GivenName& name) {
  const auto named = system::rename_new(name.made_at.c_str(), name.final_path.c_str());
  if (named || named.reason == std::errc::file_exists ||
      named.reason == std::errc::directory_not_empty)
    return;
  SystemFailure(named.reason).fail(name.final_path, "give the new folder its name");
}

void lengthen(const GivenName& name, bool sync) {
  std::string path = name.final_path;
  const auto opened =
      system::open_existing(path.c_str(), system::Access::change, system::Links::no_follow);
  if (!opened) refuse_to_open(path, opened.reason, File::Mode::change);
  File file(opened.value, std::move(path));
  if (!name.staged_id.is_of(identity_of(file), true) || file.size() != name.old_size)
    fail(SWR_ERROR_BUSY, name.final_path, ": another program has changed the file; try again");
  if (sync) file.write_through();
  name.lengthen(file);
  if (sync) file.sync();
  file.close();
}

void retire(const GivenName& name) {
  if (!is_named(name.old_id, name.final_path)) return;
  const auto moved = system::replace(name.final_path.c_str(), name.old.c_str());
  if (!moved) SystemFailure(moved.reason).fail(name.final_path, "remove the old file");
}

namespace {

// Other processes may have put files into the folder meanwhile: then it stays.
system::Result take_back_folder(const HeldFolder& folder, const GivenName& name,
                                bool same_boot) noexcept {
  const Looked final = holder(folder, name.final_path, name, same_boot);
  if (final.holder == Holder::unknown) return {final.reason};
  if (final.holder != Holder::new_file) return {};
  const auto removed = system::remove_folder(name.final_path.c_str());
  const bool stays = removed.reason == std::errc::directory_not_empty ||
                     removed.reason == std::errc::file_exists ||
                     system::means_absent(removed.reason);
  return stays ? system::Result{} : removed;
}

// The old size must be on the disk before the journal is removed.
system::Result cut_off(const HeldFolder& folder, const GivenName& name, bool same_boot) noexcept {
  const Looked final = holder(folder, name.final_path, name, same_boot);
  if (final.holder == Holder::unknown) return {final.reason};
  if (final.holder != Holder::new_file) return {};
  const auto opened = folder.open(name.final_path, system::Access::change);
  if (!opened) return {opened.reason};
  system::Facts facts;
  system::Result done = system::facts(opened.value, facts);
  const bool is_file = done && name.staged_id.is_of(identity_of(facts), same_boot);
  if (is_file && facts.size > name.old_size) {
    done = system::resize(opened.value, name.old_size);
    if (done) done = system::flush(opened.value);
  }
  const system::Result closed = system::close(opened.value);
  return done ? closed : done;
}

}  // namespace

system::Result roll_back_name(const HeldFolder& folder, const GivenName& name,
                              bool same_boot) noexcept {
  if (name.is_longer) return cut_off(folder, name, same_boot);
  if (name.is_new_folder) return take_back_folder(folder, name, same_boot);
  const auto [final, why_final] = holder(folder, name.final_path, name, same_boot);
  const auto [kept, why_kept] =
      name.old.empty() ? Looked{} : holder(folder, name.old, name, same_boot);
  if (kept == Holder::unknown) return {why_kept};
  if (final == Holder::unknown) return {why_final};
  system::Result done;
  if (kept == Holder::old_file && final == Holder::nothing) {
    // A file that got the name meanwhile belongs to another process and keeps it, if the system
    // supports that.
    done = folder.rename_new(name.old, name.final_path);
    if (links_are_missing(done.reason)) done = folder.replace(name.old, name.final_path);
  } else if (kept == Holder::old_file && final == Holder::new_file) {
    done = put_back(folder, name);
  } else if (final == Holder::new_file && !name.replaces) {
    done = remove_all(folder, name.final_path);
  }
  if (done) done = remove_if(Holder::old_file, folder, name.old, name, same_boot);
  if (done) done = remove_if(Holder::new_file, folder, name.staging, name, same_boot);
  return done;
}

system::Result roll_back_name(const GivenName& name) noexcept {
  return roll_back_name(HeldFolder::of(name.final_path), name, true);
}

system::Result drop_old(const HeldFolder& folder, const GivenName& name, bool same_boot) noexcept {
  return remove_if(Holder::old_file, folder, name.old, name, same_boot);
}

system::Result drop_old(const GivenName& name) noexcept {
  if (name.old.empty()) return {};
  return drop_old(HeldFolder::of(name.final_path), name, true);
}

}  // namespace swr

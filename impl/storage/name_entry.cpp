#include "storage/name_entry.h"

#include <string_view>

#include "base/error.h"
#include "storage/file.h"
#include "storage/paths.h"
#include "storage/recovery_scope.h"

namespace swr {

namespace {

// The number of an entry.
constexpr uint32_t of_free = 0, of_replaced = 1, of_new_folder = 2, of_longer = 3;

// Before a new file gets its final name, it has a staging name only, and the file that it replaces
// is kept only under a staging name. So a journal can refer to no other files of the folder.
bool is_plain_staging_name(const std::string& name) {
  return is_staging_name(name) && with_slashes(name).find('/') == name.npos &&
         name.find('\0') == name.npos;
}

bool is_possible(const GivenName& name) {
  if (name.is_new_folder || name.is_longer)
    return name.staging.empty() && name.old.empty() && name.old_size >= 0;
  if (!name.staging.empty() && !is_plain_staging_name(name.staging)) return false;
  if (name.old.empty()) return !name.retires();
  return name.replaces && is_plain_staging_name(name.old);
}

}  // namespace

std::string journal_name(const std::string& path, const std::string& file) {
  const std::filesystem::path folder = path_of(real_folder_of(path));
  const std::filesystem::path place = path_of(real_folder_of(file)) / path_of(name_of(file));
  return text_of(is_inside(place, folder) ? place.lexically_relative(folder) : place);
}

std::string joined(const GivenName& name, const std::string& final_path) {
  std::string data;
  append(data, name.staged_id);
  append(data, name.old_id);
  return data + text(final_path, '\0', name_of(name.staging), '\0', name_of(name.old));
}

uint32_t entry_number(const GivenName& name) {
  if (name.is_new_folder) return of_new_folder;
  if (name.is_longer) return of_longer;
  return name.replaces ? of_replaced : of_free;
}

std::optional<GivenName> split(const JournalEntry& entry) {
  if (entry.data.size() < 2 * identity_bytes || entry.number > of_longer) return std::nullopt;
  const auto words = entry.data.subspan(2 * identity_bytes);
  const std::string_view names(reinterpret_cast<const char*>(words.data()), words.size());
  const size_t first = names.find('\0');
  const size_t second = first == names.npos ? names.npos : names.find('\0', first + 1);
  if (second == names.npos) return std::nullopt;
  GivenName name{.final_path = std::string(names.substr(0, first)),
                 .staging = std::string(names.substr(first + 1, second - first - 1)),
                 .old = std::string(names.substr(second + 1)),
                 .replaces = entry.number == of_replaced,
                 .is_new_folder = entry.number == of_new_folder,
                 .is_longer = entry.number == of_longer,
                 .old_size = entry.position,
                 .staged_id = identity_from(entry.data),
                 .old_id = identity_from(entry.data.subspan(identity_bytes))};
  if (!is_possible(name)) return std::nullopt;
  return name;
}

}  // namespace swr

#include "formats/zarr_files.h"

#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/file.h"

namespace swr {
namespace {

// Folders on the way to a chunk have the beginning of its name.
bool may_begin(const ZarrKeys& keys, std::string_view name) {
  if (keys.has_prefix && name == "c") return true;
  return name.find_first_not_of(keys.has_prefix ? "c/0123456789" : "/0123456789") == name.npos;
}

void walk(const ZarrStorage& storage, const std::string& within,
          const std::function<void(const ZarrShape& place)>& visit) {
  const ZarrKeys& keys = storage.array.keys;
  for (const std::string& name : names_in(text(storage.folder, '/', within))) {
    const std::string key = within.empty() ? name : text(within, '/', name);
    if (const auto place = zarr_place(keys, key, storage.array.dimensions())) {
      visit(*place);
    } else if (keys.separator == '/' && may_begin(keys, key) &&
               is_folder(text(storage.folder, '/', key), system::Links::no_follow)) {
      walk(storage, key, visit);
    }
  }
}

}  // namespace

void visit_zarr_files(const ZarrStorage& storage,
                      const std::function<void(const ZarrShape& place)>& visit) {
  walk(storage, "", visit);
}

}  // namespace swr

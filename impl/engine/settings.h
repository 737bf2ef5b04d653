// The settings of a writer. Everything that may be unset is optional.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "formats/format.h"
#include "image/image.h"
#include "plan/memory.h"
#include "stores/deflate_blocks.h"

namespace swr {

struct CallerBuffers {
  std::vector<void*> pointers;
  int64_t bytes_each = 0;
};

// The existing file on which a new one is modelled: that of a reader.
struct Model {
  const Format* format = nullptr;
  std::string path;
  std::shared_ptr<const Description> file;
  std::string dataset{};  // as in OpenFiles
};

struct Settings {
  std::string path;
  std::string format;  // empty: chosen by the existing file or the suffix
  std::optional<Region> image_region;
  std::optional<PixelType> pixel;
  swr_component source_component = SWR_COMPONENT_UNKNOWN;
  int source_components = 0;
  std::optional<std::vector<double>> spacing, origin, direction;
  std::map<int, swr_unit> units;  // by axis
  std::optional<ValueScale> scale, source_scale;
  Metadata metadata;
  std::set<std::string> removed_metadata;  // keys that are not copied from a model
  std::optional<Model> header_from;        // swr_set_header_from()
  std::optional<Region> header_region;     // the box of that image that is written
  std::optional<Model> pulled_from;        // the file from which the current write pulls
  bool keep_header = true;
  bool drops_metadata = false;  // copy only geometry, units and value scale of a model

  std::optional<int64_t> divisions;
  std::optional<Region> paste_region;
  std::optional<int64_t> memory_limit;
  int64_t memory() const { return memory_limit.value_or(default_memory_limit); }
  int threads = 0;
  StorageRequest storage;
  swr_existing existing = SWR_EXISTING_DEFAULT;
  std::optional<std::string> resume;  // the token of swr_set_resume()
  swr_conversion conversion = SWR_CONVERSION_NONE;
  std::optional<double> fill_value;
  bool rollback = true;
  bool sync = false;
  int pull_threads = 1;
  CallerBuffers buffers;

  // Options that are set by name.
  bool detached_outside = false;
  bool erase = false;
  bool sole = false;
  bool lock_waits = false;
  bool strict = false;
  bool drops_geometry = false;  // what the format does not hold
  DeflateOptions deflate;
  int64_t append_frames = 0;      // the most frames between two checkpoints; 0: as many as fit
  double append_seconds = 1;      // the longest time that an appended frame waits
  std::string dataset;            // in HDF5 files; empty: the format chooses
  int zarr_version = 0;           // of new Zarr images; 0: unset
  ZarrShardRequest zarr_shard{};  // of new Zarr images
  bool splits_in_chunks = false;  // the pieces that callers ask for

  // The model from which a new file takes what is not set; nullptr if there is none.
  const Model* model() const;

  std::function<bool()> is_cancelled;  // asked while a call waits; null: never
  swr_progress progress = nullptr;
  void* progress_user = nullptr;
  swr_log log = nullptr;
  void* log_user = nullptr;
};

// Sets an option from its text, or resets it to the default if `value` is null. SWR_ERROR_ARGUMENT
// for an unknown key or an invalid value.
void set_option(Settings& settings, const std::string& key, const char* value);
// The value of the option pyramid.level; 0 if it is unset. SWR_ERROR_ARGUMENT.
int level_option(const char* value);
// The value of the option hdf5.dataset, "/a/b" for "a/b". SWR_ERROR_ARGUMENT if it is no path.
std::string dataset_option(const std::string& value);

}  // namespace swr

// Everything about a write that is known before a byte is written. Writes are refused while the
// plan is made.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/file_plan.h"
#include "engine/recovery.h"
#include "engine/settings.h"
#include "formats/format.h"
#include "image/pixel_conversion.h"
#include "plan/memory.h"
#include "plan/split.h"

namespace swr {

struct WritePlan {
  swr_method method = SWR_METHOD_CREATE;
  const Format* format = nullptr;
  std::string path;
  Image image;       // as it will be after the write
  Region region;     // the region to write, in the image's index space
  PixelType source;  // the type that the source delivers
  ValueScale source_scale;
  swr_conversion conversion = SWR_CONVERSION_NONE;
  bool whole_image = false;     // the region is the whole image
  bool holes_allowed = false;   // a new image need not be covered completely
  std::vector<std::byte> fill;  // one component, in native byte order

  std::shared_ptr<OpenFiles> open;   // the files that planning has opened
  std::optional<Description> file;   // the existing file that is changed or rewritten
  std::vector<HeaderPatch> patches;  // of its header, if it changes in place
  std::string trailer;               // what follows its pixels if they grow in place
  std::optional<DataPart> more;      // where these then go, if not after the last ones
  DeflateOptions deflate;
  std::vector<Remark> remarks;      // on what the new or extended header does not store
  std::optional<NewFile> new_file;  // the file that is, or may have to be, rewritten
  FilePlan files;                   // the files of new_file

  std::optional<Split> split;
  bool converts_in_blocks = false;  // the block stream converts the source's pixels
  bool direct = false;              // pieces are pulled directly into the block stream
  int64_t block = 0;                // of the block stream
  int threads = 1;
  int file_level = 6;  // compression level of the existing file
  MemoryPlan memory;
  int64_t bytes_read = 0, bytes_written = 0;  // estimates, without the pixels of the region

  // Whether the source and the file store the same real values as different numbers.
  bool rescales() const { return !same_scale(source_scale, image.scale); }
  bool converts() const {
    return source.component != image.pixel.component ||
           source.components != image.pixel.components || rescales();
  }
  bool makes_new_file() const {
    return method == SWR_METHOD_CREATE || method == SWR_METHOD_REWRITE;
  }
  PixelForm form;  // of layout()

  // The layout of the file that is changed or created.
  const Layout& layout() const { return makes_new_file() ? new_file->layout : file->layout; }
  bool fills_with_zeros() const {
    return std::ranges::all_of(fill, [](std::byte b) { return b == std::byte{0}; });
  }
  // Converts the source's pixels to the file's.
  PixelConversion pixel_conversion() const;
  // One component of the fill value in the byte order of this layout.
  std::vector<std::byte> stored_fill(const Layout& in) const;
};

// Throws if the write cannot be done. Changes no file. `files`: keeps the image's files open.
// `existing`: the image to change, if it was read already.
WritePlan make_write_plan(const Settings& settings, const std::shared_ptr<OpenFiles>& files,
                          std::optional<ExistingImage> existing = {});
// What the log warns of before the write.
std::vector<std::string> warnings_of(const Settings& settings, const WritePlan& plan);
// Whether the write changes an existing image, if there is one.
bool keeps_existing(const Settings& settings);

}  // namespace swr

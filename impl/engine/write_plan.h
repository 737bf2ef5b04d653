// Everything about a write that can be known before a byte moves. Making the plan is where a write
// is refused.
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
  Image image;       // as it will be in the file
  Region region;     // that is written, in the image's index space
  PixelType source;  // as pulled
  ValueScale source_scale;
  swr_conversion conversion = SWR_CONVERSION_NONE;
  bool whole_image = false;     // the region is the image
  bool holes_allowed = false;   // a new image need not be covered
  std::vector<std::byte> fill;  // a component of the fill value, in the machine's byte order

  std::shared_ptr<OpenFiles> open;   // the files that the plan has looked at
  std::optional<Description> file;   // the existing file, where it matters
  std::vector<HeaderPatch> patches;  // of its header, when it grows in place
  std::string trailer;               // goes after its pixels then
  DeflateOptions deflate;
  std::vector<Remark> remarks;      // on what the new header, or the grown one, does not say
  std::optional<NewFile> new_file;  // what is, or in the end may be, written anew
  FilePlan files;                   // of new_file

  std::optional<Split> split;
  bool converts_in_blocks = false;  // the stream of blocks takes the source's pixels
  bool direct = false;              // pieces are pulled straight into the stream of blocks
  int64_t block = 0;                // of the stream of blocks
  int threads = 1;
  int file_level = 6;  // that the slots of the existing file were compressed with
  MemoryPlan memory;
  int64_t bytes_read = 0, bytes_written = 0;  // about, besides the pixels

  // Whether the same real values are other stored ones in the file.
  bool rescales() const { return !same_scale(source_scale, image.scale); }
  bool converts() const {
    return source.component != image.pixel.component ||
           source.components != image.pixel.components || rescales();
  }
  bool makes_new_file() const {
    return method == SWR_METHOD_CREATE || method == SWR_METHOD_REWRITE;
  }
  // Of the file that is changed or written.
  const Layout& layout() const { return makes_new_file() ? new_file->layout : file->layout; }
  bool fills_with_zeros() const {
    return std::ranges::all_of(fill, [](std::byte b) { return b == std::byte{0}; });
  }
  // From the source's pixels to the file's.
  PixelConversion pixel_conversion() const;
  // A component of the fill value in the byte order of a file of this layout.
  std::vector<std::byte> stored_fill(const Layout& in) const;
};

// SWR_ERROR_* if the write cannot be done. Touches no file. `files`: where those of the image are
// open, or come to be. `existing`: the image that is changed, if it was read already.
WritePlan make_write_plan(const Settings& settings, const std::shared_ptr<OpenFiles>& files,
                          std::optional<ExistingImage> existing = {});
// Whether the write changes the image that is there, if there is one.
bool keeps_existing(const Settings& settings);

// What a split with another number of divisions would be.
Split split_of(const Settings& settings, const Region& region, int64_t pixel_bytes, int64_t limit);

}  // namespace swr

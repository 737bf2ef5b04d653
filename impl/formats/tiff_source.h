// A TIFF file as it was read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "formats/format.h"
#include "formats/tiff_directory.h"
#include "formats/tiff_text.h"

namespace swr {

// A tag of the first page that an Image does not hold. A new file has it too.
struct TiffKeptTag {
  uint16_t tag = 0;
  uint16_t type = 0;
  uint64_t count = 0;
  std::string values{};  // little-endian
};

class TiffSource : public SourceHeader {
 public:
  TiffSource(std::shared_ptr<const File> opened, TiffPages read)
      : file(std::move(opened)), pages(std::move(read)), text(tiff_text_of(pages.description)) {}

  std::vector<std::string> own_fields() const override;

  const std::shared_ptr<const File> file;
  const TiffPages pages;
  const TiffText text;
  std::vector<int64_t> used{};  // the numbers of the image's pages
  bool is_one_stretch = false;  // one directory stands for all of them
  std::vector<TiffKeptTag> kept{};
  std::vector<uint16_t> not_kept{};  // tags of the first page that a new file does not have

  bool has_smaller_versions() const {
    return used.size() < pages.pages.size() || !pages.levels.empty();
  }
  const TiffForm& form() const {
    return pages.form_of(pages.pages[static_cast<size_t>(used.front())]);
  }
};

// Collects the tags that new files keep. `file` is the one that was read.
void keep_tiff_tags(TiffFile& file, TiffSource& source);

}  // namespace swr

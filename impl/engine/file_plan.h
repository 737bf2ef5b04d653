// Which files a new image consists of, which old ones they replace, and which go: decided, and
// refused, before anything is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/format.h"

namespace swr {

struct PlannedFile {
  std::string path;
  bool must_be_new = false;       // there is no file of this name, and there must be none later
  std::string attributes_from{};  // the file whose owner and rights it gets; its own predecessor
                                  // unless set
};

struct FilePlan {
  std::vector<PlannedFile> parts;     // of the layout
  std::optional<PlannedFile> header;  // not set if it is in the same file as the first part

  const std::string& header_path() const { return header ? header->path : parts[0].path; }
  std::vector<std::string> retired;  // data files of the old image that the new one has no use for
};

// The image whose header gives way to a new one.
struct OldImage {
  std::string header_path;
  const Description* file = nullptr;
  bool is_rewritten = false;  // the same image, in a new form; else it is replaced by another
};

struct FileRules {
  bool fail_if_exists = false;
  bool outside_allowed = false;  // files that links lead to outside the header's folder may change
};

// `path` is the path of the image. A file is replaced only if that is its path, if it is the header,
// or if the header that gives way names it for its pixels: SWR_ERROR_EXISTS otherwise, and for a data file that the header
// of another image beside it names too.
FilePlan plan_files(const NewFile& file, const std::string& path, const OldImage& old,
                    const FileRules& rules, OpenFiles& files);

// SWR_ERROR_UNSUPPORTED if a data file of the image lies neither in the folder of its header nor below
// it, when all links are followed; SWR_ERROR_NOT_FOUND if it is missing. `advice` ends the message.
void refuse_data_outside(const std::string& header_path, const Layout& layout, OpenFiles& files,
                         const char* advice);

// The image of a header that a new one replaces; nothing if there is none, or no image.
std::optional<Description> image_at(const std::string& path);

}  // namespace swr

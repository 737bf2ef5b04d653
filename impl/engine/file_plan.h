// Decides which files a new image consists of, which old files they replace and which old files are
// removed. Conflicts are refused before anything is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/format.h"

namespace swr {

struct PlannedFile {
  std::string path;
  bool must_be_new = false;  // no file has this name, and none may have it when the write ends
  // The file whose owner and permissions it gets; empty: the file that it replaces.
  std::string attributes_from{};
};

struct FilePlan {
  // Of an image that is a folder, which a new one replaces as a whole. The header is in it.
  std::optional<PlannedFile> folder{};
  std::vector<PlannedFile> parts;     // the data files of the layout
  std::optional<PlannedFile> header;  // not set if the first data file contains it

  const std::string& header_path() const { return header ? header->path : parts[0].path; }
  std::vector<std::string> retired;  // data files of the old image that the new one does not use
};

// The image whose header is replaced.
struct OldImage {
  std::string header_path;
  const Description* file = nullptr;
  bool is_rewritten = false;  // the image is rewritten; otherwise another image replaces it
};

struct FileRules {
  bool fail_if_exists = false;
  // The image is made because there is none: a header that is there at the end is another writer's.
  bool made_if_absent = false;
  bool outside_allowed = false;  // links may lead to files outside the header's folder
};

// The folder of a new image, which replaces an old one as a whole.
FilePlan plan_folder(const NewFile& file, const Format& format, const FileRules& rules);

// `path` is the path of the image. An existing file is replaced only if its path is `path`, if it
// is the header, or if the old header names it as a data file: SWR_ERROR_EXISTS otherwise, and also
// if another header beside it names it as a data file.
FilePlan plan_files(const NewFile& file, const std::string& path, const OldImage& old,
                    const FileRules& rules, OpenFiles& files);

// SWR_ERROR_UNSUPPORTED if a data file, with all links followed, is neither in the folder of the
// header nor in a folder below it; SWR_ERROR_NOT_FOUND if it is missing. `advice` ends the message.
void refuse_data_outside(const std::string& header_path, const Layout& layout, OpenFiles& files,
                         const char* advice);

// The image that the header at `path` describes; nothing if there is no file, or it is no valid
// image.
std::optional<Description> image_at(const std::string& path);

}  // namespace swr

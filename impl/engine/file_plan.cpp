#include "engine/file_plan.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "storage/file.h"
#include "storage/transaction.h"
#include "storage/undo.h"

namespace swr {
namespace {

bool names(const Description& file, const std::string& data_path, OpenFiles& files) {
  const auto& parts = file.layout.parts;
  // Comparing paths first: with many parts this finds most without a system call.
  return std::ranges::any_of(parts, [&](const auto& part) { return part.path == data_path; }) ||
         std::ranges::any_of(
             parts, [&](const auto& part) { return files.are_same(part.path, data_path); });
}

std::string without_suffix(const std::string& path, std::string_view suffix) {
  return path.substr(0, path.size() - suffix.size());
}

// The path without the last suffix of its name and without a ".gz" after that: "x" for "x.raw",
// "x.raw.gz" and "x.nii.gz".
std::string stem_of(const std::string& path) {
  std::string stem = has_suffix(path, ".gz") ? without_suffix(path, ".gz") : path;
  const size_t dot = stem.rfind('.');
  const size_t name = stem.size() - name_of(stem).size();
  if (dot != std::string::npos && dot > name) stem.resize(dot);
  return stem;
}

bool has_stem_of(const std::string& data_path, const std::string& header_path) {
  return folder_of(data_path) == folder_of(header_path) &&
         stem_of(name_of(data_path)) == stem_of(name_of(header_path));
}

// Another header that names `data_path` as a data file. Looks for headers whose name has the stem
// of `header_path` or of `data_path`. Empty if there is none.
std::string other_header_of(const std::string& data_path, const std::string& header_path,
                            OpenFiles& files) {
  std::set<std::string> candidates;
  for (const std::string& stem : {stem_of(header_path), stem_of(data_path)}) {
    for (const Format* format : all_formats()) {
      for (const Suffix& suffix : format->suffixes)
        candidates.insert(stem + std::string(suffix.text));
    }
  }
  for (const std::string& path : candidates) {
    if (files.are_same(path, header_path) || files.are_same(path, data_path)) continue;
    const auto image = image_at(path);
    if (!image || !names(*image, data_path, files)) continue;
    const std::string& header = image->header_path.empty() ? path : image->header_path;
    if (!files.are_same(header, header_path)) return header;
  }
  return "";
}

class Planner {
 public:
  Planner(const NewFile& file, const std::string& path, const OldImage& old, const FileRules& rules,
          OpenFiles& files)
      : file_(file),
        path_(path),
        header_path_(file.header_path.empty() ? path : file.header_path),
        old_(old),
        rules_(rules),
        files_(files) {}

  FilePlan plan() {
    FilePlan plan;
    for (const DataPart& part : file_.layout.parts) {
      const bool is_header = part.path == header_path_;
      plan.parts.push_back(is_header ? planned_header() : planned_data(part.path));
    }
    if (plan.parts[0].path != header_path_) plan.header = planned_header();
    find_retired(plan);
    for (const std::string& path : file_.conflicting) refuse_conflict(path, plan.retired);
    return plan;
  }

 private:
  PlannedFile planned_header() const {
    if (rules_.fail_if_exists && files_.exists(header_path_))
      fail(SWR_ERROR_EXISTS, header_path_, ": the file exists");
    // Whether it exists is not asked again: another writer may have made it since the plan began.
    return {header_path_, rules_.fail_if_exists || rules_.made_if_absent};
  }

  PlannedFile planned_data(const std::string& path) const {
    if (!rules_.outside_allowed && !files_.lies_below(path, header_path_)) {
      fail(SWR_ERROR_UNSUPPORTED, header_path_, ": the data file ", path,
           " is a link to a file outside the header's folder; to replace that file, set the option "
           "detached.outside to \"allow\"");
    }
    if (!files_.exists(path)) return {path, true, old_data()};
    const bool is_named = path == path_ || (old_.file && names(*old_.file, path, files_));
    if (rules_.fail_if_exists || !is_named) {
      refuse_made_meanwhile(path);
      fail(SWR_ERROR_EXISTS, path, ": this file exists; the pixels of ", header_path_,
           " would replace it, although that header does not name it as its data file; move it "
           "away, or write to another name");
    }
    refuse_shared(path);
    return {path};
  }

  // Without an old image, the data file may be that of another writer who makes the same image at
  // the same time: its files get their names one after the other, the header last.
  void refuse_made_meanwhile(const std::string& path) const {
    if (old_.file) return;
    bool is_made = is_being_changed(header_path_);
    if (!is_made) {
      const auto image = image_at(header_path_);
      is_made = image && names(*image, path, files_);
    }
    if (is_made) throw Overtaken(text(header_path_, ": the image was created meanwhile"));
  }

  // The old image's own data file, from which the new one takes owner and permissions: the pixels
  // stay as private as they were.
  std::string old_data() const {
    if (!old_.file) return "";
    const std::string& path = old_.file->layout.parts[0].path;
    return old_.is_rewritten || belongs_to_old(path) ? path : "";
  }

  // For an old image that another one replaces: whether the data file is its own, judged by the
  // names.
  bool belongs_to_old(const std::string& data_path) const {
    return has_stem_of(data_path, old_.header_path) &&
           files_.lies_below(data_path, old_.header_path) &&
           !format_of_header_in(data_path, files_) &&
           other_header_of(data_path, old_.header_path, files_).empty();
  }

  void refuse_shared(const std::string& path) const {
    if (const Format* const format = format_of_header_in(path, files_);
        format && !files_.are_same(path, header_path_)) {
      fail(SWR_ERROR_EXISTS, path, ": the pixels of ", header_path_,
           " would replace this file, which is a ", format->name,
           " image by itself; write to another name");
    }
    const std::string other = other_header_of(path, header_path_, files_);
    if (other.empty()) return;
    fail(SWR_ERROR_EXISTS, path, ": the pixels of ", header_path_,
         " would replace this file, which ", other,
         " names for its own pixels too; write to another name");
  }

  bool is_kept(const std::string& path, const FilePlan& plan) const {
    const auto has_name = [&](const PlannedFile& file) { return file.path == path; };
    const auto is_file = [&](const PlannedFile& file) { return files_.are_same(file.path, path); };
    return std::ranges::any_of(plan.parts, has_name) || files_.are_same(path, header_path_) ||
           std::ranges::any_of(plan.parts, is_file);
  }

  void find_retired(FilePlan& plan) const {
    if (!old_.file) return;
    for (const DataPart& part : old_.file->layout.parts) {
      if (is_kept(part.path, plan) || !files_.exists(part.path)) continue;
      if (old_.is_rewritten) {
        refuse_shared(part.path);
      } else if (!belongs_to_old(part.path)) {
        continue;
      }
      plan.retired.push_back(part.path);
    }
  }

  void refuse_conflict(const std::string& path, const std::vector<std::string>& retired) const {
    if (!files_.exists(path) || std::ranges::find(retired, path) != retired.end()) return;
    fail(SWR_ERROR_EXISTS, header_path_, ": ", path,
         " exists, and readers would read it as a file of this image; remove it first");
  }

  const NewFile& file_;
  const std::string& path_;
  const std::string header_path_;
  const OldImage& old_;
  const FileRules& rules_;
  OpenFiles& files_;
};

}  // namespace

FilePlan plan_files(const NewFile& file, const std::string& path, const OldImage& old,
                    const FileRules& rules, OpenFiles& files) {
  return Planner(file, path, old, rules, files).plan();
}

FilePlan plan_folder(const NewFile& file, const Format& format, const FileRules& rules) {
  const std::string& path = file.folder->path;
  if (rules.fail_if_exists && file_exists(path))
    fail(SWR_ERROR_EXISTS, path, ": the folder exists");
  if (file_exists(path) && !is_folder(path))
    fail(SWR_ERROR_EXISTS, path, ": is no folder, and a folder would replace it; remove it first");
  format.refuse_other_folder(path);
  FilePlan plan;
  const std::string& header = file.layout.parts[0].path;
  plan.folder = {path, rules.fail_if_exists || rules.made_if_absent, header};
  plan.parts.push_back({header});
  return plan;
}

std::optional<Description> image_at(const std::string& path) {
  try {
    if (file_exists(path)) return read_description(path);
  } catch (const Error& error) {
    // A file that is not an image, or is damaged, names no data files. If the file cannot be read,
    // this is unknown.
    const swr_status status = error.status();
    const bool is_known = status == SWR_ERROR_FORMAT || status == SWR_ERROR_CORRUPT ||
                          status == SWR_ERROR_UNSUPPORTED || status == SWR_ERROR_NOT_FOUND;
    if (!is_known) throw;
  }
  return std::nullopt;
}

void refuse_data_outside(const std::string& header_path, const Layout& layout, OpenFiles& files,
                         const char* advice) {
  for (const DataPart& part : layout.parts) {
    if (!files.exists(part.path))
      fail(SWR_ERROR_NOT_FOUND, header_path, ": the data file ", part.path, " does not exist");
    if (!files.lies_below(part.path, header_path)) {
      fail(SWR_ERROR_UNSUPPORTED, header_path, ": the data file ", part.path,
           " is outside the header's folder", advice);
    }
  }
}

}  // namespace swr

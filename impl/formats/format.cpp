#include "formats/format.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>

#include "base/checked.h"
#include "base/error.h"
#include "codecs/gzip.h"
#include "formats/left_out.h"
#include "storage/file.h"
#include "stores/contiguous.h"

namespace swr {

namespace {

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// The first bytes of a file, inflated if they begin like gzip.
std::string sniffed_head(const File& file) {
  constexpr int64_t sniffed = 4096 + 512;
  std::string head = read_head(file, sniffed);
  const auto read = [&](int64_t at, std::span<std::byte> out) { return file.read_some(at, out); };
  return head.starts_with("\x1f\x8b") ? inflate_head(read, sniffed).bytes : head;
}

// The bytes after the image in the file with its header; 0 if its pixels are elsewhere.
int64_t count_other_bytes(const std::string& path, const Description& file, OpenFiles& files) {
  const Layout& layout = file.layout;
  const std::string& header = file.header_path.empty() ? path : file.header_path;
  if (!layout.is_raw() || layout.parts.size() != 1 || layout.parts[0].path != header) return 0;
  const DataPart& part = layout.parts[0];
  const std::shared_ptr<const File> data = files.open(header);
  // Pixels that begin nowhere are an error of who reads them.
  const std::optional<int64_t> begin = find_data_begin(part, *data);
  int64_t end;
  if (!begin || add_overflows(*begin, part.bytes, end)) return 0;
  return std::max<int64_t>(0, data->size() - end - file.trailer_bytes);
}

// A header may say anything.
void refuse_far_index(const std::string& path, const Region& region) {
  int64_t end;
  for (int axis = 0; axis < region.dimensions; ++axis) {
    if (add_overflows(region.index[axis], region.size[axis], end))
      fail(SWR_ERROR_CORRUPT, path, ": the image region ", region.text(),
           " ends beyond the largest index, ", std::numeric_limits<int64_t>::max());
  }
}

}  // namespace

const Format* find_format(std::string_view name) {
  const auto table = all_formats();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Format* f) {
    return equal_in_any_case(f->name, name);
  });
  return found == table.end() ? nullptr : *found;
}

bool has_suffix(std::string_view path, std::string_view suffix) {
  if (path.size() <= suffix.size()) return false;
  const size_t begin = path.size() - suffix.size();
  return path[begin - 1] != '/' && equal_in_any_case(path.substr(begin), suffix);
}

std::string image_path(const std::string& path) {
  const size_t last = path.find_last_not_of('/');
  if (last == std::string::npos || last + 1 == path.size()) return path;
  std::string name = path.substr(0, last + 1);
  const Format* const format = format_by_suffix(name);
  return (format && format->refuse_other_folder) || is_folder(name) ? name : path;
}

const Format* format_by_suffix(std::string_view path) {
  for (const Format* format : all_formats()) {
    for (const Suffix& suffix : format->suffixes) {
      if (has_suffix(path, suffix.text)) return format;
    }
  }
  return nullptr;
}

const char* suffix_list(const Format& format) {
  // Joined once: the C API hands out strings that live as long as the library.
  static const auto lists = [] {
    std::map<const Format*, std::string> joined;
    for (const Format* each : all_formats()) {
      std::string& list = joined[each];
      for (const Suffix& suffix : each->suffixes)
        list += (list.empty() ? "" : " ") + std::string(suffix.text);
    }
    return joined;
  }();
  return lists.at(&format).c_str();
}

std::unique_ptr<PixelSink> new_linear_pixels(const NewFile& file, const NewFiles& files,
                                             const WriteOptions& options) {
  return new_linear_pixels({file.layout, file.stream_prefix, file.stream_suffix, file.trailer},
                           files, options);
}

std::unique_ptr<PixelChange> change_linear_pixels(const Description& file,
                                                  const PlannedChange& change, ChangedFiles& files,
                                                  const WriteOptions& options) {
  LinearChange linear{file.layout, change.order, change.header_path, change.trailer, change.more};
  for (const HeaderPatch& patch : change.patches) {
    if (patch.in_stream_prefix) linear.prefix_patches.emplace_back(patch.offset, patch.bytes);
  }
  return change_linear_pixels(std::move(linear), files, options);
}

const Format& format_of_file(const std::string& path, OpenFiles& files) {
  const bool is_folder = files.is_folder(path);
  const std::string head = is_folder ? "" : sniffed_head(*files.open(path));
  for (const Format* format : all_formats()) {
    const std::string header = format->header_of ? format->header_of(path, files) : path;
    if (header == path ? is_folder : !files.is_there(header)) continue;
    if (format->recognise(header == path ? head : sniffed_head(*files.open(header)), path))
      return *format;
  }
  if (is_folder)
    fail(SWR_ERROR_UNSUPPORTED, path,
         ": is a folder, and no format that swr knows has its image there");
  refuse_left_out_file(path, head);
  if (const Format* format = format_by_suffix(path)) {
    fail(SWR_ERROR_CORRUPT, path, ": the suffix is that of ", format->name,
         ", but the file does not begin like one");
  }
  fail(SWR_ERROR_FORMAT, path, ": no format that swr knows begins like this file");
}

const Format& format_of_file(const std::string& path) {
  OpenFiles files(File::Mode::read);
  return format_of_file(path, files);
}

Description read_image(const Format& format, const std::string& path, OpenFiles& files) {
  Description file = format.read(path, files);
  refuse_far_index(path, file.image.region);
  file.other_bytes = count_other_bytes(path, file, files);
  return file;
}

Description read_description(const std::string& path) {
  OpenFiles files(File::Mode::read);
  return read_image(format_of_file(path, files), path, files);
}

Description read_description(const Format& format, const std::string& path) {
  OpenFiles files(File::Mode::read);
  return read_image(format, path, files);
}

const Format* format_of_header_in(const File& file) {
  std::string head;
  try {
    head = sniffed_head(file);
  } catch (const Error& error) {
    // Pixels may begin like gzip.
    const swr_status status = error.status();
    if (status != SWR_ERROR_CORRUPT && status != SWR_ERROR_UNSUPPORTED) throw;
    return nullptr;
  }
  const auto formats = all_formats();
  const auto found = std::ranges::find_if(
      formats, [&](const Format* format) { return format->recognise(head, ""); });
  return found == formats.end() ? nullptr : *found;
}

const Format* format_of_header_in(const std::string& path, OpenFiles& files) {
  std::shared_ptr<const File> file;
  try {
    file = files.open(path);
  } catch (const Error& error) {
    const swr_status status = error.status();
    if (status != SWR_ERROR_UNSUPPORTED && status != SWR_ERROR_NOT_FOUND) throw;
    return nullptr;
  }
  return format_of_header_in(*file);
}

}  // namespace swr

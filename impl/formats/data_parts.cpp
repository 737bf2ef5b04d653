#include "formats/data_parts.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr int64_t most_parts = int64_t{1} << 20;
constexpr int64_t most_name_bytes = int64_t{64} << 20;  // sum over all names of a pattern
constexpr int most_width = 20;

// Removes digits from the front of `text` and returns their number; a number above most_width stays
// above it.
int take_digits(std::string_view& text) {
  int value = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value = std::min(most_width + 1, value * 10 + (text.front() - '0'));
    text.remove_prefix(1);
  }
  return value;
}

// Removes what follows a '%' up to its letter: flags 0, a width, a precision. Returns false, with
// `text` unchanged, if it is not a conversion of a decimal number.
bool take_conversion(std::string_view& text, FilePattern& pattern) {
  std::string_view rest = text;
  const bool zeros = rest.starts_with('0');
  const int width = take_digits(rest);
  int least_digits = 1;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    least_digits = take_digits(rest);
  }
  if (rest.empty() || (rest.front() != 'd' && rest.front() != 'i' && rest.front() != 'u'))
    return false;
  pattern.zeros = zeros;
  pattern.width = width;
  pattern.least_digits = least_digits;
  text = rest.substr(1);
  return true;
}

std::string with_suffix(const std::string& path, size_t old_bytes, std::string_view suffix) {
  return path.substr(0, path.size() - old_bytes) + std::string(suffix);
}

// Compressed pixels must not keep a name that says raw, and raw pixels none that says compressed.
// Any other name stays.
std::string compressed_name(const std::string& path, std::string_view suffix) {
  return has_suffix(path, ".raw") ? with_suffix(path, 4, suffix) : path;
}

std::string raw_name(const std::string& path) {
  if (has_suffix(path, ".zraw")) return with_suffix(path, 5, ".raw");
  return has_suffix(path, ".gz") ? with_suffix(path, 3, "") : path;
}

// The inverse of sibling(): the name that gave `path`.
std::string name_beside(const std::string& header, const std::string& path) {
  const size_t folder = header.size() - name_of(header).size();
  return path.compare(0, folder, header, 0, folder) == 0 ? path.substr(folder) : path;
}

}  // namespace

std::string FilePattern::name(int64_t number) const {
  std::string digits = std::to_string(number);
  const std::string sign = number < 0 ? "-" : "";
  if (number < 0) digits.erase(0, 1);
  const int wanted =
      zeros ? std::max(least_digits, width - static_cast<int>(sign.size())) : least_digits;
  if (const int missing = wanted - static_cast<int>(digits.size()); missing > 0)
    digits.insert(0, static_cast<size_t>(missing), '0');
  digits.insert(0, sign);
  if (const int missing = width - static_cast<int>(digits.size()); missing > 0)
    digits.insert(0, static_cast<size_t>(missing), ' ');
  return before + digits + after;
}

std::optional<FilePattern> parse_file_pattern(std::string_view name, const std::string& header) {
  FilePattern pattern;
  bool found = false;
  while (!name.empty()) {
    const char c = name.front();
    name.remove_prefix(1);
    std::string& out = found ? pattern.after : pattern.before;
    if (c != '%') {
      out += c;
      continue;
    }
    if (name.starts_with('%')) {
      name.remove_prefix(1);
      out += '%';
    } else if (FilePattern second; !take_conversion(name, found ? second : pattern)) {
      out += '%';
    } else if (found) {
      fail(SWR_ERROR_UNSUPPORTED, header,
           ": the pattern of the data files has more than one number");
    } else {
      found = true;
    }
  }
  if (!found) return std::nullopt;
  if (pattern.width > most_width || pattern.least_digits > most_width) {
    fail(SWR_ERROR_UNSUPPORTED, header,
         ": the pattern of the data files has a number of more than ", most_width, " digits");
  }
  return pattern;
}

int64_t numbers_between(int64_t first, int64_t last, int64_t step) {
  int64_t span;
  if (step == 0 || subtract_overflows(last, first, span) || (span == INT64_MIN && step == -1))
    return 0;
  if (span != 0 && (span < 0) != (step < 0)) return 0;
  const int64_t steps = span / step;
  return steps == INT64_MAX ? 0 : steps + 1;
}

PartSizes part_sizes(const int64_t* sizes, int axes, int file_axes, int64_t element_bytes) {
  PartSizes parts{1, element_bytes};
  for (int axis = 0; axis < axes; ++axis) {
    int64_t& product = axis < file_axes ? parts.bytes : parts.count;
    product = checked_multiply(product, sizes[axis]);
  }
  return parts;
}

std::string data_path(const std::string& header, std::string_view name) {
  if (name.empty() || name.find('\0') != std::string_view::npos)
    fail(SWR_ERROR_CORRUPT, header, ": the name of a data file is empty or not text");
  return sibling(header, std::string(name));
}

void find_gzipped_parts(Description& file, OpenFiles& files) {
  Layout& layout = file.layout;
  const DataPart first = layout.parts.front();
  if (!layout.is_raw() || first.offset < 0 || first.lines_to_skip > 0) return;
  const auto is_gzipped = [&](const DataPart& part) {
    try {
      return !files.is_there(part.path) && files.is_there(part.path + ".gz");
    } catch (const Error&) {
      return false;  // opening the part will report why it cannot be accessed
    }
  };
  if (!std::all_of(layout.parts.begin(), layout.parts.end(), is_gzipped)) return;
  layout.storage = Deflate{.wrapper = Deflate::Wrapper::gzip, .prefix = first.offset};
  for (DataPart& part : layout.parts) {
    part.path += ".gz";
    part.offset = 0;
  }
  file.read_only = text("its header says that the pixels are raw in ", name_of(first.path),
                        ", which is there as ", name_of(first.path), ".gz only; unpack that file");
}

NewData place_new_data(const NewFileRequest& request, std::string_view detached_suffix,
                       std::string_view compressed_suffix) {
  const std::string& header = request.path;
  NewData data;
  if (request.rewritten) {
    const std::string& old = request.rewritten->parts[0].path;
    data.path = old;
    if (old != header && request.rewritten->is_compressed() != request.is_compressed())
      data.path = request.is_compressed() ? compressed_name(old, compressed_suffix) : raw_name(old);
    data.is_new_name = data.path != old;
  } else if (has_suffix(header, detached_suffix)) {
    data.path = with_suffix(header, detached_suffix.size(),
                            request.is_compressed() ? compressed_suffix : ".raw");
    data.is_new_name = true;
  } else {
    data.path = header;
  }
  data.name = name_beside(header, data.path);
  return data;
}

std::vector<DataPart> listed_parts(const std::string& header,
                                   const std::vector<std::string_view>& names,
                                   const PartSizes& sizes) {
  std::vector<DataPart> parts;
  parts.reserve(names.size());
  for (const auto name : names) {
    DataPart& part = parts.emplace_back();
    part.path = data_path(header, name);
    part.bytes = sizes.bytes;
  }
  return parts;
}

std::vector<DataPart> numbered_parts(const std::string& header, const FilePattern& pattern,
                                     int64_t first, int64_t step, const PartSizes& sizes) {
  const int64_t name_bytes =
      static_cast<int64_t>(header.size() + pattern.before.size() + pattern.after.size()) +
      most_width + 1;
  if (sizes.count > most_parts || sizes.count > most_name_bytes / name_bytes) {
    fail(SWR_ERROR_UNSUPPORTED, header, ": ", sizes.count, " data files are more than swr opens");
  }
  const auto span = try_multiply(step, sizes.count - 1);
  int64_t last;
  if (!span || add_overflows(first, *span, last))
    fail(SWR_ERROR_CORRUPT, header, ": the numbers of the data files are too large");
  std::vector<DataPart> parts;
  parts.reserve(static_cast<size_t>(sizes.count));
  for (int64_t i = 0; i < sizes.count; ++i) {
    DataPart& part = parts.emplace_back();
    part.path = data_path(header, pattern.name(first + i * step));
    part.bytes = sizes.bytes;
  }
  return parts;
}

}  // namespace swr

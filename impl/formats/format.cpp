#include "formats/format.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"
#include "storage/file.h"

namespace swr {

#define SWR_FORMAT(name) extern const Format name##_format;
#include "formats/formats.def"
#undef SWR_FORMAT

namespace {

constexpr std::array table = {
#define SWR_FORMAT(name) &name##_format,
#include "formats/formats.def"
#undef SWR_FORMAT
};

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// The first bytes that a gzip stream's head inflates to; what there is of them if the head is
// damaged.
std::string inflated_head(const std::string& head) {
  // Nothing that can throw stands between the stream's begin and its end.
  std::string out(512, '\0');
  std::string in = head;
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) fail(SWR_ERROR_MEMORY, "cannot inflate: no memory");
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

std::span<const Format* const> all_formats() {
  return table;
}

const Format* find_format(std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Format* f) {
    return equal_in_any_case(f->name, name);
  });
  return found == table.end() ? nullptr : *found;
}

bool has_suffix(std::string_view path, std::string_view suffix) {
  return path.size() > suffix.size() &&
         equal_in_any_case(path.substr(path.size() - suffix.size()), suffix);
}

const Format* format_by_suffix(std::string_view path) {
  for (const Format* format : table) {
    for (const auto suffix : format->suffixes) {
      if (has_suffix(path, suffix)) return format;
    }
  }
  return nullptr;
}

const char* suffix_list(const Format& format) {
  // Joined once: the C API hands out strings that live as long as the library.
  static const auto lists = [] {
    std::array<std::string, table.size()> joined;
    for (size_t i = 0; i < table.size(); ++i) {
      for (const auto suffix : table[i]->suffixes)
        joined[i] += (joined[i].empty() ? "" : " ") + std::string(suffix);
    }
    return joined;
  }();
  return lists[static_cast<size_t>(std::find(table.begin(), table.end(), &format) - table.begin())]
      .c_str();
}

bool suffix_is_compressed(const Format& format, std::string_view path) {
  return std::any_of(format.compressed_suffixes.begin(), format.compressed_suffixes.end(),
                     [&](std::string_view suffix) { return has_suffix(path, suffix); });
}

const Format& format_of_file(const std::string& path) {
  std::string head = read_head(path, 4096);
  if (head.starts_with("\x1f\x8b")) head = inflated_head(head);
  head.resize(std::min<size_t>(head.size(), 512));
  for (const Format* format : table) {
    if (format->recognise(head, path)) return *format;
  }
  if (const Format* format = format_by_suffix(path)) {
    fail(SWR_ERROR_CORRUPT, path, ": the suffix is that of ", format->name,
         ", but the file does not begin like one");
  }
  fail(SWR_ERROR_FORMAT, path, ": no format that swr knows begins like this file");
}

}  // namespace swr

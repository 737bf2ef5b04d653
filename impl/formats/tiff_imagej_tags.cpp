// What the tags have: the counts of bytes are those of the head and of each item,
//
//   head    "IJIJ", k x {4 letters: the kind of items, u32 how many of them}
//   items   "labl" labels of slices, "info" and "prop": text in UTF-16; "rang": doubles;
//           "luts", "plot", "roi ", "over": bytes whose order is always the same
//
// with all numbers, and the letters too, in the order of the file. (TiffEncoder.java of ImageJ)
#include "formats/tiff_imagej_tags.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/byte_order.h"

namespace swr {
namespace {

constexpr size_t head_step = 8, word = 4;

struct TextKind {
  std::string_view name;
  int bytes_together;
};
constexpr TextKind kinds[] = {{"labl", 2}, {"info", 2}, {"prop", 2}, {"rang", 8},
                              {"luts", 1}, {"plot", 1}, {"roi ", 1}, {"over", 1}};

void swap(std::string& values, size_t at, size_t count, int together) {
  if (together == 1) return;
  swap_bytes(std::as_writable_bytes(std::span(values)).subspan(at, count), together);
}

uint32_t number_at(std::string_view bytes, size_t at) {
  return load<uint32_t>(reinterpret_cast<const std::byte*>(bytes.data()) + at);
}

}  // namespace

std::optional<std::string> little_imagej_values(std::string values, std::string_view counts) {
  const size_t head = counts.size() < word ? 0 : number_at(counts, 0);
  if (!values.starts_with("IJIJ") || head > values.size() || head % head_step != word)
    return std::nullopt;
  size_t at = head, item = 1;
  for (size_t entry = word; entry < head; entry += head_step) {
    const auto* const kind = std::ranges::find(kinds, values.substr(entry, word), &TextKind::name);
    if (kind == std::end(kinds)) return std::nullopt;
    swap(values, entry, head_step, word);
    for (uint32_t left = number_at(values, entry + word); left > 0; --left, ++item) {
      if (item >= counts.size() / word) return std::nullopt;
      const size_t bytes = number_at(counts, item * word);
      const auto together = static_cast<size_t>(kind->bytes_together);
      if (bytes > values.size() - at || bytes % together != 0) return std::nullopt;
      swap(values, at, bytes, kind->bytes_together);
      at += bytes;
    }
  }
  swap(values, 0, word, word);
  return at == values.size() ? std::optional(std::move(values)) : std::nullopt;
}

bool has_imagej_labels(std::string_view values) {
  const bool is_little = values.starts_with("JIJI");
  for (size_t entry = word; entry + word <= values.size(); entry += head_step) {
    const std::string_view name = values.substr(entry, word);
    if (name == (is_little ? "lbal" : "labl")) return true;
    const bool is_kind = std::ranges::any_of(kinds, [&](const TextKind& kind) {
      return is_little ? std::equal(name.rbegin(), name.rend(), kind.name.begin(), kind.name.end())
                       : name == kind.name;
    });
    if (!is_kind) return false;
  }
  return false;
}

}  // namespace swr

#include "formats/tiff_source.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/byte_order.h"
#include "base/error.h"
#include "formats/tiff_imagej_tags.h"

namespace swr {
namespace {

constexpr int64_t most_kept_bytes = int64_t{1} << 20;

// The bytes that change places in another byte order.
int bytes_together(uint16_t type) {
  const auto each = static_cast<TiffType>(type);
  const bool is_fraction = each == TiffType::rational || each == TiffType::signed_rational;
  return is_fraction ? 4 : static_cast<int>(tiff_type_bytes(type));
}

bool keep(TiffFile& file, const TiffEntry& entry, int64_t& room, TiffSource& source) {
  if (names_directories(entry) || tiff_type_bytes(entry.type) == 0 || entry.bytes < 1 ||
      entry.bytes > room || entry.values > file.size() - entry.bytes)
    return false;
  TiffKeptTag tag{entry.tag, entry.type, entry.count, {}};
  tag.values.resize(static_cast<size_t>(entry.bytes));
  const auto bytes = std::as_writable_bytes(std::span(tag.values));
  file.read(entry.values, bytes);
  if (file.numbers().big_endian && bytes_together(entry.type) > 1)
    swap_bytes(bytes, bytes_together(entry.type));
  room -= entry.bytes;
  source.kept.push_back(std::move(tag));
  return true;
}

// ImageJ's values are numbers of several kinds in one tag of bytes, which its other tag divides.
void order_imagej_values(TiffSource& source) {
  const auto values = std::ranges::find(source.kept, imagej_values_tag, &TiffKeptTag::tag);
  const auto counts = std::ranges::find(source.kept, imagej_counts_tag, &TiffKeptTag::tag);
  if (values == source.kept.end()) return;
  std::optional<std::string> ordered;
  if (counts != source.kept.end())
    ordered = little_imagej_values(std::move(values->values), counts->values);
  if (ordered) {
    values->values = std::move(*ordered);
    return;
  }
  std::erase_if(source.kept, [&](const TiffKeptTag& kept) {
    const bool is_imagej = kept.tag == imagej_counts_tag || kept.tag == imagej_values_tag;
    if (is_imagej) source.not_kept.push_back(kept.tag);
    return is_imagej;
  });
}

}  // namespace

std::vector<std::string> TiffSource::own_fields() const {
  std::vector<std::string> names;
  if (text.kind == TiffText::Kind::other && !pages.description.empty())
    names.emplace_back("the description");
  if (text.kind == TiffText::Kind::ome && !text.has_notes) names.emplace_back("the OME-XML");
  if (pages.has_text_after_zero) names.emplace_back("text after the end of the description");
  if (text.has_more_than_shape) names.emplace_back("fields of the description's JSON");
  if (!text.other_lines.empty()) names.emplace_back("lines of ImageJ's description");
  for (const TiffKeptTag& tag : kept) names.push_back(swr::text("tag ", tag.tag));
  for (const uint16_t tag : not_kept) names.push_back(swr::text("tag ", tag));
  for (const uint16_t tag : pages.differing)
    names.push_back(swr::text("tag ", tag, " of further pages"));
  if (has_smaller_versions()) names.emplace_back("smaller versions of its pages");
  return names;
}

void keep_tiff_tags(TiffFile& file, TiffSource& source) {
  const TiffDirectory first =
      file.directory(source.pages.pages[static_cast<size_t>(source.used.front())].directory, 0);
  int64_t room = most_kept_bytes;
  for (const TiffEntry& entry : first.entries) {
    const bool names_levels =
        entry.tag == tiff_tag::sub_directories && !source.pages.levels.empty();
    if (is_tiff_storage_tag(entry.tag) || names_levels) continue;
    if (!keep(file, entry, room, source)) source.not_kept.push_back(entry.tag);
  }
  if (file.numbers().big_endian) order_imagej_values(source);
}

}  // namespace swr

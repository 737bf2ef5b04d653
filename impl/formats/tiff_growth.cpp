#include "formats/tiff_growth.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "formats/header_draft.h"
#include "formats/tiff_directory_bytes.h"
#include "formats/tiff_imagej_tags.h"
#include "formats/tiff_writer.h"

namespace swr {
namespace {

NewFile planned_again(const std::string& path, const Description& file, const Image& image) {
  return write_tiff(image, {.path = path, .storage = Raw{}, .base = &file});
}

bool has_bytes(const File& file, int64_t offset, std::string_view expected) {
  std::string bytes(std::min<size_t>(expected.size(), 65536), '\0');
  while (!expected.empty()) {
    const size_t count = std::min(bytes.size(), expected.size());
    const std::span part(bytes.data(), count);
    if (file.read_some(offset, std::as_writable_bytes(part)) != static_cast<int64_t>(count) ||
        std::string_view(bytes).substr(0, count) != expected.substr(0, count))
      return false;
    offset += static_cast<int64_t>(count);
    expected.remove_prefix(count);
  }
  return true;
}

// Whether the file is as swr would write it: nothing else is in it.
bool is_own_layout(const TiffSource& source, const Layout& layout, const NewFile& own) {
  if (layout.parts.size() != 1 || layout.parts[0].offset != own.layout.parts[0].offset ||
      layout.big_endian)
    return false;
  const int64_t end = layout.parts[0].offset + layout.parts[0].bytes;
  return source.file->size() == end + std::ssize(own.trailer) &&
         has_bytes(*source.file, 0, own.header) && has_bytes(*source.file, end, own.trailer);
}

bool is_list_of_chunks(uint16_t tag) {
  return tag == tiff_tag::strip_offsets || tag == tiff_tag::strip_bytes ||
         tag == tiff_tag::tile_offsets || tag == tiff_tag::tile_bytes;
}

std::string offset_text(const TiffNumbers& numbers, int64_t offset) {
  std::string out(static_cast<size_t>(numbers.offset_bytes()), '\0');
  auto* const at = reinterpret_cast<std::byte*>(out.data());
  if (numbers.big) {
    store(at, static_cast<uint64_t>(offset), numbers.big_endian);
  } else {
    store(at, static_cast<uint32_t>(offset), numbers.big_endian);
  }
  return out;
}

// Appends pages with the tags of the last one. Chunks get their places when they are written.
class PageAppender {
 public:
  PageAppender(const TiffSource& source, const Layout& layout, const Image& old, const Image& grown)
      : source_(source),
        layout_(layout),
        numbers_(source.pages.numbers),
        form_(source.pages.form_of(source.pages.pages.back())),
        grown_(grown),
        page_bytes_(form_.width * form_.height * old.pixel.bytes()),
        old_pages_(std::ssize(source.used)),
        new_pages_(grown.bytes() / page_bytes_ - old_pages_),
        begin_(round_up(source.file->size(), tiff_alignment(numbers_))),
        file_(source.file) {}

  std::optional<Growth> append() {
    const int64_t all = old_pages_ + new_pages_;
    int64_t chunks = form_.chunks();
    for (const auto& level : source_.pages.levels)
      chunks += source_.pages.form_of(level.back()).chunks();
    if (all > most_tiff_pages || chunks > most_tiff_places / all) return std::nullopt;
    const auto text = grown_tiff_text(source_.pages.description, grown_, all);
    if (!text || std::ssize(*text) < numbers_.offset_bytes()) {
      if (!text || *text != source_.pages.description) return std::nullopt;
    }
    if (*text != source_.pages.description && source_.pages.has_text_after_zero)
      return std::nullopt;  // it would be lost or be part of the new text
    last_ = file_.directory(source_.pages.pages.back().directory, old_pages_ - 1);
    Growth growth;
    const int64_t end = add_pixels(growth);
    const int64_t block = round_up(end, tiff_alignment(numbers_));
    growth.trailer.assign(static_cast<size_t>(block - end), '\0');
    if (is_taken_for_one_stretch(block)) return std::nullopt;
    if (!append_directories(block, growth.trailer)) return std::nullopt;
    growth.patches.push_back({source_.pages.last_next_field, offset_text(numbers_, block)});
    if (last_.find(tiff_tag::page_number)) count_old_pages(growth);
    if (*text != source_.pages.description) replace_description(*text, end, growth);
    if (!numbers_.big && end + std::ssize(growth.trailer) > most_classic_tiff_bytes)
      return std::nullopt;
    return growth;
  }

 private:
  const TiffSource& source_;
  const Layout& layout_;
  const TiffNumbers numbers_;
  const TiffForm& form_;  // of the last page: others may have other strips
  const Image& grown_;
  const int64_t page_bytes_, old_pages_, new_pages_;
  const int64_t begin_;  // of the new pixels
  TiffFile file_;
  TiffDirectory last_;

  // Where the directories go, if not aligned: after the new pixels, if they are raw.
  int64_t add_pixels(Growth& growth) const {
    if (layout_.is_chunked()) return source_.file->size();
    DataPart& more = growth.more.emplace(layout_.parts.back());
    more.offset = begin_;
    more.bytes = new_pages_ * page_bytes_;
    return checked_add(begin_, more.bytes);
  }

  std::string entry_bytes(const TiffEntry& entry) {
    std::string bytes(static_cast<size_t>(numbers_.entry_bytes()), '\0');
    file_.read(entry.field, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  // tifffile looks at no further page of a file that states a shape if there is room for all pixels
  // in front of the second directory: it would read new pixels elsewhere from the wrong place.
  bool is_taken_for_one_stretch(int64_t block) {
    if (source_.text.kind != TiffText::Kind::shape || layout_.is_chunked()) return false;
    const DataPart& last = layout_.parts.back();
    const bool is_next =
        last.bytes == old_pages_ * page_bytes_ && last.offset + last.bytes == begin_;
    const auto& pages = source_.pages.pages;
    const int64_t second = pages.size() > 1 ? pages[1].directory : block;
    return !is_next && file_.first_directory() + grown_.bytes() < second;
  }

  // What the first page alone has.
  bool is_of_first(uint16_t tag) const {
    return old_pages_ == 1 &&
           (tag == tiff_tag::description || tag == imagej_counts_tag || tag == imagej_values_tag);
  }

  // Without places until the chunks have theirs.
  void add_no_places(TiffDirectoryBytes& directory, uint16_t tag, const TiffForm& form) const {
    directory.add_numbers(tag, tiff_offset_type(numbers_),
                          std::vector<uint64_t>(static_cast<size_t>(form.chunks())));
  }

  void add_strips(TiffDirectoryBytes& directory, int64_t page) const {
    const int64_t row_bytes = page_bytes_ / form_.planes() / form_.height;
    std::vector<uint64_t> offsets, bytes;
    int64_t offset = begin_ + page * page_bytes_;
    for (int64_t plane = 0; plane < form_.planes(); ++plane) {
      for (int64_t down = 0; down < form_.down(); ++down) {
        const int64_t strip = form_.rows_of(down) * row_bytes;
        offsets.push_back(static_cast<uint64_t>(offset));
        bytes.push_back(static_cast<uint64_t>(strip));
        offset += strip;
      }
    }
    directory.add_numbers(tiff_tag::strip_offsets, tiff_offset_type(numbers_), offsets);
    directory.add_numbers(tiff_tag::strip_bytes, tiff_offset_type(numbers_), bytes);
  }

  // The number of the page, and how many there are.
  void add_page_number(TiffDirectoryBytes& directory, int64_t page) const {
    const int64_t number = old_pages_ + page;
    const uint64_t field = all_pages_field() > 0 ? static_cast<uint64_t>(number) : 0;
    directory.add_numbers(tiff_tag::page_number, TiffType::u16, {field, all_pages_field()});
  }

  // 0: it is not known, as TIFF 6.0 says.
  uint64_t all_pages_field() const {
    const int64_t all = old_pages_ + new_pages_;
    return all <= std::numeric_limits<uint16_t>::max() ? static_cast<uint64_t>(all) : 0;
  }

  // Old pages that say how many there are say it of the grown file.
  void count_old_pages(Growth& growth) {
    for (int64_t number = 0; number < old_pages_; ++number) {
      const auto& page = source_.pages.pages[static_cast<size_t>(number)];
      const TiffDirectory directory = file_.directory(page.directory, number);
      const TiffEntry* const entry = directory.find(tiff_tag::page_number);
      if (!entry || entry->type != static_cast<uint16_t>(TiffType::u16) || entry->count != 2 ||
          file_.whole(*entry, 1) != old_pages_)
        continue;
      std::string bytes(2, '\0');
      store(reinterpret_cast<std::byte*>(bytes.data()), static_cast<uint16_t>(all_pages_field()),
            numbers_.big_endian);
      growth.patches.push_back({entry->values + 2, std::move(bytes)});
    }
  }

  // `levels_begin`: of the directories of its smaller versions, if it has some.
  TiffDirectoryBytes directory(int64_t page, int64_t levels_begin) {
    TiffDirectoryBytes directory(numbers_);
    const bool has_chunks = layout_.is_chunked();
    for (const TiffEntry& entry : last_.entries) {
      switch (entry.tag) {
        case tiff_tag::tile_offsets:
        case tiff_tag::tile_bytes: add_no_places(directory, entry.tag, form_); break;
        case tiff_tag::strip_offsets:
        case tiff_tag::strip_bytes:
          if (has_chunks) add_no_places(directory, entry.tag, form_);
          if (!has_chunks && entry.tag == tiff_tag::strip_offsets) add_strips(directory, page);
          break;
        case tiff_tag::page_number: add_page_number(directory, page); break;
        case tiff_tag::sub_directories: add_levels(directory, levels_begin); break;
        default:
          if (!is_of_first(entry.tag)) directory.add_entry(entry.tag, entry_bytes(entry));
      }
    }
    return directory;
  }

  void add_levels(TiffDirectoryBytes& directory, int64_t offset) {
    std::vector<uint64_t> offsets;
    for (size_t level = 0; level < source_.pages.levels.size(); ++level) {
      offsets.push_back(static_cast<uint64_t>(offset));
      offset += level_directory(level).bytes();
    }
    directory.add_numbers(tiff_tag::sub_directories,
                          numbers_.big ? TiffType::directory64 : TiffType::directory, offsets);
  }

  // As that of the last page.
  TiffDirectoryBytes level_directory(size_t level) {
    const TiffPage& last = source_.pages.levels[level].back();
    TiffDirectoryBytes directory(numbers_);
    for (const TiffEntry& entry : file_.directory(last.directory, old_pages_ - 1).entries) {
      if (is_list_of_chunks(entry.tag)) {
        add_no_places(directory, entry.tag, source_.pages.form_of(last));
      } else {
        directory.add_entry(entry.tag, entry_bytes(entry));
      }
    }
    return directory;
  }

  // Each page is followed by its smaller versions. False if the last page has tags that name other
  // places, which are not known to be such versions.
  bool append_directories(int64_t offset, std::string& bytes) {
    if (last_.find(tiff_tag::sub_directories) && !layout_.pyramid) return false;
    const int64_t levels_bytes = bytes_of_levels();
    for (int64_t page = 0; page < new_pages_; ++page) {
      const int64_t levels_begin = offset + directory(page, 0).bytes();
      const int64_t next = levels_begin + levels_bytes;
      bytes += directory(page, levels_begin).text(offset, page + 1 < new_pages_ ? next : 0);
      append_levels(levels_begin, bytes);
      offset = next;
    }
    return true;
  }

  int64_t bytes_of_levels() {
    int64_t bytes = 0;
    for (size_t level = 0; level < source_.pages.levels.size(); ++level)
      bytes += level_directory(level).bytes();
    return bytes;
  }

  void append_levels(int64_t offset, std::string& bytes) {
    for (size_t level = 0; level < source_.pages.levels.size(); ++level) {
      const std::string text = level_directory(level).text(offset, 0);
      bytes += text;
      offset += std::ssize(text);
    }
  }

  // A text that is longer than the old one goes to the end of the file.
  void replace_description(const std::string& text, int64_t end, Growth& growth) {
    const TiffDirectory first = file_.directory(file_.first_directory(), 0);
    const TiffEntry& entry = *first.find(tiff_tag::description);
    const int64_t count_field = entry.field + 4,
                  value_field = count_field + numbers_.offset_bytes();
    if (std::ssize(text) + 1 <= entry.bytes) {
      growth.patches.push_back({entry.values, text + '\0'});
    } else {
      const int64_t place = end + std::ssize(growth.trailer);
      growth.trailer.append(text) += '\0';
      growth.patches.push_back({value_field, offset_text(numbers_, place)});
    }
    growth.patches.push_back({count_field, offset_text(numbers_, std::ssize(text) + 1)});
  }
};

// The directories of many pages are not written again for a few small ones. Single pixels must not
// end before the next directory, by which tifffile tells that they are not in one stretch with the
// others.
bool is_worth_moving(const NewFile& own, const Image& old, const Image& grown) {
  constexpr int64_t cheap = 16384, pixels_of_alignment = 8;
  const int64_t more = grown.bytes() - old.bytes();
  return more <= pixels_of_alignment || std::ssize(own.trailer) <= std::max(cheap, more);
}

// Nothing if the file has another layout than swr's.
std::optional<NewFile> own_plan(const std::string& path, const Description& file,
                                const TiffSource& source) {
  if (!source.text.has_notes || file.layout.parts.size() != 1) return std::nullopt;
  NewFile own = planned_again(path, file, file.image);
  if (!is_own_layout(source, file.layout, own)) return std::nullopt;
  return own;
}

std::optional<Growth> grow_own(const std::string& path, const Description& file, const Image& grown,
                               const NewFile& own) {
  const NewFile next = planned_again(path, file, grown);
  if (next.header.size() != own.header.size() || next.header[2] != own.header[2])
    return std::nullopt;  // it would be a BigTIFF
  Growth growth;
  if (auto patch = patch_between(own.header, next.header))
    growth.patches.push_back(std::move(*patch));
  growth.trailer = next.trailer;
  return growth;
}

}  // namespace

std::optional<Growth> grow_tiff(const std::string& path, const Description& file,
                                const Image& grown) {
  const auto& source = dynamic_cast<const TiffSource&>(*file.header);
  if (!file.layout.is_raw() && !file.layout.is_chunked()) return std::nullopt;
  const bool by_pages = grown.dimensions() > 2;
  if (const auto own = file.layout.is_raw() ? own_plan(path, file, source) : std::nullopt) {
    if (!by_pages || is_worth_moving(*own, file.image, grown))
      return grow_own(path, file, grown, *own);
  }
  // Further pages are further pixels only along an axis of pages.
  if (!by_pages || source.is_one_stretch || !std::ranges::is_sorted(source.used) ||
      source.used.size() < source.pages.pages.size() || source.pages.has_shared_structure)
    return std::nullopt;
  return PageAppender(source, file.layout, file.image, grown).append();
}

}  // namespace swr

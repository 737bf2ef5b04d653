#include "formats/tiff_directory.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "formats/notes.h"

namespace swr {
namespace {

constexpr int64_t most_forms = 4096;
constexpr int64_t most_samples = 65535;
constexpr size_t forms_compared = 8;  // the last ones
constexpr int64_t most_tag_size = std::numeric_limits<uint32_t>::max();

class PageReader {
 public:
  explicit PageReader(TiffFile& file) : file_(file) { pages_.numbers = file.numbers(); }

  TiffPages read() {
    int64_t offset = file_.first_directory();
    // A chain that comes back to an earlier directory meets the last one of those whose number was
    // a power of two, once there are more of them than the loop has directories.
    int64_t met = 0, next_met = 1;
    for (int64_t number = 0; offset != 0; ++number) {
      if (offset == met) refuse_loop(number - next_met / 2);
      if (number == next_met) {
        met = offset;
        next_met *= 2;
      }
      if (number == most_tiff_pages)
        fail(SWR_ERROR_UNSUPPORTED, file_.path(), ": it has more than ", most_tiff_pages,
             " pages, which is more than swr reads");
      number_ = number;
      directory_ = file_.directory(offset, number);
      note_structure();
      pages_.pages.push_back(read_page());
      note_levels();
      if (number == 0) read_first();
      compare_tags();
      pages_.last_next_field = directory_.next_field;
      offset = directory_.next;
    }
    join(pages_.structure, most_alignment);
    find_shared_bytes();
    read_levels();
    if (!pages_.levels.empty()) differing_.erase(tiff_tag::sub_directories);
    pages_.differing.assign(differing_.begin(), differing_.end());
    return std::move(pages_);
  }

 private:
  TiffFile& file_;
  TiffPages pages_;
  TiffDirectory directory_;  // of the page that is read
  int64_t number_ = 0;       // of that page
  int64_t entries_ = 0;      // of all pages
  size_t joined_ = 0;        // places of the structure after they were joined last
  // What may be overwritten when the file grows: directories, and the first page's description.
  std::vector<TiffPlace> owned_;
  int64_t owned_bytes_ = 0;
  // What tag 330 of each page names; nothing if it cannot be smaller versions of all pages.
  std::vector<std::vector<int64_t>> below_;
  bool has_levels_ = true;
  static constexpr int64_t most_alignment = 1;  // a byte that aligns what follows belongs to it
  struct Value {
    uint16_t type;
    uint64_t count;
    int64_t offset;
    std::string bytes;
    bool operator==(const Value&) const = default;
  };
  std::map<uint16_t, Value> first_values_;  // of tags that are compared
  std::set<uint16_t> differing_;

  template <typename... Parts>
  [[noreturn]] void corrupt(const Parts&... parts) const {
    fail(SWR_ERROR_CORRUPT, file_.path(), ": ", parts...);
  }

  // Requires: the last pages that were read are a loop of this length.
  [[noreturn]] void refuse_loop(int64_t length) const {
    const auto& pages = pages_.pages;
    size_t first = 0;
    const auto loop = static_cast<size_t>(length);
    while (first + loop < pages.size() && pages[first].directory != pages[first + loop].directory)
      ++first;
    corrupt("directory ", first + loop, " at ", pages[first].directory, " is an earlier one again");
  }

  void note_structure() {
    entries_ += std::ssize(directory_.entries);
    if (entries_ > most_tiff_entries)
      fail(SWR_ERROR_UNSUPPORTED, file_.path(), ": its pages have more than ", most_tiff_entries,
           " tags, which is more than swr reads");
    const TiffNumbers& numbers = pages_.numbers;
    const auto note = [&](int64_t offset, int64_t bytes) {
      if (bytes > 0 && bytes <= file_.size() && offset <= file_.size() - bytes)
        pages_.structure.push_back({offset, bytes});
    };
    note(directory_.offset, directory_.next_field + numbers.offset_bytes() - directory_.offset);
    for (const TiffEntry& entry : directory_.entries) {
      if (entry.bytes > numbers.offset_bytes()) note(entry.values, entry.bytes);
    }
    constexpr size_t most_waiting = 65536;
    if (pages_.structure.size() > 2 * joined_ + most_waiting) {
      join(pages_.structure, most_alignment);
      joined_ = pages_.structure.size();
      join(owned_, 0);
    }
    own(directory_.offset, directory_.next_field + numbers.offset_bytes() - directory_.offset);
    const TiffEntry* const text = directory_.find(tiff_tag::description);
    if (number_ == 0 && text && text->bytes > numbers.offset_bytes())
      own(text->values, text->bytes);
  }

  void own(int64_t offset, int64_t bytes) {
    if (bytes > file_.size() || offset > file_.size() - bytes) return;
    owned_.push_back({offset, bytes});
    owned_bytes_ += bytes;
  }

  void find_shared_bytes() {
    join(owned_, 0);
    int64_t bytes = 0;
    for (const TiffPlace& place : owned_) bytes += place.bytes;
    pages_.has_shared_structure = bytes != owned_bytes_;
  }

  // Sorts places, and makes one of those that overlap or are no further apart than that.
  static void join(std::vector<TiffPlace>& places, int64_t apart) {
    std::ranges::sort(places, {}, &TiffPlace::offset);
    size_t last = 0;
    for (size_t i = 1; i < places.size(); ++i) {
      const int64_t end = places[last].offset + places[last].bytes;
      if (places[i].offset > end + apart) {
        places[++last] = places[i];
      } else {
        places[last].bytes =
            std::max(end, places[i].offset + places[i].bytes) - places[last].offset;
      }
    }
    places.resize(last + 1);
  }

  int64_t number_of(uint16_t tag, int64_t missing) {
    const TiffEntry* const entry = directory_.find(tag);
    return entry && entry->count > 0 ? file_.whole(*entry) : missing;
  }

  // The number that all samples have in common; 0 if they differ.
  int64_t common(uint16_t tag, int64_t samples, int64_t missing) {
    const TiffEntry* const entry = directory_.find(tag);
    if (!entry || entry->count == 0) return missing;
    const auto values = file_.all_whole(*entry, most_samples);
    const auto used = values.begin() + std::min<int64_t>(samples, std::ssize(values));
    const bool same = std::all_of(values.begin(), used, [&](auto v) { return v == values[0]; });
    return same ? values[0] : 0;
  }

  int64_t size_of(uint16_t tag, const char* what) {
    const int64_t size = number_of(tag, 0);
    if (size < 1 || size > most_tag_size)
      corrupt("page ", number_, " has ", what, " ", size, " (tag ", tag, ")");
    return size;
  }

  // A file that was cut off lacks some of these, though they are read of the first page alone.
  void check_values() {
    for (const uint16_t tag :
         {tiff_tag::description, tiff_tag::x_resolution, tiff_tag::y_resolution}) {
      if (const TiffEntry* const entry = directory_.find(tag)) file_.check(*entry);
    }
  }

  TiffPage read_page() {
    check_values();
    const TiffForm form = read_form();
    TiffPage page;
    page.directory = directory_.offset;
    page.form = number_of_form(form);
    page.has_subfile_type = directory_.find(tiff_tag::subfile_type) != nullptr;
    page.subfile_type = static_cast<uint16_t>(number_of(tiff_tag::subfile_type, 0) & 0xffff);
    page.has_sub_directories = directory_.find(tiff_tag::sub_directories) != nullptr;
    page.first_place = std::ssize(pages_.places);
    read_places(form);
    return page;
  }

  // The offsets of the directories that the page names.
  void note_levels() {
    const TiffEntry* const entry = directory_.find(tiff_tag::sub_directories);
    const size_t expected = below_.empty() ? 0 : below_.front().size();
    const bool is_possible = entry && entry->count > 0 && entry->count <= PyramidRequest::most &&
                             (number_ == 0 || entry->count == expected);
    has_levels_ = has_levels_ && is_possible;
    if (!has_levels_) return below_.clear();
    try {
      below_.push_back(file_.all_whole(*entry, PyramidRequest::most));
    } catch (const Error& error) {
      if (error.status() != SWR_ERROR_CORRUPT) throw;
      has_levels_ = false;
      below_.clear();
    }
  }

  // What other programs have left damaged is no part of the image. What swr has made is one.
  void read_levels() {
    if (below_.empty()) return;
    const size_t places = pages_.places.size(), forms = pages_.forms.size();
    try {
      pages_.levels.resize(below_.front().size());
      for (size_t level = 0; level < pages_.levels.size(); ++level) {
        for (const auto& offsets : below_)
          if (!read_level(offsets[level], pages_.levels[level])) return drop_levels(places, forms);
      }
    } catch (const Error&) {
      if (pages_.method) throw;
      drop_levels(places, forms);
    }
  }

  void drop_levels(size_t places, size_t forms) {
    pages_.levels.clear();
    pages_.places.resize(places);
    pages_.forms.resize(forms);
    pages_.method.reset();
  }

  // False if it is no smaller version, or of another kind than those of the pages before.
  bool read_level(int64_t offset, std::vector<TiffPage>& level) {
    directory_ = file_.directory(offset, number_);
    if (&level == &pages_.levels.front() && level.empty()) pages_.method = method_of_level();
    const TiffPage page = read_page();
    if (!page.is_reduced() || directory_.next != 0) return false;
    level.push_back(page);
    return page.form == level.front().form;
  }

  std::optional<PyramidMethod> method_of_level() {
    const TiffEntry* const entry = directory_.find(tiff_tag::description);
    constexpr int64_t most = 256;
    Metadata notes;
    if (!entry || entry->bytes > most || !read_notes(file_.text(*entry, most), notes))
      return std::nullopt;
    const std::string* const name = notes.find(tiff_pyramid_note);
    return name ? pyramid_method_by_name(*name) : std::nullopt;
  }

  uint32_t number_of_form(const TiffForm& form) {
    auto& forms = pages_.forms;
    for (size_t back = 1; back <= std::min(forms.size(), forms_compared); ++back) {
      if (forms[forms.size() - back] == form) return static_cast<uint32_t>(forms.size() - back);
    }
    if (std::ssize(forms) == most_forms)
      fail(SWR_ERROR_UNSUPPORTED, file_.path(), ": its pages are of more than ", most_forms,
           " kinds, which is more than swr reads");
    forms.push_back(form);
    return static_cast<uint32_t>(forms.size() - 1);
  }

  TiffForm read_form() {
    TiffForm form;
    form.width = size_of(tiff_tag::width, "the width");
    form.height = size_of(tiff_tag::height, "the height");
    form.samples = number_of(tiff_tag::samples, 1);
    if (form.samples < 1 || form.samples > most_samples)
      corrupt("page ", number_, " has ", form.samples, " samples in a pixel (tag 277)");
    form.bits = common(tiff_tag::bits, form.samples, 1);
    form.sample_format = common(tiff_tag::sample_format, form.samples, 1);
    form.compression = number_of(tiff_tag::compression, 1);
    form.photometric = number_of(tiff_tag::photometric, 1);
    form.predictor = number_of(tiff_tag::predictor, 1);
    form.planar = number_of(tiff_tag::planar, 1);
    form.fill_order = number_of(tiff_tag::fill_order, 1);
    const int64_t depth = number_of(tiff_tag::image_depth, 1);
    if (depth != 1)
      fail(SWR_ERROR_UNSUPPORTED, file_.path(), ": page ", number_, " has ", depth, " planes (tag ",
           tiff_tag::image_depth, "); swr reads pages of one");
    if (const TiffEntry* const extra = directory_.find(tiff_tag::extra_samples)) {
      form.extra_samples =
          static_cast<int64_t>(std::min(extra->count, static_cast<uint64_t>(most_samples)));
      form.extra_meaning = number_of(tiff_tag::extra_samples, 0);
    }
    read_chunk_size(form);
    return form;
  }

  void read_chunk_size(TiffForm& form) {
    form.is_tiled = directory_.find(tiff_tag::tile_width) != nullptr;
    if (form.is_tiled) {
      form.chunk_width = size_of(tiff_tag::tile_width, "tiles of the width");
      form.chunk_height = size_of(tiff_tag::tile_height, "tiles of the height");
    } else {
      const int64_t rows = number_of(tiff_tag::rows_per_strip, form.height);
      if (rows < 1) corrupt("page ", number_, " has strips of ", rows, " rows (tag 278)");
      form.chunk_width = form.width;
      form.chunk_height = std::min(rows, form.height);
    }
    const auto chunks = try_multiply(form.across() * form.down(), form.planes());
    if (!chunks || *chunks > most_tiff_places - std::ssize(pages_.places))
      fail(SWR_ERROR_UNSUPPORTED, file_.path(), ": up to page ", number_, " it has more than ",
           most_tiff_places, " strips or tiles, which is more than swr reads");
  }

  const TiffEntry& needed(uint16_t tag, int64_t count) {
    const TiffEntry* const entry = directory_.find(tag);
    if (!entry) corrupt("page ", number_, " has no places of its pixels (tag ", tag, ")");
    if (entry->count != static_cast<uint64_t>(count))
      corrupt("page ", number_, " has ", entry->count, " values in tag ", tag, " for ", count,
              " strips or tiles");
    return *entry;
  }

  // Old programs have left out the bytes of a single raw strip.
  std::vector<int64_t> bytes_of_places(const TiffForm& form, uint16_t tag, int64_t count) {
    if (count > 1 || form.compression != 1 || directory_.find(tag))
      return file_.all_whole(needed(tag, count), count);
    const auto bits = try_multiply(form.width * form.samples_together(), form.bits);
    const auto bytes = bits ? try_multiply(divide_up(*bits, 8), form.rows_of(0)) : std::nullopt;
    if (!bytes) corrupt("page ", number_, " has more bytes than there can be");
    return {*bytes};
  }

  void read_places(const TiffForm& form) {
    const int64_t count = form.chunks();
    const bool tiled = form.is_tiled && directory_.find(tiff_tag::tile_offsets);
    const auto offsets = file_.all_whole(
        needed(tiled ? tiff_tag::tile_offsets : tiff_tag::strip_offsets, count), count);
    const auto bytes =
        bytes_of_places(form, tiled ? tiff_tag::tile_bytes : tiff_tag::strip_bytes, count);
    for (size_t i = 0; i < offsets.size(); ++i) {
      const TiffPlace place{offsets[i], bytes[i]};
      if (!file_.has(static_cast<uint64_t>(place.offset), static_cast<uint64_t>(place.bytes)))
        corrupt("strip or tile ", i, " of page ", number_, ", ", place.bytes, " bytes at ",
                place.offset, ", is not within the file's ", file_.size(), " bytes");
      pages_.places.push_back(place);
    }
  }

  // Long values are compared by their place: pages that swr appends share those of other pages.
  Value value_of(const TiffEntry& entry) {
    constexpr int64_t most_compared = 1024;
    Value value{entry.type, entry.count, entry.values, {}};
    const bool is_short = tiff_type_bytes(entry.type) > 0 && entry.bytes <= most_compared;
    if (!is_short || entry.values > file_.size() - entry.bytes) return value;
    value.offset = 0;
    value.bytes.resize(static_cast<size_t>(entry.bytes));
    file_.read(entry.values, std::as_writable_bytes(std::span(value.bytes)));
    return value;
  }

  void compare_tags() {
    if (pages_.pages.back().is_reduced()) return;
    for (const TiffEntry& entry : directory_.entries) {
      const bool is_compared =
          entry.tag == tiff_tag::description || !is_tiff_storage_tag(entry.tag);
      if (!is_compared || differing_.contains(entry.tag)) continue;
      Value value = value_of(entry);
      if (number_ == 0) {
        first_values_.emplace(entry.tag, std::move(value));
      } else if (const auto first = first_values_.find(entry.tag);
                 first == first_values_.end() || first->second != value) {
        differing_.insert(entry.tag);
      }
    }
  }

  void read_first() {
    if (const TiffEntry* const entry = directory_.find(tiff_tag::description)) {
      std::string& text = pages_.description = file_.text(*entry, most_tiff_description);
      const size_t end = std::min(text.find('\0'), text.size());
      pages_.has_text_after_zero = text.find_first_not_of('\0', end) != text.npos;
      text.resize(end);
    }
    if (const TiffEntry* const entry = directory_.find(tiff_tag::x_resolution))
      pages_.resolution[0] = file_.real(*entry);
    if (const TiffEntry* const entry = directory_.find(tiff_tag::y_resolution))
      pages_.resolution[1] = file_.real(*entry);
    pages_.resolution_unit = number_of(tiff_tag::resolution_unit, 2);
  }
};

}  // namespace

int64_t TiffForm::across() const {
  return divide_up(width, chunk_width);
}

int64_t TiffForm::down() const {
  return divide_up(height, chunk_height);
}

int64_t TiffForm::rows_of(int64_t down) const {
  return is_tiled ? chunk_height : std::min(chunk_height, height - down * chunk_height);
}

TiffPages read_tiff_pages(TiffFile& file) {
  return PageReader(file).read();
}

}  // namespace swr

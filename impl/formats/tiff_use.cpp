#include "formats/tiff_use.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace swr {
namespace {

constexpr size_t most_sub_directories = 65536;

// Tags of which swr knows which values are offsets, in ranges: TIFF 6.0 and its supplements,
// GeoTIFF, GDAL, ImageJ, ICC, XMP, IPTC, Photoshop, Exif and GPS.
struct Range {
  uint16_t first, last;
};
constexpr Range known_tags[] = {{0, 31},  // GPS
                                {254, 287},     {290, 347},     {529, 532},     {700, 700},
                                {32995, 32998}, {33432, 33432},  // copyright
                                {33434, 33437}, {33550, 33550}, {33723, 33723}, {33922, 33922},
                                {34016, 34032}, {34264, 34264}, {34377, 34377}, {34665, 34665},
                                {34675, 34675}, {34735, 34737}, {34850, 34853}, {34855, 34867},
                                {36864, 37121}, {37122, 37396}, {37510, 37522}, {40960, 40965},
                                {41483, 42037}, {42112, 42113}, {42240, 42240}, {50674, 50674},
                                {50838, 50839}, {50844, 50844}, {65000, 65000}};

bool is_known(uint16_t tag) {
  return std::ranges::any_of(
      known_tags, [&](const Range& range) { return tag >= range.first && tag <= range.last; });
}

class Finder {
 public:
  Finder(TiffFile& file, const TiffPages& pages) : file_(file), pages_(pages) {}

  TiffUse find() {
    for (const auto& level : pages_.levels) read_level(level);
    for (int64_t number = 0; number < std::ssize(pages_.pages); ++number) {
      const int64_t offset = pages_.pages[static_cast<size_t>(number)].directory;
      read(file_.directory(offset, number), patched);
    }
    read_sub_directories();
    for (int64_t number = 0; number < std::ssize(pages_.places); ++number) {
      const TiffPlace& place = pages_.places[static_cast<size_t>(number)];
      note(place.offset, place.bytes, number);
    }
    find_order_remark();
    sweep();
    return std::move(use_);
  }

 private:
  static constexpr int64_t patched = -1;  // directories of pages
  static constexpr int64_t listed = -2;   // where these list the places or lengths of their chunks
  static constexpr int64_t kept = -3;
  struct Used {
    int64_t offset, end;
    int64_t what;  // the number of a place, or one of the above
  };

  TiffFile& file_;
  const TiffPages& pages_;
  TiffUse use_;
  std::vector<Used> used_;
  std::vector<TiffPlace> kept_;       // joined now and then: pages have many values in common
  size_t joined_ = 0;                 // of those
  int64_t entries_ = 0;               // of directories that others name
  int64_t chunks_ = 0;                // of these
  std::set<int64_t> waiting_, read_;  // directories that others name
  bool is_all_known_ = true;

  // These change with their pages.
  void read_level(const std::vector<TiffPage>& level) {
    for (const TiffPage& page : level) {
      if (!read_.insert(page.directory).second) {
        use_.obstacle = "its directories share bytes with each other or with pixels";
        return;
      }
      read(file_.directory(page.directory, std::ssize(pages_.pages)), patched);
    }
  }

  void note(int64_t offset, int64_t bytes, int64_t what) {
    if (bytes <= 0) return;
    if (what != kept) return used_.push_back({offset, offset + bytes, what});
    kept_.push_back({offset, bytes});
    constexpr size_t most_waiting = 65536;
    if (kept_.size() > 2 * joined_ + most_waiting) join_kept();
  }

  void join_kept() {
    std::ranges::sort(kept_, {}, &TiffPlace::offset);
    size_t last = 0;
    for (size_t i = 1; i < kept_.size(); ++i) {
      TiffPlace& before = kept_[last];
      const int64_t end = before.offset + before.bytes;
      if (kept_[i].offset > end) {
        kept_[++last] = kept_[i];
      } else {
        before.bytes = std::max(end, kept_[i].offset + kept_[i].bytes) - before.offset;
      }
    }
    kept_.resize(std::min(kept_.size(), last + 1));
    joined_ = kept_.size();
  }

  bool is_in_file(int64_t offset, int64_t bytes) const {
    return bytes >= 0 && bytes <= file_.size() && offset >= 0 && offset <= file_.size() - bytes;
  }

  void read(const TiffDirectory& directory, int64_t what) {
    const int64_t end = directory.next_field + pages_.numbers.offset_bytes();
    note(directory.offset, end - directory.offset, what);
    int lists = 0;
    for (const TiffEntry& entry : directory.entries) {
      if (lists_chunks(entry)) ++lists;
      read(entry, lists_chunks(entry) && what == patched ? listed : kept);
    }
    if (what == patched && lists != 2)
      use_.obstacle = "a page has not one list of the places of its chunks and one of their bytes";
  }

  static bool lists_chunks(const TiffEntry& entry) {
    return entry.tag == tiff_tag::strip_offsets || entry.tag == tiff_tag::strip_bytes ||
           entry.tag == tiff_tag::tile_offsets || entry.tag == tiff_tag::tile_bytes;
  }

  void read(const TiffEntry& entry, int64_t what) {
    const bool is_outside = entry.bytes > pages_.numbers.offset_bytes();
    const bool is_whole = tiff_type_bytes(entry.type) > 0 && is_in_file(entry.values, entry.bytes);
    if (!is_known(entry.tag) || !is_whole) is_all_known_ = false;
    if (!is_whole) return;
    if (is_outside) note(entry.values, entry.bytes, what);
    if (names_directories(entry)) add_sub_directories(entry);
  }

  void add_sub_directories(const TiffEntry& entry) {
    try {
      for (const int64_t offset : file_.all_whole(entry, most_sub_directories))
        if (!read_.contains(offset)) waiting_.insert(offset);
    } catch (const Error& error) {
      if (error.status() != SWR_ERROR_CORRUPT) throw;
      is_all_known_ = false;
    }
  }

  void read_sub_directories() {
    while (!waiting_.empty()) {
      const int64_t offset = *waiting_.begin();
      waiting_.erase(waiting_.begin());
      if (!read_.insert(offset).second) continue;
      try {
        const TiffDirectory directory = file_.directory(offset, std::ssize(pages_.pages));
        entries_ += std::ssize(directory.entries);
        if (read_.size() > most_sub_directories || entries_ > most_tiff_entries) refuse_many();
        read(directory, kept);
        read_chunks(directory);
        if (directory.next != 0) waiting_.insert(directory.next);
      } catch (const Error& error) {
        // Damage in what is no page does not matter, but nobody knows then what is where.
        if (error.status() != SWR_ERROR_CORRUPT) throw;
        is_all_known_ = false;
      }
    }
  }

  [[noreturn]] void refuse_many() const {
    fail(SWR_ERROR_UNSUPPORTED, file_.path(),
         ": cannot be changed: the directories that its pages name are more than swr reads");
  }

  // Of a smaller version of a page.
  void read_chunks(const TiffDirectory& directory) {
    for (const auto& [offsets, bytes] : {std::pair{tiff_tag::strip_offsets, tiff_tag::strip_bytes},
                                         std::pair{tiff_tag::tile_offsets, tiff_tag::tile_bytes}}) {
      const TiffEntry* const where = directory.find(offsets);
      if (!where) continue;
      const TiffEntry* const length = directory.find(bytes);
      if (!length) {
        is_all_known_ = false;
        continue;
      }
      chunks_ += static_cast<int64_t>(std::min(where->count, uint64_t{most_tiff_places} + 1));
      if (chunks_ > most_tiff_places) refuse_many();
      const auto begins = file_.all_whole(*where, most_tiff_places);
      const auto sizes = file_.all_whole(*length, most_tiff_places);
      for (size_t i = 0; i < std::min(begins.size(), sizes.size()); ++i) {
        if (is_in_file(begins[i], sizes[i])) note(begins[i], sizes[i], kept);
      }
      if (begins.size() != sizes.size()) is_all_known_ = false;
    }
  }

  // gdal.org/drivers/raster/cog.html: after the header, "GDAL_STRUCTURAL_METADATA_SIZE=000140
  // bytes" and lines, one of which is for programs that change the file.
  void find_order_remark() {
    constexpr std::string_view first = "GDAL_STRUCTURAL_METADATA_SIZE=",
                               line = "KNOWN_INCOMPATIBLE_EDITION=", unchanged = "NO\n ";
    constexpr int64_t most = 4096;
    const int64_t begin = pages_.numbers.header_bytes();
    std::string text(static_cast<size_t>(std::clamp<int64_t>(file_.size() - begin, 0, most)), '\0');
    file_.read(begin, std::as_writable_bytes(std::span(text)));
    if (!text.starts_with(first)) return;
    const size_t end = text.find(line);
    int64_t bytes = 0;
    for (const char digit : text.substr(first.size(), 6)) {
      if (digit < '0' || digit > '9') return;
      bytes = 10 * bytes + (digit - '0');
    }
    const auto head = static_cast<int64_t>(text.find('\n')) + 1;
    if (is_in_file(begin, head + bytes)) note(begin, head + bytes, kept);
    if (end != text.npos && std::string_view(text).substr(end + line.size()).starts_with(unchanged))
      use_.order_remark = begin + static_cast<int64_t>(end + line.size());
  }

  // Finds what overlaps, and what is between.
  void sweep() {
    join_kept();
    for (const TiffPlace& place : kept_)
      used_.push_back({place.offset, place.offset + place.bytes, kept});
    std::ranges::sort(used_, [](const Used& a, const Used& b) {
      return std::pair(a.offset, a.end) < std::pair(b.offset, b.end);
    });
    int64_t end = pages_.numbers.header_bytes();
    const Used* longest = nullptr;  // of those so far, the one that reaches to `end`
    for (const Used& used : used_) {
      if (used.offset < end) {
        share(used);
        if (longest) share(*longest);
      } else if (is_all_known_ && used.offset > end) {
        use_.holes.push_back({end, used.offset - end});
      }
      if (used.end < end) continue;
      end = used.end;
      longest = &used;
    }
    sort_once(use_.shared_places);
    sort_once(use_.shared_lists);
  }

  static void sort_once(std::vector<int64_t>& numbers) {
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }

  void share(const Used& used) {
    if (used.what >= 0) use_.shared_places.push_back(used.what);
    if (used.what == listed) use_.shared_lists.push_back(used.offset);
    if (used.what == patched)
      use_.obstacle = "its directories share bytes with each other or with pixels";
  }
};

}  // namespace

TiffUse find_tiff_use(TiffFile& file, const TiffPages& pages) {
  return Finder(file, pages).find();
}

}  // namespace swr

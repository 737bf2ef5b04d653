// The pages of a TIFF file: what its chain of directories says, in plain structures.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tiff_file.h"
#include "image/pyramid.h"

namespace swr {

inline constexpr int64_t most_tiff_pages = int64_t{1} << 20;
inline constexpr int64_t most_tiff_places = int64_t{1} << 22;   // strips and tiles of all pages
inline constexpr int64_t most_tiff_entries = int64_t{1} << 25;  // tags of all pages
inline constexpr int64_t most_tiff_description = int64_t{64} << 20;

// What pages are stored like. Numbers are those of the TIFF specification; the values here are the
// defaults where a tag is missing.
struct TiffForm {
  int64_t width = 0, height = 0;
  int64_t samples = 1;        // components of a pixel
  int64_t bits = 1;           // of a sample; 0 if samples have different numbers of bits
  int64_t sample_format = 1;  // 1 unsigned, 2 signed, 3 floating, 5 and 6 complex; 0 if they differ
  int64_t compression = 1;    // 1 none; others are in tiff_chunks.cpp
  int64_t photometric = 1;    // 0 white is 0, 1 black is 0, 2 RGB, 3 palette, 6 YCbCr
  int64_t predictor = 1;      // 1 none, 2 differences, 3 differences of floating numbers
  int64_t planar = 1;         // 1 a pixel's samples together, 2 each sample a plane
  int64_t fill_order = 1;     // 2: bits in reverse
  int64_t extra_samples = 0;  // how many of the samples are not colours
  int64_t extra_meaning = 0;  // of the first of them: 0 unknown, 1 and 2 opacity
  bool is_tiled = false;
  int64_t chunk_width = 0;   // of a tile; the page's width for strips
  int64_t chunk_height = 0;  // of a tile or strip; at most the page's height for strips

  bool operator==(const TiffForm&) const = default;
  int64_t across() const;  // strips or tiles beside one another
  int64_t down() const;    // and below one another
  int64_t planes() const { return planar == 2 ? samples : 1; }
  bool has_half_floats() const { return sample_format == 3 && bits == 16; }
  int64_t samples_together() const { return planar == 2 ? 1 : samples; }
  // of a page: plane by plane, row by row
  int64_t chunks() const { return across() * down() * planes(); }
  // The rows of a chunk of row `down` that are in the file: tiles are whole, the last strip is not.
  int64_t rows_of(int64_t down) const;
};

// A strip or tile in the file. Both are 0 for one that is not stored, whose pixels are 0.
struct TiffPlace {
  int64_t offset = 0, bytes = 0;
};

struct TiffPage {
  int64_t directory = 0;      // its offset
  int64_t first_place = 0;    // in TiffPages::places; there are form.chunks() of them
  uint32_t form = 0;          // in TiffPages::forms
  uint16_t subfile_type = 0;  // 1 a smaller version of another page, 2 one of several, 4 a mask
  bool has_subfile_type = false;
  bool has_sub_directories = false;

  bool is_reduced() const { return (subfile_type & 1) != 0; }
  bool is_mask() const { return (subfile_type & 4) != 0; }
};

// The note of the description of a smaller version that swr has made: how.
inline constexpr std::string_view tiff_pyramid_note = "swr_pyramid";

struct TiffPages {
  TiffNumbers numbers{};
  std::vector<TiffForm> forms{};
  std::vector<TiffPage> pages{};  // at least one
  std::vector<TiffPlace> places{};
  // Smaller versions of all pages, which their tag 330 names: level by level, each in the order of
  // the pages. Their places follow those of the pages. None if the pages have not as many, or not
  // of one kind.
  std::vector<std::vector<TiffPage>> levels{};
  std::optional<PyramidMethod> method{};  // of levels that swr made
  int64_t last_next_field = 0;            // where a further directory's offset would go
  // What the directories and the values of their tags take in the file, sorted, neighbours joined;
  // without what is not in the file.
  std::vector<TiffPlace> structure{};
  // Of the first page.
  std::string description{};           // up to a zero byte
  bool has_text_after_zero = false;    // in the tag of the description
  std::array<double, 2> resolution{};  // pixels in a unit of length, x and y; 0 if unknown
  int64_t resolution_unit = 2;         // 1 none, 2 inch, 3 cm
  bool has_shared_structure = false;   // directories or the first page's description share bytes
  // The tags that a further page has with other values than the first one, in ascending order,
  // besides those that say how pixels are stored.
  std::vector<uint16_t> differing{};

  const TiffForm& form_of(const TiffPage& page) const { return forms[page.form]; }
};

// Reads all directories of the chain. SWR_ERROR_CORRUPT for a loop, for offsets that are not in the
// file, for strips that do not fit the page or lie outside of the file; SWR_ERROR_UNSUPPORTED for
// more pages or strips than swr reads.
TiffPages read_tiff_pages(TiffFile& file);

}  // namespace swr

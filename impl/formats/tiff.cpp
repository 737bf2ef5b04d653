// TIFF and BigTIFF: a stack of pages. tiff_file.h has the bytes, tiff_writer.h the layout of new
// files, tiff_text.h what the description says.
//
// The pages of an image are of one kind, and are its third axis, or several, as the description
// says. Pages that are smaller versions of others, and masks, are skipped. Raw strips of any
// program are read and changed where they are. Compressed strips and tiles are chunks
// (tiff_chunks.h), which may move when they change (tiff_chunk_sink.h).
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "base/error.h"
#include "formats/format.h"
#include "formats/header_text.h"
#include "formats/tiff_chunks.h"
#include "formats/tiff_directory.h"
#include "formats/tiff_directory_bytes.h"
#include "formats/tiff_geometry.h"
#include "formats/tiff_growth.h"
#include "formats/tiff_pixels.h"
#include "formats/tiff_source.h"
#include "formats/tiff_writer.h"

namespace swr {
namespace {

constexpr int64_t most_parts = int64_t{1} << 20;
constexpr int64_t most_components = 65535;

bool recognise(std::string_view head, std::string_view) {
  return begins_like_tiff(head);
}

struct SampleRow {
  int64_t format, bits;
  swr_component component;
  int components;
};
constexpr SampleRow sample_rows[] = {
    {1, 8, SWR_UINT8, 1},    {1, 16, SWR_UINT16, 1},   {1, 32, SWR_UINT32, 1},
    {1, 64, SWR_UINT64, 1},  {2, 8, SWR_INT8, 1},      {2, 16, SWR_INT16, 1},
    {2, 32, SWR_INT32, 1},   {2, 64, SWR_INT64, 1},    {3, 32, SWR_FLOAT32, 1},
    {3, 64, SWR_FLOAT64, 1}, {5, 32, SWR_INT16, 2},    {5, 64, SWR_INT32, 2},
    {6, 64, SWR_FLOAT32, 2}, {6, 128, SWR_FLOAT64, 2}, {3, 16, SWR_FLOAT32, 1},
};

PixelType pixel_of(const TiffForm& form, const std::string& path) {
  const int64_t format = form.sample_format == 4 ? 1 : form.sample_format;
  const auto* const row = std::ranges::find_if(
      sample_rows, [&](const SampleRow& r) { return r.format == format && r.bits == form.bits; });
  if (row == std::end(sample_rows) || (row->components > 1 && form.samples > 1))
    fail(SWR_ERROR_UNSUPPORTED, path, ": pixels of ", form.samples, " samples of ", form.bits,
         " bits (tag 258) in the sample format ", form.sample_format,
         " (tag 339) cannot be read; swr reads integers of 8 to 64 bits, float16, float32 and "
         "float64");
  if (row->components > 1) return {row->component, row->components, SWR_KIND_COMPLEX};
  const auto samples = static_cast<int>(form.samples);
  PixelType pixel{row->component, samples, default_kind(samples)};
  if (form.photometric == 2 && samples == 3) pixel.kind = SWR_KIND_RGB;
  if (form.photometric == 2 && samples == 4) pixel.kind = SWR_KIND_RGBA;
  return pixel;
}

class Reader {
 public:
  Reader(const std::string& path, const std::shared_ptr<File>& opened)
      : path_(path),
        file_(opened),
        source_(std::make_shared<TiffSource>(opened, read_tiff_pages(file_))) {}

  Description read() {
    const TiffPages& pages = source_->pages;
    choose_pages();
    order_pages();
    const TiffForm& form = source_->form();
    check_form(form);
    Description found;
    found.image.pixel = pixel_of(form, path_);
    const int64_t count = image_pages(found.image.pixel);
    read_tiff_image(pages, form, source_->text, count, found.image);
    if (!bytes_of_axes(found.image.region.size.data(), found.image.dimensions(),
                       found.image.pixel.bytes()))
      fail(SWR_ERROR_CORRUPT, path_, ": an image of ", found.image.region.text(),
           " has more bytes than there can be");
    read_layout(found, count);
    found.header_bytes = pages.numbers.header_bytes();
    found.trailer_bytes = known_bytes_after(found.layout);
    check_structure(found);
    note_smaller_versions(found);
    keep_tiff_tags(file_, *source_);
    found.header = source_;
    return found;
  }

 private:
  const std::string& path_;
  TiffFile file_;
  std::shared_ptr<TiffSource> source_;

  template <typename... Parts>
  [[noreturn]] void unsupported(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": ", parts...);
  }

  static std::string kind_text(const TiffForm& form) {
    return text(form.width, " x ", form.height, " pixels of ", form.samples, " samples of ",
                form.bits, " bits");
  }

  // Whether pages are of one image.
  static bool are_alike(const TiffForm& a, const TiffForm& b) {
    return a.width == b.width && a.height == b.height && a.samples == b.samples &&
           a.bits == b.bits && a.sample_format == b.sample_format &&
           a.compression == b.compression && a.photometric == b.photometric &&
           a.predictor == b.predictor && a.planar == b.planar && a.fill_order == b.fill_order &&
           a.is_tiled == b.is_tiled;
  }

  void choose_pages() {
    const TiffPages& pages = source_->pages;
    const TiffForm* first = nullptr;
    for (int64_t number = 0; number < std::ssize(pages.pages); ++number) {
      const TiffPage& page = pages.pages[static_cast<size_t>(number)];
      if (page.is_reduced() || page.is_mask()) continue;
      const TiffForm& form = pages.form_of(page);
      if (!first) first = &form;
      if (!are_alike(form, *first))
        unsupported("page ", number, " has ", kind_text(form), ", and the first one ",
                    kind_text(*first), "; swr reads pages of one kind");
      source_->used.push_back(number);
    }
    if (!first) unsupported("all of its pages are smaller versions of others or masks");
  }

  // OME-XML says which page is which plane.
  void order_pages() {
    const auto& ome = source_->text.ome;
    if (!ome) return;
    if (ome->images > 1)
      unsupported("its OME-XML has ", ome->images, " images; swr reads files of one");
    const auto all = std::ssize(source_->pages.pages);
    if (std::ssize(source_->used) != all) return;
    if (auto pages = pages_of_ome(*ome, all); !pages.empty()) source_->used = std::move(pages);
  }

  void check_form(const TiffForm& form) const {
    if (form.fill_order == 2) unsupported("its bits are in reverse (tag 266 is 2)");
    if (form.photometric == 6)
      unsupported("its pixels are luminance and colour differences (tag 262 is 6)");
    if (form.planar != 1 && form.planar != 2)
      fail(SWR_ERROR_CORRUPT, path_, ": tag 284 is ", form.planar, "; it is 1 or 2");
    if (form.samples > most_components) unsupported("its pixels have too many samples");
  }

  // ImageJ writes files of more than 4 GiB with one directory for all pages, tifffile on request.
  int64_t image_pages(const PixelType& pixel) {
    const auto count = std::ssize(source_->used);
    const TiffText& text = source_->text;
    if (count != 1 || std::ssize(source_->pages.pages) != 1 || !text.is_one_stretch) return count;
    const TiffForm& form = source_->form();
    const std::optional<int64_t> stated = stated_pages(text, form);
    if (!stated || *stated < 2 || form.planar != 1 || has_tiff_chunks(*source_)) return count;
    const TiffPlace& first = source_->pages.places.front();
    const int64_t stored = pixel.bytes() / (form.has_half_floats() ? 2 : 1);
    const auto page = try_multiply(form.width * form.height, stored);
    const auto bytes = page ? try_multiply(*page, *stated) : std::nullopt;
    if (!bytes || *bytes > file_.size() || first.offset > file_.size() - *bytes ||
        !is_clear(first.offset, *bytes))
      return count;
    source_->is_one_stretch = true;
    return *stated;
  }

  static std::optional<int64_t> stated_pages(const TiffText& text, const TiffForm& form) {
    if (text.kind == TiffText::Kind::imagej) return text.images;
    int64_t product = 1;
    for (const int64_t size : text.shape) {
      if (multiply_overflows(product, size, product)) return std::nullopt;
    }
    const auto page = try_multiply(form.width * form.height, form.samples);
    if (!page || product % *page != 0) return std::nullopt;
    return product / *page;
  }

  // Whether no directory or value of a tag is in the range.
  bool is_clear(int64_t begin, int64_t bytes) const {
    const auto& structure = source_->pages.structure;
    const auto after = std::ranges::upper_bound(structure, begin, {}, &TiffPlace::offset);
    if (after != structure.end() && after->offset < begin + bytes) return false;
    return after == structure.begin() || (after - 1)->offset + (after - 1)->bytes <= begin;
  }

  void read_layout(Description& found, int64_t count) const {
    const TiffForm& form = source_->form();
    const Image& image = found.image;
    Layout& layout = found.layout;
    const bool has_chunks = has_tiff_chunks(*source_);
    if (has_chunks) layout = tiff_chunks(*source_, image, path_);
    layout.pyramid = tiff_pyramid(*source_, image, path_);
    layout.order = {image.dimensions(), image.region.size,
                    swr_component_bytes(image.pixel.component), image.pixel.components};
    layout.big_endian = source_->pages.numbers.big_endian && layout.order.component_bytes > 1;
    if (has_chunks) {
      found.read_only = layout.stored_chunks->read_only;
      return;
    }
    if (form.planar == 2 && form.samples > 1) layout.order.component_axis = 2;
    layout.half_floats = form.has_half_floats();
    const int64_t stored = image.bytes() / (layout.half_floats ? 2 : 1);
    if (source_->is_one_stretch) {
      layout.parts = {DataPart{path_, source_->pages.places.front().offset, 0, stored}};
    } else {
      read_parts(layout.parts, stored / count);
    }
  }

  void read_parts(std::vector<DataPart>& parts, int64_t page_bytes) const {
    for (const int64_t number : source_->used) {
      const TiffPage& page = source_->pages.pages[static_cast<size_t>(number)];
      const TiffForm& form = source_->pages.form_of(page);
      const int64_t row_bytes = page_bytes / form.planes() / form.height;
      for (int64_t strip = 0; strip < form.chunks(); ++strip) {
        const TiffPlace& place =
            source_->pages.places[static_cast<size_t>(page.first_place + strip)];
        const int64_t bytes = form.rows_of(strip % form.down()) * row_bytes;
        if (place.bytes < bytes)
          fail(SWR_ERROR_CORRUPT, path_, ": strip ", strip, " of page ", number, " has ",
               place.bytes, " bytes; ", bytes, " are needed");
        add_part(parts, place.offset, bytes);
      }
    }
  }

  // Strips that follow one another are one part.
  void add_part(std::vector<DataPart>& parts, int64_t offset, int64_t bytes) const {
    if (!parts.empty() && parts.back().offset + parts.back().bytes == offset) {
      parts.back().bytes += bytes;
      return;
    }
    if (std::ssize(parts) == most_parts)
      unsupported("its pixels are in more than ", most_parts, " places, more than swr reads");
    parts.push_back({path_, offset, 0, bytes});
  }

  // The bytes after the pixels less those of no directory, which are another program's.
  // Programs leave unused values between directories and after the last one; swr does not.
  int64_t known_bytes_after(const Layout& layout) const {
    constexpr int64_t most_unused = 256;
    const int64_t unused = source_->text.has_notes ? 0 : most_unused;
    if (!layout.is_raw() || layout.parts.size() != 1) return 0;
    const int64_t end = layout.parts[0].offset + layout.parts[0].bytes;
    int64_t at = end, unknown = 0;
    for (const TiffPlace& place : source_->pages.structure) {
      if (place.offset + place.bytes <= at) continue;
      const int64_t gap = std::max<int64_t>(0, place.offset - at);
      if (gap > std::max(unused, tiff_alignment(source_->pages.numbers))) unknown += gap;
      at = place.offset + place.bytes;
    }
    // They may fill up a directory to where another one could begin.
    if (at > end && unused > 0)
      at = std::min(file_.size(), round_up(at, tiff_alignment(source_->pages.numbers)) + unused);
    return at - end - unknown;
  }

  // Pyramids and thumbnails of other programs: swr does not know how to make them again.
  void note_smaller_versions(Description& found) const {
    if (found.layout.pyramid) return;  // these are made again
    const auto& pages = source_->pages.pages;
    const bool has_pages = std::ranges::any_of(pages, &TiffPage::is_reduced);
    if (!has_pages && std::ranges::none_of(pages, &TiffPage::has_sub_directories)) return;
    found.left_stale = text("the smaller versions of its pages (",
                            has_pages ? "reduced pages, tag 254" : "tag 330",
                            ") stay as they are, and show the old pixels: make them again with the"
                            " program that made them");
  }

  // Pixels that are bytes of the structure too would change it.
  void check_structure(Description& found) const {
    if (found.layout.is_chunked()) return;  // these may move (tiff_use.h)
    for (const DataPart& part : found.layout.parts) {
      if (is_clear(part.offset, part.bytes)) continue;
      found.read_only = text("the pixels at byte ", part.offset,
                             " are also bytes of a directory; copy the image to another file");
      return;
    }
  }
};

Description read(const std::string& path, OpenFiles& files) {
  return Reader(path, files.open(path)).read();
}

constexpr Suffix suffixes[] = {{".tif"},     {".tiff"},     {".btf"},    {".tf8"},
                               {".ome.tif"}, {".ome.tiff"}, {".ome.btf"}};

constexpr std::array codecs{ChunkCodec::deflate, ChunkCodec::zstd};
constexpr std::array preparations{ChunkPreparation::predictor};
constexpr ChunkAbilities chunk_abilities{
    .codecs = codecs, .preparations = preparations, .are_optional = true, .have_pyramids = true};

}  // namespace

extern const Format tiff_format;
const Format tiff_format = {
    .name = "TIFF",
    .suffixes = suffixes,
    .other_suffix = Compression::possible,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT | holds_everything,
    .least_dimensions = 2,
    .most_dimensions = max_dimensions,
    .wrapper = Deflate::Wrapper::zlib,
    .chunks = &chunk_abilities,
    .recognise = recognise,
    .read = read,
    .plan = write_tiff,
    .grow = grow_tiff,
    .form = form_of_tiff_pixels,
    .reader = read_tiff_pixels,
    .sink = new_tiff_pixels,
    .change = change_tiff_pixels,
    .forecast = forecast_tiff_change,
};

}  // namespace swr

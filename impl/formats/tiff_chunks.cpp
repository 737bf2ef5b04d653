#include "formats/tiff_chunks.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/tiff_new_chunks.h"
#include "stores/chunk_encoding.h"
#include "stores/pixels.h"

namespace swr {
namespace {

using Kind = ChunkFilter::Kind;

// Of tag 259. The numbers up to 32773 are those of TIFF 6.0 and its supplements, the others were
// registered later.
struct Compressed {
  int64_t number;
  const char* name;  // for messages
  const char* encoding;
  Kind kind;
  bool has_predictor;  // tag 317 counts
  ChunkCodec written_by = ChunkCodec::none;
};
constexpr Compressed compressions[] = {
    {5, "LZW", "lzw", Kind::lzw, true},
    {8, "deflate", "deflate", Kind::zlib, true, ChunkCodec::deflate},
    {32773, "PackBits", "packbits", Kind::packbits, false},
    {32946, "deflate", "deflate", Kind::zlib, true},
    {34925, "LZMA", "lzma", Kind::xz, true},
    {50000, "Zstandard", "zstd", Kind::zstd, true, ChunkCodec::zstd},
};

struct Refused {
  int64_t number;
  const char* name;
};
constexpr Refused refused[] = {
    {2, "CCITT"},    {3, "CCITT"},         {4, "CCITT"},         {6, "JPEG"},
    {7, "JPEG"},     {34712, "JPEG 2000"}, {33003, "JPEG 2000"}, {33005, "JPEG 2000"},
    {34887, "LERC"}, {50001, "WebP"},      {50002, "JPEG XL"},   {52546, "JPEG XL"},
};

const char* noun_of(const TiffForm& form) {
  return form.is_tiled ? "tile" : "strip";
}

ChunkFilter predictor_of(const TiffForm& form) {
  ChunkFilter filter;
  filter.kind = form.predictor == 2 ? Kind::differences : Kind::float_differences;
  filter.sample_bytes = form.bits / 8;
  filter.distance = form.samples_together();
  filter.row_samples = form.chunk_width * form.samples_together();
  return filter;
}

class Lister {
 public:
  // `pages`: those of the file, or their smaller versions.
  Lister(const TiffSource& source, const std::vector<TiffPage>& pages, const Image& image,
         const std::string& path)
      : source_(source),
        pages_(pages),
        image_(image),
        path_(path),
        form_(source.pages.form_of(pages[static_cast<size_t>(source.used.front())])) {}

  Layout list() {
    auto stored = std::make_shared<StoredChunks>();
    stored->noun = noun_of(form_);
    stored->has_whole_edges = form_.is_tiled;
    stored->has_planes = form_.planes() > 1;
    add_filters(*stored);
    if (form_.has_half_floats()) stored->filters.push_back({.kind = Kind::half_floats});
    add_chunks(*stored);
    Layout layout;
    layout.order = {image_.dimensions(), image_.region.size,
                    swr_component_bytes(image_.pixel.component), image_.pixel.components};
    layout.big_endian = source_.pages.numbers.big_endian && layout.order.component_bytes > 1;
    layout.storage = chunked(*stored);
    layout.parts = {DataPart{path_, 0, 0, image_.bytes()}};
    layout.stored_chunks = std::move(stored);
    return layout;
  }

 private:
  const TiffSource& source_;
  const std::vector<TiffPage>& pages_;
  const Image& image_;
  const std::string& path_;
  const TiffForm& form_;

  template <typename... Parts>
  [[noreturn]] void unsupported(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": ", parts...);
  }

  // What a file has that is written like this one.
  Chunked chunked(const StoredChunks& stored) const {
    Chunked chunked{grid()};
    chunked.codec = codec_by_name(stored.encoding).value_or(ChunkCodec::none);
    chunked.level = usual_level(chunked.codec);
    if (form_.predictor != 1) chunked.preparation = ChunkPreparation::predictor;
    return chunked;
  }

  Grid grid() const {
    Grid grid{image_.dimensions(), image_.region.size, {}};
    std::fill_n(grid.chunk.begin(), grid.dimensions, 1);
    grid.chunk[0] = form_.chunk_width;
    grid.chunk[1] = form_.chunk_height;
    return grid;
  }

  void add_filters(StoredChunks& stored) const {
    constexpr const char* what_to_do = "; copy the image to another file";
    if (form_.has_half_floats()) stored.read_only = half_floats_read_only;
    if (form_.compression == 1) return;
    const auto* const found =
        std::ranges::find(compressions, form_.compression, &Compressed::number);
    if (found == std::end(compressions)) refuse_compression();
    stored.encoding = found->encoding;
    stored.filters.push_back({.kind = found->kind});
    if (found->has_predictor && form_.predictor != 1) stored.filters.push_back(predictor());
    if (!can_encode(stored.filters)) {
      stored.read_only = text("its pixels are compressed with ", found->name,
                              ", which swr reads and does not write", what_to_do);
    }
  }

  [[noreturn]] void refuse_compression() const {
    const auto* const known = std::ranges::find(refused, form_.compression, &Refused::number);
    const std::string name = known == std::end(refused) ? "" : text(" with ", known->name);
    unsupported(
        "its pixels are compressed", name, " (tag 259 is ", form_.compression,
        "); swr reads LZW, deflate, LZMA, PackBits and Zstandard: compress it again, for example"
        " with tiffcp -c zip");
  }

  ChunkFilter predictor() const {
    const bool is_floating = form_.sample_format == 3;
    const bool is_complex = form_.sample_format == 5 || form_.sample_format == 6;
    if ((form_.predictor != 2 && form_.predictor != 3) || is_complex ||
        (form_.predictor == 3 && !is_floating))
      unsupported("the predictor ", form_.predictor, " (tag 317) of samples in the format ",
                  form_.sample_format,
                  " (tag 339) cannot be undone; swr reads 1, 2, and 3 of"
                  " floating numbers");
    return predictor_of(form_);
  }

  void add_chunks(StoredChunks& stored) const {
    const int64_t planes = form_.planes();
    const int64_t in_plane = form_.across() * form_.down();
    for (const int64_t number : source_.used) {
      const TiffPage& page = pages_[static_cast<size_t>(number)];
      const TiffForm& form = source_.pages.form_of(page);
      if (form.chunk_width != form_.chunk_width || form.chunk_height != form_.chunk_height)
        unsupported("page ", number, " has ", stored.noun, "s of ", form.chunk_width, " x ",
                    form.chunk_height, " pixels, and the first one of ", form_.chunk_width, " x ",
                    form_.chunk_height, "; swr reads pages of one kind");
      for (int64_t chunk = 0; chunk < in_plane; ++chunk) {
        for (int64_t plane = 0; plane < planes; ++plane)
          stored.chunks.push_back(chunk_of(page, number, plane * in_plane + chunk, stored));
      }
    }
  }

  StoredChunk chunk_of(const TiffPage& page, int64_t page_number, int64_t number,
                       const StoredChunks& stored) const {
    const TiffPlace& place = source_.pages.places[static_cast<size_t>(page.first_place + number)];
    if (place.bytes == 0 && place.offset != 0)
      fail(SWR_ERROR_CORRUPT, path_, ": ", stored.noun, " ", number, " of page ", page_number,
           " has no bytes");
    return {place.offset, place.bytes};
  }
};

}  // namespace

bool has_tiff_chunks(const TiffSource& source) {
  const TiffForm& form = source.form();
  if (form.compression != 1 || form.is_tiled || source.pages.method) return true;
  const auto is_sparse = [&](int64_t number) {
    const TiffPage& page = source.pages.pages[static_cast<size_t>(number)];
    const std::span places = std::span(source.pages.places)
                                 .subspan(static_cast<size_t>(page.first_place),
                                          static_cast<size_t>(source.pages.form_of(page).chunks()));
    return std::ranges::any_of(
        places, [](const TiffPlace& place) { return place.offset == 0 && place.bytes == 0; });
  };
  return std::ranges::any_of(source.used, is_sparse);
}

Layout tiff_chunks(const TiffSource& source, const Image& image, const std::string& path) {
  return Lister(source, source.pages.pages, image, path).list();
}

std::shared_ptr<const Pyramid> tiff_pyramid(const TiffSource& source, const Image& image,
                                            const std::string& path) {
  if (!source.pages.method) return nullptr;
  auto pyramid = std::make_shared<Pyramid>();
  pyramid->method = *source.pages.method;
  pyramid->component = image.pixel.component;
  const TiffForm& whole = source.form();
  Image level = image;
  for (const std::vector<TiffPage>& pages : source.pages.levels) {
    const TiffForm& form = source.pages.form_of(pages[static_cast<size_t>(source.used.front())]);
    const Index larger = level.region.size;
    level.region.size[0] = form.width;
    level.region.size[1] = form.height;
    if (form.samples != whole.samples || form.bits != whole.bits ||
        form.sample_format != whole.sample_format || form.planar != whole.planar ||
        !factors_between(level.dimensions(), larger, level.region.size))
      fail(SWR_ERROR_CORRUPT, path, ": a smaller version of ", form.width, " x ", form.height,
           " pixels (tag 330) is none of its page");
    pyramid->levels.push_back(Lister(source, pages, level, path).list());
  }
  return pyramid;
}

int64_t tiff_compression_of(ChunkCodec codec) {
  const auto* const found = std::ranges::find(compressions, codec, &Compressed::written_by);
  return codec == ChunkCodec::none ? 1 : found->number;
}

StoredChunks new_tiff_chunks(const Chunked& chunked, const TiffForm& form) {
  StoredChunks stored;
  stored.encoding = name_of(chunked.codec);
  stored.noun = noun_of(form);
  stored.has_whole_edges = form.is_tiled;
  if (chunked.codec == ChunkCodec::none) return stored;
  stored.filters.push_back(
      {.kind = std::ranges::find(compressions, chunked.codec, &Compressed::written_by)->kind});
  if (form.predictor != 1) stored.filters.push_back(predictor_of(form));
  return stored;
}

}  // namespace swr

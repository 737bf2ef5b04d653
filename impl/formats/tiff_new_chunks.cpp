#include "formats/tiff_new_chunks.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "formats/tiff_chunks.h"
#include "stores/chunk_encoding.h"

namespace swr {
namespace {

constexpr int64_t tile_unit = 16;
constexpr int64_t usual_tile = 256;  // of pyramids, which are read in parts

class ShapeTaker {
 public:
  ShapeTaker(const Image& image, const NewFileRequest& request, TiffForm& form)
      : image_(image), request_(request), form_(form) {}

  void take() {
    const auto& chunked = std::get<Chunked>(request_.storage);
    if (chunked.grid.chunk[0] == 0 && request_.pyramid.levels != 0) {
      take_asked({usual_tile, usual_tile});
    } else if (chunked.grid.chunk[0] == 0) {
      take_usual();
    } else {
      take_asked(chunked.grid.chunk);
    }
    const bool is_floating = form_.sample_format == 3;
    if (chunked.preparation == ChunkPreparation::predictor) form_.predictor = is_floating ? 3 : 2;
    form_.compression = tiff_compression_of(chunked.codec);
  }

 private:
  const Image& image_;
  const NewFileRequest& request_;
  TiffForm& form_;

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, request_.path, ": TIFF cannot hold chunks of ", parts...,
         "; the option chunk.shape asks for them");
  }

  // Strips, which all programs read.
  void take_usual() {
    constexpr int64_t usual_bytes = 262144;
    const int64_t rows = usual_bytes / (form_.width * image_.pixel.bytes());
    form_.chunk_height = std::clamp<int64_t>(rows, 1, form_.chunk_height);
  }

  // A chunk that is as wide as the image is a strip.
  void take_asked(const Index& asked) {
    for (int axis = 2; axis < image_.dimensions(); ++axis) {
      if (asked[axis] > 1) refuse("several pages");
    }
    const bool is_kept = keeps_shape(asked);
    const bool keeps_strips = is_kept && !request_.rewritten->stored_chunks->has_whole_edges;
    form_.is_tiled = asked[0] < form_.width && !keeps_strips;
    if (!form_.is_tiled) {
      form_.chunk_height = std::min(asked[1], form_.height);
    } else if (is_kept || (asked[0] % tile_unit == 0 && asked[1] % tile_unit == 0)) {
      form_.chunk_width = round_up(asked[0], tile_unit);
      form_.chunk_height = round_up(std::min(asked[1], form_.height), tile_unit);
    } else {
      refuse(asked[0], " x ", asked[1], " pixels (tiles have multiples of ", tile_unit,
             " along both axes, and strips have the image's width)");
    }
    const auto pixels = try_multiply(form_.chunk_width, form_.chunk_height);
    const auto bytes = pixels ? try_multiply(*pixels, image_.pixel.bytes()) : std::nullopt;
    if (!bytes || *bytes > most_strip_bytes)
      refuse(asked[0], " x ", asked[1], " pixels (their bytes have 31 bits)");
  }

  // Of the file that is written again, whose tiles may have any size.
  bool keeps_shape(const Index& asked) const {
    const Layout* const old = request_.rewritten;
    return old && old->is_chunked() && old->stored_chunks && old->grid().chunk == asked;
  }
};

}  // namespace

void take_tiff_shape(const Image& image, const NewFileRequest& request, TiffForm& form) {
  ShapeTaker(image, request, form).take();
}

int64_t longest_tiff_page(const TiffForm& form, const StoredChunks& chunks) {
  const ChunkEncoding encoding(chunks.filters, false, {});
  const int64_t pixels = form.chunk_width * form.chunk_height;
  const int64_t longest = encoding.longest(pixels * form.samples * (form.bits / 8));
  constexpr int64_t alignment = 1;
  return checked_multiply(longest + alignment, form.chunks());
}

}  // namespace swr

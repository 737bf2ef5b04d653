// What an application asks for of the way in which pixels are stored, and what is chosen.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/chunk_coding.h"
#include "image/layout.h"
#include "image/pyramid.h"

namespace swr {

struct Format;

// What is unset, the existing file or the format decides.
struct StorageRequest {
  std::optional<ChunkCodec> codec{};
  int level = 0;                       // 0: the usual one of the codec
  std::vector<int64_t> chunk_shape{};  // axis 0 first; it is 1 along axes without a number
  std::optional<ChunkPreparation> preparation{};
  PyramidRequest pyramid{};
};

// What a format offers for the chunks of its new files.
struct ChunkAbilities {
  std::span<const ChunkCodec> codecs;              // besides none, the usual one first
  std::span<const ChunkPreparation> preparations;  // besides none
  ChunkPreparation usual_preparation = ChunkPreparation::none;
  // Pixels are in chunks only if a codec, a shape or a pyramid is asked for.
  bool are_optional = false;
  bool have_pyramids = false;  // smaller versions of the image are stored with it
};

// Whether this swr was built with the codec.
bool can_encode(ChunkCodec codec);

// Decides how the pixels of a new file at `path` are stored, or, with `existing`, those of a file
// that is rewritten. No other place decides this. Where nothing is asked for, an existing file
// keeps its storage, and the name of a new file decides. `image`: the region of the new image.
// Chunks have the shape that is asked for, or that of the existing file; 0 along all axes if the
// format is to choose it. SWR_ERROR_UNSUPPORTED if the request contradicts the name, or if the
// format or this build has no such compression; the message lists what there is.
Storage choose_storage(const Format& format, const std::string& path, const StorageRequest& request,
                       const Region& image, const Layout* existing);
// The pyramid of that new file: what is asked for, or what the existing file has.
// SWR_ERROR_UNSUPPORTED if the format has none.
PyramidRequest choose_pyramid(const Format& format, const std::string& path,
                              const StorageRequest& request, const Layout* existing);
// Whether the pixels of an existing file are to be compressed in another way than they are.
bool changes_storage(const Format& format, const std::string& path, const StorageRequest& request,
                     const Layout& existing);

}  // namespace swr

#include "formats/storage_request.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "codecs/blosc.h"
#include "codecs/lz4.h"
#include "codecs/zstd.h"
#include "formats/format.h"

namespace swr {
namespace {

Compression compression_by_name(const Format& format, const std::string& path) {
  for (const Suffix& suffix : format.suffixes) {
    if (has_suffix(path, suffix.text)) return suffix.compression;
  }
  return format.other_suffix;
}

// The suffixes whose files can be compressed.
std::string compressed_suffixes(const Format& format) {
  std::string list;
  for (const Suffix& suffix : format.suffixes) {
    if (suffix.compression != Compression::never)
      list += (list.empty() ? "" : " ") + std::string(suffix.text);
  }
  return list;
}

void check_compression(const Format& format, const std::string& path, Compression by_name,
                       bool is_compressed) {
  if (!is_compressed && by_name == Compression::always) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": ", format.name,
         " files of this name are compressed, and compression is set to none");
  }
  if (!is_compressed) return;
  if (!(format.capabilities & SWR_CAN_STREAM_COMPRESSED))
    fail(SWR_ERROR_UNSUPPORTED, path, ": ", format.name, " files cannot be written compressed");
  if (by_name == Compression::never) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": ", format.name,
         " files of this name are not compressed; compressed ones end in ",
         compressed_suffixes(format));
  }
}

// A sequence: raw, or one deflate stream.
Storage choose_sequence(const Format& format, const std::string& path,
                        const StorageRequest& request, const Layout* existing) {
  const Compression by_name = compression_by_name(format, path);
  bool is_compressed = existing ? existing->is_compressed() : by_name == Compression::always;
  if (request.codec) {
    const bool is_asked_for = *request.codec != ChunkCodec::none;
    const bool is_new = !existing || is_asked_for != is_compressed;
    is_compressed = is_asked_for;
    if (is_new) check_compression(format, path, by_name, is_compressed);
    if (is_asked_for && *request.codec != ChunkCodec::deflate) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": the pixels of ", format.name,
           " files can be compressed with deflate, not with ", name_of(*request.codec));
    }
  }
  if (!is_compressed) return Raw{};
  return Deflate{.wrapper = format.wrapper};
}

class ChunkChoice {
 public:
  ChunkChoice(const Format& format, const std::string& path, const StorageRequest& request)
      : format_(format), path_(path), request_(request) {}

  Storage choose(const Region& image, const Layout* existing) const {
    const Chunked* const old =
        existing && existing->is_chunked() ? &std::get<Chunked>(existing->storage) : nullptr;
    const bool has_levels = existing && existing->pyramid;
    if (!has_levels && is_raw(old)) return Raw{};
    Chunked chosen;
    chosen.codec = request_.codec.value_or(old ? old->codec : usual_codec());
    check_codec(chosen.codec);
    chosen.level = request_.level > 0 ? request_.level : usual_level(chosen.codec);
    chosen.preparation = preparation(chosen.codec, old);
    chosen.grid = grid(image, old);
    return chosen;
  }

 private:
  const Format& format_;
  const std::string& path_;
  const StorageRequest& request_;

  // An old image in uncompressed chunks keeps them.
  bool is_raw(const Chunked* old) const {
    const bool has_codec = request_.codec.value_or(ChunkCodec::none) != ChunkCodec::none;
    if (!format_.chunks->are_optional || has_codec || !request_.chunk_shape.empty()) return false;
    if (!old && request_.pyramid.levels != 0) return false;
    return !old || (request_.codec && old->codec != ChunkCodec::none);
  }

  ChunkCodec usual_codec() const {
    if (format_.chunks->are_optional) return ChunkCodec::none;
    const auto& codecs = format_.chunks->codecs;
    const auto built = std::ranges::find_if(codecs, can_encode);
    return built == codecs.end() ? ChunkCodec::none : *built;
  }

  void check_codec(ChunkCodec codec) const {
    if (codec == ChunkCodec::none) return;
    std::vector<std::string_view> known{name_of(ChunkCodec::none)};
    bool is_known = false;
    for (const ChunkCodec each : format_.chunks->codecs) {
      is_known = is_known || each == codec;
      if (can_encode(each)) known.emplace_back(name_of(each));
    }
    if (is_known && can_encode(codec)) return;
    const char* const why = is_known ? ", and this swr was built without it" : "";
    fail(SWR_ERROR_UNSUPPORTED, path_, ": the pixels of ", format_.name,
         " files cannot be compressed with ", name_of(codec), why, "; use ", list_of(known));
  }

  ChunkPreparation preparation(ChunkCodec codec, const Chunked* old) const {
    const auto& offered = format_.chunks->preparations;
    if (!request_.preparation) {
      if (codec == ChunkCodec::none) return ChunkPreparation::none;
      return old ? old->preparation : format_.chunks->usual_preparation;
    }
    const ChunkPreparation asked = *request_.preparation;
    if (asked == ChunkPreparation::none) return asked;
    if (std::ranges::find(offered, asked) == offered.end()) {
      std::vector<std::string_view> known{name_of(ChunkPreparation::none)};
      for (const ChunkPreparation each : offered) known.emplace_back(name_of(each));
      fail(SWR_ERROR_UNSUPPORTED, path_, ": the option chunk.filter is ", name_of(asked), "; ",
           format_.name, " files have ", list_of(known));
    }
    if (codec == ChunkCodec::none) {
      fail(SWR_ERROR_UNSUPPORTED, path_, ": the option chunk.filter is ", name_of(asked),
           ", which only compressed pixels have");
    }
    return asked;
  }

  Grid grid(const Region& image, const Chunked* old) const {
    Grid grid{image.dimensions, image.size, {}};
    const std::vector<int64_t>& asked = request_.chunk_shape;
    if (std::ssize(asked) > grid.dimensions) {
      fail(SWR_ERROR_UNSUPPORTED, path_, ": the option chunk.shape has ", asked.size(),
           " numbers; the image has ", grid.dimensions, " dimensions");
    }
    if (asked.empty()) {
      if (old) grid.chunk = old->grid.chunk;
      return grid;
    }
    std::fill_n(grid.chunk.begin(), grid.dimensions, 1);
    std::ranges::copy(asked, grid.chunk.begin());
    return grid;
  }
};

}  // namespace

bool can_encode(ChunkCodec codec) {
  switch (codec) {
    case ChunkCodec::none:
    case ChunkCodec::deflate: return true;
    case ChunkCodec::zstd: return has_zstd();
    case ChunkCodec::lz4: return has_lz4();
    case ChunkCodec::blosc: return has_blosc();
  }
  return false;
}

Storage choose_storage(const Format& format, const std::string& path, const StorageRequest& request,
                       const Region& image, const Layout* existing) {
  if (!format.chunks) return choose_sequence(format, path, request, existing);
  return ChunkChoice(format, path, request).choose(image, existing);
}

PyramidRequest choose_pyramid(const Format& format, const std::string& path,
                              const StorageRequest& request, const Layout* existing) {
  if (existing) {
    const Pyramid* const old = existing->pyramid.get();
    return old ? PyramidRequest{static_cast<int>(old->levels.size()), old->method}
               : PyramidRequest{};
  }
  if (request.pyramid.levels == 0 || (format.chunks && format.chunks->have_pyramids))
    return request.pyramid;
  fail(SWR_ERROR_UNSUPPORTED, path, ": ", format.name,
       " files cannot hold smaller versions of the image; the option pyramid.levels asks for them");
}

bool changes_storage(const Format& format, const std::string& path, const StorageRequest& request,
                     const Layout& existing) {
  if (!request.codec) return false;
  const StorageRequest codec_only{.codec = request.codec, .level = request.level};
  const Region image = whole(existing.order.dimensions, existing.order.size);
  const Storage chosen = choose_storage(format, path, codec_only, image, &existing);
  if (chosen.index() != existing.storage.index()) return true;
  const auto* const chunked = std::get_if<Chunked>(&chosen);
  return chunked && chunked->codec != std::get<Chunked>(existing.storage).codec;
}

}  // namespace swr

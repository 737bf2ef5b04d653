#include "image/chunk_coding.h"

#include <algorithm>
#include <iterator>

namespace swr {
namespace {

struct CodecRow {
  ChunkCodec codec;
  const char* name;
  int usual_level;
};
constexpr CodecRow codec_rows[] = {{ChunkCodec::none, "none", 1},
                                   {ChunkCodec::deflate, "deflate", 6},
                                   {ChunkCodec::zstd, "zstd", 3},
                                   {ChunkCodec::lz4, "lz4", 1},
                                   {ChunkCodec::blosc, "blosc", 5}};

struct PreparationRow {
  ChunkPreparation preparation;
  const char* name;
};
constexpr PreparationRow preparation_rows[] = {{ChunkPreparation::none, "none"},
                                               {ChunkPreparation::shuffle, "shuffle"},
                                               {ChunkPreparation::predictor, "predictor"}};

const CodecRow& row_of(ChunkCodec codec) {
  return *std::ranges::find(codec_rows, codec, &CodecRow::codec);
}

}  // namespace

const char* name_of(ChunkCodec codec) {
  return row_of(codec).name;
}

const char* name_of(ChunkPreparation preparation) {
  return std::ranges::find(preparation_rows, preparation, &PreparationRow::preparation)->name;
}

std::optional<ChunkCodec> codec_by_name(std::string_view name) {
  const auto* const row = std::ranges::find(codec_rows, name, &CodecRow::name);
  return row == std::end(codec_rows) ? std::nullopt : std::optional(row->codec);
}

std::optional<ChunkPreparation> preparation_by_name(std::string_view name) {
  const auto* const row = std::ranges::find(preparation_rows, name, &PreparationRow::name);
  return row == std::end(preparation_rows) ? std::nullopt : std::optional(row->preparation);
}

int usual_level(ChunkCodec codec) {
  return row_of(codec).usual_level;
}

std::string list_of(std::span<const std::string_view> names) {
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 < names.size() ? ", " : " or ";
    list += names[i];
  }
  return list;
}

}  // namespace swr

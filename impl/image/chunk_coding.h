// How the pixels of chunks are encoded in files that this library writes: the codecs and filters by
// the names that users know.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace swr {

enum class ChunkCodec { none, deflate, zstd, lz4, blosc };
// What is done to the pixels before they are compressed.
enum class ChunkPreparation {
  none,
  shuffle,   // bytes of one significance together
  predictor  // differences of neighbours
};

const char* name_of(ChunkCodec codec);
const char* name_of(ChunkPreparation preparation);
std::optional<ChunkCodec> codec_by_name(std::string_view name);
std::optional<ChunkPreparation> preparation_by_name(std::string_view name);
// The level of a codec for which none is asked; 1 is fast, 9 is small.
int usual_level(ChunkCodec codec);

// The names, with "or" before the last one: "none, deflate or zstd".
std::string list_of(std::span<const std::string_view> names);

}  // namespace swr

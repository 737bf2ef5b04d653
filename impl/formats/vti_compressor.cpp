#include "formats/vti_compressor.h"

#include <algorithm>
#include <iterator>

namespace swr {
namespace {

using Kind = ChunkFilter::Kind;

constexpr VtiCompressor compressors[] = {
    {"vtkZLibDataCompressor", "zlib", "deflate", Kind::zlib},
    {"vtkLZ4DataCompressor", "LZ4", "lz4", Kind::lz4},
    {"vtkLZMADataCompressor", "LZMA", "lzma", Kind::xz},
};

}  // namespace

const VtiCompressor* find_vti_compressor(std::string_view name) {
  const auto* const found = std::ranges::find(compressors, name, &VtiCompressor::name);
  return found == std::end(compressors) ? nullptr : found;
}

}  // namespace swr

#include "formats/vti_stored_strings.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/checked.h"
#include "base/error.h"
#include "formats/vti_bytes.h"
#include "formats/vti_compressor.h"
#include "stores/base64.h"
#include "stores/chunk_decoder.h"

namespace swr {
namespace {

class StoredString {
 public:
  StoredString(const File& file, const VtiHeader& header, const VtiArray& array, int64_t most)
      : file_(file), header_(header), bytes_(file, header, array), most_(most) {}

  bool read(std::string& out) const {
    return header_.compressor.empty() ? read_plain(out) : read_blocks(out);
  }

 private:
  // -1 if the array ends before.
  int64_t number(int64_t place) const {
    return bytes_.number(place * header_.length_bytes).value_or(-1);
  }

  bool read_plain(std::string& out) const {
    const int64_t bytes = number(0);
    if (bytes < 1 || bytes > most_) return false;
    out.resize(static_cast<size_t>(bytes));
    return bytes_.read(header_.length_bytes, std::as_writable_bytes(std::span(out)));
  }

  bool read_blocks(std::string& out) const {
    const VtiCompressor* const compressor = find_vti_compressor(header_.compressor);
    const int64_t blocks = number(0), block = number(1), last = number(2);
    if (!compressor || blocks < 1 || block < 1 || blocks > most_ || block > most_ || last < 0 ||
        last >= block || blocks * block > most_)
      return false;
    const std::array<ChunkFilter, 1> filters{{{.kind = compressor->kind}}};
    const ChunkDecoder decoder(filters, header_.big_endian, file_.path());
    int64_t at = 0;
    for (int64_t i = 0; i < blocks; ++i) {
      const int64_t decoded = i + 1 == blocks && last > 0 ? last : block;
      if (!read_block(decoder, blocks, i, decoded, at, out)) return false;
    }
    return true;
  }

  // `at`: where the block begins among those of the array.
  bool read_block(const ChunkDecoder& decoder, int64_t blocks, int64_t i, int64_t decoded,
                  int64_t& at, std::string& out) const {
    const int64_t stored = number(3 + i);
    if (stored < 1 || stored > most_ - at || decoder.flaw_of_sizes(stored, decoded)) return false;
    const int64_t data = bytes_.after((3 + blocks) * header_.length_bytes);
    std::vector<std::byte> block(static_cast<size_t>(stored));
    const bool is_there = bytes_.is_base64()
                              ? read_base64(file_, data, at, block)
                              : file_.read_some(checked_add(data, at), block) == stored;
    if (!is_there || decoder.decode(block, decoded) || std::ssize(block) != decoded) return false;
    out.append(reinterpret_cast<const char*>(block.data()), block.size());
    at += stored;
    return true;
  }

  const File& file_;
  const VtiHeader& header_;
  const VtiBytes bytes_;
  const int64_t most_;
};

}  // namespace

std::optional<std::string> stored_vti_string(const File& file, const VtiHeader& header,
                                             const VtiArray& array, int64_t most) {
  std::string string;
  try {
    if (!StoredString(file, header, array, most).read(string)) return std::nullopt;
  } catch (const Error& error) {
    // Positions beyond the end of every file, and compressors that were not built in.
    if (error.status() != SWR_ERROR_REGION && error.status() != SWR_ERROR_UNSUPPORTED) throw;
    return std::nullopt;
  }
  if (string.find('\0') != string.size() - 1) return std::nullopt;
  string.pop_back();
  return string;
}

}  // namespace swr

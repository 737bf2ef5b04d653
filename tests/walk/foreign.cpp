#include "walk/foreign.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>

namespace swr::walk {
namespace {

// All members of a gzip stream; bytes after it are dropped.
std::string inflated(std::string_view stream) {
  std::string raw;
  while (stream.starts_with("\x1f\x8b")) {
    z_stream z{};
    if (inflateInit2(&z, 31) != Z_OK) throw Wrong("zlib has no memory");
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data()));
    z.avail_in = static_cast<uInt>(stream.size());
    int status = Z_OK;
    while (status == Z_OK) {
      char block[65536];
      z.next_out = reinterpret_cast<Bytef*>(block);
      z.avail_out = sizeof block;
      status = inflate(&z, Z_NO_FLUSH);
      raw.append(block, sizeof block - z.avail_out);
    }
    stream.remove_prefix(z.total_in);
    inflateEnd(&z);
    if (status != Z_STREAM_END) throw Wrong("zlib cannot inflate what was written");
  }
  return raw;
}

std::string member(std::string_view raw, int level, int memory, int strategy) {
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, 31, memory, strategy) != Z_OK)
    throw Wrong("zlib has no memory");
  std::string out(2 * raw.size() + 1000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
  z.avail_in = static_cast<uInt>(raw.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  if (status != Z_STREAM_END) throw Wrong("zlib cannot deflate");
  return out;
}

}  // namespace

bool compress_again(const Picture& picture, Random& random) {
  if (std::filesystem::is_directory(picture.data)) return false;
  const std::string file = load(picture.data);
  // A header in front of the stream is text that ends with an empty line.
  const size_t empty_line = file.find("\n\n");
  size_t begin = 0;
  if (!file.starts_with("\x1f\x8b")) begin = empty_line == std::string::npos ? 0 : empty_line + 2;
  if (file.compare(begin, 2, "\x1f\x8b") != 0) return false;
  const std::string raw = inflated(std::string_view(file).substr(begin));
  const auto size = static_cast<int64_t>(raw.size());
  const int level = random.pick({0, 1, 6, 9}), memory = random.pick({1, 4, 8});
  const int strategy = random.pick({Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE});
  const auto step = std::max<int64_t>(500, size / (1 + random.below(random.one_in(3) ? 5 : 1)));
  std::string stream;
  for (int64_t at = 0; at < size; at += step)
    stream +=
        member(std::string_view(raw).substr(static_cast<size_t>(at), static_cast<size_t>(step)),
               level, memory, strategy);
  save(picture.data, file.substr(0, begin) + stream);
  return true;
}

bool rename_data(Folder& folder, const std::string& image, const std::string& name) {
  Picture& picture = folder.images.at(image);
  if (picture.header == picture.data || picture.header.find(".hdr") != std::string::npos)
    return false;
  std::string header = load(picture.header);
  // A name can be part of the field's own name: "data file: data".
  const size_t at = header.find(" " + picture.data + "\n");
  if (at == std::string::npos) return false;
  header.replace(at + 1, picture.data.size(), name);
  save(picture.header, header);
  std::filesystem::rename(picture.data, name);
  picture.data = name;
  return true;
}

}  // namespace swr::walk

#include "formats/bytes_before.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "base/checked.h"
#include "base/error.h"
#include "codecs/bzip2.h"
#include "codecs/gzip.h"
#include "storage/file.h"
#include "stores/contiguous.h"
#include "stores/stream_rest.h"

namespace swr {
namespace {

constexpr int64_t most_padding = int64_t{1} << 20;

bool are_zeros(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// The length of a range of a file; 0 if it is padding.
int64_t count_others(const File& file, int64_t begin, int64_t end) {
  if (end <= begin) return 0;
  if (end - begin > most_padding || end > file.size()) return end - begin;
  std::string bytes(static_cast<size_t>(end - begin), '\0');
  file.read_at(begin, std::as_writable_bytes(std::span(bytes)));
  return are_zeros(bytes) ? 0 : end - begin;
}

// The same of what a stream inflates to. None where it is damaged, as reading the pixels will show.
int64_t count_others_in_stream(const File& file, int64_t at, int64_t begin, int64_t end) {
  if (end <= begin) return 0;
  if (end - begin > most_padding) return end - begin;
  const auto read = [&](int64_t offset, std::span<std::byte> out) {
    return file.read_some(at + offset, out);
  };
  const InflatedHead head = inflate_head(read, end);
  if (head.state != InflatedHead::State::complete) return 0;
  const auto bytes = std::string_view(head.bytes);
  const auto first = std::min(bytes.size(), static_cast<size_t>(begin));
  return are_zeros(bytes.substr(first)) ? 0 : end - begin;
}

int64_t count_others_in_bzip2(const File& file, int64_t at, int64_t bytes) {
  if (bytes <= 0 || bytes > most_padding) return std::max<int64_t>(bytes, 0);
  const auto read = [&](std::span<std::byte> out) {
    const int64_t got = file.read_some(at, out);
    at += got;
    return static_cast<size_t>(got);
  };
  std::string begin(static_cast<size_t>(bytes), '\0');
  try {
    Bzip2Decoder decoder(read, file.path());
    begin.resize(decoder.read(std::as_writable_bytes(std::span(begin))));
  } catch (const Error& error) {
    if (error.status() != SWR_ERROR_CORRUPT) throw;
    return 0;
  }
  return are_zeros(begin) ? 0 : bytes;
}

// The bytes at the ends of files that have no header, each of which holds one or several parts.
int64_t bytes_after_parts(const std::vector<DataPart>& parts, OpenFiles& files) {
  int64_t after = 0;
  for (size_t i = 0; i < parts.size();) {
    const std::string& path = parts[i].path;
    const std::shared_ptr<const File> data = files.open(path);
    int64_t end = 0;
    for (; i < parts.size() && parts[i].path == path; ++i) {
      // Pixels that begin nowhere are an error of who reads them.
      const int64_t begin = find_data_begin(parts[i], *data).value_or(0);
      int64_t part_end;
      if (add_overflows(begin, parts[i].bytes, part_end)) return 0;
      end = std::max(end, part_end);
    }
    after += std::max<int64_t>(0, data->size() - end);
  }
  return after;
}

}  // namespace

int64_t bytes_before(const std::string& path, const Description& file, OpenFiles& files) {
  const auto* const source = dynamic_cast<const BoundedHeader*>(file.header.get());
  const Layout& layout = file.layout;
  const std::string& header = file.header_path.empty() ? path : file.header_path;
  if (!source || layout.is_chunked()) return 0;
  if (layout.parts.size() != 1 || layout.parts[0].path != header) return 0;
  const std::shared_ptr<const File> data = files.open(header);
  const std::optional<int64_t> begin = find_data_begin(layout.parts[0], *data);
  if (!begin) return 0;
  if (layout.is_raw() || layout.is_text()) return count_others(*data, source->own_end, *begin);
  if (const auto* const stream = std::get_if<Bzip2>(&layout.storage)) {
    return count_others(*data, source->own_end, *begin) +
           count_others_in_bzip2(*data, *begin, stream->prefix);
  }
  const int64_t prefix = layout.stream().prefix;
  if (*begin == 0) return count_others_in_stream(*data, 0, source->own_end, prefix);
  return count_others(*data, source->own_end, *begin) +
         count_others_in_stream(*data, *begin, 0, prefix);
}

int64_t bytes_after(const std::string& path, const Description& file, OpenFiles& files) {
  const std::vector<DataPart>& parts = file.layout.parts;
  const std::string& header = file.header_path.empty() ? path : file.header_path;
  if (parts.empty() || !files.is_there(parts[0].path)) return file.other_bytes;
  if (file.layout.is_raw() && parts[0].path != header) return bytes_after_parts(parts, files);
  const StreamRest rest = rest_of_stream(file.layout, files);
  return file.other_bytes + rest.in_stream + rest.after_stream;
}

bool passes_over_bytes(const Layout& layout) {
  const DataPart& part = layout.parts[0];
  const bool in_stream = layout.is_compressed() && layout.stream().prefix != 0;
  return part.offset != 0 || part.lines_to_skip != 0 || part.bytes_to_skip != 0 || in_stream;
}

}  // namespace swr

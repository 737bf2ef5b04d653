#include "formats/nifti_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <span>
#include <vector>

#include "base/error.h"
#include "formats/format.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr std::array<std::string_view, 6> suffixes = {".nii.gz", ".hdr.gz", ".img.gz",
                                                      ".nii",    ".hdr",    ".img"};

std::string_view suffix_of(const std::string& path) {
  for (const auto suffix : suffixes) {
    if (has_suffix(path, suffix)) return std::string_view(path).substr(path.size() - suffix.size());
  }
  return {};
}

// A gzip stream's first bytes, of all its members one behind the other. Takes slices of the file
// and never makes more than was asked for.
class Inflater {
 public:
  explicit Inflater(const File& file) : file_(file), input_(65536) {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK)
      fail(SWR_ERROR_MEMORY, file.path(), ": cannot inflate: no memory");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  // Fewer bytes if the stream ends before.
  std::string first(int64_t count) {
    std::string out;
    std::array<char, 16384> slice;
    while (static_cast<int64_t>(out.size()) < count) {
      const auto room = static_cast<size_t>(
          std::min<int64_t>(count - static_cast<int64_t>(out.size()), slice.size()));
      stream_.next_out = reinterpret_cast<Bytef*>(slice.data());
      stream_.avail_out = static_cast<uInt>(room);
      if (!more_input()) break;
      const int result = inflate(&stream_, Z_SYNC_FLUSH);
      out.append(slice.data(), room - stream_.avail_out);
      if (result == Z_STREAM_END) {
        if (!next_member()) break;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        fail(SWR_ERROR_CORRUPT, file_.path(), ": the compressed header is damaged");
      }
    }
    return out;
  }

 private:
  bool more_input() {
    if (stream_.avail_in > 0) return true;
    const int64_t bytes = file_.read_some(at_, std::as_writable_bytes(std::span(input_)));
    at_ += bytes;
    stream_.next_in = input_.data();
    stream_.avail_in = static_cast<uInt>(bytes);
    return bytes > 0;
  }

  // What follows a member is another one, or zeros and the like that fill the file.
  bool next_member() {
    return more_input() && *stream_.next_in == 0x1f && inflateReset(&stream_) == Z_OK;
  }

  const File& file_;
  std::vector<Bytef> input_;
  z_stream stream_{};
  int64_t at_ = 0;
};

std::string raw_bytes(const File& file, int64_t offset, int64_t count) {
  std::string bytes(static_cast<size_t>(std::clamp<int64_t>(file.size() - offset, 0, count)), '\0');
  bytes.resize(
      static_cast<size_t>(file.read_some(offset, std::as_writable_bytes(std::span(bytes)))));
  return bytes;
}

}  // namespace

std::string with_nifti_suffix(const std::string& path, std::string_view suffix) {
  const std::string_view old = suffix_of(path);
  std::string replaced = path.substr(0, path.size() - old.size());
  const bool upper = old.size() > 1 && std::isupper(static_cast<unsigned char>(old[1]));
  for (const char c : suffix)
    replaced += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
  return replaced;
}

bool is_nifti_data_path(const std::string& path) {
  return has_suffix(path, ".img") || has_suffix(path, ".img.gz");
}

std::string nifti_header_path(const std::string& path) {
  if (!is_nifti_data_path(path)) return path;
  const std::string header = with_nifti_suffix(path, ".hdr"),
                    compressed = with_nifti_suffix(path, ".hdr.gz");
  return !file_exists(header) && file_exists(compressed) ? compressed : header;
}

std::string nifti_data_path(const std::string& path, const std::string& header_path) {
  if (is_nifti_data_path(path)) return path;
  const std::string data = with_nifti_suffix(header_path, ".img"),
                    compressed = with_nifti_suffix(header_path, ".img.gz");
  return !file_exists(data) && file_exists(compressed) ? compressed : data;
}

NiftiHead read_nifti_head(const std::string& header_path) {
  const File file(header_path, File::Mode::read);
  NiftiHead head;
  head.compressed = raw_bytes(file, 0, 2) == "\x1f\x8b";
  const auto first = [&](int64_t count) {
    return head.compressed ? Inflater(file).first(count) : raw_bytes(file, 0, count);
  };
  head.header = parse_nifti_header(first(nifti_longest_header), header_path);
  if (head.header.analyze) {
    fail(SWR_ERROR_UNSUPPORTED, header_path,
         ": this is an Analyze 7.5 header, or NIfTI's magic is damaged; Analyze does not say how "
         "the image lies in space");
  }
  const int64_t offset = nifti_pixel_offset(head, header_path);
  const int64_t begin = head.header.bytes() + 4;
  if (!head.header.extended) return head;
  const int64_t end = head.header.pair ? begin + nifti_extension_limit
                                       : std::min(offset, begin + nifti_extension_limit);
  if (end <= begin) return head;
  head.extensions = first(end);
  head.extensions.erase(0, static_cast<size_t>(begin));
  return head;
}

std::string gzip_of(const std::string& bytes) {
  // Nothing that can throw stands between the stream's begin and its end.
  std::string in = bytes;  // at most a header and nifti_extension_limit
  std::string out(in.size() + in.size() / 1000 + 1024, '\0');
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    fail(SWR_ERROR_MEMORY, "cannot deflate: no memory");
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END)
    fail(SWR_ERROR_INTERNAL, "the header does not deflate within its bound");
  return out;
}

int64_t nifti_pixel_offset(const NiftiHead& head, const std::string& header_path) {
  const NiftiHeader& header = head.header;
  constexpr double largest = 0x1p53;  // up to here a double holds every whole number
  if (!(header.vox_offset >= 0 && header.vox_offset <= largest) ||
      std::trunc(header.vox_offset) != header.vox_offset) {
    fail(SWR_ERROR_CORRUPT, header_path, ": vox_offset is ", header.vox_offset,
         ", which is no position in a file");
  }
  const auto offset = static_cast<int64_t>(header.vox_offset);
  if (!header.pair && offset < header.bytes())
    fail(SWR_ERROR_CORRUPT, header_path, ": vox_offset is ", offset,
         ", which lies within the header");
  if (head.compressed && !header.pair && offset > header.bytes() + 4 + nifti_extension_limit) {
    fail(SWR_ERROR_CORRUPT, header_path, ": vox_offset is ", offset,
         ", too far into the compressed stream");
  }
  return offset;
}

}  // namespace swr

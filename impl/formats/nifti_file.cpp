#include "formats/nifti_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <span>

#include "base/error.h"
#include "codecs/gzip.h"
#include "formats/format.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr std::array<std::string_view, 6> file_suffixes = {".nii.gz", ".hdr.gz", ".img.gz",
                                                           ".nii",    ".hdr",    ".img"};

std::string_view suffix_of(const std::string& path) {
  for (const auto suffix : file_suffixes) {
    if (has_suffix(path, suffix)) return std::string_view(path).substr(path.size() - suffix.size());
  }
  return {};
}

std::string inflated_bytes(const File& file, int64_t count) {
  const auto read = [&](int64_t at, std::span<std::byte> out) { return file.read_some(at, out); };
  InflatedHead head = inflate_head(read, count);
  if (head.state == InflatedHead::State::damaged)
    fail(SWR_ERROR_CORRUPT, file.path(), ": the compressed header is damaged");
  if (head.state == InflatedHead::State::too_far)
    fail(SWR_ERROR_CORRUPT, file.path(), ": the first ", most_stored_before_head,
         " bytes of the compressed data do not hold the header");
  return std::move(head.bytes);
}

// Analyze 7.5 always has a detached data file.
bool is_analyze_path(const std::string& header_path) {
  return has_suffix(header_path, ".hdr") || has_suffix(header_path, ".hdr.gz");
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

std::string nifti_header_path(const std::string& path, OpenFiles& files) {
  if (!is_nifti_data_path(path)) return path;
  const std::string header = with_nifti_suffix(path, ".hdr"),
                    compressed = with_nifti_suffix(path, ".hdr.gz");
  return !files.is_there(header) && files.is_there(compressed) ? compressed : header;
}

std::string nifti_data_path(const std::string& path, const std::string& header_path,
                            OpenFiles& files) {
  if (is_nifti_data_path(path)) return path;
  const std::string data = with_nifti_suffix(header_path, ".img"),
                    compressed = with_nifti_suffix(header_path, ".img.gz");
  return !files.is_there(data) && files.is_there(compressed) ? compressed : data;
}

NiftiHead read_nifti_head(const std::string& header_path, const File& file) {
  NiftiHead head;
  head.compressed = read_head(file, 2) == "\x1f\x8b";
  const auto first = [&](int64_t count) {
    return head.compressed ? inflated_bytes(file, count) : read_head(file, count);
  };
  head.header = parse_nifti_header(first(nifti_longest_header), header_path);
  if (head.header.analyze && !is_analyze_path(header_path)) {
    fail(SWR_ERROR_CORRUPT, header_path,
         ": NIfTI's magic is missing at byte 344; it would be \"n+1\"");
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

int64_t nifti_pixel_offset(const NiftiHead& head, const std::string& header_path) {
  const NiftiHeader& header = head.header;
  constexpr double largest = 0x1p53;  // doubles hold every integer up to here
  if (!(header.vox_offset >= 0 && header.vox_offset <= largest) ||
      std::trunc(header.vox_offset) != header.vox_offset) {
    fail(SWR_ERROR_CORRUPT, header_path, ": vox_offset is ", header.vox_offset,
         ", which is no position in a file");
  }
  const auto offset = static_cast<int64_t>(header.vox_offset);
  if (!header.pair && offset < header.bytes())
    fail(SWR_ERROR_CORRUPT, header_path, ": vox_offset is ", offset,
         ", which is within the header");
  if (head.compressed && !header.pair && offset > header.bytes() + 4 + nifti_extension_limit) {
    fail(SWR_ERROR_CORRUPT, header_path, ": vox_offset is ", offset,
         ", too far into the compressed stream");
  }
  return offset;
}

}  // namespace swr

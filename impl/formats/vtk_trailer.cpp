//   METADATA
//   COMPONENT_NAMES
//   depth                                       one line for each component
//   INFORMATION 1
//   NAME UNITS_LABEL LOCATION vtkDataArray
//   DATA mm
//                                               an empty line
#include "formats/vtk_trailer.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "formats/header_text.h"

namespace swr {
namespace {

constexpr int64_t most_trailer_bytes = 65536;

// As the reader of numbers that are written as text has it (stores/text_store.h).
bool separates(char c) {
  return std::string_view(" \t\r\n\v\f,").find(c) != std::string_view::npos;
}

// The first byte after `words` words; the end of the file if it has fewer.
int64_t end_of_words(const File& file, int64_t begin, int64_t words) {
  std::vector<char> window(size_t{1} << 20);
  bool in_word = false;
  for (int64_t at = begin; words > 0;) {
    const int64_t count = file.read_some(at, std::as_writable_bytes(std::span(window)));
    if (count == 0) return at;
    for (int64_t i = 0; i < count; ++i) {
      const bool is_between = separates(window[static_cast<size_t>(i)]);
      if (is_between && in_word && --words == 0) return at + i;
      in_word = !is_between;
    }
    at += count;
  }
  return begin;
}

// The first byte after METADATA, which an empty line ends; npos if none does.
size_t end_of_metadata(std::string_view text) {
  HeaderLine line;
  const size_t begin = text.find("METADATA");
  for (HeaderLines lines(text); lines.next(line);) {
    if (line.begin > begin && line.ended && trimmed(line.text).empty()) return line.next;
  }
  return text.npos;
}

bool is_range(std::string_view line) {
  const auto words = words_of({line, 0}, 3);
  return words.size() > 1 && words[0].text == "NAME" &&
         words[1].text.find("_RANGE") != std::string_view::npos;
}

// An entry of INFORMATION has two lines, NAME and DATA.
std::string drop_ranges(std::string_view metadata) {
  std::string kept;
  size_t count_begin = 0, count_end = 0;  // of the number of entries
  int64_t dropped = 0;
  HeaderLine line;
  for (HeaderLines lines(metadata); lines.next(line);) {
    if (is_range(line.text)) {
      HeaderLine data;
      if (HeaderLines rest(metadata.substr(line.next));
          rest.next(data) && trimmed(data.text).starts_with("DATA")) {
        lines.next(line);
        ++dropped;
        continue;
      }
    }
    const auto words = words_of({line.text, 0}, 2);
    if (words.size() == 2 && words[0].text == "INFORMATION") {
      count_begin = kept.size() + words[1].offset;
      count_end = count_begin + trimmed(words[1].text).size();
    }
    kept += metadata.substr(line.begin, line.next - line.begin);
  }
  const auto count =
      integer_of(std::string_view(kept).substr(count_begin, count_end - count_begin));
  if (dropped == 0 || !count || *count < dropped) return std::string(metadata);
  return kept.replace(count_begin, count_end - count_begin, std::to_string(*count - dropped));
}

}  // namespace

std::string VtkTrailer::without_ranges(bool same_length) const {
  std::string all = bytes();
  if (!trimmed(all).starts_with("METADATA")) return all;
  const std::string_view text = all;
  const size_t end = std::min(end_of_metadata(text), text.size());
  if (end > static_cast<size_t>(most_trailer_bytes)) return all;
  std::string metadata = drop_ranges(text.substr(0, end));
  if (same_length) metadata.resize(end, '\n');
  return metadata + std::string(text.substr(end));
}

std::string VtkTrailer::bytes() const {
  const MutexLock lock(mutex_);
  if (!bytes_) {
    std::string read(static_cast<size_t>(most_trailer_bytes) + 1, '\0');
    const int64_t begin = end_of_words(*file_, begin_, words_);
    const int64_t count = file_->read_some(begin, std::as_writable_bytes(std::span(read)));
    read.resize(static_cast<size_t>(count));
    bytes_ = std::move(read);
  }
  return *bytes_;
}

bool VtkTrailer::is_plain() const {
  const std::string all = bytes();
  if (std::ssize(all) > most_trailer_bytes) return false;
  const std::string_view text = trimmed(all);
  const size_t end = std::min(text.find("\n\n"), text.find("\n\r\n"));
  return text.empty() ||
         (text.starts_with("METADATA") && (end == text.npos || trimmed(text.substr(end)).empty()));
}

int64_t VtkTrailer::own_bytes() const {
  const std::string all = bytes();
  if (is_plain()) return std::ssize(all);
  if (trimmed(all).starts_with("METADATA")) {
    const size_t end = end_of_metadata(all);
    if (end <= static_cast<size_t>(most_trailer_bytes)) return static_cast<int64_t>(end);
  }
  return all.starts_with('\n') ? 1 : 0;
}

bool VtkTrailer::has_metadata() const {
  const std::string all = without_ranges();
  if (!trimmed(all).starts_with("METADATA")) return false;
  HeaderLine line;
  for (HeaderLines lines(all); lines.next(line);) {
    const std::string_view text = trimmed(line.text);
    if (text.starts_with("COMPONENT_NAMES")) return true;
    const auto words = words_of({text, 0}, 2);
    if (words.size() == 2 && words[0].text == "INFORMATION") return words[1].text != "0";
  }
  return false;
}

}  // namespace swr

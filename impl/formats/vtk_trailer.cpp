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

}  // namespace

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

bool VtkTrailer::has_metadata() const {
  const std::string all = bytes();
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

#include "formats/vti_document.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "formats/header_text.h"

namespace swr {
namespace {

constexpr size_t window_bytes = 65536;
constexpr std::string_view blanks = " \t\r\n";

// How deep an element is: the elements around it.
constexpr int data_depth = 1;    // in VTKFile
constexpr int points_depth = 3;  // in VTKFile, ImageData, Piece
constexpr int arrays_depth = 4;

// Divides a file into tags and what is between them.
class Reader {
 public:
  explicit Reader(const File& file) : file_(file), window_(window_bytes, '\0') {}

  VtiDocument read() && {
    while (copy_text() && copy_tag()) {
      if (std::exchange(has_values_, false)) take_values();
    }
    found_.end = position();
    return std::move(found_);
  }

 private:
  const File& file_;
  std::string window_;
  std::string_view left_;   // of the window
  int64_t window_end_ = 0;  // in the file
  VtiDocument found_;
  int depth_ = 0;
  bool is_in_arrays_ = false;
  bool has_values_ = false;  // after an array's start tag

  int64_t position() const { return window_end_ - std::ssize(left_); }

  bool fill() {
    if (!left_.empty()) return true;
    const auto bytes = file_.read_some(window_end_, std::as_writable_bytes(std::span(window_)));
    left_ = std::string_view(window_).substr(0, static_cast<size_t>(bytes));
    window_end_ += bytes;
    return bytes > 0;
  }

  void keep(std::string_view text) {
    found_.text += text;
    if (std::ssize(found_.text) > most_header_bytes)
      fail(SWR_ERROR_CORRUPT, file_.path(), ": the header does not end within ", most_header_bytes,
           " bytes");
  }

  // False at the end of the file.
  bool copy_text() {
    while (fill()) {
      const size_t tag = std::min(left_.find('<'), left_.size());
      keep(left_.substr(0, tag));
      left_.remove_prefix(tag);
      if (!left_.empty()) return true;
    }
    return false;
  }

  // False at the end of the file, and after the start tag of the appended data.
  bool copy_tag() {
    const size_t begin = found_.text.size();
    char quote = '\0';
    while (fill()) {
      const char c = left_.front();
      left_.remove_prefix(1);
      keep({&c, 1});
      const std::string_view tag = std::string_view(found_.text).substr(begin);
      if (tag.starts_with("<!--")) {
        if (tag.size() >= 7 && tag.ends_with("-->")) return true;
      } else if (tag.starts_with("<![CDATA[")) {
        if (tag.ends_with("]]>")) return true;
      } else if (tag.starts_with("<?")) {
        if (tag.ends_with("?>")) return true;
      } else if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return pass(tag);
      }
    }
    return false;
  }

  // False after the start tag of the appended data.
  bool pass(std::string_view tag) {
    if (tag.starts_with("</")) {
      --depth_;
      if (depth_ == points_depth) is_in_arrays_ = false;
      return true;
    }
    const std::string_view name = tag.substr(1, tag.find_first_of(" \t\r\n/>") - 1);
    if (depth_ == data_depth && name == "AppendedData") return false;
    if (tag.ends_with("/>")) return true;
    if (depth_ == points_depth) is_in_arrays_ = name == "PointData" || name == "CellData";
    has_values_ = depth_ == arrays_depth && is_in_arrays_;
    ++depth_;
    return true;
  }

  // Blanks alone are none.
  void take_values() {
    VtiInline values{found_.text.size()};
    while (fill()) {
      const size_t first = std::min(left_.find_first_not_of(blanks), left_.size());
      keep(left_.substr(0, first));
      left_.remove_prefix(first);
      if (!left_.empty()) break;
    }
    values.begin = position();
    while (fill() && left_.front() != '<')
      left_.remove_prefix(std::min(left_.find('<'), left_.size()));
    values.end = position();
    if (values.end > values.begin) found_.values.push_back(values);
  }
};

}  // namespace

VtiDocument read_vti_document(const File& file) {
  return Reader(file).read();
}

}  // namespace swr

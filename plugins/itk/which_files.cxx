#include "which_files.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "swr/swr.h"

namespace swr_itk {
namespace {

std::vector<std::string> suffixes_of(const std::string& format) {
  std::vector<std::string> suffixes;
  const char* const list = swr_format_suffixes(format.c_str());
  std::istringstream words(list ? list : "");
  for (std::string word; words >> word;) suffixes.push_back(word);
  return suffixes;
}

std::vector<std::string> taken_formats() {
  std::vector<std::string> names;
  for (int32_t i = 0; i < swr_format_count(); ++i) {
    if (takes_format(swr_format_name(i))) names.emplace_back(swr_format_name(i));
  }
  return names;
}

}  // namespace

bool takes_format(const std::string& name) {
  const char* const of_itk[] = {"MRC", "GIPL", "VTK", "TIFF", "HDF5"};
  return std::none_of(std::begin(of_itk), std::end(of_itk),
                      [&](const char* other) { return name == other; });
}

std::vector<std::string> suffixes_with(unsigned capability) {
  std::vector<std::string> suffixes;
  for (const std::string& format : taken_formats()) {
    if (!format_can(format, capability)) continue;
    for (const std::string& suffix : suffixes_of(format)) suffixes.push_back(suffix);
  }
  return suffixes;
}

std::string written_format(const std::string& path) {
  for (const std::string& format : taken_formats()) {
    if (!format_can(format, SWR_CAN_STREAM)) continue;
    for (const std::string& suffix : suffixes_of(format)) {
      if (has_suffix(path, suffix)) return format;
    }
  }
  return "";
}

bool format_can(const std::string& name, unsigned capability) {
  uint32_t flags = 0;
  return swr_format_capabilities(name.c_str(), &flags) == SWR_OK && (flags & capability) != 0;
}

bool suffix_decides_compression(const std::string& name) {
  const auto suffixes = suffixes_of(name);
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [](const std::string& suffix) { return suffix.back() == 'z'; });
}

bool has_suffix(const std::string& path, const std::string& suffix) {
  return path.size() > suffix.size() &&
         std::equal(suffix.rbegin(), suffix.rend(), path.rbegin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) ==
                  std::tolower(static_cast<unsigned char>(b));
         });
}

}  // namespace swr_itk

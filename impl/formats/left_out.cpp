#include "formats/left_out.h"

#include <algorithm>

#include "base/error.h"
#include "formats/format.h"
#include "formats/hdf5_signature.h"
#include "formats/header_text.h"

namespace swr {
namespace {

struct Optional {
  std::string_view name;
  std::span<const Suffix> suffixes;
  bool (*recognise)(std::string_view head);
  const char* remedy;
};

constexpr Optional optional_formats[] = {
    {hdf5_name, hdf5_suffixes, is_hdf5, "it needs libhdf5 when swr is built"}};

template <typename Means>
void refuse(const std::string& subject, const Means& means) {
  for (const Optional& format : optional_formats) {
    if (!means(format) || find_format(format.name)) continue;
    fail(SWR_ERROR_UNSUPPORTED, subject, ": this build of swr has no ", format.name, "; ",
         format.remedy);
  }
}

}  // namespace

void refuse_left_out_name(std::string_view name) {
  refuse(std::string(name),
         [&](const Optional& format) { return lower_case(format.name) == lower_case(name); });
}

void refuse_left_out_suffix(const std::string& path) {
  refuse(path, [&](const Optional& format) {
    return std::ranges::any_of(format.suffixes,
                               [&](const Suffix& suffix) { return has_suffix(path, suffix.text); });
  });
}

void refuse_left_out_file(const std::string& path, std::string_view head) {
  refuse(path, [&](const Optional& format) { return format.recognise(head); });
}

}  // namespace swr

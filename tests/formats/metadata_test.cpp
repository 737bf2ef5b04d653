// Metadata with any bytes: each format writes an entry so that it is read back as it was, or says
// that it does not.
#include <algorithm>

#include "header_checks.h"

namespace {

using namespace swr;
using namespace swr::checks;
using namespace std::string_literals;

const std::string odd_texts[] = {
    "plain",
    " blanks around ",
    "two\nlines",
    "\r\n",
    "a\0zero"s,
    "\0"s,
    "a\\n\\0\\",
    "a = b",
    "=",
    ":=",
    "<!-- -->",
    "]]>&amp;\"'",
    "Gr\xc3\xb6\xc3\x9f",
    "\xff\xfe",
    "\ttab",
    "#",
    "%s%n",
    "\x01\x1b",
};

Image with_odd_metadata() {
  Image image = an_image({4, 3, 2});
  image.set_metadata("first", "1");
  for (const std::string& odd : odd_texts) {
    image.set_metadata("key" + odd, "value");
    image.set_metadata("value of " + odd, odd);
  }
  image.set_metadata("last", "2");
  return image;
}

void expect_all_kept_or_told(const Format& format, const std::string& path) {
  const Image image = with_odd_metadata();
  const NewFile plan = format.plan(image, request_for(format, path));
  const std::string pixels(static_cast<size_t>(image.bytes()), 'p');
  write_bytes(path, plan.header + pixels + plan.trailer);
  const Image read = read_description(format, path).image;
  for (const auto& entry : image.metadata) {
    const std::string& key = entry.first;
    const std::string* const found = read.find_metadata(key);
    const bool is_told = std::ranges::any_of(
        plan.remarks, [&](const Remark& remark) { return remark.metadata == key && remark.loss; });
    if (found ? *found != entry.second : !is_told)
      stop(text(path, ": \"", key, "\" is ", found ? *found : "lost"));
  }
  expect_text(*read.find_metadata("last"), "2");
}

void odd_texts_are_kept_or_told(void**) {
  for (const Format* format : all_formats()) {
    if (!(format->capabilities & SWR_HOLDS_METADATA) || !(format->capabilities & SWR_CAN_STREAM))
      continue;
    for (const Suffix& suffix : format->suffixes) {
      const std::string path = "odd" + std::string(suffix.text);
      if (suffix.compression == Compression::always) continue;
      const NewFile plain = format->plan(an_image({4, 3, 2}), request_for(*format, path));
      const bool has_one_file = plain.header_path.empty() && plain.layout.parts[0].path == path;
      if (has_one_file) expect_all_kept_or_told(*format, path);
    }
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {cmocka_unit_test(odd_texts_are_kept_or_told)};
  return cmocka_run_group_tests_name("metadata", tests, nullptr, nullptr);
}

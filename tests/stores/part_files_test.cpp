// The files of a layout's parts: few are those that were opened at first, of many one is open.
#include "stores/part_files.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "image/cmocka_cpp.h"

#undef fail  // cmocka's macro

namespace swr {
namespace {

std::vector<DataPart> parts_of(int count, const std::string& content) {
  std::vector<DataPart> parts;
  for (int part = 0; part < count; ++part) {
    parts.push_back({.path = "part" + std::to_string(part)});
    std::ofstream(parts.back().path) << content << part;
  }
  return parts;
}

std::string content_of(const File& file) {
  return read_head(file, 100);
}

size_t open_files() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

void few_files_are_read_on_when_others_get_their_names(void**) {
#ifdef _WIN32
  skip();  // wine keeps the name of an open file that is removed
#endif
  const auto parts = parts_of(3, "old ");
  PartFiles files(parts, nullptr);
  for (const DataPart& part : parts) std::filesystem::remove(part.path);
  parts_of(3, "new ");
  for (const size_t part : {2, 0, 1, 2})
    assert_string_equal(content_of(files.open(part)).c_str(),
                        ("old " + std::to_string(part)).c_str());
}

void of_many_files_one_is_open(void**) {
#ifdef _WIN32
  skip();  // does not list the files that a process has open
#endif
  const auto parts = parts_of(100, "x");
  const size_t before = open_files();
  PartFiles files(parts, nullptr);
  for (const size_t part : {99, 0, 50, 50, 99}) {
    assert_string_equal(content_of(files.open(part)).c_str(), ("x" + std::to_string(part)).c_str());
    assert_int_equal(open_files(), before + 1);
  }
}

void missing_file_is_not_found(void**) {
  for (const int count : {3, 100}) {
    const auto parts = parts_of(count, "x");
    std::filesystem::remove(parts.back().path);
    try {
      PartFiles(parts, nullptr);
      assert_true(false);
    } catch (const Error& error) {
      assert_int_equal(error.status(), SWR_ERROR_NOT_FOUND);
      assert_non_null(strstr(error.what(), parts.back().path.c_str()));
    }
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(few_files_are_read_on_when_others_get_their_names),
      cmocka_unit_test(of_many_files_one_is_open),
      cmocka_unit_test(missing_file_is_not_found),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

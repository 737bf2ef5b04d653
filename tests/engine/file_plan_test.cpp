// Which files a new image consists of, where another writer makes the same image at the same time.
#include "engine/file_plan.h"

#include <cstring>
#include <fstream>
#include <optional>

#include "base/error.h"
#include "image/cmocka_cpp.h"
#include "storage/staged_set.h"

namespace swr {
namespace {

void make(const char* path, const std::string& content) {
  std::ofstream(path) << content;
}

NewFile detached_image() {
  NewFile file;
  file.header_path = "image.nhdr";
  file.layout.parts = {{.path = "image.raw", .bytes = 6}};
  return file;
}

// What a writer is told that found no header, although the data file is there.
std::optional<Error> refusal(bool fails_if_exists, bool is_overtaken) {
  OpenFiles files(File::Mode::read);
  FileRules rules;
  rules.fail_if_exists = fails_if_exists;
  try {
    plan_files(detached_image(), "image.nhdr", {.header_path = "image.nhdr"}, rules, files);
  } catch (const Overtaken& error) {
    if (is_overtaken) return error;
  } catch (const Error& error) {
    if (!is_overtaken) return error;
  }
  return std::nullopt;
}

void data_of_an_image_that_was_made_meanwhile_is_nobodys_to_move(void**) {
  make("image.raw", "pixels");
  make("image.nhdr",
       "NRRD0004\ntype: uint8\ndimension: 1\nsizes: 6\nencoding: raw\ndata file: image.raw\n");
  for (const bool fails_if_exists : {false, true}) {
    const auto told = refusal(fails_if_exists, true);
    assert_true(told.has_value());
    assert_int_equal(told->status(), SWR_ERROR_EXISTS);
    assert_non_null(strstr(told->what(), "image.nhdr: the image was created meanwhile"));
  }
}

void data_of_no_image_is_to_be_moved(void**) {
  make("image.raw", "pixels");
  std::remove("image.nhdr");
  for (const bool fails_if_exists : {false, true}) {
    const auto told = refusal(fails_if_exists, false);
    assert_true(told.has_value());
    assert_int_equal(told->status(), SWR_ERROR_EXISTS);
    assert_non_null(strstr(told->what(), "move it away"));
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(data_of_an_image_that_was_made_meanwhile_is_nobodys_to_move),
      cmocka_unit_test(data_of_no_image_is_to_be_moved),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

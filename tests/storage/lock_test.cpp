// Locks of files between writes; those of two objects in one process exclude each other too.
#include "storage/lock.h"

#include "base/error.h"
#include "storage/open_files.h"
#include "storage/storage_test.h"

using namespace swr;

namespace {

using Mode = FileLocks::Mode;

FileLocks::Needs both(Mode mode) {
  return {{"header", mode}, {"pixels", mode}};
}

swr_status status_of_take(FileLocks& locks, Mode mode) {
  try {
    locks.take(both(mode));
    return SWR_OK;
  } catch (const Error& error) {
    return error.status();
  }
}

struct Write {
  OpenFiles files{File::Mode::change};
  FileLocks locks{files};
};

// The one that is refused may not have released its locks when the other one asks.
void one_of_two_that_share_files_gets_them_for_itself(void**) {
  for (const char* const path : {"header", "pixels"}) put(path, "bytes");
  Write first, second;
  assert_int_equal(status_of_take(first.locks, Mode::shared), SWR_OK);
  assert_int_equal(status_of_take(second.locks, Mode::shared), SWR_OK);
  assert_int_equal(status_of_take(first.locks, Mode::exclusive), SWR_ERROR_BUSY);
  assert_int_equal(status_of_take(second.locks, Mode::exclusive), SWR_OK);
  assert_int_equal(status_of_take(first.locks, Mode::shared), SWR_ERROR_BUSY);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(one_of_two_that_share_files_gets_them_for_itself),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// Errors of system calls: which status they give, and that the reason is the call's own.
#include "base/error.h"

// clang-format off
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <csetjmp>
extern "C" {
#include <cmocka.h>
}
// clang-format on
#undef fail  // a macro of CMocka

#include <cerrno>
#include <functional>

namespace swr {
namespace {

// As an allocation, or any call that makes the words of a message, may do.
std::string words_that_change_errno() {
  errno = EDOM;
  return "write the header";
}

Error error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return {SWR_OK, "nothing was thrown"};
}

void expect(const Error& error, swr_status status, const char* message) {
  assert_string_equal(error.what(), message);
  assert_int_equal(error.status(), status);
}

void system_failure_arguments_that_change_errno_keeps_the_reason(void**) {
  errno = ENOSPC;
  expect(error_of([] { SystemFailure(errno).fail("x.mha", words_that_change_errno()); }),
         SWR_ERROR_IO, "x.mha: cannot write the header: No space left on device");
  errno = ENOSPC;
  expect(
      error_of([] { SystemFailure(errno).fail(words_that_change_errno(), "read ", 3, " bytes"); }),
      SWR_ERROR_IO, "write the header: cannot read 3 bytes: No space left on device");
}

void system_failure_each_reason_gives_its_status(void**) {
  const auto status_of = [](int number) {
    return error_of([&] { SystemFailure(number).fail("x", "open it"); }).status();
  };
  assert_int_equal(status_of(ENOENT), SWR_ERROR_NOT_FOUND);
  assert_int_equal(status_of(ENOTDIR), SWR_ERROR_NOT_FOUND);
  assert_int_equal(status_of(ENOMEM), SWR_ERROR_MEMORY);
  assert_int_equal(status_of(EACCES), SWR_ERROR_IO);
  assert_int_equal(status_of(EIO), SWR_ERROR_IO);
}

}  // namespace
}  // namespace swr

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(swr::system_failure_arguments_that_change_errno_keeps_the_reason),
      cmocka_unit_test(swr::system_failure_each_reason_gives_its_status),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

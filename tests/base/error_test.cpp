// Errors of system calls: their status and their message.
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
#include <cstring>
#include <functional>
#include <string>

namespace swr {
namespace {

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

// The number of the system that std::filesystem tells.
#ifdef _WIN32
constexpr int no_space = 112;  // ERROR_DISK_FULL
#else
constexpr int no_space = ENOSPC;
#endif

void system_failure_message_names_file_action_and_reason(void**) {
  expect(error_of([] {
           SystemFailure(std::errc::no_space_on_device).fail("x.mha", "read ", 3, " bytes");
         }),
         SWR_ERROR_IO, "x.mha: cannot read 3 bytes: No space left on device");
  const std::error_code code(no_space, std::system_category());
  expect(error_of([&] { SystemFailure(code).fail("x.mha", "write the header"); }), SWR_ERROR_IO,
         "x.mha: cannot write the header: No space left on device");
}

// Not every error number of a system is one of std::errc.
#ifdef EDQUOT
constexpr int without_a_word = EDQUOT;
#else
constexpr int without_a_word = STRUNCATE;
#endif

void system_failure_reason_without_a_word_of_its_own_gets_the_systems_message(void**) {
  const std::string message =
      std::string("x.mha: cannot write it: ") + std::strerror(without_a_word);
  expect(error_of([] { SystemFailure(std::errc{without_a_word}).fail("x.mha", "write it"); }),
         SWR_ERROR_IO, message.c_str());
}

void system_failure_each_reason_gives_its_status(void**) {
  const auto status_of = [](std::errc reason) {
    return error_of([&] { SystemFailure(reason).fail("x", "open it"); }).status();
  };
  assert_int_equal(status_of(std::errc::no_such_file_or_directory), SWR_ERROR_NOT_FOUND);
  assert_int_equal(status_of(std::errc::not_a_directory), SWR_ERROR_NOT_FOUND);
  assert_int_equal(status_of(std::errc::not_enough_memory), SWR_ERROR_MEMORY);
  assert_int_equal(status_of(std::errc::permission_denied), SWR_ERROR_IO);
  assert_int_equal(status_of(std::errc::io_error), SWR_ERROR_IO);
}

}  // namespace
}  // namespace swr

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(swr::system_failure_message_names_file_action_and_reason),
      cmocka_unit_test(
          swr::system_failure_reason_without_a_word_of_its_own_gets_the_systems_message),
      cmocka_unit_test(swr::system_failure_each_reason_gives_its_status),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

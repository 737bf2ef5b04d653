// Any exception inside the engine becomes a status and a message.
#include "../../capi/guard.h"

#include <stdexcept>

#include "storage/storage_test.h"

namespace swr {
namespace {

template <typename Thrown>
void expect(const Thrown& thrown, swr_status status, const char* words) {
  Message message;
  message.set("of the call before", "");
  assert_int_equal(guard(message, [&] { throw thrown; }), status);
  assert_string_equal(message.c_str(), words);
}

void what_is_thrown_becomes_a_status(void**) {
  expect(Error(SWR_ERROR_CORRUPT, "a.mha: is damaged"), SWR_ERROR_CORRUPT, "a.mha: is damaged");
  expect(std::bad_alloc(), SWR_ERROR_MEMORY, "the system has no memory left");
  expect(std::logic_error("it cannot be"), SWR_ERROR_INTERNAL, "it cannot be");
  expect(4711, SWR_ERROR_INTERNAL, "an unknown error");
}

void what_succeeds_clears_the_message(void**) {
  Message message;
  message.set("of the call before", "");
  assert_int_equal(guard(message, [] {}), SWR_OK);
  assert_string_equal(message.c_str(), "");
}

}  // namespace
}  // namespace swr

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(swr::what_is_thrown_becomes_a_status),
      cmocka_unit_test(swr::what_succeeds_clears_the_message),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

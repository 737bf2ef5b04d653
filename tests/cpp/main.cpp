// The tests of swr.hpp are one program of several translation units, all of which include it.
#include "cpp/cpp_tests.h"

int main() {
  add_error_tests();
  add_writer_tests();
  add_reader_tests();
  add_failing_source_tests();
  return run_all_tests("C++");
}

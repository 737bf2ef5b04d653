# How this project compiles its own code. Nothing here reaches a project that links or adds swr.

# The engine, the command and the bindings.
add_library(swr_compile_options INTERFACE)
target_compile_options(swr_compile_options INTERFACE
  "$<$<NOT:$<CXX_COMPILER_ID:MSVC>>:-Wall;-Wextra;-Wconversion;-Wno-sign-conversion>"
  # compiled as one, files have names that others take for locals
  $<$<NOT:$<OR:$<BOOL:${SWR_UNITY}>,$<CXX_COMPILER_ID:MSVC>>>:-Wshadow>
  # gcc 12 reports overlaps in std::string that cannot happen (GCC bug 105651)
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # the annotations of base/mutex.h; and names that belong to the compiler
  "$<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wthread-safety;-Wreserved-identifier>"
  $<$<BOOL:${SWR_WERROR}>:-Werror>)

# Tests, benchmarks and examples.
add_library(swr_test_options INTERFACE)
target_compile_options(swr_test_options INTERFACE -Wall
  -Wextra $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(SWR_BUILD_FUZZERS)
  # Fuzzers watch which code of the library runs, not the loops of the tests.
  target_compile_options(swr_test_options INTERFACE -fno-sanitize=fuzzer-no-link)
endif()

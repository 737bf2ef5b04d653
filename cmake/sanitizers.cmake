# Sanitizers and fuzzing apply to every file, so they are set before the first target.
if(SWR_SANITIZE)
  string(REPLACE ";" "," SWR_SANITIZE_LIST "${SWR_SANITIZE}")
  add_compile_options(-fsanitize=${SWR_SANITIZE_LIST} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SWR_SANITIZE_LIST})
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    # Only the C++ runtime checks these two, and the tests in C do not link it.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=vptr,function>)
  endif()
endif()
if(SWR_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR
      "SWR_BUILD_FUZZERS needs clang: -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14")
  endif()
  if(NOT SWR_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# With SWR_PRECOMPILE, a target's headers of the C++ library are compiled once: that takes off a
# quarter of the time of the engine. Builds without it show whether every file includes what it
# uses.
option(SWR_PRECOMPILE
  "Precompile headers of the C++ library, for builds without a compiler cache" OFF)

function(swr_precompile target)
  if(SWR_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# With SWR_UNITY, several files are compiled as one: most of the time of a file are the headers of
# the C++ library. Builds without it show whether every file includes what it uses.
option(SWR_UNITY "Compile several files as one, for builds without a compiler cache" OFF)

# Files of one folder go together, at most twelve; of formats, which name their functions alike,
# those of one format.
function(swr_unity target)
  if(NOT SWR_UNITY)
    return()
  endif()
  set(number 0)
  foreach(source ${ARGN})
    get_filename_component(path ${source} ABSOLUTE)
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${path})
    get_filename_component(folder ${path} DIRECTORY)
    string(MAKE_C_IDENTIFIER ${folder} group)
    if(folder STREQUAL "impl/formats")
      get_filename_component(name ${path} NAME_WE)
      string(REGEX REPLACE "_.*" "" name ${name})
      string(APPEND group _${name})
    else()
      math(EXPR batch "${number} / 12")
      string(APPEND group _${batch})
      math(EXPR number "${number} + 1")
    endif()
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

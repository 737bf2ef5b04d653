# SWR_BINDINGS_PLATFORM: linux-x64, linux-musl-x64, win-x64: the runtime identifier of .NET, which
# also names the folder of the platform in the jar.
string(TOLOWER "${CMAKE_SYSTEM_NAME}" system)
string(REGEX REPLACE "^windows$" "win" system "${system}")
string(REGEX REPLACE "^darwin$" "osx" system "${system}")
if(system STREQUAL "linux")
  if(NOT DEFINED SWR_COMPILER_TARGET)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -dumpmachine OUTPUT_VARIABLE machine
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    set(SWR_COMPILER_TARGET "${machine}" CACHE INTERNAL "The system that the compiler names")
  endif()
  if(SWR_COMPILER_TARGET MATCHES "musl")
    string(APPEND system -musl)
  endif()
endif()
string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" processor)
string(REGEX REPLACE "^(x86_64|amd64)$" "x64" processor "${processor}")
string(REGEX REPLACE "^aarch64$" "arm64" processor "${processor}")
set(SWR_BINDINGS_PLATFORM ${system}-${processor})

# SWR_OTHER_PLATFORMS: those whose libraries scripts/natives has made.
set(SWR_NATIVES_DIR "" CACHE PATH
  "The folder of native libraries for other platforms than this one, which the jar and the NuGet \
package then hold too: build/natives of scripts/natives; empty: none")
set(SWR_OTHER_PLATFORMS "")
if(SWR_NATIVES_DIR)
  file(GLOB about CONFIGURE_DEPENDS ${SWR_NATIVES_DIR}/*/about.txt)
  if(NOT about)
    message(FATAL_ERROR "SWR_NATIVES_DIR: there are no native libraries in ${SWR_NATIVES_DIR}")
  endif()
  foreach(file IN LISTS about)
    get_filename_component(platform ${file} DIRECTORY)
    get_filename_component(platform ${platform} NAME)
    list(APPEND SWR_OTHER_PLATFORMS ${platform})
  endforeach()
  list(REMOVE_ITEM SWR_OTHER_PLATFORMS ${SWR_BINDINGS_PLATFORM})
endif()
list(JOIN SWR_OTHER_PLATFORMS "," SWR_OTHER_PLATFORMS_TEXT)  # one word of a command
# the tests check this; this platform is the first
set(SWR_ALL_PLATFORMS ${SWR_BINDINGS_PLATFORM} ${SWR_OTHER_PLATFORMS} CACHE INTERNAL
  "The platforms whose native libraries are in the packages")
set(SWR_PLATFORMS ${SWR_ALL_PLATFORMS})
list(SORT SWR_PLATFORMS)
list(JOIN SWR_PLATFORMS ", " SWR_PLATFORMS_TEXT)
# What else a package depends on that takes them.
set(SWR_OTHER_NATIVES "")
foreach(platform IN LISTS SWR_OTHER_PLATFORMS)
  list(APPEND SWR_OTHER_NATIVES ${SWR_NATIVES_DIR}/${platform}/about.txt)
endforeach()

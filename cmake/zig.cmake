# Toolchain of scripts/build-zig: the compiler and libraries that scripts/zig makes for
# SWR_ZIG_TARGET.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SWR_ZIG_TARGET)
set(zig ${CMAKE_CURRENT_LIST_DIR}/../build/zig/${SWR_ZIG_TARGET})
get_filename_component(zig ${zig} REALPATH)  # which its files for pkg-config name
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR ${SWR_ZIG_TARGET})
if(SWR_ZIG_TARGET MATCHES macos)
  set(CMAKE_SYSTEM_NAME Darwin)
  # Zig brings the headers of macOS.
  set(CMAKE_OSX_SYSROOT "" CACHE STRING "")
  set(CMAKE_OSX_ARCHITECTURES "" CACHE STRING "")
  set(CMAKE_INSTALL_NAME_TOOL ${CMAKE_COMMAND})  # CMake wants one; nothing is installed
else()
  set(CMAKE_SYSTEM_NAME Linux)
endif()
foreach(language C CXX)
  set(CMAKE_${language}_COMPILER_AR ${zig}/bin/ar)
  set(CMAKE_${language}_COMPILER_RANLIB ${zig}/bin/ranlib)
endforeach()
set(CMAKE_C_COMPILER ${zig}/bin/cc)
set(CMAKE_CXX_COMPILER ${zig}/bin/c++)
set(CMAKE_AR ${zig}/bin/ar CACHE FILEPATH "")
set(CMAKE_RANLIB ${zig}/bin/ranlib CACHE FILEPATH "")
set(CMAKE_FIND_ROOT_PATH ${zig})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Where swr is installed, and how other projects find it: pkg-config and find_package(swr). Both are
# relocatable.
include(CMakePackageConfigHelpers)

file(RELATIVE_PATH SWR_BIN_TO_LIB ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set(CMAKE_INSTALL_RPATH "$ORIGIN/${SWR_BIN_TO_LIB}")

install(TARGETS swr EXPORT swrTargets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(SWR_INSTALL_ARCHIVE AND SWR_LIBRARY_KIND STREQUAL SHARED)
  if(WIN32)
    message(FATAL_ERROR "SWR_INSTALL_ARCHIVE: on Windows the archive would have the name of the"
      " import library. Use BUILD_SHARED_LIBS=OFF.")
  endif()
  add_library(swr_archive STATIC $<TARGET_OBJECTS:swr_engine> $<TARGET_OBJECTS:swr_system>
    $<TARGET_OBJECTS:swr_formats>)
  set_target_properties(swr_archive PROPERTIES OUTPUT_NAME swr)
  install(TARGETS swr_archive ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY capi/include/swr DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING
  PATTERN "*.h"
  PATTERN "*.hpp")

set(SWR_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/swr)
install(EXPORT swrTargets NAMESPACE swr:: DESTINATION ${SWR_CMAKE_DIR})
configure_package_config_file(cmake/swrConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/swrConfig.cmake
  INSTALL_DESTINATION ${SWR_CMAKE_DIR}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/swrConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/swrConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/swrConfigVersion.cmake DESTINATION ${SWR_CMAKE_DIR})

file(RELATIVE_PATH SWR_PC_TO_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" SWR_PC_TO_PREFIX ${SWR_PC_TO_PREFIX})
# The further libraries of a program that links the archive (pkg-config --static); the shared
# library brings its own. Modules that are required must be installed whichever of the two is
# linked, so beside a shared library they are only named.
set(SWR_PC_REQUIRES_PRIVATE "")
set(SWR_PC_LIBS_PRIVATE "")
if(SWR_LIBRARY_KIND STREQUAL STATIC)
  set(SWR_PC_REQUIRES_PRIVATE "zlib expat")
elseif(SWR_INSTALL_ARCHIVE)
  set(SWR_PC_LIBS_PRIVATE "-lz -lexpat")
endif()
if(SWR_LIBRARY_KIND STREQUAL STATIC OR SWR_INSTALL_ARCHIVE)
  foreach(encoder BLOSC LIBDEFLATE ISAL LZ4 LZMA ZSTD LIBHDF5)
    if(${encoder}_FOUND AND SWR_LIBRARY_KIND STREQUAL STATIC)
      string(APPEND SWR_PC_REQUIRES_PRIVATE " ${${encoder}_MODULE_NAME}")
    elseif(${encoder}_FOUND)
      list(JOIN ${encoder}_LDFLAGS " " flags)
      string(APPEND SWR_PC_LIBS_PRIVATE " ${flags}")
    endif()
  endforeach()
  string(APPEND SWR_PC_LIBS_PRIVATE " ${CMAKE_THREAD_LIBS_INIT}")
  if(BZIP2_FOUND)  # has no pkg-config file in most systems
    string(APPEND SWR_PC_LIBS_PRIVATE " -lbz2")
  endif()
  foreach(library ${SWR_CXX_RUNTIME})
    string(APPEND SWR_PC_LIBS_PRIVATE " -l${library}")
  endforeach()
  string(STRIP "${SWR_PC_LIBS_PRIVATE}" SWR_PC_LIBS_PRIVATE)
endif()
configure_file(pkgconfig/swr.pc.in ${CMAKE_CURRENT_BINARY_DIR}/swr.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/swr.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

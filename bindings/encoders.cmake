# The encoders inside the jar and the package. Both must run where nothing is installed, so zlib and
# the encoders come from static archives. An encoder without an archive is left out, because zlib is
# enough; Debian has no archive of ISA-L.
option(SWR_BINDINGS_SELF_CONTAINED
  "The libraries in the jar and the package need no other library that is not in every Linux" ON)
if(NOT SWR_BINDINGS_SELF_CONTAINED)
  return()
endif()

# swr_find_archive(NAME FOLDER): SWR_ARCHIVE_<NAME>, the archive, if a shared library can be linked
# with it: position-independent, or at least without text relocations once its symbols are hidden.
# Windows relocates any code, and the archives of cmake/zig.cmake are made for shared libraries.
function(swr_find_archive name folder)
  # the one that belongs to the header
  find_library(SWR_ARCHIVE_${name} NAMES lib${name}.a PATHS ${folder} NO_DEFAULT_PATH)
  mark_as_advanced(SWR_ARCHIVE_${name})
  if(SWR_ARCHIVE_${name} AND SWR_ELF AND NOT SWR_ZIG_TARGET)
    execute_process(COMMAND ${CMAKE_C_COMPILER} -shared
      -o ${CMAKE_CURRENT_BINARY_DIR}/archive-${name}.so
        -Wl,--whole-archive ${SWR_ARCHIVE_${name}} -Wl,--no-whole-archive -Wl,--exclude-libs,ALL
        -Wl,-z,text
      RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed)
      set(SWR_ARCHIVE_${name} SWR_ARCHIVE_${name}-NOTFOUND PARENT_SCOPE)
    endif()
  endif()
endfunction()

add_library(swr_packaged_encoders INTERFACE)
target_link_libraries(swr_packaged_encoders INTERFACE Threads::Threads)
if(WIN32)
  target_compile_definitions(swr_packaged_encoders INTERFACE SWR_STATIC LZMA_API_STATIC)
  target_link_libraries(swr_packaged_encoders INTERFACE ntdll bcrypt)
endif()
list(GET ZLIB_LIBRARIES -1 zlib)
get_filename_component(folder ${zlib} DIRECTORY)
swr_find_archive(z ${folder})
# the tests check this
set(SWR_PACKAGED_NEEDS "" CACHE INTERNAL "What the packaged libraries need besides the C library")
if(SWR_ARCHIVE_z)
  target_include_directories(swr_packaged_encoders INTERFACE ${ZLIB_INCLUDE_DIRS})
  target_link_libraries(swr_packaged_encoders INTERFACE ${SWR_ARCHIVE_z})
else()
  target_link_libraries(swr_packaged_encoders INTERFACE ZLIB::ZLIB)
  set(SWR_PACKAGED_NEEDS libz.so.1 CACHE INTERNAL "")
  message(STATUS
    "The jar and the package need zlib of the system: there is no libz.a to link into them")
endif()

list(GET EXPAT_LIBRARIES -1 expat)
get_filename_component(folder ${expat} DIRECTORY)
swr_find_archive(expat ${folder})
if(SWR_ARCHIVE_expat)
  target_include_directories(swr_packaged_encoders INTERFACE ${EXPAT_INCLUDE_DIRS})
  target_link_libraries(swr_packaged_encoders INTERFACE ${SWR_ARCHIVE_expat})
else()
  target_link_libraries(swr_packaged_encoders INTERFACE EXPAT::EXPAT)
  set(SWR_PACKAGED_NEEDS ${SWR_PACKAGED_NEEDS} libexpat.so.1 CACHE INTERNAL "")
  message(STATUS
    "The jar and the package need expat of the system: there is no libexpat.a to link into them")
endif()

# swr_package_encoder(NAME PREFIX DEFINITION TITLE LIBRARY)
function(swr_package_encoder name prefix definition title)
  if(NOT ${prefix}_FOUND)
    return()
  endif()
  list(GET ARGN 0 library)
  get_filename_component(folder ${library} DIRECTORY)
  swr_find_archive(${name} ${folder})
  if(SWR_ARCHIVE_${name})
    target_compile_definitions(swr_packaged_encoders INTERFACE ${definition}=1)
    target_include_directories(swr_packaged_encoders INTERFACE ${${prefix}_INCLUDE_DIRS})
    target_link_libraries(swr_packaged_encoders INTERFACE ${SWR_ARCHIVE_${name}})
  else()
    message(STATUS "The jar and the package are without ${title}: lib${name}.a is missing, or is"
      " not position-independent")
  endif()
endfunction()
swr_package_encoder(deflate LIBDEFLATE SWR_HAVE_LIBDEFLATE libdeflate ${LIBDEFLATE_LINK_LIBRARIES})
swr_package_encoder(isal ISAL SWR_HAVE_ISAL ISA-L ${ISAL_LINK_LIBRARIES})
swr_package_encoder(bz2 BZIP2 SWR_HAVE_BZIP2 libbz2 ${BZIP2_LIBRARIES})
swr_package_encoder(lz4 LZ4 SWR_HAVE_LZ4 liblz4 ${LZ4_LINK_LIBRARIES})
swr_package_encoder(lzma LZMA SWR_HAVE_LZMA liblzma ${LZMA_LINK_LIBRARIES})
swr_package_encoder(zstd ZSTD SWR_HAVE_ZSTD libzstd ${ZSTD_LINK_LIBRARIES})

# libhdf5, made by scripts/hdf5: Debian's libhdf5.a is not position-independent, and its version
# crashes on some damaged files.
set(SWR_PACKAGED_HDF5 ${PROJECT_SOURCE_DIR}/build/hdf5 CACHE PATH
  "The folder of a static, position-independent libhdf5 for the jar and the package")
set(hdf5 "")
if(SWR_WITH_HDF5)
  swr_find_archive(hdf5 ${SWR_PACKAGED_HDF5}/lib)
  if(SWR_ARCHIVE_hdf5)
    file(GLOB hdf5 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/impl/formats/hdf5*.cpp)
    # before zlib, which it needs
    target_link_libraries(swr_packaged_encoders INTERFACE ${SWR_ARCHIVE_hdf5}
      $<IF:$<BOOL:${SWR_ARCHIVE_z}>,${SWR_ARCHIVE_z},ZLIB::ZLIB> m ${CMAKE_DL_LIBS})
    target_compile_definitions(swr_packaged_encoders INTERFACE SWR_HAVE_HDF5=1
      SWR_HDF5_IS_PRIVATE=1)
    target_include_directories(swr_packaged_encoders SYSTEM INTERFACE ${SWR_PACKAGED_HDF5}/include)
  else()
    swr_left_out("HDF5 in the jar, the package and the wheel"
      "there is no position-independent libhdf5.a (scripts/hdf5 makes it)")
  endif()
endif()

# Only these parts of the engine depend on the set of libraries. They are compiled again for these.
file(GLOB codecs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/impl/codecs/*.cpp)
add_library(swr_packaged_codecs OBJECT ${codecs} ${hdf5}
  ${PROJECT_SOURCE_DIR}/impl/formats/format_table.cpp)
target_include_directories(swr_packaged_codecs PRIVATE ${PROJECT_SOURCE_DIR}/capi/include
  ${PROJECT_SOURCE_DIR}/impl)
target_link_libraries(swr_packaged_codecs PRIVATE swr_packaged_encoders swr_compile_options)
swr_unity(swr_packaged_codecs ${codecs} ${hdf5})

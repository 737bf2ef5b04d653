# The encoders inside the jar, the package and the wheel. They must run where nothing is installed,
# so zlib and the encoders come from static archives. An encoder without an archive is left out,
# because zlib is enough; Debian has no archive of ISA-L.
option(SWR_BINDINGS_SELF_CONTAINED
  "The libraries in the jar and the package need no other library that is not in every Linux" ON)
if(NOT SWR_BINDINGS_SELF_CONTAINED)
  return()
endif()

# swr_find_archive(NAME FOLDER): sets swr_archive_<NAME>, the archive in FOLDER; empty if there is
# none that a shared library can be linked with: position-independent, or at least without text
# relocations once its symbols are hidden. Windows relocates any code, and the archives of
# cmake/zig.cmake are made for shared libraries.
function(swr_find_archive name folder)
  set(archive ${folder}/lib${name}.a)
  if(NOT EXISTS ${archive})
    set(archive "")
  elseif(SWR_ELF AND NOT SWR_ZIG_TARGET)
    execute_process(COMMAND ${CMAKE_C_COMPILER} -shared
      -o ${CMAKE_CURRENT_BINARY_DIR}/archive-${name}.so
        -Wl,--whole-archive ${archive} -Wl,--no-whole-archive -Wl,--exclude-libs,ALL -Wl,-z,text
      RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed)
      set(archive "")
    endif()
  endif()
  set(swr_archive_${name} "${archive}" PARENT_SCOPE)
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
set(zlib_archive ZLIB::ZLIB)
if(swr_archive_z)
  set(zlib_archive ${swr_archive_z})
  target_include_directories(swr_packaged_encoders INTERFACE ${ZLIB_INCLUDE_DIRS})
else()
  set(SWR_PACKAGED_NEEDS libz.so.1 CACHE INTERNAL "")
  message(STATUS
    "The jar and the package need zlib of the system: there is no libz.a to link into them")
endif()
target_link_libraries(swr_packaged_encoders INTERFACE ${zlib_archive})

list(GET EXPAT_LIBRARIES -1 expat)
get_filename_component(folder ${expat} DIRECTORY)
swr_find_archive(expat ${folder})
if(swr_archive_expat)
  target_include_directories(swr_packaged_encoders INTERFACE ${EXPAT_INCLUDE_DIRS})
  target_link_libraries(swr_packaged_encoders INTERFACE ${swr_archive_expat})
else()
  target_link_libraries(swr_packaged_encoders INTERFACE EXPAT::EXPAT)
  set(SWR_PACKAGED_NEEDS ${SWR_PACKAGED_NEEDS} libexpat.so.1 CACHE INTERNAL "")
  message(STATUS
    "The jar and the package need expat of the system: there is no libexpat.a to link into them")
endif()

# Most of Debian's archives of these four are not position-independent, and its libblosc.a needs
# Snappy. Archives of this folder are taken whether or not the engine itself is built with the
# libraries.
set(own_codecs "")
if(NOT CMAKE_CROSSCOMPILING)
  set(own_codecs ${PROJECT_SOURCE_DIR}/build/codecs)
endif()
set(SWR_PACKAGED_CODECS "${own_codecs}" CACHE PATH "The folder of static, position-independent \
archives of bzip2, LZ4, Zstandard and Blosc for the jar and the package: build/codecs of \
scripts/codecs; empty: those of the system that can be used")

# swr_package_encoder(NAME PREFIX DEFINITION TITLE [LIBRARY] [NEEDS archive ...]): takes the archive
# of SWR_PACKAGED_CODECS, or else the one beside the LIBRARY that was found as PREFIX. NEEDS: what
# is linked after it. Adds the TITLE to the list left_out if there is none.
function(swr_package_encoder name prefix definition title)
  cmake_parse_arguments(E "" "" NEEDS ${ARGN})
  set(swr_archive_${name} "")
  if(SWR_PACKAGED_CODECS)
    set(include ${SWR_PACKAGED_CODECS}/include)
    swr_find_archive(${name} ${SWR_PACKAGED_CODECS}/lib)
  endif()
  if(NOT swr_archive_${name} AND ${prefix}_FOUND AND E_UNPARSED_ARGUMENTS)
    set(include ${${prefix}_INCLUDE_DIRS})
    list(GET E_UNPARSED_ARGUMENTS 0 library)
    get_filename_component(folder ${library} DIRECTORY)
    swr_find_archive(${name} ${folder})
  endif()
  if(swr_archive_${name})
    target_compile_definitions(swr_packaged_encoders INTERFACE ${definition}=1)
    target_include_directories(swr_packaged_encoders SYSTEM INTERFACE ${include})
    target_link_libraries(swr_packaged_encoders INTERFACE ${swr_archive_${name}} ${E_NEEDS})
    set(swr_archive_${name} ${swr_archive_${name}} PARENT_SCOPE)
  else()
    set(left_out ${left_out} ${title} PARENT_SCOPE)
  endif()
endfunction()
set(left_out "")
swr_package_encoder(deflate LIBDEFLATE SWR_HAVE_LIBDEFLATE libdeflate ${LIBDEFLATE_LINK_LIBRARIES})
swr_package_encoder(isal ISAL SWR_HAVE_ISAL ISA-L ${ISAL_LINK_LIBRARIES})
swr_package_encoder(lzma LZMA SWR_HAVE_LZMA LZMA ${LZMA_LINK_LIBRARIES})
if(left_out)
  list(JOIN left_out ", " left_out)
  message(STATUS "The jar, the package and the wheel are without ${left_out}: there is no archive,"
    " or none that is position-independent")
endif()
set(left_out "")
swr_package_encoder(bz2 BZIP2 SWR_HAVE_BZIP2 bzip2 ${BZIP2_LIBRARIES})
swr_package_encoder(lz4 LZ4 SWR_HAVE_LZ4 LZ4 ${LZ4_LINK_LIBRARIES})
swr_package_encoder(zstd ZSTD SWR_HAVE_ZSTD Zstandard ${ZSTD_LINK_LIBRARIES})
swr_package_encoder(blosc BLOSC SWR_HAVE_BLOSC Blosc
  NEEDS ${swr_archive_lz4} ${swr_archive_zstd} ${zlib_archive})
if(left_out)
  list(JOIN left_out ", " left_out)
  swr_left_out("${left_out} in the jar, the package and the wheel"
    "there are no position-independent archives (scripts/codecs makes them)")
endif()

# libhdf5, made by scripts/hdf5: Debian's libhdf5.a is not position-independent, and its version
# crashes on some damaged files.
set(SWR_PACKAGED_HDF5 ${PROJECT_SOURCE_DIR}/build/hdf5 CACHE PATH
  "The folder of a static, position-independent libhdf5 for the jar and the package")
set(hdf5 "")
if(SWR_WITH_HDF5)
  swr_find_archive(hdf5 ${SWR_PACKAGED_HDF5}/lib)
  if(swr_archive_hdf5)
    file(GLOB hdf5 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/impl/formats/hdf5*.cpp)
    # before zlib, which it needs
    target_link_libraries(swr_packaged_encoders INTERFACE ${swr_archive_hdf5}
      ${zlib_archive} m ${CMAKE_DL_LIBS})
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

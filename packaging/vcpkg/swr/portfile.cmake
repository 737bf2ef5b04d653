# The port of vcpkg. SWR_SOURCE_DIR, an environment variable, builds a tree that is here; without
# it, the source tarball of the release (scripts/release) is taken from the cache of downloads.
if(DEFINED ENV{SWR_SOURCE_DIR})
  set(SOURCE_PATH $ENV{SWR_SOURCE_DIR})
else()
  set(archive "${DOWNLOADS}/swr-${VERSION}.tar.gz")
  if(NOT EXISTS "${archive}")
    message(FATAL_ERROR "Put swr-${VERSION}.tar.gz into ${DOWNLOADS}, or set SWR_SOURCE_DIR")
  endif()
  vcpkg_extract_source_archive(SOURCE_PATH ARCHIVE "${archive}")
endif()

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS FEATURES
  blosc SWR_USE_BLOSC
  bzip2 SWR_USE_BZIP2
  hdf5 SWR_WITH_HDF5
  isal SWR_USE_ISAL
  libdeflate SWR_USE_LIBDEFLATE
  lz4 SWR_USE_LZ4
  lzma SWR_USE_LZMA
  tools SWR_BUILD_TOOLS
  zstd SWR_USE_ZSTD)

vcpkg_find_acquire_program(PKGCONFIG)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS ${FEATURE_OPTIONS} "-DPKG_CONFIG_EXECUTABLE=${PKGCONFIG}" -DSWR_BUILD_TESTING=OFF
    -DSWR_BUILD_EXAMPLES=OFF -DSWR_BUILD_ITK_PLUGIN=OFF -DSWR_STRICT=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/swr)
vcpkg_fixup_pkgconfig()
if("tools" IN_LIST FEATURES)
  vcpkg_copy_tools(TOOL_NAMES swr AUTO_CLEAN)
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")

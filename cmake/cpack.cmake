# `cpack` in a build folder makes a tarball of what `cmake --install` lays down. It can be unpacked
# anywhere. scripts/package makes Debian packages.
string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" SWR_CPACK_SYSTEM)
set(CPACK_PACKAGE_VENDOR swr)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_FILE_NAME swr-${PROJECT_VERSION}-${SWR_CPACK_SYSTEM})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR TGZ)
set(CPACK_SOURCE_GENERATOR "")  # scripts/release archives what git has
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)

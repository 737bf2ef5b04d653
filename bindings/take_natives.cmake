# cmake -DFROM=FOLDER -DPLATFORMS=linux-arm64,... -DVERSION=... -DWRAPPER=FILE -DLIBRARY=swrcs
#   -DTO=FOLDER -P take_natives.cmake
# Copies FROM/RID/libswrcs.so (or swrcs.dll) to TO/RID for each platform. Libraries that were made
# of another version, or with another wrapper, would be missed or wrong at the first call: they fail
# here.
cmake_policy(VERSION 3.22)
get_filename_component(name ${WRAPPER} NAME)
file(SHA256 ${WRAPPER} sum)
string(REPLACE "," ";" PLATFORMS "${PLATFORMS}")
foreach(platform IN LISTS PLATFORMS)
  file(STRINGS ${FROM}/${platform}/about.txt about)
  if(NOT "version ${VERSION}" IN_LIST about OR NOT "${name} ${sum}" IN_LIST about)
    message(FATAL_ERROR
      "${FROM}/${platform}: not of this version of swr. Run scripts/natives ${platform}")
  endif()
  file(GLOB library ${FROM}/${platform}/${LIBRARY}.dll ${FROM}/${platform}/lib${LIBRARY}.so)
  list(LENGTH library found)
  if(NOT found EQUAL 1)
    message(FATAL_ERROR "${FROM}/${platform} has no library ${LIBRARY}")
  endif()
  file(COPY ${library} DESTINATION ${TO}/${platform})
endforeach()

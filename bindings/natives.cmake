# The native libraries of one platform for the jar and the NuGet package, and nothing else: the
# target swr-natives makes natives/RID in the build folder. scripts/natives builds several.
set(SWR_WRAPPERS "" CACHE PATH "The folder of what wrappers.cmake has made")
if(NOT EXISTS "${SWR_WRAPPERS}/swrJAVA_wrap.cxx")
  message(FATAL_ERROR
    "SWR_BUILD_NATIVES needs SWR_WRAPPERS: a folder made by bindings/wrappers.cmake")
endif()
find_path(SWR_JNI_INCLUDE jni.h PATHS $ENV{JAVA_HOME}/include /usr/lib/jvm/default-java/include
  NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
if(NOT SWR_JNI_INCLUDE)
  message(FATAL_ERROR "SWR_BUILD_NATIVES needs jni.h (Debian: default-jdk-headless)")
endif()
set(jni_types ${SWR_JNI_INCLUDE}/linux)
if(WIN32)
  set(jni_types ${SWR_JAVA_CPP}/windows)
endif()

swr_java_library("")
target_include_directories(swrjni PRIVATE ${SWR_JNI_INCLUDE} ${jni_types})
swr_csharp_library("")

# What it has, in the order of docs/bindings.md.
get_target_property(definitions swr_packaged_encoders INTERFACE_COMPILE_DEFINITIONS)
set(codecs zlib)
foreach(codec LIBDEFLATE ISAL BZIP2 LZ4 LZMA ZSTD BLOSC HDF5)
  if("SWR_HAVE_${codec}=1" IN_LIST definitions)
    string(TOLOWER ${codec} codec)
    list(APPEND codecs ${codec})
  endif()
endforeach()

set(folder ${CMAKE_BINARY_DIR}/natives/${SWR_BINDINGS_PLATFORM})
set(strip "")
foreach(target swrcs swrjni)
  if(WIN32)
    set_target_properties(${target} PROPERTIES PREFIX "")
  endif()
  list(APPEND strip COMMAND ${CMAKE_STRIP} --strip-unneeded
    -o ${folder}/$<TARGET_FILE_NAME:${target}> $<TARGET_FILE:${target}>)
endforeach()
add_custom_command(OUTPUT ${folder}/about.txt
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${folder}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${folder} ${strip}
  COMMAND ${CMAKE_COMMAND} -DVERSION=${PROJECT_VERSION} -DWRAPPERS=${SWR_WRAPPERS}
    "-DCODECS=${codecs}" -DOUTPUT=${folder}/about.txt -P ${SWR_BINDINGS_SOURCES}/about_native.cmake
  DEPENDS swrcs swrjni ${SWR_BINDINGS_SOURCES}/about_native.cmake VERBATIM
  COMMENT "${SWR_BINDINGS_PLATFORM}")
add_custom_target(swr-natives DEPENDS ${folder}/about.txt)

# The native libraries of Java and .NET: SWIG's wrappers with the engine inside. SWIG writes the
# wrappers, or it has written them into the folder SWR_WRAPPERS, for several platforms.
set(SWR_BINDINGS_SOURCES ${CMAKE_CURRENT_LIST_DIR})
set(SWR_JAVA_CPP ${CMAKE_CURRENT_LIST_DIR}/java/src/main/c)
include(${CMAKE_CURRENT_LIST_DIR}/swig_options.cmake)

# swr_wrapper(TARGET LANGUAGE OUTDIR EXPORTED ...): the library TARGET, and what it exports, as
# patterns. The classes go to OUTDIR.
function(swr_wrapper target language outdir)
  cmake_parse_arguments(B "" "" "EXPORTED" ${ARGN})
  if(SWR_WRAPPERS)
    string(TOUPPER ${language} upper)
    set(wrapper ${SWR_WRAPPERS}/swr${upper}_wrap.cxx)
    add_library(${target} MODULE ${wrapper})
    set_source_files_properties(${wrapper} PROPERTIES COMPILE_OPTIONS -fno-strict-aliasing)
  else()
    swr_call_swig(${target} ${language} ${outdir})
  endif()
  set(script "")
  foreach(pattern IN LISTS B_EXPORTED)
    string(APPEND script "${pattern}; ")
  endforeach()
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${target}.map "{ global: ${script}local: *; };\n")
  if(SWR_ELF)
    target_link_options(${target}
      PRIVATE -Wl,--version-script=${CMAKE_CURRENT_BINARY_DIR}/${target}.map
      ${SWR_BINDINGS_RUNTIME} -Wl,--no-undefined)
  endif()
  if(SWR_ELF AND NOT SWR_ZIG_TARGET)  # whose linker needs the version script alone
    target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL)
  endif()
  if(WIN32)
    target_link_options(${target} PRIVATE -Wl,--no-insert-timestamp)
  endif()
  set_target_properties(${target} PROPERTIES INSTALL_RPATH "")
  target_include_directories(${target} PRIVATE ${SWR_BINDINGS_SOURCES}
    ${PROJECT_SOURCE_DIR}/capi/include)
  swr_link_engine(${target})
endfunction()

# The library that SWIG makes of swr.i, with the copy of types.h that is for LANGUAGE.
function(swr_call_swig target language outdir)
  set(made ${CMAKE_CURRENT_BINARY_DIR}/${language}-headers)
  set(types ${PROJECT_SOURCE_DIR}/capi/include/swr/types.h)
  set(interface ${SWR_BINDINGS_SOURCES}/swr.i)
  file(MAKE_DIRECTORY ${made})
  add_custom_command(OUTPUT ${made}/swr_types.h ${made}/enum_rules.i
    COMMAND ${CMAKE_COMMAND} -DHEADER=${types} -DLANGUAGE=${language} -DOUTPUT=${made}/swr_types.h
      -DRULES=${made}/enum_rules.i
            -P ${SWR_BINDINGS_SOURCES}/enums.cmake
    DEPENDS ${types} ${SWR_BINDINGS_SOURCES}/enums.cmake VERBATIM)
  add_custom_target(${target}_types DEPENDS ${made}/swr_types.h)
  # set here, because properties of sources belong to a directory
  set_source_files_properties(${interface} PROPERTIES CPLUSPLUS ON USE_SWIG_DEPENDENCIES ON
    DEPENDS ${made}/swr_types.h)
  set(SWIG_MODULE_${target}_EXTRA_FLAGS ${SWR_SWIG_LIBRARY_${language}})
  swig_add_library(${target} TYPE MODULE LANGUAGE ${language} OUTPUT_DIR ${outdir}
    OUTFILE_DIR ${CMAKE_CURRENT_BINARY_DIR} SOURCES ${interface})
  set_target_properties(${target} PROPERTIES
    SWIG_USE_TARGET_INCLUDE_DIRECTORIES ON
    SWIG_COMPILE_OPTIONS "-Wall;-Werror;${SWR_SWIG_${language}}"
    # SWIG's code accesses handles through pointers of other types
    SWIG_GENERATED_COMPILE_OPTIONS "-fno-strict-aliasing")
  target_include_directories(${target} PRIVATE ${made})
  add_dependencies(${target} ${target}_types)
endfunction()

# swr_java_library(OUTDIR): swrjni
function(swr_java_library outdir)
  swr_wrapper(swrjni java ${outdir}/org/swr EXPORTED JNI_OnLoad)
  if(SWR_WRAPPERS)
    set(table ${SWR_WRAPPERS}/natives.inc)
  else()
    set(table ${CMAKE_CURRENT_BINARY_DIR}/natives.inc)
    add_custom_command(OUTPUT ${table}
      COMMAND ${CMAKE_COMMAND} -DCLASS=${outdir}/org/swr/SwrNativeJNI.java -DPACKAGE=org.swr
        -DOUTPUT=${table} -P ${SWR_BINDINGS_SOURCES}/java/natives.cmake
      DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/swrJAVA_wrap.cxx
        ${SWR_BINDINGS_SOURCES}/java/natives.cmake VERBATIM)
  endif()
  get_filename_component(folder ${table} DIRECTORY)
  target_sources(swrjni PRIVATE ${SWR_JAVA_CPP}/callbacks.cpp ${SWR_JAVA_CPP}/registration.cpp
    ${table})
  target_include_directories(swrjni PRIVATE ${SWR_JAVA_CPP} ${folder})
endfunction()

# swr_csharp_library(OUTDIR): swrcs
function(swr_csharp_library outdir)
  swr_wrapper(swrcs csharp "${outdir}" EXPORTED CSharp_Swr_*)
endfunction()

# cmake -DOUTPUT=FOLDER -P wrappers.cmake
# Has SWIG write the wrappers of Java and C# and the table of native methods into FOLDER, from where
# the builds for other platforms take them (SWR_WRAPPERS). Files that do not change keep their time.
cmake_policy(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/swig_options.cmake)
set(bindings ${CMAKE_CURRENT_LIST_DIR})
get_filename_component(include ${bindings}/../capi/include ABSOLUTE)
find_program(SWIG swig REQUIRED)

# run(COMMAND ...): a command that fails ends this.
function(run)
  execute_process(${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(made ${OUTPUT}/made)
file(REMOVE_RECURSE ${made})
foreach(language java csharp)
  file(MAKE_DIRECTORY ${made}/${language})
  run(COMMAND ${CMAKE_COMMAND} -DHEADER=${include}/swr/types.h -DLANGUAGE=${language}
    -DOUTPUT=${made}/${language}/swr_types.h -DRULES=${made}/${language}/enum_rules.i
    -P ${bindings}/enums.cmake)
  string(TOUPPER ${language} upper)
  run(COMMAND ${SWIG} -${language} -c++ -Wall -Werror ${SWR_SWIG_${language}}
    ${SWR_SWIG_LIBRARY_${language}} -outdir ${made}/${language} -I${made}/${language} -I${bindings}
    -I${include} -o ${made}/swr${upper}_wrap.cxx ${bindings}/swr.i)
endforeach()
run(COMMAND ${CMAKE_COMMAND} -DCLASS=${made}/java/SwrNativeJNI.java -DPACKAGE=org.swr
  -DOUTPUT=${made}/natives.inc -P ${bindings}/java/natives.cmake)
foreach(file swrJAVA_wrap.cxx swrCSHARP_wrap.cxx natives.inc)
  run(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${made}/${file} ${OUTPUT}/${file})
endforeach()

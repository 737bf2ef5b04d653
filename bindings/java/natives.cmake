# Makes the table of native methods from the class that SWIG wrote:
#   cmake -DCLASS=SwrNativeJNI.java -DPACKAGE=org.swr -DOUTPUT=natives.inc -P natives.cmake
#
#   public final static native int swr_set_path(long jarg1, byte[] jarg2);
#     ->  {name("swr_set_path"), name("(J[B)I"), (void*)Java_org_swr_SwrNativeJNI_swr_1set_1path},
file(STRINGS ${CLASS} lines REGEX " native ")
get_filename_component(class ${CLASS} NAME_WE)
string(REPLACE "." "_" prefix "Java_${PACKAGE}_${class}_")

# descriptor(RESULT TYPE): J of long, [B of byte[], Ljava/nio/ByteBuffer; of java.nio.ByteBuffer.
# <semicolon> stands for ';', which would end an element of a list.
function(descriptor result type)
  set(dimensions "")
  while(type MATCHES "^(.*)\\[\\]$")
    set(type "${CMAKE_MATCH_1}")
    string(APPEND dimensions "[")
  endwhile()
  set(primitives void=V boolean=Z byte=B short=S int=I long=J float=F double=D)
  list(FILTER primitives INCLUDE REGEX "^${type}=")
  if(primitives)
    string(REGEX REPLACE ".*=" "" type "${primitives}")
  elseif(type STREQUAL "Object")
    set(type "Ljava/lang/Object<semicolon>")
  elseif(type MATCHES "^java\\.")
    string(REPLACE "." "/" type "L${type}<semicolon>")
  else()
    message(FATAL_ERROR "${class} has a method with ${type}, which may be relocated")
  endif()
  set(${result} "${dimensions}${type}" PARENT_SCOPE)
endfunction()

set(declared "")
set(table "")
foreach(line IN LISTS lines)
  if(NOT line MATCHES " native ([^ ]+) ([A-Za-z0-9_]+)\\(([^)]*)\\)")
    message(FATAL_ERROR "no method: ${line}")
  endif()
  set(returned "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  string(REGEX REPLACE ", *" ";" arguments "${CMAKE_MATCH_3}")
  set(signature "")
  foreach(argument IN LISTS arguments)
    string(REGEX REPLACE " .*" "" type "${argument}")
    descriptor(one "${type}")
    string(APPEND signature "${one}")
  endforeach()
  descriptor(one "${returned}")
  string(REPLACE "_" "_1" mangled "${name}")
  string(APPEND declared "void ${prefix}${mangled}(void);\n")
  string(APPEND table "    {name(\"${name}\"), name(\"(${signature})${one}\"),\n\
     reinterpret_cast<void*>(${prefix}${mangled})},\n")
endforeach()
if(table STREQUAL "")
  message(FATAL_ERROR "${CLASS} has no native methods")
endif()
string(REPLACE "<semicolon>" ";" table "${table}")
file(WRITE ${OUTPUT} "// Made by natives.cmake. Of the functions only the addresses are used.
extern \"C\" {
${declared}}
static char* name(const char* text) { return const_cast<char*>(text); }
static const JNINativeMethod NATIVES[] = {
${table}};
")

# Copies types.h for SWIG:
#   cmake -DHEADER=types.h -DLANGUAGE=java|csharp -DOUTPUT=swr_types.h -DRULES=enum_rules.i
#     -P enums.cmake
#
# In the copy each status is a plain enumerator with its sentence as its comment, and comments use
# the names of the language. SWIG writes no comments for C#, so RULES gets the name of each
# enumerator and its comment as XML; for Java it is empty.
file(READ ${HEADER} text)
string(REPLACE ";" "<semicolon>" text "${text}")
# an enumerator that clang-format broke in two
string(REGEX REPLACE " =\n +([0-9])" " = \\1" text "${text}")

# XX(7, ERROR_NOT_FOUND, "there is no such file")
#   ->  SWR_ERROR_NOT_FOUND = 7, /**< There is no such file. */
string(REGEX MATCHALL "XX\\([0-9]+, [A-Z_]+, \"[^\"]*\"\\)" rows "${text}")
set(statuses "")
foreach(row IN LISTS rows)
  string(REGEX MATCH "XX\\(([0-9]+), ([A-Z_]+), \"(.)([^\"]*)\"\\)" _ "${row}")
  string(TOUPPER "${CMAKE_MATCH_3}" first)
  string(APPEND statuses
    "  SWR_${CMAKE_MATCH_2} = ${CMAKE_MATCH_1}, /**< ${first}${CMAKE_MATCH_4}. */\n")
endforeach()
string(REGEX REPLACE "#define SWR_STATUS_ROW.*#undef SWR_STATUS_ROW\n" "${statuses}" text "${text}")
string(REGEX REPLACE "#define SWR_STATUS_MAP[^\n]*\n(  XX[^\n]*\n)+" "" text "${text}")

# pascal(NAME some_words): SomeWords. UINT8 is UInt8.
function(pascal result name)
  string(TOLOWER "${name}" rest)
  set(words "")
  string(REPLACE "_" ";" rest "${rest}")
  foreach(word IN LISTS rest)
    string(SUBSTRING "${word}" 0 1 first)
    string(TOUPPER "${first}" first)
    string(SUBSTRING "${word}" 1 -1 tail)
    string(APPEND words "${first}${tail}")
  endforeach()
  string(REGEX REPLACE "^Uint" "UInt" words "${words}")
  set(${result} "${words}" PARENT_SCOPE)
endfunction()

# In comments: swr_get_method() -> getMethod or GetMethod, ::swr_method -> Method, SWR_ERROR_IO ->
# ERROR_IO or ErrorIo.
string(REGEX MATCHALL "[^a-z_](swr_[a-z_]+)\\(\\)" calls "${text}")
list(REMOVE_DUPLICATES calls)
foreach(call IN LISTS calls)
  string(REGEX MATCH "swr_([a-z_]+)" _ "${call}")
  pascal(name "${CMAKE_MATCH_1}")
  if(LANGUAGE STREQUAL "java")
    string(REGEX MATCH "^(.)(.*)" _ "${name}")
    string(TOLOWER "${CMAKE_MATCH_1}" first)
    string(REGEX MATCH "^.(.*)" _ "${name}")
    set(name "${first}${CMAKE_MATCH_1}")
  endif()
  string(REGEX MATCH "swr_[a-z_]+\\(\\)" call "${call}")
  string(REPLACE "${call}" "${name}" text "${text}")
endforeach()
foreach(pair status=Status method=WriteMethod component=ComponentType kind=Kind unit=AxisUnit)
  string(REGEX MATCH "(.*)=(.*)" _ "${pair}")
  string(REPLACE "::swr_${CMAKE_MATCH_1}" "${CMAKE_MATCH_2}" text "${text}")
endforeach()
string(REGEX REPLACE "(< |is |, )SWR_(ERROR_[A-Z_]+)\\." "\\1\\2." text "${text}")

# Scoped, for SWIG alone: else EXISTING_EXTEND and CAN_EXTEND could not both be EXTEND.
string(REGEX REPLACE "typedef enum (swr_[a-z_]+) SWR_ENUM_BASE {" "enum class \\1 {" text "${text}")
string(REGEX
  REPLACE "\n} swr_(status|component|kind|unit|existing|conversion|method|capability\
|statistic|log_level)<semicolon>"
  "\n}<semicolon>" text "${text}")

set(rules "/* Made by enums.cmake. */\n")
if(LANGUAGE STREQUAL "csharp")
  set(in_enum "swr_unknown")
  string(REPLACE "\n" ";" lines "${text}")
  foreach(line IN LISTS lines)
    if(line MATCHES "^/\\*\\* (.*) \\*/$")
      set(above "${CMAKE_MATCH_1}")
    elseif(line STREQUAL "/**")
      set(above "")
    elseif(line MATCHES "^ \\* (.*)$")  # a comment of several lines
      string(STRIP "${above} ${CMAKE_MATCH_1}" above)
    elseif(line MATCHES "^enum class (swr_[a-z_]+)")
      set(in_enum "${CMAKE_MATCH_1}")
      set(flags "")
      if(in_enum STREQUAL "swr_capability")
        set(flags "\\n[global::System.Flags]")
      endif()
      string(REPLACE "<semicolon>" ";" above "${above}")
      string(REPLACE "\"" "&quot;" above "${above}")
      string(APPEND rules
        "%typemap(csattributes) ${in_enum} \"/// <summary>${above}</summary>${flags}\"\n")
    elseif(line MATCHES "^}")
      set(in_enum "swr_unknown")
    elseif(line MATCHES "SWR_STATISTIC_COUNT")  # no statistic
      continue()
    elseif(NOT in_enum STREQUAL "swr_unknown" AND line
      MATCHES "^ +(SWR_([A-Z0-9_]+)) = [0-9]+,? */\\*\\*< (.*) \\*/")
      set(symbol "${CMAKE_MATCH_1}")
      set(name "${CMAKE_MATCH_2}")
      set(comment "${CMAKE_MATCH_3}")
      string(REGEX REPLACE "^(COMPONENT|KIND|UNIT|EXISTING|CONVERSION|METHOD|CAN|STATISTIC|LOG)_" ""
        name "${name}")
      pascal(name "${name}")
      if(comment MATCHES "ERROR_[A-Z_]+")
        pascal(error "${CMAKE_MATCH_0}")
        string(REPLACE "${CMAKE_MATCH_0}" "${error}" comment "${comment}")
      endif()
      string(REPLACE "<semicolon>" ";" comment "${comment}")
      string(REPLACE "&" "&amp;" comment "${comment}")
      string(REPLACE "<" "&lt;" comment "${comment}")
      string(REPLACE "\"" "'" comment "${comment}")
      string(APPEND rules
        "%rename(${name}) ${in_enum}::${symbol};\n\
%csattributes ${in_enum}::${symbol} \"/// <summary>${comment}</summary>\";\n")
    endif()
  endforeach()
endif()
string(REPLACE "<semicolon>" ";" text "${text}")
file(WRITE ${OUTPUT} "${text}")
file(WRITE ${RULES} "${rules}")

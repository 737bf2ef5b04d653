# Libraries that are used where they are installed. Each has an option that turns it off.
include(FindPackageMessage)

# swr_optional_library(PREFIX OPTION MODULES module... | PACKAGE name target
#                      [FOR target definition] [WITHOUT what why])
# If OPTION is on, looks for one of the modules of pkg-config, or for the package of CMake and its
# imported target. Sets PREFIX_FOUND, and where it is true the variables of the module or package:
# PREFIX_LIBRARIES, PREFIX_INCLUDE_DIRS, and of modules PREFIX_LINK_LIBRARIES and
# PREFIX_CFLAGS_OTHER. What an earlier
# run or another project found does not count. FOR: the target, an INTERFACE library, then links the
# library and defines the definition. WITHOUT: what is left out where the library is not installed,
# and why (swr_left_out).
function(swr_optional_library prefix option)
  cmake_parse_arguments(O "" "" "MODULES;PACKAGE;FOR;WITHOUT" ${ARGN})
  set(found FALSE)
  if(${option} AND O_PACKAGE)
    list(GET O_PACKAGE 0 package)
    list(GET O_PACKAGE 1 imported)
    find_package(${package} QUIET)
    set(found ${${prefix}_FOUND})
  elseif(${option} AND PkgConfig_FOUND)
    set(imported PkgConfig::${prefix})
    pkg_search_module(${prefix} QUIET IMPORTED_TARGET GLOBAL ${O_MODULES})
    set(found ${${prefix}_FOUND})
  endif()
  if(found)
    find_package_message(SWR_${prefix} "Found ${prefix}: ${${prefix}_LIBRARIES}"
      "[${${prefix}_LIBRARIES}]")
    foreach(part LIBRARIES LINK_LIBRARIES INCLUDE_DIRS CFLAGS_OTHER)
      set(${prefix}_${part} "${${prefix}_${part}}" PARENT_SCOPE)
    endforeach()
  elseif(${option} AND O_WITHOUT)
    swr_left_out(${O_WITHOUT})
  endif()
  if(found AND O_FOR)
    list(GET O_FOR 0 target)
    list(GET O_FOR 1 definition)
    target_compile_definitions(${target} INTERFACE ${definition}=1)
    target_link_libraries(${target} INTERFACE ${imported})
  endif()
  if(found)
    set(${prefix}_FOUND TRUE PARENT_SCOPE)
  else()
    set(${prefix}_FOUND FALSE PARENT_SCOPE)
  endif()
endfunction()

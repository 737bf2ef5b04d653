# What SWIG is told besides the language: for builds (native_library.cmake) and for the wrappers of
# other platforms (wrappers.cmake), which are the same, byte for byte.
set(SWR_SWIG_java -package org.swr -doxygen)
set(SWR_SWIG_csharp -namespace Swr -DSWIG_CSHARP_NO_EXCEPTION_HELPER
  -DSWIG_CSHARP_NO_STRING_HELPER -DSWIG_CSHARP_NO_WSTRING_HELPER)
# one name for every platform; UseSWIG would say "libswrcs"
set(SWR_SWIG_LIBRARY_csharp -dllimport swrcs)

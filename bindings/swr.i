/* swr.i: the rules by which all languages are generated from the C headers.
 *
 * SWIG makes the plumbing alone: one static function for each function of the headers, under its
 * C name, with numbers for handles and enums. It is hidden in each language; the classes that
 * people see are written by hand over it, and say there what their language expects. Enums are
 * the exception: they are generated as they are used. Their header is a copy that enums.cmake
 * made, in which the names in comments are those of the language. */
%module SwrNative

%{
#include "swr/swr.h"
%}

/* Fixed-width names stay opaque: <stdint.i> makes int64_t "long long", whose pointers do not
 * convert where int64_t is long. */
%apply int { int32_t, swr_status, swr_component, swr_kind, swr_unit, swr_existing, swr_conversion, swr_method, swr_statistic, swr_log_level }
%apply unsigned int { uint32_t }
%apply long long { int64_t }

#if defined(SWIGJAVA)
%include "java/java.i"
#elif defined(SWIGCSHARP)
%include "csharp/csharp.i"
#endif

/* Results are returned through the last arguments. Lists have typemaps in the file of each
 * language. */
%include "typemaps.i"
%apply int *OUTPUT { int32_t *, swr_component *, swr_kind *, swr_unit *, swr_method * }
%apply unsigned int *OUTPUT { uint32_t * }
%apply long long *OUTPUT { int64_t * }
%apply double *OUTPUT { double *slope, double *intercept }

/* swr_component becomes ComponentType, SWR_ERROR_IO becomes ERROR_IO; the language's file may go on
 * from there. */
%rename("$ignore", regextarget=1) "_FORCE_INT32$";
%ignore SWR_STATISTIC_COUNT;
%ignore SWR_MAX_DIMENSIONS;
%ignore swr_region;
%rename(Status)     swr_status;
%rename(ComponentType) swr_component;
%rename(Kind)       swr_kind;
%rename(AxisUnit)   swr_unit;
%rename(Existing)   swr_existing;
%rename(Conversion) swr_conversion;
%rename(WriteMethod) swr_method;
%rename(Capability) swr_capability;
%rename(Statistic)  swr_statistic;
%rename(SwrLogLevel) swr_log_level;

#define SWR_API
%include "swr_types.h"   /* the copy of swr/types.h */
%include "swr/formats.h"
%include "swr/reader.h"
%include "swr/writer.h"

/* No type for the address of a function exists in all languages. */
%inline %{
static swr_status swr_write_from_reader(swr_writer *writer, swr_reader *reader) {
  return swr_write(writer, swr_reader_pull, reader);
}
%}

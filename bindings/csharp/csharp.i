/* csharp.i: typemaps for C#. All generated code is internal, except the enums. */
%pragma(csharp) moduleclassmodifiers="internal static class"
%pragma(csharp) imclassclassmodifiers="internal static class"
%begin %{
/* Nothing here throws, and strings are returned as pointers. */
#define SWIG_CSHARP_NO_EXCEPTION_HELPER
#define SWIG_CSHARP_NO_STRING_HELPER
%}
%csconst(1);
%include "enum_rules.i"   /* names and comments of the enumerators, by enums.cmake */
%typemap(csclassmodifiers) enum SWIGTYPE "public enum"

/* Handles, regions, memory and functions are pointers; the classes use SafeHandle, fixed and
 * delegate*. */
%apply void *VOID_INT_PTR {
  swr_writer *, const swr_writer *, swr_reader *, const swr_reader *, swr_piece *, const swr_piece *,
  swr_region *, const swr_region *, void *, const void *, void *const *, swr_pull, swr_progress, swr_cancel, swr_log
}

/* Strings are UTF-8 in both directions; returned strings belong to the library. */
%typemap(ctype)  const char * "const char *"
%typemap(imtype, out="global::System.IntPtr",
         inattributes="[global::System.Runtime.InteropServices.MarshalAs(global::System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)]")
                 const char * "string"
%typemap(cstype, out="global::System.IntPtr") const char * "string"
%typemap(csin)   const char * "$csinput"
%typemap(in)     const char * %{ $1 = ($1_ltype)$input; %}
%typemap(out)    const char * %{ $result = $1; %}
%typemap(csout)  const char * { return $imcall; }
%typemap(ctype)  const char ** "const char **"
%typemap(imtype) const char ** "out global::System.IntPtr"
%typemap(cstype) const char ** "out global::System.IntPtr"
%typemap(csin)   const char ** "out $csinput"
%typemap(in)     const char ** %{ $1 = ($1_ltype)$input; %}

%typemap(ctype)  int64_t *sizes "int64_t *"
%typemap(imtype) int64_t *sizes "long[]"
%typemap(cstype) int64_t *sizes "long[]"
%typemap(csin)   int64_t *sizes "$csinput"
%typemap(in)     int64_t *sizes %{ $1 = ($1_ltype)$input; %}

%typemap(ctype)  const double *values, double *values "double *"
%typemap(imtype) const double *values, double *values "double[]"
%typemap(cstype) const double *values, double *values "double[]"
%typemap(csin)   const double *values, double *values "$csinput"
%typemap(in)     const double *values, double *values %{ $1 = ($1_ltype)$input; %}

%ignore swr_reader_pull;   /* swr_write_from_reader() */

/* java.i: typemaps for Java. All generated code is package-private, except the enums. */
%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclassclassmodifiers="final class"

/* Every call looks for the library first, so that each one without it gets the reason, and not only
 * the first; a class whose initializer failed would say nothing later. */
%typemap(javaout) int, unsigned int, long long, int32_t, uint32_t, int64_t, swr_status,
                  swr_component, swr_kind, swr_unit {
    NativeLoader.load();
    return $jnicall;
  }
%typemap(javaout) void {
    NativeLoader.load();
    $jnicall;
  }

/* Enums: constants with their C values, without a call of the library. */
%include "enums.swg"
%javaconst(1);
%rename("%(regex:/^SWR_((COMPONENT|KIND|UNIT|EXISTING|CONVERSION|METHOD|CAN|STATISTIC|LOG)_)?(.*)$/\\3/)s", %$isenumitem) "";
%typemap(javaclassmodifiers) enum SWIGTYPE "public enum"
%typemap(javabody) enum SWIGTYPE %{
  private final int value;

  private $javaclassname(int value) { this.value = value; }

  int value() { return value; }

  static $javaclassname of(int value) {
    for ($javaclassname each : values()) {
      if (each.value == value) return each;
    }
    throw new IllegalArgumentException("no $javaclassname " + value + " is known: the native library is newer than its classes");
  }
%}
%typemap(javacode) enum swr_status %{
  /**
   * What the status means.
   *
   * @return a sentence without a full stop
   */
  public String getText() { return Utf8.string(SwrNative.swr_status_text(value)); }

  /**
   * The status's name.
   *
   * @return such as "ERROR_IO"
   */
  public String getName() { return Utf8.string(SwrNative.swr_status_name(value)); }
%}
%typemap(javacode) enum swr_component %{
  /**
   * The size of one component.
   *
   * @return 1, 2, 4 or 8 bytes; 0 for UNKNOWN
   */
  public int getBytes() { return SwrNative.swr_component_bytes(value); }

  /**
   * The component type's name.
   *
   * @return such as "uint16" or "float32"
   */
  public String getName() { return Utf8.string(SwrNative.swr_component_name(value)); }

  /**
   * The component type of a name.
   *
   * @param name as getName gives it
   * @return UNKNOWN if there is none of that name
   */
  public static ComponentType fromName(String name) { return of(SwrNative.swr_component_from_name(Utf8.zero(name))); }
%}
%typemap(javacode) enum swr_kind %{
  /**
   * The kind's name.
   *
   * @return such as "scalar" or "rgb"
   */
  public String getName() { return Utf8.string(SwrNative.swr_kind_name(value)); }
%}

%typemap(javacode) enum swr_unit %{
  /**
   * The unit's name.
   *
   * @return such as "um" or "s"; "" for NONE
   */
  public String getName() { return Utf8.string(SwrNative.swr_unit_name(value)); }

  /**
   * The unit of a name in any usual spelling.
   *
   * @param name such as "um", "microns" or "inch"
   * @return NONE for other names
   */
  public static AxisUnit fromName(String name) { return of(SwrNative.swr_unit_from_name(Utf8.zero(name))); }
%}

%javamethodmodifiers swr_set_io_region "@Deprecated public";   /* its comment says so */

/* Handles are numbers. */
%typemap(jni)    swr_writer *, swr_reader *, swr_piece * "jlong"
%typemap(jtype)  swr_writer *, swr_reader *, swr_piece * "long"
%typemap(jstype) swr_writer *, swr_reader *, swr_piece * "long"
%typemap(javain) swr_writer *, swr_reader *, swr_piece * "$javainput"
%typemap(in)     swr_writer *, swr_reader *, swr_piece * %{ $1 = ($1_ltype)(intptr_t)$input; %}
%typemap(out)    swr_writer *, swr_reader * %{ $result = (jlong)(intptr_t)$1; %}
%typemap(javaout) swr_writer *, swr_reader * {
    NativeLoader.load();
    return $jnicall;
  }
%apply swr_writer * { const swr_writer *, const swr_reader *, const swr_piece * }
%typemap(jni)    void * "jlong"
%typemap(jtype)  void * "long"
%typemap(jstype) void * "long"
%typemap(out)    void * %{ $result = (jlong)(intptr_t)$1; %}
%typemap(javaout) void * {
    NativeLoader.load();
    return $jnicall;
  }

/* Strings are zero-terminated UTF-8 in a byte[]; JNI's own strings have another encoding for
 * characters above U+FFFF. */
%typemap(jni)    const char * "jbyteArray"
%typemap(jtype)  const char * "byte[]"
%typemap(jstype) const char * "byte[]"
%typemap(javain) const char * "$javainput"
%typemap(in, noblock=1) const char * {
  $1 = 0;
  if ($input) {
    $1 = ($1_ltype)JCALL2(GetByteArrayElements, jenv, $input, 0);
    if (!$1) return $null;
  }
}
%typemap(freearg) const char * { if ($1) JCALL3(ReleaseByteArrayElements, jenv, $input, (jbyte *)$1, JNI_ABORT); }
%typemap(argout)  const char * ""
%typemap(out) const char * { $result = bytes_of(jenv, $1); }
%typemap(javaout) const char * {
    NativeLoader.load();
    return $jnicall;
  }

/* A string as a result: the first element of a byte[][]. */
%typemap(jni)    const char ** "jobjectArray"
%typemap(jtype)  const char ** "byte[][]"
%typemap(jstype) const char ** "byte[][]"
%typemap(javain) const char ** "$javainput"
%typemap(in, noblock=1) const char ** (const char *text = 0) { $1 = ($1_ltype)&text; }
%typemap(argout) const char ** {
  jbyteArray bytes = bytes_of(jenv, *$1);
  if (bytes || !*$1) JCALL3(SetObjectArrayElement, jenv, $input, 0, bytes);
}
%typemap(freearg) const char ** ""

/* A region: dimensions, index..., size... in a long[]. Results fill an array that is long enough
 * for any region. */
%typemap(jni)    swr_region * "jlongArray"
%typemap(jtype)  swr_region * "long[]"
%typemap(jstype) swr_region * "long[]"
%typemap(javain) swr_region * "$javainput"
%typemap(in)     const swr_region * (swr_region region) {
  $1 = 0;
  if ($input) {
    jlong dimensions = 0;
    JCALL4(GetLongArrayRegion, jenv, $input, 0, 1, &dimensions);
    memset(&region, 0, sizeof region);
    region.dimensions = (int32_t)dimensions;
    if (dimensions >= 1 && dimensions <= SWR_MAX_DIMENSIONS) {
      JCALL4(GetLongArrayRegion, jenv, $input, 1, (jsize)dimensions, (jlong *)region.index);
      JCALL4(GetLongArrayRegion, jenv, $input, 1 + (jsize)dimensions, (jsize)dimensions, (jlong *)region.size);
    }
    $1 = &region;
  }
}
%typemap(freearg) const swr_region * ""
%typemap(argout)  const swr_region * ""
%typemap(in)      swr_region *region (swr_region region) { memset(&region, 0, sizeof region); $1 = &region; }
%typemap(argout)  swr_region *region {
  jlong dimensions = $1->dimensions;
  JCALL4(SetLongArrayRegion, jenv, $input, 0, 1, &dimensions);
  JCALL4(SetLongArrayRegion, jenv, $input, 1, (jsize)dimensions, (const jlong *)$1->index);
  JCALL4(SetLongArrayRegion, jenv, $input, 1 + (jsize)dimensions, (jsize)dimensions, (const jlong *)$1->size);
}
%typemap(freearg) swr_region *region ""
%apply swr_region * { const swr_region *region, const swr_region *held }
%typemap(in)      const swr_region *region = const swr_region *;
%typemap(argout)  const swr_region *region = const swr_region *;
%typemap(freearg) const swr_region *region = const swr_region *;
%typemap(in)      const swr_region *held = const swr_region *;
%typemap(argout)  const swr_region *held = const swr_region *;
%typemap(freearg) const swr_region *held = const swr_region *;

/* Lists of numbers: a double[] with its length, copied in, or out. */
%typemap(jni)    (const double *values, int32_t count), (double *values, int32_t count) "jdoubleArray"
%typemap(jtype)  (const double *values, int32_t count), (double *values, int32_t count) "double[]"
%typemap(jstype) (const double *values, int32_t count), (double *values, int32_t count) "double[]"
%typemap(javain) (const double *values, int32_t count), (double *values, int32_t count) "$javainput"
%typemap(in, noblock=1) (const double *values, int32_t count), (double *values, int32_t count) {
  $1 = JCALL2(GetDoubleArrayElements, jenv, $input, 0);
  if (!$1) return $null;
  $2 = (int32_t)JCALL1(GetArrayLength, jenv, $input);
}
%typemap(argout)  (const double *values, int32_t count), (double *values, int32_t count) ""
%typemap(freearg) (const double *values, int32_t count) { JCALL3(ReleaseDoubleArrayElements, jenv, $input, (jdouble *)$1, JNI_ABORT); }
%typemap(freearg) (double *values, int32_t count) { JCALL3(ReleaseDoubleArrayElements, jenv, $input, (jdouble *)$1, 0); }

%typemap(jni)    (int64_t *sizes, int32_t count) "jlongArray"
%typemap(jtype)  (int64_t *sizes, int32_t count) "long[]"
%typemap(jstype) (int64_t *sizes, int32_t count) "long[]"
%typemap(javain) (int64_t *sizes, int32_t count) "$javainput"
%typemap(in, noblock=1) (int64_t *sizes, int32_t count) {
  $1 = (int64_t *)JCALL2(GetLongArrayElements, jenv, $input, 0);
  if (!$1) return $null;
  $2 = (int32_t)JCALL1(GetArrayLength, jenv, $input);
}
%typemap(argout)  (int64_t *sizes, int32_t count) ""
%typemap(freearg) (int64_t *sizes, int32_t count) { JCALL3(ReleaseLongArrayElements, jenv, $input, (jlong *)$1, 0); }

/* Memory is a direct buffer from its start; Java owns it, so it is valid as long as a reference
 * exists. */
%typemap(jni)    const void *data, const void *mask, void *buffer "jobject"
%typemap(jtype)  const void *data, const void *mask, void *buffer "java.nio.Buffer"
%typemap(jstype) const void *data, const void *mask, void *buffer "java.nio.Buffer"
%typemap(javain) const void *data, const void *mask, void *buffer "$javainput"
%typemap(in)     const void *data, const void *mask, void *buffer { $1 = $input ? JCALL1(GetDirectBufferAddress, jenv, $input) : 0; }
%typemap(freearg) const void *data, const void *mask, void *buffer ""
%typemap(argout)  const void *data, const void *mask, void *buffer ""

%typemap(jni)    (void *const *buffers, int32_t count) "jobjectArray"
%typemap(jtype)  (void *const *buffers, int32_t count) "java.nio.ByteBuffer[]"
%typemap(jstype) (void *const *buffers, int32_t count) "java.nio.ByteBuffer[]"
%typemap(javain) (void *const *buffers, int32_t count) "$javainput"
%typemap(in)     (void *const *buffers, int32_t count) (std::vector<void *> list) {
  const jsize n = JCALL1(GetArrayLength, jenv, $input);
  for (jsize i = 0; i < n; ++i) {
    jobject buffer = JCALL2(GetObjectArrayElement, jenv, $input, i);
    list.push_back(buffer ? JCALL1(GetDirectBufferAddress, jenv, buffer) : 0);
    JCALL1(DeleteLocalRef, jenv, buffer);
  }
  $1 = list.data();
  $2 = (int32_t)n;
}
%typemap(freearg) (void *const *buffers, int32_t count) ""
%typemap(argout)  (void *const *buffers, int32_t count) ""

/* Callbacks: one object of callbacks.h for each writer, which frees it. */
%ignore swr_write;
%ignore swr_set_progress;
%ignore swr_set_cancel;
%ignore swr_set_log;
%ignore swr_reader_pull;
%ignore swr_piece_region;
%ignore swr_piece_number;
%ignore swr_piece_count;
%ignore swr_piece_bytes;
%ignore swr_piece_get_type;
%ignore swr_piece_fail;   /* the source's exception itself reaches the caller */
%ignore swr_pull;
%ignore swr_progress;
%ignore swr_cancel;
%ignore swr_log;
%ignore swr_writer_destroy;
%typemap(in) (JNIEnv *env, jobject bridge) %{ $1 = jenv; $2 = $input; %}
%typemap(jni)    (JNIEnv *env, jobject bridge) "jobject"
%typemap(jtype)  (JNIEnv *env, jobject bridge) "Object"
%typemap(jstype) (JNIEnv *env, jobject bridge) "Object"
%typemap(javain) (JNIEnv *env, jobject bridge) "$javainput"
%typemap(freearg) (JNIEnv *env, jobject bridge) ""
%typemap(argout)  (JNIEnv *env, jobject bridge) ""
%{
#include <string.h>

#include <new>
#include <vector>

#include "callbacks.h"

using swr_java::Callbacks;
using swr_java::bytes_of;

static Callbacks *callbacks_of(int64_t callbacks) { return reinterpret_cast<Callbacks *>((intptr_t)callbacks); }
%}
%inline %{
/* 0: no memory, or an exception is pending. */
static int64_t swr_java_callbacks(JNIEnv *env, jobject bridge) { return (int64_t)(intptr_t)new (std::nothrow) Callbacks(env, bridge); }
static swr_status swr_java_write(swr_writer *writer, int64_t callbacks) {
  return swr_write(writer, Callbacks::on_pull, callbacks_of(callbacks));
}
static swr_status swr_java_set_progress(swr_writer *writer, int64_t callbacks) {
  return swr_set_progress(writer, Callbacks::on_progress, callbacks_of(callbacks));
}
static swr_status swr_java_set_cancel(swr_writer *writer, int64_t callbacks) {
  return swr_set_cancel(writer, Callbacks::on_cancel, callbacks_of(callbacks));
}
/* 0: no listener. */
static swr_status swr_java_set_log(swr_writer *writer, int64_t callbacks) {
  return swr_set_log(writer, callbacks ? Callbacks::on_log : 0, callbacks_of(callbacks));
}
/* Frees a writer and its callbacks, whose Java object may be gone. */
static void swr_java_destroy(swr_writer *writer, int64_t callbacks) {
  Callbacks *const c = callbacks_of(callbacks);
  if (c) c->silence();
  swr_writer_destroy(writer);
  delete c;
}
/* Copies a whole piece into the library's memory. */
static swr_status swr_java_fill(swr_piece *piece, const void *data) {
  void *memory = swr_piece_buffer(piece);
  if (!memory) return SWR_ERROR_MEMORY;
  memcpy(memory, data, (size_t)swr_piece_bytes(piece));
  return SWR_OK;
}
/* Where a direct buffer begins. */
static int64_t swr_java_address(const void *data) { return (int64_t)(intptr_t)data; }
%}

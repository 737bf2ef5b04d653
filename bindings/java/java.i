/* java.i: typemaps for Java. All generated code is package-private, except the enums. */
%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclassclassmodifiers="final class"
%pragma(java) jniclasscode=%{
  static { NativeLoader.load(); }
%}
%begin %{
/* A thread of the engine is attached once and detached when it ends. The default attaches and
 * detaches at every call, which takes 75 times as long. As a daemon it does not keep the VM
 * alive. */
#define SWIG_JAVA_DETACH_ON_THREAD_END
#define SWIG_JAVA_ATTACH_CURRENT_THREAD_AS_DAEMON
%}

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
  public static Component fromName(String name) { return of(SwrNative.swr_component_from_name(Utf8.zero(name))); }
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
  public static Unit fromName(String name) { return of(SwrNative.swr_unit_from_name(Utf8.zero(name))); }
%}

%javamethodmodifiers swr_set_io_region "@Deprecated public";   /* its comment says so */

/* Handles are numbers. */
%typemap(jni)    swr_writer *, swr_reader *, swr_piece * "jlong"
%typemap(jtype)  swr_writer *, swr_reader *, swr_piece * "long"
%typemap(jstype) swr_writer *, swr_reader *, swr_piece * "long"
%typemap(javain) swr_writer *, swr_reader *, swr_piece * "$javainput"
%typemap(in)     swr_writer *, swr_reader *, swr_piece * %{ $1 = ($1_ltype)(intptr_t)$input; %}
%typemap(out)    swr_writer *, swr_reader * %{ $result = (jlong)(intptr_t)$1; %}
%typemap(javaout) swr_writer *, swr_reader * { return $jnicall; }
%apply swr_writer * { const swr_writer *, const swr_reader *, const swr_piece * }
%typemap(jni)    void * "jlong"
%typemap(jtype)  void * "long"
%typemap(jstype) void * "long"
%typemap(out)    void * %{ $result = (jlong)(intptr_t)$1; %}
%typemap(javaout) void * { return $jnicall; }

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
%typemap(out) const char * { $result = swr_bytes(jenv, $1); }
%typemap(javaout) const char * { return $jnicall; }
%typemap(directorin, descriptor="[B", noblock=1) const char * {
  $input = swr_bytes(jenv, $1);
  Swig::LocalRefGuard $1_guard(jenv, $input);
}
%typemap(javadirectorin) const char * "$jniinput"

/* A string as a result: the first element of a byte[][]. */
%typemap(jni)    const char ** "jobjectArray"
%typemap(jtype)  const char ** "byte[][]"
%typemap(jstype) const char ** "byte[][]"
%typemap(javain) const char ** "$javainput"
%typemap(in, noblock=1) const char ** (const char *text = 0) { $1 = ($1_ltype)&text; }
%typemap(argout) const char ** {
  jbyteArray bytes = swr_bytes(jenv, *$1);
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

/* Memory is a direct buffer from its start; Java owns it, so it is valid as long as a reference
 * exists. */
%typemap(jni)    const void *data, const void *mask, void *buffer "jobject"
%typemap(jtype)  const void *data, const void *mask, void *buffer "java.nio.ByteBuffer"
%typemap(jstype) const void *data, const void *mask, void *buffer "java.nio.ByteBuffer"
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

/* The properties of a piece in one array: one call into Java is cheaper than six calls back. */
%typemap(jni)    (const int64_t *facts, int32_t count) "jlongArray"
%typemap(jtype)  (const int64_t *facts, int32_t count) "long[]"
%typemap(jstype) (const int64_t *facts, int32_t count) "long[]"
%typemap(javain) (const int64_t *facts, int32_t count) "$javainput"
%typemap(in)     (const int64_t *facts, int32_t count) %{ $1 = 0; $2 = 0; (void)$input; %}
%typemap(directorin, descriptor="[J", noblock=1) (const int64_t *facts, int32_t count) {
  $input = jenv->NewLongArray((jsize)$2);
  if (!$input) { jenv->ExceptionClear(); return SWR_ERROR_MEMORY; }
  jenv->SetLongArrayRegion($input, 0, (jsize)$2, (const jlong *)$1);
  Swig::LocalRefGuard $1_guard(jenv, $input);
}
%typemap(javadirectorin, descriptor="[J") (const int64_t *facts, int32_t count) "$jniinput"
%typemap(freearg) (const int64_t *facts, int32_t count) ""
%typemap(argout)  (const int64_t *facts, int32_t count) ""
%typemap(directorargout) (const int64_t *facts, int32_t count) ""
%typemap(directorin, descriptor="J") swr_piece * %{ $input = (jlong)(intptr_t)$1; %}
%typemap(javadirectorin) swr_piece * "$jniinput"

/* Callbacks: one object for each writer. Java owns it, native code has a weak reference, and its
 * writer frees it. */
%ignore swr_write;
%ignore swr_set_progress;
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
%ignore swr_log;

%ignore swr_writer_destroy;
%ignore SwrCallbacks::silent;
%feature("director") SwrCallbacks;
%typemap(javafinalize) SWIGTYPE ""
%typemap(javaclassmodifiers) SwrCallbacks "abstract class"
%typemap(javadestruct, methodname="delete", methodmodifiers="private") SwrCallbacks {
  }
%{
#include <string.h>

#include <vector>

static jbyteArray swr_bytes(JNIEnv *jenv, const char *text) {
  if (!text) return 0;
  const jsize n = (jsize)strlen(text);
  jbyteArray bytes = jenv->NewByteArray(n);
  if (bytes) jenv->SetByteArrayRegion(bytes, 0, n, (const jbyte *)text);
  return bytes;
}
%}
%inline %{
struct SwrCallbacks {
  bool silent = false;  /* the object is gone: calls do nothing */
  virtual ~SwrCallbacks() {}
  virtual int pull(swr_piece *piece, const int64_t *facts, int32_t count) = 0;
  virtual int progress(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes) = 0;
  virtual void log(int level, const char *message) = 0;
};
%}
%{
/* The classes catch the application's exceptions. What they cannot catch, such as a lack of
 * memory before they run, is caught here. */
extern "C" {
static int32_t swr_java_pull(swr_piece *piece, void *user) {
  const swr_region *region = swr_piece_region(piece);
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int32_t components = 0;
  swr_piece_get_type(piece, &component, &components);
  int64_t facts[6 + 2 * SWR_MAX_DIMENSIONS] = {swr_piece_number(piece), swr_piece_count(piece), swr_piece_bytes(piece), component, components,
                                               region->dimensions};
  const int32_t d = region->dimensions;
  memcpy(facts + 6, region->index, (size_t)d * sizeof(int64_t));
  memcpy(facts + 6 + d, region->size, (size_t)d * sizeof(int64_t));
  try {
    return static_cast<SwrCallbacks *>(user)->pull(piece, facts, 6 + 2 * d);
  } catch (...) {
    return SWR_ERROR_SOURCE;
  }
}
static int32_t swr_java_on_progress(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes, void *user) {
  try {
    return static_cast<SwrCallbacks *>(user)->progress(pieces_done, pieces, bytes_done, bytes);
  } catch (...) {
    return 1;
  }
}
static void swr_java_on_log(swr_log_level level, const char *message, void *user) {
  SwrCallbacks *callbacks = static_cast<SwrCallbacks *>(user);
  if (callbacks->silent) return;
  try {
    callbacks->log(level, message);
  } catch (...) {
  }
}
}
%}
%inline %{
static swr_status swr_java_write(swr_writer *writer, SwrCallbacks *callbacks) { return swr_write(writer, swr_java_pull, callbacks); }
static swr_status swr_java_set_progress(swr_writer *writer, SwrCallbacks *callbacks) {
  return swr_set_progress(writer, callbacks ? swr_java_on_progress : 0, callbacks);
}
static swr_status swr_java_set_log(swr_writer *writer, SwrCallbacks *callbacks) {
  return swr_set_log(writer, callbacks ? swr_java_on_log : 0, callbacks);
}
/* Frees a writer and its callbacks, whose Java object may be gone. */
static void swr_java_destroy(swr_writer *writer, int64_t callbacks) {
  SwrCallbacks *const c = reinterpret_cast<SwrCallbacks *>((intptr_t)callbacks);
  if (c) c->silent = true;
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

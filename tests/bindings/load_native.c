/* load_native SWRCS SWRJNI FILE [CODEC]: loads the two native libraries as .NET and Java do, writes
 * and verifies the small image FILE through the functions that .NET calls, and has JNI_OnLoad
 * refuse a VM.
 * For platforms where neither runtime can be had. */
#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif
#include <jni.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "swr/types.h"

static void fail(const char* what, const char* why) {
  printf("FAILED: %s: %s\n", what, why);
  exit(1);
}

#ifdef _WIN32
enum { RTLD_NOW, RTLD_LOCAL };
static void* dlopen(const char* path, int flags) {
  (void)flags;
  return LoadLibraryA(path);
}
static void* dlsym(void* library, const char* name) {
  return (void*)GetProcAddress(library, name);
}
static const char* dlerror(void) {
  static char text[32];
  snprintf(text, sizeof text, "error %lu of Windows", GetLastError());
  return text;
}
#endif

static void* loaded(const char* path) {
  void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) fail(path, dlerror());
  return library;
}

/* A pointer to data and one to a function have the same size where dlsym() is. */
static void find(void* library, const char* name, void* function) {
  void* const found = dlsym(library, name);
  if (!found) fail(name, dlerror());
  *(void**)function = found;
}

static jint JNICALL no_version(JavaVM* vm, void** env, jint version) {
  (void)vm, (void)version;
  *env = NULL;
  return JNI_EVERSION;
}

static void check_jni(const char* path) {
  struct JNIInvokeInterface_ functions = {.GetEnv = no_version};
  JavaVM vm = &functions;
  jint (*on_load)(JavaVM*, void*);
  find(loaded(path), "JNI_OnLoad", &on_load);
  if (on_load(&vm, NULL) != JNI_ERR) fail(path, "it accepts a VM without an environment");
}

static void write_image(void* swrcs, const char* path, const char* codec) {
  enum { SIDE = 64, DEPTH = 16 };
  static uint16_t pixels[DEPTH * SIDE * SIDE];
  const swr_region all = {.dimensions = 3, .size = {SIDE, SIDE, DEPTH}};
  void* (*create)(void);
  const char* (*message)(void*);
  int (*set_path)(void*, const char*), (*set_image_region)(void*, const swr_region*);
  int (*set_pixel_type)(void*, int, int, int), (*begin)(void*), (*finish)(void*);
  int (*set_compression)(void*, const char*, int);
  int (*put)(void*, const swr_region*, const void*, long long);
  void (*destroy)(void*);
  find(swrcs, "CSharp_Swr_swr_writer_create", &create);
  find(swrcs, "CSharp_Swr_swr_writer_message", &message);
  find(swrcs, "CSharp_Swr_swr_set_path", &set_path);
  find(swrcs, "CSharp_Swr_swr_set_image_region", &set_image_region);
  find(swrcs, "CSharp_Swr_swr_set_pixel_type", &set_pixel_type);
  find(swrcs, "CSharp_Swr_swr_set_compression", &set_compression);
  find(swrcs, "CSharp_Swr_swr_begin", &begin);
  find(swrcs, "CSharp_Swr_swr_put", &put);
  find(swrcs, "CSharp_Swr_swr_finish", &finish);
  find(swrcs, "CSharp_Swr_swr_writer_destroy", &destroy);
  for (int i = 0; i < DEPTH * SIDE * SIDE; ++i) pixels[i] = (uint16_t)(i * 7);
  void* const writer = create();
  if (!writer || set_path(writer, path) || set_image_region(writer, &all) ||
      set_pixel_type(writer, SWR_UINT16, 1, SWR_KIND_SCALAR) ||
      (codec && set_compression(writer, codec, 6)) || begin(writer) ||
      put(writer, &all, pixels, sizeof pixels) || finish(writer))
    fail(path, writer ? message(writer) : "no writer");
  /* An error is an exception inside, caught there. */
  if (set_path(writer, "/nowhere/image.mha") || begin(writer) != SWR_ERROR_NOT_FOUND)
    fail("/nowhere/image.mha", message(writer));
  destroy(writer);
}

static void verify_image(void* swrcs, const char* path) {
  void* (*create)(void);
  const char* (*message)(void*);
  int (*open)(void*, const char*), (*verify)(void*);
  void (*destroy)(void*);
  find(swrcs, "CSharp_Swr_swr_reader_create", &create);
  find(swrcs, "CSharp_Swr_swr_reader_message", &message);
  find(swrcs, "CSharp_Swr_swr_reader_open", &open);
  find(swrcs, "CSharp_Swr_swr_reader_verify", &verify);
  find(swrcs, "CSharp_Swr_swr_reader_destroy", &destroy);
  void* const reader = create();
  if (!reader || open(reader, path) || verify(reader))
    fail(path, reader ? message(reader) : "no reader");
  destroy(reader);
}

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  check_jni(argv[2]);
  void* const swrcs = loaded(argv[1]);
  write_image(swrcs, argv[3], argv[4]);
  verify_image(swrcs, argv[3]);
  return 0;
}

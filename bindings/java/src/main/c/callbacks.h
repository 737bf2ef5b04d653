// The functions of a writer's Bridge, called by the library from any of its threads.
//
// Nothing here has the name of a Java package: a jar whose classes were relocated works as it is.
#pragma once
#include <jni.h>

#include "swr/swr.h"

namespace swr_java {

// The library's callbacks for one Bridge. Java owns the Bridge; this has a weak reference, so that
// a writer that is forgotten can be collected with it.
class Callbacks {
 public:
  // Requires: the class of `bridge` has the methods that callbacks.cpp looks for; else a Java
  // exception is pending afterwards.
  Callbacks(JNIEnv* env, jobject bridge);
  ~Callbacks();
  Callbacks(const Callbacks&) = delete;
  Callbacks& operator=(const Callbacks&) = delete;

  void silence() { silent_ = true; }

  // Their `user` is a Callbacks.
  static int32_t on_pull(swr_piece* piece, void* user);
  static int32_t on_progress(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes,
                             void* user);
  static int32_t on_cancel(void* user);
  static void on_log(swr_log_level level, const char* message, void* user);

 private:
  class Call;

  JavaVM* vm_ = nullptr;
  jweak bridge_ = nullptr;
  jmethodID pull_ = nullptr;
  jmethodID progress_ = nullptr;
  jmethodID cancel_ = nullptr;
  jmethodID log_ = nullptr;
  bool silent_ = false;  // the writer is being destroyed: its messages reach nobody
};

// A text as zero-terminated UTF-8 in a byte[]; null for null, and with a pending exception.
jbyteArray bytes_of(JNIEnv* env, const char* text);

}  // namespace swr_java

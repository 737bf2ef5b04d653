// Calls of a Bridge. Its methods catch the application's exceptions; what they cannot catch, such
// as a lack of memory before they run, is cleared here and stops the write.
#include "callbacks.h"

#include <cstring>

namespace swr_java {
namespace {

constexpr jint version = JNI_VERSION_1_8;

// A thread of the library is attached at its first call and detached when it ends: attaching at
// each call takes 75 times as long.
class Attachment {
 public:
  ~Attachment() {
    if (vm_) vm_->DetachCurrentThread();
  }
  // As a daemon: a thread of the library does not keep the VM alive. Null: no memory.
  JNIEnv* attach(JavaVM* vm) {
    void* env = nullptr;
    if (vm->AttachCurrentThreadAsDaemon(&env, nullptr) != JNI_OK) return nullptr;
    vm_ = vm;
    return static_cast<JNIEnv*>(env);
  }

 private:
  JavaVM* vm_ = nullptr;
};

JNIEnv* env_of_this_thread(JavaVM* vm) {
  void* env = nullptr;
  if (vm->GetEnv(&env, version) == JNI_OK) return static_cast<JNIEnv*>(env);
  thread_local Attachment attachment;
  return attachment.attach(vm);
}

}  // namespace

// The Bridge during one call; null if it was collected or the thread cannot be attached. A thread
// of the library never returns to Java, so each local reference is deleted here.
class Callbacks::Call {
 public:
  explicit Call(const Callbacks& callbacks) : env_(env_of_this_thread(callbacks.vm_)) {
    if (env_) bridge_ = env_->NewLocalRef(callbacks.bridge_);
  }
  ~Call() {
    if (argument_) env_->DeleteLocalRef(argument_);
    if (bridge_) env_->DeleteLocalRef(bridge_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  JNIEnv* env() { return env_; }
  jobject bridge() { return bridge_; }
  // Deleted with the call. Null, with the exception cleared, if there is no memory.
  template <typename Reference>
  Reference argument(Reference made) {
    argument_ = made;
    failed();
    return made;
  }
  bool failed() {
    if (!env_->ExceptionCheck()) return false;
    env_->ExceptionClear();
    return true;
  }

 private:
  JNIEnv* env_;
  jobject bridge_ = nullptr;
  jobject argument_ = nullptr;
};

Callbacks::Callbacks(JNIEnv* env, jobject bridge) {
  env->GetJavaVM(&vm_);
  jclass type = env->GetObjectClass(bridge);
  pull_ = env->GetMethodID(type, "pull", "(J[J)I");
  if (pull_) progress_ = env->GetMethodID(type, "progress", "(JJJJ)I");
  if (progress_) cancel_ = env->GetMethodID(type, "cancel", "()I");
  if (cancel_) log_ = env->GetMethodID(type, "log", "(I[B)V");
  if (log_) bridge_ = env->NewWeakGlobalRef(bridge);
  env->DeleteLocalRef(type);
}

Callbacks::~Callbacks() {
  JNIEnv* env = env_of_this_thread(vm_);
  if (env && bridge_) env->DeleteWeakGlobalRef(bridge_);
}

// The facts of a piece in one array: one call into Java is cheaper than six calls back. Piece.java
// has their order.
int32_t Callbacks::on_pull(swr_piece* piece, void* user) {
  const swr_region* region = swr_piece_region(piece);
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int32_t components = 0;
  swr_piece_get_type(piece, &component, &components);
  const int32_t n = region->dimensions;
  jlong facts[6 + 2 * SWR_MAX_DIMENSIONS] = {swr_piece_number(piece),
                                             swr_piece_count(piece),
                                             swr_piece_bytes(piece),
                                             component,
                                             components,
                                             n};
  for (int32_t a = 0; a < n; ++a) {
    facts[6 + a] = region->index[a];
    facts[6 + n + a] = region->size[a];
  }
  const auto& self = *static_cast<Callbacks*>(user);
  Call call(self);
  if (!call.bridge()) return SWR_CANCELLED;
  jlongArray list = call.argument(call.env()->NewLongArray(6 + 2 * n));
  if (!list) return SWR_ERROR_MEMORY;
  call.env()->SetLongArrayRegion(list, 0, 6 + 2 * n, facts);
  const jint status = call.env()->CallIntMethod(
      call.bridge(), self.pull_, static_cast<jlong>(reinterpret_cast<intptr_t>(piece)), list);
  return call.failed() ? SWR_ERROR_SOURCE : status;
}

int32_t Callbacks::on_progress(int64_t pieces_done, int64_t pieces, int64_t bytes_done,
                               int64_t bytes, void* user) {
  const auto& self = *static_cast<Callbacks*>(user);
  Call call(self);
  if (!call.bridge()) return 1;
  const jint stop = call.env()->CallIntMethod(
      call.bridge(), self.progress_, static_cast<jlong>(pieces_done), static_cast<jlong>(pieces),
      static_cast<jlong>(bytes_done), static_cast<jlong>(bytes));
  return call.failed() ? 1 : stop;
}

int32_t Callbacks::on_cancel(void* user) {
  const auto& self = *static_cast<Callbacks*>(user);
  Call call(self);
  if (!call.bridge()) return 1;
  const jint stop = call.env()->CallIntMethod(call.bridge(), self.cancel_);
  return call.failed() ? 1 : stop;
}

void Callbacks::on_log(swr_log_level level, const char* message, void* user) {
  const auto& self = *static_cast<Callbacks*>(user);
  if (self.silent_) return;
  Call call(self);
  if (!call.bridge()) return;
  jbyteArray text = call.argument(bytes_of(call.env(), message));
  if (!text) return;
  call.env()->CallVoidMethod(call.bridge(), self.log_, static_cast<jint>(level), text);
  call.failed();
}

jbyteArray bytes_of(JNIEnv* env, const char* text) {
  if (!text) return nullptr;
  const auto n = static_cast<jsize>(std::strlen(text));
  jbyteArray bytes = env->NewByteArray(n);
  if (bytes) env->SetByteArrayRegion(bytes, 0, n, reinterpret_cast<const jbyte*>(text));
  return bytes;
}

}  // namespace swr_java

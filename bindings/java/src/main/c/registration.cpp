// Registers the native methods, whatever the package of their class is called: a tool that puts
// several jars into one may have relocated it.
#include <jni.h>

#include <string>

// NATIVES: {name, descriptor, function} of each native method, made by natives.cmake
#include "natives.inc"

namespace {

// The value of a system property, in the encoding of class names; "" if it is not set.
std::string property(JNIEnv* env, const char* name) {
  std::string value;
  jclass system = env->FindClass("java/lang/System");
  if (!system) return value;
  jmethodID get =
      env->GetStaticMethodID(system, "getProperty", "(Ljava/lang/String;)Ljava/lang/String;");
  jstring key = get ? env->NewStringUTF(name) : nullptr;
  if (!key) return value;
  auto text = static_cast<jstring>(env->CallStaticObjectMethod(system, get, key));
  if (!env->ExceptionCheck() && text) {
    const char* chars = env->GetStringUTFChars(text, nullptr);
    if (chars) value = chars;
    if (chars) env->ReleaseStringUTFChars(text, chars);
  }
  return value;
}

}  // namespace

// NativeLoader sets the property while it loads the library. A pending exception leaves the load.
extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  void* got = nullptr;
  if (vm->GetEnv(&got, JNI_VERSION_1_8) != JNI_OK) return JNI_ERR;
  auto* env = static_cast<JNIEnv*>(got);
  std::string name = property(env, "swr.natives");
  if (env->ExceptionCheck()) return JNI_ERR;
  if (name.empty()) name = "org/swr/SwrNativeJNI";
  jclass natives = env->FindClass(name.c_str());
  if (!natives) return JNI_ERR;
  const jint failed =
      env->RegisterNatives(natives, NATIVES, static_cast<jint>(sizeof NATIVES / sizeof *NATIVES));
  return failed ? JNI_ERR : JNI_VERSION_1_8;
}

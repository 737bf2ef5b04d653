/* What the tests of the Java binding ask the C library. */
#include <jni.h>
#include <malloc.h>

JNIEXPORT jlong JNICALL Java_org_swr_HeldTest_nativeBytes(JNIEnv* env, jclass type) {
  (void)env, (void)type;
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  const struct mallinfo2 info = mallinfo2();
  return (jlong)(info.uordblks + info.hblkhd);
#else
  return 0;
#endif
}

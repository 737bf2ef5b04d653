/* What jni.h includes for the types of a platform: those of Windows x64. A JDK has the file for its
 * own system alone. */
#pragma once

#define JNIEXPORT __declspec(dllexport)
#define JNIIMPORT __declspec(dllimport)
#define JNICALL __stdcall

typedef int jint;
typedef long long jlong;
typedef signed char jbyte;

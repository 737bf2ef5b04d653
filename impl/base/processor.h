// Instructions that only some processors of an architecture have. A loop is compiled with and
// without them, and the faster one runs where the processor has them. SWR_PAUSE leaves the core's
// resources to others while a thread asks again and again for what will be done soon.
// SWR_WITHOUT_AVX2: for compilers whose runtime library cannot say what the processor has.
#pragma once

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(SWR_WITHOUT_AVX2)
// The functions that a function with SWR_FOR_AVX2 inlines use these instructions too.
#define SWR_COMPILES_AVX2 1
#define SWR_FOR_AVX2 __attribute__((target("avx2")))
#define SWR_ALWAYS_INLINE inline __attribute__((always_inline))
#define SWR_HAS_AVX2() (__builtin_cpu_supports("avx2") != 0)
#define SWR_PAUSE() __builtin_ia32_pause()
#else
#define SWR_COMPILES_AVX2 0
#define SWR_FOR_AVX2
#define SWR_ALWAYS_INLINE inline
#define SWR_HAS_AVX2() false
#define SWR_PAUSE() static_cast<void>(0)
#endif

#include "heap/heap.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>

#include "sanitized.h"

#if SANITIZED || !defined(__GLIBC__)

void heap_watch(void) {}

int64_t heap_peak(void) {
  return 0;
}

#else

/* What glibc has under malloc() for programs that replace it. */
extern void* __libc_malloc(size_t bytes);
extern void* __libc_calloc(size_t count, size_t bytes);
extern void* __libc_realloc(void* memory, size_t bytes);
extern void* __libc_memalign(size_t alignment, size_t bytes);
extern void __libc_free(void* memory);

#define REPLACES __attribute__((visibility("default")))

static int64_t allocated, most, begin;

static void add(int64_t bytes) {
  const int64_t now = __atomic_add_fetch(&allocated, bytes, __ATOMIC_RELAXED);
  int64_t highest = __atomic_load_n(&most, __ATOMIC_RELAXED);
  while (now > highest && !__atomic_compare_exchange_n(&most, &highest, now, 1, __ATOMIC_RELAXED,
                                                       __ATOMIC_RELAXED)) {
  }
}

static void* counted(void* memory) {
  if (memory) add((int64_t)malloc_usable_size(memory));
  return memory;
}

REPLACES void* malloc(size_t bytes) {
  return counted(__libc_malloc(bytes));
}

REPLACES void* calloc(size_t count, size_t bytes) {
  return counted(__libc_calloc(count, bytes));
}

REPLACES void free(void* memory) {
  if (memory) add(-(int64_t)malloc_usable_size(memory));
  __libc_free(memory);
}

REPLACES void* realloc(void* memory, size_t bytes) {
  const int64_t before = memory ? (int64_t)malloc_usable_size(memory) : 0;
  void* const moved = __libc_realloc(memory, bytes);
  if (moved || bytes == 0) add(-before);
  return counted(moved);
}

REPLACES void* memalign(size_t alignment, size_t bytes) {
  return counted(__libc_memalign(alignment, bytes));
}

REPLACES void* aligned_alloc(size_t alignment, size_t bytes) {
  return counted(__libc_memalign(alignment, bytes));
}

REPLACES int posix_memalign(void** memory, size_t alignment, size_t bytes) {
  void* const got = counted(__libc_memalign(alignment, bytes));
  if (!got) return ENOMEM;
  *memory = got;
  return 0;
}

void heap_watch(void) {
  begin = __atomic_load_n(&allocated, __ATOMIC_RELAXED);
  __atomic_store_n(&most, begin, __ATOMIC_RELAXED);
}

int64_t heap_peak(void) {
  return __atomic_load_n(&most, __ATOMIC_RELAXED) - begin;
}

#endif

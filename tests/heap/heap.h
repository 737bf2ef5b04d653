/* The memory that a program has allocated, independent of other processes and of what the system
 * keeps resident. In a program that is linked with this library, malloc() and the like are
 * counted. */
#ifndef SWR_TESTS_HEAP_H
#define SWR_TESTS_HEAP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Starts measuring the peak of allocated bytes. */
void heap_watch(void);
/* The peak since heap_watch(), above what was allocated then. 0 if it is not counted: with a
 * sanitizer, which has an allocator of its own, and without glibc. */
int64_t heap_peak(void);

#ifdef __cplusplus
}
#endif
#endif

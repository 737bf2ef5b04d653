/* How much memory a program has allocated: whatever others do on the machine, and whatever the
 * system keeps resident. A program that is linked with this room has its malloc() and the like
 * counted. */
#ifndef SWR_TESTS_HEAP_H
#define SWR_TESTS_HEAP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most bytes that are allocated at a time are counted from now on. */
void heap_watch(void);
/* The most since heap_watch(), beyond what was allocated then. 0 where it is not counted: with a
 * sanitizer, which has an allocator of its own, and without glibc. */
int64_t heap_peak(void);

#ifdef __cplusplus
}
#endif
#endif

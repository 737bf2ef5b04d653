/* SANITIZED: built with a sanitizer whose allocator keeps freed memory and aborts if there is none.
 * Assertions about memory are then not valid. */
#ifndef SWR_TESTS_SANITIZED_H
#define SWR_TESTS_SANITIZED_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif

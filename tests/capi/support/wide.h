/* Words of the tests for Windows. */
#ifndef SWR_TESTS_WIDE_H
#define SWR_TESTS_WIDE_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* Half of a pair of UTF-16 becomes such a half, as in names that are no text. */
static inline void widen(const char* text, wchar_t* wide) {
  const unsigned char* from = (const unsigned char*)text;
  while (*from) {
    if (from[0] == 0xed && from[1] >= 0xa0) {
      *wide++ = (wchar_t)((from[0] & 15) << 12 | (from[1] & 63) << 6 | (from[2] & 63));
      from += 3;
      continue;
    }
    const int bytes = *from < 0x80 ? 1 : *from < 0xe0 ? 2 : *from < 0xf0 ? 3 : 4;
    wide += MultiByteToWideChar(CP_UTF8, 0, (const char*)from, bytes, wide, 2);
    from += bytes;
  }
  *wide = 0;
}

#endif

// Locks of files that hold among all who use swr. They are bytes far beyond any content: no program
// that locks a file's content is met, and a file server that forbids access to what is locked
// forbids nothing.
#pragma once

#include <cstdint>

namespace swr {

// Of a journal.
inline constexpr int64_t lock_of_life = int64_t{1} << 62;  // its writer holds it, exclusively
inline constexpr int64_t lock_of_look = lock_of_life + 1;  // whoever looks whether the writer lives

}  // namespace swr

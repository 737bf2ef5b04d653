// What the platforms of the fault tests ask the plan of faulty_system.h before and after each call.
// Which platform it is decides the linker: faulty_system.cpp (Linux), faulty_windows.cpp.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "faulty_system.h"

namespace swr::faulty {

extern std::atomic<bool> unnamed_files, exchanges, pinned_folders;
extern std::string machine, boot;

// Whether this call must fail; errno is set then. `changes`: whether it may change the disk.
bool strikes(Call kind, bool changes);
bool strikes(Call kind);
// Whether the failing write writes its first half before it fails. A byte has no halves: the plan's
// death comes before it.
bool halves(size_t bytes);
// The failing write has written its first half: ends the process if the plan says so.
void die_after_half();
void count_written(int64_t bytes);
// Counts that the file was opened, or that its attributes were queried.
void count(int64_t Looks::*what, system::Result known, const system::Facts& facts);
// Reports a file that stands for another one as its original.
system::Result as_original(system::Result known, system::Facts& facts);

// The file is new: what had its number before stands for nothing any more.
void forget(const system::Facts& made);

// Of the platform.
system::Result real_facts(const char* path, system::Links links, system::Facts& found);

}  // namespace swr::faulty

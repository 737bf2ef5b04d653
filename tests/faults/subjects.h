// The subjects of storage_faults.cpp: an image of two files in the folder "work", the ways to
// change it, and the states before and after.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "storage/in_place.h"
#include "storage/storage_test.h"

namespace swr::faulty {

// An image of two files, and a third file that can be in its way or hold the data in another
// encoding.
struct Pair {
  std::string header, data, other;
  bool operator==(const Pair&) const = default;
};

inline const Pair old_pair{pattern(300, 1), pattern(5000, 2), ""};
inline const Pair new_pair{pattern(310, 3), pattern(4000, 4), ""};
inline const std::string header_name = "/x.mhd", data_name = "/x.raw", other_name = "/x.zraw";

Pair pair_in(const std::string& folder);

// A way to change the pair in "work", and the states of the folder before and after.
struct Subject {
  std::string name;
  bool has_old;
  std::function<void()> act;
  Pair after;

  void set_up() const;
  const Pair& before() const;
};

// Writes scattered and overlapping rows, cuts off the end of one file and extends the other.
void change_in_place(const InPlace::Options& options);
// Each was run once.
std::vector<Subject> subjects();
// They were not run, so that `after` is unknown.
std::vector<Subject> untried_subjects();

// What readers and writers do after a change that ended early.
void settle(const std::string& folder);
void check_same(const std::string& what, const Pair& found, const Pair& expected);
// The folder has the names of these files, and no others.
void check_names(const std::string& what, const Pair& files, const std::string& folder);

}  // namespace swr::faulty

// What a file of HDF5 has inside: its groups and datasets, by path. Only hard links are followed,
// so that nothing outside the file is opened.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "formats/hdf5_driver.h"

namespace swr {

struct Hdf5Object {
  // link: a soft or external one. elsewhere: a dataset whose pixels are in other files, which is
  // not opened.
  enum class Kind { group, dataset, elsewhere, type, link };
  std::string path;
  Kind kind = Kind::group;
};

// All objects, each group before what it holds. A file can have more than `most`, or groups that
// hold each other: then `is_complete` is false.
struct Hdf5Tree {
  std::vector<Hdf5Object> objects;
  bool is_complete = true;
};
Hdf5Tree hdf5_tree(const Hdf5File& file, size_t most = 20000);

// The names in a group, in the order in which they were made if the group knows it.
std::vector<std::string> hdf5_link_names(const Hdf5File& file, hid_t group);

// Opens a dataset; an empty result if there is none of this path. SWR_ERROR_UNSUPPORTED if its
// pixels are in other files.
Hdf5Id open_hdf5_dataset(const Hdf5File& file, const std::string& path);
// A group, in the same way.
Hdf5Id open_hdf5_group(const Hdf5File& file, const std::string& path);

// Where the header of an open object is: the library opens it by this number.
haddr_t hdf5_object_header(const Hdf5File& file, hid_t object);

// The path with one "/" before each name. SWR_ERROR_ARGUMENT for one that names no dataset.
std::string hdf5_path(const std::string& text);
std::string hdf5_parent(const std::string& path);  // "" of "/data"
std::string hdf5_child(const std::string& parent, const std::string& name);

}  // namespace swr

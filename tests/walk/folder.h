// The expected folder of a walk: images, and files of a user.
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "checked/image_state.h"

namespace swr::walk {

using checked::Bytes;
using checked::ImageState;

// Something is not as the model says.
class Wrong : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Picture {
  ImageState state;
  std::string header, data;           // the files' names; the same where one, or a folder, is all
  std::set<std::string> more_data{};  // where the pixels are in several files: all but the first
  bool has_level = false;             // a smaller version, of the nearest pixels

  std::set<std::string> files() const;
};

class Folder {
 public:
  std::map<std::string, Picture> images;      // by the name that is opened
  std::map<std::string, std::string> others;  // a user's files, with their bytes

  // Looks at every file. Throws Wrong.
  void check() const;
  // Adds an image that was written, with the names of its files, which must not belong to others.
  void accept(const std::string& name, ImageState state, bool has_level, bool replaces = false);
  // The names of all files that there have to be.
  std::set<std::string> names() const;
  bool is_taken(const std::string& name) const { return names().count(name) > 0; }
};

// The names of the files of an image, as a reader tells them.
Picture named(const std::string& name);

std::string load(const std::string& name);
void save(const std::string& name, const std::string& bytes);

}  // namespace swr::walk

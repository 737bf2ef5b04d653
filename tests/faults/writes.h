// The writes that the fault tests make, through the public interface: small images of every kind of
// file, in the folder "work", and what is there before and after each.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "swr/swr.h"

namespace swr::writes {

// The files of a folder, by name, with their bytes. Folders in it count as files without bytes.
using Files = std::map<std::string, std::string>;
Files files_in(const std::string& folder);
void put_files(const std::string& folder, const Files& files);  // and nothing else

struct Write {
  std::string name;  // for messages: ".mhd: paste, with sync"
  std::string file;  // the one to name, in the folder
  std::function<swr_status(swr_writer*, const std::string& path)>
      act;  // sets all that has to be set, and writes; ends what it began
  std::function<void(const std::string& path)>
      check;  // opens and verifies the file, and compares its pixels with those after the write
  Files before, after;

  void set_up() const { put_files("work", before); }
  swr_status run(swr_writer* writer) const { return act(writer, "work/" + file); }
};

// All of them, each run once and its result read back.
std::vector<Write> all(bool sync);

}  // namespace swr::writes

// The writes of the fault tests, through the public interface: small images of every kind of file
// in the folder "work", and the files before and after each write.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "swr/swr.h"

namespace swr::writes {

// The files of a folder and those below it: names and bytes. A folder has a slash after its name,
// and no bytes.
using Files = std::map<std::string, std::string>;
Files files_in(const std::string& folder);
void put_files(const std::string& folder, const Files& files);  // and removes all others

struct Write {
  std::string name;  // for messages: ".mhd: paste, with sync"
  std::string file;  // the path to name, relative to the folder
  std::function<swr_status(swr_writer*, const std::string& path)>
      act;  // makes all settings and writes; ends what it began
  std::function<void(const std::string& path)>
      check;  // opens and verifies the file, and compares its pixels with the expected ones
  Files before, after;

  void set_up() const { put_files("work", before); }
  swr_status run(swr_writer* writer) const { return act(writer, "work/" + file); }
};

// All writes. Each was run once, and its result was read back.
std::vector<Write> all(bool sync);
// Those that this commit tries: with SWR_TEST_SEED in the environment, half of the kinds of files,
// another commit the other half. Where calls are slow, one of five kinds, and half of
// the writes if it is a folder.
std::vector<Write> in_turn(bool sync);
// The same in the same order, of which only the names and the acts are known.
std::vector<Write> untried(bool sync);

}  // namespace swr::writes

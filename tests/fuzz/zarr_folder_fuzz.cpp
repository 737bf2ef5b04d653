// A Zarr image: a folder of files. An input is one file after the other: a line with its name and
// its size, then its bytes. Names that lead out of the folder are left out.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "scratch.h"
#include "use_image.h"

namespace {

namespace fs = std::filesystem;

constexpr int most_files = 200;

bool is_inside(std::string_view name) {
  constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz.";
  while (true) {
    const std::string_view part = name.substr(0, name.find('/'));
    if (part.empty() || part.size() > 40 || part == "." || part == ".." ||
        part.find_first_not_of(letters) != part.npos)
      return false;
    if (part.size() == name.size()) return true;
    name.remove_prefix(part.size() + 1);
  }
}

void write_files(const fuzz::Scratch& scratch, std::string_view input) {
  for (int count = 0; count < most_files; ++count) {
    const size_t end = input.find('\n');
    if (end == input.npos) return;
    const std::string line(input.substr(0, end));
    input.remove_prefix(end + 1);
    const size_t blank = line.find(' ');
    if (blank == line.npos) return;
    const size_t bytes =
        std::min<size_t>(input.size(), std::strtoull(line.c_str() + blank, nullptr, 10));
    const std::string name = "image.zarr/" + line.substr(0, blank);
    std::error_code none;
    if (is_inside(name)) {
      fs::create_directories(fs::path(scratch.path(name)).parent_path(), none);
      scratch.write(name, input.data(), bytes);
    }
    input.remove_prefix(bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::Scratch scratch;
  fs::create_directory(scratch.path("image.zarr"));
  write_files(scratch, {reinterpret_cast<const char*>(data), size});
  fuzz::use_image(scratch.path("image.zarr"));
  scratch.clear();
  return 0;
}

// A whole file of one format. The first byte chooses the suffix.
#include <iterator>
#include <string>

#include "scratch.h"
#include "use_image.h"

namespace {

constexpr const char* suffixes[] = {SUFFIXES};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  static const fuzz::Scratch scratch;
  scratch.write("data.raw", "................................................................", 64);
  const std::string name = std::string("image") + suffixes[data[0] % std::size(suffixes)];
  fuzz::use_image(scratch.write(name, data + 1, size - 1));
  scratch.clear();
  return 0;
}

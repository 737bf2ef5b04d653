#include "engine/image_rest.h"

#include <utility>

#include "engine/open_image.h"
#include "engine/watch.h"
#include "formats/bytes_before.h"

namespace swr {
namespace {

// How often a file that changes is looked at.
constexpr int most_looks = 8;

int64_t count(const std::string& path, const Description& file, const std::string& dataset) {
  OpenFiles files(File::Mode::read);
  files.choose_dataset(dataset);
  return bytes_after(path, file, files);
}

}  // namespace

int64_t settled_bytes_after(const std::string& path, const Description& read,
                            const std::string& dataset) {
  int64_t after = count(path, read, dataset);
  if (after == 0 || !file_exists(path)) return after;
  OpenImage::Options options;
  options.dataset = dataset;
  OpenImage image;
  Patience patience;
  int64_t seen = 0;
  for (int looks = 0; looks < most_looks; ++looks) {
    std::optional<Error> trouble;
    try {
      image.open(path, options);
      after = count(path, image.file(), dataset);
      if (after == 0) return 0;
      // Seen twice, because a change can begin after the header was read, and end before the count.
      if (!image.is_disturbed() && std::exchange(seen, after) == after) return after;
    } catch (const Error& error) {
      if (!may_be_a_change(error) || !image.is_disturbed()) throw;
      trouble = error;
    }
    patience.wait(path, trouble);
  }
  return 0;
}

}  // namespace swr

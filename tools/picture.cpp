#include "picture.h"

#include <png.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>

#include "files.h"
#include "status.h"

namespace swr::tool {
namespace {

uint8_t shade(float value, const Window& window) {
  const float share = (value - window.first) / (window.second - window.first);
  if (!(share > 0)) return 0;  // NaN too
  return share < 1 ? static_cast<uint8_t>(std::lround(share * 255)) : 255;
}

[[noreturn]] void fail_io(const std::string& path, const char* what) {
  const std::string reason = std::strerror(errno);  // before an allocation changes errno
  throw Failure(SWR_ERROR_IO, path + ": " + what + ": " + reason);
}

// A new file that is deleted unless it gets its name.
class StagedFile {
 public:
  explicit StagedFile(const std::string& path)
      : path_(path),
        staged_(path + ".swr-" + std::to_string(std::random_device()())),
        file_(create_file(staged_)) {
    if (!file_) fail_io(path_, "could not be created");
  }
  ~StagedFile() {
    file_.reset();
    std::error_code none;
    if (!named_) std::filesystem::remove(path_of(staged_), none);
  }
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  std::FILE* stream() { return file_.get(); }
  void commit() {
    if (std::fclose(file_.release()) != 0) fail_io(path_, "could not be written");
    std::error_code failure;
    std::filesystem::rename(path_of(staged_), path_of(path_), failure);
    if (failure)
      throw Failure(SWR_ERROR_IO, path_ + ": could not get its name: " + failure.message());
    named_ = true;
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_, staged_;
  std::unique_ptr<std::FILE, Close> file_;
  bool named_ = false;
};

}  // namespace

Window percentile_window(const std::vector<Panel>& panels) {
  std::vector<float> values;
  for (const Panel& panel : panels) {
    std::copy_if(panel.values.begin(), panel.values.end(), std::back_inserter(values),
                 [](float value) { return std::isfinite(value); });
  }
  if (values.empty()) return {0.f, 1.f};
  const auto percentile = [&values](double share) {
    const auto at = values.begin() + std::lround(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
  };
  Window window{percentile(0.01), percentile(0.99)};
  if (window.first == window.second) window = {percentile(0), percentile(1)};
  if (window.first == window.second)
    window.second = std::max(window.first + 1, std::nextafter(window.first, INFINITY));
  return window;
}

Picture side_by_side(const std::vector<Panel>& panels, const Window& window) {
  Picture picture;
  picture.channels = panels.front().channels;
  picture.width = panel_gap * static_cast<int>(panels.size() - 1);
  for (const Panel& panel : panels) {
    picture.width += panel.width;
    picture.height = std::max(picture.height, panel.height);
  }
  picture.bytes.assign(static_cast<size_t>(picture.width) * picture.height * picture.channels, 0);
  int left = 0;
  for (const Panel& panel : panels) {
    const int top = (picture.height - panel.height) / 2;
    const size_t row_values = static_cast<size_t>(panel.width) * panel.channels;
    for (int y = 0; y < panel.height; ++y) {
      const float* from = panel.values.data() + y * row_values;
      uint8_t* to = picture.bytes.data() +
                    (static_cast<size_t>(top + y) * picture.width + left) * picture.channels;
      std::transform(from, from + row_values, to,
                     [&window](float value) { return shade(value, window); });
    }
    left += panel.width + panel_gap;
  }
  return picture;
}

void write_png(const Picture& picture, const std::string& path) {
  StagedFile file(path);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = picture.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  if (!png_image_write_to_stdio(&image, file.stream(), 0, picture.bytes.data(), 0, nullptr)) {
    throw Failure(SWR_ERROR_IO, path + ": could not be written: " + image.message);
  }
  file.commit();
}

}  // namespace swr::tool

// The expected content of a file after a write, from the old content, the settings, and what the
// source delivered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "checked/told.h"

namespace swr::checked {

class Expectation {
 public:
  // Reads the existing file before the write begins. The path becomes absolute: that of the write.
  // `others_write`: to other regions, at the same time.
  Expectation(const Told& told, bool others_write);

  // The first difference from the expectation, or nothing.
  std::string problem_after_success(const Delivered& delivered) const;
  std::string problem_after_failure() const;

  const std::string& path() const { return path_; }
  // The type in which the application puts pixels; unknown if it is not set.
  swr_component source_component() const;
  int32_t source_components() const;

 private:
  bool drops(const ImageState& state, uint32_t flag) const;
  std::optional<swr_region> dropped_index(const ImageState& state) const;
  void take_dropped_index(ImageState& state) const;
  std::string read_pixels(const ImageState& now, swr_region region, Bytes& pixels) const;
  std::string header_problem(const ImageState& now) const;
  std::string pixel_problem(const ImageState& now, const Delivered& delivered) const;
  swr_region written_region(const ImageState& now) const;

  std::string own_pixel_problem(const ImageState& now, const Delivered& delivered) const;
  std::string mismatch(const ImageState& now, const swr_region& region, const Bytes& found,
                       const Bytes& expected) const;

  Told told_;
  bool others_write_;
  std::string path_;
  std::optional<ImageState> old_;  // if the write keeps an old file that can be read
  bool old_unknown_ = false;       // there is an old file to keep, and it cannot be read
  std::optional<std::string> old_bytes_;
};

}  // namespace swr::checked

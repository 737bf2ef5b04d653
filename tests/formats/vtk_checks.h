// Shared by the tests of VTK's two formats.
#pragma once

#include "sample_checks.h"

namespace swr::checks {

// What VTK's samples in tests/data show.
inline Image image_of_samples(swr_component component, int components = 1,
                              swr_kind kind = SWR_KIND_SCALAR) {
  Image image = an_image({13, 7, 5}, component, components, kind);
  constexpr double spacing[] = {0.7, 0.8, 2.5}, origin[] = {-10.5, 20.25, 30};
  std::copy_n(spacing, 3, image.spacing.begin());
  std::copy_n(origin, 3, image.origin.begin());
  return image;
}

inline NewFile planned_by(const Format& format, const Image& image, const std::string& path,
                          const Description* base) {
  NewFileRequest request = request_for(format, path);
  request.base = base;
  return format.plan(image, request);
}

// Axes that neither format can hold.
inline void expect_axes_are_checked(const Format& format) {
  const auto refused = [&](const std::string& word, const Image& image) {
    expect_failure(SWR_ERROR_UNSUPPORTED, {"no.vtk", std::string(format.name) + " cannot", word},
                   [&] { planned_by(format, image, "no.vtk", nullptr); });
  };
  refused("4 dimensions", an_image({2, 2, 2, 2}));
  refused("31 bits", an_image({int64_t{1} << 31, 1}));
  Image image = an_image({7, 5});
  image.spacing[1] = -1;
  refused("spacing", image);
}

}  // namespace swr::checks

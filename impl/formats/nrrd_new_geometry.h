// The geometry fields of a NRRD header that does not keep those of an older one.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/header_draft.h"
#include "formats/nrrd_source.h"
#include "image/image.h"

namespace swr {

// Replaces all such fields. `component_axis` is that of the header; -1 if there is none.
void write_nrrd_geometry(HeaderDraft& draft, const Image& image, int component_axis);

// The first pixel's position, in LPS; three coordinates if the image has a placement.
std::array<double, max_dimensions> nrrd_first_pixel(const Image& image);

// Sets a field that has one word for each axis: word(axis) for those of the image, `component` for
// the component axis.
template <typename Word>
void set_nrrd_axis_words(HeaderDraft& draft, std::string_view name, int dimensions,
                         int component_axis, std::string_view component, const Word& word) {
  std::vector<std::string> words;
  words.reserve(static_cast<size_t>(dimensions) + 1);
  for (int axis = 0; axis < dimensions; ++axis) words.emplace_back(word(axis));
  if (component_axis >= 0) words.insert(words.begin() + component_axis, std::string(component));
  draft.set(name, joined_nrrd_words(words));
}

}  // namespace swr

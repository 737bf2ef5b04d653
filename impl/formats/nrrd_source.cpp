#include "formats/nrrd_source.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace swr {
namespace {

bool is_plain_kind(std::string_view kind) {
  constexpr std::string_view plain[] = {"domain",
                                        "space",
                                        "???",
                                        "none",
                                        "vector",
                                        "list",
                                        "stub",
                                        "scalar",
                                        "complex",
                                        "rgb-color",
                                        "rgba-color",
                                        "covariant-vector",
                                        "2d-symmetric-matrix",
                                        "3d-symmetric-matrix"};
  return std::find(std::begin(plain), std::end(plain), kind) != std::end(plain);
}

}  // namespace

std::vector<std::string> NrrdSource::own_fields() const {
  std::vector<std::string> names;
  for (const char* name : {"labels", "thicknesses", "old min", "old max", "min", "max"}) {
    if (draft.field(name)) names.emplace_back(name);
  }
  const auto any_word = [&](std::string_view name, auto&& counts) {
    const auto* const line = draft.field(name);
    const auto words = line ? nrrd_axis_words(*line) : std::vector<std::string>();
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return counts(lower_case(word)); });
  };
  if (any_word("centers", [](const std::string& word) { return word == "node"; }))
    names.emplace_back("centerings");
  if (any_word("kinds", [](const std::string& word) { return !is_plain_kind(word); }))
    names.emplace_back("kinds");
  return names;
}

std::vector<std::string> nrrd_axis_words(const HeaderDraft::Line& line) {
  std::vector<std::string> words;
  for (const auto word : nrrd_words(line.value)) words.emplace_back(word);
  return words;
}

std::string joined_nrrd_words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

void move_nrrd_bounds(HeaderDraft& draft, const NrrdAxes& axes, const Image& before,
                      const Image& image) {
  const auto number = [&](std::string_view name, int axis) {
    const auto* const line = draft.field(name);
    const auto words = line ? nrrd_axis_words(*line) : std::vector<std::string>();
    if (std::ssize(words) != axes.count) return double{NAN};
    return double_of(words[static_cast<size_t>(axis)]).value_or(NAN);
  };
  const auto* const centers = draft.field("centers");
  const auto center_words = centers ? nrrd_axis_words(*centers) : std::vector<std::string>();
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    const int of_header = axes.domain[static_cast<size_t>(axis)];
    const auto at = static_cast<size_t>(of_header);
    const double least = number("axis mins", of_header), most = number("axis maxs", of_header);
    const bool node = at < center_words.size() && lower_case(center_words[at]) == "node";
    double gap = number("spacings", of_header);
    if (std::isnan(gap))
      gap = (most - least) / static_cast<double>(before.region.size[axis] - (node ? 1 : 0));
    const auto low = static_cast<double>(image.region.index[axis] - before.region.index[axis]);
    const auto high = low + static_cast<double>(image.region.size[axis] - before.region.size[axis]);
    const auto move = [&](std::string_view name, double value, double steps) {
      if (std::isnan(value) || steps == 0) return;
      auto words = nrrd_axis_words(*draft.field(name));
      words[at] = std::isfinite(gap) ? double_text(value + gap * steps + 0.0) : "NaN";
      draft.set(name, joined_nrrd_words(words));
    };
    move("axis mins", least, low);
    move("axis maxs", most, high);
  }
}

void set_nrrd_number(HeaderDraft& draft, const std::vector<int64_t>& sizes) {
  const auto* const line = draft.field("number");
  if (!line || !integer_of(trimmed(line->value))) return;
  int64_t product = 1;
  for (const int64_t size : sizes) product *= size;
  draft.set("number", text(product));
}

std::optional<std::string> grown_nrrd_lines(const NrrdSource& source, const Image& now,
                                            const Image& grown) {
  HeaderDraft draft = source.draft;
  const size_t length = draft.bytes();
  const int axis = grown.dimensions() - 1;
  const int of_header = source.axes.domain[static_cast<size_t>(axis)];
  draft.set("sizes", with_number(draft.field("sizes")->value, static_cast<size_t>(of_header),
                                 grown.region.size[axis]));
  std::vector<int64_t> sizes(source.axes.sizes.begin(),
                             source.axes.sizes.begin() + source.axes.count);
  sizes[static_cast<size_t>(of_header)] = grown.region.size[axis];
  set_nrrd_number(draft, sizes);
  move_nrrd_bounds(draft, source.axes, now, grown);
  const bool nothing_follows = draft.field("data file") && trimmed(source.after).empty();
  if (!draft.fit(length) && !nothing_follows) return std::nullopt;
  return draft.text();
}

}  // namespace swr

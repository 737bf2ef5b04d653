#include "formats/nrrd_axes.h"

#include <algorithm>
#include <cmath>

#include "formats/nrrd_geometry.h"
#include "formats/nrrd_names.h"
#include "image/unit.h"

namespace swr {
namespace {

constexpr int64_t most_components = int64_t{1} << 24;

class AxesReader {
 public:
  explicit AxesReader(NrrdHeader& header) : header_(header) {}

  NrrdAxes read() {
    read_sizes();
    read_space();
    read_kinds();
    read_pixel();
    read_index();
    read_nrrd_geometry(header_, vectors_, axes_);
    read_measurement_frame();
    return std::move(axes_);
  }

 private:
  NrrdHeader& header_;
  NrrdAxes axes_;
  std::vector<const NrrdKind*> kinds_;  // of each axis; nullptr if it does not hold components
  std::vector<bool> kind_known_;
  NrrdVectors vectors_;

  void read_sizes() {
    header_.require("dimension");
    const int64_t count = *header_.integer("dimension");
    if (count < 1) header_.corrupt("the dimension is ", count);
    if (count > most_nrrd_axes)
      header_.unsupported("the dimension is ", count, "; NRRD has at most ", most_nrrd_axes);
    axes_.count = static_cast<int>(count);
    const auto words = words_of(header_.require("sizes"), static_cast<size_t>(count) + 1);
    if (words.size() != static_cast<size_t>(count))
      header_.corrupt("\"sizes\" does not have ", count, " numbers");
    for (int axis = 0; axis < axes_.count; ++axis) {
      const auto size = integer_of(words[axis].text);
      if (!size || *size < 1)
        header_.corrupt("\"sizes\" has \"", words[axis].text.substr(0, 80),
                        "\" where a size belongs");
      axes_.sizes[axis] = *size;
    }
  }

  void read_space() {
    const HeaderValue* name = header_.find("space");
    const auto dimension = header_.integer("space dimension");
    NrrdSpace& space = axes_.space;
    space.to_lps.fill(1);
    if (name && dimension) header_.corrupt("there are both \"space\" and \"space dimension\"");
    if (dimension) {
      if (*dimension < 1 || *dimension > most_nrrd_space_axes)
        header_.corrupt("the space dimension is ", *dimension, "; it is 1 to ",
                        most_nrrd_space_axes);
      space.axes = static_cast<int>(*dimension);
    }
    if (name) read_space_name(*name);
    read_units();
    if (!header_.find("space directions")) return;
    if (space.axes == 0)
      header_.corrupt(
          "there are \"space directions\", but neither \"space\" nor \"space dimension\"");
    vectors_.directions = nrrd_vectors(header_, "space directions", axes_.count, space.axes);
  }

  void read_space_name(const HeaderValue& name) {
    const NrrdSpaceName* const found = find_nrrd_space(name.text);
    if (!found) header_.unsupported("the space \"", name.text.substr(0, 80), "\" is unknown");
    axes_.space.axes = found->axes;
    if (found->turn_x) axes_.space.to_lps[0] = -1;
    if (found->turn_y) axes_.space.to_lps[1] = -1;
  }

  // Unknown units have a size of 1.
  void read_units() {
    vectors_.axis_units.assign(static_cast<size_t>(axes_.count), SWR_UNIT_NONE);
    if (const HeaderValue* field = header_.find("units")) {
      const auto words = nrrd_words(field->text);
      for (size_t i = 0; i < std::min(words.size(), vectors_.axis_units.size()); ++i)
        vectors_.axis_units[i] = unit_of_name(nrrd_unquoted(words[i]));
    }
    const HeaderValue* const field = header_.find("space units");
    if (!field) return;
    const auto words = nrrd_words(field->text);
    for (size_t i = 0; i < words.size() && static_cast<int>(i) < axes_.space.axes; ++i) {
      vectors_.space_units[i] = unit_of_name(nrrd_unquoted(words[i]));
      axes_.space.to_lps[i] *= size_of(vectors_.space_units[i]);
    }
  }

  void read_kinds() {
    kinds_.resize(static_cast<size_t>(axes_.count));
    kind_known_.resize(static_cast<size_t>(axes_.count));
    const HeaderValue* field = header_.find("kinds");
    const auto words =
        words_of(field ? *field : HeaderValue{}, static_cast<size_t>(axes_.count) + 1);
    if (field && words.size() != static_cast<size_t>(axes_.count))
      header_.corrupt("\"kinds\" does not have ", axes_.count, " words");
    for (size_t axis = 0; axis < words.size(); ++axis) {
      kinds_[axis] = find_nrrd_kind(words[axis].text);
      const std::string name = lower_case(words[axis].text);
      kind_known_[axis] = name != "???" && name != "none";
      if (kind_known_[axis] && !kinds_[axis] && name != "domain" && name != "space" &&
          name != "time") {
        header_.unsupported("axes of the kind \"", words[axis].text.substr(0, 80),
                            "\" are unknown");
      }
    }
    for (int axis = 0; axis < axes_.count; ++axis) {
      if (is_component_axis(axis)) {
        if (axes_.component_axis >= 0)
          header_.unsupported("axes ", axes_.component_axis, " and ", axis,
                              " both hold components; swr knows one such axis");
        axes_.component_axis = axis;
      } else {
        axes_.domain.push_back(axis);
      }
    }
    if (axes_.domain.empty()) header_.unsupported("there is only an axis of components");
  }

  // An axis holds components if its kind says so, or if its kind is unknown and it has no direction
  // while others do.
  bool is_component_axis(int axis) const {
    if (kinds_[axis]) return true;
    return !kind_known_[axis] && !vectors_.directions.empty() && !vectors_.directions[axis] &&
           axes_.space.axes < axes_.count &&
           std::any_of(vectors_.directions.begin(), vectors_.directions.end(),
                       [](const NrrdVector& vector) { return vector.has_value(); });
  }

  void read_pixel() {
    Image& image = axes_.image;
    const HeaderValue& type = header_.require("type");
    image.pixel.component = nrrd_component(type.text);
    if (image.pixel.component == SWR_COMPONENT_UNKNOWN)
      header_.unsupported("samples of the type \"", type.text.substr(0, 80), "\" are unknown");
    image.pixel.components = 1;
    image.pixel.kind = SWR_KIND_SCALAR;
    const auto kept_kind = header_.metadata.take(kind_key);
    if (axes_.component_axis >= 0) {
      const int64_t components = axes_.sizes[axes_.component_axis];
      if (components > most_components)
        header_.unsupported("pixels of ", components, " components");
      image.pixel.components = static_cast<int>(components);
      const NrrdKind* kind = kinds_[axes_.component_axis];
      image.pixel.kind = kind ? kind->kind : default_kind(image.pixel.components);
      if (kind && kind->components > 0 && kind->components != components)
        header_.corrupt("an axis of the kind ", kind->name, " has ", components, " samples");
    }
    const auto kind = kept_kind ? kind_of_name(*kept_kind) : std::nullopt;
    if (kind && kind_fits(*kind, image.pixel.components)) image.pixel.kind = *kind;
    if (!bytes_of_axes(axes_.sizes.data(), axes_.count, swr_component_bytes(image.pixel.component)))
      header_.corrupt("\"sizes\" is more than a file can hold");
  }

  // A start index that does not fit the image was left over by a program that does not know the
  // field.
  void read_index() {
    Region& region = axes_.image.region;
    region.dimensions = static_cast<int>(axes_.domain.size());
    for (size_t axis = 0; axis < axes_.domain.size(); ++axis)
      region.size[axis] = axes_.sizes[axes_.domain[axis]];
    if (const auto text = header_.metadata.take(start_index_key)) set_start_index(region, *text);
  }

  void read_measurement_frame() {
    if (!header_.find("measurement frame") || axes_.space.axes == 0) return;
    for (const NrrdVector& vector :
         nrrd_vectors(header_, "measurement frame", axes_.space.axes, axes_.space.axes)) {
      if (!vector) {
        axes_.measurement_frame.clear();
        return;
      }
      auto values = *vector;
      for (int row = 0; row < axes_.space.axes; ++row)
        values[row] = 0.0 + axes_.space.sign(row) * values[row];
      axes_.measurement_frame += (axes_.measurement_frame.empty() ? "" : " ") +
                                 nrrd_vector_text(values.data(), axes_.space.axes);
    }
  }
};

}  // namespace

std::array<double, max_dimensions> NrrdSpace::from_lps(const double* vector) const {
  std::array<double, max_dimensions> out{};
  for (int row = 0; row < axes; ++row)
    out[row] = sign(row) * to_unit(vector[row], std::abs(to_lps[row]));
  return out;
}

double NrrdSpace::sign(int row) const {
  return row < axes && to_lps[row] < 0 ? -1 : 1;
}

double NrrdSpace::to_image(int row, double value) const {
  return 0.0 + (row < axes ? sign(row) * from_unit(value, std::abs(to_lps[row])) : value);
}

NrrdAxes read_nrrd_axes(NrrdHeader& header) {
  return AxesReader(header).read();
}

std::string nrrd_vector_text(const double* values, int count) {
  std::string out = "(";
  for (int i = 0; i < count; ++i) out += (i > 0 ? "," : "") + double_text(values[i] + 0.0);
  return out + ")";
}

}  // namespace swr

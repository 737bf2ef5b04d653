#include "formats/nrrd_axes.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "image/unit.h"

namespace swr {
namespace {

constexpr int64_t most_components = int64_t{1} << 24;

struct TypeName {
  std::string_view name;
  swr_component component;
};

// The first of each component is written. "char" alone is none: its sign depends on the compiler.
constexpr TypeName type_names[] = {
    {"unsigned char", SWR_UINT8},
    {"uchar", SWR_UINT8},
    {"uint8", SWR_UINT8},
    {"uint8_t", SWR_UINT8},
    {"signed char", SWR_INT8},
    {"int8", SWR_INT8},
    {"int8_t", SWR_INT8},
    {"unsigned short", SWR_UINT16},
    {"ushort", SWR_UINT16},
    {"unsigned short int", SWR_UINT16},
    {"uint16", SWR_UINT16},
    {"uint16_t", SWR_UINT16},
    {"short", SWR_INT16},
    {"short int", SWR_INT16},
    {"signed short", SWR_INT16},
    {"signed short int", SWR_INT16},
    {"int16", SWR_INT16},
    {"int16_t", SWR_INT16},
    {"unsigned int", SWR_UINT32},
    {"uint", SWR_UINT32},
    {"uint32", SWR_UINT32},
    {"uint32_t", SWR_UINT32},
    {"int", SWR_INT32},
    {"signed int", SWR_INT32},
    {"int32", SWR_INT32},
    {"int32_t", SWR_INT32},
    {"unsigned long long int", SWR_UINT64},
    {"ulonglong", SWR_UINT64},
    {"unsigned long long", SWR_UINT64},
    {"uint64", SWR_UINT64},
    {"uint64_t", SWR_UINT64},
    {"long long int", SWR_INT64},
    {"longlong", SWR_INT64},
    {"long long", SWR_INT64},
    {"signed long long", SWR_INT64},
    {"signed long long int", SWR_INT64},
    {"int64", SWR_INT64},
    {"int64_t", SWR_INT64},
    {"float", SWR_FLOAT32},
    {"double", SWR_FLOAT64},
};

struct KindName {
  std::string_view name;  // lower case
  swr_kind kind;
  int components;  // 0: any number
};

// Kinds of axes that hold components. Those for which swr has no word are vectors, as in ITK.
constexpr KindName component_kinds[] = {
    {"list", SWR_KIND_VECTOR, 0},
    {"point", SWR_KIND_VECTOR, 0},
    {"vector", SWR_KIND_VECTOR, 0},
    {"contravariant-vector", SWR_KIND_VECTOR, 0},
    {"covariant-vector", SWR_KIND_COVARIANT_VECTOR, 0},
    {"normal", SWR_KIND_COVARIANT_VECTOR, 0},
    {"stub", SWR_KIND_SCALAR, 1},
    {"scalar", SWR_KIND_SCALAR, 1},
    {"complex", SWR_KIND_COMPLEX, 2},
    {"2-vector", SWR_KIND_VECTOR, 2},
    {"3-color", SWR_KIND_RGB, 3},
    {"rgb-color", SWR_KIND_RGB, 3},
    {"rgbcolor", SWR_KIND_RGB, 3},
    {"rgb", SWR_KIND_RGB, 3},
    {"hsv-color", SWR_KIND_VECTOR, 3},
    {"hsvcolor", SWR_KIND_VECTOR, 3},
    {"hsv", SWR_KIND_VECTOR, 3},
    {"xyz-color", SWR_KIND_VECTOR, 3},
    {"4-color", SWR_KIND_RGBA, 4},
    {"rgba-color", SWR_KIND_RGBA, 4},
    {"rgbacolor", SWR_KIND_RGBA, 4},
    {"rgba", SWR_KIND_RGBA, 4},
    {"3-vector", SWR_KIND_VECTOR, 3},
    {"3-gradient", SWR_KIND_COVARIANT_VECTOR, 3},
    {"3-normal", SWR_KIND_COVARIANT_VECTOR, 3},
    {"4-vector", SWR_KIND_VECTOR, 4},
    {"quaternion", SWR_KIND_VECTOR, 4},
    {"2d-symmetric-matrix", SWR_KIND_SYMMETRIC_TENSOR, 3},
    {"2d-sym-matrix", SWR_KIND_SYMMETRIC_TENSOR, 3},
    {"2d-symmetric-tensor", SWR_KIND_SYMMETRIC_TENSOR, 3},
    {"2d-sym-tensor", SWR_KIND_SYMMETRIC_TENSOR, 3},
    {"2d-masked-symmetric-matrix", SWR_KIND_VECTOR, 4},
    {"2d-masked-sym-matrix", SWR_KIND_VECTOR, 4},
    {"2d-masked-symmetric-tensor", SWR_KIND_VECTOR, 4},
    {"2d-masked-sym-tensor", SWR_KIND_VECTOR, 4},
    {"2d-matrix", SWR_KIND_VECTOR, 4},
    {"2d-tensor", SWR_KIND_VECTOR, 4},
    {"2d-masked-matrix", SWR_KIND_VECTOR, 5},
    {"2d-masked-tensor", SWR_KIND_VECTOR, 5},
    {"3d-symmetric-matrix", SWR_KIND_SYMMETRIC_TENSOR, 6},
    {"3d-sym-matrix", SWR_KIND_SYMMETRIC_TENSOR, 6},
    {"3d-symmetric-tensor", SWR_KIND_SYMMETRIC_TENSOR, 6},
    {"3d-sym-tensor", SWR_KIND_SYMMETRIC_TENSOR, 6},
    {"3d-masked-symmetric-matrix", SWR_KIND_VECTOR, 7},
    {"3d-masked-sym-matrix", SWR_KIND_VECTOR, 7},
    {"3d-masked-symmetric-tensor", SWR_KIND_VECTOR, 7},
    {"3d-masked-sym-tensor", SWR_KIND_VECTOR, 7},
    {"3d-matrix", SWR_KIND_VECTOR, 9},
    {"3d-tensor", SWR_KIND_VECTOR, 9},
    {"3d-masked-matrix", SWR_KIND_VECTOR, 10},
    {"3d-masked-tensor", SWR_KIND_VECTOR, 10},
};

const KindName* find_component_kind(std::string_view name) {
  const std::string wanted = lower_case(name);
  const auto found = std::find_if(std::begin(component_kinds), std::end(component_kinds),
                                  [&](const KindName& entry) { return entry.name == wanted; });
  return found == std::end(component_kinds) ? nullptr : found;
}

// A space: how many axes it has, and which of the first three point away from LPS. Spaces without
// anatomical directions are taken as they are. (ITK turns LAS into LPS by turning x round; that is
// y's turn.)
struct SpaceName {
  std::string_view name;  // lower case, letters and digits alone
  int axes;
  bool turn_x, turn_y;
};

constexpr SpaceName spaces[] = {
    {"rightanteriorsuperior", 3, true, true},
    {"ras", 3, true, true},
    {"leftanteriorsuperior", 3, false, true},
    {"las", 3, false, true},
    {"leftposteriorsuperior", 3, false, false},
    {"lps", 3, false, false},
    {"rightanteriorsuperiortime", 4, true, true},
    {"rast", 4, true, true},
    {"leftanteriorsuperiortime", 4, false, true},
    {"last", 4, false, true},
    {"leftposteriorsuperiortime", 4, false, false},
    {"lpst", 4, false, false},
    {"scannerxyz", 3, false, false},
    {"scannerxyztime", 4, false, false},
    {"scannerxyzt", 4, false, false},
    {"3drighthanded", 3, false, false},
    {"3dlefthanded", 3, false, false},
    {"3drighthandedtime", 4, false, false},
    {"3dlefthandedtime", 4, false, false},
};

using Vector3 = std::array<double, 3>;

Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double length_of(const Vector3& v) {
  return std::hypot(v[0], v[1], v[2]);
}

class AxesReader {
 public:
  explicit AxesReader(NrrdHeader& header) : header_(header) {}

  NrrdAxes read() {
    read_sizes();
    read_space();
    read_kinds();
    read_pixel();
    read_index();
    read_geometry();
    read_measurement_frame();
    return std::move(axes_);
  }

 private:
  NrrdHeader& header_;
  NrrdAxes axes_;
  std::vector<const KindName*> kinds_;  // of each axis, nullptr if it is not one of components
  std::vector<bool> kind_known_;
  std::vector<NrrdVector> directions_;          // of each axis; empty without space directions
  std::vector<double> spacings_, mins_, maxs_;  // of each axis, NaN if unknown
  std::vector<swr_unit> axis_units_;            // of each axis
  std::array<swr_unit, most_nrrd_space_axes> space_units_{};

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
    directions_ = nrrd_vectors(header_, "space directions", axes_.count, space.axes);
  }

  void read_space_name(const HeaderValue& name) {
    std::string wanted = lower_case(name.text);
    std::erase_if(wanted, [](char c) { return c == '-' || c == ' '; });
    const auto* const found =
        std::find_if(std::begin(spaces), std::end(spaces),
                     [&](const SpaceName& space) { return space.name == wanted; });
    if (found == std::end(spaces))
      header_.unsupported("the space \"", name.text.substr(0, 80), "\" is unknown");
    axes_.space.axes = found->axes;
    if (found->turn_x) axes_.space.to_lps[0] = -1;
    if (found->turn_y) axes_.space.to_lps[1] = -1;
  }

  // Units that are unknown, or no quantity that swr counts in, change no number.
  void read_units() {
    axis_units_.assign(static_cast<size_t>(axes_.count), SWR_UNIT_NONE);
    if (const HeaderValue* field = header_.find("units")) {
      const auto words = nrrd_words(field->text);
      for (size_t i = 0; i < std::min(words.size(), axis_units_.size()); ++i)
        axis_units_[i] = unit_of_name(nrrd_unquoted(words[i]));
    }
    const HeaderValue* const field = header_.find("space units");
    if (!field) return;
    const auto words = nrrd_words(field->text);
    for (size_t i = 0; i < words.size() && static_cast<int>(i) < axes_.space.axes; ++i) {
      space_units_[i] = unit_of_name(nrrd_unquoted(words[i]));
      axes_.space.to_lps[i] *= size_of(space_units_[i]);
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
      kinds_[axis] = find_component_kind(words[axis].text);
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
    if (axes_.domain.empty()) header_.unsupported("no axis is one of an image");
  }

  // By its kind; or, if that is unknown, because it has no direction in a space where others do.
  bool is_component_axis(int axis) const {
    if (kinds_[axis]) return true;
    return !kind_known_[axis] && !directions_.empty() && !directions_[axis] &&
           axes_.space.axes < axes_.count &&
           std::any_of(directions_.begin(), directions_.end(),
                       [](const NrrdVector& vector) { return vector.has_value(); });
  }

  void read_pixel() {
    Image& image = axes_.image;
    const HeaderValue& type = header_.require("type");
    const std::string wanted = lower_case(type.text);
    const auto found = std::find_if(std::begin(type_names), std::end(type_names),
                                    [&](const TypeName& entry) { return entry.name == wanted; });
    if (found == std::end(type_names))
      header_.unsupported("samples of the type \"", type.text.substr(0, 80), "\" are unknown");
    image.pixel.component = found->component;
    image.pixel.components = 1;
    image.pixel.kind = SWR_KIND_SCALAR;
    const auto kept_kind = header_.metadata.take(kind_key);
    if (axes_.component_axis >= 0) {
      const int64_t components = axes_.sizes[axes_.component_axis];
      if (components > most_components)
        header_.unsupported("pixels of ", components, " components");
      image.pixel.components = static_cast<int>(components);
      const KindName* kind = kinds_[axes_.component_axis];
      image.pixel.kind = kind ? kind->kind : default_kind(image.pixel.components);
      if (kind && kind->components > 0 && kind->components != components)
        header_.corrupt("an axis of the kind ", kind->name, " has ", components, " samples");
    }
    const auto kind = kept_kind ? kind_of_name(*kept_kind) : std::nullopt;
    if (kind && kind_fits(*kind, image.pixel.components)) image.pixel.kind = *kind;
    if (!bytes_of_axes(axes_.sizes.data(), axes_.count, swr_component_bytes(image.pixel.component)))
      header_.corrupt("\"sizes\" is more than a file can hold");
  }

  // A start index that does not fit the image was left over by a program that does not know it.
  void read_index() {
    Region& region = axes_.image.region;
    region.dimensions = static_cast<int>(axes_.domain.size());
    for (size_t axis = 0; axis < axes_.domain.size(); ++axis)
      region.size[axis] = axes_.sizes[axes_.domain[axis]];
    if (const auto text = header_.metadata.take(start_index_key)) set_start_index(region, *text);
  }

  std::vector<double> numbers(std::string_view name) const {
    std::vector<double> values(static_cast<size_t>(axes_.count), NAN);
    const HeaderValue* field = header_.find(name);
    if (!field) return values;
    const auto words = words_of(*field, values.size() + 1);
    if (words.size() != values.size())
      header_.corrupt("\"", name, "\" does not have ", axes_.count, " numbers");
    for (size_t axis = 0; axis < words.size(); ++axis) {
      const auto value = double_of(words[axis].text);
      if (!value || std::isinf(*value))
        header_.corrupt("\"", name, "\" has \"", words[axis].text.substr(0, 80),
                        "\" where a number or nan belongs");
      values[axis] = *value;
    }
    return values;
  }

  // Where the first pixel lies along each axis, as far as the header says it. Where it does not, the
  // pixel with index zero is at 0.
  using StatedPosition = std::array<std::optional<double>, max_dimensions>;

  // Axes with a vector lie in the space. If no axis has one, each lies along the axis of the space of
  // its number. If the space has fewer axes than the image, each of the others (time, say) is a
  // dimension of its own after them.
  void read_geometry() {
    Image& image = axes_.image;
    const int n = image.dimensions();
    image.set_default_geometry();
    spacings_ = numbers("spacings");
    mins_ = numbers("axis mins");
    maxs_ = numbers("axis maxs");
    for (const int axis : axes_.domain) axes_.in_space.push_back(has_vector(axis));
    const int vectors =
        static_cast<int>(std::count(axes_.in_space.begin(), axes_.in_space.end(), true));
    check_vectors(vectors);
    StatedPosition stated;
    int next_row = vectors == 0 ? 0 : axes_.space.axes;
    for (int axis = 0; axis < n; ++axis) {
      const int of_header = axes_.domain[axis];
      if (axes_.in_space[axis]) {
        if (axes_.space.axes <= n) set_direction(axis, *directions_[of_header]);
        if (axis < axes_.space.axes) image.units[axis] = space_units_[axis];
        continue;
      }
      const int row = next_row++;
      for (int r = 0; r < n; ++r) image.direction[r * n + axis] = r == row ? sign(row) : 0;
      set_spacing(axis);
      if (const auto least = minimum(axis)) stated[row] = sign(row) * *least;
    }
    // As in teem, axes without a space have their first sample somewhere, or none of them has.
    if (axes_.space.axes == 0 &&
        std::find(stated.begin(), stated.begin() + n, std::nullopt) != stated.begin() + n)
      stated = {};
    read_space_origin(stated);
    if (axes_.space.axes > n) place(stated);
    auto first = image.first_pixel_position();
    for (int row = 0; row < n; ++row) first[row] = stated[row].value_or(first[row]);
    image.set_origin_from_first_pixel(first);
    if (!std::all_of(image.origin.begin(), image.origin.end(),
                     [](double value) { return std::isfinite(value); })) {
      header_.corrupt("the origin is too far away");
    }
  }

  void check_vectors(int vectors) const {
    const int n = axes_.image.dimensions(), space = axes_.space.axes;
    if (space == 0 || vectors == 0) {
      if (space <= n || space == 3) return;
    } else if (vectors == n && (space == n || (space == 3 && n < 3))) {
      return;
    } else if (space < n && vectors == space) {
      return;
    }
    header_.unsupported("an image of ", n, " dimensions, ", vectors,
                        " of them with a direction, in a space of ", space);
  }

  // A line or a plane in three-dimensional space. Its own two dimensions are those of its shadow, if
  // it has one.
  void place(const StatedPosition& stated) {
    Image& image = axes_.image;
    const int n = image.dimensions();
    Placement place;
    std::array<Vector3, 3> columns{};
    for (int axis = 0; axis < n; ++axis) {
      const NrrdVector& vector =
          directions_.empty() ? NrrdVector() : directions_[axes_.domain[axis]];
      for (int row = 0; row < 3; ++row)
        columns[axis][row] = vector ? turned(row, (*vector)[row]) : row == axis ? sign(row) : 0;
      const double length = length_of(columns[axis]);
      if (length == 0 || !std::isfinite(length)) no_length(axis);
      for (double& value : columns[axis]) value /= length;
      if (vector) image.spacing[axis] = length;
    }
    complete(columns, n);
    for (int axis = 0; axis < 3; ++axis) {
      for (int row = 0; row < 3; ++row) place.direction[3 * row + axis] = columns[axis][row];
      place.spacing[axis] = axis < n ? image.spacing[axis] : 1;
      if (!stated[axis]) continue;
      place.origin[axis] = *stated[axis];
      for (int own = 0; own < n; ++own)
        place.origin[axis] -=
            columns[own][axis] * image.spacing[own] * static_cast<double>(image.region.index[own]);
    }
    image.placement = place;
    const double shadow =
        n == 1 ? columns[0][0] : columns[0][0] * columns[1][1] - columns[0][1] * columns[1][0];
    for (int axis = 0; axis < n && std::abs(shadow) > 1e-6; ++axis) {
      for (int row = 0; row < n; ++row) image.direction[row * n + axis] = columns[axis][row];
    }
  }

  // Axes that are missing are at right angles to those that are there.
  static void complete(std::array<Vector3, 3>& columns, int there) {
    if (there == 1) {
      const auto& v = columns[0];
      const size_t least = std::abs(v[0]) < std::abs(v[1])
                               ? (std::abs(v[0]) < std::abs(v[2]) ? 0 : 2)
                           : std::abs(v[1]) < std::abs(v[2]) ? 1
                                                             : 2;
      Vector3 other{};
      other[least] = 1;
      columns[1] = cross(other, v);
    }
    columns[2] = cross(columns[0], columns[1]);
    for (int axis = there; axis < 3; ++axis) {
      const double length = length_of(columns[axis]);
      for (double& value : columns[axis]) value /= length > 0 ? length : 1;
    }
  }

  [[noreturn]] void no_length(int axis) const {
    header_.corrupt("the space direction of axis ", axes_.domain[axis], " has no length");
  }

  bool has_vector(int axis_of_header) const {
    return !directions_.empty() && directions_[axis_of_header].has_value();
  }

  void set_direction(int axis, const std::array<double, max_dimensions>& vector) {
    Image& image = axes_.image;
    const int n = image.dimensions();
    double length = 0;
    for (int row = 0; row < axes_.space.axes; ++row)
      length = std::hypot(length, turned(row, vector[row]));
    if (length == 0 || !std::isfinite(length)) no_length(axis);
    image.spacing[axis] = length;
    for (int row = 0; row < n; ++row) {
      image.direction[row * n + axis] =
          row < axes_.space.axes ? turned(row, vector[row]) / length : 0;
    }
  }

  // A negative spacing turns the axis round; an unknown one is what the axis' ends leave, or 1.
  void set_spacing(int axis) {
    Image& image = axes_.image;
    const int of_header = axes_.domain[axis];
    const double spacing = gap(of_header);
    if (!std::isfinite(spacing)) return;
    if (spacing == 0) header_.corrupt("the spacing of axis ", of_header, " is 0");
    const swr_unit unit = axis_units_[of_header];
    image.units[axis] = unit;
    image.spacing[axis] = std::abs(spacing) * size_of(unit);
    if (spacing > 0) return;
    const int n = image.dimensions();
    for (int row = 0; row < n; ++row) image.direction[row * n + axis] *= -1;
  }

  // From one sample to the next, in the header's unit; NaN if the header does not say.
  double gap(int of_header) const {
    if (!std::isnan(spacings_[of_header])) return spacings_[of_header];
    const auto steps = static_cast<double>(axes_.sizes[of_header] - (is_node(of_header) ? 1 : 0));
    return steps > 0 ? (maxs_[of_header] - mins_[of_header]) / steps : NAN;
  }

  double sign(int row) const {
    return row < axes_.space.axes && axes_.space.to_lps[row] < 0 ? -1 : 1;
  }

  double turned(int row, double value) const {
    const double factor = row < axes_.space.axes ? axes_.space.to_lps[row] : 1;
    return 0.0 + factor * value;
  }

  // Where the first sample of an axis without a vector lies. "axis mins" is the edge of the first
  // sample unless the samples are nodes.
  std::optional<double> minimum(int axis) const {
    const int of_header = axes_.domain[axis];
    const double step = gap(of_header);
    const double position = mins_[of_header] + (is_node(of_header) ? 0 : step / 2);
    if (!std::isfinite(position) || !std::isfinite(step)) return std::nullopt;
    return position * size_of(axis_units_[of_header]);
  }

  bool is_node(int axis_of_header) const {
    const HeaderValue* centers = header_.find("centers");
    if (!centers) return false;
    const auto words = words_of(*centers, static_cast<size_t>(axes_.count) + 1);
    return words.size() == static_cast<size_t>(axes_.count) &&
           lower_case(words[axis_of_header].text) == "node";
  }

  void read_space_origin(StatedPosition& stated) {
    if (!header_.find("space origin")) return;
    const int axes = axes_.space.axes;
    if (axes == 0)
      header_.corrupt("there is a \"space origin\", but neither \"space\" nor \"space dimension\"");
    const auto origin = nrrd_vectors(header_, "space origin", 1, axes)[0];
    if (!origin) return;
    for (int row = 0; row < axes; ++row) stated[row] = turned(row, (*origin)[row]);
    axes_.has_origin = true;
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
      for (int row = 0; row < axes_.space.axes; ++row) values[row] = 0.0 + sign(row) * values[row];
      axes_.measurement_frame += (axes_.measurement_frame.empty() ? "" : " ") +
                                 nrrd_vector_text(values.data(), axes_.space.axes);
    }
  }
};

}  // namespace

std::array<double, max_dimensions> NrrdSpace::from_lps(const double* vector) const {
  std::array<double, max_dimensions> out{};
  for (int row = 0; row < axes; ++row) out[row] = vector[row] / to_lps[row];
  return out;
}

NrrdAxes read_nrrd_axes(NrrdHeader& header) {
  return AxesReader(header).read();
}

const char* nrrd_type(swr_component component) {
  return std::find_if(std::begin(type_names), std::end(type_names),
                      [&](const TypeName& entry) { return entry.component == component; })
      ->name.data();
}

const char* nrrd_kind(const PixelType& pixel) {
  switch (pixel.kind) {
    case SWR_KIND_SCALAR: return nullptr;
    case SWR_KIND_RGB: return "RGB-color";
    case SWR_KIND_RGBA: return "RGBA-color";
    case SWR_KIND_COMPLEX: return "complex";
    case SWR_KIND_COVARIANT_VECTOR: return "covariant-vector";
    case SWR_KIND_SYMMETRIC_TENSOR:
      if (pixel.components == 3) return "2D-symmetric-matrix";
      if (pixel.components == 6) return "3D-symmetric-matrix";
      return "vector";
    default: return "vector";
  }
}

swr_kind nrrd_kind_read(std::string_view name) {
  return find_component_kind(name)->kind;
}

std::string nrrd_vector_text(const double* values, int count) {
  std::string out = "(";
  for (int i = 0; i < count; ++i) out += (i > 0 ? "," : "") + double_text(values[i] + 0.0);
  return out + ")";
}

}  // namespace swr

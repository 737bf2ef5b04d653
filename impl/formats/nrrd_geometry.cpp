#include "formats/nrrd_geometry.h"

#include <algorithm>
#include <cmath>

#include "image/unit.h"

namespace swr {
namespace {

using Vector3 = std::array<double, 3>;

Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double length_of(const Vector3& v) {
  return std::hypot(v[0], v[1], v[2]);
}

class GeometryReader {
 public:
  GeometryReader(const NrrdHeader& header, const NrrdVectors& vectors, NrrdAxes& axes)
      : header_(header), vectors_(vectors), axes_(axes) {}

  // Axes with a vector are directed in the space. If no axis has one, each is parallel to the space
  // axis of the same number. Further axes, such as time, are dimensions of their own after those of
  // the space.
  void read() {
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
        if (axes_.space.axes <= n) set_direction(axis, *vectors_.directions[of_header]);
        if (axis < axes_.space.axes) image.units[axis] = vectors_.space_units[axis];
        continue;
      }
      const int row = next_row++;
      for (int r = 0; r < n; ++r)
        image.direction[r * n + axis] = r == row ? axes_.space.sign(row) : 0;
      set_spacing(axis);
      if (const auto least = minimum(axis)) stated[row] = axes_.space.sign(row) * *least;
    }
    // As in teem: without a space, the positions count only if every axis states one.
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

 private:
  const NrrdHeader& header_;
  const NrrdVectors& vectors_;
  NrrdAxes& axes_;
  std::vector<double> spacings_, mins_, maxs_;  // of each axis, NaN if unknown

  // The position of the first pixel along each axis, where the header states it. Elsewhere the
  // pixel with index zero is at 0.
  using StatedPosition = std::array<std::optional<double>, max_dimensions>;

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

  // Places a line or a plane in three-dimensional space. The image's own direction is the
  // projection to its own dimensions, unless that is degenerate.
  void place(const StatedPosition& stated) {
    Image& image = axes_.image;
    const int n = image.dimensions();
    Placement place;
    std::array<Vector3, 3> columns{};
    for (int axis = 0; axis < n; ++axis) {
      const NrrdVector& vector =
          vectors_.directions.empty() ? NrrdVector() : vectors_.directions[axes_.domain[axis]];
      for (int row = 0; row < 3; ++row)
        columns[axis][row] = vector        ? axes_.space.to_image(row, (*vector)[row])
                             : row == axis ? axes_.space.sign(row)
                                           : 0;
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

  // Adds axes at right angles to the existing ones.
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
    return !vectors_.directions.empty() && vectors_.directions[axis_of_header].has_value();
  }

  void set_direction(int axis, const std::array<double, max_dimensions>& vector) {
    Image& image = axes_.image;
    const int n = image.dimensions();
    double length = 0;
    for (int row = 0; row < axes_.space.axes; ++row)
      length = std::hypot(length, axes_.space.to_image(row, vector[row]));
    if (length == 0 || !std::isfinite(length)) no_length(axis);
    image.spacing[axis] = length;
    for (int row = 0; row < n; ++row) {
      image.direction[row * n + axis] =
          row < axes_.space.axes ? axes_.space.to_image(row, vector[row]) / length : 0;
    }
  }

  // A negative spacing reverses the axis. An absent one follows from "axis mins" and "axis maxs",
  // or stays 1.
  void set_spacing(int axis) {
    Image& image = axes_.image;
    const int of_header = axes_.domain[axis];
    const double spacing = gap(of_header);
    if (!std::isfinite(spacing)) return;
    if (spacing == 0) header_.corrupt("the spacing of axis ", of_header, " is 0");
    const swr_unit unit = vectors_.axis_units[of_header];
    image.units[axis] = unit;
    image.spacing[axis] = from_unit(std::abs(spacing), size_of(unit));
    if (spacing > 0) return;
    const int n = image.dimensions();
    for (int row = 0; row < n; ++row) image.direction[row * n + axis] *= -1;
  }

  // The distance of two samples in the header's unit; NaN if the header does not state it.
  double gap(int of_header) const {
    if (!std::isnan(spacings_[of_header])) return spacings_[of_header];
    const auto steps = static_cast<double>(axes_.sizes[of_header] - (is_node(of_header) ? 1 : 0));
    return steps > 0 ? (maxs_[of_header] - mins_[of_header]) / steps : NAN;
  }

  // The position of the first sample of an axis without a vector. "axis mins" is the edge of that
  // sample, unless the samples are nodes.
  std::optional<double> minimum(int axis) const {
    const int of_header = axes_.domain[axis];
    const double step = gap(of_header);
    const double position = mins_[of_header] + (is_node(of_header) ? 0 : step / 2);
    if (!std::isfinite(position) || !std::isfinite(step)) return std::nullopt;
    return from_unit(position, size_of(vectors_.axis_units[of_header]));
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
    for (int row = 0; row < axes; ++row) stated[row] = axes_.space.to_image(row, (*origin)[row]);
    axes_.has_origin = true;
  }
};

}  // namespace

void read_nrrd_geometry(const NrrdHeader& header, const NrrdVectors& vectors, NrrdAxes& axes) {
  GeometryReader(header, vectors, axes).read();
}

}  // namespace swr

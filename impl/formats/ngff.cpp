#include "formats/ngff.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "formats/header_text.h"
#include "formats/zarr_fields.h"
#include "image/region.h"

namespace swr {
namespace {

constexpr std::string_view version_4 = "0.4", version_5 = "0.5";
constexpr std::string_view ome = "ome", multiscales = "multiscales";
constexpr std::string_view transformations = "coordinateTransformations";

struct TypeName {
  NgffAxisType type;
  std::string_view name;
};
constexpr std::array<TypeName, 3> type_names = {{{NgffAxisType::space, "space"},
                                                 {NgffAxisType::time, "time"},
                                                 {NgffAxisType::channel, "channel"}}};

// --- Reading ---

// The paths in a list of objects with such a member, for a message.
std::string paths_in(const Json& list) {
  constexpr size_t most = 8;
  std::string paths;
  const Json::Array* const entries = list.array();
  for (size_t i = 0; entries && i < entries->size(); ++i) {
    const Json* const path =
        (*entries)[i].is_object() ? (*entries)[i].find("path") : &(*entries)[i];
    if (!path || !path->string()) continue;
    if (i == most) return paths + ", ...";
    paths.append(paths.empty() ? "" : ", ").append(in_quotes(*path->string()));
  }
  return paths.empty() ? "none" : paths;
}

// Groups that hold images in other groups.
void refuse_collections(const Json& attributes, const std::string& path) {
  const auto refuse = [&](std::string_view what, const Json* list) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": it is ", what,
         "; open one of its images: ", list ? paths_in(*list) : std::string("\"0\", ..."));
  };
  if (const Json* const plate = attributes.find("plate"))
    refuse("a plate, whose wells hold images", plate->find("wells"));
  if (const Json* const well = attributes.find("well")) refuse("a well", well->find("images"));
  if (const Json* const labels = attributes.find("labels"); labels && labels->is_array())
    refuse("a collection of labels", labels);
  if (const Json* const series = attributes.find("series"); series && series->is_array())
    refuse("a collection of images", series);
  if (attributes.find("bioformats2raw.layout")) refuse("a collection of images", nullptr);
}

NgffAxis read_axis(const ZarrFields& fields) {
  NgffAxis axis;
  axis.name = fields.string("name");
  axis.type_name = fields.string("type", "");
  const auto found = std::ranges::find(type_names, axis.type_name, &TypeName::name);
  axis.type = found == type_names.end() ? NgffAxisType::other : found->type;
  if (found != type_names.end()) axis.type_name.clear();
  if (const Json* const unit = fields.find("unit"); unit && !unit->is_null())
    axis.unit = fields.string("unit");
  const Json* const orientation = fields.find("orientation");
  const Json* const type = orientation ? orientation->find("type") : nullptr;
  const Json* const value = orientation ? orientation->find("value") : nullptr;
  if (type && type->string() && *type->string() == "anatomical" && value && value->string())
    axis.orientation = *value->string();
  return axis;
}

// The path of an array must not lead out of the group.
void check_path(const ZarrFields& fields, const std::string& path) {
  std::string_view rest = path;
  while (true) {
    const size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view name = rest.substr(0, end);
    if (name.empty() || name == "." || name == ".." || name.find('\\') != name.npos ||
        has_control_character(name))
      fields.refuse("path", in_quotes(path), " is not the path of an array in the group");
    if (end == rest.size()) return;
    rest.remove_prefix(end + 1);
  }
}

class ImageReader {
 public:
  explicit ImageReader(const std::string& path) : path_(path) {}

  NgffImage read(const Json& value) {
    const ZarrFields fields(value, path_, "multiscales: ");
    image_.name = name_of(fields, "name");
    image_.method = name_of(fields, "type");
    read_axes(fields);
    const Json::Array& datasets = list(fields, "datasets");
    if (datasets.empty()) fields.corrupt("datasets", "has no level");
    for (const Json& dataset : datasets) {
      const ZarrFields of_dataset(dataset, path_, "datasets: ");
      NgffLevel level;
      level.path = of_dataset.string("path");
      check_path(of_dataset, level.path);
      level.scale.assign(image_.axes.size(), 1);
      level.translation.assign(image_.axes.size(), 0);
      transform(of_dataset, level);
      transform(fields, level);
      image_.levels.push_back(std::move(level));
    }
    return std::move(image_);
  }

 private:
  static std::string name_of(const ZarrFields& fields, std::string_view field) {
    const Json* const name = fields.find(field);
    return name && name->string() ? *name->string() : std::string();
  }

  static const Json::Array& list(const ZarrFields& fields, std::string_view field) {
    const Json& value = fields.at(field);
    if (!value.is_array()) fields.corrupt(field, zarr_value_text(value), " is not a list");
    return *value.array();
  }

  void read_axes(const ZarrFields& fields) {
    const Json::Array& axes = list(fields, "axes");
    if (axes.empty() || axes.size() > max_dimensions)
      fields.refuse("axes", "are ", axes.size(), "; swr reads 1 to ", max_dimensions);
    for (const Json& axis : axes) image_.axes.push_back(read_axis({axis, path_, "axes: "}));
    const auto channels = std::ranges::count(image_.axes, NgffAxisType::channel, &NgffAxis::type);
    if (channels > 1) fields.refuse("axes", "have ", channels, " of channels");
  }

  std::vector<double> numbers(const ZarrFields& fields, std::string_view field) const {
    const Json::Array& elements = list(fields, field);
    if (elements.size() != image_.axes.size()) {
      fields.corrupt(field, "has ", elements.size(), " numbers, and the image ", image_.axes.size(),
                     " axes");
    }
    std::vector<double> numbers;
    for (const Json& element : elements) {
      const auto number = element.real();
      if (!number) fields.corrupt(field, zarr_value_text(element), " is not a number");
      numbers.push_back(*number);
    }
    return numbers;
  }

  // Applies the transformations there after those that the level has.
  void transform(const ZarrFields& of, NgffLevel& level) const {
    if (!of.find(transformations)) return;
    for (const Json& value : list(of, transformations)) {
      const ZarrFields fields(value, path_, std::string(transformations) + ": ");
      const std::string& type = fields.string("type");
      if (type != "identity" && type != "scale" && type != "translation")
        fields.refuse("type", in_quotes(type), " is not one that swr reads");
      if (type == "identity") continue;
      if (!fields.find(type) && fields.find("path"))
        fields.refuse(type, "is in an array, which swr does not read");
      const std::vector<double> by = numbers(fields, type);
      for (size_t axis = 0; axis < by.size(); ++axis) {
        if (type == "translation") {
          level.translation[axis] += by[axis];
        } else {
          level.translation[axis] *= by[axis];
          level.scale[axis] *= by[axis];
        }
        if (level.scale[axis] == 0 || !std::isfinite(level.scale[axis]) ||
            !std::isfinite(level.translation[axis]))
          fields.corrupt(type, zarr_value_text(fields.at(type)), " gives pixels without a place");
      }
    }
  }

  const std::string& path_;
  NgffImage image_;
};

void check_version(const ZarrFields& fields, std::string_view expected, std::string_view missing) {
  const std::string version = fields.string("version", missing);
  if (version != expected)
    fields.refuse("version", in_quotes(version), " of NGFF is not one that swr reads: 0.4 and 0.5");
}

// --- Writing ---

Json list_of(const std::vector<double>& numbers) {
  return Json::list_of(std::span<const double>(numbers));
}

Json axis_json(const NgffAxis& axis) {
  Json json;
  json.add("name", Json::of(axis.name));
  const auto found = std::ranges::find(type_names, axis.type, &TypeName::type);
  const std::string_view type = found == type_names.end() ? axis.type_name : found->name;
  if (!type.empty()) json.add("type", Json::of(type));
  if (!axis.unit.empty()) json.add("unit", Json::of(axis.unit));
  if (!axis.orientation.empty()) {
    Json& orientation = json.add("orientation", {});
    orientation.add("type", Json::of("anatomical"));
    orientation.add("value", Json::of(axis.orientation));
  }
  return json;
}

Json transformation(std::string_view type, const std::vector<double>& numbers) {
  Json json;
  json.add("type", Json::of(type));
  json.add(type, list_of(numbers));
  return json;
}

Json level_json(const NgffLevel& level) {
  Json json;
  json.add("path", Json::of(level.path));
  Json::Array steps;  // no list in braces: GCC 12 destroys its values twice if one of them throws
  steps.push_back(transformation("scale", level.scale));
  steps.push_back(transformation("translation", level.translation));
  json.add(transformations, Json::of(std::move(steps)));
  return json;
}

}  // namespace

int NgffImage::channel_axis() const {
  const auto found = std::ranges::find(axes, NgffAxisType::channel, &NgffAxis::type);
  return found == axes.end() ? -1 : static_cast<int>(found - axes.begin());
}

std::optional<NgffImage> read_ngff(const Json& attributes, const std::string& path) {
  const Json* const of_ome = attributes.find(ome);
  const Json& holder = of_ome ? *of_ome : attributes;
  const Json* const images = holder.find(multiscales);
  if (!images) {
    refuse_collections(holder, path);
    if (of_ome) refuse_collections(attributes, path);
    return std::nullopt;
  }
  if (!images->is_array() || images->array()->empty())
    fail(SWR_ERROR_CORRUPT, path, ": multiscales ", zarr_value_text(*images),
         " is not a list of images");
  const Json& first = images->array()->front();
  if (of_ome) {
    check_version({holder, path, "ome: "}, version_5, "");
  } else {
    check_version({first, path, "multiscales: "}, version_4, version_4);
  }
  NgffImage image = ImageReader(path).read(first);
  image.version = of_ome ? version_5 : version_4;
  image.images = std::ssize(*images->array());
  return image;
}

Json::Member ngff_attribute(const NgffImage& image) {
  const bool is_4 = image.version == version_4;
  Json json;
  if (is_4) json.add("version", Json::of(image.version));
  if (!image.name.empty()) json.add("name", Json::of(image.name));
  if (!image.method.empty()) json.add("type", Json::of(image.method));
  Json::Array axes, levels;
  for (const NgffAxis& axis : image.axes) axes.push_back(axis_json(axis));
  for (const NgffLevel& level : image.levels) levels.push_back(level_json(level));
  json.add("axes", Json::of(std::move(axes)));
  json.add("datasets", Json::of(std::move(levels)));
  Json::Array images;
  images.push_back(std::move(json));
  Json list = Json::of(std::move(images));
  if (is_4) return {std::string(multiscales), std::move(list)};
  Json of_ome;
  of_ome.add("version", Json::of(image.version));
  of_ome.add(multiscales, std::move(list));
  return {std::string(ome), std::move(of_ome)};
}

}  // namespace swr

// swr preview: a picture of the slices through the middle of an image.
#include <iostream>

#include "commands.h"
#include "json.h"
#include "picture.h"
#include "slices.h"

namespace swr::tool {
namespace {

struct PreviewOptions {
  std::string file, out;
  int edge = 1024;
  bool quiet = false;
  bool json = false;
};

Json plane_object(const Facts& facts, const Plane& plane, const Panel& panel) {
  Json object;
  object["name"] = plane.name;
  object["index"] = json_list(plane.through.index, facts.dimensions());
  object["size"] = json_list(plane.through.size, facts.dimensions());
  object["width"] = panel.width;
  object["height"] = panel.height;
  return object;
}

void preview(const PreviewOptions& options) {
  const Reader reader = open_reader(options.file);
  const Facts facts = read_facts(reader.get());
  const std::vector<Plane> planes = central_planes(facts);
  const double spacing = panel_spacing(facts, planes, options.edge);
  std::vector<Panel> panels;
  Json list = Json::array();
  for (const Plane& plane : planes) {
    panels.push_back(sample(reader.get(), facts, plane, spacing));
    list.push_back(plane_object(facts, plane, panels.back()));
  }
  const bool plain_colour = is_colour(facts) && facts.component == SWR_UINT8;
  const Window window = plain_colour ? Window(0.f, 255.f) : percentile_window(panels);
  const Picture picture = side_by_side(panels, window);
  write_png(picture, options.out);
  if (options.json) {
    Json object;
    object["file"] = options.file;
    object["picture"] = options.out;
    object["width"] = picture.width;
    object["height"] = picture.height;
    object["black"] = window.first;
    object["white"] = window.second;
    object["panels"] = list;
    print_json(object);
  } else if (!options.quiet) {
    std::cout << options.out << ": " << picture.width << " x " << picture.height << ", values "
              << number_text(window.first) << " to " << number_text(window.second) << "\n";
  }
}

}  // namespace

void add_preview(CommandLine& line) {
  auto options = std::make_shared<PreviewOptions>();
  Command command = line.add(
      "preview", "Draw the slices through the middle of an image: axial, coronal, sagittal");
  command.add("FILE", options->file, "The image").required();
  command.add("OUT", options->out, "The PNG file to write").required();
  command
      .add("--edge", options->edge,
           "The most pixels along an edge of a slice's picture; 1024 unless given")
      .takes("N")
      .between(16, 16384);
  command.add_flag("-q,--quiet", options->quiet, "Print nothing");
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options] { preview(*options); });
}

}  // namespace swr::tool

// swr preview: a picture of the slices through the middle of an image.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <set>

#include "commands.h"
#include "each_file.h"
#include "files.h"
#include "json.h"
#include "level.h"
#include "marks.h"
#include "picture.h"
#include "slices.h"
#include "standard_streams.h"

namespace swr::tool {
namespace {

struct PreviewOptions {
  std::vector<std::string> files;  // the last one is OUT
  int edge = 1024;
  int level = 0;
  bool plain = false;
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

Json draw(const PreviewOptions& options, const std::string& file, const std::string& out) {
  refuse_redirected_file(out);
  const Reader reader = open_reader(file, options.level);
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
  Picture picture = side_by_side(panels, window);
  std::optional<ScaleBar> bar;
  if (!options.plain) {
    bar = scale_bar(facts, planes.front(), panels.front(), spacing);
    draw_marks(picture, planes, panels, bar);
  }
  write_png(picture, out);
  if (!options.json && !options.quiet) {
    std::cout << out << ": " << picture.width << " x " << picture.height << ", values "
              << number_text(window.first) << " to " << number_text(window.second) << "\n";
  }
  Json object;
  object["file"] = file;
  object["picture"] = out;
  object["width"] = picture.width;
  object["height"] = picture.height;
  object["black"] = window.first;
  object["white"] = window.second;
  object["panels"] = list;
  object["scale_bar"] =
      bar ? Json{{"length", bar->length}, {"unit", bar->unit}, {"pixels", bar->pixels}} : Json();
  return object;
}

void expect_png(const std::string& out) {
  std::string suffix = text_of(path_of(out).extension());
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (suffix == ".png") return;
  throw UsageError(out + ": pictures are PNG files; choose a name that ends with .png");
}

// The pictures of several images go into a folder, each under the name of its image.
std::string picture_in(const std::string& folder, const std::string& file) {
  const auto name = text_of(path_of(file).filename()) + ".png";
  return text_of(path_of(folder) / name);
}

void expect_folder(const std::vector<std::string>& files, const std::string& folder) {
  std::error_code none;
  if (!std::filesystem::is_directory(path_of(folder), none))
    throw UsageError(folder + ": is not a folder; the pictures of several images go into one");
  std::set<std::string> pictures;
  for (const std::string& file : files) {
    const std::string picture = picture_in(folder, file);
    if (!pictures.insert(picture).second)
      throw UsageError(picture + ": would be the picture of two images");
  }
}

void preview(const PreviewOptions& options, int& exit_code) {
  const std::vector<std::string> files(options.files.begin(), options.files.end() - 1);
  const std::string& out = options.files.back();
  const bool is_one = files.size() == 1;
  std::error_code none;
  const bool to_folder = !is_one || std::filesystem::is_directory(path_of(out), none);
  to_folder ? expect_folder(files, out) : expect_png(out);
  Json objects = Json::array();
  each_file(files, exit_code, [&](const std::string& file) {
    objects.push_back(draw(options, file, to_folder ? picture_in(out, file) : out));
  });
  if (options.json) print_objects(files, objects);
}

}  // namespace

void add_preview(CommandLine& line, int& exit_code) {
  auto options = std::make_shared<PreviewOptions>();
  Command command = line.add(
      "preview", "Draw the slices through the middle of an image: axial, coronal, sagittal");
  command
      .add("FILES", options->files,
           "The image, and at the end OUT, the PNG file to write; or several images and a folder")
      .takes("FILE... OUT")
      .required()
      .at_least(2);
  command
      .add("--edge", options->edge,
           "The most pixels along an edge of a slice's picture; 1024 unless given")
      .takes("N")
      .between(16, 16384);
  add_level_to(command, options->level);
  command.add_flag(
      "--plain", options->plain,
      "Draw no letters (R, A, S: the patient's right, anterior, superior) and no scale "
      "bar");
  command.add_flag("-q,--quiet", options->quiet, "Print nothing");
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options, &exit_code] { preview(*options, exit_code); });
}

}  // namespace swr::tool

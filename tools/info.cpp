// swr info: what a file's header says.
#include <iostream>

#include "commands.h"
#include "each_file.h"
#include "facts.h"
#include "json.h"
#include "level.h"
#include "regions.h"

namespace swr::tool {
namespace {

struct InfoOptions {
  std::vector<std::string> files;
  int level = 0;
  bool json = false;
};

std::string direction_text(const Facts& facts) {
  std::string text;
  const int n = facts.dimensions();
  for (int row = 0; row < n; ++row) {
    const auto begin = facts.direction.begin() + row * n;
    text += (row ? "; " : "") + number_text(std::vector<double>(begin, begin + n));
  }
  return text;
}

// The unit of a reader's numbers along an axis; "-" if the file names none.
std::string unit_of_numbers(swr_unit unit) {
  switch (unit) {
    case SWR_UNIT_NONE: return "-";
    case SWR_UNIT_METRE:
    case SWR_UNIT_CENTIMETRE:
    case SWR_UNIT_MICROMETRE:
    case SWR_UNIT_NANOMETRE:
    case SWR_UNIT_INCH: return swr_unit_name(SWR_UNIT_MILLIMETRE);
    case SWR_UNIT_MILLISECOND:
    case SWR_UNIT_MICROSECOND: return swr_unit_name(SWR_UNIT_SECOND);
    default: return swr_unit_name(unit);
  }
}

// Such as "0.5 0.5 2 mm", "0.5 0.5 2 1.5 (mm mm mm s)" or, without units, "0.5 0.5 2".
std::string length_text(const std::vector<double>& values, const Facts& facts) {
  std::string names;
  bool is_one = true;
  for (const swr_unit unit : facts.units) {
    names += (names.empty() ? "" : " ") + unit_of_numbers(unit);
    is_one = is_one && unit_of_numbers(unit) == unit_of_numbers(facts.units[0]);
  }
  const std::string numbers = number_text(values);
  if (!is_one) return numbers + " (" + names + ")";
  return facts.units[0] == SWR_UNIT_NONE ? numbers
                                         : numbers + " " + unit_of_numbers(facts.units[0]);
}

// The units of the file, if it states any.
std::string units_text(const Facts& facts) {
  std::string text;
  bool any = false;
  for (const swr_unit unit : facts.units) {
    any = any || unit != SWR_UNIT_NONE;
    text +=
        (text.empty() ? "" : " ") + std::string(unit == SWR_UNIT_NONE ? "-" : swr_unit_name(unit));
  }
  return any ? text : "";
}

using Levels = std::vector<swr_region>;

// The smaller versions of the image that swr reads, the largest first; one of them has none.
Levels levels_of(const std::string& file, int of_level) {
  Levels levels;
  if (of_level > 0) return levels;
  for (int level = 1; level <= most_level; ++level) {
    const Reader reader = create_reader_of(level);
    const swr_status opened = swr_reader_open(reader.get(), file.c_str());
    if (opened == SWR_ERROR_NOT_FOUND) return levels;
    check(reader.get(), opened);
    swr_region region{};
    check(reader.get(), swr_reader_get_image_region(reader.get(), &region));
    levels.push_back(region);
  }
  return levels;
}

std::string levels_text(const Levels& levels) {
  std::string text;
  for (const swr_region& level : levels)
    text += (text.empty() ? "" : ", ") + list_text(level.size, level.dimensions, " x ");
  return text;
}

void print_text(const std::string& file, const Facts& facts, const Levels& levels) {
  const int n = facts.dimensions();
  const auto line = [](const char* name, const std::string& value) {
    std::cout << name << value << "\n";
  };
  line("file         ", file);
  line("format       ", facts.format);
  line("size         ", list_text(facts.region.size, n, " x "));
  line("start index  ", list_text(facts.region.index, n, " "));
  line("pixel        ", facts.pixel_text());
  line("spacing      ", length_text(facts.spacing, facts));
  line("origin       ", length_text(facts.origin, facts));
  line("direction    ", direction_text(facts));
  if (const std::string units = units_text(facts); !units.empty()) line("file's units ", units);
  line("encoding     ", facts.encoding_text());
  if (!facts.chunk_shape.empty())
    line("chunks       ", list_text(facts.chunk_shape.data(), n, " x "));
  line("byte order   ", facts.big_endian ? "big-endian" : "little-endian");
  line("pixel bytes  ", std::to_string(pixel_count(facts.region) * facts.pixel_bytes()));
  if (facts.has_value_scale())
    line("value scale  ", number_text(facts.slope) + " * stored + " + number_text(facts.intercept));
  if (!levels.empty()) line("levels       ", levels_text(levels));
  if (facts.data_file != file) line("data file    ", facts.data_file);
  for (const auto& [key, value] : facts.metadata)
    std::cout << "metadata     " << key << ": " << value << "\n";
}

Json object_of(const std::string& file, const Facts& facts, const Levels& levels) {
  const int n = facts.dimensions();
  Json object;
  object["file"] = file;
  object["format"] = facts.format;
  object["dimensions"] = n;
  object["size"] = json_list(facts.region.size, n);
  object["index"] = json_list(facts.region.index, n);
  object["component"] = swr_component_name(facts.component);
  object["components"] = facts.components;
  object["kind"] = swr_kind_name(facts.kind);
  object["spacing"] = facts.spacing;
  object["origin"] = facts.origin;
  object["direction"] = json_rows(facts.direction, n);
  object["units"] = Json::array();
  for (const swr_unit unit : facts.units) object["units"].push_back(swr_unit_name(unit));
  object["encoding"] = facts.encoding;
  object["slotted"] = facts.slotted;
  object["chunk_shape"] = facts.chunk_shape;
  object["big_endian"] = facts.big_endian;
  object["pixel_bytes"] = pixel_count(facts.region) * facts.pixel_bytes();
  object["slope"] = facts.slope;
  object["intercept"] = facts.intercept;
  object["levels"] = Json::array();
  for (const swr_region& level : levels)
    object["levels"].push_back(json_list(level.size, level.dimensions));
  object["data_file"] = facts.data_file;
  object["metadata"] = Json::object();
  for (const auto& [key, value] : facts.metadata) object["metadata"][key] = value;
  return object;
}

void info(const InfoOptions& options, int& exit_code) {
  Json objects = Json::array();
  bool is_first = true;
  each_file(options.files, exit_code, [&](const std::string& file) {
    const Facts facts = read_facts(open_reader(file, options.level).get());
    const Levels levels = levels_of(file, options.level);
    if (options.json) return objects.push_back(object_of(file, facts, levels));
    if (!std::exchange(is_first, false)) std::cout << "\n";
    print_text(file, facts, levels);
  });
  if (options.json) print_objects(options.files, objects);
}

}  // namespace

void add_info(CommandLine& line, int& exit_code) {
  auto options = std::make_shared<InfoOptions>();
  Command command = line.add("info", "Print what a file's header says");
  command.add("FILE", options->files, "The images").required().at_least(1);
  add_level_to(command, options->level);
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options, &exit_code] { info(*options, exit_code); });
}

}  // namespace swr::tool

// swr make: writes an image that is computed piece by piece, of any size.
#include "commands.h"
#include "patterns.h"
#include "regions.h"
#include "system.h"
#include "write_run.h"

namespace swr::tool {
namespace {

struct MakeOptions {
  std::string out;
  std::vector<int64_t> size;
  std::optional<std::vector<int64_t>> index;
  std::optional<std::vector<double>> spacing, origin;
  Pattern pattern;
  WriteOptions write;
};

int32_t pull_pattern(swr_piece* piece, void* user) {
  if (interrupted()) return SWR_CANCELLED;
  void* buffer = swr_piece_buffer(piece);
  if (!buffer) return SWR_ERROR_MEMORY;
  static_cast<const Pattern*>(user)->fill(*swr_piece_region(piece), buffer);
  return SWR_OK;
}

// A list from the command line, or `value` for every axis.
std::vector<double> list_or(const std::optional<std::vector<double>>& given, const char* option,
                            int dimensions, double value) {
  if (!given) return std::vector<double>(dimensions, value);
  expect_dimensions(option, given->size(), dimensions);
  return *given;
}

void make(const MakeOptions& options) {
  const int n = static_cast<int>(options.size.size());
  if (options.index) expect_dimensions("--index", options.index->size(), n);
  Pattern pattern = options.pattern;
  pattern.image = make_region(options.index.value_or(std::vector<int64_t>()), options.size);
  pattern.spacing = list_or(options.spacing, "--spacing", n, 1);
  const std::vector<double> origin = list_or(options.origin, "--origin", n, 0);

  WriteRun run("make", options.out, options.write);
  check(run.writer(), swr_set_image_region(run.writer(), &pattern.image));
  check(run.writer(), swr_set_pixel_type(run.writer(), pattern.component, 1, SWR_KIND_SCALAR));
  check(run.writer(), swr_set_spacing(run.writer(), pattern.spacing.data(), n));
  check(run.writer(), swr_set_origin(run.writer(), origin.data(), n));
  options.write.apply_new_file(run.writer());
  options.write.apply(run.writer());
  run.write(pull_pattern, &pattern);
  run.finish();
}

}  // namespace

void add_make(CommandLine& line) {
  auto options = std::make_shared<MakeOptions>();
  Command command = line.add("make", "Write a computed image of any size, piece by piece");
  command.add("OUT", options->out, "The image to write").required();
  command
      .add_parsed("--size", options->size, parse_size, "The size, such as 4096,4096,1000", "SIZE")
      .required();
  command.add_parsed("--type", options->pattern.component, parse_component,
                     "The component type, such as uint16; uint8 unless given", "TYPE");
  command.add_parsed("--pattern", options->pattern.kind, parse_pattern,
                     "ramp (unless given), sphere or noise", "ramp|sphere|noise");
  command.add_parsed("--index", options->index, parse_integers, "The start index; 0 unless given",
                     "INDEX");
  command.add_parsed("--spacing", options->spacing, parse_reals,
                     "Distance of neighbouring pixels in mm; 1 unless given", "MM,...");
  command.add_parsed("--origin", options->origin, parse_reals,
                     "Position of the pixel with index zero in mm; 0 unless given", "MM,...");
  options->write.add_new_file_to(command);
  options->write.add_to(command);
  command.runs([options] { make(*options); });
}

}  // namespace swr::tool

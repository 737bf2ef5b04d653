// swr copy: one file to another of any format, type, size and compression, piece by piece.
#include <algorithm>

#include "box_source.h"
#include "commands.h"
#include "conversion.h"
#include "facts.h"
#include "level.h"
#include "regions.h"
#include "standard_streams.h"
#include "system.h"
#include "write_run.h"

namespace swr::tool {
namespace {

struct CopyOptions {
  std::string in, out;
  std::optional<swr_region> region;
  std::optional<int64_t> volume;
  int level = 0;
  bool squeeze = false;
  std::optional<swr_component> type;
  std::optional<swr_conversion> conversion;
  bool no_metadata = false, strict = false;
  WriteOptions write;
};

// The region keeps its index, so that its pixels stay where they are in space. The writer takes all
// else from IN.
void describe(swr_writer* writer, const Facts& facts, const swr_region& region,
              const CopyOptions& options) {
  check(writer, swr_set_image_region(writer, &region));
  check(writer, swr_set_pixel_type(writer, options.type.value_or(facts.component), facts.components,
                                   facts.kind));
  if (options.type) {
    check(writer, swr_set_source_type(writer, facts.component));
    check(writer, swr_set_conversion(writer, chosen_conversion(options.conversion, facts.component,
                                                               *options.type)));
  }
  check(writer, swr_set_option(writer, "strict", options.strict ? "on" : "off"));
  check(writer, swr_set_option(writer, "metadata", options.no_metadata ? "drop" : "keep"));
}

// The box of IN that is copied.
swr_region source_region(const CopyOptions& options, const Facts& facts) {
  swr_region region = facts.region;
  if (options.region) {
    region = *options.region;
    expect_dimensions("--region", region.dimensions, facts.dimensions());
  }
  if (options.volume) {
    const int last = facts.dimensions() - 1;
    if (last < 1) throw UsageError("--volume: " + options.in + " has one axis only");
    region.index[last] = *options.volume;
    region.size[last] = 1;
  }
  if (contains(facts.region, region)) return region;
  throw Failure(SWR_ERROR_REGION, "the region " + region_text(region) + " is not inside " +
                                      region_text(facts.region) + " of " + options.in);
}

// The box without its trailing axes of size 1; for --volume without the last axis.
swr_region squeezed(const CopyOptions& options, swr_region region) {
  if (options.volume) --region.dimensions;
  while (options.squeeze && region.dimensions > 1 && region.size[region.dimensions - 1] == 1)
    --region.dimensions;
  return region;
}

// OUT is written, and the reader is closed.
void copy_file(const CopyOptions& options) {
  const Reader reader = open_reader(options.in, options.level);
  options.write.apply_beside_writer(reader.get());
  const Facts facts = read_facts(reader.get());
  const swr_region from = source_region(options, facts), to = squeezed(options, from);
  WriteRun run("copy", options.out, options.write);
  describe(run.writer(), facts, to, options);
  options.write.apply_new_file(run.writer());
  options.write.apply_beside_reader(run.writer());
  if (to.dimensions == from.dimensions) {
    run.write(swr_reader_pull, reader.get());
  } else {
    BoxSource source(reader.get(), from, to);
    check(run.writer(), swr_set_header_from(run.writer(), reader.get()));
    check(run.writer(), swr_set_header_region(run.writer(), &from));
    run.write(pull_box, &source);
  }
  run.finish();
}

// The suffix of OUT's format on standard output: --format, or that of IN if it can be one stream.
std::string suffix_of_stream(const CopyOptions& options) {
  const std::pair<const char*, const char*> suffixes[] = {
      {"NRRD", ".nrrd"}, {"MetaImage", ".mha"}, {"NIfTI", ".nii"}};
  const std::string name =
      options.write.format.value_or(read_facts(open_reader(options.in).get()).format);
  for (const auto& [format, suffix] : suffixes) {
    if (name != format) continue;
    const bool gzipped =
        name == "NIfTI" && options.write.compression && options.write.compression->name != "none";
    return gzipped ? suffix + std::string(".gz") : suffix;
  }
  throw UsageError("OUT is -: --format must be NRRD, MetaImage or NIfTI, not " + name);
}

void copy_to_stream(CopyOptions options, std::optional<StandardInput>& input) {
  if (options.write.json) throw UsageError("--json and OUT both need standard output");
  StandardOutput output(suffix_of_stream(options), options.in);
  options.out = output.path();
  options.write.to_stream = true;
  try {
    copy_file(options);
  } catch (const Failure& failure) {
    const std::string text = failure.what();
    const bool is_output = text.find(output.path()) != text.npos;
    if (failure.status() != SWR_ERROR_IO || !is_output) throw;
    throw Failure(SWR_ERROR_IO, text + "; until it is complete, the image is kept in " +
                                    output.folder() + ScratchFolder::advice);
  }
  input.reset();
  output.send();
}

void copy(CopyOptions options) {
  std::optional<StandardInput> input;
  if (options.in == standard_stream || options.out == standard_stream) catch_interrupts();
  if (options.in == standard_stream) options.in = input.emplace().path();
  try {
    options.out == standard_stream ? copy_to_stream(options, input) : copy_file(options);
  } catch (const Failure& failure) {
    // The library sees through gzip, and finds a header that it then cannot read.
    const bool is_unknown =
        failure.status() == SWR_ERROR_FORMAT || failure.status() == SWR_ERROR_CORRUPT;
    const std::string compression = input && is_unknown ? input->compression() : "";
    if (compression.empty()) throw;
    throw Failure(failure.status(), std::string(failure.what()) + "; it is compressed with " +
                                        compression +
                                        ": decompress it first, unless it is damaged and its "
                                        "format is compressed itself, as .nii.gz is");
  }
}

}  // namespace

void add_copy(CommandLine& line) {
  auto options = std::make_shared<CopyOptions>();
  Command command =
      line.add("copy", "Copy an image, or a region of it, to another format, type or compression");
  command.add("IN", options->in, "The image to read; - for standard input").required();
  command
      .add("OUT", options->out,
           "The image to write; may be IN; - for standard output (NRRD, MetaImage, NIfTI)")
      .required();
  command.add_parsed("--region", options->region, parse_region,
                     "Only this box of IN, in IN's index space", "INDEX:SIZE");
  command
      .add("--volume", options->volume, "Only this index of the last axis, which OUT does not get")
      .takes("N");
  add_level_to(command, options->level);
  command.add_flag("--squeeze", options->squeeze, "Drop axes of size 1 at the end of the region");
  command.add_parsed("--type", options->type, parse_component,
                     "The component type of OUT, such as float32", "TYPE");
  command.add_parsed(
      "--convert", options->conversion, parse_conversion,
      "How values become another type: exact (a value that does not survive is an error) or "
      "clamp (rounded, saturated); not needed for a type that holds all values of IN's",
      "exact|clamp");
  command.add_flag("--no-metadata", options->no_metadata,
                   "Do not copy the metadata of IN and all else that its header says besides "
                   "pixels, geometry, units and value scale");
  command.add_flag("--strict", options->strict,
                   "Fail where a part of IN's header does not fit OUT, instead of leaving it out "
                   "with a warning");
  options->write.add_new_file_to(command);
  options->write.add_to(command);
  command.runs([options] { copy(*options); });
}

}  // namespace swr::tool

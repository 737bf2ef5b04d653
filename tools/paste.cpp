// swr paste: copies a file, or a box of it, into another existing file.
#include <algorithm>
#include <filesystem>

#include "box_source.h"
#include "commands.h"
#include "conversion.h"
#include "facts.h"
#include "files.h"
#include "mask.h"
#include "regions.h"
#include "write_run.h"

namespace swr::tool {
namespace {

struct PasteOptions {
  std::string in, into;
  std::optional<std::vector<int64_t>> at;
  std::optional<swr_region> region;
  std::optional<swr_component> type;
  std::optional<swr_conversion> conversion;
  std::optional<std::string> where;
  std::optional<std::string> skip;
  std::optional<double> fill;
  bool extend = false;
  bool no_rollback = false;
  WriteOptions write;
};

// A paste from the file into itself could read pixels that it changed before.
void refuse_same_file(const PasteOptions& options, const Facts& in, const Facts& into) {
  std::error_code none;
  if (std::filesystem::equivalent(path_of(in.data_file), path_of(into.data_file), none)) {
    throw UsageError("paste: " + options.in + " and " + options.into +
                     " have the same pixels; copy the box to a file of its own first");
  }
}

// The box of IN that is pasted.
swr_region source_region(const PasteOptions& options, const Facts& in) {
  if (!options.region) return in.region;
  expect_dimensions("--region", options.region->dimensions, in.dimensions());
  if (contains(in.region, *options.region)) return *options.region;
  throw Failure(SWR_ERROR_REGION, "the region " + region_text(*options.region) + " is not inside " +
                                      region_text(in.region) + " of " + options.in);
}

// The target box in INTO's index space. If IN has fewer axes, --at must give the position along the
// others.
swr_region paste_region(const PasteOptions& options, const swr_region& from, const Facts& into) {
  const int n = into.dimensions();
  if (options.at) expect_dimensions("--at", options.at->size(), n);
  if (!options.at && from.dimensions < n) {
    throw Failure(SWR_ERROR_MISMATCH, options.in + " has " + std::to_string(from.dimensions) +
                                          " dimensions and " + options.into + " has " +
                                          std::to_string(n) + "; --at says where it goes");
  }
  swr_region to = from;
  to.dimensions = n;
  for (int d = 0; d < n; ++d) {
    if (d >= from.dimensions) to.size[d] = 1;
    if (options.at) to.index[d] = (*options.at)[d];
    int64_t end;
    if (__builtin_add_overflow(to.index[d], to.size[d], &end))
      throw Failure(SWR_ERROR_REGION, "--at: the index is too far away");
  }
  return to;
}

// Checks what must match.
void check_types(const PasteOptions& options, const Facts& in, const Facts& into) {
  if (options.type && *options.type != into.component) {
    throw Failure(SWR_ERROR_MISMATCH, options.into + " has pixels of " + into.pixel_text() +
                                          ", not of " + swr_component_name(*options.type));
  }
  if (in.components != into.components && !options.conversion) {
    throw Failure(SWR_ERROR_MISMATCH, options.in + " has pixels of " + in.pixel_text() + " and " +
                                          options.into + " of " + into.pixel_text() +
                                          "; --convert converts them where the meaning is clear");
  }
}

// All else comes from INTO.
void describe(swr_writer* writer, const PasteOptions& options, const Facts& in, const Facts& into,
              const swr_region& to) {
  if (in.components != into.components)
    check(writer, swr_set_source_components(writer, in.components));
  check(writer, swr_set_source_type(writer, in.component));
  // Different value scales need --convert too.
  const bool same_scale = in.slope == into.slope && in.intercept == into.intercept;
  check(writer,
        swr_set_conversion(
            writer, same_scale ? chosen_conversion(options.conversion, in.component, into.component)
                               : options.conversion.value_or(SWR_CONVERSION_NONE)));
  check(writer,
        swr_set_existing(writer, options.extend ? SWR_EXISTING_EXTEND : SWR_EXISTING_UPDATE));
  if (options.extend) {
    const swr_region whole = enclosing(into.region, to);
    check(writer, swr_set_image_region(writer, &whole));
  }
  check(writer, swr_set_paste_region(writer, &to));
  if (options.fill) check(writer, swr_set_fill_value(writer, *options.fill));
  check(writer, swr_set_rollback(writer, options.no_rollback ? 0 : 1));
}

std::string size_of(const swr_region& region) {
  return list_text(region.size, region.dimensions, " x ");
}

// Puts the pixels of IN that --where and --skip leave, part by part. All other pixels keep their
// bytes.
class MaskedPaste {
 public:
  MaskedPaste(const PasteOptions& options, const Facts& in, const swr_region& from)
      : in_(in), box_(from) {
    if (options.skip) skip_.emplace(*options.skip, in, options.in);
    if (!options.where) return;
    mask_.emplace(*options.where, options.write);
    if (mask_->fits(in.region)) {
      box_ = in.region;
    } else if (!mask_->fits(from)) {
      std::string expected = options.in + " has " + size_of(in.region);
      if (options.region) expected += ", and the box has " + size_of(from);
      throw Failure(SWR_ERROR_MISMATCH, "--where: " + mask_->size_text() + "; " + expected);
    }
  }

  void put(swr_writer* writer, const BoxSource& source, const swr_region& to) {
    const int64_t part_pixels = std::max<int64_t>(1, part_bytes / in_.pixel_bytes());
    for_each_part(to, part_pixels, [&](const swr_region& part) { put_part(writer, source, part); });
  }

 private:
  static constexpr int64_t part_bytes = 2 << 20;

  void put_part(swr_writer* writer, const BoxSource& source, const swr_region& part) {
    const swr_region from = source.source_of(part);
    const int64_t pixels = pixel_count(from), bytes = pixels * in_.pixel_bytes();
    selected_.assign(static_cast<size_t>(pixels), 1);
    if (mask_) mask_->apply(from, box_, selected_);
    pixels_.resize(static_cast<size_t>(bytes));
    check(source.reader(), swr_reader_read(source.reader(), &from, pixels_.data(), bytes));
    if (skip_) skip_->apply(pixels_, selected_);
    check(writer, swr_put_masked(writer, &part, pixels_.data(), bytes, selected_.data(), pixels));
  }

  std::optional<SkippedValue> skip_;
  const Facts& in_;
  swr_region box_;  // that the mask covers, in IN's index space
  std::optional<Mask> mask_;
  std::vector<std::byte> pixels_;
  std::vector<uint8_t> selected_;
};

void paste(const PasteOptions& options) {
  const Reader reader = open_reader(options.in);
  options.write.apply_beside_writer(reader.get());
  const Facts in = read_facts(reader.get());
  const Facts into = read_facts(open_reader(options.into).get());
  refuse_same_file(options, in, into);
  check_types(options, in, into);
  const swr_region from = source_region(options, in), to = paste_region(options, from, into);
  const BoxSource source(reader.get(), from, to);

  WriteRun run("paste", options.into, options.write);
  check(run.writer(), swr_set_header_from(run.writer(), reader.get()));
  describe(run.writer(), options, in, into, to);
  options.write.apply_beside_reader(run.writer());
  if (options.where || options.skip) {
    MaskedPaste masked(options, in, from);
    run.put([&] { masked.put(run.writer(), source, to); });
  } else {
    run.write(pull_box, const_cast<BoxSource*>(&source));
  }
  Json region;
  region["index"] = json_list(to.index, to.dimensions);
  region["size"] = json_list(to.size, to.dimensions);
  run.finish({{"region", region}});
}

}  // namespace

void add_paste(CommandLine& line) {
  auto options = std::make_shared<PasteOptions>();
  Command command = line.add("paste", "Paste an image, or a box of it, into an existing image");
  command.add("IN", options->in, "The image to read").required();
  command.add("INTO", options->into, "The image to change").required();
  command.add_parsed(
      "--at", options->at, parse_integers,
      "Where the first pixel goes, in INTO's index space; unless given, at the start index of "
      "IN. INTO may have more axes than IN, such as time",
      "INDEX");
  command.add_parsed("--region", options->region, parse_region,
                     "Only this box of IN, in IN's index space", "INDEX:SIZE");
  command
      .add("--where", options->where,
           "A mask, as large as IN or the box: only pixels where it is not 0 are pasted")
      .takes("MASK");
  command.add_parsed(
      "--skip", options->skip, parse_number,
      "Pixels of IN with this value, as it is stored, in every component are not pasted", "VALUE");
  command.add_flag("--extend", options->extend, "Let INTO grow where the box goes beyond it");
  command
      .add("--fill", options->fill,
           "The value of new pixels outside the box, as it is stored; 0 unless given")
      .takes("V")
      .only_with("--extend");
  command.add_parsed("--type", options->type, parse_component,
                     "The component type that INTO must have", "TYPE");
  command.add_parsed(
      "--convert", options->conversion, parse_conversion,
      "How values become INTO's type and value scale: exact (a value that does not survive "
      "is an error) or clamp (rounded, saturated); not needed for a type that holds all values",
      "exact|clamp");
  command.add_flag("--no-rollback", options->no_rollback,
                   "Keep no undo journal: faster, but a failure half-way leaves INTO half changed");
  options->write.add_to(command);
  command.runs([options] { paste(*options); });
}

}  // namespace swr::tool

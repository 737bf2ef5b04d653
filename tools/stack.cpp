// swr stack: joins several images along one of their axes or along a new one, piece by piece.
#include <algorithm>
#include <cstring>

#include "commands.h"
#include "facts.h"
#include "fill_piece.h"
#include "regions.h"
#include "write_run.h"

namespace swr::tool {
namespace {

struct StackOptions {
  std::vector<std::string> files;  // the last one is OUT
  std::optional<int> axis;
  std::optional<double> step;
  std::optional<std::string> unit;
  bool strict = false;
  WriteOptions write;
};

struct Input {
  std::string path;
  swr_region region;
  int64_t begin = 0, size = 1;  // of its share of the axis
};

// The files, one after another; one is open at a time.
class Stack {
 public:
  Stack(std::vector<Input> inputs, int axis, int64_t pixel_bytes, const WriteOptions& options)
      : inputs_(std::move(inputs)), axis_(axis), pixel_bytes_(pixel_bytes), options_(options) {}

  // Fills `buffer` with the pixels of `wanted`.
  void read(const swr_region& wanted, std::byte* buffer) {
    const int64_t end = wanted.index[axis_] + wanted.size[axis_];
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const Input& input = inputs_[i];
      const int64_t from = std::max(wanted.index[axis_], input.begin),
                    to = std::min(end, input.begin + input.size);
      if (from < to) read_share(i, wanted, from, to, buffer);
    }
  }

 private:
  // Reads the pixels `from` to `to` of the axis, which are in one file.
  void read_share(size_t number, const swr_region& wanted, int64_t from, int64_t to,
                  std::byte* buffer) {
    const Input& input = inputs_[number];
    swr_region region = input.region;
    for (int d = 0; d < region.dimensions; ++d) {
      if (d == axis_) {
        region.index[d] += from - input.begin;
        region.size[d] = to - from;
      } else {
        region.index[d] = wanted.index[d];
        region.size[d] = wanted.size[d];
      }
    }
    int64_t run = pixel_bytes_, rows = 1;  // bytes of one step along the axis; steps of slower ones
    for (int d = 0; d < axis_; ++d) run *= wanted.size[d];
    for (int d = axis_ + 1; d < wanted.dimensions; ++d) rows *= wanted.size[d];
    const int64_t share = run * (to - from), whole = run * wanted.size[axis_];
    std::byte* const first = buffer + run * (from - wanted.index[axis_]);
    if (rows == 1) return read_from(number, region, first, share);
    scratch_.resize(static_cast<size_t>(share * rows));
    read_from(number, region, scratch_.data(), share * rows);
    for (int64_t row = 0; row < rows; ++row)
      std::memcpy(first + row * whole, scratch_.data() + row * share, static_cast<size_t>(share));
  }

  void read_from(size_t number, const swr_region& region, std::byte* to, int64_t bytes) {
    if (!reader_ || number != open_) {
      reader_.reset();
      reader_ = open_reader(inputs_[number].path);
      options_.apply_beside_writer(reader_.get());
      open_ = number;
    }
    check(reader_.get(), swr_reader_read(reader_.get(), &region, to, bytes));
  }

  std::vector<Input> inputs_;
  int axis_;
  int64_t pixel_bytes_;
  const WriteOptions& options_;
  Reader reader_;
  size_t open_ = 0;
  std::vector<std::byte> scratch_;
};

int32_t pull_stack(swr_piece* piece, void* user) {
  return fill_piece(piece, [&](const swr_region& region, std::byte* buffer) {
    static_cast<Stack*>(user)->read(region, buffer);
  });
}

[[noreturn]] void differ(const std::string& what, const std::string& first, const std::string& file,
                         const std::string& in_first, const std::string& in_file) {
  throw Failure(SWR_ERROR_MISMATCH,
                what + ": " + in_first + " in " + first + " and " + in_file + " in " + file);
}

// Checks that the files agree in all but the position and the size along the axis.
void check_alike(const std::string& first_path, const Facts& first, const std::string& path,
                 const Facts& facts, int axis) {
  if (facts.dimensions() != first.dimensions()) {
    differ("the number of dimensions differs", first_path, path, std::to_string(first.dimensions()),
           std::to_string(facts.dimensions()));
  }
  for (int d = 0; d < first.dimensions(); ++d) {
    const bool same = d == axis || (facts.region.size[d] == first.region.size[d] &&
                                    facts.region.index[d] == first.region.index[d]);
    if (same) continue;
    differ("the region differs", first_path, path, region_text(first.region),
           region_text(facts.region));
  }
  if (facts.component != first.component || facts.components != first.components ||
      facts.kind != first.kind) {
    differ("the pixel type differs", first_path, path, first.pixel_text(), facts.pixel_text());
  }
  if (facts.slope != first.slope || facts.intercept != first.intercept) {
    const auto scale = [](const Facts& of) {
      return number_text(of.slope) + " * stored + " + number_text(of.intercept);
    };
    differ("the value scale differs", first_path, path, scale(first), scale(facts));
  }
  if (facts.spacing != first.spacing || facts.direction != first.direction)
    warn(path + " has another spacing or direction than " + first_path + ", which counts");
}

int stacked_axis(const StackOptions& options, const Facts& first) {
  const int axis = options.axis.value_or(first.dimensions());
  if (axis < 0 || axis > first.dimensions() || axis >= SWR_MAX_DIMENSIONS) {
    throw UsageError("--axis: the images have the axes 0 to " +
                     std::to_string(first.dimensions() - 1) + ", and " +
                     std::to_string(first.dimensions()) + " is a new one; not " +
                     std::to_string(axis));
  }
  if ((options.step || options.unit) && axis < first.dimensions())
    throw UsageError("--step and --unit are those of a new axis; axis " + std::to_string(axis) +
                     " has its own");
  return axis;
}

// The files' shares of the axis; `whole` becomes the region of the stack.
std::vector<Input> inputs_of(const StackOptions& options, const Facts& first, int axis,
                             swr_region& whole) {
  const bool is_new = axis == first.dimensions();
  whole = first.region;
  if (is_new) {
    whole.dimensions = axis + 1;
    whole.index[axis] = 0;
  }
  std::vector<Input> inputs;
  int64_t at = whole.index[axis];
  for (size_t i = 0; i + 1 < options.files.size(); ++i) {
    const Facts facts = read_facts(open_reader(options.files[i]).get());
    check_alike(options.files[0], first, options.files[i], facts, axis);
    Input input{options.files[i], facts.region, at, is_new ? 1 : facts.region.size[axis]};
    if (__builtin_add_overflow(at, input.size, &at))
      throw Failure(SWR_ERROR_REGION, "the stack is too long");
    inputs.push_back(std::move(input));
  }
  whole.size[axis] = at - whole.index[axis];
  return inputs;
}

// Sets the step and the unit of a new axis.
void describe_axis(swr_writer* writer, const StackOptions& options, const Facts& first) {
  if (!options.step && !options.unit) return;
  const int n = first.dimensions();
  const swr_unit unit = options.unit ? swr_unit_from_name(options.unit->c_str()) : SWR_UNIT_NONE;
  if (options.unit && unit == SWR_UNIT_NONE)
    throw UsageError("--unit: \"" + *options.unit + "\" is not a unit that swr knows");
  if (options.unit) check(writer, swr_set_axis_unit(writer, n, unit));
  if (!options.step) return;
  std::vector<double> spacing = first.spacing;
  spacing.push_back(*options.step);
  check(writer, swr_set_spacing(writer, spacing.data(), n + 1));
}

void stack(const StackOptions& options) {
  const std::string& out = options.files.back();
  const Reader reader = open_reader(options.files[0]);
  const Facts first = read_facts(reader.get());
  const int axis = stacked_axis(options, first);
  swr_region whole;
  Stack source(inputs_of(options, first, axis, whole), axis, first.pixel_bytes(), options.write);
  WriteRun run("stack", out, options.write);
  swr_writer* const writer = run.writer();
  check(writer, swr_set_header_from(writer, reader.get()));
  check(writer, swr_set_image_region(writer, &whole));
  check(writer, swr_set_option(writer, "strict", options.strict ? "on" : "off"));
  describe_axis(writer, options, first);
  options.write.apply_new_file(writer);
  options.write.apply_beside_reader(writer);
  run.write(pull_stack, &source);
  run.finish();
}

}  // namespace

void add_stack(CommandLine& line) {
  auto options = std::make_shared<StackOptions>();
  Command command =
      line.add("stack", "Join images along an axis of theirs, or along a new one, such as time");
  command.add("FILES", options->files, "The images to join, in order, and at the end OUT")
      .takes("FILE... OUT")
      .required()
      .at_least(2);
  command.add("--axis", options->axis, "The axis, from 0; a new one after the last unless given")
      .takes("N");
  command
      .add("--step", options->step,
           "How far apart images are along a new axis, in mm or s; 1 unless given")
      .takes("V");
  command.add("--unit", options->unit, "The unit in which OUT states a new axis, such as s")
      .takes("UNIT");
  command.add_flag("--strict", options->strict,
                   "Fail where a part of the first image's header does not fit OUT, instead of "
                   "leaving it out with a warning");
  options->write.add_new_file_to(command);
  options->write.add_to(command);
  command.runs([options] { stack(*options); });
}

}  // namespace swr::tool

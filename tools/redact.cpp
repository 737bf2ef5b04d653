// swr redact: overwrites a box and removes its old pixels from the file and from its undo journal.
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "commands.h"
#include "component_types.h"
#include "facts.h"
#include "interrupt.h"
#include "regions.h"
#include "write_run.h"

namespace swr::tool {
namespace {

struct RedactOptions {
  std::string file;
  swr_region region{};
  double fill = 0;
  WriteOptions write;
};

// One component of the file's type, as bytes.
struct FillValue {
  char bytes[8];
  int size;

  void fill(void* buffer, int64_t count) const {
    char* to = static_cast<char*>(buffer);
    for (int64_t i = 0; i < count; i += size) std::memcpy(to + i, bytes, size);
  }
};

// A floating type takes its nearest value; an integer type takes only values that it can hold.
FillValue encode(double value, swr_component component) {
  return with_component_type(component, [&]<class T>(T) {
    if constexpr (std::is_integral_v<T>) {
      constexpr auto least = static_cast<double>(std::numeric_limits<T>::min());
      const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);
      if (!(value >= least && value < beyond) || value != std::floor(value)) {
        throw Failure(SWR_ERROR_CONVERSION, "--fill: " + number_text(value) +
                                                " is not a value of " +
                                                swr_component_name(component));
      }
    }
    if constexpr (std::is_same_v<T, float>) {
      if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) {
        throw Failure(SWR_ERROR_CONVERSION,
                      "--fill: " + number_text(value) + " is too large for float32");
      }
    }
    const T stored = static_cast<T>(value);
    FillValue fill{{}, sizeof(T)};
    std::memcpy(fill.bytes, &stored, sizeof(T));
    return fill;
  });
}

int32_t pull_fill(swr_piece* piece, void* user) {
  if (interrupted()) return SWR_CANCELLED;
  void* buffer = swr_piece_buffer(piece);
  if (!buffer) return SWR_ERROR_MEMORY;
  static_cast<const FillValue*>(user)->fill(buffer, swr_piece_bytes(piece));
  return SWR_OK;
}

// Reads the box again, so that a failed redaction is noticed.
void expect_redacted(const RedactOptions& options, const Facts& facts, const FillValue& value) {
  constexpr int64_t part_bytes = 4 << 20;
  const Reader reader = open_reader(options.file);
  std::vector<char> found, expected;
  for_each_part(
      options.region, std::max<int64_t>(1, part_bytes / facts.pixel_bytes()),
      [&](const swr_region& part) {
        const int64_t bytes = pixel_count(part) * facts.pixel_bytes();
        found.resize(bytes);
        if (static_cast<int64_t>(expected.size()) < bytes) {
          expected.resize(bytes);
          value.fill(expected.data(), bytes);
        }
        check(reader.get(), swr_reader_read(reader.get(), &part, found.data(), bytes));
        if (std::memcmp(found.data(), expected.data(), bytes) == 0) return;
        throw Failure(
            SWR_ERROR_INTERNAL,
            options.file +
                ": the box still has other values than the fill value after it was redacted");
      });
}

void redact(const RedactOptions& options) {
  const Facts facts = read_facts(open_reader(options.file).get());
  expect_dimensions("--region", options.region.dimensions, facts.dimensions());
  FillValue value = encode(options.fill, facts.component);
  WriteRun run("redact", options.file, options.write);
  check(run.writer(), swr_set_existing(run.writer(), SWR_EXISTING_UPDATE));
  check(run.writer(), swr_set_paste_region(run.writer(), &options.region));
  options.write.apply(run.writer());
  check(run.writer(), swr_set_option(run.writer(), "erase", "on"));
  check(run.writer(), swr_set_sync(run.writer(), 1));
  run.write(pull_fill, &value);
  expect_redacted(options, facts, value);
  run.finish();
}

}  // namespace

void add_redact(CLI::App& app, Run& run) {
  auto options = std::make_shared<RedactOptions>();
  CLI::App* command =
      app.add_subcommand("redact", "Overwrite a box so that its old pixels are gone from the file");
  command->add_option("FILE", options->file, "The image")->required();
  add_parsed(*command, "--region", options->region, parse_region,
             "The box, in the image's index space", "INDEX:SIZE")
      ->required();
  command
      ->add_option("--fill", options->fill,
                   "The value that every pixel of the box gets; 0 unless given")
      ->type_name("V");
  options->write.add_to(*command);
  command->callback([options, &run] { run = [options] { redact(*options); }; });
}

}  // namespace swr::tool

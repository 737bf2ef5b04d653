// swr describe: writes a header beside a file of pixels that has none.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <span>
#include <system_error>

#include "arguments.h"
#include "commands.h"
#include "facts.h"
#include "files.h"
#include "json.h"
#include "raw_header.h"
#include "regions.h"

namespace swr::tool {
namespace {

namespace fs = std::filesystem;

struct DescribeOptions {
  std::string raw, header;
  RawPixels pixels;
  std::optional<std::vector<double>> spacing, origin;
  bool json = false;
};

// The file's name as the header states it: headers and their files stay together when they move.
std::string name_beside(const std::string& raw, const std::string& header) {
  std::error_code error;
  const fs::path folder = path_of(header).parent_path(), raw_folder = path_of(raw).parent_path();
  if (!fs::equivalent(folder.empty() ? "." : folder, raw_folder.empty() ? "." : raw_folder, error))
    throw Failure(
        error ? SWR_ERROR_NOT_FOUND : SWR_ERROR_ARGUMENT,
        header + ": " + (error ? error.message() : "a header must be in the folder of " + raw));
  return text_of(path_of(raw).filename());
}

std::string header_text(const std::string& header, const RawPixels& pixels) {
  if (header.ends_with(".nhdr")) return nrrd_header(pixels);
  if (header.ends_with(".mhd")) return metaimage_header(pixels);
  throw UsageError("--as: " + header + " must end with .nhdr or .mhd");
}

int64_t file_bytes(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path_of(path), error))
    throw Failure(error || !fs::exists(path_of(path)) ? SWR_ERROR_NOT_FOUND : SWR_ERROR_ARGUMENT,
                  path + ": " + (error ? error.message() : "there is no such file of pixels"));
  const auto bytes = fs::file_size(path_of(path), error);
  if (error) throw Failure(SWR_ERROR_IO, path + ": " + error.message());
  return static_cast<int64_t>(bytes);
}

// The number of bytes after the last pixel.
int64_t check_size(const std::string& raw, const RawPixels& pixels) {
  swr_region region = make_region({}, pixels.size);
  const int64_t unit = int64_t{swr_component_bytes(pixels.component)} * pixels.components;
  const int64_t count = pixel_count(region);
  if (count > INT64_MAX / unit)
    throw Failure(SWR_ERROR_REGION, raw + ": an image of that size has more than 2^63 bytes");
  const int64_t need = count * unit, bytes = file_bytes(raw);
  if (pixels.offset > bytes || need > bytes - pixels.offset) {
    throw Failure(SWR_ERROR_FORMAT, raw + ": has " + std::to_string(bytes) + " bytes, but " +
                                        list_text(region.size, region.dimensions, " x ") +
                                        " pixels of " + std::to_string(unit) + " bytes from byte " +
                                        std::to_string(pixels.offset) + " on are " +
                                        std::to_string(need) + " bytes");
  }
  return bytes - pixels.offset - need;
}

// A new file; what is there already is never replaced.
void create(const std::string& path, const std::string& text) {
  std::FILE* file = create_file(path);
  if (!file) {
    const int code = errno;
    throw Failure(code == EEXIST ? SWR_ERROR_EXISTS : SWR_ERROR_IO,
                  path + ": " + std::strerror(code));
  }
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int code = errno;
  if (std::fclose(file) == 0 && written) return;
  const std::string reason = std::strerror(written ? errno : code);
  std::error_code none;
  fs::remove(path_of(path), none);
  throw Failure(SWR_ERROR_IO, path + ": " + reason);
}

// Reads the header back: names with unusual characters may mean something else in a header.
void check_header(const DescribeOptions& options) {
  const Reader reader = open_reader(options.header);
  const Facts facts = read_facts(reader.get());
  std::error_code error;
  const RawPixels& pixels = options.pixels;
  const auto* const size = facts.region.size;
  if (!fs::equivalent(path_of(facts.data_file), path_of(options.raw), error) ||
      !std::ranges::equal(pixels.size, std::span(size, size + facts.dimensions())) ||
      facts.component != pixels.component || facts.components != pixels.components) {
    throw Failure(SWR_ERROR_UNSUPPORTED,
                  options.header + ": a header of this format cannot describe " + options.raw);
  }
}

void describe(const DescribeOptions& given) {
  DescribeOptions options = given;
  RawPixels& pixels = options.pixels;
  const int n = static_cast<int>(pixels.size.size());
  pixels.spacing = options.spacing.value_or(std::vector<double>(pixels.size.size(), 1));
  pixels.origin = options.origin.value_or(std::vector<double>(pixels.size.size(), 0));
  expect_dimensions("--spacing", pixels.spacing.size(), n);
  expect_dimensions("--origin", pixels.origin.size(), n);
  pixels.file = name_beside(options.raw, options.header);
  const std::string text = header_text(options.header, pixels);
  const int64_t rest = check_size(options.raw, pixels);

  create(options.header, text);
  try {
    check_header(options);
  } catch (...) {
    std::remove(options.header.c_str());
    throw;
  }
  if (rest > 0)
    warn(options.raw + ": the image does not include the " + std::to_string(rest) +
         (rest == 1 ? " byte" : " bytes") + " after the last pixel");
  if (options.json) {
    print_json({{"file", options.header}, {"data_file", options.raw}, {"bytes_after", rest}});
    return;
  }
  std::cout << options.header << ": describes " << options.raw << "\n";
}

}  // namespace

void add_describe(CommandLine& line) {
  auto options = std::make_shared<DescribeOptions>();
  RawPixels& pixels = options->pixels;
  Command command = line.add("describe", "Write a header beside a file of pixels that has none");
  command.add("FILE", options->raw, "The file of pixels; it does not change").required();
  command
      .add_parsed("--size", pixels.size, parse_size,
                  "The size, first the axis that is stored contiguously, such as 512,512,200",
                  "SIZE")
      .required();
  command
      .add_parsed("--type", pixels.component, parse_component, "The component type, such as uint16",
                  "TYPE")
      .required();
  command.add("--as", options->header, "The header to write, .nhdr or .mhd")
      .takes("HEADER")
      .required();
  command
      .add("--components", pixels.components, "Components of a pixel, interleaved; 1 unless given")
      .takes("N")
      .between(1, 65536);
  command.add("--offset", pixels.offset, "Bytes before the first pixel; 0 unless given")
      .takes("BYTES")
      .at_least_zero();
  command.add_flag("--big-endian", pixels.big_endian, "The most significant byte is first");
  command.add_parsed("--spacing", options->spacing, parse_reals,
                     "Distance of neighbouring pixels in mm; 1 unless given", "MM,...");
  command.add_parsed("--origin", options->origin, parse_reals,
                     "Position of the first pixel in mm; 0 unless given", "MM,...");
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options] { describe(*options); });
}

}  // namespace swr::tool

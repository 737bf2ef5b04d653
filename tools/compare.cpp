// swr compare: prints the differences of two images' headers and pixels.
#include <algorithm>
#include <iostream>

#include "arguments.h"
#include "commands.h"
#include "header_differences.h"
#include "pixel_differences.h"
#include "regions.h"
#include "status.h"

namespace swr::tool {
namespace {

constexpr int64_t usual_memory = int64_t{256} << 20;
constexpr int64_t least_reader_memory = 1 << 20;  // below it the library refuses a limit
constexpr int64_t most_buffer = 8 << 20;          // larger parts compare no faster

struct CompareOptions {
  std::string a, b;
  int64_t memory = usual_memory;
  int threads = 0;
  bool quiet = false;
  bool json = false;

  // Each file has a reader and a buffer.
  int64_t buffer_bytes() const { return std::clamp<int64_t>(memory / 8, 1, most_buffer); }
  int64_t reader_memory() const {
    return std::max(least_reader_memory, memory / 2 - buffer_bytes());
  }
};

Reader open_compared(const std::string& path, const CompareOptions& options) {
  Reader reader = create_reader();
  check(reader.get(), swr_reader_set_memory_limit(reader.get(), options.reader_memory()));
  check(reader.get(), swr_reader_set_threads(reader.get(), options.threads));
  check(reader.get(), swr_reader_open(reader.get(), path.c_str()));
  warn_of_notes(reader.get());
  return reader;
}

// A list of lists is a matrix: semicolons separate its rows.
std::string value_text(const Json& value) {
  if (value.is_null()) return "none";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return number_text(value.get<double>());
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& element : value)
    text += (text.empty() ? "" : element.is_array() ? "; " : " ") + value_text(element);
  return text;
}

void print_field(const CompareOptions& options, const FieldDifference& difference) {
  std::cout << difference.field;
  if (!difference.key.empty()) std::cout << " " << difference.key;
  std::cout << ": " << value_text(difference.a) << " in " << options.a << ", "
            << value_text(difference.b) << " in " << options.b << "\n";
}

std::string place_text(const PixelDifference& at, const Facts& facts) {
  std::string text = list_text(at.index.data(), static_cast<int>(at.index.size()), ",");
  if (facts.components > 1) text += " in component " + std::to_string(at.component);
  return text + " (" + value_text(at.a) + " and " + value_text(at.b) + ")";
}

void print_pixels(const PixelDifferences& pixels, const Facts& facts) {
  if (!pixels.not_compared.empty()) {
    std::cout << "pixels: not compared: " << pixels.not_compared << "\n";
  } else if (pixels.differing > 0) {
    std::cout << "pixels: " << pixels.differing << " of " << pixels.pixels << " differ"
              << (pixels.real_values ? " in their real values" : "") << "; the first at "
              << place_text(pixels.first, facts) << "; the largest difference is "
              << number_text(pixels.largest.difference) << " at "
              << place_text(pixels.largest, facts) << "\n";
  }
}

Json place_object(const PixelDifference& at) {
  Json object;
  object["index"] = at.index;
  object["component"] = at.component;
  object["a"] = at.a;
  object["b"] = at.b;
  object["difference"] = at.difference;
  return object;
}

void print_object(const CompareOptions& options, const std::vector<FieldDifference>& fields,
                  const PixelDifferences& pixels) {
  Json object;
  object["a"] = options.a;
  object["b"] = options.b;
  object["same"] = fields.empty() && pixels.same();
  object["header"] = Json::array();
  for (const FieldDifference& difference : fields) {
    Json field;
    field["field"] = difference.field;
    if (difference.field == "metadata") field["key"] = difference.key;
    field["a"] = difference.a;
    field["b"] = difference.b;
    object["header"].push_back(field);
  }
  const bool compared = pixels.not_compared.empty();
  object["compared"] = compared ? (pixels.real_values ? "real values" : "stored values") : "none";
  object["reason"] = pixels.not_compared;
  object["pixels"] = pixels.pixels;
  object["differing"] = pixels.differing;
  object["first"] = pixels.differing > 0 ? place_object(pixels.first) : Json();
  object["largest"] = pixels.differing > 0 ? place_object(pixels.largest) : Json();
  print_json(object);
}

// Returns whether the images are equal.
bool compare(const CompareOptions& options) {
  const Reader a = open_compared(options.a, options), b = open_compared(options.b, options);
  const Facts a_facts = read_facts(a.get()), b_facts = read_facts(b.get());
  const auto fields = header_differences(a_facts, b_facts);
  const auto pixels =
      pixel_differences({a.get(), a_facts}, {b.get(), b_facts}, options.buffer_bytes());
  const bool same = fields.empty() && pixels.same();
  if (options.json) {
    print_object(options, fields, pixels);
  } else if (!options.quiet) {
    for (const FieldDifference& difference : fields) print_field(options, difference);
    print_pixels(pixels, a_facts);
    if (same) std::cout << options.a << " and " << options.b << ": the same\n";
  }
  return same;
}

}  // namespace

void add_compare(CommandLine& line, int& exit_code) {
  auto options = std::make_shared<CompareOptions>();
  Command command = line.add("compare",
                             "Print the differences of two images' headers and pixels; exit code 0 "
                             "if there are none, 1 if there are");
  command.add("A", options->a, "An image").required();
  command.add("B", options->b, "Another one, of any format").required();
  command.add_parsed("--memory", options->memory, parse_memory,
                     "The most memory for buffers, such as 64M; 256M unless given", "BYTES");
  command.add("--threads", options->threads, "Threads that decompress; 0, unless given: all cores")
      .takes("N")
      .at_least_zero();
  command.add_flag("-q,--quiet", options->quiet, "Print nothing; the exit code is the answer");
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options, &exit_code] {
    if (!compare(*options)) exit_code = exit_different;
  });
}

}  // namespace swr::tool

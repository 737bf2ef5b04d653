// swr redact: overwrites pixels and removes the old ones from the file and from its undo journal.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <limits>
#include <string_view>
#include <type_traits>

#include "commands.h"
#include "component_types.h"
#include "facts.h"
#include "files.h"
#include "fill_piece.h"
#include "regions.h"
#include "selection.h"
#include "write_run.h"

namespace swr::tool {
namespace {

struct RedactOptions {
  std::string file;
  std::vector<swr_region> regions;
  std::optional<std::string> where;
  double fill = 0;
  std::optional<std::string> header;  // "list" or "blank"
  WriteOptions write;

  bool blanks_header() const { return header && *header == "blank"; }
};

// One component of the file's type, as bytes.
struct FillValue {
  char bytes[8];
  int size;

  void fill(std::byte* to, int64_t count) const {
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

std::string parse_header(const std::string& option, const std::string& text) {
  if (text == "list" || text == "blank") return text;
  throw UsageError(option + ": \"" + text + "\" is not one of list, blank");
}

// Fills the selected pixels of a part.
void fill_selected(const FillValue& value, const std::vector<uint8_t>& selected,
                   int64_t pixel_bytes, std::byte* pixels) {
  for (const uint8_t pixel : selected) {
    if (pixel) value.fill(pixels, pixel_bytes);
    pixels += pixel_bytes;
  }
}

int64_t pixels_in_part(const Facts& facts) {
  constexpr int64_t part_bytes = 2 << 20;
  return std::max<int64_t>(1, part_bytes / facts.pixel_bytes());
}

// What a redaction works on.
struct Redaction {
  const RedactOptions& options;
  const Facts& facts;
  const FillValue& value;
  Selection& selection;
};

// Changes the selected pixels and nothing else.
void fill_in_place(WriteRun& run, const Redaction& redaction) {
  const swr_region bounds = redaction.selection.bounds();
  check(run.writer(), swr_set_existing(run.writer(), SWR_EXISTING_UPDATE));
  check(run.writer(), swr_set_paste_region(run.writer(), &bounds));
  std::vector<std::byte> pixels;
  const auto put = [&](const swr_region& part, const std::vector<uint8_t>& selected) {
    const auto count = static_cast<int64_t>(selected.size());
    const int64_t bytes = count * redaction.facts.pixel_bytes();
    if (static_cast<int64_t>(pixels.size()) < bytes) {
      pixels.resize(static_cast<size_t>(bytes));
      redaction.value.fill(pixels.data(), bytes);
    }
    check(run.writer(),
          swr_put_masked(run.writer(), &part, pixels.data(), bytes, selected.data(), count));
  };
  run.put([&] { redaction.selection.for_each_part(pixels_in_part(redaction.facts), put); });
}

// The old file with the selected pixels filled.
struct FilledSource {
  swr_reader* reader;
  const Redaction& redaction;
};

int32_t pull_filled(swr_piece* piece, void* user) {
  const auto& source = *static_cast<const FilledSource*>(user);
  return fill_piece(piece, [&](const swr_region& part, std::byte* buffer) {
    const Redaction& redaction = source.redaction;
    check(source.reader, swr_reader_read(source.reader, &part, buffer, swr_piece_bytes(piece)));
    std::vector<uint8_t> selected(static_cast<size_t>(pixel_count(part)), 1);
    redaction.selection.apply(part, selected);
    fill_selected(redaction.value, selected, redaction.facts.pixel_bytes(), buffer);
  });
}

void refuse_further_names(const std::filesystem::path& path) {
  const uint64_t names = name_count(path);
  if (names < 2) return;
  throw Failure(SWR_ERROR_UNSUPPORTED,
                text_of(path) + ": has " + std::to_string(names) +
                    " names (hard links), and --header blank replaces it by a new file; the old "
                    "text would remain under the other names. Remove those first");
}

// A new file takes the place of the old one: further names of that would keep the old header. The
// same holds for the files of an image that is a folder, whose own links are no further names.
void refuse_further_names(const Redaction& redaction) {
  namespace fs = std::filesystem;
  for (const std::string& name : {redaction.options.file, redaction.facts.data_file}) {
    const fs::path path = path_of(name);
    std::error_code unknown;
    if (!fs::is_directory(path, unknown)) {
      refuse_further_names(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path, unknown))
      if (entry.is_regular_file(unknown)) refuse_further_names(entry.path());
  }
}

// Writes the file again without the text of its header.
void rewrite_without_text(WriteRun& run, swr_reader* reader, const Redaction& redaction) {
  const std::string& encoding = redaction.facts.encoding;
  constexpr std::string_view written[] = {"none", "deflate", "zstd", "lz4", "blosc", "chunks"};
  refuse_further_names(redaction);
  if (std::ranges::find(written, encoding) == std::end(written)) {
    throw Failure(SWR_ERROR_UNSUPPORTED,
                  redaction.options.file + ": --header blank writes the file again, and " +
                      encoding + " can only be read; copy the image to another file first");
  }
  swr_writer* const writer = run.writer();
  check(writer, swr_set_header_from(writer, reader));
  check(writer, swr_set_option(writer, "metadata", "drop"));
  check(writer, swr_set_existing(writer, SWR_EXISTING_REPLACE));
  check(writer, swr_set_format(writer, redaction.facts.format.c_str()));
  if (encoding != "chunks")
    check(writer, swr_set_compression(writer, encoding.c_str(), encoding == "none" ? 0 : 6));
  FilledSource source{reader, redaction};
  run.write(pull_filled, &source);
}

// Reads the pixels again, so that a failed redaction is noticed.
void expect_redacted(const Redaction& redaction) {
  const Reader reader = open_reader(redaction.options.file);
  const int64_t pixel_bytes = redaction.facts.pixel_bytes();
  std::vector<std::byte> found, expected;
  const auto compare = [&](const swr_region& part, const std::vector<uint8_t>& selected) {
    found.resize(selected.size() * static_cast<size_t>(pixel_bytes));
    check(reader.get(),
          swr_reader_read(reader.get(), &part, found.data(), static_cast<int64_t>(found.size())));
    expected = found;
    fill_selected(redaction.value, selected, pixel_bytes, expected.data());
    if (found == expected) return;
    throw Failure(SWR_ERROR_INTERNAL,
                  redaction.options.file +
                      ": pixels still have other values than the fill value after the redaction");
  };
  redaction.selection.for_each_part(pixels_in_part(redaction.facts), compare);
}

// The text of a header, as `swr info` shows it.
Json header_text(const Facts& facts) {
  Json text = Json::object();
  for (const auto& [key, value] : facts.metadata) text[key] = value;
  return text;
}

void print_header_text(const RedactOptions& options, const Json& text) {
  const std::string end = options.blanks_header() ? " is blanked" : " stays";
  for (const auto& [key, value] : text.items())
    std::cout << options.file << ": header text" << end << ": " << key << ": "
              << value.get<std::string>() << "\n";
  const char* const others =
      "comments, extensions and fields that swr does not know, which are not listed";
  std::cout << options.file << (options.blanks_header() ? ": blanked too: " : ": may stay too: ")
            << others << "\n";
}

void redact(const RedactOptions& options) {
  const Reader reader = open_reader(options.file);
  options.write.apply_beside_writer(reader.get());
  const Facts facts = read_facts(reader.get());
  Selection selection(options.file, facts, options.regions, options.where, options.write);
  const bool writes = !selection.empty() || options.blanks_header();
  if (!writes && !options.header) throw UsageError("--region, --where or --header is required");
  const Json text = options.header ? header_text(facts) : Json::object();
  Json more = Json::object();
  if (options.header) more[options.blanks_header() ? "header_blanked" : "header_kept"] = text;
  if (writes) {
    const FillValue value = encode(options.fill, facts.component);
    const Redaction redaction{options, facts, value, selection};
    WriteRun run("redact", options.file, options.write);
    options.write.apply_beside_reader(run.writer());
    check(run.writer(), swr_set_option(run.writer(), "erase", "on"));
    check(run.writer(), swr_set_sync(run.writer(), 1));
    options.blanks_header() ? rewrite_without_text(run, reader.get(), redaction)
                            : fill_in_place(run, redaction);
    expect_redacted(redaction);
    run.finish(more);
  } else if (options.write.json) {
    print_json({{"command", "redact"}, {"file", options.file}, {"header_kept", text}});
  }
  if (options.header && !options.write.json) print_header_text(options, text);
}

}  // namespace

void add_redact(CommandLine& line) {
  auto options = std::make_shared<RedactOptions>();
  Command command = line.add(
      "redact", "Overwrite boxes or masked pixels so that the old ones are gone from the file");
  command.add("FILE", options->file, "The image").required();
  command
      .add_repeated(
          "--region",
          [options](const std::string& text) {
            options->regions.push_back(parse_region("--region", text));
          },
          "A box, in the image's index space; may be repeated")
      .takes("INDEX:SIZE");
  command.add("--where", options->where, "A mask of the image's size: pixels where it is not 0")
      .takes("MASK");
  command.add("--fill", options->fill, "The value that every such pixel gets; 0 unless given")
      .takes("V");
  command.add_parsed("--header", options->header, parse_header,
                     "The text of the header: list what stays, or blank it, which writes the file "
                     "again",
                     "list|blank");
  options->write.add_to(command);
  command.runs([options] { redact(*options); });
}

}  // namespace swr::tool

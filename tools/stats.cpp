// swr stats: figures of an image's values, and a hash of its pixels.
#include <algorithm>
#include <bit>
#include <cstring>
#include <iostream>

#include "arguments.h"
#include "commands.h"
#include "component_types.h"
#include "each_file.h"
#include "facts.h"
#include "regions.h"
#include "sha256.h"
#include "statistics.h"
#include "write_options.h"

namespace swr::tool {
namespace {

constexpr int64_t part_bytes = 1 << 20;

struct StatsOptions {
  std::vector<std::string> files;
  std::optional<swr_region> region;
  std::optional<int> bins;
  bool json = false;
  WriteOptions read;  // memory and threads
};

// The values of one component, slope * stored + intercept, of a part after the other.
template <class Take>
void take_component(const Facts& facts, const std::vector<std::byte>& pixels, int component,
                    std::vector<double>& values, const Take& take) {
  with_component_type(facts.component, [&]<class T>(T) {
    const std::byte* at = pixels.data() + static_cast<size_t>(component) * sizeof(T);
    for (double& value : values) {
      T stored;
      std::memcpy(&stored, at, sizeof(T));
      value = facts.has_value_scale() ? static_cast<double>(stored) * facts.slope + facts.intercept
                                      : static_cast<double>(stored);
      at += facts.pixel_bytes();
    }
  });
  take(std::span<const double>(values));
}

// An open image whose pixels are read part by part.
class Image {
 public:
  Image(const StatsOptions& options, const std::string& file) : reader_(open_reader(file)) {
    options.read.apply_alone(reader_.get());
    facts_ = read_facts(reader_.get());
    region_ = options.region.value_or(facts_.region);
    expect_dimensions("--region", region_.dimensions, facts_.dimensions());
    if (!contains(facts_.region, region_))
      throw Failure(SWR_ERROR_REGION, file + ": the region " + region_text(region_) +
                                          " is not inside the image's, " +
                                          region_text(facts_.region));
  }

  const Facts& facts() const { return facts_; }
  const swr_region& region() const { return region_; }

  // Calls visit(pixels) for parts in file order.
  template <class Visit>
  void for_each_part(const Visit& visit) {
    const int64_t part_pixels = std::max<int64_t>(1, part_bytes / facts_.pixel_bytes());
    tool::for_each_part(region_, part_pixels, [&](const swr_region& part) {
      pixels_.resize(static_cast<size_t>(pixel_count(part) * facts_.pixel_bytes()));
      check(reader_.get(), swr_reader_read(reader_.get(), &part, pixels_.data(),
                                           static_cast<int64_t>(pixels_.size())));
      visit(pixels_);
    });
  }
  // Calls visit(component, values) for each component of each part.
  template <class Visit>
  void take_values(const std::vector<std::byte>& pixels, const Visit& visit) {
    values_.resize(pixels.size() / static_cast<size_t>(facts_.pixel_bytes()));
    for (int component = 0; component < facts_.components; ++component) {
      take_component(facts_, pixels, component, values_,
                     [&](std::span<const double> values) { visit(component, values); });
    }
  }

 private:
  Reader reader_;
  Facts facts_;
  swr_region region_{};
  std::vector<std::byte> pixels_;
  std::vector<double> values_;
};

// The hash is that of little-endian components, whatever the file's byte order.
void hash_pixels(const Facts& facts, const std::vector<std::byte>& pixels, Sha256& hash) {
  if constexpr (std::endian::native == std::endian::little) return hash.add(pixels);
  std::vector<std::byte> swapped = pixels;
  const auto size = static_cast<std::ptrdiff_t>(swr_component_bytes(facts.component));
  for (auto at = swapped.begin(); at != swapped.end(); at += size) std::reverse(at, at + size);
  hash.add(swapped);
}

struct Figures {
  std::vector<ValueStatistics> components;
  std::vector<Histogram> histograms;  // one for each component that has finite values, or none
  std::string hash;
};

// A histogram takes a second pass, because its range is known after the first.
Figures figures_of(const StatsOptions& options, Image& image) {
  Figures figures;
  figures.components.resize(static_cast<size_t>(image.facts().components));
  Sha256 hash;
  image.for_each_part([&](const std::vector<std::byte>& pixels) {
    hash_pixels(image.facts(), pixels, hash);
    image.take_values(pixels, [&](int component, std::span<const double> values) {
      figures.components[static_cast<size_t>(component)].add(values);
    });
  });
  figures.hash = hash.hexadecimal();
  if (!options.bins) return figures;
  for (const ValueStatistics& component : figures.components)
    figures.histograms.emplace_back(component.least(), component.largest(), *options.bins);
  image.for_each_part([&](const std::vector<std::byte>& pixels) {
    image.take_values(pixels, [&](int component, std::span<const double> values) {
      figures.histograms[static_cast<size_t>(component)].add(values);
    });
  });
  return figures;
}

Json component_object(const ValueStatistics& component) {
  const bool any = component.finite() > 0;
  Json object;
  object["min"] = any ? Json(component.least()) : Json();
  object["max"] = any ? Json(component.largest()) : Json();
  object["mean"] = any ? Json(component.mean()) : Json();
  object["deviation"] = any ? Json(component.deviation()) : Json();
  object["not_finite"] = component.not_finite();
  return object;
}

Json object_of(const std::string& file, const Image& image, const Figures& figures) {
  Json object;
  object["file"] = file;
  object["index"] = json_list(image.region().index, image.region().dimensions);
  object["size"] = json_list(image.region().size, image.region().dimensions);
  object["pixels"] = pixel_count(image.region());
  object["sha256"] = figures.hash;
  object["components"] = Json::array();
  for (size_t i = 0; i < figures.components.size(); ++i) {
    Json component = component_object(figures.components[i]);
    if (!figures.histograms.empty()) component["histogram"] = figures.histograms[i].counts();
    object["components"].push_back(component);
  }
  return object;
}

void print_histogram(const Histogram& histogram) {
  const auto& counts = histogram.counts();
  for (int bin = 0; bin < static_cast<int>(counts.size()); ++bin)
    std::cout << "             " << number_text(histogram.edge(bin)) << " to "
              << number_text(histogram.edge(bin + 1)) << ": " << counts[static_cast<size_t>(bin)]
              << "\n";
}

void print_text(const std::string& file, const Image& image, const Figures& figures) {
  std::cout << "file         " << file << "\n"
            << "pixels       " << pixel_count(image.region()) << "\n";
  for (size_t i = 0; i < figures.components.size(); ++i) {
    const ValueStatistics& component = figures.components[i];
    if (figures.components.size() > 1) std::cout << "component    " << i << "\n";
    if (component.not_finite() > 0) std::cout << "not finite   " << component.not_finite() << "\n";
    if (component.finite() == 0) continue;
    std::cout << "min          " << number_text(component.least()) << "\n"
              << "max          " << number_text(component.largest()) << "\n"
              << "mean         " << number_text(component.mean()) << "\n"
              << "deviation    " << number_text(component.deviation()) << "\n";
    if (figures.histograms.empty()) continue;
    std::cout << "histogram\n";
    print_histogram(figures.histograms[i]);
  }
  std::cout << "sha256       " << figures.hash << "\n";
}

void stats(const StatsOptions& options, int& exit_code) {
  Json objects = Json::array();
  bool is_first = true;
  each_file(options.files, exit_code, [&](const std::string& file) {
    Image image(options, file);
    const Figures figures = figures_of(options, image);
    if (options.json) return objects.push_back(object_of(file, image, figures));
    if (!std::exchange(is_first, false)) std::cout << "\n";
    print_text(file, image, figures);
  });
  if (options.json) print_objects(options.files, objects);
}

}  // namespace

void add_stats(CommandLine& line, int& exit_code) {
  auto options = std::make_shared<StatsOptions>();
  Command command = line.add(
      "stats", "Print the least and largest value, the mean, a histogram and a hash of the pixels");
  command.add("FILE", options->files, "The images").required().at_least(1);
  command.add_parsed("--region", options->region, parse_region,
                     "Only this box, in the image's index space", "INDEX:SIZE");
  command
      .add("--bins", options->bins,
           "A histogram with so many bins of equal width from the least to the largest value")
      .takes("N")
      .between(1, 65536);
  options->read.add_reading_to(command);
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options, &exit_code] { stats(*options, exit_code); });
}

}  // namespace swr::tool

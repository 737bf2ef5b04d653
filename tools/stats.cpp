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
#include "level.h"
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
  int level = 0;
  bool json = false;
  WriteOptions read;  // memory and threads
};

// The values of one component in a part: real values, slope * stored + intercept, and, where these
// are whole numbers, their keys too.
struct Values {
  std::vector<double> real;
  std::vector<uint64_t> keys;
};

// Whether real values are whole numbers of the component's type.
bool is_whole(const Facts& facts) {
  return !facts.has_value_scale() && facts.component != SWR_FLOAT32 &&
         facts.component != SWR_FLOAT64;
}

void take_component(const Facts& facts, const std::vector<std::byte>& pixels, int component,
                    Values& values) {
  const size_t count = pixels.size() / static_cast<size_t>(facts.pixel_bytes());
  values.real.resize(count);
  values.keys.resize(is_whole(facts) ? count : 0);
  with_component_type(facts.component, [&]<class T>(T) {
    const std::byte* at = pixels.data() + static_cast<size_t>(component) * sizeof(T);
    for (size_t i = 0; i < count; ++i, at += facts.pixel_bytes()) {
      T stored;
      std::memcpy(&stored, at, sizeof(T));
      values.real[i] = static_cast<double>(stored);
      if (facts.has_value_scale()) values.real[i] = values.real[i] * facts.slope + facts.intercept;
      if constexpr (std::is_integral_v<T>) {
        if (!values.keys.empty()) values.keys[i] = key_of(stored);
      }
    }
  });
}

// An open image whose pixels are read part by part.
class Image {
 public:
  Image(const StatsOptions& options, const std::string& file)
      : reader_(open_reader(file, options.level)) {
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
    for (int component = 0; component < facts_.components; ++component) {
      take_component(facts_, pixels, component, values_);
      visit(static_cast<size_t>(component), std::as_const(values_));
    }
  }

 private:
  Reader reader_;
  Facts facts_;
  swr_region region_{};
  std::vector<std::byte> pixels_;
  Values values_;
};

// The hash is that of little-endian components, whatever the file's byte order.
void hash_pixels(const Facts& facts, const std::vector<std::byte>& pixels, Sha256& hash) {
  if constexpr (std::endian::native == std::endian::little) return hash.add(pixels);
  std::vector<std::byte> swapped = pixels;
  const auto size = static_cast<std::ptrdiff_t>(swr_component_bytes(facts.component));
  for (auto at = swapped.begin(); at != swapped.end(); at += size) std::reverse(at, at + size);
  hash.add(swapped);
}

// What is counted and computed of one component.
struct Component {
  bool is_whole = false, is_signed = false;
  ValueStatistics values;
  WholeRange range;                    // of whole numbers
  std::optional<Histogram> histogram;  // of other numbers, if some are finite
  std::optional<WholeHistogram> whole_histogram;

  void add(const Values& part) {
    values.add(part.real);
    range.add(part.keys);
  }
  void begin_histogram(int bins) {
    if (is_whole) {
      whole_histogram.emplace(range, bins);
    } else {
      histogram.emplace(values.least(), values.largest(), bins);
    }
  }
  void add_to_histogram(const Values& part) {
    if (is_whole) {
      whole_histogram->add(part.keys);
    } else {
      histogram->add(part.real);
    }
  }
  // Nothing without a histogram.
  const std::vector<int64_t>* counts() const {
    if (whole_histogram) return &whole_histogram->counts();
    return histogram ? &histogram->counts() : nullptr;
  }

  // Whole numbers with all their digits. Requires of these: there are finite values.
  Json least() const { return is_whole ? whole(range.least()) : Json(values.least()); }
  Json largest() const { return is_whole ? whole(range.largest()) : Json(values.largest()); }

 private:
  Json whole(uint64_t key) const {
    if (!is_signed) return Json(key);
    return Json(static_cast<int64_t>(key - key_of(int64_t{0})));
  }
};

struct Figures {
  std::vector<Component> components;
  std::string hash;
};

bool is_signed_type(swr_component component) {
  return with_component_type(component, []<class T>(T) { return std::is_signed_v<T>; });
}

// A histogram takes a second pass, because its range is known after the first.
Figures figures_of(const StatsOptions& options, Image& image) {
  Figures figures;
  const Facts& facts = image.facts();
  figures.components.resize(static_cast<size_t>(facts.components));
  for (Component& component : figures.components) {
    component.is_whole = is_whole(facts);
    component.is_signed = is_signed_type(facts.component);
  }
  Sha256 hash;
  image.for_each_part([&](const std::vector<std::byte>& pixels) {
    hash_pixels(facts, pixels, hash);
    image.take_values(pixels, [&](size_t component, const Values& values) {
      figures.components[component].add(values);
    });
  });
  figures.hash = hash.hexadecimal();
  if (!options.bins) return figures;
  for (Component& component : figures.components) component.begin_histogram(*options.bins);
  image.for_each_part([&](const std::vector<std::byte>& pixels) {
    image.take_values(pixels, [&](size_t component, const Values& values) {
      figures.components[component].add_to_histogram(values);
    });
  });
  return figures;
}

std::string text_of(const Json& number) {
  return number.is_number_float() ? number_text(number.get<double>()) : number.dump();
}

Json component_object(const Component& component) {
  const ValueStatistics& values = component.values;
  const bool any = values.finite() > 0;
  Json object;
  object["min"] = any ? component.least() : Json();
  object["max"] = any ? component.largest() : Json();
  object["mean"] = any ? Json(values.mean()) : Json();
  object["deviation"] = any ? Json(values.deviation()) : Json();
  object["not_finite"] = values.not_finite();
  if (component.counts()) object["histogram"] = *component.counts();
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
  for (const Component& component : figures.components)
    object["components"].push_back(component_object(component));
  return object;
}

// The least and the largest value with all their digits; the edges between as floating numbers.
void print_histogram(const Component& component) {
  const Histogram edges(component.values.least(), component.values.largest(),
                        static_cast<int>(component.counts()->size()));
  const int bins = static_cast<int>(component.counts()->size());
  const auto edge = [&](int bin) {
    if (bin == 0) return text_of(component.least());
    return bin == bins ? text_of(component.largest()) : number_text(edges.edge(bin));
  };
  for (int bin = 0; bin < bins; ++bin)
    std::cout << "             " << edge(bin) << " to " << edge(bin + 1) << ": "
              << (*component.counts())[static_cast<size_t>(bin)] << "\n";
}

void print_text(const std::string& file, const Image& image, const Figures& figures) {
  std::cout << "file         " << file << "\n"
            << "pixels       " << pixel_count(image.region()) << "\n";
  for (size_t i = 0; i < figures.components.size(); ++i) {
    const Component& component = figures.components[i];
    const ValueStatistics& values = component.values;
    if (figures.components.size() > 1) std::cout << "component    " << i << "\n";
    if (values.not_finite() > 0) std::cout << "not finite   " << values.not_finite() << "\n";
    if (values.finite() == 0) continue;
    std::cout << "min          " << text_of(component.least()) << "\n"
              << "max          " << text_of(component.largest()) << "\n"
              << "mean         " << number_text(values.mean()) << "\n"
              << "deviation    " << number_text(values.deviation()) << "\n";
    if (!component.counts()) continue;
    std::cout << "histogram\n";
    print_histogram(component);
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
  add_level_to(command, options->level);
  options->read.add_reading_to(command);
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options, &exit_code] { stats(*options, exit_code); });
}

}  // namespace swr::tool

// swr extend: makes an image larger, and prints the cost in advance.
#include <iostream>

#include "commands.h"
#include "facts.h"
#include "regions.h"
#include "write_run.h"

namespace swr::tool {
namespace {

struct ExtendOptions {
  std::string file;
  std::vector<int64_t> size;
  std::optional<std::vector<int64_t>> index;
  std::optional<double> fill;
  bool dry_run = false;
  WriteOptions write;
};

struct Cost {
  swr_method method = SWR_METHOD_REWRITE;
  int64_t bytes_read = 0, bytes_written = 0;
};

swr_region grown_region(const ExtendOptions& options, const Facts& facts) {
  const size_t n = facts.dimensions();
  expect_dimensions("--size", options.size.size(), facts.dimensions());
  if (options.index) expect_dimensions("--index", options.index->size(), facts.dimensions());
  const std::vector<int64_t> start(facts.region.index, facts.region.index + n);
  const swr_region grown = make_region(options.index.value_or(start), options.size);
  if (contains(grown, facts.region)) return grown;
  throw Failure(SWR_ERROR_REGION, region_text(grown) + " does not hold all of " +
                                      region_text(facts.region) + ", the region of " +
                                      options.file + "; extend makes no image smaller");
}

// The forecast excludes the pixels of the write. The write of the last pixel only is used, and the
// bytes of that pixel are added.
Cost ask_cost(swr_writer* writer, const Facts& facts, const swr_region& grown) {
  Cost cost;
  swr_region last = grown;
  for (int d = 0; d < grown.dimensions; ++d) {
    last.index[d] += grown.size[d] - 1;
    last.size[d] = 1;
  }
  check(writer, swr_set_paste_region(writer, &last));
  check(writer, swr_check(writer));
  check(writer, swr_get_method(writer, &cost.method, &cost.bytes_read, &cost.bytes_written));
  check(writer, swr_set_paste_region(writer, nullptr));
  cost.bytes_written += facts.pixel_bytes();
  return cost;
}

void print_plan(const ExtendOptions& options, const swr_region& grown, const Cost& cost) {
  const char* how = cost.method == SWR_METHOD_IN_PLACE ? "in place" : "rewritten";
  std::cout << options.file << ": grows to " << list_text(grown.size, grown.dimensions, " x ")
            << ", " << how << "; reads " << bytes_text(static_cast<double>(cost.bytes_read))
            << ", writes " << bytes_text(static_cast<double>(cost.bytes_written)) << "\n";
}

Json plan_fields(const swr_region& grown, const Cost& cost, bool dry_run) {
  Json fields;
  fields["index"] = json_list(grown.index, grown.dimensions);
  fields["size"] = json_list(grown.size, grown.dimensions);
  fields["planned_method"] = method_name(cost.method);
  fields["planned_bytes_read"] = cost.bytes_read;
  fields["planned_bytes_written"] = cost.bytes_written;
  fields["dry_run"] = dry_run;
  return fields;
}

void extend(const ExtendOptions& options) {
  const Facts facts = read_facts(open_reader(options.file).get());
  const swr_region grown = grown_region(options, facts);
  WriteRun run("extend", options.file, options.write);
  check(run.writer(), swr_set_existing(run.writer(), SWR_EXISTING_EXTEND));
  check(run.writer(), swr_set_image_region(run.writer(), &grown));
  if (options.fill) check(run.writer(), swr_set_fill_value(run.writer(), *options.fill));
  options.write.apply(run.writer());

  const Cost cost = ask_cost(run.writer(), facts, grown);
  Json fields = plan_fields(grown, cost, options.dry_run);
  if (!options.write.json && (options.dry_run || !options.write.quiet))
    print_plan(options, grown, cost);
  if (!options.dry_run) {
    run.allocate();
    run.finish(fields);
  } else if (options.write.json) {
    Json object{{"command", "extend"}, {"file", options.file}};
    object.update(fields);
    print_json(object);
  }
}

}  // namespace

void add_extend(CLI::App& app, Run& run) {
  auto options = std::make_shared<ExtendOptions>();
  CLI::App* command = app.add_subcommand(
      "extend", "Make an image larger; prints whether in place or by rewriting the file");
  command->add_option("FILE", options->file, "The image")->required();
  add_parsed(*command, "--size", options->size, parse_size, "The new size of the whole image",
             "SIZE")
      ->required();
  add_parsed(*command, "--index", options->index, parse_integers,
             "The new start index, smaller where the image grows at its low side; the old one "
             "unless given",
             "INDEX");
  command
      ->add_option("--fill", options->fill,
                   "The value of the new pixels, as it is stored; 0 unless given")
      ->type_name("V");
  command->add_flag("-n,--dry-run", options->dry_run, "Only say what would be done");
  options->write.add_to(*command);
  command->callback([options, &run] { run = [options] { extend(*options); }; });
}

}  // namespace swr::tool

// swr formats: what each format can do.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "commands.h"
#include "json.h"
#include "status.h"

namespace swr::tool {
namespace {

struct Capability {
  uint32_t flag;
  const char* heading;
  const char* name;  // in JSON
};

constexpr Capability capabilities[] = {
    {SWR_CAN_READ, "read", "read"},
    {SWR_CAN_STREAM, "stream", "stream"},
    {SWR_CAN_PASTE, "paste", "paste"},
    {SWR_CAN_EXTEND, "extend", "extend"},
    {SWR_CAN_COMPRESS, "compress", "compress"},
    {SWR_CAN_STREAM_COMPRESSED, "stream compressed", "stream_compressed"},
    {SWR_CAN_PASTE_COMPRESSED, "paste compressed", "paste_compressed"},
    {SWR_CAN_CONCURRENT, "concurrent", "concurrent"},
};

// What files hold besides pixels: one column.
constexpr Capability held[] = {
    {SWR_HOLDS_START_INDEX, "start index", "holds_start_index"},
    {SWR_HOLDS_SPACING, "spacing", "holds_spacing"},
    {SWR_HOLDS_ORIGIN, "origin", "holds_origin"},
    {SWR_HOLDS_DIRECTION, "direction", "holds_direction"},
    {SWR_HOLDS_UNITS, "units", "holds_units"},
    {SWR_HOLDS_VALUE_SCALE, "value scale", "holds_value_scale"},
    {SWR_HOLDS_METADATA, "metadata", "holds_metadata"},
};

struct FormatFacts {
  std::string name, suffixes;
  int32_t least = 0, most = 0;
  uint32_t flags = 0;
};

FormatFacts read_format(int32_t number) {
  FormatFacts facts;
  facts.name = swr_format_name(number);
  facts.suffixes = swr_format_suffixes(facts.name.c_str());
  for (swr_status status : {swr_format_capabilities(facts.name.c_str(), &facts.flags),
                            swr_format_dimensions(facts.name.c_str(), &facts.least, &facts.most)}) {
    if (status != SWR_OK) throw Failure(status, facts.name + ": " + swr_status_text(status));
  }
  return facts;
}

using Row = std::vector<std::string>;

void print_table(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  for (const Row& row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c)
      line += row[c] + std::string(widths[c] - row[c].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    std::cout << line << "\n";
  }
}

std::string held_text(uint32_t flags) {
  std::string list;
  bool holds_all = true;
  for (const auto& capability : held) {
    if (flags & capability.flag) {
      list += (list.empty() ? "" : ", ") + std::string(capability.heading);
    } else {
      holds_all = false;
    }
  }
  if (list.empty()) return "pixels alone";
  return holds_all ? "everything" : list;
}

void print_text(const std::vector<FormatFacts>& formats) {
  std::vector<Row> rows{{"format", "suffixes", "dimensions"}};
  for (const auto& capability : capabilities) rows.front().push_back(capability.heading);
  rows.front().push_back("holds");
  for (const auto& format : formats) {
    Row row{format.name, format.suffixes,
            std::to_string(format.least) + " to " + std::to_string(format.most)};
    for (const auto& capability : capabilities)
      row.push_back(format.flags & capability.flag ? "yes" : "-");
    row.push_back(held_text(format.flags));
    rows.push_back(row);
  }
  print_table(rows);
}

void print_object(const std::vector<FormatFacts>& formats) {
  Json list = Json::array();
  for (const auto& format : formats) {
    Json object;
    object["name"] = format.name;
    object["suffixes"] = Json::array();
    for (size_t begin = 0; begin < format.suffixes.size();) {
      const size_t end = std::min(format.suffixes.find(' ', begin), format.suffixes.size());
      object["suffixes"].push_back(format.suffixes.substr(begin, end - begin));
      begin = end + 1;
    }
    object["least_dimensions"] = format.least;
    object["most_dimensions"] = format.most;
    for (const auto& capability : capabilities)
      object[capability.name] = (format.flags & capability.flag) != 0;
    for (const auto& capability : held)
      object[capability.name] = (format.flags & capability.flag) != 0;
    list.push_back(object);
  }
  print_json({{"formats", list}});
}

void formats(bool json) {
  std::vector<FormatFacts> list;
  list.reserve(static_cast<size_t>(swr_format_count()));
  for (int32_t number = 0; number < swr_format_count(); ++number)
    list.push_back(read_format(number));
  json ? print_object(list) : print_text(list);
}

}  // namespace

void add_formats(CommandLine& line) {
  auto json = std::make_shared<bool>(false);
  Command command = line.add("formats", "Print what each format can do");
  command.add_flag("--json", *json, "Print one JSON object");
  command.runs([json] { formats(*json); });
}

}  // namespace swr::tool

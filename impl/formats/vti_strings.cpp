#include "formats/vti_strings.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "formats/header_text.h"

namespace swr {
namespace {

constexpr std::string_view end_tag = "</FieldData>";
constexpr size_t most_name_bytes = size_t{1} << 16;  // far below what XmlLimits allow

std::string element_of(const std::string& name, const std::string& value) {
  std::string element = text("<Array type=\"String\" Name=\"", xml_escaped(name),
                             "\" NumberOfTuples=\"1\" format=\"ascii\">");
  for (const char c : value) element += std::to_string(static_cast<signed char>(c)) + " ";
  return element + "0</Array>";
}

// The text of old arrays with the strings of the metadata.
std::string changed_text(const VtiFields& fields, const Metadata& metadata) {
  std::string all;
  size_t at = 0;
  for (const VtiString& string : fields.strings) {
    all.append(fields.text, at, string.begin - at);
    const std::string* const value = metadata.find(string.name);
    if (value && *value == string.value) {
      all.append(fields.text, string.begin, string.end - string.begin);
    } else if (value) {
      all += element_of(string.name, *value);
    }
    at = string.end;
  }
  return all.append(fields.text, at);
}

}  // namespace

bool is_vti_string(const XmlElement& element) {
  const auto is_one = [&](std::string_view count) {
    const auto value = element.value_of(count);
    return value.empty() || trimmed(value) == "1";
  };
  return element.name == "Array" && element.value_of("type") == "String" &&
         !element.value_of("Name").empty() && is_one("NumberOfTuples") &&
         is_one("NumberOfComponents");
}

std::optional<std::string> vti_string(std::string_view bytes) {
  constexpr std::string_view blanks = " \t\r\n";
  std::string string;
  bool has_end = false;
  while (true) {
    bytes.remove_prefix(std::min(bytes.find_first_not_of(blanks), bytes.size()));
    if (bytes.empty()) break;
    const size_t width = std::min(bytes.find_first_of(blanks), bytes.size());
    const auto number = integer_of(bytes.substr(0, width));
    if (has_end || !number || *number < -128 || *number > 255) return std::nullopt;
    bytes.remove_prefix(width);
    has_end = *number == 0;
    if (!has_end) string += static_cast<char>(*number);
  }
  if (!has_end) return std::nullopt;
  return string;
}

const char* vti_string_fault(const std::string& name, const std::string& value) {
  if (name.empty()) return "the name is empty";
  if (name.size() > most_name_bytes) return "the name is longer than 65536 bytes";
  if (!is_xml_text(name)) return "XML has names of UTF-8 without control characters alone";
  if (value.find('\0') != value.npos) return "there is a zero in the value";
  return nullptr;
}

// VTK reads one FieldData, the last one.
std::string vti_fields(const std::vector<VtiFields>& old, const Metadata& metadata) {
  std::unordered_set<std::string_view> present;
  std::string all, added;
  size_t end = std::string::npos;  // where the last FieldData ends
  for (const VtiFields& fields : old) {
    if (!fields.is_carried) continue;
    for (const VtiString& string : fields.strings) present.insert(string.name);
    all += "    " + changed_text(fields, metadata);
    end = all.ends_with(end_tag) ? all.size() - end_tag.size() : std::string::npos;
    all += "\n";
  }
  for (const auto& [name, value] : metadata) {
    if (!present.contains(name)) added += "      " + element_of(name, value) + "\n";
  }
  if (added.empty()) return all;
  if (end == std::string::npos) return text(all, "    <FieldData>\n", added, "    ", end_tag, "\n");
  const bool has_line = all[end - 1] == ' ' || all[end - 1] == '\n';
  const size_t line = has_line ? all.find_last_not_of(' ', end - 1) : std::string::npos;
  if (line != std::string::npos && all[line] == '\n') return all.insert(line + 1, added);
  return all.insert(end, "\n" + added + "    ");
}

}  // namespace swr

#include "formats/nrrd_header.h"

#include <algorithm>
#include <cmath>

#include "storage/file.h"

namespace swr {
namespace {

struct FieldName {
  std::string_view spelling;
  std::string_view name;
};

constexpr FieldName field_names[] = {
    {"axis maxs", "axis maxs"},
    {"axis mins", "axis mins"},
    {"axismaxs", "axis maxs"},
    {"axismins", "axis mins"},
    {"block size", "block size"},
    {"blocksize", "block size"},
    {"byte skip", "byte skip"},
    {"byteskip", "byte skip"},
    {"centerings", "centers"},
    {"centers", "centers"},
    {"content", "content"},
    {"data file", "data file"},
    {"datafile", "data file"},
    {"dimension", "dimension"},
    {"encoding", "encoding"},
    {"endian", "endian"},
    {"kinds", "kinds"},
    {"labels", "labels"},
    {"line skip", "line skip"},
    {"lineskip", "line skip"},
    {"max", "max"},
    {"measurement frame", "measurement frame"},
    {"measurementframe", "measurement frame"},
    {"min", "min"},
    {"number", "number"},
    {"old max", "old max"},
    {"old min", "old min"},
    {"oldmax", "old max"},
    {"oldmin", "old min"},
    {"sample units", "sample units"},
    {"sampleunits", "sample units"},
    {"sizes", "sizes"},
    {"space", "space"},
    {"space dimension", "space dimension"},
    {"space directions", "space directions"},
    {"space origin", "space origin"},
    {"space units", "space units"},
    {"spacedimension", "space dimension"},
    {"spacedirections", "space directions"},
    {"spaceorigin", "space origin"},
    {"spaceunits", "space units"},
    {"spacings", "spacings"},
    {"thicknesses", "thicknesses"},
    {"type", "type"},
    {"units", "units"},
};

constexpr std::string_view order_of_fields[] = {
    nrrd_magic_field,
    "content",
    "type",
    "dimension",
    "space",
    "space dimension",
    "sizes",
    "space directions",
    "spacings",
    "axis mins",
    "axis maxs",
    "centers",
    "kinds",
    "labels",
    "units",
    "space units",
    "thicknesses",
    "endian",
    "encoding",
    "space origin",
    "measurement frame",
    "sample units",
    "data file",
    pairs_place,
    filler_place,
};

// A comment that consists of dots is filler.
bool is_filler(std::string_view line) {
  return line.starts_with("# .") && line.find_first_not_of('.', 2) == std::string_view::npos;
}

// A line as the draft keeps it: one blank after the separator belongs to the separator.
HeaderDraft::Line draft_line(const NrrdHeader& header, const HeaderLine& line,
                             HeaderDraft::Role role, std::string_view name, size_t separator_end) {
  const std::string_view text =
      std::string_view(*header.text).substr(line.begin, line.next - line.begin);
  if (role == HeaderDraft::Role::field && separator_end < line.text.size() &&
      line.text[separator_end] == ' ')
    ++separator_end;
  HeaderDraft::Line out;
  out.role = role;
  out.name = name;
  out.head = text.substr(0, separator_end);
  out.value = line.text.substr(separator_end);
  out.tail = text.substr(line.text.size());
  return out;
}

// The standard spelling of a field, which may be given in any case; empty if there is no such
// field.
std::string_view field_name(std::string_view spelling) {
  const std::string wanted = lower_case(spelling);
  const auto found = std::find_if(std::begin(field_names), std::end(field_names),
                                  [&](const FieldName& entry) { return entry.spelling == wanted; });
  return found == std::end(field_names) ? std::string_view{} : found->name;
}

bool is_complete(std::string_view text) {
  return text.find("\n\n") != std::string_view::npos ||
         text.find("\n\r\n") != std::string_view::npos;
}

void check_magic(const std::string& path, std::string_view line) {
  constexpr std::string_view known[] = {"NRRD00.01", "NRRD0001", "NRRD0002",
                                        "NRRD0003",  "NRRD0004", "NRRD0005"};
  if (!line.starts_with("NRRD"))
    fail(SWR_ERROR_CORRUPT, path, ": it does not begin with NRRD and a version");
  if (std::find(std::begin(known), std::end(known), line) == std::end(known)) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": the version ", line.substr(0, 20), " of NRRD is unknown");
  }
}

// Reads "name: value", if there is such a field, or "key:=value".
void read_line(NrrdHeader& header, const HeaderLine& line) {
  const size_t colon = line.text.find(':');
  const std::string_view name = colon == std::string_view::npos
                                    ? std::string_view{}
                                    : field_name(trimmed(line.text.substr(0, colon)));
  const size_t pair = line.text.find(":=");
  const bool is_field = !name.empty() && (pair == std::string_view::npos ||
                                          line.text.substr(colon + 1).starts_with(' '));
  if (is_field) {
    const bool is_new =
        header.fields
            .emplace(name,
                     trimmed(HeaderValue{line.text.substr(colon + 1), line.begin + colon + 1}))
            .second;
    if (!is_new)
      header.corrupt("line ", line.number, " of the header gives the field \"", name,
                     "\" a second time");
    header.draft.take(draft_line(header, line, HeaderDraft::Role::field, name, colon + 1));
  } else if (pair != std::string_view::npos && pair > 0) {
    const std::string key = nrrd_unescaped(line.text.substr(0, pair));
    header.metadata.set(key, nrrd_unescaped(line.text.substr(pair + 2)));
    header.draft.take(draft_line(header, line, HeaderDraft::Role::pair, key, pair + 2));
  } else {
    header.corrupt("line ", line.number, " of the header is neither a field nor \"key:=value\"");
  }
}

bool announces_list(const NrrdHeader& header) {
  const HeaderValue* file = header.find("data file");
  return file && words_of(*file, 2).size() > 0 && words_of(*file, 2)[0].text == "LIST";
}

// Removes one vector, or "none", from the front of `text` and returns it.
NrrdVector take_vector(const NrrdHeader& header, std::string_view field, std::string_view& text,
                       int length) {
  text = trimmed(text);
  if (text.starts_with("none")) {
    text.remove_prefix(4);
    return std::nullopt;
  }
  const size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos)
    header.corrupt("\"", field, "\" has too few vectors like (1,0,0)");
  std::string_view inside = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  std::array<double, max_dimensions> vector{};
  int missing = 0;
  for (int i = 0; i < length; ++i) {
    const size_t comma = inside.find(',');
    const auto number = double_of(trimmed(inside.substr(0, comma)));
    if (!number || std::isinf(*number) || (comma == std::string_view::npos) != (i == length - 1)) {
      header.corrupt("\"", field, "\" has a vector that is not ", length, " numbers");
    }
    if (std::isnan(*number)) ++missing;
    vector[i] = *number;
    inside.remove_prefix(comma == std::string_view::npos ? inside.size() : comma + 1);
  }
  if (missing == length) return std::nullopt;
  if (missing > 0) header.corrupt("\"", field, "\" has a vector with numbers missing");
  return vector;
}

}  // namespace

const HeaderValue* NrrdHeader::find(std::string_view name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? nullptr : &found->second;
}

const HeaderValue& NrrdHeader::require(std::string_view name) const {
  const HeaderValue* field = find(name);
  if (!field) corrupt("there is no field \"", name, "\"");
  return *field;
}

std::optional<int64_t> NrrdHeader::integer(std::string_view name) const {
  const HeaderValue* field = find(name);
  if (!field) return std::nullopt;
  const auto value = integer_of(field->text);
  if (!value) corrupt("\"", name, ": ", field->text.substr(0, 80), "\" is not a whole number");
  return value;
}

NrrdHeader read_nrrd_header(const std::string& path, OpenFiles& files) {
  NrrdHeader header;
  header.path = path;
  header.text =
      std::make_unique<const std::string>(read_text_header(*files.open(path), is_complete));
  HeaderLines lines(*header.text);
  HeaderLine line;
  check_magic(path, lines.next(line) ? line.text : std::string_view{});
  header.draft.take(draft_line(header, line, HeaderDraft::Role::field, nrrd_magic_field, 0));
  bool in_list = false;
  while (!header.has_empty_line && lines.next(line)) {
    if (line.text.empty()) {
      header.has_empty_line = true;
    } else if (in_list) {
      header.listed.push_back(trimmed(line.text));
    } else if (line.text.starts_with('#')) {
      header.draft.take(is_filler(line.text)
                            ? draft_line(header, line, HeaderDraft::Role::filler, {}, 2)
                            : draft_line(header, line, HeaderDraft::Role::comment, {}, 0));
    } else {
      read_line(header, line);
      in_list = announces_list(header);
    }
  }
  header.end = line.next;
  return header;
}

const HeaderSyntax nrrd_syntax = {order_of_fields, ": ", ":=", "# ", nrrd_escaped};

std::vector<std::string_view> nrrd_words(std::string_view value) {
  std::vector<std::string_view> words;
  for (value = trimmed(value); !value.empty(); value = trimmed(value)) {
    size_t end = value.find_first_of(" \t\r\n");
    if (value.front() == '(') {
      end = value.find(')');
    } else if (value.front() == '"') {
      // A quotation mark inside is preceded by a backslash.
      end = value.find('"', 1);
      while (end != std::string_view::npos && value[end - 1] == '\\')
        end = value.find('"', end + 1);
    } else if (end != std::string_view::npos) {
      --end;
    }
    words.push_back(value.substr(0, end == std::string_view::npos ? end : end + 1));
    value.remove_prefix(words.back().size());
  }
  return words;
}

std::string_view nrrd_unquoted(std::string_view word) {
  if (word.size() < 2 || word.front() != '"' || word.back() != '"') return word;
  return trimmed(word.substr(1, word.size() - 2));
}

bool is_nrrd_field(std::string_view name) {
  return !field_name(name).empty();
}

std::string nrrd_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\') {
      out += "\\\\";
    } else {
      out += c;
    }
  }
  return out;
}

std::string nrrd_unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'n') {
      out += '\n';
      ++i;
    } else if (next == '\\') {
      out += '\\';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<NrrdVector> nrrd_vectors(const NrrdHeader& header, std::string_view field, int count,
                                     int length) {
  std::string_view text = header.require(field).text;
  std::vector<NrrdVector> vectors;
  vectors.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) vectors.push_back(take_vector(header, field, text, length));
  if (!trimmed(text).empty()) header.corrupt("\"", field, "\" has more than ", count, " vectors");
  return vectors;
}

}  // namespace swr

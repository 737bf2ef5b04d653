#include "formats/json_patch.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace swr {
namespace {

constexpr std::string_view blanks = " \t\r\n", byte_order_mark = "\xef\xbb\xbf";

// A value with the key in front of it, if it is a member of an object.
struct Entry {
  JsonSpan key{}, value{};
};

// Walks a text that is known to be well-formed.
class Scanner {
 public:
  explicit Scanner(std::string_view text, size_t at = 0) : text_(text), at_(at) {
    if (at_ == 0 && text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    skip_blanks();
  }

  JsonSpan value() {
    const size_t begin = at_;
    if (text_[at_] == '"') {
      skip_string();
    } else if (text_[at_] == '{' || text_[at_] == '[') {
      skip_list();
    } else {
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    }
    return {begin, at_};
  }

  // The members of the object, or the elements of the array, that begins here.
  std::vector<Entry> entries() {
    const bool is_object = text_[at_] == '{';
    std::vector<Entry> found;
    for (++at_;; ++at_) {
      skip_blanks();
      if (text_[at_] == '}' || text_[at_] == ']') return found;
      Entry entry;
      if (is_object) {
        entry.key = value();
        at_ = text_.find(':', at_) + 1;
        skip_blanks();
      }
      entry.value = value();
      found.push_back(entry);
      skip_blanks();
      if (text_[at_] != ',') return found;
    }
  }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size()); }

  void skip_string() {
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }

  void skip_list() {
    int depth = 0;
    do {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0);
  }

  std::string_view text_;
  size_t at_;
};

std::string_view part(std::string_view text, JsonSpan span) {
  return text.substr(span.begin, span.end - span.begin);
}

Json value_at(std::string_view text, JsonSpan span) {
  return parse_json(part(text, span), "a value");
}

bool is_key(std::string_view text, JsonSpan span, std::string_view key) {
  const std::string_view quoted = part(text, span);
  if (quoted.find('\\') == quoted.npos) return quoted.substr(1, quoted.size() - 2) == key;
  return *value_at(text, span).string() == key;
}

// The members of an object with the number of the one with the key; -1 if there is none.
std::pair<std::vector<Entry>, std::ptrdiff_t> member(std::string_view text, JsonSpan object,
                                                     std::string_view key) {
  std::vector<Entry> entries;
  if (text[object.begin] != '{') return {entries, -1};
  entries = Scanner(text, object.begin).entries();
  for (size_t i = 0; i < entries.size(); ++i) {
    if (is_key(text, entries[i].key, key)) return {entries, static_cast<std::ptrdiff_t>(i)};
  }
  return {entries, -1};
}

// A line end with the indentation of the line that begins with the byte at `at`; empty if something
// else is in front of it in its line.
std::string line_end_before(std::string_view text, size_t at) {
  const size_t last = text.substr(0, at).find_last_not_of(" \t");
  if (last == text.npos || text[last] != '\n') return {};
  const bool has_return = last > 0 && text[last - 1] == '\r';
  return std::string(text.substr(last - (has_return ? 1 : 0), at - last + (has_return ? 1 : 0)));
}

std::string replaced(std::string_view text, JsonSpan span, std::string_view by) {
  return std::string(text.substr(0, span.begin)).append(by).append(text.substr(span.end));
}

// Requires: the object lacks the key.
std::string with_member(std::string_view text, JsonSpan object, const std::vector<Entry>& entries,
                        std::string_view key, const Json& value) {
  const bool is_empty = entries.empty();
  std::string line_end = line_end_before(text, is_empty ? object.begin : entries.back().key.begin);
  // The whole document has no line in front of it.
  if (is_empty && (object.begin == 0 || !line_end.empty()))
    line_end = (line_end.empty() ? "\n" : line_end) + "  ";
  std::string added = is_empty ? line_end : line_end.empty() ? ", " : "," + line_end;
  added += json_text(Json::of(key), "") + ": " + json_text(value, line_end);
  if (is_empty) {
    added += line_end.substr(0, line_end.empty() ? 0 : line_end.size() - 2);
    return replaced(text, {object.begin + 1, object.end - 1}, added);
  }
  const size_t end = entries.back().value.end;
  return replaced(text, {end, end}, added);
}

std::string with_value(std::string_view text, JsonSpan span, std::string_view line_end,
                       const Json& value) {
  const Json old = value_at(text, span);
  if (old == value) return std::string(text);
  if (!old.is_array() || !value.is_array() || old.array()->size() != value.array()->size())
    return replaced(text, span, json_text(value, line_end));
  const std::vector<Entry> entries = Scanner(text, span.begin).entries();
  std::string out(text);
  for (size_t i = entries.size(); i-- > 0;) {
    const Json& element = (*value.array())[i];
    if ((*old.array())[i] == element) continue;
    const JsonSpan place = entries[i].value;
    out = replaced(out, place, json_text(element, line_end_before(text, place.begin)));
  }
  return out;
}

JsonSpan document(std::string_view text) {
  return Scanner(text).value();
}

}  // namespace

std::optional<JsonSpan> find_json(std::string_view text, JsonPlace place) {
  JsonSpan span = document(text);
  for (const std::string_view key : place) {
    const auto [entries, number] = member(text, span, key);
    if (number < 0) return std::nullopt;
    span = entries[static_cast<size_t>(number)].value;
  }
  return span;
}

std::string with_json(std::string_view text, JsonPlace place, const Json& value) {
  JsonSpan span = document(text);
  std::string line_end = "\n";
  for (size_t depth = 0; depth < place.size(); ++depth) {
    const auto [entries, number] = member(text, span, place[depth]);
    if (number >= 0) {
      const Entry& entry = entries[static_cast<size_t>(number)];
      line_end = line_end_before(text, entry.key.begin);
      span = entry.value;
      continue;
    }
    Json added = value;
    for (size_t inner = place.size() - 1; inner > depth; --inner) {
      Json object;
      object.add(place[inner], std::move(added));
      added = std::move(object);
    }
    return with_member(text, span, entries, place[depth], added);
  }
  return with_value(text, span, line_end, value);
}

std::string without_json(std::string_view text, JsonPlace place) {
  const auto object = find_json(text, place.first(place.size() - 1));
  if (!object) return std::string(text);
  const auto [entries, number] = member(text, *object, place.back());
  if (number < 0) return std::string(text);
  const auto at = static_cast<size_t>(number);
  JsonSpan removed{entries[at].key.begin, entries[at].value.end};
  if (at > 0) {
    removed.begin = entries[at - 1].value.end;
  } else if (entries.size() > 1) {
    removed.end = entries[1].key.begin;
  }
  return replaced(text, removed, "");
}

}  // namespace swr

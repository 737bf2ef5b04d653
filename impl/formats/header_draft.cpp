#include "formats/header_draft.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "formats/header_text.h"

namespace swr {
namespace {

constexpr size_t filler_line_bytes = 400;  // long lines stop some readers
constexpr size_t most_new_digits = 20;     // a size, and what depends on it

}  // namespace

void HeaderDraft::take_continuation(std::string_view text) {
  Line& line = lines_.back();
  line.value += line.tail;
  line.value += text;
  line.tail.clear();
}

const HeaderDraft::Line* HeaderDraft::find(Role role, std::string_view name) const {
  const auto found = std::find_if(lines_.rbegin(), lines_.rend(), [&](const Line& line) {
    return line.role == role && line.name == name;
  });
  return found == lines_.rend() ? nullptr : &*found;
}

std::string_view HeaderDraft::first_of(std::initializer_list<std::string_view> names) const {
  const auto* const found =
      std::find_if(names.begin(), names.end(), [&](std::string_view name) { return field(name); });
  return found == names.end() ? std::string_view() : *found;
}

std::string HeaderDraft::pair_text(std::string_view text) const {
  return syntax_->escaped ? syntax_->escaped(text) : std::string(text);
}

HeaderDraft::Line HeaderDraft::new_line(Role role, std::string_view name,
                                        std::string_view value) const {
  Line line;
  line.role = role;
  line.name = name;
  const bool is_pair = role == Role::pair;
  line.head = swr::text(is_pair ? pair_text(name) : std::string(name),
                        is_pair ? syntax_->pair_separator : syntax_->field_separator);
  line.value = is_pair ? pair_text(value) : value;
  line.tail = "\n";
  return line;
}

void HeaderDraft::put(Role role, std::string_view name, std::string_view value) {
  if (const Line* found = find(role, name)) {
    lines_[static_cast<size_t>(found - lines_.data())].value =
        role == Role::pair ? pair_text(value) : std::string(value);
    return;
  }
  const size_t place = place_for(rank(role, name));
  lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(place), new_line(role, name, value));
}

void HeaderDraft::set_pairs(const Metadata& entries) {
  std::unordered_map<std::string_view, const std::string*> values;
  for (const auto& [key, value] : entries) values.emplace(key, &value);
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
    const auto found = line->role == Role::pair ? values.find(line->name) : values.end();
    if (found == values.end()) continue;
    line->value = pair_text(*found->second);
    values.erase(found);
  }
  std::vector<Line> added;
  for (const auto& [key, value] : entries) {
    if (values.contains(key)) added.push_back(new_line(Role::pair, key, value));
  }
  const size_t place = place_for(rank(Role::pair, {}));
  lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(place),
                std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
}

void HeaderDraft::erase_pairs(const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  const std::unordered_set<std::string_view> gone(keys.begin(), keys.end());
  std::erase_if(lines_, [&](const Line& line) {
    return line.role == Role::pair && gone.contains(line.name);
  });
}

void HeaderDraft::remove(Role role, std::string_view name) {
  std::erase_if(lines_, [&](const Line& line) { return line.role == role && line.name == name; });
}

// A field that `order` does not name is placed like metadata. Comments have no place of their own.
int HeaderDraft::rank(Role role, std::string_view name) const {
  const auto place_of = [&](std::string_view wanted) {
    return static_cast<int>(std::find(syntax_->order.begin(), syntax_->order.end(), wanted) -
                            syntax_->order.begin());
  };
  if (role == Role::comment) return -1;
  if (role == Role::filler) return place_of(filler_place);
  const int count = static_cast<int>(syntax_->order.size());
  const int place = role == Role::field ? place_of(name) : count;
  return place < count ? place : place_of(pairs_place);
}

size_t HeaderDraft::place_for(int rank) const {
  size_t place = 0;
  for (size_t i = 0; i < lines_.size(); ++i) {
    const int of_line = this->rank(lines_[i].role, lines_[i].name);
    if (of_line >= 0 && of_line <= rank) place = i + 1;
  }
  // Comments after the first line belong to the whole header.
  while (place > 0 && place < lines_.size() && lines_[place].role == Role::comment &&
         std::all_of(lines_.begin() + 1, lines_.begin() + static_cast<std::ptrdiff_t>(place),
                     [](const Line& line) { return line.role == Role::comment; }))
    ++place;
  return place;
}

size_t HeaderDraft::bytes() const {
  size_t bytes = 0;
  for (const Line& line : lines_) bytes += line.head.size() + line.value.size() + line.tail.size();
  return bytes;
}

std::string HeaderDraft::text() const {
  std::string out;
  for (const Line& line : lines_) out.append(line.head).append(line.value).append(line.tail);
  return out;
}

size_t HeaderDraft::value_offset(std::string_view name) const {
  size_t offset = 0;
  const Line* const wanted = field(name);
  for (const Line& line : lines_) {
    if (&line == wanted) return offset + line.head.size();
    offset += line.head.size() + line.value.size() + line.tail.size();
  }
  fail(SWR_ERROR_INTERNAL, "the header has no field ", name);
}

bool HeaderDraft::has_filler() const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [](const Line& line) { return line.role == Role::filler; });
}

void HeaderDraft::remove_filler() {
  std::erase_if(lines_, [](const Line& line) { return line.role == Role::filler; });
}

void HeaderDraft::insert_filler(size_t place, size_t bytes) {
  const size_t least = least_filler();
  while (bytes > 0) {
    const size_t taken = bytes < filler_line_bytes + least ? bytes : filler_line_bytes;
    Line line;
    line.role = Role::filler;
    line.head = syntax_->filler_head;
    line.value = std::string(taken - least + 1, '.');
    line.tail = "\n";
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(place++), line);
    bytes -= taken;
  }
}

void HeaderDraft::fill(size_t multiple, size_t more) {
  remove_filler();
  size_t missing = (multiple - (bytes() + more) % multiple) % multiple;
  if (missing > 0 && missing < least_filler()) missing += multiple;
  insert_filler(place_for(rank(Role::filler, {})), missing);
}

void HeaderDraft::add_room() {
  remove_filler();
  insert_filler(place_for(rank(Role::filler, {})), least_filler() + most_new_digits - 1);
}

bool HeaderDraft::fit(size_t wanted) {
  const size_t now = bytes();
  if (now == wanted) return true;
  const auto first = std::find_if(lines_.begin(), lines_.end(),
                                  [](const Line& line) { return line.role == Role::filler; });
  if (first == lines_.end()) return false;
  const auto place = static_cast<size_t>(first - lines_.begin());
  HeaderDraft bare = *this;
  bare.remove_filler();
  if (bare.bytes() > wanted) return false;
  const size_t room = wanted - bare.bytes();
  if (room > 0 && room < least_filler()) return false;
  bare.insert_filler(place, room);
  *this = std::move(bare);
  return true;
}

std::string with_number(std::string_view list, size_t which, int64_t number) {
  const auto words = words_of({list, 0}, which + 2);
  if (which >= words.size())
    fail(SWR_ERROR_INTERNAL, "there is no number ", which, " in \"", list, "\"");
  size_t length = words[which].text.size(), begin = words[which].offset;
  std::string digits = std::to_string(number);
  while (digits.size() > length && begin > 1 && list[begin - 1] == ' ' && list[begin - 2] == ' ') {
    --begin;
    ++length;
  }
  if (digits.size() < length) digits.insert(0, length - digits.size(), ' ');
  std::string out(list);
  return out.replace(begin, length, digits);
}

std::optional<HeaderPatch> patch_between(std::string_view old_header, std::string_view new_header) {
  const auto [first, unused] =
      std::mismatch(old_header.begin(), old_header.end(), new_header.begin(), new_header.end());
  if (first == old_header.end()) return std::nullopt;
  const auto begin = static_cast<size_t>(first - old_header.begin());
  size_t end = new_header.size();
  if (end == old_header.size()) {
    while (old_header[end - 1] == new_header[end - 1]) --end;
  }
  return HeaderPatch{static_cast<int64_t>(begin),
                     std::string(new_header.substr(begin, end - begin))};
}

}  // namespace swr

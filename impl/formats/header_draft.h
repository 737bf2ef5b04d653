// A text header in the making: the lines of an existing header, word for word, or none yet. Fields
// are set, added in their usual place, and taken out; all other lines stay as they are.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"

namespace swr {

// How a format writes its lines. In `order` stand the names of its fields, as new headers have
// them, with pairs_place and filler_place among them: a new line comes after the last line that the
// order has before it.
struct HeaderSyntax {
  std::span<const std::string_view> order;
  std::string_view field_separator;  // between a field's name and its value
  std::string_view pair_separator;   // between a key of metadata and its value
  std::string_view filler_head;      // what a line that only fills the header up begins with
  // How keys and values of metadata are written; as they are, if it is null.
  std::string (*escaped)(std::string_view text) = nullptr;
};

inline constexpr std::string_view pairs_place = "*";
inline constexpr std::string_view filler_place = ".";

class HeaderDraft {
 public:
  enum class Role { field, pair, comment, filler };
  // head + value + tail is the line as it stands in the file.
  struct Line {
    Role role = Role::comment;
    std::string name;  // of a field, in the format's own spelling; a pair's key; else empty
    std::string head, value, tail;
  };

  explicit HeaderDraft(const HeaderSyntax& syntax) : syntax_(&syntax) {}

  // Takes the next line of an existing header.
  void take(Line line) { lines_.push_back(std::move(line)); }
  // Takes text that goes on with the last line's value.
  void take_continuation(std::string_view text);

  // The last of the lines with that name, which is the one that counts; nullptr if there is none.
  const Line* find(Role role, std::string_view name) const;
  const Line* field(std::string_view name) const { return find(Role::field, name); }
  // The first of the names that a field has; empty if none has one.
  std::string_view first_of(std::initializer_list<std::string_view> names) const;

  // Gives the field the value, or adds it. What has the value already is not touched.
  void set(std::string_view name, std::string_view value) { put(Role::field, name, value); }
  void set_pair(std::string_view key, std::string_view value) { put(Role::pair, key, value); }
  // As set_pair() for each; no two have one key. Headers can have very many.
  void set_pairs(const Metadata& entries);
  void erase(std::string_view name) { remove(Role::field, name); }
  void erase_pair(std::string_view key) { remove(Role::pair, key); }
  void erase_pairs(const std::vector<std::string>& keys);

  size_t bytes() const;
  std::string text() const;
  // Where the value of the field stands in text().
  size_t value_offset(std::string_view name) const;

  bool has_filler() const;
  void remove_filler();
  // Adds filler, so that with `more` bytes after it the header is a multiple of `multiple`.
  void fill(size_t multiple, size_t more);
  // Adds a line of filler, so that an image whose pixels follow compressed can grow.
  void add_room();
  // Makes the filler longer or shorter, so that the header has exactly `wanted` bytes; false if
  // there is not so much of it.
  bool fit(size_t wanted);

 private:
  std::string pair_text(std::string_view text) const;
  Line new_line(Role role, std::string_view name, std::string_view value) const;
  void put(Role role, std::string_view name, std::string_view value);
  void remove(Role role, std::string_view name);
  int rank(Role role, std::string_view name) const;
  size_t place_for(int rank) const;
  void insert_filler(size_t place, size_t bytes);
  size_t least_filler() const { return syntax_->filler_head.size() + 2; }  // a dot, a line end

  const HeaderSyntax* syntax_;
  std::vector<Line> lines_;
};

// `list` with its number `which` replaced. As long as before where the number has fewer digits than
// its predecessor, or blanks in front of it to spare.
std::string with_number(std::string_view list, size_t which, int64_t number);

// What changes between two headers; nothing if they are equal. The new one is as long as the old,
// or, where nothing follows the header in its file, longer.
std::optional<HeaderPatch> patch_between(std::string_view old_header, std::string_view new_header);

}  // namespace swr

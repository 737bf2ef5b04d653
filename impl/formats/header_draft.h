// A text header under construction. It starts empty, or with the lines of an existing header.
// Fields can be set, added in their usual place, and erased; all other lines stay unchanged.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"

namespace swr {

// How a format writes its lines. `order` lists the names of its fields in the order of new headers,
// with pairs_place and filler_place among them. A new line is inserted after the last existing line
// that `order` places before it.
struct HeaderSyntax {
  std::span<const std::string_view> order;
  std::string_view field_separator;  // between a field's name and its value
  std::string_view pair_separator;   // between a key of metadata and its value
  std::string_view filler_head;      // the beginning of a line that only pads the header
  // Escapes keys and values of metadata; null if they are written unchanged.
  std::string (*escaped)(std::string_view text) = nullptr;
};

inline constexpr std::string_view pairs_place = "*";
inline constexpr std::string_view filler_place = ".";

class HeaderDraft {
 public:
  enum class Role { field, pair, comment, filler };
  // head + value + tail is the line as it is in the file.
  struct Line {
    Role role = Role::comment;
    std::string name;  // of a field, in the format's own spelling; a pair's key; else empty
    std::string head, value, tail;
  };

  explicit HeaderDraft(const HeaderSyntax& syntax) : syntax_(&syntax) {}

  // Takes the next line of an existing header.
  void take(Line line) { lines_.push_back(std::move(line)); }
  // Takes a line that continues the value of the last one.
  void take_continuation(std::string_view text);

  // The last of the lines with that name, which is the one that counts; nullptr if there is none.
  const Line* find(Role role, std::string_view name) const;
  const Line* field(std::string_view name) const { return find(Role::field, name); }
  // The first of the names for which there is a field; empty if there is none.
  std::string_view first_of(std::initializer_list<std::string_view> names) const;

  // Sets the field, or adds it. A field that has the value already stays unchanged.
  void set(std::string_view name, std::string_view value) { put(Role::field, name, value); }
  void set_pair(std::string_view key, std::string_view value) { put(Role::pair, key, value); }
  // As set_pair() for each entry, but fast for very many. Requires: all keys differ.
  void set_pairs(const Metadata& entries);
  void erase(std::string_view name) { remove(Role::field, name); }
  void erase_pair(std::string_view key) { remove(Role::pair, key); }
  void erase_pairs(const std::vector<std::string>& keys);

  size_t bytes() const;
  std::string text() const;
  // The offset of the field's value in text().
  size_t value_offset(std::string_view name) const;

  bool has_filler() const;
  void remove_filler();
  // Adds filler, so that the length of the header plus `more` is a multiple of `multiple`.
  void fill(size_t multiple, size_t more);
  // Adds a line of filler, so that an image whose pixels follow compressed can grow.
  void add_room();
  // Makes the filler longer or shorter, so that the header has exactly `wanted` bytes. Returns
  // false if there is too little filler.
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

// `list` with number `which` replaced. The length stays the same if the new number fits into the
// old one's characters and the spare blanks in front of them.
std::string with_number(std::string_view list, size_t which, int64_t number);

// The patch that turns the old header into the new one; nothing if they are equal. The new header
// must have the same length, or be longer if nothing follows the header in its file.
std::optional<HeaderPatch> patch_between(std::string_view old_header, std::string_view new_header);

}  // namespace swr

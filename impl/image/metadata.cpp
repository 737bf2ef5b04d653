#include "image/metadata.h"

namespace swr {

Metadata::Metadata(std::initializer_list<value_type> entries) {
  for (const auto& [key, value] : entries) set(key, value);
}

void Metadata::set(std::string_view key, std::string_view value) {
  const auto position = positions_.find(key);
  if (position != positions_.end()) {
    entries_[position->second].value.second = value;
    return;
  }
  entries_.push_back({{std::string(key), std::string(value)}});
  positions_.emplace(key, entries_.size() - 1);
}

const std::string* Metadata::find(std::string_view key) const {
  const auto position = positions_.find(key);
  return position == positions_.end() ? nullptr : &entries_[position->second].value.second;
}

std::optional<std::string> Metadata::take(std::string_view key) {
  const auto position = positions_.find(key);
  if (position == positions_.end()) return std::nullopt;
  Entry& entry = entries_[position->second];
  std::string value = std::move(entry.value.second);
  entry = {{}, true};
  positions_.erase(position);
  if (entries_.size() > 2 * positions_.size()) close_gaps();
  return value;
}

const Metadata::value_type& Metadata::operator[](size_t number) const {
  if (entries_.size() == positions_.size()) return entries_[number].value;
  return *std::next(begin(), static_cast<std::ptrdiff_t>(number));
}

void Metadata::close_gaps() {
  std::erase_if(entries_, [](const Entry& entry) { return entry.erased; });
  for (size_t i = 0; i < entries_.size(); ++i) positions_[entries_[i].value.first] = i;
}

}  // namespace swr

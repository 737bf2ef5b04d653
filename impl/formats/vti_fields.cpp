#include "formats/vti_fields.h"

#include <utility>

#include "formats/vti_stored_strings.h"
#include "formats/vti_strings.h"

namespace swr {

void VtiFieldScanner::begin_fields(const XmlElement& element) {
  begin_ = element.begin;
  fields_.emplace_back();
}

void VtiFieldScanner::finish_fields(size_t end) {
  fields_.back().text = text_.substr(begin_, end - begin_);
}

// Its numbers as text mean the same everywhere; other forms depend on the file.
void VtiFieldScanner::begin_field(const XmlElement& element, std::optional<int64_t> offset) {
  const auto format = element.value_of("format");
  array_ = {};
  array_.is_appended = offset.has_value();
  array_.offset = offset.value_or(0);
  array_.form = format == "ascii" ? VtiForm::text : VtiForm::base64;
  if (format != "ascii") fields_.back().is_carried = false;
  string_.reset();
  const bool has_form = format == "ascii" || format == "binary" || array_.is_appended;
  if (has_form && is_vti_string(element))
    string_ = VtiString{std::string(element.value_of("Name")), "", element.begin - begin_};
  else
    fields_.back().others.emplace_back(element.value_of("Name"));
}

// A string whose name another one has before is one of the other arrays.
void VtiFieldScanner::finish_field(size_t begin, size_t tag, size_t end) {
  if (!string_) return;
  if (array_.form != VtiForm::text) return finish_stored_field(begin, tag);
  VtiFields& fields = fields_.back();
  auto value = tag < begin ? std::nullopt : vti_string(text_.substr(begin, tag - begin));
  if (value && strings_.insert(string_->name).second) {
    string_->value = std::move(*value);
    string_->end = end - begin_;
    fields.strings.push_back(std::move(*string_));
  } else {
    fields.others.push_back(std::move(string_->name));
  }
  string_.reset();
}

// Its value is read when it is known where the appended data begin.
void VtiFieldScanner::finish_stored_field(size_t begin, size_t tag) {
  if (!array_.is_appended && begin <= tag) {
    array_.begin =
        place_in_file(begin + text_.substr(begin, tag - begin).find_first_not_of(" \t\r\n"));
    array_.end = place_in_file(tag);
  }
  stored_.push_back({fields_.size() - 1, std::move(*string_), array_});
  string_.reset();
}

int64_t VtiFieldScanner::place_in_file(size_t at) const {
  int64_t place = static_cast<int64_t>(at);
  for (const VtiInline& values : document_.values) {
    if (values.at <= at) place += values.end - values.begin;
  }
  return place;
}

void VtiFieldScanner::add_stored_strings(const File& file, VtiHeader& header) {
  int64_t most = most_stored_strings;
  for (StoredField& each : stored_) {
    VtiFields& fields = header.fields[each.fields];
    if (each.array.is_appended && !header.is_base64) each.array.form = VtiForm::raw;
    auto value = stored_vti_string(file, header, each.array, most);
    if (value && strings_.insert(each.string.name).second) {
      most -= std::ssize(*value);
      each.string.value = std::move(*value);
      fields.strings.push_back(std::move(each.string));
    } else {
      fields.others.push_back(std::move(each.string.name));
    }
  }
}

}  // namespace swr

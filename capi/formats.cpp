#include "swr/formats.h"

#include "formats/format.h"
#include "guard.h"

namespace {

const swr::Format* by_name(const char* name) {
  return name ? swr::find_format(name) : nullptr;
}

}  // namespace

extern "C" {

int32_t swr_format_count(void) {
  return static_cast<int32_t>(swr::all_formats().size());
}

const char* swr_format_name(int32_t number) {
  const auto formats = swr::all_formats();
  if (number < 0 || number >= std::ssize(formats)) return nullptr;
  return formats[static_cast<size_t>(number)]->name.data();
}

const char* swr_format_suffixes(const char* name) {
  const swr::Format* const format = by_name(name);
  return format ? swr::suffix_list(*format) : nullptr;
}

swr_status swr_format_capabilities(const char* name, uint32_t* flags) {
  const swr::Format* const format = by_name(name);
  if (!name || !flags) return SWR_ERROR_ARGUMENT;
  if (!format) return SWR_ERROR_FORMAT;
  *flags = format->capabilities;
  return SWR_OK;
}

swr_status swr_format_dimensions(const char* name, int32_t* least, int32_t* most) {
  const swr::Format* const format = by_name(name);
  if (!name || !least || !most) return SWR_ERROR_ARGUMENT;
  if (!format) return SWR_ERROR_FORMAT;
  *least = format->least_dimensions;
  *most = format->most_dimensions;
  return SWR_OK;
}

}  // extern "C"

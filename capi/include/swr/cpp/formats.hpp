/**
 * @file cpp/formats.hpp
 * The supported file formats: formats.h in C++.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "swr/cpp/error.hpp"
#include "swr/formats.h"

namespace swr {
inline namespace cpp {

/** A file format and what it can do. */
struct Format {
  std::string name;             /**< Such as "MetaImage". */
  std::string suffixes;         /**< Separated by spaces, the most usual first. */
  uint32_t capabilities = 0;    /**< Flags of ::swr_capability. */
  int32_t least_dimensions = 0; /**< The fewest dimensions of an image. */
  int32_t most_dimensions = 0;  /**< The most. */

  /** Whether it has all of these flags of ::swr_capability. */
  bool can(uint32_t flags) const noexcept { return (capabilities & flags) == flags; }
};

/** The format of a name. swr::FormatError if there is none. */
inline Format format(const std::string &name) {
  const char *const text = detail::c_string(name);
  Format found;
  swr_status status = swr_format_capabilities(text, &found.capabilities);
  if (status == SWR_OK)
    status = swr_format_dimensions(text, &found.least_dimensions, &found.most_dimensions);
  if (status != SWR_OK) throw_error(status, "there is no format \"" + name + "\"");
  found.name = name;
  found.suffixes = swr_format_suffixes(text);
  return found;
}

/** All formats, in the order of swr_format_name(). */
inline std::vector<Format> formats() {
  std::vector<Format> all;
  for (int32_t number = 0; number < swr_format_count(); ++number)
    all.push_back(format(swr_format_name(number)));
  return all;
}

}  // namespace cpp
}  // namespace swr

// The words of MetaImage: its fields, and the names of its pixel types.
#pragma once

#include <string_view>

#include "image/image.h"

namespace swr {

// MetaImage's own fields. Metadata cannot have their names, except those of the descriptive fields,
// which hold a text that has no effect on the image.
bool is_metaimage_field(std::string_view name);
bool is_descriptive_field(std::string_view name);

// Whether the value says yes: "True", "1" and the like.
bool metaimage_flag(std::string_view value);

// The component of a type such as "MET_SHORT"; SWR_COMPONENT_UNKNOWN if the type is unknown.
swr_component metaimage_component(std::string_view type);
const char* metaimage_type(swr_component component);

// The kind of the pixels if the file does not state it.
swr_kind metaimage_default_kind(swr_component component, int components);

}  // namespace swr

// The codecs of Zarr's metadata.
//
//   version 2   {"id": "zlib", "level": 1}
//   version 3   {"name": "gzip", "configuration": {"level": 1}}
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "formats/json.h"
#include "formats/zarr_fields.h"
#include "formats/zarr_metadata.h"

namespace swr {

// The "compressor" and the "filters" of version 2. Requires: the type of the array is known.
void read_zarr_compressor(const ZarrFields& fields, ZarrArray& array);
Json zarr_compressor(const ZarrArray& array);

// The "codecs" of version 3: axis_order, big_endian, codecs, and shards with the shape of their
// chunks. Requires: type and shapes of the array are known.
void read_zarr_codecs(const ZarrFields& fields, ZarrArray& array);
Json zarr_codecs(const ZarrArray& array);

}  // namespace swr

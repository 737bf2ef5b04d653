// The data types and fill values of Zarr.
//
//   uint16   version 2: "<u2"   version 3: "uint16"
//   NaN      version 2: "NaN"   version 3: "NaN", or its bits as "0x7fc00000"
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/json.h"
#include "formats/zarr_fields.h"
#include "formats/zarr_metadata.h"

namespace swr {

// Set pixel, is_boolean and is_half_float of the array; of version 2 also big_endian.
void read_zarr_dtype(const ZarrFields& fields, ZarrArray& array);
void read_zarr_data_type(const ZarrFields& fields, ZarrArray& array);
std::string zarr_dtype(const ZarrArray& array);
std::string zarr_data_type(const ZarrArray& array);

// The bytes of an element as it is stored.
int zarr_element_bytes(const ZarrArray& array);

// The fill value for the type and byte order of the array.
std::vector<std::byte> read_zarr_fill(const ZarrFields& fields, const ZarrArray& array);
// Zeros where the array has none.
Json zarr_fill_value(const ZarrArray& array);

}  // namespace swr

// Changes pixels of an existing Zarr array: the files of the chunks that change are replaced.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "formats/format.h"
#include "formats/zarr_chunks.h"

namespace swr {

std::unique_ptr<PixelChange> change_zarr_pixels(const Description& file,
                                                const PlannedChange& change, ChangedFiles& files,
                                                const WriteOptions& options);
// The metadata are written again with the chunks that change. SWR_ERROR_UNSUPPORTED if copies of
// them elsewhere say how large the array is.
std::optional<Growth> grow_zarr(const std::string& path, const Description& file,
                                const Image& grown);

// SWR_ERROR_UNSUPPORTED if the folder of the array has anything that plan_zarr_folder() would not
// write again.
void refuse_loss_of_zarr(const ZarrStorage& old, const Description& file, const std::string& path);

}  // namespace swr

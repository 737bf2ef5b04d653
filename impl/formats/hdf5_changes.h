// The chunks of HDF5 that are written: all of a new file, or those of an existing one that change.
// Pixels that are not in chunks are written as linear sequences.
#pragma once

#include <memory>

#include "formats/format.h"
#include "formats/hdf5_chunk_form.h"

namespace swr {

PixelForm form_of_hdf5_chunks(const Layout& layout, const Hdf5ChunkForm& chunks,
                              const FormOptions& options);
std::unique_ptr<PixelSink> new_hdf5_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options);
std::unique_ptr<PixelChange> change_hdf5_pixels(const Description& file,
                                                const PlannedChange& change, ChangedFiles& files,
                                                const WriteOptions& options);
ChangeForecast forecast_hdf5_change(const Layout& layout, const ChangeRequest& request);

}  // namespace swr

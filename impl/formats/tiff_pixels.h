// The stores of a TIFF file's pixels: raw ones are a sequence, strips and tiles of other kinds are
// chunks.
#pragma once

#include <memory>

#include "formats/format.h"

namespace swr {

PixelForm form_of_tiff_pixels(const Layout& layout, const FormOptions& options);
std::unique_ptr<PixelReader> read_tiff_pixels(const Layout& layout, const ReadOptions& options);
std::unique_ptr<PixelSink> new_tiff_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options);
std::unique_ptr<PixelChange> change_tiff_pixels(const Description& file,
                                                const PlannedChange& change, ChangedFiles& files,
                                                const WriteOptions& options);
// SWR_ERROR_UNSUPPORTED if chunks cannot move in the file.
ChangeForecast forecast_tiff_change(const Layout& layout, const ChangeRequest& request);

}  // namespace swr

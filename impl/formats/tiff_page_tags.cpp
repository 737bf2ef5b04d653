#include "formats/tiff_page_tags.h"

#include <algorithm>
#include <vector>

namespace swr {

TiffDirectoryBytes TiffPageTags::directory(const TiffForm& form, uint64_t subfile_type,
                                           const TiffResolution& resolution) const {
  TiffDirectoryBytes directory(numbers);
  directory.add_numbers(tiff_tag::subfile_type, TiffType::u32, {subfile_type});
  directory.add_numbers(tiff_tag::width, TiffType::u32, {static_cast<uint64_t>(form.width)});
  directory.add_numbers(tiff_tag::height, TiffType::u32, {static_cast<uint64_t>(form.height)});
  directory.add_numbers(tiff_tag::compression, TiffType::u16,
                        {static_cast<uint64_t>(form.compression)});
  add_samples(directory, form);
  directory.add_fraction(tiff_tag::x_resolution, resolution.x[0], resolution.x[1]);
  directory.add_fraction(tiff_tag::y_resolution, resolution.y[0], resolution.y[1]);
  directory.add_numbers(tiff_tag::planar, TiffType::u16, {1});
  directory.add_numbers(tiff_tag::resolution_unit, TiffType::u16, {resolution.unit});
  return directory;
}

void TiffPageTags::add_samples(TiffDirectoryBytes& directory, const TiffForm& form) const {
  constexpr uint64_t opacity = 2;
  const auto samples = static_cast<uint64_t>(pixel.components);
  const std::vector<uint64_t> all_bits(samples, static_cast<uint64_t>(form.bits));
  directory.add_numbers(tiff_tag::bits, TiffType::u16, all_bits);
  directory.add_numbers(tiff_tag::samples, TiffType::u16, {samples});
  directory.add_numbers(tiff_tag::sample_format, TiffType::u16,
                        std::vector<uint64_t>(samples, static_cast<uint64_t>(form.sample_format)));
  directory.add_numbers(tiff_tag::photometric, TiffType::u16, {photometric});
  const uint64_t colours = is_colour()                             ? 3
                           : photometric == tiff_photometric::cmyk ? std::min<uint64_t>(4, samples)
                                                                   : 1;
  if (samples > colours)
    directory.add_numbers(tiff_tag::extra_samples, TiffType::u16,
                          std::vector<uint64_t>(samples - colours, is_colour() ? opacity : 0));
}

void TiffPageTags::add_chunks(TiffDirectoryBytes& directory, const TiffForm& form) const {
  const std::vector<uint64_t> none(static_cast<size_t>(form.chunks()));
  const bool tiled = form.is_tiled;
  directory.add_numbers(tiled ? tiff_tag::tile_offsets : tiff_tag::strip_offsets,
                        tiff_offset_type(numbers), none);
  directory.add_numbers(tiled ? tiff_tag::tile_bytes : tiff_tag::strip_bytes,
                        tiff_offset_type(numbers), none);
  const auto add = [&](uint16_t tag, int64_t value) {
    directory.add_numbers(tag, TiffType::u32, {static_cast<uint64_t>(value)});
  };
  if (tiled) add(tiff_tag::tile_width, form.chunk_width);
  add(tiled ? tiff_tag::tile_height : tiff_tag::rows_per_strip, form.chunk_height);
  if (form.predictor == 1) return;
  directory.add_numbers(tiff_tag::predictor, TiffType::u16,
                        {static_cast<uint64_t>(form.predictor)});
}

}  // namespace swr

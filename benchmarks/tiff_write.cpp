// libtiff: a BigTIFF page of one strip for each slice.
//   out=x.tif
#include <tiffio.h>

#include "volume.h"

int main(int count, char** words) {
  const bench::Arguments arguments(count, words);
  const bench::Source source(arguments);
  const std::string out = arguments.text("out");
  const bench::Meter meter;
  TIFF* const tiff = TIFFOpen(out.c_str(), "w8");
  if (!tiff) return 1;
  std::vector<uint16_t> slice(static_cast<size_t>(source.size(0) * source.size(1)));
  for (int64_t z = 0; z < source.size(2); ++z) {
    const int64_t index[3] = {0, 0, z}, size[3] = {source.size(0), source.size(1), 1};
    source.fill(slice.data(), index, size);
    const auto rows = static_cast<uint32_t>(source.size(1));
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<uint32_t>(source.size(0)));
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, rows);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, rows);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    const auto bytes = static_cast<tmsize_t>(slice.size() * sizeof(uint16_t));
    if (TIFFWriteRawStrip(tiff, 0, slice.data(), bytes) != bytes || !TIFFWriteDirectory(tiff))
      return 1;
  }
  TIFFClose(tiff);
  meter.print(source.bytes(), out);
}

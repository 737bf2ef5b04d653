// Writes a series of volumes, an itk::Image of four dimensions with a dictionary: itk_series
// series.nii.gz. swr's own settings: compression, a limit for the buffers, and a flush to the disk.
#include <itkImageRegionIteratorWithIndex.h>
#include <itkMetaDataObject.h>
#include <swr/swr.h>

#include <cstdio>
#include <swr/itk.hpp>

using Series = itk::Image<short, 4>;

// Four axes: x, y, z and time. The values tell where they belong.
static Series::Pointer make_series() {
  auto series = Series::New();
  series->SetRegions(Series::SizeType{{64, 48, 20, 5}});
  const double spacing[4] = {0.5, 0.5, 2.0, 1.5}, origin[4] = {-16, -12, 30, 0};
  series->SetSpacing(spacing);
  series->SetOrigin(origin);
  series->Allocate();
  itk::ImageRegionIteratorWithIndex<Series> pixel(series, series->GetLargestPossibleRegion());
  for (; !pixel.IsAtEnd(); ++pixel) {
    const Series::IndexType at = pixel.GetIndex();
    pixel.Set(static_cast<short>(at[0] + 100 * at[2] + 2000 * at[3]));
  }
  itk::EncapsulateMetaData<std::string>(series->GetMetaDataDictionary(), "Sequence", "bold");
  itk::EncapsulateMetaData<int>(series->GetMetaDataDictionary(), "EchoTime", 30);
  return series;
}

int main(int argc, char** argv) {
  const Series::Pointer series = make_series();
  swr_writer* writer = swr_writer_create();
  const bool failed =
      swr_set_path(writer, argc > 1 ? argv[1] : "series.nii.gz") ||
      swr_set_image_from_itk(writer, series.GetPointer()) || /* the dictionary too */
      swr_set_compression(writer, "deflate", 1) || swr_set_memory_limit(writer, 16 << 20) ||
      swr_set_sync(writer, 1) || swr_write(writer, swr_pull_itk<Series>, series.GetPointer());
  if (failed) std::fprintf(stderr, "%s\n", swr_writer_message(writer));
  swr_writer_destroy(writer);
  return failed;
}

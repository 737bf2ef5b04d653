// Streams a file of 16-bit pixels, of any size, through an ITK filter into another file:
// itk_reader_stream in.mha out.nrrd [divisions] ITK reads uncompressed MetaImage piece by piece, so
// the memory does not grow with the file.
#include <itkGradientMagnitudeImageFilter.h>
#include <itkImageFileReader.h>
#include <itkVTKImageExport.h>
#include <swr/swr.h>
#include <swr/vtk.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

using Volume = itk::Image<unsigned short, 3>;

int main(int argc, char** argv) {
  if (argc < 3)
    return std::fprintf(stderr, "usage: itk_reader_stream in.mha out.nrrd [divisions]\n"), 2;
  auto reader = itk::ImageFileReader<Volume>::New();
  reader->SetFileName(argv[1]);
  auto gradient = itk::GradientMagnitudeImageFilter<Volume, Volume>::New();
  gradient->SetInput(reader->GetOutput());
  gradient->ReleaseDataBeforeUpdateFlagOn();
  auto exporter = itk::VTKImageExport<Volume>::New();
  exporter->SetInput(gradient->GetOutput());

  swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);
  swr_writer* writer = swr_writer_create();
  const bool failed = swr_set_path(writer, argv[2]) || swr_set_image_from_vtk(writer, &source) ||
                      swr_set_divisions(writer, argc > 3 ? std::atoi(argv[3]) : 100) ||
                      swr_write(writer, swr_pull_vtk, &source);
  if (failed) std::fprintf(stderr, "%s\n", swr_writer_message(writer));
  swr_writer_destroy(writer);
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory: %ld MiB\n", usage.ru_maxrss / 1024);
  return failed;
}

// Streams a VTK pipeline into a file, in ten pieces or as many as asked for: vtk_pipeline
// wavelet.mha [divisions]
#include <swr/swr.h>
#include <swr/vtk.h>
#include <vtkImageCast.h>
#include <vtkImageData.h>
#include <vtkImageExport.h>
#include <vtkImageGaussianSmooth.h>
#include <vtkNew.h>
#include <vtkRTAnalyticSource.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  vtkNew<vtkRTAnalyticSource> wavelet;
  wavelet->SetWholeExtent(0, 127, 0, 127, 0, 99);
  vtkNew<vtkImageGaussianSmooth> smooth;  // asks the wavelet for a margin around each piece
  smooth->SetInputConnection(wavelet->GetOutputPort());
  vtkNew<vtkImageCast> cast;
  cast->SetInputConnection(smooth->GetOutputPort());
  cast->SetOutputScalarTypeToUnsignedShort();
  vtkNew<vtkImageExport> exporter;
  exporter->SetInputConnection(cast->GetOutputPort());

  swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);
  swr_writer* writer = swr_writer_create();
  const bool failed = swr_set_path(writer, argc > 1 ? argv[1] : "wavelet.mha") ||
                      swr_set_image_from_vtk(writer, &source) ||
                      swr_set_divisions(writer, argc > 2 ? std::atoi(argv[2]) : 10) ||
                      swr_write(writer, swr_pull_vtk, &source);
  if (failed) std::fprintf(stderr, "%s\n", swr_writer_message(writer));
  swr_writer_destroy(writer);
  return failed;
}

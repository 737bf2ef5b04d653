// Streams an ITK pipeline into a file, in ten pieces or as many as asked for: itk_pipeline
// gradient.nrrd [divisions]
#include <itkGaussianImageSource.h>
#include <itkGradientMagnitudeImageFilter.h>
#include <swr/swr.h>

#include <cstdio>
#include <cstdlib>
#include <swr/itk.hpp>

using Volume = itk::Image<float, 3>;

int main(int argc, char** argv) {
  auto blob = itk::GaussianImageSource<Volume>::New();
  blob->SetSize({{128, 128, 100}});
  blob->SetMean(64.0);
  blob->SetSigma(20.0);
  blob->SetScale(1000.0);
  auto gradient = itk::GradientMagnitudeImageFilter<
      Volume, Volume>::New();  // asks the blob for a margin around each piece
  gradient->SetInput(blob->GetOutput());

  swr_writer* writer = swr_writer_create();
  const bool failed = swr_set_path(writer, argc > 1 ? argv[1] : "gradient.nrrd") ||
                      swr_set_image_from_itk(writer, gradient->GetOutput()) ||
                      swr_set_divisions(writer, argc > 2 ? std::atoi(argv[2]) : 10) ||
                      swr_write(writer, swr_pull_itk<Volume>, gradient->GetOutput());
  if (failed) std::fprintf(stderr, "%s\n", swr_writer_message(writer));
  swr_writer_destroy(writer);
  return failed;
}

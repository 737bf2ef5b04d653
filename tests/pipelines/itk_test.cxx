// ITK's own pipelines: PipelineMonitorImageFilter writes down what it is asked for,
// itk::VTKImageExport is at the end.
#include "swr/vtk.h"

#include <itkGaussianImageSource.h>
#include <itkImageFileReader.h>
#include <itkImageRegionConstIteratorWithIndex.h>
#include <itkMeanImageFilter.h>
#include <itkPipelineMonitorImageFilter.h>
#include <itkShiftScaleImageFilter.h>
#include <itkUnaryGeneratorImageFilter.h>
#include <itkVTKImageExport.h>

#include <string>

extern "C" {
#include "support/support.h"
}

namespace {

using Volume = itk::Image<short, 3>;
using Monitor = itk::PipelineMonitorImageFilter<Volume>;

// A volume that streams, turned in space.
itk::GaussianImageSource<Volume>::Pointer blob() {
  auto source = itk::GaussianImageSource<Volume>::New();
  source->SetSize({{24, 20, 40}});
  const double spacing[3] = {0.7, 0.8, 2.5}, origin[3] = {-10.5, 20.25, 30};
  source->SetSpacing(spacing);
  source->SetOrigin(origin);
  itk::Matrix<double, 3, 3> direction;
  const double rows[3][3] = {{0, -1, 0}, {1, 0, 0}, {0, 0, 1}};
  for (unsigned i = 0; i < 3; ++i) {
    for (unsigned j = 0; j < 3; ++j) direction(i, j) = rows[i][j];
  }
  source->SetDirection(direction);
  const double mean[3] = {-18, 28, 80};
  source->SetMean(mean);
  source->SetSigma(12.0);
  source->SetScale(10000.0);
  return source;
}

swr_writer* writer_for(const swr_vtk_callbacks& source, const char* path, int64_t divisions) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_image_from_vtk(w, &source));
  assert_ok(w, swr_set_divisions(w, divisions));
  return w;
}

template <typename Image>
swr_vtk_callbacks callbacks_of(itk::VTKImageExport<Image>& exporter) {
  return swr_vtk_callbacks_of(&exporter, Image::ImageDimension);
}

// What ITK reads from the file is what the pipeline computes in one piece, pixel by pixel and place
// by place.
template <typename Image>
void expect_same_image(Image* pipeline, const char* path) {
  pipeline->SetRequestedRegionToLargestPossibleRegion();
  pipeline->Update();
  auto reader = itk::ImageFileReader<Image>::New();
  reader->SetFileName(path);
  reader->Update();
  const Image* file = reader->GetOutput();
  assert_true(file->GetLargestPossibleRegion().GetSize() ==
              pipeline->GetLargestPossibleRegion().GetSize());
  for (itk::ImageRegionConstIteratorWithIndex<Image> it(pipeline,
                                                        pipeline->GetLargestPossibleRegion());
       !it.IsAtEnd(); ++it) {
    typename Image::PointType point;
    typename Image::IndexType index;
    pipeline->TransformIndexToPhysicalPoint(it.GetIndex(), point);
    assert_true(file->TransformPhysicalPointToIndex(point, index));
    assert_true(file->GetPixel(index) == it.Get());
  }
}

void filter_in_ten_divisions_is_asked_for_ten_pieces(void**) {
  auto source = blob();
  auto monitor = Monitor::New();
  monitor->SetInput(source->GetOutput());
  monitor->ClearPipelineOnGenerateOutputInformationOff();
  auto scale = itk::ShiftScaleImageFilter<Volume, Volume>::New();
  scale->SetInput(monitor->GetOutput());
  scale->SetShift(3);
  scale->SetScale(2);
  auto exporter = itk::VTKImageExport<Volume>::New();
  exporter->SetInput(scale->GetOutput());
  const swr_vtk_callbacks table = callbacks_of(*exporter);

  swr_writer* w = writer_for(table, "image.mha", 10);
  assert_int_equal(monitor->GetNumberOfUpdates(), 0);
  assert_ok(w, swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&table)));
  assert_true(monitor->VerifyAllInputCanStream(10));
  const auto asked = monitor->GetUpdatedRequestedRegions();
  assert_int_equal(asked.size(), 10);
  for (size_t i = 0; i < asked.size(); ++i) {
    swr_region piece;
    assert_ok(w, swr_get_split_region(w, static_cast<int64_t>(i), 10, &piece));
    for (unsigned axis = 0; axis < 3; ++axis) {
      assert_int_equal(asked[i].GetIndex(axis), piece.index[axis]);
      assert_int_equal(asked[i].GetSize(axis), piece.size[axis]);
    }
  }
  swr_writer_destroy(w);
  expect_same_image(scale->GetOutput(), "image.mha");
}

void filter_with_a_neighbourhood_asks_for_margins_never_for_the_whole(void**) {
  auto source = blob();
  auto monitor = Monitor::New();
  monitor->SetInput(source->GetOutput());
  monitor->ClearPipelineOnGenerateOutputInformationOff();
  auto mean = itk::MeanImageFilter<Volume, Volume>::New();
  mean->SetInput(monitor->GetOutput());
  mean->SetRadius(1);
  auto exporter = itk::VTKImageExport<Volume>::New();
  exporter->SetInput(mean->GetOutput());
  const swr_vtk_callbacks table = callbacks_of(*exporter);
  swr_writer* w = writer_for(table, "image.nrrd", 10);
  assert_ok(w, swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&table)));
  swr_writer_destroy(w);
  const auto asked = monitor->GetUpdatedRequestedRegions();
  assert_int_equal(asked.size(), 10);
  for (size_t i = 0; i < asked.size(); ++i)
    assert_int_equal(asked[i].GetSize(2), i == 0 || i == 9 ? 5 : 6);
  expect_same_image(mean->GetOutput(), "image.nrrd");
}

void part_of_a_volume_keeps_its_place_in_space(void**) {
  // The image begins at another index than zero: a region of interest taken out by a filter that
  // keeps indices.
  auto whole = blob();
  whole->Update();
  auto part = Volume::New();
  part->CopyInformation(whole->GetOutput());
  const Volume::RegionType region({{5, 3, 7}}, {{10, 9, 20}});
  part->SetRegions(region);
  part->Allocate();
  for (itk::ImageRegionIteratorWithIndex<Volume> it(part, region); !it.IsAtEnd(); ++it)
    it.Set(whole->GetOutput()->GetPixel(it.GetIndex()));
  auto exporter = itk::VTKImageExport<Volume>::New();
  exporter->SetInput(part);
  const swr_vtk_callbacks table = callbacks_of(*exporter);
  for (const char* path : {"part.mha", "part.nrrd", "part.nii"}) {
    swr_writer* w = writer_for(table, path, 4);
    assert_ok(w, swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&table)));
    swr_writer_destroy(w);
    expect_same_image(part.GetPointer(), path);
  }
}

void images_of_two_dimensions_and_colours_stream(void**) {
  using Colours = itk::Image<itk::RGBPixel<unsigned char>, 2>;
  auto image = Colours::New();
  image->SetRegions(itk::Size<2>{{31, 50}});
  image->Allocate();
  for (itk::ImageRegionIteratorWithIndex<Colours> it(image, image->GetLargestPossibleRegion());
       !it.IsAtEnd(); ++it) {
    const auto index = it.GetIndex();
    it.Value().Set(static_cast<unsigned char>(index[0]), static_cast<unsigned char>(index[1]),
                   static_cast<unsigned char>(index[0] * index[1]));
  }
  auto exporter = itk::VTKImageExport<Colours>::New();
  exporter->SetInput(image);
  const swr_vtk_callbacks table = callbacks_of(*exporter);
  swr_writer* w = writer_for(table, "colours.nrrd", 7);
  assert_ok(w, swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&table)));
  swr_writer_destroy(w);
  expect_same_image(image.GetPointer(), "colours.nrrd");
  swr_reader* r = swr_reader_create();
  swr_kind kind = SWR_KIND_SCALAR;
  swr_region region;
  assert_reader_ok(r, swr_reader_open(r, "colours.nrrd"));
  assert_reader_ok(r, swr_reader_get_pixel_type(r, nullptr, nullptr, &kind));
  assert_reader_ok(r, swr_reader_get_image_region(r, &region));
  assert_int_equal(kind, SWR_KIND_RGB);
  assert_int_equal(region.dimensions, 2);
  swr_reader_destroy(r);
}

void exception_of_a_filter_becomes_the_writers_message(void**) {
  auto source = blob();
  auto filter = itk::UnaryGeneratorImageFilter<Volume, Volume>::New();
  filter->SetInput(source->GetOutput());
  filter->SetNumberOfWorkUnits(1);
  filter->SetFunctor([](const short& value) -> short {
    if (value > 5000) itkGenericExceptionMacro("the blob is too bright");
    return value;
  });
  auto exporter = itk::VTKImageExport<Volume>::New();
  exporter->SetInput(filter->GetOutput());
  const swr_vtk_callbacks table = callbacks_of(*exporter);
  swr_writer* w = writer_for(table, "image.mha", 10);
  assert_status(w, SWR_ERROR_SOURCE,
                swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&table)));
  assert_says(swr_writer_message(w), "the blob is too bright");
  assert_file_count(0);
  swr_writer_destroy(w);
}

void exporter_without_an_input_is_refused(void**) {
  auto exporter = itk::VTKImageExport<Volume>::New();
  const swr_vtk_callbacks table = callbacks_of(*exporter);
  swr_writer* w = swr_writer_create();
  assert_status(w, SWR_ERROR_SOURCE, swr_set_image_from_vtk(w, &table));
  assert_says(swr_writer_message(w), "input");
  swr_writer_destroy(w);
}

}  // namespace

int main() {
  TEST(filter_in_ten_divisions_is_asked_for_ten_pieces);
  TEST(filter_with_a_neighbourhood_asks_for_margins_never_for_the_whole);
  TEST(part_of_a_volume_keeps_its_place_in_space);
  TEST(images_of_two_dimensions_and_colours_stream);
  TEST(exception_of_a_filter_becomes_the_writers_message);
  TEST(exporter_without_an_input_is_refused);
  return run_all_tests("pipelines: ITK");
}

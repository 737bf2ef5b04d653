// VTK's own pipelines: a source that records its requests, VTK's filters after it,
// vtkImageExport at the end.
#include "swr/vtk.h"

#include <vtkImageAlgorithm.h>
#include <vtkImageCast.h>
#include <vtkImageContinuousErode3D.h>
#include <vtkImageData.h>
#include <vtkImageExport.h>
#include <vtkImageShiftScale.h>
#include <vtkInformation.h>
#include <vtkInformationVector.h>
#include <vtkNew.h>
#include <vtkObjectFactory.h>
#include <vtkPointData.h>
#include <vtkStreamingDemandDrivenPipeline.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

extern "C" {
#include "support/support.h"
}

namespace {

using Extent = std::array<int, 6>;

constexpr Extent whole_extent{3, 26, -2, 17, 10, 49};
const swr_region whole_region = {3, 0, {3, -2, 10}, {24, 20, 40}};

short value_at(int x, int y, int z) {
  return static_cast<short>(31 * x + 7 * y * z - 11 * z);
}

// Computes value_at() for what it is asked for, and nothing else.
class Monitor : public vtkImageAlgorithm {
 public:
  static Monitor* New();
  vtkTypeMacro(Monitor, vtkImageAlgorithm);

  std::vector<Extent> asked;
  bool fails = false;

 protected:
  Monitor() { SetNumberOfInputPorts(0); }

  int RequestInformation(vtkInformation*, vtkInformationVector**,
                         vtkInformationVector* outputs) override {
    vtkInformation* info = outputs->GetInformationObject(0);
    const double spacing[3] = {0.7, 0.8, 2.5}, origin[3] = {-10.5, 20.25, 30},
                 direction[9] = {0, -1, 0, 1, 0, 0, 0, 0, 1};
    info->Set(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT(), whole_extent.data(), 6);
    info->Set(vtkDataObject::SPACING(), spacing, 3);
    info->Set(vtkDataObject::ORIGIN(), origin, 3);
    info->Set(vtkDataObject::DIRECTION(), direction, 9);
    info->Set(vtkAlgorithm::CAN_PRODUCE_SUB_EXTENT(), 1);
    vtkDataObject::SetPointDataActiveScalarInfo(info, VTK_SHORT, 1);
    return 1;
  }

  void ExecuteDataWithInformation(vtkDataObject* output, vtkInformation* info) override {
    Extent extent;
    info->Get(vtkStreamingDemandDrivenPipeline::UPDATE_EXTENT(), extent.data());
    asked.push_back(extent);
    vtkImageData* image = AllocateOutputData(output, info);
    short* pixel = static_cast<short*>(image->GetScalarPointer());
    for (int z = extent[4]; z <= extent[5]; ++z) {
      for (int y = extent[2]; y <= extent[3]; ++y) {
        for (int x = extent[0]; x <= extent[1]; ++x) *pixel++ = value_at(x, y, z);
      }
    }
  }

  int RequestData(vtkInformation* request, vtkInformationVector** inputs,
                  vtkInformationVector* outputs) override {
    return fails ? 0 : vtkImageAlgorithm::RequestData(request, inputs, outputs);
  }
};
vtkStandardNewMacro(Monitor);

Extent extent_of(const swr_region& region) {
  Extent extent;
  for (int axis = 0; axis < 3; ++axis) {
    extent[2 * axis] = static_cast<int>(region.index[axis]);
    extent[2 * axis + 1] = static_cast<int>(region.index[axis] + region.size[axis] - 1);
  }
  return extent;
}

swr_writer* writer_for(const swr_vtk_callbacks& source, const char* path, int64_t divisions) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_image_from_vtk(w, &source));
  assert_ok(w, swr_set_divisions(w, divisions));
  return w;
}

template <typename Pixel, typename Expected>
void expect_pixels(const char* path, const Expected& expected) {
  volume got = read_volume(path);
  assert_region_equal(&got.region, &whole_region);
  assert_int_equal(volume_pixel_bytes(&got), sizeof(Pixel));
  const auto* pixel = reinterpret_cast<const Pixel*>(got.bytes);
  for (int z = whole_extent[4]; z <= whole_extent[5]; ++z) {
    for (int y = whole_extent[2]; y <= whole_extent[3]; ++y) {
      for (int x = whole_extent[0]; x <= whole_extent[1]; ++x)
        assert_true(*pixel++ == expected(x, y, z));
    }
  }
  volume_free(&got);
}

void filter_in_ten_divisions_is_asked_for_ten_pieces(void**) {
  vtkNew<Monitor> monitor;
  vtkNew<vtkImageShiftScale> scale;
  scale->SetInputConnection(monitor->GetOutputPort());
  scale->SetShift(5);
  scale->SetScale(2);
  scale->SetOutputScalarTypeToFloat();
  vtkNew<vtkImageExport> exporter;
  exporter->SetInputConnection(scale->GetOutputPort());
  const swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);

  for (const char* path : {"image.mha", "image.nrrd"}) {
    monitor->asked.clear();
    monitor->Modified();
    swr_writer* w = writer_for(source, path, 10);
    assert_true(monitor->asked.empty());
    assert_ok(w, swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&source)));
    assert_int_equal(monitor->asked.size(), 10);
    for (int64_t i = 0; i < 10; ++i) {
      swr_region piece;
      assert_ok(w, swr_get_split_region(w, i, 10, &piece));
      assert_true(monitor->asked[static_cast<size_t>(i)] == extent_of(piece));
    }
    swr_writer_destroy(w);
    expect_pixels<float>(
        path, [](int x, int y, int z) { return (static_cast<float>(value_at(x, y, z)) + 5) * 2; });
  }
}

void geometry_of_the_pipeline_reaches_the_file(void**) {
  vtkNew<Monitor> monitor;
  vtkNew<vtkImageExport> exporter;
  exporter->SetInputConnection(monitor->GetOutputPort());
  const swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);
  swr_writer* w = writer_for(source, "image.mha", 3);
  assert_ok(w, swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&source)));
  swr_writer_destroy(w);

  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, "image.mha"));
  // The position of a pixel is the same for swr and for VTK.
  double spacing[3], origin[3], direction[9];
  assert_reader_ok(r, swr_reader_get_spacing(r, spacing, 3));
  assert_reader_ok(r, swr_reader_get_origin(r, origin, 3));
  assert_reader_ok(r, swr_reader_get_direction(r, direction, 9));
  monitor->UpdateWholeExtent();
  const int index[3] = {7, 3, 20};
  double expected[3];
  monitor->GetOutput()->TransformIndexToPhysicalPoint(index, expected);
  for (int row = 0; row < 3; ++row) {
    double at = origin[row];
    for (int axis = 0; axis < 3; ++axis)
      at += direction[3 * row + axis] * spacing[axis] * index[axis];
    assert_true(std::abs(at - expected[row]) < 1e-9);
  }
  swr_reader_destroy(r);
}

void filter_with_a_neighbourhood_asks_for_margins_never_for_the_whole(void**) {
  vtkNew<Monitor> monitor;
  vtkNew<vtkImageContinuousErode3D> erode;
  erode->SetInputConnection(monitor->GetOutputPort());
  erode->SetKernelSize(3, 3, 3);
  vtkNew<vtkImageCast> cast;
  cast->SetInputConnection(erode->GetOutputPort());
  cast->SetOutputScalarTypeToDouble();
  vtkNew<vtkImageExport> exporter;
  exporter->SetInputConnection(cast->GetOutputPort());
  const swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);
  swr_writer* w = writer_for(source, "image.nrrd", 10);
  assert_ok(w, swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&source)));
  assert_int_equal(monitor->asked.size(), 10);
  for (int i = 0; i < 10; ++i) {
    swr_region piece;
    assert_ok(w, swr_get_split_region(w, i, 10, &piece));
    Extent expected = extent_of(piece);
    expected[4] = std::max(expected[4] - 1, whole_extent[4]);
    expected[5] = std::min(expected[5] + 1, whole_extent[5]);
    assert_true(monitor->asked[static_cast<size_t>(i)] == expected);
  }
  swr_writer_destroy(w);
  cast->UpdateWholeExtent();
  vtkImageData* whole = cast->GetOutput();
  expect_pixels<double>("image.nrrd", [whole](int x, int y, int z) {
    return *static_cast<double*>(whole->GetScalarPointer(x, y, z));
  });
}

void pipeline_that_fails_leaves_no_file(void**) {
  vtkObject::GlobalWarningDisplayOff();
  vtkNew<Monitor> monitor;
  vtkNew<vtkImageExport> exporter;
  exporter->SetInputConnection(monitor->GetOutputPort());
  const swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);
  swr_writer* w = writer_for(source, "image.mha", 10);
  monitor->fails = true;
  const swr_status status = swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&source));
  assert_true(status == SWR_ERROR_SOURCE || status == SWR_ERROR_SOURCE_REGION);
  assert_file_count(0);
  swr_writer_destroy(w);
}

void image_in_memory_is_read_where_it_lies(void**) {
  vtkNew<Monitor> monitor;
  monitor->UpdateWholeExtent();
  vtkNew<vtkImageExport> exporter;
  exporter->SetInputData(monitor->GetOutput());
  const swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);
  swr_writer* w = writer_for(source, "image.mha", 10);
  assert_ok(w, swr_write(w, swr_pull_vtk, const_cast<swr_vtk_callbacks*>(&source)));
  int64_t pulls = 0;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PULLS, &pulls));
  assert_int_equal(pulls, 1);
  swr_writer_destroy(w);
  expect_pixels<short>("image.mha", value_at);
}

// Filled by hand, the table has VTK's own callback, which calls every buffer the whole image.
void extent_that_vtk_makes_up_is_refused(void**) {
  vtkNew<Monitor> monitor;
  vtkNew<vtkImageExport> exporter;
  exporter->SetInputConnection(monitor->GetOutputPort());
  swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);
  source.data_extent = exporter->GetDataExtentCallback();
  source.trusted = 0;
  swr_writer* w = writer_for(source, "image.mha", 10);
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, swr_pull_vtk, &source));
  assert_says(swr_writer_message(w), "trusted");
  assert_file_count(0);
  assert_ok(w, swr_set_divisions(w, 1));
  assert_ok(w, swr_write(w, swr_pull_vtk, &source));
  swr_writer_destroy(w);
  expect_pixels<short>("image.mha", value_at);
}

void exporter_without_an_input_is_refused(void**) {
  vtkObject::GlobalWarningDisplayOff();
  vtkNew<vtkImageExport> exporter;
  const swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);
  swr_writer* w = swr_writer_create();
  assert_int_not_equal(swr_set_image_from_vtk(w, &source), SWR_OK);
  assert_true(std::strlen(swr_writer_message(w)) > 0);
  swr_writer_destroy(w);
}

}  // namespace

int main() {
  TEST(filter_in_ten_divisions_is_asked_for_ten_pieces);
  TEST(geometry_of_the_pipeline_reaches_the_file);
  TEST(filter_with_a_neighbourhood_asks_for_margins_never_for_the_whole);
  TEST(pipeline_that_fails_leaves_no_file);
  TEST(image_in_memory_is_read_where_it_lies);
  TEST(extent_that_vtk_makes_up_is_refused);
  TEST(exporter_without_an_input_is_refused);
  return run_all_tests("pipelines: VTK");
}

// swr/itk.hpp: images of any dimension and vector images, from pipelines and from memory, with
// geometry and metadata.
#include "swr/itk.hpp"

#include <itkImageRegionIteratorWithIndex.h>
#include <itkImageSource.h>

#include <array>
#include <string>
#include <vector>

extern "C" {
#include "support/support.h"
}

namespace {

using Series = itk::Image<short, 4>;
using Vectors = itk::VectorImage<float, 3>;

// The value of component c at an index.
template <class Index>
int value_at(const Index& index, unsigned c) {
  int value = static_cast<int>(c) * 1000;
  for (unsigned axis = 0; axis < Index::Dimension; ++axis)
    value += static_cast<int>(index[axis]) * static_cast<int>(3 * axis + 1);
  return value;
}

template <class Image>
void fill(Image* image) {
  const unsigned components = image->GetNumberOfComponentsPerPixel();
  auto* number = image->GetBufferPointer();
  for (itk::ImageRegionIteratorWithIndex<Image> it(image, image->GetBufferedRegion());
       !it.IsAtEnd(); ++it) {
    for (unsigned c = 0; c < components; ++c)
      *number++ = static_cast<std::decay_t<decltype(*number)>>(value_at(it.GetIndex(), c));
  }
}

template <class Image>
void describe(Image* image) {
  typename Image::SpacingType spacing;
  typename Image::PointType origin;
  auto direction = image->GetDirection();
  for (unsigned axis = 0; axis < Image::ImageDimension; ++axis) {
    spacing[axis] = 0.5 + axis;
    origin[axis] = 10.0 * axis - 7;
  }
  direction(0, 0) = direction(1, 1) = 0;
  direction(0, 1) = -1;
  direction(1, 0) = 1;
  image->SetSpacing(spacing);
  image->SetOrigin(origin);
  image->SetDirection(direction);
}

// Computes value_at() for what it is asked for, and writes that down.
template <class Image>
class Computed : public itk::ImageSource<Image> {
 public:
  using Self = Computed;
  using Superclass = itk::ImageSource<Image>;
  using Pointer = itk::SmartPointer<Self>;
  itkNewMacro(Self);

  typename Image::RegionType whole;
  unsigned components = 0;
  bool fails = false;
  std::vector<typename Image::RegionType> asked;

 protected:
  void GenerateOutputInformation() override {
    this->GetOutput()->SetLargestPossibleRegion(whole);
    if (components) this->GetOutput()->SetNumberOfComponentsPerPixel(components);
    describe(this->GetOutput());
  }
  void GenerateData() override {
    if (fails) itkExceptionMacro(<< "the scanner is off");
    asked.push_back(this->GetOutput()->GetRequestedRegion());
    this->AllocateOutputs();
    fill(this->GetOutput());
  }
};

template <class Image>
swr_writer* writer_of(Image* image, const char* path, int64_t divisions) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_image_from_itk(w, image));
  assert_ok(w, swr_set_divisions(w, divisions));
  return w;
}

// The file has the image's region, and value_at() in every pixel.
template <class Number, unsigned N>
void expect_values(const char* path, const itk::ImageRegion<N>& region, unsigned components) {
  volume got = read_volume(path);
  const swr_region expected = swr_itk::region_of(region);
  assert_region_equal(&got.region, &expected);
  assert_int_equal(volume_pixel_bytes(&got), components * sizeof(Number));
  const auto* number = reinterpret_cast<const Number*>(got.bytes);
  itk::Index<N> index = region.GetIndex();
  for (size_t pixel = 0; pixel < region.GetNumberOfPixels(); ++pixel) {
    for (unsigned c = 0; c < components; ++c) assert_true(*number++ == value_at(index, c));
    for (unsigned axis = 0; axis < N; ++axis) {
      if (++index[axis] < region.GetIndex(axis) + static_cast<long>(region.GetSize(axis))) break;
      index[axis] = region.GetIndex(axis);
    }
  }
  volume_free(&got);
}

const Series::RegionType series_region({{3, -2, 10, 1}}, {{12, 11, 10, 9}});

void series_of_volumes_is_pulled_piece_by_piece(void**) {
  auto source = Computed<Series>::New();
  source->whole = series_region;
  for (const char* path : {"series.mha", "series.nii.gz"}) {
    source->asked.clear();
    source->Modified();
    swr_writer* w = writer_of(source->GetOutput(), path, 4);
    assert_int_equal(source->asked.size(), 0);
    assert_ok(w, swr_write(w, swr_pull_itk<Series>, source->GetOutput()));
    assert_int_equal(source->asked.size(), 3);  // 9 volumes, 3 at a time
    for (const auto& region : source->asked) assert_int_equal(region.GetSize(3), 3);
    swr_writer_destroy(w);
    expect_values<short>(path, series_region, 1);
  }
}

void vectors_of_any_length_are_pulled(void**) {
  auto source = Computed<Vectors>::New();
  source->whole = Vectors::RegionType({{0, 0, 0}}, {{9, 8, 7}});
  source->components = 5;
  swr_writer* w = writer_of(source->GetOutput(), "vectors.nrrd", 7);
  assert_ok(w, swr_write(w, swr_pull_itk<Vectors>, source->GetOutput()));
  assert_int_equal(source->asked.size(), 7);
  swr_writer_destroy(w);
  expect_values<float>("vectors.nrrd", source->whole, 5);
}

void geometry_is_the_same_for_both(void**) {
  auto source = Computed<Series>::New();
  source->whole = series_region;
  swr_writer* w = writer_of(source->GetOutput(), "series.mha", 2);
  assert_ok(w, swr_write(w, swr_pull_itk<Series>, source->GetOutput()));
  swr_writer_destroy(w);
  double spacing[4], origin[4], direction[16];
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, "series.mha"));
  assert_reader_ok(r, swr_reader_get_spacing(r, spacing, 4));
  assert_reader_ok(r, swr_reader_get_origin(r, origin, 4));
  assert_reader_ok(r, swr_reader_get_direction(r, direction, 16));
  const Series::IndexType index{{5, 3, 12, 4}};
  Series::PointType expected;
  source->GetOutput()->TransformIndexToPhysicalPoint(index, expected);
  for (unsigned row = 0; row < 4; ++row) {
    double at = origin[row];
    for (unsigned axis = 0; axis < 4; ++axis)
      at += direction[4 * row + axis] * spacing[axis] * static_cast<double>(index[axis]);
    assert_true(std::abs(at - expected[row]) < 1e-9);
  }
  swr_reader_destroy(r);
}

// What is in memory of a larger image is pasted, without a pipeline.
void part_in_memory_is_pasted(void**) {
  auto source = Computed<Vectors>::New();
  source->whole = Vectors::RegionType({{0, 0, 0}}, {{9, 8, 7}});
  source->components = 2;
  swr_writer* w = writer_of(source->GetOutput(), "part.mha", 1);
  assert_ok(w, swr_write(w, swr_pull_itk<Vectors>, source->GetOutput()));

  auto part = Vectors::New();
  const Vectors::RegionType held({{2, 3, 1}}, {{4, 3, 5}});
  part->SetLargestPossibleRegion(source->whole);
  part->SetBufferedRegion(held);
  part->SetNumberOfComponentsPerPixel(2);
  describe(part.GetPointer());
  part->Allocate();
  for (size_t i = 0; i < 2 * held.GetNumberOfPixels(); ++i) part->GetBufferPointer()[i] = -1;
  assert_ok(w, swr_set_image_from_itk(w, part.GetPointer()));
  assert_int_equal(part->GetLargestPossibleRegion().GetNumberOfPixels(), 9 * 8 * 7);
  const swr_region box = swr_itk::region_of(held);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, swr_pull_itk<Vectors>, part.GetPointer()));
  // What is not in memory cannot be written.
  const swr_region more = region_3d(2, 3, 1, 5, 3, 5);
  assert_ok(w, swr_set_paste_region(w, &more));
  assert_status(w, SWR_ERROR_SOURCE_REGION, swr_write(w, swr_pull_itk<Vectors>, part.GetPointer()));
  swr_writer_destroy(w);

  fill(part.GetPointer());
  w = writer_of(part.GetPointer(), "part.mha", 3);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, swr_pull_itk<Vectors>, part.GetPointer()));
  int64_t pulls = 0;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PULLS, &pulls));
  assert_int_equal(pulls, 1);  // all is in memory
  swr_writer_destroy(w);
  expect_values<float>("part.mha", source->whole, 2);
}

void dictionary_becomes_metadata(void**) {
  auto image = Series::New();
  image->SetRegions(series_region);
  image->Allocate();
  fill(image.GetPointer());
  auto& dictionary = image->GetMetaDataDictionary();
  itk::EncapsulateMetaData<std::string>(dictionary, "Study", "knee 7");
  itk::EncapsulateMetaData<double>(dictionary, "Dose", 0.1);
  itk::EncapsulateMetaData<unsigned short>(dictionary, "Bed", 12);
  itk::EncapsulateMetaData<std::string>(dictionary, "Empty", "");
  itk::EncapsulateMetaData<std::string>(dictionary, "ITK_InputFilterName", "another file's");
  itk::EncapsulateMetaData<std::array<int, 3>>(dictionary, "Odd", {{1, 2, 3}});
  swr_writer* w = writer_of(image.GetPointer(), "noted.mha", 2);
  std::vector<std::string> left_out;
  assert_ok(w, swr_set_metadata_from_itk(w, dictionary, &left_out));
  assert_int_equal(left_out.size(), 1);
  assert_string_equal(left_out[0].c_str(), "Odd");
  assert_ok(w, swr_write(w, swr_pull_itk<Series>, image.GetPointer()));
  swr_writer_destroy(w);

  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, "noted.mha"));
  int32_t count = 0;
  const char* value = nullptr;
  assert_reader_ok(r, swr_reader_get_metadata_count(r, &count));
  assert_int_equal(count, 3);
  const struct {
    const char *key, *value;
  } expected[] = {{"Study", "knee 7"}, {"Dose", "0.10000000000000001"}, {"Bed", "12"}};
  for (const auto& entry : expected) {
    assert_reader_ok(r, swr_reader_get_metadata(r, entry.key, &value));
    assert_non_null(value);
    assert_string_equal(value, entry.value);
  }
  swr_reader_destroy(r);
  expect_values<short>("noted.mha", series_region, 1);
}

template <class Pixel>
swr_kind kind_of() {
  return swr_itk::kind_of(static_cast<const Pixel*>(nullptr), 0);
}

void kinds_of_pixels_are_known(void**) {
  assert_int_equal(kind_of<short>(), SWR_KIND_SCALAR);
  assert_int_equal(kind_of<itk::RGBPixel<unsigned char>>(), SWR_KIND_RGB);
  assert_int_equal(kind_of<itk::RGBAPixel<unsigned char>>(), SWR_KIND_RGBA);
  assert_int_equal(kind_of<std::complex<float>>(), SWR_KIND_COMPLEX);
  assert_int_equal((kind_of<itk::Vector<float, 3>>()), SWR_KIND_VECTOR);
  assert_int_equal((kind_of<itk::CovariantVector<float, 3>>()), SWR_KIND_COVARIANT_VECTOR);
  assert_int_equal((kind_of<itk::SymmetricSecondRankTensor<float, 3>>()),
                   SWR_KIND_SYMMETRIC_TENSOR);
  assert_int_equal(kind_of<itk::DiffusionTensor3D<float>>(), SWR_KIND_SYMMETRIC_TENSOR);

  using Complex = itk::Image<std::complex<float>, 2>;
  auto image = Complex::New();
  image->SetRegions(itk::Size<2>{{5, 4}});
  image->Allocate(true);
  swr_writer* w = writer_of(image.GetPointer(), "complex.nrrd", 2);
  assert_ok(w, swr_write(w, swr_pull_itk<Complex>, image.GetPointer()));
  swr_writer_destroy(w);
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int32_t components = 0;
  swr_kind kind = SWR_KIND_SCALAR;
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, "complex.nrrd"));
  assert_reader_ok(r, swr_reader_get_pixel_type(r, &component, &components, &kind));
  assert_int_equal(component, SWR_FLOAT32);
  assert_int_equal(components, 2);
  assert_int_equal(kind, SWR_KIND_COMPLEX);
  swr_reader_destroy(r);
}

void pixels_that_no_file_has_are_refused(void**) {
  auto image = itk::Image<bool, 2>::New();
  image->SetRegions(itk::Size<2>{{5, 4}});
  swr_writer* w = swr_writer_create();
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_image_from_itk(w, image.GetPointer()));
  auto empty = Series::New();
  assert_status(w, SWR_ERROR_REGION, swr_set_image_from_itk(w, empty.GetPointer()));
  swr_writer_destroy(w);
}

void exception_of_a_pipeline_becomes_the_writers_message(void**) {
  auto source = Computed<Series>::New();
  source->whole = series_region;
  source->fails = true;
  swr_writer* w = writer_of(source->GetOutput(), "series.mha", 3);
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, swr_pull_itk<Series>, source->GetOutput()));
  assert_says(swr_writer_message(w), "the scanner is off");
  assert_file_count(0);
  swr_writer_destroy(w);
}

}  // namespace

int main() {
  TEST(series_of_volumes_is_pulled_piece_by_piece);
  TEST(vectors_of_any_length_are_pulled);
  TEST(geometry_is_the_same_for_both);
  TEST(part_in_memory_is_pasted);
  TEST(dictionary_becomes_metadata);
  TEST(kinds_of_pixels_are_known);
  TEST(pixels_that_no_file_has_are_refused);
  TEST(exception_of_a_pipeline_becomes_the_writers_message);
  return run_all_tests("pipelines: images of ITK");
}

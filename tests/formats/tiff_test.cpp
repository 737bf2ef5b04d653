// TIFF: what is planned is read back, files of other programs say what those wrote, pages are added
// to both, and files that lie are found out.
#include <algorithm>
#include <span>

#include "formats/tiff_directory.h"
#include "formats/tiff_text.h"
#include "header_checks.h"
#include "sample_checks.h"
#include "tiff_bytes.h"

namespace swr {
extern const Format tiff_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = tiff_format;

NewFile planned(const Image& image, const std::string& path, const Description* base = nullptr) {
  NewFileRequest request = request_for(format, path);
  request.base = base;
  return format.plan(image, request);
}

std::string bytes_of(const NewFile& plan, char pixel = 'p') {
  return plan.header + std::string(static_cast<size_t>(plan.layout.order.bytes()), pixel) +
         plan.trailer;
}

// Writes a file of that image and reads what it says.
Description written(const Image& image, const std::string& path) {
  const NewFile plan = planned(image, path);
  write_bytes(path, bytes_of(plan));
  const Description file = read_description(format, path);
  expect_equal(file.layout, plan.layout);
  expect_text(file.read_only, "");
  return file;
}

TiffPages pages_of(const std::string& path) {
  TiffFile file(std::make_shared<File>(path, File::Mode::read));
  return read_tiff_pages(file);
}

std::string sample_path(const std::string& name) {
  return SWR_TEST_DATA "/tiff/" + name;
}

// --- Files of other programs ---

template <typename Component>
Description expect_sample(const std::string& name, const PixelType& pixel,
                          const std::vector<int64_t>& size = {13, 7, 5}) {
  const Description file = read_description(format, sample_path(name));
  if (!(file.image.pixel == pixel)) stop(name + " has " + file.image.pixel.text());
  expect_size(file.image, size);
  expect_series<Component>(format, file);
  expect_text(file.read_only, "");
  return file;
}

PixelType scalar(swr_component component) {
  return {component, 1, SWR_KIND_SCALAR};
}

void files_of_other_programs_say_what_they_wrote(void**) {
  expect_sample<uint8_t>("stack_uint8.tif", scalar(SWR_UINT8));
  expect_sample<int8_t>("stack_int8.tif", scalar(SWR_INT8));
  expect_sample<uint16_t>("stack_uint16.tif", scalar(SWR_UINT16));
  expect_sample<int16_t>("stack_int16.tif", scalar(SWR_INT16));
  expect_sample<uint32_t>("stack_uint32.tif", scalar(SWR_UINT32));
  expect_sample<int32_t>("stack_int32.tif", scalar(SWR_INT32));
  expect_sample<float>("stack_float32.tif", scalar(SWR_FLOAT32));
  expect_sample<double>("stack_float64.tif", scalar(SWR_FLOAT64));
  expect_sample<uint16_t>("stack_be_uint16.tif", scalar(SWR_UINT16));
  expect_sample<uint16_t>("stack_big_uint16.tif", scalar(SWR_UINT16));
  expect_sample<uint16_t>("stack_shaped_uint16.tif", scalar(SWR_UINT16));
  expect_sample<uint16_t>("strips2_uint16.tif", scalar(SWR_UINT16));
  expect_sample<uint8_t>("rgb_uint8.tif", {SWR_UINT8, 3, SWR_KIND_RGB});
  expect_sample<uint8_t>("rgba_uint8.tif", {SWR_UINT8, 4, SWR_KIND_RGBA});
}

void planes_of_colours_are_read(void**) {
  const Description file =
      expect_sample<uint8_t>("rgb_planar_uint8.tif", {SWR_UINT8, 3, SWR_KIND_RGB});
  assert_int_equal(file.layout.order.component_axis, 2);
}

void spacing_of_imagej_is_in_the_unit_of_its_text(void**) {
  const Description file = expect_sample<uint16_t>("imagej_uint16.tif", scalar(SWR_UINT16));
  const double spacing[] = {0.7, 0.8, 2.5};
  for (int axis = 0; axis < 3; ++axis) {
    expect_float(file.image.spacing[axis], spacing[axis]);
    assert_int_equal(file.image.units[axis], SWR_UNIT_MILLIMETRE);
  }
}

void sizes_and_lengths_of_ome_are_read(void**) {
  const Description zyx = expect_sample<uint16_t>("ome_zyx_uint16.ome.tif", scalar(SWR_UINT16));
  const double spacing[] = {0.7, 0.8, 2.5};
  for (int axis = 0; axis < 3; ++axis) {
    expect_near(zyx.image.spacing[axis], spacing[axis]);
    assert_int_equal(zyx.image.units[axis], SWR_UNIT_MICROMETRE);
  }
  expect_sample<uint8_t>("ome_czyx_uint8.ome.tif", scalar(SWR_UINT8), {13, 7, 5, 2});
}

// ImageJ writes one directory for all pages of a file above 4 GiB.
void one_directory_stands_for_all_pages_of_imagej(void**) {
  const auto file_of = [](int64_t directory_at_front) {
    TiffBytes file({false, true});
    if (!directory_at_front) file.add(std::string(60, 'p'));
    std::vector<TiffTag> tags = {
        {tiff_tag::width, TiffType::u16, {5}},
        {tiff_tag::height, TiffType::u16, {4}},
        {tiff_tag::bits, TiffType::u16, {8}},
        {tiff_tag::description, TiffType::text, {}, "ImageJ=1.53t\nimages=3\nslices=3\n"},
        {tiff_tag::strip_offsets, TiffType::u32, {directory_at_front ? 4096U : 8U}},
        {tiff_tag::rows_per_strip, TiffType::u16, {4}},
        {tiff_tag::strip_bytes, TiffType::u32, {20}}};
    file.add_directory(tags);
    std::string bytes = file.bytes();
    if (directory_at_front) bytes.resize(4096 + 60, 'p');
    return bytes;
  };
  const Description file = read_text(format, "one.tif", file_of(1));
  expect_size(file.image, {5, 4, 3});
  assert_int_equal(file.layout.parts.size(), 1);
  assert_int_equal(file.layout.parts[0].bytes, 60);
  Image grown = file.image;
  grown.region.size[2] = 4;
  assert_false(format.grow("one.tif", file, grown).has_value());
  // the pixels would end after the file: it is a single page
  expect_size(read_text(format, "one.tif", file_of(1).substr(0, 4096 + 59)).image, {5, 4});
  expect_size(read_text(format, "one.tif", file_of(0)).image, {5, 4, 3});
}

// Pages of one pixel, numbered from 0.
std::string ome_file(int pages, const std::string& xml) {
  TiffBytes file({});
  std::vector<uint64_t> places;
  for (int page = 0; page < pages; ++page)
    places.push_back(static_cast<uint64_t>(file.add(std::string(1, static_cast<char>(page)))));
  for (const uint64_t place : places) {
    std::vector<TiffTag> tags = {{tiff_tag::width, TiffType::u16, {1}},
                                 {tiff_tag::height, TiffType::u16, {1}},
                                 {tiff_tag::bits, TiffType::u16, {8}}};
    if (place == places[0]) tags.push_back({tiff_tag::description, TiffType::text, {}, xml});
    tags.push_back({tiff_tag::strip_offsets, TiffType::u32, {place}});
    tags.push_back({tiff_tag::strip_bytes, TiffType::u32, {1}});
    file.add_directory(tags);
  }
  return file.bytes();
}

std::string ome_of(const std::string& sizes, const std::string& planes) {
  return "<?xml version='1.0'?><!-- <Pixels> --><ome:OME xmlns:ome='x'><ome:Image ID='Image:0'>"
         "<ome:Pixels ID='Pixels:0' Type='uint8' SizeX='1' SizeY='1' " +
         sizes + " PhysicalSizeZ='3' TimeIncrement='250' TimeIncrementUnit='ms'>" + planes +
         "</ome:Pixels></ome:Image></ome:OME>";
}

void planes_of_ome_are_in_the_order_that_it_says(void**) {
  const std::string sizes = "DimensionOrder='XYTZC' SizeZ='3' SizeC='1' SizeT='2'";
  // every second page is of the second time
  const std::string planes =
      "<TiffData IFD='0' FirstZ='0' FirstT='0'/><TiffData IFD='1' FirstZ='1' FirstT='0'/>"
      "<TiffData IFD='2' FirstZ='2'/><TiffData IFD='3' FirstT='1'/>"
      "<TiffData IFD='4' FirstT='1' FirstZ='1'/><TiffData IFD='5' FirstT='1' FirstZ='2'/>";
  const Description file = read_text(format, "planes.ome.tif", ome_file(6, ome_of(sizes, planes)));
  expect_size(file.image, {1, 1, 2, 3});
  expect_near(file.image.spacing[2], 0.25);
  assert_int_equal(file.image.units[2], SWR_UNIT_MILLISECOND);
  expect_near(file.image.spacing[3], 0.003);
  const auto pixels = pixels_of(format, file);
  const int expected[] = {0, 3, 1, 4, 2, 5};
  for (size_t i = 0; i < 6; ++i) assert_int_equal(static_cast<int>(pixels[i]), expected[i]);
  Image grown = file.image;
  grown.region.size[3] = 4;
  assert_false(format.grow("planes.ome.tif", file, grown).has_value());
}

void ome_of_several_images_is_refused(void**) {
  std::string xml = ome_of("DimensionOrder='XYZTC' SizeZ='2' SizeC='1' SizeT='1'", "");
  xml = with(xml, "</ome:Image>", "</ome:Image><ome:Image ID='Image:1'/>");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"two.ome.tif", "2 images"},
                 [&] { read_text(format, "two.ome.tif", ome_file(2, xml)); });
}

void ome_that_does_not_fit_the_pages_is_not_believed(void**) {
  const std::string right = "DimensionOrder='XYZTC' SizeZ='3' SizeC='1' SizeT='2'";
  const auto size_of_file = [](const std::string& xml) {
    return read_text(format, "lie.ome.tif", ome_file(6, xml)).image.dimensions();
  };
  assert_int_equal(size_of_file(ome_of(right, "")), 4);
  assert_int_equal(size_of_file(ome_of(right, "<TiffData IFD='0' PlaneCount='6'/>")), 4);
  for (const char* const lie : {"SizeZ='4'", "SizeZ='9223372036854775807'", "SizeZ='0'",
                                "SizeZ='-3'", "SizeZ='x'", "SizeZ"})
    assert_int_equal(size_of_file(ome_of(with(right, "SizeZ='3'", lie), "")), 3);
  assert_int_equal(size_of_file(ome_of(with(right, "XYZTC", "XYZZZ"), "")), 3);
  // not well-formed
  assert_int_equal(size_of_file(ome_of(right, "") + "<unfinished a='OME>"), 3);
  assert_int_equal(size_of_file("<!DOCTYPE a [<!ENTITY b 'c'>]>" + ome_of(right, "").substr(21)),
                   3);
}

void metadata_that_xml_cannot_hold_is_left_out_of_ome(void**) {
  Image image = an_image({4, 4});
  image.set_metadata("control", "a\x01z");
  image.set_metadata("latin", "a\xe9z");
  image.set_metadata("good", "\xc3\xa9 --> <a> & --- \t end-");
  const NewFile plan = planned(image, "metadata.ome.tif");
  assert_int_equal(plan.remarks.size(), 2);
  write_bytes("metadata.ome.tif", bytes_of(plan));
  const Image read = read_description(format, "metadata.ome.tif").image;
  assert_int_equal(read.metadata.size(), 1);
  expect_text(*read.find_metadata("good"), *image.find_metadata("good"));
  assert_int_equal(planned(image, "metadata.tif").remarks.size(), 0);
}

// --- New files ---

void every_type_comes_back_or_is_refused(void**) {
  for (const TypeOfPixel& type : all_types_of_pixel()) {
    const Image image = an_image({5, 4, 3}, type.component, type.components, type.kind);
    const bool is_wide = type.component == SWR_UINT64 || type.component == SWR_INT64;
    if (is_wide || type.kind == SWR_KIND_COMPLEX) {
      expect_failure(SWR_ERROR_UNSUPPORTED, {"type.tif", "pixels of"},
                     [&] { planned(image, "type.tif"); });
    } else {
      expect_equal(written(image, "type.tif").image, image);
    }
  }
}

void every_shape_comes_back(void**) {
  for (const auto& size : std::vector<std::vector<int64_t>>{{5, 4},
                                                            {5, 4, 1},
                                                            {5, 4, 3},
                                                            {1, 1, 1, 1},
                                                            {5, 4, 3, 2},
                                                            {5, 4, 1, 2},
                                                            {3, 1, 2, 2, 3, 1, 2},
                                                            std::vector<int64_t>(16, 1)}) {
    for (const char* const path : {"shape.tif", "shape.btf", "shape.ome.tif"}) {
      const Image image = an_image(size, SWR_UINT8);
      expect_equal(written(image, path).image, image);
    }
  }
}

Image described() {
  Image image = an_image({5, 4, 3});
  set_oblique_geometry(image);
  image.region.index = {-3, 7, 100};
  image.units = {SWR_UNIT_MICROMETRE, SWR_UNIT_NONE, SWR_UNIT_SECOND};
  image.scale = {2.5, -1024, true};
  image.set_metadata("Modality", "MR");
  image.set_metadata("unit", "a=b\nslices=7\n\\u12");
  return image;
}

void expect_described(const Image& read, const Image& image) {
  expect_equal(read, image);
  assert_true(read.region == image.region);
  for (int axis = 0; axis < 3; ++axis) {
    assert_true(read.spacing[axis] == image.spacing[axis]);
    assert_int_equal(read.units[axis], image.units[axis]);
  }
  assert_true(read.scale == image.scale);
}

void all_that_an_image_says_comes_back(void**) {
  for (const char* const path : {"all.tif", "all.ome.tif"})
    expect_described(written(described(), path).image, described());
}

struct OmeUnit {
  swr_unit unit;
  const char* length;  // 0.0005 mm or s in OME-XML
};
constexpr OmeUnit ome_units[] = {
    {SWR_UNIT_NONE, R"("5e-04" PhysicalSizeXUnit="mm")"},
    {SWR_UNIT_METRE, R"("5e-07" PhysicalSizeXUnit="m")"},
    {SWR_UNIT_CENTIMETRE, R"("5e-05" PhysicalSizeXUnit="cm")"},
    {SWR_UNIT_MILLIMETRE, R"("5e-04" PhysicalSizeXUnit="mm")"},
    {SWR_UNIT_MICROMETRE, "\"0.5\" PhysicalSizeXUnit=\"\xc2\xb5m\""},
    {SWR_UNIT_NANOMETRE, R"("500" PhysicalSizeXUnit="nm")"},
    {SWR_UNIT_INCH, R"(" PhysicalSizeXUnit="in")"},
    {SWR_UNIT_ANGSTROM, "\"5e-04\" PhysicalSizeXUnit=\"\xc3\x85\""},
    {SWR_UNIT_SECOND, R"("5e-04" TimeIncrementUnit="s")"},
    {SWR_UNIT_MILLISECOND, R"("0.5" TimeIncrementUnit="ms")"},
    {SWR_UNIT_MICROSECOND, "\"500\" TimeIncrementUnit=\"\xc2\xb5s\""},
};

void ome_states_each_axis_in_its_unit(void**) {
  for (const OmeUnit& expected : ome_units) {
    const int axis = quantity_of(expected.unit) == Quantity::time ? 3 : 0;
    Image image = an_image({5, 4, 3, 2});
    image.spacing = {0.7, 0.8, 2.5, 0.1};
    image.spacing[axis] = 0.0005;
    image.units[axis] = expected.unit;
    const Description file = written(image, "units.ome.tif");
    assert_true(file.image.spacing == image.spacing);
    assert_true(file.image.units == image.units);
    const std::string text = pages_of("units.ome.tif").description;
    assert_non_null(strstr(text.c_str(), expected.length));
    // the text of a program without swr's notes
    const std::string others = text.substr(0, text.find("<!--swr")) + "</OME>";
    const auto ome = read_ome(others);
    assert_true((axis == 0 ? ome->spacing[0] : ome->time_step) == 0.0005);
    if (expected.unit != SWR_UNIT_NONE)
      assert_int_equal(axis == 0 ? ome->units[0] : ome->time_unit, expected.unit);
    Image grown = image;
    grown.region.size[3] = 4;
    const auto more = grown_tiff_text(text, grown, 12);
    assert_true(more.has_value());
    assert_non_null(strstr(more->c_str(), expected.length));
  }
}

// For some of these lengths no double in inches gives the last bit, which swr's notes have.
void lengths_come_back_exactly_from_any_unit_of_ome(void**) {
  for (const OmeUnit& row : ome_units) {
    if (quantity_of(row.unit) != Quantity::length) continue;
    for (int i = 1; i < 40; ++i) {
      Image image = an_image({5, 4, 3});
      for (int axis = 0; axis < 3; ++axis) image.spacing[axis] = (axis + 1) / (i * 1.7);
      image.set_space_unit(row.unit);
      assert_true(written(image, "exact.ome.tif").image.spacing == image.spacing);
    }
    Image image = an_image({5, 4, 3});
    image.set_space_unit(row.unit);
    image.spacing = {1e305, 1e-300, 1};
    assert_true(written(image, "exact.ome.tif").image.spacing == image.spacing);
  }
}

void place_in_space_of_a_plane_comes_back(void**) {
  Image image = an_image({5, 4});
  Placement place;
  place.direction = {0, 0, 1, 1, 0, 0, 0, 1, 0};
  place.spacing = {1, 1, 3};
  place.origin = {1.5, 2.5, 3.5};
  image.placement = place;
  const Image read = written(image, "plane.tif").image;
  assert_true(read.placement && read.placement->direction == place.direction);
  assert_true(read.placement->spacing == place.spacing && read.placement->origin == place.origin);
}

void spacing_is_in_the_tags_and_the_text(void**) {
  Image image = an_image({5, 4, 3});
  image.spacing[0] = 0.7;
  image.spacing[1] = 1.0 / 3;
  image.spacing[2] = 2.5;
  written(image, "spacing.tif");
  const TiffPages pages = pages_of("spacing.tif");
  assert_int_equal(pages.resolution_unit, 3);
  expect_near(pages.resolution[0], 10 / 0.7);
  expect_near(pages.resolution[1], 30);
  const TiffText text = tiff_text_of(pages.description);
  expect_text(text.unit, "cm");
  expect_near(text.spacing, 0.25);
  assert_int_equal(text.images, 3);
  assert_int_equal(text.slices, 3);
}

// No fraction of 32 bits says these: they have no unit, which no program takes for a length.
void spacing_without_a_fraction_is_in_the_notes_alone(void**) {
  for (const double spacing : {1e-12, 1e300, -0.5}) {
    Image image = an_image({5, 4, 3});
    image.spacing[0] = spacing;
    image.spacing[2] = 2;
    assert_true(written(image, "odd.tif").image.spacing[0] == spacing);
    assert_int_equal(pages_of("odd.tif").resolution_unit, 1);
    assert_true(read_description(format, "odd.tif").image.spacing[2] == 2);
  }
}

// Another program has changed the tags: the note is not true any more.
void tags_count_more_than_notes(void**) {
  Image image = an_image({5, 4, 3});
  image.spacing[0] = 0.5;
  const NewFile plan = planned(image, "tags.tif");
  std::string bytes = bytes_of(plan);
  const std::string twenty("\x14\0\0\0\1\0\0\0", 8), forty("\x28\0\0\0\1\0\0\0", 8);
  bytes.replace(bytes.find(twenty), 8, forty);
  const Image read = read_text(format, "tags.tif", bytes).image;
  expect_near(read.spacing[0], 0.25);
  expect_near(read.spacing[1], 1);
  expect_near(read.spacing[2], 1);
}

void pages_are_one_stretch_with_a_directory_each(void**) {
  for (const char* const path : {"layout.tif", "layout.btf"}) {
    written(an_image({5, 3, 4}), path);
    const TiffPages pages = pages_of(path);
    assert_int_equal(pages.numbers.big, std::string(path).ends_with(".btf"));
    assert_int_equal(pages.pages.size(), 4);
    for (size_t page = 0; page < 4; ++page) {
      assert_int_equal(pages.places[page].offset, 4096 + 30 * page);
      assert_int_equal(pages.places[page].bytes, 30);
      assert_int_equal(pages.pages[page].subfile_type, 2);
    }
  }
}

void large_files_are_big_and_have_strips_that_others_read(void**) {
  const int64_t gib = int64_t{1} << 30;
  const auto is_big = [](const NewFile& plan) { return plan.header[2] == 43; };
  assert_false(is_big(planned(an_image({32768, 32768, 3}, SWR_UINT8), "large.tif")));
  assert_true(is_big(planned(an_image({32768, 32768, 4}, SWR_UINT8), "large.tif")));
  const NewFile plan = planned(an_image({1 << 16, 1 << 16}, SWR_UINT8), "large.tif");
  assert_true(is_big(plan));
  const std::string wanted = plan.header + plan.trailer;
  // the last bytes of a sparse file of that size
  write_bytes("large.tif", plan.header);
  {
    File file("large.tif", File::Mode::change);  // Windows' C library has files of 2 GiB
    file.resize(4096 + 4 * gib);
    file.write_at(4096 + 4 * gib, std::as_bytes(std::span(plan.trailer)));
  }
  const TiffPages pages = pages_of("large.tif");
  assert_int_equal(pages.places.size(), 3);
  assert_in_range(pages.places[0].bytes, 1, (int64_t{1} << 31) - 1);
  const Description file = read_description(format, "large.tif");
  assert_int_equal(file.layout.parts.size(), 1);
  assert_int_equal(file.layout.parts[0].bytes, 4 * gib);
  std::filesystem::remove("large.tif");
}

void what_tiff_cannot_hold_is_refused(void**) {
  const auto refused = [](const Image& image, const std::string& words) {
    expect_failure(SWR_ERROR_UNSUPPORTED, {"refused.tif", words},
                   [&] { planned(image, "refused.tif"); });
  };
  refused(an_image({4}), "1 dimensions");
  refused(an_image({4, int64_t{1} << 31}), "31 bits");
  refused(an_image({int64_t{1} << 30, 1}, SWR_FLOAT64), "rows of");
  refused(an_image({4, 4, (int64_t{1} << 20) + 1}), "1048577 pages");
  refused(an_image({4, 4}, SWR_UINT8, 65536, SWR_KIND_VECTOR), "65536 components");
}

void metadata_that_it_cannot_hold_is_left_out(void**) {
  Image image = an_image({4, 4});
  image.set_metadata("zero", std::string("a\0b", 3));
  image.set_metadata("good", "b");
  const NewFile plan = planned(image, "metadata.tif");
  assert_int_equal(plan.remarks.size(), 1);
  expect_text(plan.remarks[0].metadata, "zero");
  write_bytes("metadata.tif", bytes_of(plan));
  assert_int_equal(read_description(format, "metadata.tif").image.metadata.size(), 1);
}

void stacks_that_itk_reads_wrongly_are_remarked(void**) {
  const auto remarks = [](std::vector<int64_t> size, swr_component component) {
    return planned(an_image(std::move(size), component), "itk.tif").remarks.size();
  };
  assert_int_equal(remarks({4, 4, 4}, SWR_INT32), 1);
  assert_int_equal(remarks({4, 4, 4}, SWR_UINT32), 1);
  assert_int_equal(remarks({4, 4}, SWR_INT32), 0);
  assert_int_equal(remarks({4, 4, 4}, SWR_UINT16), 0);
}

// --- Files that are rewritten ---

void tags_of_the_first_page_stay(void**) {
  for (const bool big_endian : {false, true}) {
    TiffBytes old({false, big_endian});
    const auto at = static_cast<uint64_t>(old.add(std::string(24, 'p')));
    old.add_directory({{tiff_tag::width, TiffType::u16, {4}},
                       {tiff_tag::height, TiffType::u16, {3}},
                       {tiff_tag::bits, TiffType::u16, {16}},
                       {tiff_tag::photometric, TiffType::u16, {0}},
                       {tiff_tag::strip_offsets, TiffType::u32, {at}},
                       {tiff_tag::strip_bytes, TiffType::u32, {24}},
                       {tiff_tag::software, TiffType::text, {}, std::string("a program\0", 10)},
                       {65000, TiffType::rational, {258, 3}}});
    const Description file = read_text(format, "old.tif", old.bytes());
    assert_int_equal(file.header->own_fields().size(), 2);
    write_bytes("new.tif", bytes_of(planned(file.image, "new.tif", &file)));
    TiffFile read(std::make_shared<File>("new.tif", File::Mode::read));
    const TiffDirectory first = read.directory(read.first_directory(), 0);
    expect_text(read.text(*first.find(tiff_tag::software), 100), "a program");
    expect_near(read.real(*first.find(65000)), 86);
    assert_int_equal(read.whole(*first.find(tiff_tag::photometric)), 0);
    const Description again = read_description(format, "new.tif");
    expect_text(difference(again.image, file.image, true), "");
  }
}

void what_is_lost_is_remarked(void**) {
  TiffBytes old({});
  const auto at = static_cast<uint64_t>(old.add(std::string(12, 'p')));
  old.add_directory({{tiff_tag::width, TiffType::u16, {4}},
                     {tiff_tag::height, TiffType::u16, {3}},
                     {tiff_tag::bits, TiffType::u16, {8}},
                     {tiff_tag::description, TiffType::text, {}, "a photograph"},
                     {tiff_tag::strip_offsets, TiffType::u32, {at}},
                     {tiff_tag::strip_bytes, TiffType::u32, {12}},
                     {34665, TiffType::u32, {8}}});
  const Description file = read_text(format, "old.tif", old.bytes());
  assert_int_equal(planned(file.image, "new.tif", &file).remarks.size(), 2);
}

// What a description says that swr does not write is told where it is replaced.
void fields_of_other_descriptions_are_remarked(void**) {
  const auto losses = [](const std::string& description, uint64_t pages) {
    TiffBytes old({});
    for (uint64_t page = 0; page < pages; ++page) {
      const auto at = static_cast<uint64_t>(old.add(std::string(12, 'p')));
      old.add_directory({{tiff_tag::width, TiffType::u16, {4}},
                         {tiff_tag::height, TiffType::u16, {3}},
                         {tiff_tag::bits, TiffType::u16, {8}},
                         {tiff_tag::description, TiffType::text, {}, description},
                         {tiff_tag::strip_offsets, TiffType::u32, {at}},
                         {tiff_tag::strip_bytes, TiffType::u32, {12}}});
    }
    const Description file = read_text(format, "old.tif", old.bytes());
    return planned(file.image, "new.tif", &file).remarks.size();
  };
  assert_int_equal(losses("{\"shape\": [3, 4]}", 1), 0);
  assert_int_equal(losses("{\"shape\": [3, 4], \"truncated\": true}", 1), 0);
  assert_int_equal(losses("{\"shape\": [3, 4], \"Patient\": \"X\"}", 1), 1);
  assert_int_equal(losses("ImageJ=1.53t\nimages=4\nslices=4\n", 4), 0);
  assert_int_equal(losses("ImageJ=1.53t\nimages=4\nchannels=2\nslices=2\n", 4), 1);
}

// --- Growth ---

// The file after growing the slowest axis, with new pixels of 'q'; empty if it does not grow.
std::string grown_file(const std::string& path, int64_t size) {
  const Description file = read_description(format, path);
  Image grown = file.image;
  grown.region.size[grown.dimensions() - 1] = size;
  const auto growth = format.grow(path, file, grown);
  if (!growth) return "";
  std::string bytes = read_bytes(path);
  const DataPart& last = file.layout.parts.back();
  if (growth->more) {
    assert_true(growth->more->offset >= std::ssize(bytes));
    bytes.resize(static_cast<size_t>(growth->more->offset), '\0');
  } else {
    bytes.resize(static_cast<size_t>(last.offset + last.bytes));
  }
  bytes.append(static_cast<size_t>(grown.bytes() - file.image.bytes()), 'q');
  bytes += growth->trailer;
  for (const HeaderPatch& patch : growth->patches)
    bytes.replace(static_cast<size_t>(patch.offset), patch.bytes.size(), patch.bytes);
  write_bytes("grown.tif", bytes);
  const Description read = read_description(format, "grown.tif");
  expect_equal(read.image, grown);
  const auto old_pixels = pixels_of(format, file), pixels = pixels_of(format, read);
  assert_true(std::equal(old_pixels.begin(), old_pixels.end(), pixels.begin()));
  assert_true(std::all_of(pixels.begin() + std::ssize(old_pixels), pixels.end(),
                          [](std::byte b) { return b == std::byte{'q'}; }));
  return bytes;
}

void own_files_stay_one_stretch(void**) {
  for (const auto& size :
       std::vector<std::vector<int64_t>>{{5, 3}, {5, 3, 1}, {5, 3, 4}, {5, 3, 2, 2}}) {
    for (const char* const path : {"own.tif", "own.btf", "own.ome.tif"}) {
      written(an_image(size, SWR_UINT8), path);
      assert_false(grown_file(path, 6).empty());
      Image grown = an_image(size, SWR_UINT8);
      grown.region.size[grown.dimensions() - 1] = 6;
      // as it would be written anew
      const NewFile plan = planned(grown, path);
      const std::string file = read_bytes("grown.tif");
      assert_true(file.substr(0, 4096) == plan.header);
      assert_true(file.ends_with(plan.trailer));
    }
  }
}

// tifffile would read the new page from where the old ones are (tests/foreign/test_tiff.py).
void pages_that_tifffile_would_not_find_are_not_appended(void**) {
  const std::string path = sample_path("stack_shaped_uint16.tif");
  expect_text(grown_file(path, 6), "");
  assert_false(grown_file(path, 8).empty());
}

void own_file_with_all_that_it_can_say_grows(void**) {
  for (const char* const path : {"own.tif", "own.ome.tif"}) {
    written(described(), path);
    assert_false(grown_file(path, 9).empty());
    Image grown = described();
    grown.region.size[2] = 9;
    expect_described(read_description(format, "grown.tif").image, grown);
  }
}

// The directories of all pages are not written again for each slice of a long stack.
void few_pages_are_appended_to_many_of_ones_own(void**) {
  for (const char* const path : {"own.tif", "own.btf", "own.ome.tif"}) {
    Image image = described();
    image.region.size = {4, 4, 999};
    written(image, path);
    const std::string step = std::string("step.") + (path + 4);
    write_bytes(step, read_bytes(path));
    for (const int64_t size : {1000, 10001}) {
      const Description file = read_description(format, step);
      Image grown = image;
      grown.region.size[2] = size;
      const auto growth = format.grow(step, file, grown);
      assert_true(growth && growth->more.has_value());
      if (size == 1000) assert_in_range(growth->trailer.size(), 1, 1000);
      assert_false(grown_file(step, size).empty());
      expect_described(read_description(format, "grown.tif").image, grown);
      const TiffText text = tiff_text_of(pages_of("grown.tif").description);
      assert_int_equal(text.ome ? text.ome->axes[0].size : text.slices, size);
      write_bytes(step, read_bytes("grown.tif"));
    }
  }
}

// All bytes after the pixels are directories; those that a program has added are not swr's.
void bytes_of_no_directory_are_others(void**) {
  const auto other_bytes = [](const std::string& path) {
    OpenFiles files(File::Mode::read);
    return read_image(format, path, files).other_bytes;
  };
  for (const char* const path : {"own.tif", "own.btf", "own.ome.tif"}) {
    written(an_image({5, 3, 4}, SWR_UINT8), path);
    assert_int_equal(other_bytes(path), 0);
    write_bytes(path, read_bytes(path) + "added");
    assert_int_equal(other_bytes(path), 5);
    assert_true(grown_file(path, 6).find("added") != std::string::npos);
  }
  for (const char* const name : {"stack_uint8.tif", "stack_big_uint16.tif", "imagej_uint16.tif"})
    assert_int_equal(other_bytes(sample_path(name)), 0);
}

void own_file_does_not_grow_beyond_its_class(void**) {
  const Description file = written(an_image({1024, 1024, 2}), "own.tif");
  Image grown = file.image;
  grown.region.size[2] = 2047;
  assert_true(format.grow("own.tif", file, grown).has_value());
  grown.region.size[2] = 2048;
  assert_false(format.grow("own.tif", file, grown).has_value());
}

void pages_are_appended_to_files_of_other_programs(void**) {
  for (const char* const name :
       {"stack_uint8.tif", "stack_uint16.tif", "stack_be_uint16.tif", "stack_big_uint16.tif",
        "stack_shaped_uint16.tif", "strips2_uint16.tif", "rgb_uint8.tif", "rgb_planar_uint8.tif",
        "imagej_uint16.tif"}) {
    const std::string old = read_bytes(sample_path(name));
    write_bytes("foreign.tif", old);
    for (const int64_t size : {8, 12}) {
      assert_false(grown_file("foreign.tif", size).empty());
      const TiffPages before = pages_of(sample_path(name)), after = pages_of("grown.tif");
      assert_int_equal(after.pages.size(), size);
      for (const TiffPage& page : after.pages)
        assert_int_equal(page.has_subfile_type, before.pages.back().has_subfile_type);
      write_bytes("foreign.tif", read_bytes("grown.tif"));
    }
  }
}

// The last page has strips of one row, the first one of two.
void appended_pages_have_the_strips_of_the_last_one(void**) {
  TiffBytes file({});
  const auto at = static_cast<uint64_t>(file.add("abcdefgh"));
  for (const uint64_t rows : {2, 1}) {
    std::vector<uint64_t> places = {at}, bytes = {4};
    if (rows == 1) {
      places = {at + 4, at + 6};
      bytes = {2, 2};
    }
    file.add_directory({{tiff_tag::width, TiffType::u16, {2}},
                        {tiff_tag::height, TiffType::u16, {2}},
                        {tiff_tag::bits, TiffType::u16, {8}},
                        {tiff_tag::strip_offsets, TiffType::u16, places},
                        {tiff_tag::rows_per_strip, TiffType::u16, {rows}},
                        {tiff_tag::strip_bytes, TiffType::u16, bytes}});
  }
  write_bytes("foreign.tif", file.bytes());
  assert_false(grown_file("foreign.tif", 4).empty());
  assert_int_equal(pages_of("grown.tif").places.size(), 1 + 3 * 2);
}

// ImageJ's text, and tifffile's, count the pages.
void counts_in_the_text_grow(void**) {
  write_bytes("foreign.tif", read_bytes(sample_path("imagej_uint16.tif")));
  grown_file("foreign.tif", 12);
  const TiffText imagej = tiff_text_of(pages_of("grown.tif").description);
  // not counted: ImageJ would take all pages from one stretch
  assert_true(pages_of("grown.tif").description.find("images=") == std::string::npos);
  assert_int_equal(imagej.slices, 12);
  expect_near(imagej.spacing, 2.5);
  write_bytes("foreign.tif", read_bytes(sample_path("stack_shaped_uint16.tif")));
  grown_file("foreign.tif", 12);
  expect_text(pages_of("grown.tif").description, "{\"shape\": [12, 7, 13]}");
}

void sizes_of_ome_grow(void**) {
  write_bytes("foreign.tif", read_bytes(sample_path("ome_zyx_uint16.ome.tif")));
  for (const int64_t size : {8, 12}) {
    assert_false(grown_file("foreign.tif", size).empty());
    const std::string description = pages_of("grown.tif").description;
    const auto ome = read_ome(description);
    assert_true(ome && ome->axes[1].name == 'Z' && ome->axes[1].size == size);
    assert_int_equal(ome->planes[0].count, size);
    assert_true(description.find("tifffile.py") != std::string::npos);
    write_bytes("foreign.tif", read_bytes("grown.tif"));
  }
}

// A channel more would need a name.
void channels_of_ome_do_not_grow(void**) {
  write_bytes("foreign.tif", read_bytes(sample_path("ome_czyx_uint8.ome.tif")));
  expect_text(grown_file("foreign.tif", 8), "");
}

// --- Files that lie ---

std::string single_page(const std::vector<TiffTag>& more) {
  TiffBytes file({});
  const auto at = static_cast<uint64_t>(file.add(std::string(48, 'p')));
  std::vector<TiffTag> tags = {{tiff_tag::width, TiffType::u16, {4}},
                               {tiff_tag::height, TiffType::u16, {3}},
                               {tiff_tag::bits, TiffType::u16, {8}},
                               {tiff_tag::strip_offsets, TiffType::u32, {at}},
                               {tiff_tag::strip_bytes, TiffType::u32, {12}}};
  for (const TiffTag& tag : more) {
    std::erase_if(tags, [&](const TiffTag& old) { return old.tag == tag.tag; });
    tags.push_back(tag);
  }
  std::ranges::sort(tags, {}, &TiffTag::tag);
  file.add_directory(tags);
  return file.bytes();
}

void pixels_that_swr_does_not_read_are_refused(void**) {
  const auto refused = [](swr_status status, const std::vector<TiffTag>& tags,
                          const std::string& word) {
    expect_failure(status, {"lie.tif", word},
                   [&] { read_text(format, "lie.tif", single_page(tags)); });
  };
  refused(SWR_ERROR_UNSUPPORTED, {{tiff_tag::bits, TiffType::u16, {12}}}, "12 bits");
  refused(SWR_ERROR_UNSUPPORTED, {{tiff_tag::bits, TiffType::u16, {1}}}, "1 bits");
  refused(SWR_ERROR_UNSUPPORTED, {{tiff_tag::sample_format, TiffType::u16, {9}}}, "format 9");
  refused(SWR_ERROR_UNSUPPORTED, {{tiff_tag::fill_order, TiffType::u16, {2}}}, "reverse");
  refused(SWR_ERROR_UNSUPPORTED, {{tiff_tag::image_depth, TiffType::u16, {2}}}, "2 planes");
  refused(SWR_ERROR_UNSUPPORTED, {{tiff_tag::photometric, TiffType::u16, {6}}}, "luminance");
  refused(SWR_ERROR_UNSUPPORTED, {{tiff_tag::subfile_type, TiffType::u32, {1}}}, "smaller");
  refused(SWR_ERROR_CORRUPT, {{tiff_tag::strip_bytes, TiffType::u32, {11}}}, "12 are needed");
  refused(SWR_ERROR_CORRUPT, {{tiff_tag::planar, TiffType::u16, {3}}}, "tag 284");
  refused(SWR_ERROR_CORRUPT,
          {{tiff_tag::width, TiffType::u32, {0xffffffff}},
           {tiff_tag::height, TiffType::u32, {0xffffffff}},
           {tiff_tag::samples, TiffType::u16, {65535}}},
          "");
}

void pages_of_other_kinds_are_refused_and_smaller_ones_skipped(void**) {
  TiffBytes file({});
  const auto at = static_cast<uint64_t>(file.add(std::string(12, 'p')));
  const auto page = [&](uint64_t width, uint64_t subfile) -> std::vector<TiffTag> {
    return {{tiff_tag::subfile_type, TiffType::u32, {subfile}},
            {tiff_tag::width, TiffType::u16, {width}},
            {tiff_tag::height, TiffType::u16, {3}},
            {tiff_tag::bits, TiffType::u16, {8}},
            {tiff_tag::strip_offsets, TiffType::u32, {at}},
            {tiff_tag::strip_bytes, TiffType::u32, {3 * width}}};
  };
  for (const uint64_t subfile : {0, 1, 4}) file.add_directory(page(subfile ? 2 : 4, subfile));
  const Description read = read_text(format, "pages.tif", file.bytes());
  expect_size(read.image, {4, 3});
  assert_int_equal(read.header->own_fields().size(), 1);
  file.add_directory(page(2, 0));
  expect_failure(SWR_ERROR_UNSUPPORTED, {"page 3", "2 x 3", "4 x 3"},
                 [&] { read_text(format, "pages.tif", file.bytes()); });
}

// A change of such pixels would change a directory.
void pixels_that_are_a_directory_are_only_read(void**) {
  TiffBytes file({});
  file.add_directory({{tiff_tag::width, TiffType::u16, {4}},
                      {tiff_tag::height, TiffType::u16, {3}},
                      {tiff_tag::bits, TiffType::u16, {8}},
                      {tiff_tag::strip_offsets, TiffType::u32, {20}},
                      {tiff_tag::strip_bytes, TiffType::u32, {12}}});
  assert_true(read_text(format, "self.tif", file.bytes()).read_only.find("directory") !=
              std::string::npos);
}

void numbers_in_the_text_may_be_anything(void**) {
  for (const char* const text :
       {"ImageJ=1\nimages=99999999999999999999\nslices=-1\n", "ImageJ=1\nchannels=3\nspacing=nan\n",
        "{\"shape\": [}", "{\"shape\": [9223372036854775807, 9223372036854775807, 3, 4]}",
        "ImageJ=\nswr 1\nswr_size = 4 3 -1 -1\nswr_direction = 1\nswr_first_pixel = a b\n",
        "ImageJ=\nswr 1\nswr_size = 4 3 1\nswr_spacing = 0 0 0\nswr_kind = rgb\n"}) {
    const Image image = read_text(format, "text.tif",
                                  single_page({{tiff_tag::description, TiffType::text, {}, text}}))
                            .image;
    assert_int_equal(image.region.pixels(), 12);
    assert_true(image.spacing[0] == 1 && image.pixel.kind == SWR_KIND_SCALAR);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(files_of_other_programs_say_what_they_wrote),
      cmocka_unit_test(planes_of_colours_are_read),
      cmocka_unit_test(spacing_of_imagej_is_in_the_unit_of_its_text),
      cmocka_unit_test(sizes_and_lengths_of_ome_are_read),
      cmocka_unit_test(planes_of_ome_are_in_the_order_that_it_says),
      cmocka_unit_test(ome_of_several_images_is_refused),
      cmocka_unit_test(ome_that_does_not_fit_the_pages_is_not_believed),
      cmocka_unit_test(metadata_that_xml_cannot_hold_is_left_out_of_ome),
      cmocka_unit_test(one_directory_stands_for_all_pages_of_imagej),
      cmocka_unit_test(every_type_comes_back_or_is_refused),
      cmocka_unit_test(every_shape_comes_back),
      cmocka_unit_test(all_that_an_image_says_comes_back),
      cmocka_unit_test(ome_states_each_axis_in_its_unit),
      cmocka_unit_test(lengths_come_back_exactly_from_any_unit_of_ome),
      cmocka_unit_test(place_in_space_of_a_plane_comes_back),
      cmocka_unit_test(spacing_is_in_the_tags_and_the_text),
      cmocka_unit_test(spacing_without_a_fraction_is_in_the_notes_alone),
      cmocka_unit_test(tags_count_more_than_notes),
      cmocka_unit_test(pages_are_one_stretch_with_a_directory_each),
      cmocka_unit_test(large_files_are_big_and_have_strips_that_others_read),
      cmocka_unit_test(what_tiff_cannot_hold_is_refused),
      cmocka_unit_test(metadata_that_it_cannot_hold_is_left_out),
      cmocka_unit_test(stacks_that_itk_reads_wrongly_are_remarked),
      cmocka_unit_test(tags_of_the_first_page_stay),
      cmocka_unit_test(what_is_lost_is_remarked),
      cmocka_unit_test(fields_of_other_descriptions_are_remarked),
      cmocka_unit_test(own_files_stay_one_stretch),
      cmocka_unit_test(pages_that_tifffile_would_not_find_are_not_appended),
      cmocka_unit_test(own_file_with_all_that_it_can_say_grows),
      cmocka_unit_test(few_pages_are_appended_to_many_of_ones_own),
      cmocka_unit_test(bytes_of_no_directory_are_others),
      cmocka_unit_test(own_file_does_not_grow_beyond_its_class),
      cmocka_unit_test(pages_are_appended_to_files_of_other_programs),
      cmocka_unit_test(appended_pages_have_the_strips_of_the_last_one),
      cmocka_unit_test(counts_in_the_text_grow),
      cmocka_unit_test(sizes_of_ome_grow),
      cmocka_unit_test(channels_of_ome_do_not_grow),
      cmocka_unit_test(pixels_that_swr_does_not_read_are_refused),
      cmocka_unit_test(pages_of_other_kinds_are_refused_and_smaller_ones_skipped),
      cmocka_unit_test(pixels_that_are_a_directory_are_only_read),
      cmocka_unit_test(numbers_in_the_text_may_be_anything),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

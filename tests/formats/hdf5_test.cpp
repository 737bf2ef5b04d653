// HDF5: what is planned is read back, in ITK's layout and as a plain dataset; files of other
// programs have the pixels that they wrote; what would open other files, or load other code, is
// refused; what an image does not hold survives.
#include <algorithm>
#include <cstring>

#include "header_checks.h"
#include "sample_checks.h"

namespace swr {
extern const Format hdf5_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = hdf5_format;

std::string data(const std::string& name) {
  return SWR_TEST_DATA "/hdf5/" + name;
}

Description read_dataset(const std::string& path, const std::string& dataset) {
  OpenFiles files(File::Mode::read);
  files.choose_dataset(dataset);
  return format.read(path, files);
}

NewFileRequest plain_request(const std::string& path, const std::string& dataset = "/data") {
  NewFileRequest request = request_for(format, path);
  request.dataset = dataset;
  return request;
}

// Writes the plan's header, and reads it.
Description planned(const Image& image, const NewFileRequest& request) {
  const NewFile plan = format.plan(image, request);
  write_bytes(request.path, plan.header);
  return read_dataset(request.path, request.dataset);
}

Image image_with_everything(int dimensions) {
  std::vector<int64_t> size;
  for (int axis = 0; axis < dimensions; ++axis) size.push_back(3 + axis);
  Image image = an_image(size, SWR_UINT16);
  set_oblique_geometry(image);
  for (int axis = 0; axis < dimensions; ++axis) image.region.index[axis] = 5 - 4 * axis;
  image.set_metadata("Modality", "MR");
  image.set_metadata("a name with blanks", "two\nlines, \xc3\xa4");
  image.set_metadata("empty", "");
  return image;
}

void plan_of_each_type_is_read_back_in_both_layouts(void**) {
  for (const TypeOfPixel& type : all_types_of_pixel()) {
    for (const auto& size : std::vector<std::vector<int64_t>>{{5}, {5, 4, 3}, {1, 1, 1, 1}}) {
      const Image image = an_image(size, type.component, type.components, type.kind);
      expect_round_trip(format, image, "type.h5");
      expect_equal(planned(image, plain_request("plain.h5")).image, image);
    }
  }
}

void geometry_and_metadata_are_read_back_in_both_layouts(void**) {
  for (int dimensions = 1; dimensions <= max_dimensions; ++dimensions) {
    const Image image = image_with_everything(dimensions);
    expect_round_trip(format, image, "itk.h5");
    expect_equal(planned(image, plain_request("plain.h5", "/a/b/volume")).image, image);
  }
}

void plan_is_the_same_each_time_and_has_pixels_at_a_page(void**) {
  for (int64_t size = 1; size < int64_t{1} << 50; size *= 37) {
    const Image image = an_image({3, size});
    const NewFile plan = format.plan(image, request_for(format, "new.h5"));
    assert_true(plan.header == format.plan(image, request_for(format, "new.h5")).header);
    assert_int_equal(plan.header.size() % 4096, 0);
    assert_int_equal(plan.layout.parts[0].offset, plan.header.size());
    assert_true(plan.trailer.empty());
  }
}

void element_sizes_are_micrometres_with_the_slowest_axis_first(void**) {
  const Description file = read_dataset(data("groups_uint16.h5"), "/a/b/volume");
  expect_series<uint16_t>(format, file);
  assert_true(file.image.spacing[0] != file.image.spacing[2]);
  Image image = an_image({4, 3, 2});
  image.spacing[0] = 0.25;
  image.spacing[2] = 2;
  NewFileRequest request = plain_request("size.h5");
  const Image read = planned(image, request).image;
  expect_near(read.spacing[0], 0.25);
  expect_near(read.spacing[2], 2);
}

template <typename Component>
void expect_sample(const std::string& name, swr_component component, bool is_changeable = true,
                   int components = 1) {
  const Description file = read_description(format, data(name));
  assert_int_equal(file.image.pixel.component, component);
  assert_int_equal(file.image.pixel.components, components);
  assert_int_equal(file.read_only.empty(), is_changeable);
  expect_series<Component>(format, file);
  format.reader(file.layout, {})->verify();
}

// Of h5py 3.7, netCDF4 1.6 and ITK 5.2.
void files_of_other_programs_have_the_pixels_that_they_wrote(void**) {
  expect_sample<uint16_t>("plain_be_uint16.h5", SWR_UINT16);
  expect_sample<double>("plain_float64.h5", SWR_FLOAT64);
  expect_sample<int8_t>("plain_int8.h5", SWR_INT8);
  expect_sample<uint8_t>("rgb_uint8.h5", SWR_UINT8);
  expect_sample<uint16_t>("userblock_uint16.h5", SWR_UINT16);
  expect_sample<uint16_t>("slices_uint16.h5", SWR_UINT16);
  expect_sample<uint16_t>("chunk_uint16.h5", SWR_UINT16);
  expect_sample<uint16_t>("gzip_uint16.h5", SWR_UINT16);
  expect_sample<uint16_t>("gzip_fletcher_uint16.h5", SWR_UINT16);
  expect_sample<uint16_t>("latest_unlim_uint16.h5", SWR_UINT16);
  expect_sample<uint16_t>("compact_uint16.h5", SWR_UINT16, false);
  expect_sample<int16_t>("netcdf4_int16.nc", SWR_INT16);
  expect_sample<int16_t>("itk_int16.h5", SWR_INT16);
  expect_sample<uint16_t>("itk_uint16_z.h5", SWR_UINT16);
  expect_sample<float>("itk_float32x3_z.h5", SWR_FLOAT32, true, 3);
}

void slices_in_chunks_are_parts_of_the_file(void**) {
  const Description file = read_description(format, data("slices_uint16.h5"));
  assert_true(file.layout.is_raw());
  assert_int_equal(file.layout.parts.size(), 3);
  assert_int_equal(file.layout.parts[2].bytes, 7 * 13 * 2);
}

void regions_of_chunks_are_those_of_the_whole(void**) {
  const Description file = read_description(format, data("gzip_uint16.h5"));
  const auto reader = format.reader(file.layout, {});
  const Region region{3, {2, 3, 1}, {6, 4, 3}};
  std::vector<std::byte> part(6 * 4 * 3 * 2);
  reader->read(region, part);
  const std::vector<std::byte> all = pixels_of(format, file);
  for (int64_t z = 0; z < 3; ++z) {
    for (int64_t y = 0; y < 4; ++y) {
      for (int64_t x = 0; x < 6; ++x) {
        assert_int_equal(load<uint16_t>(part.data() + ((z * 4 + y) * 6 + x) * 2),
                         load<uint16_t>(all.data() + (((z + 1) * 7 + y + 3) * 13 + x + 2) * 2));
      }
    }
  }
}

void chunks_beyond_the_memory_limit_are_refused(void**) {
  const Description file = read_description(format, data("gzip_uint16.h5"));
  ReadOptions options;
  options.memory_limit = 100;
  expect_failure(SWR_ERROR_MEMORY_LIMIT, {"gzip_uint16.h5", "chunk"},
                 [&] { format.reader(file.layout, options); });
}

void pixels_without_space_have_the_fill_value(void**) {
  const Description file = read_description(format, data("late_uint16.h5"));
  assert_false(file.read_only.empty());
  assert_int_equal(load<uint16_t>(pixels_of(format, file).data()), 7);
}

// In one stretch, in chunks of whole slices, in compressed chunks, in chunks of which some are
// missing, and within the header; in both byte orders.
void floats_of_16_bits_are_read_as_float32(void**) {
  for (const std::string name : {"/plain", "/slices", "/gzip", "/hole", "/compact"}) {
    const Description file = read_dataset(data("halves_float16.h5"), name);
    assert_true((file.image.pixel == PixelType{SWR_FLOAT32, 1, SWR_KIND_SCALAR}));
    expect_size(file.image, {5, 3, 2});
    assert_false(format.form(file.layout, {}).read_only.empty());
    const std::vector<std::byte> pixels = pixels_of(format, file);
    for (int i = 0; i < 30; ++i) {
      const float expected = name == "/hole" && i >= 15 ? 0.75F : static_cast<float>(i) / 4;
      if (load<float>(&pixels[static_cast<size_t>(4 * i)]) != expected)
        stop(text(name, ": pixel ", i, " is wrong"));
    }
  }
}

void compounds_of_h5py_are_complex_numbers(void**) {
  const Description file = read_description(format, data("complex64.h5"));
  assert_int_equal(file.image.pixel.kind, SWR_KIND_COMPLEX);
  const std::vector<std::byte> pixels = pixels_of(format, file);
  assert_true(load<float>(pixels.data() + 8) == 48 && load<float>(pixels.data() + 12) == 0);
}

// ITK 5.2 wrote the same image as .nrrd and in this layout.
void geometry_of_itk_is_that_of_its_other_formats(void**) {
  const Image image = read_description(format, data("itk_int16.h5")).image;
  expect_near(image.spacing[0], 0.7);
  expect_near(image.spacing[2], 2.5);
  expect_near(image.origin[0], -10.5);
  expect_near(image.origin[1], 20.25);
  expect_near(image.origin[2], 30);
  // turned by 30 degrees about z, then by 10 about x
  const double c = std::cos(M_PI / 6), s = std::sin(M_PI / 6);
  const double k = std::cos(M_PI / 18), t = std::sin(M_PI / 18);
  const double expected[9] = {c, -s * k, s * t, s, c * k, -c * t, 0, t, k};
  for (int i = 0; i < 9; ++i) {
    if (std::abs(image.direction[i] - expected[i]) > 1e-9)
      stop(text("direction ", i, " is ", image.direction[i]));
  }
  expect_text(*image.find_metadata("Modality"), "CT");
}

void file_of_several_datasets_needs_one_of_them_named(void**) {
  expect_failure(SWR_ERROR_UNSUPPORTED,
                 {"several_uint16.h5", "2 datasets: /a/b, /c", "option hdf5.dataset"},
                 [] { read_description(format, data("several_uint16.h5")); });
  expect_size(read_dataset(data("several_uint16.h5"), "/a/b").image, {4, 3});
  expect_failure(SWR_ERROR_NOT_FOUND, {"no dataset /a/c", "/a/b"},
                 [] { read_dataset(data("several_uint16.h5"), "/a/c"); });
}

void what_leads_out_of_the_file_is_not_followed(void**) {
  for (const char* name : {"external_uint16.h5", "virtual_uint16.h5"})
    expect_failure(SWR_ERROR_UNSUPPORTED, {name, "does not open"},
                   [&] { read_description(format, data(name)); });
  for (const char* dataset : {"/away", "/soft"})
    expect_failure(SWR_ERROR_NOT_FOUND, {"links.h5", dataset},
                   [&] { read_dataset(data("links.h5"), dataset); });
  expect_series<uint16_t>(format, read_description(format, data("links.h5")));
}

void filters_and_types_that_swr_does_not_read_are_named(void**) {
  expect_failure(SWR_ERROR_UNSUPPORTED, {"scaleoffset_uint16.h5", "filter 6"},
                 [] { read_description(format, data("scaleoffset_uint16.h5")); });
  expect_failure(SWR_ERROR_UNSUPPORTED, {"names_uint8.h5", "enumeration"},
                 [] { read_dataset(data("names_uint8.h5"), "/data"); });
}

// At every byte, and with every byte changed: an error or an image, never a crash.
void damaged_structure_is_an_error_or_an_image(void**) {
  const std::string whole =
      format.plan(image_with_everything(3), request_for(format, "d.h5")).header;
  int refused = 0;
  for (size_t at = 0; at < 8192 && at < whole.size(); at += 7) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xff);
    for (const std::string& bytes : {damaged, whole.substr(0, at)}) {
      try {
        read_text(format, "damaged.h5", bytes);
      } catch (const Error& error) {
        ++refused;
        assert_true(error.status() == SWR_ERROR_CORRUPT || error.status() == SWR_ERROR_UNSUPPORTED);
        assert_non_null(std::strstr(error.what(), "damaged.h5"));
      }
    }
  }
  assert_true(refused > 1000);
}

// How many of the files in which one byte of the sample is changed, from `first` on and in each of
// these ways, are refused with these words.
int refused_with(const std::string& words, const std::string& name, size_t first,
                 std::initializer_list<int> changes) {
  const std::string whole = read_bytes(data(name));
  int refused = 0;
  for (size_t at = first; at < whole.size(); ++at) {
    for (const int change : changes) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      try {
        read_text(format, "damaged.h5", damaged);
      } catch (const Error& error) {
        refused += std::strstr(error.what(), words.c_str()) != nullptr;
      }
    }
  }
  return refused;
}

// The last number of a chunk's place is 0, or the library does not find the chunk, as if it were
// not stored.
void chunk_whose_place_is_damaged_is_an_error(void**) {
  std::string damaged = read_bytes(data("gzip_uint16.h5"));
  constexpr size_t head = 24, last_number = 32, key_and_child = 48;
  const size_t tree = damaged.rfind("TREE");
  damaged[tree + head + 2 * key_and_child + last_number + 1] = 1;
  const Description file = read_text(format, "damaged.h5", damaged);
  expect_failure(SWR_ERROR_CORRUPT,
                 {"damaged.h5", "the list of the pixels' chunks", "of 12 chunks only 11"},
                 [&] { format.reader(file.layout, {}); });
}

// The places and sizes of a virtual dataset's list of files are decoded when it is opened, which
// libhdf5 1.10 does not survive if they are damaged: it must not be opened.
void damaged_virtual_dataset_is_not_opened(void**) {
  assert_true(refused_with("does not open", "virtual_uint16.h5", 8, {0xff, 0x01, 0x80}) > 1000);
}

// Listing links of which one is damaged frees memory that libhdf5 1.10 has not filled.
void damaged_link_is_an_error(void**) {
  assert_true(refused_with("a link is damaged", "links.h5", 1400, {0xff, 0x01, 0x10}) > 10);
}

// Groups and datasets with more than eight links or attributes have them in a heap, with a tree of
// their names, which libhdf5 1.10 reads into a table that is too short, or frees before it is full.
// The image's own metadata are listed when it is read, everything else when it is written again.
void damaged_heap_of_links_is_an_error_or_an_image(void**) {
  const std::string whole = read_bytes(data("dense_uint16.h5"));
  const Description file = read_description(format, data("dense_uint16.h5"));
  assert_int_equal(file.image.metadata.size(), 12);
  expect_text(file.image.metadata[1].first, "key5");  // as they were made, not by name
  const std::vector<std::string> fields = file.header->own_fields();
  assert_true(std::ranges::find(fields, "the link /ITKImage/0/others/outside") != fields.end());
  int refused = 0;
  constexpr size_t step = 41;
  for (size_t at = whole.find("FRHP"); at < whole.size(); at += step) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xff);
    try {
      read_text(format, "damaged.h5", damaged).header->own_fields();
    } catch (const Error& error) {
      ++refused;
      assert_non_null(std::strstr(error.what(), "damaged.h5"));
    }
  }
  assert_true(refused > 20);
}

// The name of the link /away is one byte longer, and the length of its value begins in the value:
// it is 0. Or the value is cut off: it has no end.
void damaged_value_of_an_external_link_is_an_error(void**) {
  constexpr size_t name_length = 1483, value = 1490, value_bytes = 24;
  const std::string whole = read_bytes(data("links.h5"));
  std::string empty = whole, endless = whole;
  empty[name_length] = 5;
  std::ranges::replace(endless.begin() + value, endless.begin() + value + value_bytes, '\0', '/');
  endless[value] = 0;
  for (const std::string& bytes : {empty, endless}) {
    expect_failure(SWR_ERROR_CORRUPT, {"damaged.h5", "a link is damaged"},
                   [&] { read_text(format, "damaged.h5", bytes); });
  }
}

// --- Files that are written again ---

NewFile rewritten(const Description& file, const Image& image, const std::string& path) {
  NewFileRequest request = request_for(format, path);
  request.base = &file;
  request.rewritten = &file.layout;
  return format.plan(image, request);
}

void rewrite_keeps_what_an_image_does_not_hold(void**) {
  const Description old = read_description(format, data("itk_int16.h5"));
  const NewFile plan = rewritten(old, old.image, "again.h5");
  assert_true(plan.remarks.empty());
  write_bytes("again.h5", plan.header);
  const Description file = read_description(format, "again.h5");
  expect_equal(file.image, old.image);
  assert_true(file.header->own_fields() == old.header->own_fields());
  assert_true(read_bytes("again.h5").find("ITKVersion") != std::string::npos);
}

void rewrite_that_would_lose_something_is_refused(void**) {
  const Description file = read_description(format, data("links.h5"));
  const auto fields = file.header->own_fields();
  assert_true(std::ranges::find(fields, "the link /away") != fields.end());
  expect_failure(SWR_ERROR_UNSUPPORTED, {"again.h5", "would lose the link /away"},
                 [&] { rewritten(file, file.image, "again.h5"); });
  NewFileRequest copy = request_for(format, "copy.h5");
  copy.base = &file;
  assert_int_equal(format.plan(file.image, copy).remarks.size(), 2);
}

void metadata_that_hdf5_cannot_hold_is_left_out_with_a_remark(void**) {
  Image image = an_image({4, 3});
  image.set_metadata("a/b", "1");
  image.set_metadata("", "2");
  image.set_metadata("zero", std::string("a\0b", 3));
  image.set_metadata("swr_index", "1 2");
  image.set_metadata("good", "3");
  const NewFile plan = format.plan(image, request_for(format, "metadata.h5"));
  assert_int_equal(plan.remarks.size(), 4);
  const Image read = read_text(format, "metadata.h5", plan.header).image;
  assert_int_equal(read.metadata.size(), 1);
  expect_text(*read.find_metadata("good"), "3");
}

void names_are_recognised_after_a_user_block(void**) {
  const std::string bytes = read_bytes(data("userblock_uint16.h5"));
  assert_true(format.recognise(bytes.substr(0, 4608), "x"));
  assert_false(format.recognise(bytes.substr(0, 512), "x"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(plan_of_each_type_is_read_back_in_both_layouts),
      cmocka_unit_test(geometry_and_metadata_are_read_back_in_both_layouts),
      cmocka_unit_test(plan_is_the_same_each_time_and_has_pixels_at_a_page),
      cmocka_unit_test(element_sizes_are_micrometres_with_the_slowest_axis_first),
      cmocka_unit_test(files_of_other_programs_have_the_pixels_that_they_wrote),
      cmocka_unit_test(slices_in_chunks_are_parts_of_the_file),
      cmocka_unit_test(regions_of_chunks_are_those_of_the_whole),
      cmocka_unit_test(chunks_beyond_the_memory_limit_are_refused),
      cmocka_unit_test(pixels_without_space_have_the_fill_value),
      cmocka_unit_test(floats_of_16_bits_are_read_as_float32),
      cmocka_unit_test(compounds_of_h5py_are_complex_numbers),
      cmocka_unit_test(geometry_of_itk_is_that_of_its_other_formats),
      cmocka_unit_test(file_of_several_datasets_needs_one_of_them_named),
      cmocka_unit_test(what_leads_out_of_the_file_is_not_followed),
      cmocka_unit_test(filters_and_types_that_swr_does_not_read_are_named),
      cmocka_unit_test(damaged_structure_is_an_error_or_an_image),
      cmocka_unit_test(chunk_whose_place_is_damaged_is_an_error),
      cmocka_unit_test(damaged_virtual_dataset_is_not_opened),
      cmocka_unit_test(damaged_link_is_an_error),
      cmocka_unit_test(damaged_heap_of_links_is_an_error_or_an_image),
      cmocka_unit_test(damaged_value_of_an_external_link_is_an_error),
      cmocka_unit_test(rewrite_keeps_what_an_image_does_not_hold),
      cmocka_unit_test(rewrite_that_would_lose_something_is_refused),
      cmocka_unit_test(metadata_that_hdf5_cannot_hold_is_left_out_with_a_remark),
      cmocka_unit_test(names_are_recognised_after_a_user_block),
  };
  return cmocka_run_group_tests_name("hdf5", tests, nullptr, nullptr);
}

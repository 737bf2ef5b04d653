// HDF5 that grows in place: the structure becomes the one that a new file of that size has, with
// all checksums; files that swr would not plan like this are left to be written again.
#include "header_checks.h"

namespace swr {
extern const Format hdf5_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = hdf5_format;

Image image_of(std::vector<int64_t> size, swr_component component = SWR_UINT16) {
  Image image = an_image(std::move(size), component);
  set_oblique_geometry(image);
  image.region.index[0] = -3;
  image.set_metadata("Modality", "MR");
  return image;
}

// The same image with `more` slices.
Image longer(const Image& image, int64_t more) {
  Image grown = image;
  grown.region.size[static_cast<size_t>(image.dimensions() - 1)] += more;
  return grown;
}

Description read_dataset(const std::string& path, const std::string& dataset) {
  OpenFiles files(File::Mode::read);
  files.choose_dataset(dataset);
  return format.read(path, files);
}

NewFileRequest request_of(const std::string& path, const std::string& dataset) {
  NewFileRequest request = request_for(format, path);
  request.dataset = dataset;
  return request;
}

Description planned(const Image& image, const std::string& path, const std::string& dataset) {
  write_bytes(path, format.plan(image, request_of(path, dataset)).header);
  return read_dataset(path, dataset);
}

std::string patched(std::string bytes, const Growth& growth) {
  for (const HeaderPatch& patch : growth.patches) {
    bytes.replace(static_cast<size_t>(patch.offset), patch.bytes.size(), patch.bytes);
  }
  return bytes;
}

void grown_structure_is_that_of_a_new_file(void**) {
  for (const std::string dataset : {"", "/a/b"}) {
    for (int dimensions = 1; dimensions <= 6; ++dimensions) {
      const Image image = image_of(std::vector<int64_t>(static_cast<size_t>(dimensions), 3));
      const Description file = planned(image, "grows.h5", dataset);
      for (const int64_t more : {1, 1000, 100000000}) {
        const Image grown = longer(image, more);
        const auto growth = format.grow("grows.h5", file, grown);
        assert_true(growth.has_value());
        assert_true(growth->remarks.empty());
        assert_true(growth->trailer.empty());
        assert_true(patched(read_bytes("grows.h5"), *growth) ==
                    format.plan(grown, request_of("grows.h5", dataset)).header);
      }
    }
  }
}

void few_bytes_change(void**) {
  Image image = image_of({8, 8, 8});
  for (int i = 0; i < 200; ++i) image.set_metadata("key" + std::to_string(i), "value");
  const auto growth = format.grow("few.h5", planned(image, "few.h5", ""), longer(image, 1));
  assert_true(growth.has_value());
  size_t bytes = 0;
  for (const HeaderPatch& patch : growth->patches) bytes += patch.bytes.size();
  assert_true(read_bytes("few.h5").size() > 5 * bytes);
}

void file_that_swr_would_write_otherwise_does_not_grow_in_place(void**) {
  for (const char* name : {"plain_be_uint16.h5", "itk_int16.h5", "slices_uint16.h5", "links.h5"}) {
    const Description file = read_description(format, SWR_TEST_DATA "/hdf5/" + std::string(name));
    try {
      assert_false(format.grow(file.layout.parts[0].path, file, longer(file.image, 1)).has_value());
    } catch (const Error& error) {
      assert_int_equal(error.status(), SWR_ERROR_UNSUPPORTED);
    }
  }
  // Someone else's bytes in the gap in front of the pixels.
  const Image image = image_of({4, 3, 2});
  planned(image, "noted.h5", "");
  std::string bytes = read_bytes("noted.h5");
  bytes[bytes.size() - 1] = '!';
  write_bytes("noted.h5", bytes);
  assert_false(format.grow("noted.h5", read_dataset("noted.h5", ""), longer(image, 1)).has_value());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(grown_structure_is_that_of_a_new_file),
      cmocka_unit_test(few_bytes_change),
      cmocka_unit_test(file_that_swr_would_write_otherwise_does_not_grow_in_place),
  };
  return cmocka_run_group_tests_name("hdf5_growth", tests, nullptr, nullptr);
}

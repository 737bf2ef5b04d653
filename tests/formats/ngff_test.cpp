// NGFF of other programs: where its images are, and what is refused.
#include <array>

#include "formats/ngff_units.h"
#include "formats/zarr_image.h"
#include "image/unit.h"
#include "zarr_samples.h"

namespace {

using namespace swr;
using namespace swr::checks;

NgffImage ngff_of(const std::string& text) {
  auto image = read_ngff(parse_json(text, "x.zarr/.zattrs"), "x.zarr/.zattrs");
  assert_true(image.has_value());
  return std::move(*image);
}

struct Group {
  const char* folder;
  bool is_3;
};

Json attributes_of(const Group& group) {
  const Json document =
      read_json_file(zarr_sample(group.folder) + (group.is_3 ? "/zarr.json" : "/.zattrs"));
  return group.is_3 ? *document.find("attributes") : document;
}

constexpr Group groups[] = {{"ngff04_zyx_uint16.ome.zarr", false},
                            {"ngff04_um_uint16.ome.zarr", false},
                            {"ngff05_zyx_uint16.ome.zarr", true}};

void image_of_another_program_has_its_place_in_mm(void**) {
  for (const Group& group : groups) {
    const Json attributes = attributes_of(group);
    const auto ngff = read_ngff(attributes, group.folder);
    assert_true(ngff.has_value());
    expect_text(ngff->version, group.is_3 ? "0.5" : "0.4");
    expect_text(ngff->name, "sample");
    expect_text(ngff->method, "mean");
    assert_int_equal(ngff->images, 1);
    expect_text(ngff->levels[0].path, "0");
    const std::string folder = zarr_sample(group.folder) + "/" + ngff->levels[0].path;
    const ZarrImage read = read_zarr_image(read_array(folder), &*ngff, 0, attributes, folder);
    const Image& image = read.image;
    assert_int_equal(read.channel_axis, -1);
    assert_int_equal(image.dimensions(), 3);
    const bool is_um = std::string(group.folder).find("um") != std::string::npos;
    const Index size = is_um ? Index{8, 6, 4} : Index{16, 12, 8};
    constexpr std::array<double, 3> spacing = {0.7, 0.8, 2.5}, origin = {-10.5, 20.25, 30};
    for (size_t axis = 0; axis < 3; ++axis) {
      assert_int_equal(image.region.size[axis], size[axis]);
      assert_true(image.spacing[axis] == spacing[axis]);
      assert_true(image.origin[axis] == origin[axis]);
      assert_true(image.direction[4 * axis] == 1);
      assert_int_equal(image.units[axis], is_um ? SWR_UNIT_MICROMETRE : SWR_UNIT_MILLIMETRE);
    }
  }
}

void coarser_level_has_its_own_place(void**) {
  const Json attributes = attributes_of(groups[0]);
  const auto ngff = read_ngff(attributes, "x");
  assert_int_equal(ngff->levels.size(), 2);
  const std::string folder = zarr_sample("ngff04_zyx_uint16.ome.zarr/1");
  const Image image = read_zarr_image(read_array(folder), &*ngff, 1, attributes, folder).image;
  assert_int_equal(image.region.size[0], 8);
  expect_near(image.spacing[0], 1.4);
  expect_near(image.origin[0], -10.15);
  expect_near(image.origin[2], 31.25);
}

constexpr const char* axes = R"([{"name": "z", "type": "space"}, {"name": "y", "type": "space"},)"
                             R"( {"name": "x", "type": "space"}])";
constexpr const char* scale = R"({"type": "scale", "scale": [2, 3, 4]})";

std::string multiscales(const std::string& of_level, const std::string& of_image = "",
                        const std::string& of_axes = axes) {
  return R"({"multiscales": [{"version": "0.4", "axes": )" + of_axes +
         R"(, "datasets": [{"path": "a/b", "coordinateTransformations": [)" + of_level + "]}]" +
         (of_image.empty() ? "" : R"(, "coordinateTransformations": [)" + of_image + "]") + "}]}";
}

void transformations_follow_one_another(void**) {
  const std::string move = R"({"type": "translation", "translation": [10, 20, 30]})";
  const NgffImage image = ngff_of(
      multiscales(std::string(scale) + ", " + move,
                  R"({"type": "identity"}, {"type": "scale", "scale": [10, 1, 0.5]}, )" + move));
  assert_true((image.levels[0].scale == std::vector{20.0, 3.0, 2.0}));
  assert_true((image.levels[0].translation == std::vector{110.0, 40.0, 45.0}));
  expect_text(image.levels[0].path, "a/b");
}

void flaws_of_ngff_are_refused_with_file_and_field(void**) {
  struct Refusal {
    std::string from, to;
    swr_status status;
    std::string word;
  };
  const std::string plain = multiscales(scale);
  const Refusal refusals[] = {
      {"0.4", "0.3", SWR_ERROR_UNSUPPORTED, "version \"0.3\" of NGFF"},
      {"a/b", "../b", SWR_ERROR_UNSUPPORTED, "path \"../b\""},
      {"a/b", "/etc", SWR_ERROR_UNSUPPORTED, "path \"/etc\""},
      {"a/b", "a//b", SWR_ERROR_UNSUPPORTED, "path \"a//b\""},
      {"a/b", "", SWR_ERROR_UNSUPPORTED, "path \"\""},
      {"a/b", "a/", SWR_ERROR_UNSUPPORTED, "path \"a/\""},
      {"a/b", "a\\\\b", SWR_ERROR_UNSUPPORTED, "path \"a\\b\""},
      {"[2, 3, 4]", "[2, 3]", SWR_ERROR_CORRUPT, "scale has 2 numbers, and the image 3 axes"},
      {"[2, 3, 4]", "[2, 3, \"4\"]", SWR_ERROR_CORRUPT, "scale \"4\" is not a number"},
      {"[2, 3, 4]", "[2, 3, 0]", SWR_ERROR_CORRUPT, "scale \"[2, 3, 0]\" gives pixels without"},
      {"\"type\": \"scale\"", "\"type\": \"affine\"", SWR_ERROR_UNSUPPORTED,
       "coordinateTransformations: type \"affine\""},
      {"\"scale\": [2, 3, 4]", "\"path\": \"s\"", SWR_ERROR_UNSUPPORTED, "scale is in an array"},
      {"\"name\": \"z\", ", "", SWR_ERROR_CORRUPT, "axes: name is missing"},
      {"\"axes\": ", "\"axles\": ", SWR_ERROR_CORRUPT, "multiscales: axes is missing"},
      {"\"datasets\": [", "\"datasets\": [], \"x\": [", SWR_ERROR_CORRUPT, "datasets has no level"},
  };
  ngff_of(plain);
  for (const Refusal& refusal : refusals) {
    expect_failure(refusal.status, {"x.zarr/.zattrs: ", refusal.word},
                   [&] { ngff_of(with(plain, refusal.from, refusal.to)); });
  }
  expect_failure(SWR_ERROR_CORRUPT, {"multiscales \"[]\""},
                 [] { ngff_of("{\"multiscales\": []}"); });
  expect_failure(SWR_ERROR_UNSUPPORTED, {"axes", "2 of channels"}, [] {
    ngff_of(multiscales("", "",
                        R"([{"name": "c", "type": "channel"}, {"name": "d", "type": "channel"}])"));
  });
  expect_failure(SWR_ERROR_UNSUPPORTED, {"version \"0.6\""}, [&] {
    ngff_of("{\"ome\": " + with(plain, "{", "{\"version\": \"0.6\", ") + "}");
  });
}

void collections_of_images_are_refused_with_their_paths(void**) {
  const auto read = [](const std::string& text) {
    return read_ngff(parse_json(text, "x.zarr/.zattrs"), "x.zarr/.zattrs");
  };
  const auto expect = [&](const std::vector<std::string>& words, const std::string& text) {
    expect_failure(SWR_ERROR_UNSUPPORTED, words, [&] { read(text); });
  };
  expect({"x.zarr/.zattrs: ", "plate", "\"A/1\", \"A/2\""},
         R"({"plate": {"wells": [{"path": "A/1"}, {"path": "A/2"}]}})");
  expect({"well", "\"0\""}, R"({"ome": {"version": "0.5", "well": {"images": [{"path": "0"}]}}})");
  expect({"labels", "\"cells\""}, R"({"labels": ["cells"]})");
  expect({"images", "\"0\""}, R"({"bioformats2raw.layout": 3})");
  assert_false(read("{}").has_value());
  assert_false(read(R"({"ome": {}, "labels": "x"})").has_value());
}

void number_of_axes_must_be_that_of_the_array(void**) {
  const NgffImage ngff = ngff_of(multiscales(scale));
  const ZarrArray array = read_array(zarr_sample("v2_raw_int16.zarr"));
  assert_int_equal(read_zarr_image(array, &ngff, 0, {}, "x").image.dimensions(), 3);
  ZarrArray plane = array;
  plane.shape = {5, 7};
  expect_failure(SWR_ERROR_CORRUPT, {"x: ", "\"a/b\" has 2 axes", "multiscales has 3"},
                 [&] { read_zarr_image(plane, &ngff, 0, {}, "x"); });
}

ZarrImage image_with(const std::string& of_axes, const std::string& transformations,
                     const ZarrShape& shape) {
  const NgffImage ngff = ngff_of(multiscales(transformations, "", of_axes));
  ZarrArray array;
  array.shape = shape;
  array.pixel = {SWR_UINT8, 1, SWR_KIND_SCALAR};
  return read_zarr_image(array, &ngff, 0, {}, "x");
}

void axis_of_channels_becomes_the_components(void**) {
  const char* const tczyx =
      R"([{"name": "t", "type": "time", "unit": "minute"}, {"name": "c", "type": "channel"},)"
      R"( {"name": "z", "type": "space"}, {"name": "y", "type": "space"},)"
      R"( {"name": "x", "type": "space"}])";
  const ZarrImage read =
      image_with(tczyx, R"({"type": "scale", "scale": [2, 1, 3, 4, 5]})", {9, 3, 8, 7, 6});
  assert_int_equal(read.channel_axis, 1);
  const Image& image = read.image;
  assert_int_equal(image.dimensions(), 4);
  assert_true(
      (image.region.size[0] == 6 && image.region.size[2] == 8 && image.region.size[3] == 9));
  assert_true((image.pixel == PixelType{SWR_UINT8, 3, SWR_KIND_VECTOR}));
  assert_true(image.spacing[0] == 5 && image.spacing[2] == 3 && image.spacing[3] == 120);
  assert_int_equal(image.units[3], SWR_UNIT_SECOND);
  assert_int_equal(image_with(tczyx, "", {1, 1, 8, 7, 6}).image.pixel.kind, SWR_KIND_SCALAR);
  expect_failure(SWR_ERROR_UNSUPPORTED, {"70000 channels"}, [&] {
    image_with(tczyx, "", {1, 70000, 8, 7, 6});
  });
  expect_failure(SWR_ERROR_UNSUPPORTED, {"no axis but that of channels"},
                 [] { image_with(R"([{"name": "c", "type": "channel"}])", "", {3}); });
}

std::string oriented(const char* z, const char* y, const char* x) {
  std::string out = "[";
  for (const auto& [name, value] : {std::pair("z", z), std::pair("y", y), std::pair("x", x)}) {
    out += text(out.size() > 1 ? ", " : "", R"({"name": ")", name,
                R"(", "type": "space", "orientation": {"type": "anatomical", "value": ")", value,
                "\"}}");
  }
  return out + "]";
}

void anatomical_orientations_are_the_directions(void**) {
  const std::string places = R"({"type": "scale", "scale": [3, 2, 1]},)"
                             R"( {"type": "translation", "translation": [30, 20, 10]})";
  // x towards the head, y towards the right, z towards the back
  const Image image =
      image_with(oriented("anterior-to-posterior", "left-to-right", "inferior-to-superior"), places,
                 {4, 5, 6})
          .image;
  const std::array<double, 9> direction = {0, -1, 0, 0, 0, 1, 1, 0, 0};
  assert_true(std::equal(direction.begin(), direction.end(), image.direction.begin()));
  assert_true(image.origin[0] == -20 && image.origin[1] == 30 && image.origin[2] == 10);
  for (const char* other : {"left-to-right", "dorsal-to-ventral"}) {
    const Image plain =
        image_with(oriented("anterior-to-posterior", "left-to-right", other), places, {4, 5, 6})
            .image;
    assert_true(plain.direction[0] == 1 && plain.direction[4] == 1 && plain.origin[0] == 10);
  }
}

void negative_scale_reverses_the_axis(void**) {
  const Image image = image_with(axes,
                                 R"({"type": "scale", "scale": [3, 2, -1]}, )"
                                 R"({"type": "translation", "translation": [30, 20, 10]})",
                                 {4, 5, 6})
                          .image;
  assert_true(image.spacing[0] == 1 && image.direction[0] == -1 && image.direction[4] == 1);
  assert_true(image.origin[0] == 10 && image.origin[1] == 20);
}

void places_beyond_all_numbers_are_refused(void**) {
  const std::string huge =
      with(axes, "\"type\": \"space\"", "\"type\": \"space\", \"unit\": \"yottameter\"");
  for (const char* transformation : {R"({"type": "scale", "scale": [1e300, 1, 1]})",
                                     R"({"type": "translation", "translation": [1e300, 1, 1]})"}) {
    expect_failure(SWR_ERROR_CORRUPT, {"x: ", "axis \"z\" in \"yottameter\""}, [&] {
      image_with(huge, transformation, {4, 5, 6});
    });
  }
}

void units_of_ngff_are_known(void**) {
  const auto expect = [](std::string_view name, swr_unit unit, double size) {
    const auto found = read_ngff_unit(name);
    assert_true(found.has_value());
    assert_int_equal(found->unit, unit);
    expect_near(found->size, size);
  };
  expect("millimeter", SWR_UNIT_MILLIMETRE, 1);
  expect("micrometer", SWR_UNIT_MICROMETRE, 1e-3);
  expect("angstrom", SWR_UNIT_ANGSTROM, 1);
  expect("picometer", SWR_UNIT_MILLIMETRE, 1e-9);
  expect("kilometer", SWR_UNIT_MILLIMETRE, 1e6);
  expect("foot", SWR_UNIT_MILLIMETRE, 304.8);
  expect("hour", SWR_UNIT_SECOND, 3600);
  expect("nanosecond", SWR_UNIT_SECOND, 1e-9);
  expect("hertz", SWR_UNIT_HERTZ, 1);
  for (const char* name : {"", "lightyear", "kilo", "megahertz"})
    assert_false(read_ngff_unit(name).has_value());
  for (int number = SWR_UNIT_NONE + 1; number <= SWR_UNIT_ANGSTROM; ++number) {
    const auto unit = static_cast<swr_unit>(number);
    const auto told = read_ngff_unit(ngff_unit_name(unit));
    assert_true(told.has_value());
    assert_int_equal(told->unit, unit);
    assert_true(told->size == size_of(unit));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(image_of_another_program_has_its_place_in_mm),
      cmocka_unit_test(coarser_level_has_its_own_place),
      cmocka_unit_test(transformations_follow_one_another),
      cmocka_unit_test(flaws_of_ngff_are_refused_with_file_and_field),
      cmocka_unit_test(collections_of_images_are_refused_with_their_paths),
      cmocka_unit_test(number_of_axes_must_be_that_of_the_array),
      cmocka_unit_test(axis_of_channels_becomes_the_components),
      cmocka_unit_test(anatomical_orientations_are_the_directions),
      cmocka_unit_test(negative_scale_reverses_the_axis),
      cmocka_unit_test(places_beyond_all_numbers_are_refused),
      cmocka_unit_test(units_of_ngff_are_known),
  };
  return cmocka_run_group_tests_name("ngff", tests, nullptr, nullptr);
}

// Images in Zarr: what a new image says is read back.
#include <array>
#include <cmath>
#include <random>

#include "formats/ngff_units.h"
#include "formats/zarr_image.h"
#include "image/unit.h"
#include "zarr_samples.h"

namespace {

using namespace swr;
using namespace swr::checks;

ZarrArray array_of(const ZarrDraft& draft, int format) {
  ZarrArray array;
  array.format = format;
  array.shape = draft.shape;
  array.chunk.assign(draft.shape.size(), 1);
  array.pixel = draft.pixel;
  array.fill.resize(static_cast<size_t>(draft.pixel.bytes()));
  array.keys = {format == 3, '/'};
  array.axis_names = format == 3 ? draft.axis_names : std::vector<std::string>();
  return read_zarr_array(parse_json(zarr_array_text(array), "x"), "x");
}

// Through the text of the files.
ZarrImage read_back(const ZarrDraft& draft, int format) {
  const ZarrArray array = array_of(draft, format);
  const Json attributes = parse_json(json_text(draft.attributes), "x");
  const auto ngff = read_ngff(attributes, "x");
  assert_int_equal(ngff.has_value(), draft.is_multiscale);
  assert_true(zarr_own_attributes(attributes).empty());
  return read_zarr_image(array, ngff ? &*ngff : nullptr, 0, attributes, "x");
}

void expect_read_back(const Image& image) {
  for (const int format : {2, 3}) {
    for (const bool is_multiscale : {false, true}) {
      if (is_multiscale && !fits_ngff(image)) continue;
      const ZarrDraft draft = draft_zarr_image(image, format, is_multiscale, "x");
      const ZarrImage read = read_back(draft, format);
      expect_equal(read.image, image);
      assert_true(read.image.pixel == image.pixel);
      assert_true(read.image.scale == image.scale);
      assert_int_equal(read.channel_axis, draft.channel_axis);
      for (int axis = 0; axis < image.dimensions(); ++axis)
        assert_int_equal(read.image.units[axis], image.units[axis]);
      assert_int_equal(read.image.placement.has_value(), image.placement.has_value());
      if (!image.placement) continue;
      assert_true(read.image.placement->direction == image.placement->direction);
      assert_true(read.image.placement->spacing == image.placement->spacing);
      assert_true(read.image.placement->origin == image.placement->origin);
    }
  }
}

void image_of_any_type_is_read_back(void**) {
  for (const TypeOfPixel& type : all_types_of_pixel())
    expect_read_back(an_image({6, 5, 4}, type.component, type.components, type.kind));
}

void image_of_any_dimension_is_read_back_with_its_place(void**) {
  std::vector<int64_t> size;
  for (int n = 1; n <= max_dimensions; ++n) {
    size.push_back(n + 2);
    Image image = an_image(size);
    expect_read_back(image);
    set_oblique_geometry(image);
    for (int axis = 0; axis < n; ++axis) image.region.index[axis] = 100 * axis - 7;
    expect_read_back(image);
  }
}

void units_are_read_back(void**) {
  for (int unit = SWR_UNIT_NONE; unit <= SWR_UNIT_ANGSTROM; ++unit) {
    for (int axes_of_space = 1; axes_of_space <= 4; ++axes_of_space) {
      Image image = an_image({6, 5, 4, 3});
      image.set_space_unit(SWR_UNIT_MICROMETRE);
      image.units[axes_of_space - 1] = static_cast<swr_unit>(unit);
      image.spacing[axes_of_space - 1] = 0.3;
      expect_read_back(image);
      image.pixel = {SWR_UINT8, 3, SWR_KIND_RGB};
      expect_read_back(image);
    }
  }
}

void placement_scale_and_metadata_are_read_back(void**) {
  Image image = an_image({6, 5}, SWR_UINT8, 3, SWR_KIND_RGB);
  image.scale = {0.1, -1024, true};
  image.set_metadata("Modality", "MR");
  image.set_metadata("Patient \"x\"\n", "\xc3\xa4 \x01\\");
  Placement place;
  place.direction = {0, 0, 1, 1, 0, 0, 0, 1, 0};
  place.spacing = {1, 1, 5};
  place.origin = {1, 2, 3};
  image.set_space(place);
  image.placement = place;
  expect_read_back(image);
}

void metadata_that_is_not_utf_8_is_left_out_with_a_remark(void**) {
  Image image = an_image({6, 5});
  image.set_metadata("Name", "M\xfcller");
  image.set_metadata("Sex", "F");
  const ZarrDraft draft = draft_zarr_image(image, 2, true, "x");
  assert_int_equal(draft.remarks.size(), 1);
  expect_text(draft.remarks[0].metadata, "Name");
  assert_true(draft.remarks[0].loss);
  assert_int_equal(read_back(draft, 2).image.metadata.size(), 1);
}

// The four-dimensional image of two axes of space and so on is none of NGFF's.
void images_beyond_ngff_are_told_apart(void**) {
  const auto fits = [](const std::vector<int64_t>& size, int components,
                       const std::vector<swr_unit>& units) {
    Image image =
        an_image(size, SWR_UINT8, components, components == 1 ? SWR_KIND_SCALAR : SWR_KIND_VECTOR);
    std::copy(units.begin(), units.end(), image.units.begin());
    return fits_ngff(image);
  };
  const swr_unit mm = SWR_UNIT_MILLIMETRE, s = SWR_UNIT_SECOND, hz = SWR_UNIT_HERTZ;
  assert_true(fits({6, 5}, 1, {}) && fits({6, 5, 4}, 3, {}) && fits({6, 5, 4, 3}, 3, {}));
  assert_true(fits({6, 5, 4}, 2, {mm, mm, s}) && fits({6, 5, 4, 3}, 1, {mm, mm, mm, hz}));
  assert_false(fits({6}, 1, {}));
  assert_false(fits({6, 5, 4, 3, 2}, 1, {}));
  assert_false(fits({6, 5, 4, 3}, 1, {mm, mm, mm, mm}));
  assert_false(fits({6, 5, 4, 3}, 1, {mm, mm, s}));
  assert_false(fits({6, 5}, 1, {mm, s}));
  assert_false(fits({6, 5, 4, 3}, 2, {mm, mm, mm, hz}));
}

struct StatedUnit {
  swr_unit unit;
  const char* name;
  double number;  // that NGFF states of 0.508 mm or s
};
constexpr StatedUnit stated_units[] = {
    {SWR_UNIT_NONE, "", 0.508},
    {SWR_UNIT_METRE, "meter", 0.000508},
    {SWR_UNIT_CENTIMETRE, "centimeter", 0.0508},
    {SWR_UNIT_MILLIMETRE, "millimeter", 0.508},
    {SWR_UNIT_MICROMETRE, "micrometer", 508},
    {SWR_UNIT_NANOMETRE, "nanometer", 508000},
    {SWR_UNIT_INCH, "inch", 0.02},
    {SWR_UNIT_ANGSTROM, "angstrom", 0.508},
    {SWR_UNIT_SECOND, "second", 0.508},
    {SWR_UNIT_MILLISECOND, "millisecond", 508},
    {SWR_UNIT_MICROSECOND, "microsecond", 508000},
    {SWR_UNIT_HERTZ, "hertz", 0.508},
};

void each_axis_is_stated_in_its_unit(void**) {
  for (const StatedUnit& stated : stated_units) {
    const Quantity quantity = quantity_of(stated.unit);
    const int axis = quantity == Quantity::length || quantity == Quantity::none ? 1 : 2;
    Image image = an_image({6, 5, 4});
    image.spacing[axis] = 0.508;
    image.origin[axis] = -0.508;
    image.units[axis] = stated.unit;
    const Index half{3, 3, 4};
    const ZarrDraft draft = draft_zarr_image(image, 3, true, "x", {{half}, PyramidMethod::mean});
    const auto ngff = read_ngff(draft.attributes, "x");
    const size_t of_array = 2 - static_cast<size_t>(axis);
    expect_text(ngff->axes[of_array].unit, stated.name);
    assert_true(ngff->levels[0].scale[of_array] == stated.number);
    assert_true(ngff->levels[0].translation[of_array] == -stated.number);
    const bool is_halved = axis == 1;
    expect_near(ngff->levels[1].scale[of_array], stated.number * (is_halved ? 2 : 1));
    expect_near(ngff->levels[1].translation[of_array], -stated.number * (is_halved ? 0.5 : 1));
    assert_null(draft.attributes.find("swr")->find("units"));
  }
}

// For some of these numbers no double in inches or metres gives the last bit.
void what_a_unit_loses_is_noted(void**) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> numbers(0.1, 10);
  int noted = 0;
  for (int unit = SWR_UNIT_NONE; unit <= SWR_UNIT_ANGSTROM; ++unit) {
    for (int i = 0; i < 100; ++i) {
      Image image = an_image({6, 5, 4, 3});
      const bool is_length = quantity_of(static_cast<swr_unit>(unit)) == Quantity::length;
      image.units[is_length ? 0 : 3] = static_cast<swr_unit>(unit);
      for (int axis = 0; axis < 4; ++axis) {
        image.spacing[axis] = numbers(random);
        image.origin[axis] = numbers(random);
      }
      const ZarrDraft draft = draft_zarr_image(image, 2, true, "x");
      const Image read = read_back(draft, 2).image;
      assert_true(read.spacing == image.spacing);
      assert_true(read.origin == image.origin);
      const Json* const swr = draft.attributes.find("swr");
      if (swr && swr->find("spacing")) ++noted;
    }
  }
  assert_true(noted > 0);
}

// Another program has changed the scale, and not what swr noted.
void noted_spacing_gives_way_to_another_scale(void**) {
  const Image image = an_image({6, 5});
  const ZarrDraft draft = draft_zarr_image(image, 2, true, "x");
  auto ngff = read_ngff(draft.attributes, "x");
  ngff->levels[0].scale = {7, 0.3};
  const Json notes = parse_json(R"({"swr": {"spacing": [0.30000000000000004, 2]}})", "x");
  const Image read = read_zarr_image(array_of(draft, 2), &*ngff, 0, notes, "x").image;
  assert_true(read.spacing[0] == 0.30000000000000004);
  assert_true(read.spacing[1] == 7);
}

void numbers_that_a_unit_cannot_state_stay_in_mm_and_s(void**) {
  Image image = an_image({6, 5, 4, 3});
  image.set_space_unit(SWR_UNIT_NANOMETRE);
  image.units[2] = SWR_UNIT_METRE;
  image.units[3] = SWR_UNIT_MICROSECOND;
  image.spacing = {1e305, 1, 1e-320, 1e306};
  const ZarrDraft draft = draft_zarr_image(image, 2, true, "x");
  const auto ngff = read_ngff(draft.attributes, "x");
  const char* const names[] = {"second", "millimeter", "nanometer", "millimeter"};
  for (size_t i = 0; i < 4; ++i) expect_text(ngff->axes[i].unit, names[i]);
  const Image read = read_back(draft, 2).image;
  assert_true(read.spacing == image.spacing);
  assert_true(read.units == image.units);
}

void new_image_of_ngff_is_as_the_specification_says(void**) {
  Image image = an_image({6, 5, 4, 3}, SWR_UINT8, 3, SWR_KIND_RGB);
  image.set_space_unit(SWR_UNIT_MICROMETRE);
  image.units[3] = SWR_UNIT_MILLISECOND;
  image.spacing = {0.7, 0.8, 2.5, 0.1};
  image.origin = {10.5, 20, 30, 5};
  image.direction[0] = -1;
  const ZarrDraft draft = draft_zarr_image(image, 2, true, "x");
  assert_true((draft.shape == ZarrShape{3, 3, 4, 5, 6}));
  assert_int_equal(draft.channel_axis, 1);
  assert_true((draft.axis_names == std::vector<std::string>{"t", "c", "z", "y", "x"}));
  const std::string list = R"([
    {
      "version": "0.4",
      "axes": [
        {
          "name": "t",
          "type": "time",
          "unit": "millisecond"
        },
        {
          "name": "c",
          "type": "channel"
        },
        {
          "name": "z",
          "type": "space",
          "unit": "micrometer",
          "orientation": {
            "type": "anatomical",
            "value": "inferior-to-superior"
          }
        },
        {
          "name": "y",
          "type": "space",
          "unit": "micrometer",
          "orientation": {
            "type": "anatomical",
            "value": "anterior-to-posterior"
          }
        },
        {
          "name": "x",
          "type": "space",
          "unit": "micrometer",
          "orientation": {
            "type": "anatomical",
            "value": "left-to-right"
          }
        }
      ],
      "datasets": [
        {
          "path": "0",
          "coordinateTransformations": [
            {
              "type": "scale",
              "scale": [100.0, 1.0, 2500.0, 800.0, 700.0]
            },
            {
              "type": "translation",
              "translation": [5000.0, 0.0, 30000.0, 20000.0, -10500.0]
            }
          ]
        }
      ]
    }
  ])";
  expect_text(json_text(draft.attributes), "{\n  \"multiscales\": " + list + R"(,
  "swr": {
    "version": 1,
    "kind": "rgb"
  }
}
)");
  const Json attributes_5 = draft_zarr_image(image, 3, true, "x").attributes;
  expect_text(*attributes_5.find("ome")->find("version")->string(), "0.5");
  assert_null((*attributes_5.find("ome")->find("multiscales")->array())[0].find("version"));
}

void oblique_directions_are_the_librarys_own_and_said(void**) {
  Image image = an_image({6, 5, 4});
  set_oblique_geometry(image);
  const ZarrDraft draft = draft_zarr_image(image, 3, true, "x");
  assert_int_equal(draft.remarks.size(), 1);
  assert_false(draft.remarks[0].loss);
  assert_non_null(draft.attributes.find("swr")->find("direction"));
  assert_null(draft.attributes.find("swr")->find("spacing"));
  assert_true(draft_zarr_image(image, 3, false, "x").remarks.empty());
}

// A translation that another program changed counts more than the position that was noted.
void changed_translation_moves_an_oblique_image(void**) {
  Image image = an_image({6, 5, 4});
  set_oblique_geometry(image);
  const ZarrDraft draft = draft_zarr_image(image, 2, true, "x");
  auto ngff = read_ngff(draft.attributes, "x");
  ngff->levels[0].translation[2] += 2 * image.spacing[0];
  const Image moved = read_zarr_image(array_of(draft, 2), &*ngff, 0, draft.attributes, "x").image;
  for (int row = 0; row < 3; ++row)
    expect_near(moved.origin[row],
                image.origin[row] + 2 * image.spacing[0] * image.direction[3 * row]);
}

void damaged_notes_are_passed_over(void**) {
  Image image = an_image({6, 5, 4});
  const ZarrDraft draft = draft_zarr_image(image, 2, false, "x");
  const ZarrArray array = array_of(draft, 2);
  for (const char* notes :
       {R"({"swr": 3})", R"({"swr": {"index": [1, 2]}})", R"({"swr": {"index": [1e300, 2, 3]}})",
        R"({"swr": {"index": "1 2 3"}})", R"({"swr": {"spacing": [1, 2, 0]}})",
        R"({"swr": {"spacing": ["NaN", 1, 1], "direction": [1], "first_pixel": {}}})",
        R"({"swr": {"units": ["mm", 1, "mm"], "channel_axis": 3, "kind": "rgb"}})",
        R"({"swr": {"channel_axis": -1, "scale": [0, 1], "placement": [], "metadata": []}})",
        R"({"swr": {"metadata": {"a": 1, "": "x", "swr_index": "y"}}})"}) {
    const Image read = read_zarr_image(array, nullptr, 0, parse_json(notes, "x"), "x").image;
    expect_equal(read, image);
    assert_false(read.placement.has_value() || read.scale.stated);
  }
}

void attributes_of_others_stay_when_those_of_an_image_change(void**) {
  Image image = an_image({6, 5, 4});
  const Json attributes = draft_zarr_image(image, 3, true, "x").attributes;
  const std::string old =
      "{\"zarr_format\": 3, \"node_type\": \"group\", \"attributes\": "
      "{\"mine\" : [1.50], \"swr\": {\"version\": 1}, \"ome\": {}}}";
  constexpr std::array<std::string_view, 1> within = {"attributes"};
  const std::string changed = with_zarr_attributes(old, attributes, within);
  const Json read = parse_json(changed, "x");
  assert_true(*read.find("attributes")->find("ome") == *attributes.find("ome"));
  assert_null(read.find("attributes")->find("swr"));
  assert_true(
      changed.starts_with("{\"zarr_format\": 3, \"node_type\": \"group\", \"attributes\": "
                          "{\"mine\" : [1.50], \"ome\": {"));
  assert_true((zarr_own_attributes(*read.find("attributes")) == std::vector<std::string>{"mine"}));
  assert_true((zarr_own_attributes(parse_json(R"({"ome": {"omero": {}}})", "x")) ==
               std::vector<std::string>{"omero"}));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(image_of_any_type_is_read_back),
      cmocka_unit_test(image_of_any_dimension_is_read_back_with_its_place),
      cmocka_unit_test(units_are_read_back),
      cmocka_unit_test(placement_scale_and_metadata_are_read_back),
      cmocka_unit_test(metadata_that_is_not_utf_8_is_left_out_with_a_remark),
      cmocka_unit_test(images_beyond_ngff_are_told_apart),
      cmocka_unit_test(new_image_of_ngff_is_as_the_specification_says),
      cmocka_unit_test(each_axis_is_stated_in_its_unit),
      cmocka_unit_test(what_a_unit_loses_is_noted),
      cmocka_unit_test(noted_spacing_gives_way_to_another_scale),
      cmocka_unit_test(numbers_that_a_unit_cannot_state_stay_in_mm_and_s),
      cmocka_unit_test(oblique_directions_are_the_librarys_own_and_said),
      cmocka_unit_test(changed_translation_moves_an_oblique_image),
      cmocka_unit_test(damaged_notes_are_passed_over),
      cmocka_unit_test(attributes_of_others_stay_when_those_of_an_image_change),
  };
  return cmocka_run_group_tests_name("zarr_image", tests, nullptr, nullptr);
}

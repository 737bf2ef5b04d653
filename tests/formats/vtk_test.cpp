// VTK's legacy format: what is planned is read back, files of other programs are read as they were
// meant, and headers that are wrong are refused.
#include "formats/vtk_header.h"
#include "vtk_checks.h"

namespace swr {
extern const Format vtk_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

std::string vtk_sample(const std::string& name) {
  return SWR_TEST_DATA "/vtk/" + name;
}

Image placed(std::vector<int64_t> size, swr_component component = SWR_INT16, int components = 1,
             swr_kind kind = SWR_KIND_SCALAR) {
  Image image = an_image(std::move(size), component, components, kind);
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    image.spacing[axis] = 0.7 + axis / 3.0;
    image.origin[axis] = -10.1 + 7.3 * axis;
  }
  return image;
}

NewFile planned(const Image& image, const std::string& path, const Description* base = nullptr) {
  return planned_by(vtk_format, image, path, base);
}

std::string written(const Image& image, const Description* base = nullptr) {
  return planned(image, "written.vtk", base).header;
}

void files_of_vtk_are_read_as_it_wrote_them(void**) {
  const auto check = [](const char* name, swr_component component, int components, swr_kind kind) {
    Description file = read_description(vtk_format, vtk_sample(name));
    expect_equal(file.image, image_of_samples(component, components, kind));
    return file;
  };
  expect_series<int16_t>(vtk_format, check("bin_int16.vtk", SWR_INT16, 1, SWR_KIND_SCALAR));
  expect_series<uint8_t>(vtk_format, check("bin_uint8.vtk", SWR_UINT8, 1, SWR_KIND_SCALAR));
  expect_series<double>(vtk_format, check("bin_float64.vtk", SWR_FLOAT64, 1, SWR_KIND_SCALAR));
  expect_series<uint8_t>(vtk_format, check("rgb_uint8.vtk", SWR_UINT8, 3, SWR_KIND_RGB));
  expect_series<float>(vtk_format, check("vec_float32.vtk", SWR_FLOAT32, 3, SWR_KIND_VECTOR));
  const Description ascii = check("ascii_int16.vtk", SWR_INT16, 1, SWR_KIND_SCALAR);
  expect_series<int16_t>(vtk_format, ascii);
  assert_true(ascii.read_only.find("text") != std::string::npos);
}

// Strings, bits and ids in a FIELD, with names of components after its last array.
void files_of_vtk_with_fields_are_read_as_it_wrote_them(void**) {
  for (const char* const name : {"fields_binary.vtk", "fields_text.vtk"}) {
    const Description file = read_description(vtk_format, vtk_sample(name));
    expect_equal(file.image, image_of_samples(SWR_INT16, 1, SWR_KIND_SCALAR));
    expect_series<int16_t>(vtk_format, file);
    const auto own = file.header->own_fields();
    assert_int_equal(own.size(), 2);
    expect_text(own[0], "FIELD");
    expect_text(own[1], "METADATA");
  }
}

void colours_as_text_are_the_bytes_that_vtk_reads(void**) {
  const Description file = read_description(vtk_format, vtk_sample("rgb_text.vtk"));
  expect_equal(file.image, image_of_samples(SWR_UINT8, 3, SWR_KIND_RGB));
  expect_series<uint8_t>(vtk_format, file);
  assert_true(file.header->own_fields().empty());
}

void every_type_and_dimension_comes_back(void**) {
  for (const TypeOfPixel& type : all_types_of_pixel()) {
    const bool is_colour = type.kind == SWR_KIND_RGB || type.kind == SWR_KIND_RGBA;
    const bool is_held =
        is_colour ? type.component == SWR_UINT8 : type.kind == default_kind(type.components);
    for (const auto& size :
         std::vector<std::vector<int64_t>>{{7}, {7, 5}, {7, 5, 3}, {7, 5, 1}, {1}}) {
      const Image image = placed(size, type.component, type.components, type.kind);
      if (is_held) {
        const Description file = expect_round_trip(vtk_format, image, "all.vtk");
        assert_int_equal(file.layout.parts[0].offset, 4096);
      } else {
        expect_failure(SWR_ERROR_UNSUPPORTED, {"all.vtk", "cannot hold pixels of"},
                       [&] { planned(image, "all.vtk"); });
      }
    }
  }
}

void what_vtk_cannot_hold_is_refused(void**) {
  expect_axes_are_checked(vtk_format);
}

void the_title_says_how_many_dimensions_there_are(void**) {
  const std::string flat = written(placed({7, 5})), solid = written(placed({7, 5, 1}));
  assert_true(flat.find("\nswr image (2-D)\n") != std::string::npos);
  const auto dimensions = [](const std::string& header) {
    return read_text(vtk_format, "title.vtk", header).image.dimensions();
  };
  assert_int_equal(dimensions(flat), 2);
  assert_int_equal(dimensions(solid), 3);
  assert_int_equal(dimensions(with(flat, "swr image (2-D)", "a picture")), 2);
  assert_int_equal(dimensions(with(solid, "swr image (3-D)", "a picture")), 2);  // as in ITK
  // A title of another program stays, unless it is read as another number.
  const Description old =
      read_text(vtk_format, "title.vtk", with(flat, "swr image (2-D)", "heart"));
  assert_true(written(placed({7, 5}), &old).find("\nheart\n") != std::string::npos);
  assert_true(written(placed({7, 5, 3}), &old).find("\nheart\n") != std::string::npos);
  assert_true(written(placed({7, 5, 1}), &old).find("\nheart (3-D)\n") != std::string::npos);
}

void growth_changes_the_sizes_and_keeps_the_pixels_place(void**) {
  for (const auto& size : std::vector<std::vector<int64_t>>{{7}, {7, 5}, {7, 5, 1}, {7, 5, 3}}) {
    write_bytes("grow.vtk", written(placed(size)));
    const std::string bytes = grown_header(vtk_format, "grow.vtk", 123456789);
    assert_int_equal(bytes.size(), 4096);
  }
  const std::string narrow = read_bytes(vtk_sample("bin_int16.vtk"));
  write_bytes("narrow.vtk", narrow);
  assert_int_equal(grown_header(vtk_format, "narrow.vtk", 12).size(), 0);  // no room
  // Of sizes with as many digits there is room: 13 * 7 * 9 is 819.
  assert_int_equal(grown_header(vtk_format, "narrow.vtk", 9).size(), narrow.size());
}

std::optional<Growth> growth_of(const Description& file) {
  Image grown = file.image;
  ++grown.region.size[grown.dimensions() - 1];
  return vtk_format.grow("after.vtk", file, grown);
}

void what_follows_the_pixels_moves_or_is_no_part_of_the_image(void**) {
  const std::string file = written(placed({3, 2})) + std::string(12, '\7');
  for (const char* const trailer :
       {"", "\n", "\nMETADATA\nINFORMATION 0\n\n", "\nMETADATA\nCOMPONENT_NAMES\na\n\n  \n"}) {
    const Description found = read_text(vtk_format, "after.vtk", file + trailer);
    assert_int_equal(found.trailer_bytes, std::string(trailer).size());
    assert_int_equal(found.other_bytes, 0);
    const auto growth = growth_of(found);
    assert_true(growth.has_value());
    expect_text(growth->trailer, trailer);
  }
  const std::string second = "SCALARS more short\nLOOKUP_TABLE default\n";
  const std::string blank(100000, ' ');
  const std::pair<std::string, std::string> not_all_own[] = {
      {"\n", second}, {"\nMETADATA\nINFORMATION 0\n\n", second}, {"", blank}};
  for (const auto& [own, others] : not_all_own) {
    const Description found = read_text(vtk_format, "after.vtk", file + own + others);
    assert_int_equal(found.trailer_bytes, own.size());
    assert_int_equal(found.other_bytes, others.size());
  }
}

// VTK writes ranges of the norms, which a paste makes untrue.
void ranges_in_metadata_give_way_to_line_ends(void**) {
  const std::string image = written(placed({3, 2})) + std::string(12, '\7');
  const std::string range = "NAME L2_NORM_RANGE LOCATION vtkDataArray\nDATA 2 0 5.19 \n";
  const std::string unit = "NAME UNITS_LABEL LOCATION vtkDataArray\nDATA mm\n";
  const auto metadata = [](int count, const std::string& entries, const std::string& end) {
    return text("\nMETADATA\nCOMPONENT_NAMES\na\nINFORMATION ", count, "\n", entries, end);
  };
  const std::string second = "SCALARS more short\nLOOKUP_TABLE default\n";
  for (const std::string& end : {std::string("\n"), std::string(), "\n" + second}) {
    const std::string old = metadata(2, range + unit, end);
    const Description file = read_text(vtk_format, "after.vtk", image + old);
    const auto patches = vtk_format.outdate(file);
    assert_int_equal(patches.size(), 1);
    assert_int_equal(patches[0].offset, image.size());
    std::string expected = metadata(1, unit, end.empty() ? "" : "\n");
    expected += std::string(range.size(), '\n') + (end.size() > 1 ? second : "");
    expect_text(patches[0].bytes, expected);
    const Description after = read_text(vtk_format, "after.vtk", image + expected);
    assert_true(vtk_format.outdate(after).empty());
    assert_int_equal(after.other_bytes, file.other_bytes);
    if (end.size() > 1) continue;
    expect_text(growth_of(file)->trailer, metadata(1, unit, end));
    expect_text(planned(file.image, "new.vtk", &file).trailer, metadata(1, unit, end));
  }
  const std::string all = metadata(2, range + range, "\n");
  expect_text(growth_of(read_text(vtk_format, "after.vtk", image + all))->trailer,
              metadata(0, "", "\n"));
  for (const std::string& other :
       {metadata(1, unit, "\n"), metadata(0, range, "\n"), std::string("\n"),
        metadata(1, "NAME A_RANGE LOCATION b\nNAME c LOCATION d\n", "\n")})
    assert_true(vtk_format.outdate(read_text(vtk_format, "after.vtk", image + other)).empty());
}

void a_new_header_keeps_what_the_old_one_says(void**) {
  const Image image = placed({3, 2});
  const std::string pixels(12, '\7');
  std::string text = with(written(image), "SCALARS scalars", "SCALARS heart");
  text = with(text, "DIMENSIONS", "FIELD FieldData 1\nTIME 1 1 double\n12345678\nDIMENSIONS");
  text = with(text, "SPACING 0.", "SPACING 00.");
  const Description old =
      read_text(vtk_format, "old.vtk", text + pixels + "\nMETADATA\nINFORMATION 0\n\n");
  const NewFile same = planned(old.image, "new.vtk", &old);
  for (const char* const part : {"FIELD FieldData 1\nTIME 1 1 double\n12345678\nDIMENSIONS",
                                 "SPACING 00.", "SCALARS heart short 1\n"})
    assert_true(same.header.find(part) != std::string::npos);
  expect_text(same.trailer, "\nMETADATA\nINFORMATION 0\n\n");
  assert_int_equal(same.remarks.size(), 0);
  expect_equal(read_text(vtk_format, "new.vtk", same.header).image, old.image);
  Image other = old.image;
  other.pixel = {SWR_FLOAT32, 3, SWR_KIND_VECTOR};
  other.spacing[1] = 0.25;
  const NewFile changed = planned(other, "new.vtk", &old);
  expect_text(changed.trailer, "\n");
  assert_true(changed.header.find("VECTORS heart float\n") != std::string::npos);
  expect_equal(read_text(vtk_format, "new.vtk", changed.header).image, other);
  assert_int_equal(old.header->own_fields().size(), 1);
  const Description two = read_text(vtk_format, "two.vtk", text + pixels + "\nSCALARS b short\n");
  assert_int_equal(two.header->own_fields().size(), 1);
  const std::string named = "\nMETADATA\nCOMPONENT_NAMES\nmass\n\n";
  const Description of_names = read_text(vtk_format, "names.vtk", text + pixels + named);
  assert_int_equal(of_names.header->own_fields().size(), 2);
  other.pixel = {SWR_FLOAT32, 1, SWR_KIND_SCALAR};
  expect_text(planned(other, "new.vtk", &of_names).trailer, named);
  other.pixel = {SWR_FLOAT32, 3, SWR_KIND_VECTOR};
  expect_text(planned(other, "new.vtk", &of_names).trailer, "\n");
  assert_int_equal(planned(other, "new.vtk", &of_names).remarks.size(), 1);
}

NewFile copied(const std::string& sample_name, const PixelType& pixel) {
  const Description old = read_description(vtk_format, vtk_sample(sample_name));
  Image image = old.image;
  image.pixel = pixel;
  return planned(image, "copy.vtk", &old);
}

void metadata_stay_with_pixels_of_as_many_components_or_are_told(void**) {
  const NewFile same = copied("fields_binary.vtk", {SWR_INT16, 1, SWR_KIND_SCALAR});
  assert_true(same.trailer.find("\nMETADATA\nCOMPONENT_NAMES\ndepth\n") != std::string::npos);
  const NewFile wider = copied("fields_binary.vtk", {SWR_FLOAT64, 1, SWR_KIND_SCALAR});
  expect_text(wider.trailer, same.trailer);
  assert_int_equal(wider.remarks.size(), 0);
  const NewFile vectors = copied("fields_binary.vtk", {SWR_INT16, 3, SWR_KIND_VECTOR});
  expect_text(vectors.trailer, "\n");
  assert_int_equal(vectors.remarks.size(), 1);
  assert_true(vectors.remarks[0].loss);
  assert_true(vectors.remarks[0].text.find("METADATA") != std::string::npos);
  // Of text the METADATA stay; the FIELD does not, and is told.
  const NewFile text = copied("fields_text.vtk", {SWR_INT16, 1, SWR_KIND_SCALAR});
  expect_text(std::string(trimmed(text.trailer)), std::string(trimmed(same.trailer)));
  assert_int_equal(text.remarks.size(), 1);
  assert_true(text.remarks[0].text.find("FIELD") != std::string::npos);
  assert_true(text.header.find("FIELD") == std::string::npos);
  read_text(vtk_format, "copy.vtk", text.header);
  const std::string plain = written(placed({3, 2})) + std::string(12, '\7');
  for (const char* const nothing : {"\n", "\nMETADATA\nINFORMATION 0\n\n"})
    assert_true(read_text(vtk_format, "x.vtk", plain + nothing).header->own_fields().empty());
}

void numbers_and_keywords_that_need_not_change_keep_their_text(void**) {
  std::string header =
      with(written(placed({7, 5}, SWR_UINT8, 3, SWR_KIND_VECTOR)), "VECTORS vectors unsigned_char",
           "SCALARS s unsigned_char 3\nLOOKUP_TABLE default");
  const size_t spacing = header.find("SPACING");
  header = header.substr(0, spacing) + "SPACING 00.5 0.50 7\nORIGIN 01 02 030\n" +
           header.substr(header.find("POINT_DATA"));
  const Description old = read_text(vtk_format, "old.vtk", header);
  Image image = old.image;
  const std::string same = planned(image, "new.vtk", &old).header;
  assert_true(same.find("SPACING 00.5 0.50 7\nORIGIN 01 02 030") != std::string::npos);
  assert_true(same.find("SCALARS s unsigned_char 3\n") != std::string::npos);
  image.spacing[1] = 0.25;
  image.origin[0] = 4;
  const std::string moved = planned(image, "new.vtk", &old).header;
  assert_true(moved.find("SPACING 00.5 0.25 7\nORIGIN 4 02 030") != std::string::npos);
  const Description colours =
      read_text(vtk_format, "old.vtk",
                with(written(placed({7, 5}, SWR_UINT8)),
                     "SCALARS scalars unsigned_char 1\nLOOKUP_TABLE default", "COLOR_SCALARS c 1"));
  assert_true(planned(colours.image, "new.vtk", &colours).header.find("COLOR_SCALARS c 1\n") !=
              std::string::npos);
}

void long_title_gives_way_to_the_number_of_dimensions_alone(void**) {
  const std::string title(252, 't');
  const Description old =
      read_text(vtk_format, "title.vtk", with(written(placed({7, 5})), "swr image (2-D)", title));
  const NewFile same = planned(placed({7, 5}), "new.vtk", &old);
  assert_true(same.header.find("\n" + title + "\n") != std::string::npos);
  assert_int_equal(same.remarks.size(), 0);
  const NewFile other = planned(placed({7, 5, 1}), "new.vtk", &old);
  assert_true(other.header.find("\n" + title.substr(0, 249) + " (3-D)\n") != std::string::npos);
  assert_int_equal(other.remarks.size(), 1);
  assert_true(other.remarks[0].loss);
}

void spellings_of_other_programs_are_read(void**) {
  const std::string header =
      "# vtk DataFile Version 2.0\ntitle\nbinary\n\nDataset Structured_Points\r\n"
      "Origin 1 2 3\nAspect_Ratio 0.5 0.5 2 \ndimensions 2 1 2\n   \nPoint_Data 4\n";
  const auto read = [&](const std::string& lines, size_t bytes) {
    return read_text(vtk_format, "other.vtk", header + lines + std::string(bytes, '\1'));
  };
  const Description file = read("scalars s unsigned_short\nlookup_table default\n", 8);
  assert_int_equal(file.image.pixel.component, SWR_UINT16);
  expect_near(file.image.spacing[2], 2);
  expect_near(file.image.origin[1], 2);
  const Description bare = read("SCALARS s char 2\n", 8);  // without a lookup table
  assert_int_equal(bare.image.pixel.components, 2);
  assert_int_equal(pixels_of(vtk_format, bare).size(), 8);
  assert_int_equal(read("SCALARS s long\n", 32).image.pixel.component, SWR_INT64);
  assert_int_equal(read("SCALARS s long\n", 16).image.pixel.component, SWR_INT32);
  assert_int_equal(read("SCALARS s unsigned_long\n", 17).image.pixel.component, SWR_UINT32);
  assert_int_equal(read("COLOR_SCALARS s 4\n", 16).image.pixel.kind, SWR_KIND_RGBA);
  assert_int_equal(read("COLOR_SCALARS s 2\n", 8).image.pixel.kind, SWR_KIND_VECTOR);
  assert_int_equal(read("VECTORS s double\n", 96).image.pixel.components, 3);
}

void header_that_is_wrong_is_refused(void**) {
  const std::string header = written(placed({7, 5, 3}));
  const auto rejected = [&](swr_status status, const std::string& word, const std::string& from,
                            const std::string& to) {
    const std::string bytes = with(header, from, to);
    expect_failure(status, {"lie.vtk", word}, [&] { read_text(vtk_format, "lie.vtk", bytes); });
  };
  const std::string blanks(19, ' ');
  rejected(SWR_ERROR_CORRUPT, "first line", "# vtk", "# VTK");
  rejected(SWR_ERROR_CORRUPT, "third line", "BINARY", "BINARI");
  rejected(SWR_ERROR_CORRUPT, "fourth line", "DATASET", "DATASETS");
  rejected(SWR_ERROR_UNSUPPORTED, "POLYDATA", "STRUCTURED_POINTS", "POLYDATA");
  rejected(SWR_ERROR_CORRUPT, "DIMENSIONS", blanks + "7", blanks + "0");
  rejected(SWR_ERROR_CORRUPT, "DIMENSIONS", blanks + "7", blanks + "x");
  rejected(SWR_ERROR_CORRUPT, "DIMENSIONS", "DIMENSIONS " + blanks + "7", "DIMENSIONS");
  rejected(SWR_ERROR_CORRUPT, "POINT_DATA", blanks + "7", blanks + "8");
  rejected(SWR_ERROR_CORRUPT, "POINT_DATA", "POINT_DATA", "SCALARS s short\nPOINT_DATA");
  rejected(SWR_ERROR_CORRUPT, "too large", blanks + "7", "4611686018427387904");
  rejected(SWR_ERROR_CORRUPT, "spacing", "SPACING ", "SPACING x");
  rejected(SWR_ERROR_UNSUPPORTED, "spacing of axis 0", "SPACING ", "SPACING -");
  rejected(SWR_ERROR_CORRUPT, "origin", "ORIGIN ", "ORIGIN nan ");
  rejected(SWR_ERROR_UNSUPPORTED, "TENSORS", "SCALARS scalars short 1", "TENSORS t short");
  rejected(SWR_ERROR_UNSUPPORTED, "CELL_DATA", "POINT_DATA", "CELL_DATA 48\nPOINT_DATA");
  rejected(SWR_ERROR_UNSUPPORTED, "FIELD", "SCALARS", "FIELD f 1\nSCALARS");
  rejected(SWR_ERROR_UNSUPPORTED, "bit", "short 1", "bit 1");
  rejected(SWR_ERROR_CORRUPT, "components", "short 1", "short 0");
  rejected(SWR_ERROR_CORRUPT, "ends within", "SCALARS scalars short 1\nLOOKUP_TABLE default\n", "");
  rejected(SWR_ERROR_CORRUPT, "array", "DIMENSIONS", "FIELD f 1\na -1 2 int\nDIMENSIONS");
  rejected(SWR_ERROR_CORRUPT, "ends within", "DIMENSIONS", "FIELD f 1\na 1 999999 int\nDIMENSIONS");
  rejected(SWR_ERROR_UNSUPPORTED, "variant", "DIMENSIONS", "FIELD f 1\na 1 2 variant\nDIMENSIONS");
  rejected(SWR_ERROR_CORRUPT, "ends within", "DIMENSIONS",
           "FIELD f 1\na 1 1 string\n\x01\xff\xff\xff\xff\xff\xff\xff\nDIMENSIONS");
  rejected(SWR_ERROR_CORRUPT, "longer", "DIMENSIONS",
           "FIELD f 1\na 4294967295 4294967295 bit\nDIMENSIONS");
}

void other_files_are_not_recognised(void**) {
  assert_true(vtk_format.recognise("# vtk DataFile Version 3.0\n", "x.dat"));
  assert_false(vtk_format.recognise("# vtk", "x.vtk"));
  assert_false(vtk_format.recognise("<?xml version=\"1.0\"?>", "x.vtk"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(files_of_vtk_are_read_as_it_wrote_them),
      cmocka_unit_test(files_of_vtk_with_fields_are_read_as_it_wrote_them),
      cmocka_unit_test(colours_as_text_are_the_bytes_that_vtk_reads),
      cmocka_unit_test(metadata_stay_with_pixels_of_as_many_components_or_are_told),
      cmocka_unit_test(numbers_and_keywords_that_need_not_change_keep_their_text),
      cmocka_unit_test(long_title_gives_way_to_the_number_of_dimensions_alone),
      cmocka_unit_test(every_type_and_dimension_comes_back),
      cmocka_unit_test(what_vtk_cannot_hold_is_refused),
      cmocka_unit_test(the_title_says_how_many_dimensions_there_are),
      cmocka_unit_test(growth_changes_the_sizes_and_keeps_the_pixels_place),
      cmocka_unit_test(what_follows_the_pixels_moves_or_is_no_part_of_the_image),
      cmocka_unit_test(ranges_in_metadata_give_way_to_line_ends),
      cmocka_unit_test(a_new_header_keeps_what_the_old_one_says),
      cmocka_unit_test(spellings_of_other_programs_are_read),
      cmocka_unit_test(header_that_is_wrong_is_refused),
      cmocka_unit_test(other_files_are_not_recognised),
  };
  return cmocka_run_group_tests_name("vtk", tests, nullptr, nullptr);
}

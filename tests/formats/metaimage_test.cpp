// MetaImage: plans are read back, files of ITK are read correctly, headers of every style are
// understood, and wrong ones are detected.
#include <sstream>

#include "formats/metaimage_header.h"
#include "header_checks.h"

namespace swr {
extern const Format metaimage_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = metaimage_format;

const std::string plain_header =
    "ObjectType = Image\n"
    "NDims = 3\n"
    "BinaryData = True\n"
    "BinaryDataByteOrderMSB = False\n"
    "CompressedData = False\n"
    "TransformMatrix = 1 0 0 0 1 0 0 0 1\n"
    "Offset = -10.5 20.25 30\n"
    "ElementSpacing = 0.5 0.5 2\n"
    "DimSize = 4 3 2\n"
    "ElementType = MET_SHORT\n"
    "ElementDataFile = LOCAL\n";

Description read_variant(const std::string& from, const std::string& to) {
  return read_text(format, "variant.mhd", with(plain_header, from, to));
}

void expect_corrupt(const std::string& from, const std::string& to, const std::string& word) {
  expect_failure(SWR_ERROR_CORRUPT, {"variant.mhd", word}, [&] { read_variant(from, to); });
}

void expect_refused(const Image& image, const std::string& path, const std::string& word) {
  expect_failure(SWR_ERROR_UNSUPPORTED, {path, word},
                 [&] { format.plan(image, request_for(format, path)); });
}

void plan_of_each_type_is_read_back(void**) {
  for (const TypeOfPixel& type : all_types_of_pixel()) {
    for (const auto& size :
         std::vector<std::vector<int64_t>>{{5}, {5, 4}, {5, 4, 3}, {5, 4, 3, 2}, {5, 4, 3, 2, 2}}) {
      Image image = an_image(size, type.component, type.components, type.kind);
      set_oblique_geometry(image);
      expect_round_trip(format, image, "type.mha");
      expect_round_trip(format, image, "type.mha", true);
    }
  }
}

void plan_of_ten_dimensions_is_read_back(void**) {
  Image image = an_image({2, 2, 2, 2, 2, 2, 2, 2, 2, 3});
  set_oblique_geometry(image);
  expect_round_trip(format, image, "ten.mha");
  expect_refused(an_image({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}), "eleven.mha", "dimensions");
}

void lengths_in_any_unit_come_back_to_the_last_bit(void**) {
  for (const swr_unit unit : {SWR_UNIT_CENTIMETRE, SWR_UNIT_MICROMETRE})
    for (const size_t axes : {2, 3, 4}) expect_exact_lengths(format, "unit.mha", axes, unit);
}

void plan_with_a_start_index_keeps_pixels_in_place(void**) {
  Image image = an_image({40, 30, 20});
  set_oblique_geometry(image);
  image.region.index = {0, 100, -200};
  const Description file = expect_round_trip(format, image, "index.mha");
  assert_true(file.image.metadata.empty());
  assert_int_equal(file.image.region.index[2], -200);
  const std::string header = read_bytes("index.mha");
  assert_true(header.find("\nswr_index = 0 100 -200\n") != std::string::npos);
  assert_true(header.find("\nOffset = -10.1 ") == std::string::npos);
}

void plan_with_metadata_brings_it_back(void**) {
  Image image = an_image({4, 3});
  image.metadata = {{"PatientName", "M\xc3\xbcller; a = b : c"},
                    {"Key with blanks", "x"},
                    {"Modality", "MET_MOD_CT"},
                    {"Comment", "words # and more"},
                    {"blank at the end", "patientid "},
                    {"Long", std::string(32767, 'x')}};
  expect_round_trip(format, image, "metadata.mha");
  expect_round_trip(format, image, "metadata.mhd", true);
}

void metadata_that_would_break_the_header_is_left_out(void**) {
  const std::vector<std::pair<std::string, std::string>> impossible = {
      {"a", "two\nlines"},
      {"a", "cr\r"},
      {"a", ""},
      {"a", " "},
      {"a", " blank"},
      {"a", "=x"},
      {"a", ":x"},
      {"", "x"},
      {"a=b", "x"},
      {"a:b", "x"},
      {"#a", "x"},
      {" a", "x"},
      {"a\n", "x"},
      {"DimSize", "9 9 9"},
      {"NDims", "1"},
      {"swr_index", "1 1 1"},
      {"swr_kind", "rgb"},
      {"swr_pad", "x"},
      {"ElementDataFile", "LOCAL"},
      {"a", std::string(32768, 'x')},
      {std::string(300, 'k'), "x"},
      {"Comment", std::string(490, 'x')}};
  for (const auto& entry : impossible) {
    Image image = an_image({4, 3, 2});
    image.metadata = {entry, {"keep", "me"}};
    const NewFile plan = format.plan(image, request_for(format, "bad.mha"));
    assert_int_equal(plan.remarks.size(), 1);
    assert_true(plan.remarks[0].loss && plan.remarks[0].metadata == entry.first);
    image.metadata = {{"keep", "me"}};
    expect_equal(read_text(format, "bad.mha", plan.header).image, image);
  }
}

void images_that_no_header_can_hold_are_refused(void**) {
  Image image = an_image({4, 3, 2});
  image.spacing[1] = NAN;
  expect_refused(image, "bad.mha", "finite");
  image = an_image({4, 3, 2});
  image.spacing[1] = 0;
  expect_refused(image, "bad.mha", "spacing");
  image = an_image({4, 3, 2});
  image.origin[2] = INFINITY;
  expect_refused(image, "bad.mha", "finite");
  expect_refused(an_image({3000000000}), "bad.mha", "2147483647");
  expect_refused(an_image({2000000000, 2000000000, 2000000000}), "bad.mha", "too large");
  expect_refused(an_image({4, 3}, SWR_UINT8, 4, SWR_KIND_RGB), "bad.mha", "components");
  expect_refused(an_image({4, 3}), "100%d.mhd", "name");
  expect_refused(an_image({4, 3}), "folder/LIST of.mhd", "name");
}

void plan_begins_pixels_at_a_page(void**) {
  for (int metadata = 0; metadata < 40; ++metadata) {
    Image image = an_image({4, 3, 2});
    image.metadata = {{"Filling", std::string(static_cast<size_t>(3500 + 13 * metadata), 'x')}};
    const NewFile plan = format.plan(image, request_for(format, "page.mha"));
    assert_int_equal(plan.header.size() % 4096, 0);
    assert_int_equal(plan.layout.parts[0].offset, plan.header.size());
    expect_round_trip(format, image, "page.mha");
    std::istringstream lines(plan.header);
    for (std::string line; std::getline(lines, line);) {
      assert_true(line.find('#') == std::string::npos);
      if (line.starts_with("swr_pad")) assert_in_range(line.size(), 11, 499);
    }
  }
}

void plan_detaches_the_data_of_mhd(void**) {
  std::filesystem::create_directories("folder");
  const NewFile raw = format.plan(an_image({4, 3, 2}), request_for(format, "folder/a.b.mhd"));
  expect_text(raw.layout.parts[0].path, "folder/a.b.raw");
  assert_int_equal(raw.layout.parts[0].offset, 0);
  assert_true(raw.header.ends_with("\nElementDataFile = a.b.raw\n"));
  const NewFile compressed =
      format.plan(an_image({4, 3, 2}), request_for(format, "folder/a.MHD", true));
  expect_text(compressed.layout.parts[0].path, "folder/a.zraw");
  assert_true(compressed.layout.is_compressed());
  expect_round_trip(format, an_image({4, 3, 2}), "folder/a.mhd", true);
}

void plan_of_compressed_pixels_leaves_room_for_their_length(void**) {
  for (const char* path : {"length.mha", "length.mhd"}) {
    const NewFile plan = format.plan(an_image({4, 3, 2}), request_for(format, path, true));
    assert_true(plan.layout.stream().stream_bytes_field.has_value());
    const NumberField field = *plan.layout.stream().stream_bytes_field;
    assert_int_equal(field.width, 20);
    std::string header = plan.header;
    header.replace(static_cast<size_t>(field.offset), 20, "1234567890          ");
    const Description file = read_text(format, path, header);
    assert_int_equal(file.layout.stream().stream_bytes, 1234567890);
    assert_int_equal(file.layout.stream().stream_bytes_field->offset, field.offset);
    assert_int_equal(file.layout.stream().stream_bytes_field->width, 20);
    assert_true(header.find("\nCompressedDataSize = 1234567890          \n") != std::string::npos);
  }
}

void plan_is_written_as_itk_writes(void**) {
  const std::string itk = read_bytes(sample("s3.mha")).substr(0, 533 - 48);
  Image image = read_description(format, sample("s3.mha")).image;
  std::string header = format.plan(image, request_for(format, "as_itk.mhd")).header;
  expect_text(header, with(itk, "= LOCAL", "= as_itk.raw"));
  image = read_description(format, sample("s2.mha")).image;
  header = format.plan(image, request_for(format, "as_itk.mhd")).header;
  expect_text(header,
              with(read_bytes(sample("s2.mha")).substr(0, 414 - 24), "= LOCAL", "= as_itk.raw"));
}

struct SampleFacts {
  const char* name;
  int dimensions;
  swr_component component;
  int components;
  swr_kind kind;
};

void files_of_itk_say_what_they_say(void**) {
  const SampleFacts facts[] = {
      {"s1", 1, SWR_INT16, 1, SWR_KIND_SCALAR},     {"s2", 2, SWR_INT16, 1, SWR_KIND_SCALAR},
      {"s3", 3, SWR_INT16, 1, SWR_KIND_SCALAR},     {"s4", 4, SWR_INT16, 1, SWR_KIND_SCALAR},
      {"s5", 5, SWR_INT16, 1, SWR_KIND_SCALAR},     {"u3", 3, SWR_UINT8, 1, SWR_KIND_SCALAR},
      {"us3", 3, SWR_UINT16, 1, SWR_KIND_SCALAR},   {"i3", 3, SWR_INT32, 1, SWR_KIND_SCALAR},
      {"ll3", 3, SWR_INT64, 1, SWR_KIND_SCALAR},    {"f3", 3, SWR_FLOAT32, 1, SWR_KIND_SCALAR},
      {"d3", 3, SWR_FLOAT64, 1, SWR_KIND_SCALAR},   {"rgb2", 2, SWR_UINT8, 3, SWR_KIND_RGB},
      {"rgb3", 3, SWR_UINT8, 3, SWR_KIND_RGB},      {"rgba3", 3, SWR_UINT8, 4, SWR_KIND_RGBA},
      {"vec2", 2, SWR_FLOAT32, 2, SWR_KIND_VECTOR}, {"vec3", 3, SWR_FLOAT32, 3, SWR_KIND_VECTOR},
      {"ten3", 3, SWR_FLOAT32, 6, SWR_KIND_VECTOR},
  };
  const int64_t sizes[] = {4, 3, 2, 2, 2};
  for (const SampleFacts& fact : facts) {
    for (const char* suffix : {".mha", "_z.mha"}) {
      const std::string path = sample(std::string(fact.name) + suffix);
      const Description file = read_description(format, path);
      assert_int_equal(file.image.dimensions(), fact.dimensions);
      assert_true(file.image.pixel == (PixelType{fact.component, fact.components, fact.kind}));
      for (int axis = 0; axis < fact.dimensions; ++axis)
        assert_int_equal(file.image.region.size[axis], sizes[axis]);
      expect_near(file.image.spacing[0], 0.7);
      expect_near(file.image.origin[0], -10.5);
      const int64_t file_bytes = static_cast<int64_t>(std::filesystem::file_size(path));
      const DataPart& part = file.layout.parts.at(0);
      if (suffix[0] == '_') {
        assert_true(file.layout.is_compressed());
        assert_int_equal(part.offset + file.layout.stream().stream_bytes, file_bytes);
      } else {
        assert_int_equal(part.offset + part.bytes, file_bytes);
      }
      assert_true(format.recognise(read_bytes(path).substr(0, 512), path));
    }
  }
}

void directions_of_itk_are_columns(void**) {
  const Image image = read_description(format, sample("s3.mha")).image;
  const double z[] = {0.086824088833465152, -0.1503837331804353, 0.98480775301220802};
  for (int row = 0; row < 3; ++row) expect_near(image.direction[row * 3 + 2], z[row]);
  expect_near(image.direction[0 * 3 + 1], -0.49240387650610395);
  expect_near(image.spacing[2], 2.5);
  expect_near(image.origin[1], 20.25);
}

void metadata_of_itk_comes_back_without_the_start_index(void**) {
  const Image image = read_description(format, sample("meta.mha")).image;
  assert_int_equal(image.metadata.size(), 1);
  expect_text(*image.find_metadata("MyKey"), "my value; with = and : chars");
  assert_int_equal(image.region.index[1], 100);
  assert_int_equal(image.region.index[2], 200);
  expect_near(image.first_pixel_position()[0], -10.5);
  expect_near(image.first_pixel_position()[2], 30);
}

void detached_data_of_itk_lies_beside_the_header(void**) {
  const Description raw = read_description(format, sample("s3.mhd"));
  assert_true(std::filesystem::equivalent(raw.layout.parts[0].path, sample("s3.raw")));
  assert_int_equal(raw.layout.parts[0].bytes, 48);
  const Description compressed = read_description(format, sample("s3_z.mhd"));
  assert_true(std::filesystem::equivalent(compressed.layout.parts[0].path, sample("s3_z.zraw")));
  assert_int_equal(compressed.layout.stream().stream_bytes, 56);
}

void variants_that_metaio_reads_are_read(void**) {
  const Image plain = read_text(format, "plain.mhd", plain_header).image;
  const std::vector<std::pair<std::string, std::string>> same = {
      {"DimSize = 4 3 2", "DimSize =      4    3  2   "},
      {"DimSize = 4 3 2", "DimSize=004 03 +2"},
      {"NDims = 3", "NDims : 3"},
      {"NDims = 3", "\n\n  NDims\t=\t3  "},
      {"ObjectType = Image\n", ""},
      {"DimSize = 4 3 2\n", "DimSize = 4 3 2\nObjectType = Image\n"},
      {"Offset =", "Position ="},
      {"Offset =", "Origin ="},
      {"TransformMatrix", "Rotation"},
      {"TransformMatrix", "Orientation"},
      {"ElementSpacing", "ElementSize"},
      {"= LOCAL", "= Local   "},
      {"= LOCAL", "= local"},
      {"MET_SHORT", "MET_SHORT_ARRAY"},
      {"BinaryData = True\n", ""},
      {"CompressedData = False\n", ""},
      {"NDims = 3", "NDims = 2\nNDims = 3"},
      {"DimSize", "ElementSize = 9 9 9\nDimSize"},
      {"DimSize = 4", "AnatomicalOrientation = RAI\nID = 7\nColor = 1 1 1 1\nDimSize = 4"}};
  for (const auto& [from, to] : same) expect_equal(read_variant(from, to).image, plain);
  std::string crlf;
  for (const char c : plain_header) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const Description file = read_text(format, "crlf.mha", crlf + "pixels");
  expect_equal(file.image, plain);
  assert_int_equal(file.layout.parts[0].offset, crlf.size());
}

void types_and_their_synonyms_are_read(void**) {
  const std::pair<const char*, swr_component> types[] = {{"MET_CHAR", SWR_INT8},
                                                         {"MET_ASCII_CHAR", SWR_INT8},
                                                         {"MET_UCHAR", SWR_UINT8},
                                                         {"MET_LONG", SWR_INT32},
                                                         {"MET_ULONG", SWR_UINT32},
                                                         {"MET_LONG_LONG", SWR_INT64},
                                                         {"MET_ULONG_LONG_ARRAY", SWR_UINT64},
                                                         {"MET_DOUBLE", SWR_FLOAT64}};
  for (const auto& [name, component] : types)
    assert_int_equal(read_variant("MET_SHORT", name).image.pixel.component, component);
  expect_failure(SWR_ERROR_UNSUPPORTED, {"MET_OTHER"},
                 [] { read_variant("MET_SHORT", "MET_OTHER"); });
  expect_failure(SWR_ERROR_UNSUPPORTED, {"Mesh"},
                 [] { read_variant("ObjectType = Image", "ObjectType = Mesh"); });
}

void unknown_fields_become_metadata(void**) {
  const Image image = read_variant("DimSize",
                                   "A = 1\nB = two words \nA = 3\nComment = c\nEmpty =\nswr_pad = "
                                   "...\nElementMin = 0\nDimSize")
                          .image;
  assert_int_equal(image.metadata.size(), 3);
  expect_text(*image.find_metadata("A"), "3");
  expect_text(*image.find_metadata("B"), "two words ");
  expect_text(*image.find_metadata("Comment"), "c");
}

void a_start_index_that_does_not_fit_is_dropped(void**) {
  for (const char* index : {"1 2", "1 2 3 4", "a b c", "9223372036854775807 0 0"}) {
    const Image image =
        read_variant("DimSize", std::string("swr_index = ") + index + "\nDimSize").image;
    assert_int_equal(image.region.index[0], 0);
    assert_true(image.metadata.empty());
  }
}

void intensity_slope_and_spacing_sign_are_read(void**) {
  const Description file = read_variant(
      "DimSize",
      "ElementToIntensityFunctionSlope = 2.5\nElementToIntensityFunctionOffset = -1024\nDimSize");
  expect_near(file.image.scale.slope, 2.5);
  expect_near(file.image.scale.intercept, -1024);
  Image scaled = an_image({4, 3});
  scaled.scale = {0.1, -1024};
  const NewFile plan = format.plan(scaled, request_for(format, "rule.mha"));
  const Description again = read_text(format, "rule.mha", plan.header);
  assert_true(again.image.scale.slope == 0.1 && again.image.scale.intercept == -1024);
  const Image turned = read_variant("0.5 0.5 2", "0.5 -0.5 2").image;
  expect_near(turned.spacing[1], 0.5);
  expect_near(turned.direction[4], -1);
}

void a_spacing_that_is_not_stated_is_one_of_the_file_s_unit(void**) {
  const Image image = read_variant("ElementSpacing = 0.5 0.5 2", "DistanceUnits = cm").image;
  expect_near(image.spacing[0], 10);
  expect_near(image.spacing[2], 10);
  expect_near(image.origin[0], -105);
}

void places_of_pixels_are_found(void**) {
  Description file = read_variant("ElementType", "HeaderSize = 4096\nElementType");
  assert_int_equal(file.layout.parts[0].offset, 4096);
  file = read_variant("ElementType", "HeaderSize = -1\nElementType");
  assert_int_equal(file.layout.parts[0].offset, -1);
  file = read_variant("= LOCAL", "= sub/x.raw");
  expect_text(file.layout.parts[0].path, "sub/x.raw");
  assert_int_equal(file.layout.parts[0].offset, 0);
  file = read_variant("= LOCAL", "= /far/away.raw");
  expect_text(file.layout.parts[0].path, "/far/away.raw");
  file = read_variant("OrderMSB = False", "OrderMSB = True");
  assert_true(file.layout.big_endian);
  file = read_variant("BinaryDataByteOrderMSB = False", "ElementByteOrderMSB = True");
  assert_true(file.layout.big_endian);
  file = read_variant("BinaryData = True", "BinaryData = False");
  assert_true(file.layout.is_text());
  assert_false(file.read_only.empty());
  file = read_variant("CompressedData = False", "CompressedData = True");
  assert_true(file.layout.is_compressed());
  assert_int_equal(file.layout.stream().stream_bytes, -1);
  assert_false(file.layout.stream().stream_bytes_field.has_value());
  file = read_variant("CompressedData = False", "CompressedData = True\nCompressedDataSize = 77");
  assert_int_equal(file.layout.stream().stream_bytes, 77);
  assert_int_equal(file.layout.stream().stream_bytes_field->width, 2);
}

void expect_parts(const Description& file, const std::vector<std::string>& names, int64_t bytes) {
  assert_int_equal(file.layout.parts.size(), names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    expect_text(file.layout.parts[i].path, names[i]);
    assert_int_equal(file.layout.parts[i].bytes, bytes);
    assert_int_equal(file.layout.parts[i].offset, 0);
  }
}

void lists_and_patterns_name_their_files(void**) {
  expect_parts(read_variant("= LOCAL\n", "= LIST\na.raw\n\nb c.raw \r\n"), {"a.raw", "b c.raw"},
               24);
  expect_parts(read_variant("= LOCAL\n", "= LIST 2\na\nb\nunused"), {"a", "b"}, 24);
  expect_parts(read_variant("= LOCAL\n", "= LIST 1\na\nb\nc\nd\ne\nf\n"),
               {"a", "b", "c", "d", "e", "f"}, 8);
  expect_parts(read_variant("= LOCAL", "= s_%03d.raw 0 1 1"), {"s_000.raw", "s_001.raw"}, 24);
  expect_parts(read_variant("= LOCAL", "= s_%03d.raw 0 3"), {"s_000.raw", "s_001.raw"}, 24);
  expect_parts(read_variant("= LOCAL", "= s%d"), {"s1", "s2"}, 24);
  expect_parts(read_variant("= LOCAL", "= s%d 7"), {"s7", "s8"}, 24);
  expect_parts(read_variant("= LOCAL", "= a b %4d.raw 10 4 -5"), {"a b   10.raw", "a b    5.raw"},
               24);
  expect_parts(read_variant("= LOCAL", "= s%%%.3i 1 2 1"), {"s%001", "s%002"}, 24);
  expect_parts(read_variant("= LOCAL", "= 100%.raw"), {"100%.raw"}, 48);
  expect_parts(read_variant("= LOCAL", "= %s%n%x.raw"), {"%s%n%x.raw"}, 48);
  const Description compressed =
      read_text(format, "list.mhd",
                with(with(plain_header, "CompressedData = False",
                          "CompressedData = True\nCompressedDataSize = 5"),
                     "= LOCAL", "= LIST\na\nb"));
  assert_int_equal(compressed.layout.stream().stream_bytes, -1);
  assert_false(compressed.layout.stream().stream_bytes_field.has_value());
}

void hostile_lists_and_patterns_are_refused(void**) {
  expect_corrupt("= LOCAL", "= LIST\nonly one", "list");
  expect_corrupt("= LOCAL", "= s%d 1 1 1", "fewer");
  expect_corrupt("= LOCAL", "= s%d 1 2 0", "fewer");
  expect_corrupt("= LOCAL", "= s%d 9223372036854775807 9223372036854775807 9", "fewer");
  expect_corrupt("= LOCAL", "= s%d 9223372036854775807", "large");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"number"},
                 [] { read_variant("= LOCAL", "= s%d_%d.raw"); });
  expect_failure(SWR_ERROR_UNSUPPORTED, {"digits"},
                 [] { read_variant("= LOCAL", "= s%0999999999999999999999d.raw"); });
  const std::string many = with(plain_header, "DimSize = 4 3 2", "DimSize = 1 1 1000000000000");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"files"},
                 [&] { read_text(format, "many.mhd", with(many, "= LOCAL", "= s%d")); });
  expect_failure(SWR_ERROR_CORRUPT, {"list"},
                 [&] { read_text(format, "many.mhd", with(many, "= LOCAL", "= LIST\na\nb")); });
  expect_corrupt("= LOCAL", std::string("= a\0b", 5), "name");
}

void headers_that_lie_are_found_out(void**) {
  expect_corrupt("NDims = 3", "NDims = 0", "NDims");
  expect_corrupt("NDims = 3", "NDims = -3", "NDims");
  expect_corrupt("NDims = 3", "NDims = three", "NDims");
  expect_corrupt("NDims = 3", "NDims = 99999999999999999999", "NDims");
  expect_corrupt("NDims = 3\n", "", "NDims");
  expect_corrupt("NDims = 3", "NDims = 4", "DimSize");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"NDims"}, [] { read_variant("NDims = 3", "NDims = 11"); });
  expect_corrupt("DimSize = 4 3 2", "DimSize = 4 0 2", "DimSize");
  expect_corrupt("DimSize = 4 3 2", "DimSize = 4 -3 2", "DimSize");
  expect_corrupt("DimSize = 4 3 2", "DimSize = 4 3", "DimSize");
  expect_corrupt("DimSize = 4 3 2", "DimSize = 4 3 2e9", "DimSize");
  expect_corrupt("DimSize = 4 3 2", "DimSize = 9000000000 9000000000 9000000000", "DimSize");
  expect_corrupt("DimSize = 4 3 2", "DimSize = 9223372036854775807 1 1", "DimSize");
  expect_corrupt("DimSize = 4 3 2\n", "", "DimSize");
  expect_corrupt("ElementType", "ElementNumberOfChannels = 0\nElementType",
                 "ElementNumberOfChannels");
  expect_corrupt("ElementType", "ElementNumberOfChannels = 9999999999\nElementType",
                 "ElementNumberOfChannels");
  expect_corrupt("ElementType = MET_SHORT\n", "", "ElementType");
  expect_corrupt("ElementType", "HeaderSize = 10\nElementType", "HeaderSize");
  expect_corrupt("ElementType", "HeaderSize = -2\nElementType", "HeaderSize");
  expect_corrupt("CompressedData = False", "CompressedData = True\nCompressedDataSize = -1",
                 "CompressedDataSize");
  expect_corrupt("0.5 0.5 2", "0.5 0 2", "spacing");
  expect_corrupt("0.5 0.5 2", "0.5 nan 2", "ElementSpacing");
  expect_corrupt("-10.5 20.25 30", "1e999 0 0", "Offset");
  expect_corrupt("1 0 0 0 1 0 0 0 1", "1 0 0", "TransformMatrix");
  expect_corrupt("NDims", "# a comment\nNDims", "line 2");
  expect_corrupt("ElementDataFile = LOCAL\n", "", "ElementDataFile");
  expect_corrupt("= LOCAL", "=", "ElementDataFile");
  expect_failure(SWR_ERROR_CORRUPT, {"long.mhd"}, [] {
    read_text(format, "long.mhd", plain_header.substr(0, 20) + std::string(17 << 20, 'x'));
  });
  expect_failure(SWR_ERROR_CORRUPT, {"empty.mhd"}, [] { read_text(format, "empty.mhd", ""); });
  expect_failure(SWR_ERROR_NOT_FOUND, {"absent.mhd"},
                 [] { read_description(format, "absent.mhd"); });
}

// The time must not grow with the square of the number of lines.
void a_header_of_many_fields_is_read_soon(void**) {
  std::string fields;
  for (int i = 0; i < 300000; ++i) fields += text("k", i, " = v\n");
  assert_int_equal(read_variant("DimSize", fields + "DimSize").image.metadata.size(), 300000);
}

void a_cut_header_is_never_taken_for_whole(void**) {
  const std::string header = read_bytes(sample("rgb3.mha")).substr(0, 513);
  for (size_t length = 0; length < header.size() - 1; ++length) {
    write_bytes("cut.mha", header.substr(0, length));
    try {
      read_description(format, "cut.mha");
      assert_true(length >= header.find("ElementDataFile = ") + 19);
    } catch (const Error& error) {
      assert_true(error.status() == SWR_ERROR_CORRUPT || error.status() == SWR_ERROR_UNSUPPORTED);
    }
  }
}

void other_files_are_not_recognised(void**) {
  assert_false(format.recognise("", "a.mha"));
  assert_false(format.recognise("NRRD0004\ntype: short\n", "a.nrrd"));
  assert_false(format.recognise("# vtk DataFile Version 3.0\n", "a.vtk"));
  assert_false(format.recognise(std::string("\x5c\x01\0\0\0\0", 6), "a.mha"));
  assert_false(format.recognise("A = b\n", "a.txt"));
  assert_true(format.recognise("A = b\n", "a.MHA"));
  assert_true(format.recognise("\nNDims = 3\n", "a"));
  assert_true(format.recognise("ObjectType = Image\r\n", "a"));
}

void grow_patches_the_size_in_place(void**) {
  for (const auto& size : std::vector<std::vector<int64_t>>{{5}, {5, 4}, {5, 4, 3}, {5, 4, 3, 2}}) {
    const Image image = an_image(size);
    write_bytes("grow.mha", format.plan(image, request_for(format, "grow.mha")).header);
    const std::string grown = grown_header(format, "grow.mha", 1234567890);
    assert_false(grown.empty());
    assert_int_equal(grown.size() % 4096, 0);
    assert_true(grown_header(format, "grow.mha", 3000000000).empty());
  }
  write_bytes("grow.mhd",
              format.plan(an_image({5, 4, 3}), request_for(format, "grow.mhd", true)).header);
  assert_false(grown_header(format, "grow.mhd", 1000).empty());
  write_bytes("grow.mha",
              format.plan(an_image({5, 4, 3}), request_for(format, "grow.mha", true)).header);
  assert_false(grown_header(format, "grow.mha", 1000000).empty());
}

void grow_of_a_foreign_header_goes_as_far_as_its_digits(void**) {
  const std::string before = read_bytes(sample("s3.mhd"));
  write_bytes("foreign.mhd", before);
  expect_text(grown_header(format, "foreign.mhd", 9), with(before, "4 3 2", "4 3 9"));
  // Nothing follows a header whose pixels are elsewhere.
  expect_text(grown_header(format, "foreign.mhd", 10), with(before, "4 3 2", "4 3 10"));
  write_bytes("foreign.mha", plain_header);
  assert_true(grown_header(format, "foreign.mha", 10).empty());
  expect_text(grown_header(format, "foreign.mha", 9), with(plain_header, "4 3 2", "4 3 9"));
  write_bytes("wide.mha", with(plain_header, "4 3 2", "4 3   02 "));
  expect_text(grown_header(format, "wide.mha", 120), with(plain_header, "4 3 2", "4 3  120 "));
}

void grow_leaves_lists_and_open_ends_to_a_rewrite(void**) {
  for (const char* data : {"LIST\na\nb", "s%d 1 2 1"}) {
    write_bytes("many.mhd", with(plain_header, "LOCAL", data));
    assert_true(grown_header(format, "many.mhd", 3).empty());
  }
  for (const char* data : {"LIST\na", "s%d 1 1 1"}) {
    write_bytes("one.mhd", with(with(plain_header, "4 3 2", "4 3 1"), "LOCAL", data));
    assert_true(grown_header(format, "one.mhd", 3).empty());
  }
  write_bytes("open.mhd", with(plain_header, "ElementType", "HeaderSize = -1\nElementType"));
  assert_true(grown_header(format, "open.mhd", 3).empty());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(plan_of_each_type_is_read_back),
      cmocka_unit_test(plan_of_ten_dimensions_is_read_back),
      cmocka_unit_test(lengths_in_any_unit_come_back_to_the_last_bit),
      cmocka_unit_test(plan_with_a_start_index_keeps_pixels_in_place),
      cmocka_unit_test(plan_with_metadata_brings_it_back),
      cmocka_unit_test(metadata_that_would_break_the_header_is_left_out),
      cmocka_unit_test(images_that_no_header_can_hold_are_refused),
      cmocka_unit_test(plan_begins_pixels_at_a_page),
      cmocka_unit_test(plan_detaches_the_data_of_mhd),
      cmocka_unit_test(plan_of_compressed_pixels_leaves_room_for_their_length),
      cmocka_unit_test(plan_is_written_as_itk_writes),
      cmocka_unit_test(files_of_itk_say_what_they_say),
      cmocka_unit_test(directions_of_itk_are_columns),
      cmocka_unit_test(metadata_of_itk_comes_back_without_the_start_index),
      cmocka_unit_test(detached_data_of_itk_lies_beside_the_header),
      cmocka_unit_test(variants_that_metaio_reads_are_read),
      cmocka_unit_test(types_and_their_synonyms_are_read),
      cmocka_unit_test(unknown_fields_become_metadata),
      cmocka_unit_test(a_start_index_that_does_not_fit_is_dropped),
      cmocka_unit_test(intensity_slope_and_spacing_sign_are_read),
      cmocka_unit_test(a_spacing_that_is_not_stated_is_one_of_the_file_s_unit),
      cmocka_unit_test(places_of_pixels_are_found),
      cmocka_unit_test(lists_and_patterns_name_their_files),
      cmocka_unit_test(hostile_lists_and_patterns_are_refused),
      cmocka_unit_test(headers_that_lie_are_found_out),
      cmocka_unit_test(a_header_of_many_fields_is_read_soon),
      cmocka_unit_test(a_cut_header_is_never_taken_for_whole),
      cmocka_unit_test(other_files_are_not_recognised),
      cmocka_unit_test(grow_patches_the_size_in_place),
      cmocka_unit_test(grow_of_a_foreign_header_goes_as_far_as_its_digits),
      cmocka_unit_test(grow_leaves_lists_and_open_ends_to_a_rewrite),
  };
  return cmocka_run_group_tests_name("metaimage", tests, nullptr, nullptr);
}

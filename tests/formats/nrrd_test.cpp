// NRRD: plans are read back, files of ITK are read correctly, headers of every style are
// understood, and wrong ones are detected.
#include "formats/nrrd_header.h"
#include "header_checks.h"

namespace swr {
extern const Format nrrd_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

const Format& format = nrrd_format;

const std::string plain_header =
    "NRRD0004\n"
    "# a comment\n"
    "type: short\n"
    "dimension: 3\n"
    "space: left-posterior-superior\n"
    "sizes: 4 3 2\n"
    "space directions: (0.5,0,0) (0,0.25,0) (0,0,2)\n"
    "kinds: domain domain domain\n"
    "endian: little\n"
    "encoding: raw\n"
    "space origin: (-10.5,20.25,30)\n"
    "\n";

const std::string vector_header =
    "NRRD0004\n"
    "type: float\n"
    "dimension: 4\n"
    "space: LPS\n"
    "sizes: 3 4 5 2\n"
    "space directions: none (1,0,0) (0,1,0) (0,0,1)\n"
    "kinds: vector domain domain domain\n"
    "endian: little\n"
    "encoding: raw\n"
    "\n";

Description read_variant(const std::string& from, const std::string& to,
                         const std::string& header = plain_header) {
  return read_text(format, "variant.nhdr", with(header, from, to));
}

void expect_corrupt(const std::string& from, const std::string& to, const std::string& word) {
  expect_failure(SWR_ERROR_CORRUPT, {"variant.nhdr", word}, [&] { read_variant(from, to); });
}

void expect_unsupported(const std::string& from, const std::string& to, const std::string& word,
                        const std::string& header = plain_header) {
  expect_failure(SWR_ERROR_UNSUPPORTED, {"variant.nhdr", word},
                 [&] { read_variant(from, to, header); });
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
      expect_round_trip(format, image, "type.nrrd");
      expect_round_trip(format, image, "type.nrrd", true);
    }
  }
}

void plan_of_many_dimensions_keeps_what_a_space_cannot(void**) {
  Image image = an_image({2, 2, 2, 2, 2, 2, 2, 3});
  set_oblique_geometry(image);
  expect_round_trip(format, image, "eight.nrrd");
  image = an_image({1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1}, SWR_FLOAT32, 3, SWR_KIND_VECTOR);
  image.spacing[14] = 0.7;
  image.origin[13] = -3.3;
  expect_round_trip(format, image, "fifteen.nrrd");
  image.direction[1] = 0.5;
  expect_refused(image, "fifteen.nrrd", "identity");
  expect_round_trip(format, an_image({1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}),
                    "sixteen.nrrd");
  expect_refused(
      an_image({1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, SWR_UINT8, 3, SWR_KIND_RGB),
      "seventeen.nrrd", "axes");
}

void lengths_in_any_unit_come_back_to_the_last_bit(void**) {
  for (const swr_unit unit : {SWR_UNIT_METRE, SWR_UNIT_CENTIMETRE, SWR_UNIT_MICROMETRE,
                              SWR_UNIT_NANOMETRE, SWR_UNIT_INCH}) {
    for (const size_t axes : {2, 3, 9}) expect_exact_lengths(format, "unit.nrrd", axes, unit);
  }
}

// The space of another program's header stays, with its units and directions.
void lengths_of_a_kept_space_come_back_to_the_last_bit(void**) {
  for (int i = 7; i < 500; i += 7) {
    const double number = i / 1e4;
    const Description base =
        read_variant("left-posterior-superior", "RAS\nspace units: \"cm\" \"cm\" \"cm\"");
    Image image = base.image;
    image.spacing[1] = number;
    image.origin[0] = -number;
    expect_exact_lengths(format, "kept.nrrd", image, &base);
    assert_true(read_bytes("kept.nrrd").find("\nspace: RAS\n") != std::string::npos);
  }
}

void plan_with_a_start_index_keeps_pixels_in_place(void**) {
  Image image = an_image({40, 30, 20}, SWR_UINT8, 3, SWR_KIND_RGB);
  set_oblique_geometry(image);
  image.region.index = {0, 100, -200};
  const Description file = expect_round_trip(format, image, "index.nrrd");
  assert_true(file.image.metadata.empty());
  assert_true(read_bytes("index.nrrd").find("\nswr_index:=0 100 -200\n") != std::string::npos);
}

void plan_with_metadata_brings_it_back(void**) {
  Image image = an_image({4, 3, 2});
  image.metadata = {{"PatientName", "M\xc3\xbcller: a := b"},
                    {"Key with blanks", " blanks "},
                    {"lines", "one\ntwo\\n \\ three\n"},
                    {"a:b", "x"},
                    {"a: b", "x"},
                    {"a:", "x"},
                    {" blanks around ", "x"},
                    {"type", "not the field"},
                    {"empty", ""},
                    {"NRRD_content", "what it shows"},
                    {"NRRD_sample units", "HU"},
                    {"NRRD_measurement frame", "(1,0,0) (0,0.5,0) (0,0,-1)"},
                    {"Long", std::string(100000, 'x')}};
  expect_round_trip(format, image, "metadata.nrrd");
  const std::string header = read_bytes("metadata.nrrd");
  assert_true(header.starts_with("NRRD0005\n"));
  assert_true(header.find("\ncontent: what it shows\n") != std::string::npos);
  assert_true(header.find("\nmeasurement frame: (1,0,0) (0,0.5,0) (0,0,-1)\n") !=
              std::string::npos);
  assert_true(header.find("\nlines:=one\\ntwo\\\\n \\\\ three\\n\n") != std::string::npos);
  expect_round_trip(format, image, "metadata.nhdr", true);
}

void metadata_that_would_break_the_header_is_left_out(void**) {
  const std::vector<std::pair<std::string, std::string>> impossible = {
      {"", "x"},
      {"#a", "x"},
      {"a:=b", "x"},
      {"type: short", "x"},
      {"a", "x\r"},
      {"a", std::string("x\0y", 3)},
      {"swr_index", "1 2 3"},
      {"swr_kind", "rgb"},
      {"swr_pad", "x"},
      {"swr_value_scale", "1 2"},
      {"NRRD_content", "two\nlines"},
      {"NRRD_content", ""},
      {"NRRD_measurement frame", "(1,0,0)"},
      {"NRRD_measurement frame", "(1,0) (0,1)"},
      {"NRRD_measurement frame", "none none none"}};
  for (const auto& entry : impossible) {
    Image image = an_image({4, 3, 2});
    image.metadata = {entry, {"keep", "me"}};
    const NewFile plan = format.plan(image, request_for(format, "bad.nrrd"));
    assert_int_equal(plan.remarks.size(), 1);
    assert_true(plan.remarks[0].loss && plan.remarks[0].metadata == entry.first);
    image.metadata = {{"keep", "me"}};
    expect_equal(read_text(format, "bad.nrrd", plan.header).image, image);
  }
}

void images_that_no_header_can_hold_are_refused(void**) {
  Image image = an_image({4, 3, 2});
  image.origin[1] = NAN;
  expect_refused(image, "bad.nrrd", "finite");
  image = an_image({4, 3, 2});
  image.spacing[1] = 0;
  expect_refused(image, "bad.nrrd", "spacing");
  image = an_image({4, 3, 2});
  image.direction = {};
  expect_refused(image, "bad.nrrd", "length");
  expect_refused(an_image({4, 3}, SWR_UINT8, 4, SWR_KIND_RGB), "bad.nrrd", "components");
  for (const char* path : {"LIST.nhdr", "a%3d.nhdr", "c:a.nhdr"})
    expect_refused(an_image({4, 3}), path, "name");
  expect_round_trip(format, an_image({4, 3}), "100%.nhdr");
}

void plan_begins_pixels_at_a_page(void**) {
  for (size_t metadata = 0; metadata < 60; ++metadata) {
    Image image = an_image({4, 3, 2});
    image.metadata = {{"Filling", std::string(3600 + 3 * metadata, 'x')}};
    const NewFile plan = format.plan(image, request_for(format, "page.nrrd"));
    assert_int_equal(plan.header.size() % 4096, 0);
    assert_int_equal(plan.layout.parts[0].offset, plan.header.size());
    assert_true(plan.header.ends_with("\n\n"));
    expect_round_trip(format, image, "page.nrrd");
  }
}

void plan_detaches_the_data_of_nhdr(void**) {
  std::filesystem::create_directories("folder");
  const NewFile raw = format.plan(an_image({4, 3, 2}), request_for(format, "folder/a.b.nhdr"));
  expect_text(raw.layout.parts[0].path, "folder/a.b.raw");
  assert_int_equal(raw.layout.parts[0].offset, 0);
  const NewFile compressed =
      format.plan(an_image({4, 3, 2}), request_for(format, "folder/a.NHDR", true));
  expect_text(compressed.layout.parts[0].path, "folder/a.raw.gz");
  assert_true(compressed.layout.is_compressed());
  assert_false(compressed.layout.stream().stream_bytes_field.has_value());
  expect_round_trip(format, an_image({4, 3, 2}), "folder/a.nhdr", true);
}

void plan_is_written_as_itk_writes(void**) {
  std::string header = format
                           .plan(read_description(format, sample("s3.nrrd")).image,
                                 request_for(format, "as_itk.nrrd", true))
                           .header;
  // The room for growth of compressed pixels.
  header = with(header, "# ....................\n", "");
  std::string itk = with(read_bytes(sample("s3.nrrd")).substr(0, 495 - 48), "raw", "gzip");
  // Direction and spacing are multiplied and divided: the last digits may differ.
  const auto without_directions = [](std::string text) {
    const size_t at = text.find("space directions");
    return text.erase(at, text.find('\n', at) - at);
  };
  expect_text(without_directions(header), without_directions(itk));
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
      {"s1", 1, SWR_INT16, 1, SWR_KIND_SCALAR},
      {"s2", 2, SWR_INT16, 1, SWR_KIND_SCALAR},
      {"s3", 3, SWR_INT16, 1, SWR_KIND_SCALAR},
      {"s4", 4, SWR_INT16, 1, SWR_KIND_SCALAR},
      {"s5", 5, SWR_INT16, 1, SWR_KIND_SCALAR},
      {"u3", 3, SWR_UINT8, 1, SWR_KIND_SCALAR},
      {"us3", 3, SWR_UINT16, 1, SWR_KIND_SCALAR},
      {"i3", 3, SWR_INT32, 1, SWR_KIND_SCALAR},
      {"ll3", 3, SWR_INT64, 1, SWR_KIND_SCALAR},
      {"f3", 3, SWR_FLOAT32, 1, SWR_KIND_SCALAR},
      {"d3", 3, SWR_FLOAT64, 1, SWR_KIND_SCALAR},
      {"rgb2", 2, SWR_UINT8, 3, SWR_KIND_RGB},
      {"rgb3", 3, SWR_UINT8, 3, SWR_KIND_RGB},
      {"rgba3", 3, SWR_UINT8, 4, SWR_KIND_RGBA},
      {"vec2", 2, SWR_FLOAT32, 2, SWR_KIND_VECTOR},
      {"vec3", 3, SWR_FLOAT32, 3, SWR_KIND_VECTOR},
      {"cov3", 3, SWR_FLOAT32, 3, SWR_KIND_COVARIANT_VECTOR},
      {"cplx3", 3, SWR_FLOAT32, 2, SWR_KIND_COMPLEX},
      {"ten3", 3, SWR_FLOAT32, 6, SWR_KIND_SYMMETRIC_TENSOR},
  };
  const int64_t sizes[] = {4, 3, 2, 2, 2};
  for (const SampleFacts& fact : facts) {
    for (const char* suffix : {".nrrd", "_z.nrrd"}) {
      const std::string path = sample(std::string(fact.name) + suffix);
      const Description file = read_description(format, path);
      assert_int_equal(file.image.dimensions(), fact.dimensions);
      assert_true(file.image.pixel == (PixelType{fact.component, fact.components, fact.kind}));
      for (int axis = 0; axis < fact.dimensions; ++axis)
        assert_int_equal(file.image.region.size[axis], sizes[axis]);
      expect_near(file.image.spacing[0] * file.image.direction[0], 0.60621778264910708);
      expect_near(file.image.origin[0], -10.5);
      const DataPart& part = file.layout.parts.at(0);
      assert_int_equal(part.bytes, file.image.bytes());
      if (suffix[0] == '_') {
        assert_true(file.layout.is_compressed());
        assert_true(
            read_bytes(path).substr(static_cast<size_t>(part.offset)).starts_with("\x1f\x8b"));
      } else {
        assert_int_equal(part.offset + part.bytes, std::filesystem::file_size(path));
      }
    }
  }
}

void directions_of_itk_are_columns(void**) {
  const Image image = read_description(format, sample("s3.nrrd")).image;
  const double z[] = {0.086824088833465152, -0.1503837331804353, 0.98480775301220802};
  for (int row = 0; row < 3; ++row) expect_near(image.direction[row * 3 + 2], z[row]);
  expect_near(image.direction[0 * 3 + 1], -0.49240387650610395);
  expect_near(image.spacing[2], 2.5);
  expect_near(image.origin[1], 20.25);
}

void metadata_and_detached_data_of_itk_are_found(void**) {
  const Image image = read_description(format, sample("meta.nrrd")).image;
  assert_int_equal(image.metadata.size(), 1);
  expect_text(*image.find_metadata("MyKey"), "my value; with = and : chars");
  assert_int_equal(image.region.index[2], 200);
  expect_near(image.first_pixel_position()[2], 30);
  assert_true(std::filesystem::equivalent(
      read_description(format, sample("s3.nhdr")).layout.parts[0].path, sample("s3.raw")));
  assert_true(std::filesystem::equivalent(
      read_description(format, sample("s3_z.nhdr")).layout.parts[0].path, sample("s3_z.raw.gz")));
}

void variants_that_teem_reads_are_read(void**) {
  const Image plain = read_text(format, "plain.nhdr", plain_header).image;
  const std::vector<std::pair<std::string, std::string>> same = {
      {"sizes: 4 3 2", "sizes:      4    3  2"},
      {"sizes: 4 3 2", "sizes: 004 03 2  "},
      {"NRRD0004", "NRRD0005"},
      {"NRRD0004", "NRRD00.01"},
      {"type: short", "TYPE: Short"},
      {"space directions", "spacedirections"},
      {"space origin", "spaceorigin"},
      {"left-posterior-superior", "LPS"},
      {"left-posterior-superior", "left posterior superior"},
      {"left-posterior-superior", "scanner-xyz"},
      {"left-posterior-superior", "3D-right-handed"},
      {"space: left-posterior-superior", "space dimension: 3"},
      {"(0,0.25,0)", "( 0 , 0.25, 0 )"},
      {"kinds: domain domain domain", "kinds: space domain ???"},
      {"kinds: domain domain domain\n", ""},
      {"endian",
       "number: propane\nmin: 0\noldmin: 3\nold max: 4\nthicknesses: NaN nan 3\nlabels: "
       "\"a\" \"b\" \"c\"\nspace units: \"mm\" \"mm\" \"mm\"\nendian"},
      {"endian", "centers: cell cell node\nblocksize: 3\nendian"},
      {"# a comment", std::string("#") + std::string(100000, '.')}};
  for (const auto& [from, to] : same) expect_equal(read_variant(from, to).image, plain);
  std::string crlf;
  for (const char c : plain_header) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const Description file = read_text(format, "crlf.nrrd", crlf + "pixels");
  expect_equal(file.image, plain);
  assert_int_equal(file.layout.parts[0].offset, crlf.size());
}

void types_and_their_synonyms_are_read(void**) {
  const std::pair<const char*, swr_component> types[] = {{"int8_t", SWR_INT8},
                                                         {"signed char", SWR_INT8},
                                                         {"uchar", SWR_UINT8},
                                                         {"ushort", SWR_UINT16},
                                                         {"signed short int", SWR_INT16},
                                                         {"uint32", SWR_UINT32},
                                                         {"signed int", SWR_INT32},
                                                         {"longlong", SWR_INT64},
                                                         {"unsigned long long", SWR_UINT64},
                                                         {"float", SWR_FLOAT32},
                                                         {"Double", SWR_FLOAT64}};
  for (const auto& [name, component] : types)
    assert_int_equal(read_variant("short", name).image.pixel.component, component);
  expect_unsupported("short", "block", "block");
  expect_unsupported("short", "char", "char");
}

void spaces_are_read_to_lps(void**) {
  Image image = read_variant("left-posterior-superior", "right-anterior-superior").image;
  expect_near(image.origin[0], 10.5);
  expect_near(image.origin[1], -20.25);
  expect_near(image.origin[2], 30);
  expect_near(image.direction[0], -1);
  expect_near(image.direction[4], -1);
  expect_near(image.direction[8], 1);
  image = read_variant("left-posterior-superior", "LAS").image;
  expect_near(image.origin[0], -10.5);
  expect_near(image.origin[1], -20.25);
  expect_near(image.direction[0], 1);
  expect_near(image.direction[4], -1);
  image = read_variant("left-posterior-superior",
                       "RAS\nmeasurement frame: (1,0,0) (0,1,0.5) (0,0,1)\ncontent: c")
              .image;
  expect_text(*image.find_metadata("NRRD_measurement frame"), "(-1,0,0) (0,-1,0.5) (0,0,1)");
  expect_text(*image.find_metadata("NRRD_content"), "c");
  expect_unsupported("left-posterior-superior", "up-and-away", "space");
}

const std::string time_header =
    "NRRD0004\ntype: uint8\ndimension: 4\nspace: RAS\nsizes: 4 3 2 7\nspace directions: (0,0.5,0) "
    "(2,0,0) (0,0,3) none\n"
    "kinds: domain domain domain time\nencoding: raw\nspace origin: (1,2,3)\n\n";

void axes_outside_the_space_are_dimensions_of_their_own(void**) {
  Image image = read_text(format, "time.nrrd", time_header).image;
  assert_int_equal(image.dimensions(), 4);
  assert_int_equal(image.pixel.components, 1);
  expect_near(image.direction[1 * 4 + 0], -1);
  expect_near(image.direction[0 * 4 + 1], -1);
  expect_near(image.direction[3 * 4 + 3], 1);
  expect_near(image.spacing[1], 2);
  expect_near(image.spacing[3], 1);
  expect_near(image.origin[1], -2);
  image = read_text(format, "time.nrrd",
                    with(time_header, "kinds",
                         "spacings: nan nan nan 2.5\naxis mins: nan nan nan 10\nkinds"))
              .image;
  expect_near(image.spacing[3], 2.5);
  expect_near(image.origin[3], 11.25);
  const std::string four = with(with(time_header, "RAS", "RAST"), "(0,0.5,0) (2,0,0) (0,0,3) none",
                                "(0,0.5,0,0) (2,0,0,0) (0,0,3,0) (0,0,0,2)");
  image = read_text(format, "time.nrrd", with(four, "(1,2,3)", "(1,2,3,4)")).image;
  expect_near(image.origin[0], -1);
  expect_near(image.origin[3], 4);
  expect_near(image.spacing[3], 2);
}

void axes_without_a_stated_position_have_index_zero_at_zero(void**) {
  const Image image =
      read_text(format, "time.nrrd", with(time_header, "kinds", "swr_index:=1 0 0 -2\nkinds"))
          .image;
  assert_int_equal(image.region.index[3], -2);
  expect_near(image.origin[3], 0);
  expect_near(image.origin[1], -1.5);
}

void a_new_header_from_another_has_components_first(void**) {
  write_bytes("from.nrrd",
              "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 3 2\nkinds: domain domain vector\n"
              "labels: \"x\" \"y\" \"which\"\nencoding: raw\n\n" +
                  std::string(24, 'x'));
  const Description from = read_description(format, "from.nrrd");
  NewFileRequest request = request_for(format, "to.nrrd");
  request.base = &from;
  const NewFile plan = format.plan(from.image, request);
  assert_true(plan.header.find("\nsizes: 2 4 3\n") != std::string::npos);
  assert_true(plan.header.find("\nkinds: vector domain domain\n") != std::string::npos);
  assert_true(plan.header.find("\nlabels: \"which\" \"x\" \"y\"\n") != std::string::npos);
  assert_int_equal(plan.layout.order.component_axis, 0);
}

void spacings_and_minima_serve_without_a_space(void**) {
  const std::string header =
      "NRRD0001\ntype: uint8\ndimension: 2\nsizes: 4 5\nspacings: 0.5 -2\naxis mins: 10 "
      "20\nencoding: raw\n\n";
  Image image = read_text(format, "spacings.nrrd", header).image;
  expect_near(image.spacing[0], 0.5);
  expect_near(image.spacing[1], 2);
  expect_near(image.direction[3], -1);
  expect_near(image.origin[0], 10.25);
  expect_near(image.origin[1], 19);
  image = read_text(format, "spacings.nrrd",
                    with(header, "encoding", "centerings: node node\nencoding"))
              .image;
  expect_near(image.origin[0], 10);
  image = read_text(format, "spacings.nrrd",
                    with(with(header, "0.5 -2", "nan NaN"), "axis mins: 10 20\n", ""))
              .image;
  expect_near(image.spacing[0], 1);
  expect_near(image.origin[0], 0);
  image = read_text(format, "spacings.nrrd",
                    with(with(header, "spacings: 0.5 -2\n", ""), "encoding",
                         "axis maxs: 14 25\nencoding"))
              .image;
  expect_near(image.spacing[0], 1);
  expect_near(image.origin[0], 10.5);
  image = read_text(format, "spacings.nrrd", with(header, "10 20", "10 nan")).image;
  expect_near(image.origin[0], 0);
}

void components_are_read_from_any_axis(void**) {
  Description file = read_text(format, "vector.nrrd", vector_header);
  assert_int_equal(file.image.pixel.components, 3);
  assert_int_equal(file.image.region.size[0], 4);
  assert_true(file.layout.order.interleaved());
  file = read_variant(
      "sizes: 3 4 5 2\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: vector domain domain "
      "domain",
      "sizes: 4 5 2 3\nspace directions: (1,0,0) (0,1,0) (0,0,1) none\nkinds: domain domain domain "
      "list",
      vector_header);
  assert_int_equal(file.image.pixel.components, 3);
  assert_int_equal(file.image.region.size[2], 2);
  assert_false(file.layout.order.interleaved());
  assert_int_equal(file.layout.order.bytes(), 4 * 5 * 2 * 3 * 4);
  file = read_variant(
      "sizes: 3 4 5 2\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: vector domain domain "
      "domain",
      "sizes: 4 3 5 2\nspace directions: (1,0,0) none (0,1,0) (0,0,1)\nkinds: domain vector domain "
      "domain",
      vector_header);
  assert_int_equal(file.image.pixel.components, 3);
  assert_int_equal(file.image.region.size[0], 4);
  assert_int_equal(file.layout.order.component_axis, 1);
  expect_unsupported("kinds: vector domain", "kinds: vector list", "both", vector_header);
  file = read_variant("kinds: vector domain domain domain\n", "", vector_header);
  assert_int_equal(file.image.pixel.kind, SWR_KIND_VECTOR);
}

void kinds_are_read(void**) {
  const std::pair<const char*, swr_kind> kinds[] = {{"RGB-color", SWR_KIND_RGB},
                                                    {"rgb", SWR_KIND_RGB},
                                                    {"3-color", SWR_KIND_RGB},
                                                    {"3-gradient", SWR_KIND_COVARIANT_VECTOR},
                                                    {"normal", SWR_KIND_COVARIANT_VECTOR},
                                                    {"2D-sym-tensor", SWR_KIND_SYMMETRIC_TENSOR},
                                                    {"HSV-color", SWR_KIND_VECTOR},
                                                    {"point", SWR_KIND_VECTOR}};
  for (const auto& [name, kind] : kinds)
    assert_int_equal(read_variant("kinds: vector", std::string("kinds: ") + name, vector_header)
                         .image.pixel.kind,
                     kind);
  expect_failure(SWR_ERROR_CORRUPT, {"rgba"},
                 [] { read_variant("kinds: vector", "kinds: RGBA-color", vector_header); });
  expect_unsupported("kinds: vector", "kinds: colour", "colour", vector_header);
  const Image stub = read_variant("sizes: 3 4 5 2", "sizes: 1 4 5 2",
                                  with(vector_header, "kinds: vector", "kinds: stub"))
                         .image;
  assert_int_equal(stub.pixel.kind, SWR_KIND_SCALAR);
  assert_int_equal(stub.dimensions(), 3);
}

void metadata_is_unescaped(void**) {
  const Image image =
      read_variant(
          "endian",
          "a key:=one\\ntwo \\\\n \\x\na key2:= blank \nendian:=y\nspacex: dims:=no\nendian")
          .image;
  expect_text(*image.find_metadata("a key"), "one\ntwo \\n \\x");
  expect_text(*image.find_metadata("a key2"), " blank ");
  expect_text(*image.find_metadata("endian"), "y");
}

void places_of_pixels_are_found(void**) {
  Description file = read_variant("encoding: raw", "encoding: raw\ndata file: sub/x.raw");
  expect_text(file.layout.parts[0].path, "sub/x.raw");
  assert_int_equal(file.layout.parts[0].offset, 0);
  file = read_variant("encoding: raw", "encoding: raw\ndatafile: /far/away.raw");
  expect_text(file.layout.parts[0].path, "/far/away.raw");
  file = read_variant("encoding: raw", "encoding: raw\nbyte skip: 0010\ndata file: x");
  assert_int_equal(file.layout.parts[0].offset, 10);
  file = read_variant("encoding: raw", "encoding: raw\nbyte skip: 10");
  assert_int_equal(file.layout.parts[0].offset,
                   10 + static_cast<int64_t>(read_bytes("variant.nhdr").size()));
  file = read_variant("encoding: raw", "encoding: raw\nbyteskip: -1\nlineskip: 3");
  assert_int_equal(file.layout.parts[0].offset, -1);
  file = read_variant("encoding: raw", "encoding: raw\nline skip: 3");
  assert_int_equal(file.layout.parts[0].lines_to_skip, 3);
  file = read_variant("encoding: raw", "encoding: GZ\nline skip: 3\nbyte skip: 7");
  assert_true(file.layout.is_compressed());
  assert_int_equal(file.layout.parts[0].lines_to_skip, 3);
  assert_int_equal(file.layout.stream().prefix, 7);
  assert_int_equal(file.layout.parts[0].offset, read_bytes("variant.nhdr").size());
  file = read_variant("encoding: raw", "encoding: ascii");
  assert_true(file.layout.is_text());
  assert_false(file.read_only.empty());
  file = read_variant("endian: little\nencoding: raw", "encoding: text");
  assert_true(file.layout.is_text());
  assert_true(read_variant("endian: little", "endian: big").layout.big_endian);
  file = read_variant("encoding: raw", "encoding: hex");
  assert_true(std::get<Text>(file.layout.storage).hexadecimal);
  assert_false(file.read_only.empty());
  for (const char* encoding : {"bzip2", "bz2"}) {
    file = read_variant("encoding: raw", std::string("encoding: ") + encoding);
    assert_true(file.layout.is_bzip2());
    assert_false(file.read_only.empty());
  }
  expect_unsupported("encoding: raw", "encoding: zstd", "zstd");
  expect_unsupported("encoding: raw", "encoding: raw\nbyte skip: -2", "byte skip");
  expect_unsupported("encoding: raw", "encoding: gzip\nbyte skip: -1", "byte skip");
  file = read_variant("encoding: raw", "encoding: raw\nbyte skip: 1\nline skip: 2");
  assert_int_equal(file.layout.parts[0].lines_to_skip, 2);
  assert_int_equal(file.layout.parts[0].bytes_to_skip, 1);
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
  const auto data_file = [](const std::string& value) {
    return read_variant("(-10.5,20.25,30)\n", "(-10.5,20.25,30)\ndata file: " + value);
  };
  expect_parts(data_file("LIST\na.raw\nb c.raw"), {"a.raw", "b c.raw"}, 24);
  expect_parts(data_file("LIST 2\na.raw\nb c.raw\n\n"), {"a.raw", "b c.raw"}, 24);
  expect_parts(data_file("LIST 3\na.raw\nb.raw"), {"a.raw", "b.raw"}, 24);
  expect_parts(data_file("LIST 3\na.raw"), {"a.raw"}, 48);
  expect_parts(data_file("LIST 1\na\nb\nc\nd\ne\nf"), {"a", "b", "c", "d", "e", "f"}, 8);
  expect_parts(data_file("s_%03d.raw 8 9 1"), {"s_008.raw", "s_009.raw"}, 24);
  expect_parts(data_file("s%d 2 1 -1"), {"s2", "s1"}, 24);
  expect_parts(data_file("s%d 0 10 10 3"), {"s0", "s10"}, 24);
  expect_parts(data_file("s%d"), {"s%d"}, 48);
  expect_parts(data_file("%s%n 1 2 1"), {"%s%n 1 2 1"}, 48);
}

void hostile_lists_and_patterns_are_refused(void**) {
  const auto corrupt = [](const std::string& value, const std::string& word) {
    expect_corrupt("(-10.5,20.25,30)\n", "(-10.5,20.25,30)\ndata file: " + value, word);
  };
  corrupt("LIST\na", "data files");
  corrupt("LIST\na\nb\nc", "data files");
  corrupt("LIST", "data files");
  corrupt("LIST 4\na", "axes");
  corrupt("LIST 0\na", "axes");
  corrupt("LIST x\na", "LIST");
  corrupt("LIST 3\na\nb\nc", "evenly");
  corrupt("s%d 1 2", "pattern");
  corrupt("s%d 1 3 1", "data files");
  corrupt("s%d 1 2 0", "data files");
  corrupt("s%d -9223372036854775808 9223372036854775807 1", "data files");
  corrupt("s%d 1 2 1 9", "axes");
  expect_unsupported("(-10.5,20.25,30)\n", "(-10.5,20.25,30)\ndata file: s%d_%d 1 2 1", "number");
  const std::string many = with(plain_header, "sizes: 4 3 2", "sizes: 1 1 1000000000000");
  expect_unsupported("(-10.5,20.25,30)\n", "(-10.5,20.25,30)\ndata file: s%d 1 1000000000000 1",
                     "files", many);
}

void headers_that_lie_are_found_out(void**) {
  expect_corrupt("NRRD0004", "NRRX0004", "NRRD");
  expect_unsupported("NRRD0004", "NRRD0006", "version");
  expect_corrupt("dimension: 3\n", "", "dimension");
  expect_corrupt("dimension: 3", "dimension: 0", "dimension");
  expect_corrupt("dimension: 3", "dimension: x", "dimension");
  expect_unsupported("dimension: 3", "dimension: 17", "dimension");
  expect_corrupt("dimension: 3", "dimension: 4", "numbers");
  expect_corrupt("sizes: 4 3 2\n", "", "sizes");
  expect_corrupt("sizes: 4 3 2", "sizes: 4 3 2 1", "sizes");
  expect_corrupt("sizes: 4 3 2", "sizes: 4 0 2", "sizes");
  expect_corrupt("sizes: 4 3 2", "sizes: 4 -3 2", "sizes");
  expect_corrupt("sizes: 4 3 2", "sizes: 9000000000 9000000000 9000000000", "sizes");
  expect_corrupt("sizes: 4 3 2", "sizes: 9223372036854775807 1 1", "sizes");
  expect_corrupt("sizes: 4 3 2", "sizes: 99999999999999999999 1 1", "sizes");
  expect_corrupt("endian: little\n", "", "endian");
  expect_corrupt("endian: little", "endian: middle", "endian");
  expect_corrupt("encoding: raw\n", "", "encoding");
  expect_corrupt("type: short\n", "", "type");
  expect_corrupt("type: short", "type: short\ntype: int", "second time");
  expect_corrupt("type: short", "type: short\nunknown field: 3", "line 4");
  expect_corrupt("type: short", "type: short\nno separator", "line 4");
  expect_corrupt("kinds: domain domain domain", "kinds: domain domain", "kinds");
  expect_corrupt("(0,0.25,0) (0,0,2)", "(0,0.25,0)", "vectors");
  expect_corrupt("(0,0.25,0)", "(0,0.25)", "numbers");
  expect_corrupt("(0,0.25,0)", "(0,0.25,0,0)", "numbers");
  expect_corrupt("(0,0.25,0)", "(0,inf,0)", "numbers");
  expect_corrupt("(0,0.25,0)", "(0,nan,0)", "missing");
  expect_corrupt("(0,0.25,0)", "(0,0,0)", "length");
  expect_corrupt("(0,0,2)", "(0,0,2) (1,1,1)", "more than");
  expect_corrupt("space: left-posterior-superior\n", "", "space");
  expect_corrupt("space: left-posterior-superior", "space: LPS\nspace dimension: 3", "both");
  expect_corrupt("space: left-posterior-superior", "space dimension: 99", "space dimension");
  expect_corrupt("encoding: raw", "encoding: raw\nline skip: -1", "line skip");
  expect_corrupt("encoding: raw", "encoding: raw\nbyte skip: 9223372036854775807", "byte skip");
  expect_corrupt("encoding: raw", "encoding: raw\ndata file:", "data file");
  expect_corrupt("\n\n", "\n", "empty line");
  expect_unsupported(
      "space: left-posterior-superior\nsizes: 4 3 2\nspace directions: (0.5,0,0) (0,0.25,0) "
      "(0,0,2)\n",
      "space dimension: 4\nsizes: 4 3 2\nspace directions: (1,0,0,0) (0,1,0,0) (0,0,1,0)\n",
      "space");
  expect_failure(SWR_ERROR_CORRUPT, {"empty.nrrd"}, [] { read_text(format, "empty.nrrd", ""); });
  expect_failure(SWR_ERROR_CORRUPT, {"long.nrrd"}, [] {
    read_text(format, "long.nrrd", "NRRD0004\n#" + std::string(17 << 20, 'x'));
  });
}

void a_cut_header_is_never_taken_for_whole(void**) {
  const std::string header = read_bytes(sample("rgb3.nrrd")).substr(0, 529 - 72);
  assert_true(header.ends_with("\n\n"));
  for (size_t length = 0; length < header.size(); ++length) {
    bool whole = true;
    try {
      read_text(format, "cut.nrrd", header.substr(0, length));
    } catch (const Error& error) {
      whole = error.status() != SWR_ERROR_CORRUPT && error.status() != SWR_ERROR_UNSUPPORTED;
    }
    assert_false(whole);
  }
}

void other_files_are_not_recognised(void**) {
  assert_false(format.recognise("", "a.nrrd"));
  assert_false(format.recognise("NDims = 3", "a.nrrd"));
  assert_true(format.recognise("NRRD0001\n", "a"));
  assert_true(format.recognise("NRRD00.01\n", "a"));
}

void grow_patches_the_size_in_place(void**) {
  for (const auto& size : std::vector<std::vector<int64_t>>{
           {5}, {5, 4}, {5, 4, 3}, {5, 4, 3, 2}, {1, 1, 1, 1, 1, 1, 1, 1, 4}}) {
    for (const int components : {1, 3}) {
      const Image image =
          an_image(size, SWR_UINT8, components, components == 1 ? SWR_KIND_SCALAR : SWR_KIND_RGB);
      write_bytes("grow.nrrd", format.plan(image, request_for(format, "grow.nrrd")).header);
      const std::string grown = grown_header(format, "grow.nrrd", 12345678901234);
      assert_false(grown.empty());
      assert_int_equal(grown.size() % 4096, 0);
    }
  }
}

void grow_of_a_foreign_header_goes_as_far_as_its_digits(void**) {
  write_bytes("foreign.nhdr", plain_header);
  assert_true(grown_header(format, "foreign.nhdr", 10).empty());
  expect_text(grown_header(format, "foreign.nhdr", 9), with(plain_header, "4 3 2", "4 3 9"));
  write_bytes("wide.nhdr", with(plain_header, "4 3 2", "4 3  002"));
  expect_text(grown_header(format, "wide.nhdr", 1200), with(plain_header, "4 3 2", "4 3 1200"));
}

void grow_leaves_to_a_rewrite_what_would_not_be_true(void**) {
  const std::vector<std::pair<std::string, std::string>> variants = {
      {"encoding: raw", "encoding: raw\naxis maxs: 1 2 3"},
      {"encoding: raw", "encoding: raw\nbyte skip: -1"},
      {"encoding: raw", "encoding: raw\ndata file: s%d 1 2 1"},
      {"encoding: raw\n", "encoding: raw\ndata file: s%d 1 1 1 3\n"},
      {"encoding: raw\nspace origin: (-10.5,20.25,30)\n",
       "encoding: raw\ndata file: LIST 3\nonly.raw\n"},
      {"encoding: raw", "encoding: ascii"}};
  for (const auto& [from, to] : variants) {
    write_bytes("rewrite.nhdr", with(plain_header, from, to));
    assert_true(grown_header(format, "rewrite.nhdr", 3).empty());
  }
  write_bytes("planes.nrrd",
              "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4    3 2\nkinds: domain domain "
              "vector\nencoding: raw\n\n");
  assert_true(grown_header(format, "planes.nrrd", 4).empty());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(plan_of_each_type_is_read_back),
      cmocka_unit_test(plan_of_many_dimensions_keeps_what_a_space_cannot),
      cmocka_unit_test(lengths_in_any_unit_come_back_to_the_last_bit),
      cmocka_unit_test(lengths_of_a_kept_space_come_back_to_the_last_bit),
      cmocka_unit_test(plan_with_a_start_index_keeps_pixels_in_place),
      cmocka_unit_test(plan_with_metadata_brings_it_back),
      cmocka_unit_test(metadata_that_would_break_the_header_is_left_out),
      cmocka_unit_test(images_that_no_header_can_hold_are_refused),
      cmocka_unit_test(plan_begins_pixels_at_a_page),
      cmocka_unit_test(plan_detaches_the_data_of_nhdr),
      cmocka_unit_test(plan_is_written_as_itk_writes),
      cmocka_unit_test(files_of_itk_say_what_they_say),
      cmocka_unit_test(directions_of_itk_are_columns),
      cmocka_unit_test(metadata_and_detached_data_of_itk_are_found),
      cmocka_unit_test(variants_that_teem_reads_are_read),
      cmocka_unit_test(types_and_their_synonyms_are_read),
      cmocka_unit_test(spaces_are_read_to_lps),
      cmocka_unit_test(axes_outside_the_space_are_dimensions_of_their_own),
      cmocka_unit_test(axes_without_a_stated_position_have_index_zero_at_zero),
      cmocka_unit_test(a_new_header_from_another_has_components_first),
      cmocka_unit_test(spacings_and_minima_serve_without_a_space),
      cmocka_unit_test(components_are_read_from_any_axis),
      cmocka_unit_test(kinds_are_read),
      cmocka_unit_test(metadata_is_unescaped),
      cmocka_unit_test(places_of_pixels_are_found),
      cmocka_unit_test(lists_and_patterns_name_their_files),
      cmocka_unit_test(hostile_lists_and_patterns_are_refused),
      cmocka_unit_test(headers_that_lie_are_found_out),
      cmocka_unit_test(a_cut_header_is_never_taken_for_whole),
      cmocka_unit_test(other_files_are_not_recognised),
      cmocka_unit_test(grow_patches_the_size_in_place),
      cmocka_unit_test(grow_of_a_foreign_header_goes_as_far_as_its_digits),
      cmocka_unit_test(grow_leaves_to_a_rewrite_what_would_not_be_true),
  };
  return cmocka_run_group_tests_name("nrrd", tests, nullptr, nullptr);
}

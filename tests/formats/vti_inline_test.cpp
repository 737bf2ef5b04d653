// VTK's XML image data whose values are not raw: text and base64 between tags, and appended base64.
#include "formats/vti_pixels.h"
#include "formats/vti_writer.h"
#include "vtk_checks.h"

namespace swr {
extern const Format vti_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

Description read(const std::string& text) {
  return read_text(vti_format, "read.vti", text);
}

std::string in_base64(const std::string& bytes) {
  constexpr const char* alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t bits = 0;
    const size_t count = std::min<size_t>(3, bytes.size() - at);
    for (size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0);
    for (size_t i = 0; i < 4; ++i) text += i <= count ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::string array(const std::string& format, const std::string& values,
                  const std::string& type = "UInt8") {
  return text("<DataArray type=\"", type, "\" Name=\"a\" format=\"", format, "\">", values,
              "</DataArray>");
}

std::string piece(const std::string& extent, const std::string& array) {
  return text("<Piece Extent=\"", extent, "\"><PointData>", array, "</PointData></Piece>");
}

std::string file_of(const std::string& extent, const std::string& pieces) {
  return text("<VTKFile type=\"ImageData\" byte_order=\"LittleEndian\"><ImageData WholeExtent=\"",
              extent, "\">", pieces, "</ImageData></VTKFile>");
}

// One row.
std::string row(int64_t size, const std::string& array) {
  const std::string extent = text("0 ", size - 1, " 0 0 0 0");
  return file_of(extent, piece(extent, array));
}

void expect_pixels(const std::string& text, const std::vector<int>& expected) {
  const Description file = read(text);
  const std::vector<std::byte> bytes = pixels_of(vti_format, file);
  assert_int_equal(bytes.size(), expected.size());
  for (size_t i = 0; i < bytes.size(); ++i)
    assert_int_equal(std::to_integer<int>(bytes[i]), expected[i]);
  vti_format.reader(file.layout, {})->verify();
}

void every_encoding_of_vtk_is_read(void**) {
  struct Row {
    const char *name, *encoding, *reason;
  };
  for (const Row& row :
       {Row{"ascii_int16.vti", "text", "as text"}, Row{"binary_int16.vti", "base64", "in base64"},
        Row{"base64_int16.vti", "base64", "in base64"},
        Row{"zlib_binary_int16.vti", "deflate", "zlib"},
        Row{"zlib64_base64_int16.vti", "deflate", "zlib"}}) {
    const Description file = read_description(vti_format, text(SWR_TEST_DATA, "/vti/", row.name));
    expect_equal(file.image, image_of_samples(SWR_INT16));
    expect_series<int16_t>(vti_format, file);
    assert_true(file.read_only.find(row.reason) != std::string::npos);
    expect_text(form_of_vti_pixels(file.layout, {}).encoding, row.encoding);
    const auto reader = read_vti_pixels(file.layout, {});
    expect_box_of_series(*reader);
    reader->verify();
  }
}

void numbers_end_at_the_tag(void**) {
  expect_pixels(row(3, array("ascii", "1 2 3")), {1, 2, 3});
  expect_pixels(row(3, array("ascii", "\n 1\t2\r\n3 <InformationKey name=\"a\"/>\n")), {1, 2, 3});
}

void values_that_are_wrong_are_corrupt(void**) {
  const auto corrupt = [](const std::string& word, const std::string& text) {
    expect_failure(SWR_ERROR_CORRUPT, {"read.vti", word}, [&] { expect_pixels(text, {1, 2, 3}); });
  };
  corrupt("numbers end", row(3, array("ascii", "1 2")));
  corrupt("no number", row(3, array("ascii", "1 x 3")));
  corrupt("no values", row(3, array("ascii", " \n")));
  corrupt("no values", row(3, "<DataArray type=\"UInt8\" format=\"ascii\"/>"));
  corrupt("not a valid uint8", row(3, array("ascii", "1 256 3")));
  const std::string three("\3\0\0\0\1\2\3", 7), two("\2\0\0\0\1\2", 6);
  expect_pixels(row(3, array("binary", in_base64(three))), {1, 2, 3});
  corrupt("has 2 bytes", row(3, array("binary", in_base64(two))));
  corrupt("no base64", row(3, array("binary", "")));
  corrupt("no base64", row(3, array("binary", "AwAA")));
  corrupt("no base64", row(3, array("binary", "Aw-AAAECAw==")));
  corrupt("would end", row(3, array("binary", "AwAAAAEC")));
  corrupt("not base64", row(3, array("binary", "AwAAAAEC*w==")));
  corrupt("not base64", row(3, array("binary", "AwAAAAEC====")));
  corrupt("not base64", row(3, array("binary", "AwAAAAEC=w==")));
  // Padding within the numbers that follow.
  corrupt("not base64", row(6, array("binary", "BgAAAAE=AgMEBQY=")));
  corrupt("appended to it", row(3, "<DataArray type=\"UInt8\" format=\"appended\" offset=\"0\"/>"));
  expect_failure(SWR_ERROR_UNSUPPORTED, {"read.vti", "format \"hex\""},
                 [&] { read(row(3, array("hex", "01"))); });
  const std::string cut = row(3, array("ascii", "1 2 3"));
  for (const size_t length : {cut.size() - 1, cut.find("3<") + 1, cut.find("1 2")})
    expect_failure(SWR_ERROR_CORRUPT, {"read.vti", "ends within its header"},
                   [&] { read(cut.substr(0, length)); });
}

// The stretches of text and of base64 that are read at once end within numbers and groups.
void long_values_are_read(void**) {
  constexpr int64_t size = 300001;
  const auto value = [](int64_t i) { return static_cast<int>((7 * i + 3) % 251); };
  std::string numbers, bytes = vti_length(size, 4, false);
  for (int64_t i = 0; i < size; ++i) {
    numbers += text(i % 20 == 0 ? "\n" : " ", value(i));
    bytes += static_cast<char>(value(i));
  }
  for (const std::string& text :
       {row(size, array("ascii", numbers)), row(size, array("binary", in_base64(bytes)))}) {
    const Description file = read(text);
    expect_series<uint8_t>(vti_format, file);
    assert_true(dynamic_cast<const VtiSource&>(*file.header).header.text.size() < 1000);
    Region box = file.image.region;
    box.index[0] = 65537;
    box.size[0] = 70000;
    std::vector<std::byte> some(70000);
    vti_format.reader(file.layout, {})->read(box, some);
    for (int64_t i = 0; i < std::ssize(some); ++i)
      assert_int_equal(std::to_integer<int>(some[static_cast<size_t>(i)]), value(65537 + i));
  }
}

// A header has 16 MiB at most, without values.
void values_are_no_part_of_the_header(void**) {
  constexpr int64_t size = int64_t{9} << 20;
  std::string numbers;
  for (int64_t i = 0; i < size; ++i) numbers += "7 ";
  assert_int_equal(read(row(size, array("ascii", numbers))).image.region.size[0], size);
  expect_failure(SWR_ERROR_CORRUPT, {"read.vti", "header does not end"},
                 [&] { read(row(size, "<!--" + numbers + "-->" + array("ascii", "7"))); });
}

void tags_that_are_none_are_passed_over(void**) {
  const std::string values = array("ascii", "1 2 3");
  for (const char* const none :
       {"<!-- <DataArray> -->", "<!-- > <AppendedData -->", "<?a <DataArray> ?>"}) {
    expect_pixels(row(3, none + values), {1, 2, 3});
    expect_pixels(none + row(3, values + none), {1, 2, 3});
    expect_pixels(row(3, with(values, "3<", text("3", none, "<"))), {1, 2, 3});
  }
  for (const char* const inside :
       {"<InformationKey a=\"/>\"/>", "<InformationKey a='\"' b=\">\"></InformationKey>",
        "<![CDATA[ <AppendedData> ]]>"})
    expect_pixels(row(3, with(values, "3<", text("3", inside, "<"))), {1, 2, 3});
  expect_pixels(row(3, with(values, "Name=", "b=\"/>\" Name=")), {1, 2, 3});
}

void pieces_of_text_are_one_image_and_those_in_base64_are_refused(void**) {
  const std::string first = "0 2 0 0 0 0", second = "0 2 1 1 0 0", whole = "0 2 0 1 0 0";
  const std::string other = array("ascii", "4 5 6");
  expect_pixels(file_of(whole, piece(first, array("ascii", "1 2 3")) + piece(second, other)),
                {1, 2, 3, 4, 5, 6});
  const auto refused = [](const std::string& word, const std::string& text) {
    expect_failure(SWR_ERROR_UNSUPPORTED, {"read.vti", "pieces", word}, [&] { read(text); });
  };
  const std::string bytes = array("binary", in_base64(std::string("\3\0\0\0\1\2\3", 7)));
  refused("differently", file_of(whole, piece(first, other) + piece(second, bytes)));
  refused("in base64", file_of(whole, piece(first, bytes) + piece(second, bytes)));
  const std::string six = array("ascii", "1 2 3 4 5 6");
  refused("twice", file_of("0 2 0 2 0 0", piece("0 2 0 1 0 0", six) + piece("0 2 1 2 0 0", six)));
}

// Arrays beside raw pixels, whose bytes could be changed; but not the header around them.
void other_values_between_tags_keep_a_file_from_changes(void**) {
  Image image = an_image({3, 2});
  const NewFile file = planned_by(vti_format, image, "raw.vti", nullptr);
  const std::string raw = file.header + std::string(12, '\7') + file.trailer;
  assert_true(read(raw).read_only.empty());
  const Description both = read(with(raw, "</CellData>", array("ascii", "5") + "</CellData>"));
  assert_true(both.read_only.find("between its tags") != std::string::npos);
  assert_int_equal(std::to_integer<int>(pixels_of(vti_format, both)[11]), 7);
}

// What a new file keeps of one whose values are in its XML, and tells that it loses.
void the_header_is_carried_into_a_raw_file(void**) {
  const std::string key = "<InformationKey name=\"UNITS_LABEL\">mm</InformationKey>";
  const Description old = read(
      row(3, with(array("ascii", "1 2 3 " + key), "Name=\"a\"", "Name=\"of the heart\" b=\"c\"") +
                 with(array("binary", "AAAA"), "\"a\"", "\"second\"")));
  const NewFile made = planned_by(vti_format, old.image, "new.vti", &old);
  for (const std::string& part : {key, std::string("Name=\"of the heart\""),
                                  std::string(" b=\"c\""), std::string("format=\"appended\"")})
    assert_true(made.header.find(part) != std::string::npos);
  assert_int_equal(made.remarks.size(), 1);
  assert_true(made.remarks[0].text.find("second") != std::string::npos);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_encoding_of_vtk_is_read),
      cmocka_unit_test(numbers_end_at_the_tag),
      cmocka_unit_test(values_that_are_wrong_are_corrupt),
      cmocka_unit_test(long_values_are_read),
      cmocka_unit_test(values_are_no_part_of_the_header),
      cmocka_unit_test(tags_that_are_none_are_passed_over),
      cmocka_unit_test(pieces_of_text_are_one_image_and_those_in_base64_are_refused),
      cmocka_unit_test(other_values_between_tags_keep_a_file_from_changes),
      cmocka_unit_test(the_header_is_carried_into_a_raw_file),
  };
  return cmocka_run_group_tests_name("vti_inline", tests, nullptr, nullptr);
}

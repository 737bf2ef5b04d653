// VTK's XML image data: what is planned is read back, files of VTK are read as it meant them, and
// headers that are wrong are refused.
#include "formats/vti_pixels.h"
#include "formats/vti_writer.h"
#include "vtk_checks.h"

namespace swr {
extern const Format vti_format;
}

namespace {

using namespace swr;
using namespace swr::checks;

constexpr const char* end_tags = "\n  </AppendedData>\n</VTKFile>\n";

std::string vti_sample(const std::string& name) {
  return SWR_TEST_DATA "/vti/" + name;
}

Image placed(std::vector<int64_t> size, swr_component component = SWR_INT16, int components = 1,
             swr_kind kind = SWR_KIND_SCALAR) {
  Image image = an_image(std::move(size), component, components, kind);
  set_oblique_geometry(image);
  return image;
}

NewFile planned(const Image& image, const std::string& path, const Description* base = nullptr) {
  return planned_by(vti_format, image, path, base);
}

// A whole file, all of its pixel bytes 7.
std::string written(const Image& image) {
  const NewFile file = planned(image, "written.vti");
  return file.header + std::string(static_cast<size_t>(image.bytes()), '\7') + file.trailer;
}

Description read(const std::string& text) {
  return read_text(vti_format, "read.vti", text);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void files_of_vtk_are_read_as_it_wrote_them(void**) {
  const auto check = [](const char* name, const Image& expected) {
    Description file = read_description(vti_format, vti_sample(name));
    expect_equal(file.image, expected);
    expect_text(file.read_only, "");
    return file;
  };
  const auto series = [](const Description& file) { expect_series<int16_t>(vti_format, file); };
  series(check("raw64_int16.vti", image_of_samples(SWR_INT16)));
  series(check("raw_be_int16.vti", image_of_samples(SWR_INT16)));
  Image turned = image_of_samples(SWR_INT16);
  const double c = std::cos(std::acos(-1.0) / 6), s = 0.5;
  turned.direction = {c, -s, 0, s, c, 0, 0, 0, 1};
  series(check("raw_int16.vti", turned));
  expect_series<uint8_t>(vti_format, check("raw_uint8.vti", image_of_samples(SWR_UINT8)));
  expect_series<double>(vti_format, check("raw_float64.vti", image_of_samples(SWR_FLOAT64)));
  expect_series<uint8_t>(vti_format,
                         check("rgb_uint8.vti", image_of_samples(SWR_UINT8, 3, SWR_KIND_RGB)));
  expect_series<float>(vti_format,
                       check("vec_float32.vti", image_of_samples(SWR_FLOAT32, 3, SWR_KIND_VECTOR)));
}

struct Blocks {
  const char *name, *method, *encoding;
};
const Blocks blocks_of_vtk[] = {
    {"zlib_int16.vti", "zlib", "deflate"},
    {"zlib64_int16.vti", "zlib", "deflate"},
#ifdef SWR_HAVE_LZ4
    {"lz4_int16.vti", "LZ4", "lz4"},
#endif
#ifdef SWR_HAVE_LZMA
    {"lzma_int16.vti", "LZMA", "lzma"},
#endif
};

void blocks_that_vtk_compressed_are_read(void**) {
  for (const auto& [name, method, encoding] : blocks_of_vtk) {
    const Description file = read_description(vti_format, vti_sample(name));
    expect_equal(file.image, image_of_samples(SWR_INT16));
    expect_series<int16_t>(vti_format, file);
    assert_true(has(file.read_only, method));
    expect_text(form_of_vti_pixels(file.layout, {}).encoding, encoding);
    const auto reader = read_vti_pixels(file.layout, {});
    expect_box_of_series(*reader);
    reader->verify();
  }
}

// Cut off at either end, or something else.
void damaged_blocks_are_found_out_and_named(void**) {
  for (const Blocks& blocks : blocks_of_vtk) {
    const std::string good = read_bytes(vti_sample(blocks.name));
    const Description sound = read_description(vti_format, vti_sample(blocks.name));
    const StoredChunk& last = sound.layout.stored_chunks->chunks.back();
    const auto at = static_cast<size_t>(last.offset), bytes = static_cast<size_t>(last.bytes);
    const auto damaged = [&](std::string block) {
      block.resize(bytes, '\0');
      return std::string(good).replace(at, bytes, block);
    };
    const std::string block = good.substr(at, bytes);
    std::vector<std::string> others = {block.substr(1), std::string(bytes, '\xff')};
    // LZ4 has no checksum that finds other literals.
    if (blocks.method != std::string("LZ4")) others.push_back(block.substr(0, bytes / 2));
    for (const std::string& other : others) {
      const Description file = read(damaged(other));
      expect_failure(SWR_ERROR_CORRUPT, {"read.vti", "block", "damaged"},
                     [&] { read_vti_pixels(file.layout, {})->verify(); });
    }
  }
}

// The table begins with the blocks, the bytes of one, and those of the last one.
void blocks_that_contradict_the_image_are_corrupt(void**) {
  const std::string good = read_bytes(vti_sample("zlib_int16.vti"));
  const size_t table = good.find("   _") + 4;
  const auto changed = [&](size_t number, uint32_t value) {
    std::string bytes = good;
    store(reinterpret_cast<std::byte*>(&bytes[table + 4 * number]), value);
    return bytes;
  };
  const auto corrupt = [](const std::string& word, const std::string& bytes) {
    expect_failure(SWR_ERROR_CORRUPT, {"read.vti", word}, [&] { read(bytes); });
  };
  for (const uint32_t value : {0U, 3U, 5U, 0xffffffffU}) corrupt("blocks", changed(0, value));
  for (const uint32_t value : {0U, 255U, 0x7fffffffU}) corrupt("blocks", changed(1, value));
  for (const uint32_t value : {0U, 141U, 256U}) corrupt("last one", changed(2, value));
  for (const uint32_t value : {0U, 0xffffffffU}) corrupt("block 1", changed(4, value));
  corrupt("lengths", good.substr(0, table + 20));
  corrupt("block 0", good.substr(0, table + 29));
  const Description file = read(changed(4, 200));  // the next block begins elsewhere
  expect_failure(SWR_ERROR_CORRUPT, {"read.vti", "block", "damaged"},
                 [&] { read_vti_pixels(file.layout, {})->verify(); });
  const Description few = read_description(vti_format, vti_sample("zlib_int16.vti"));
  ReadOptions options;
  options.memory_limit = 300;
  expect_failure(SWR_ERROR_MEMORY_LIMIT, {"zlib_int16.vti", "block has 256 bytes"}, [&] {
    std::vector<std::byte> bytes(static_cast<size_t>(few.image.bytes()));
    read_vti_pixels(few.layout, options)->read(few.image.region, bytes);
  });
}

void other_compressors_are_refused(void**) {
  const std::string other =
      with(read_bytes(vti_sample("zlib_int16.vti")), "vtkZLibDataCompressor", "vtkOtherCompressor");
  expect_failure(
      SWR_ERROR_UNSUPPORTED,
      {"read.vti", "vtkOtherCompressor", "vtkZLibDataCompressor", "vtkLZ4DataCompressor"},
      [&] { read(other); });
}

void every_type_and_dimension_comes_back(void**) {
  for (const TypeOfPixel& type : all_types_of_pixel()) {
    for (const auto& size :
         std::vector<std::vector<int64_t>>{{7}, {7, 5}, {7, 5, 3}, {7, 5, 1}, {1}, {1, 1}}) {
      Image image = placed(size, type.component, type.components, type.kind);
      const std::string text = written(image);
      const Description file = read(text);
      expect_equal(file.image, image);
      assert_int_equal(file.layout.parts[0].offset, 4096);
      assert_int_equal(file.header_bytes, 4096);
      expect_round_trip(vti_format, image, "all.vti");
      image.region.index = {5, 6, -7};
      for (int axis = image.dimensions(); axis < 3; ++axis) image.region.index[axis] = 0;
      const Description moved = expect_round_trip(vti_format, image, "all.vti");
      for (int axis = 0; axis < image.dimensions(); ++axis)
        assert_int_equal(moved.image.region.index[axis], image.region.index[axis]);
    }
  }
}

void what_vti_cannot_hold_is_refused(void**) {
  expect_axes_are_checked(vti_format);
}

void the_extent_gives_the_place_of_the_first_pixel(void**) {
  Image image = placed({7, 5, 3});
  const std::string text = written(image);
  std::string moved = text;
  for (int i = 0; i < 2; ++i) moved = with(moved, "Extent=\"0 6 0 4", "Extent=\"3 9 -2 2");
  const Description file = read(moved);
  image.region.index = {3, -2, 0};  // and the same origin, which is that of index zero
  expect_equal(file.image, image);
  assert_int_equal(file.image.region.index[1], -2);
}

void a_plane_keeps_its_place_in_space(void**) {
  const std::string text =
      with(with(written(placed({7, 5})), "Direction=\"", "Direction=\"0 0 1 1 0 0 0 1 0\" was=\""),
           "Origin=\"", "Origin=\"1 2 3\" was_origin=\"");
  const Description file = read(text);
  assert_true(file.image.is_out_of_plane());
  const std::string again = planned(file.image, "plane.vti").header;
  assert_true(has(again, "Origin=\"1 2 3\""));
  assert_true(has(again, "Direction=\"0 0 1 1 0 0 0 1 0\""));
}

void growth_changes_the_extents_and_keeps_the_pixels_place(void**) {
  for (const auto& size : std::vector<std::vector<int64_t>>{{7}, {7, 5}, {7, 5, 1}, {7, 5, 3}}) {
    const std::string text = written(placed(size));
    write_bytes("grow.vti", text);
    assert_int_equal(grown_header(vti_format, "grow.vti", 123456789).size(), text.size());
  }
  const std::string narrow = read_bytes(vti_sample("raw_int16.vti"));
  write_bytes("narrow.vti", narrow);
  assert_int_equal(grown_header(vti_format, "narrow.vti", 12).size(), 0);  // no room
  write_bytes("narrow.vti", narrow);
  assert_int_equal(grown_header(vti_format, "narrow.vti", 9).size(), narrow.size());
}

// vtk.js, which takes two blanks of an extent for a zero between them, reads new and grown files.
void numbers_of_extents_have_one_blank_between_them(void**) {
  const auto check = [](const std::string& text, const std::string& extent) {
    for (const char* const tag : {"<ImageData WholeExtent=\"", "<Piece Extent=\""}) {
      const size_t begin = text.find(tag) + std::string(tag).size();
      expect_text(text.substr(begin, text.find('"', begin) - begin), extent);
    }
  };
  const std::string text = written(placed({7, 5, 3}));
  check(text, "0 6 0 4 0 2");
  write_bytes("grow.vti", text);
  check(grown_header(vti_format, "grow.vti", 123456789), "0 6 0 4 0 123456788");
  // Blanks between the numbers are room too, and move.
  std::string inside = text;
  for (int i = 0; i < 2; ++i) inside = with(inside, "0 2\"           ", "0            2\"");
  write_bytes("grow.vti", inside);
  check(grown_header(vti_format, "grow.vti", 123456789), "0 6 0 4 0 123456788");
}

std::optional<Growth> growth_of(const std::string& text, int64_t more = 1) {
  const Description file = read(text);
  Image grown = file.image;
  grown.region.size[grown.dimensions() - 1] += more;
  return vti_format.grow("read.vti", file, grown);
}

void growth_in_place_needs_room_and_nothing_else_in_the_file(void**) {
  const std::string text = written(placed({3, 2}));
  const auto growth = growth_of(text);
  assert_true(growth.has_value());
  expect_text(growth->trailer, end_tags);
  assert_false(growth_of(with(text, end_tags, std::string("more") + end_tags)).has_value());
  assert_false(growth_of(text, int64_t{1} << 31).has_value());
  const std::string second =
      "<DataArray type=\"Int8\" Name=\"more\" format=\"appended\" offset=\"20\"/>\n      ";
  assert_false(growth_of(with(text, "</PointData>", second + "</PointData>")).has_value());
  // Lengths of 32 bits end at 4 GiB.
  const std::string old = read_bytes(vti_sample("raw_uint8.vti"));
  const std::string wide = with(old, "0 4\" Origin", "0          4\" Origin");
  assert_true(growth_of(wide, 1000).has_value());
  assert_false(growth_of(wide, int64_t{1} << 26).has_value());
}

void a_file_that_ends_within_its_end_tags_is_corrupt(void**) {
  const std::string text = written(placed({3, 2}));
  const auto cut = [&](size_t bytes) { return read(text.substr(0, text.size() - bytes)); };
  cut(1);
  expect_failure(SWR_ERROR_CORRUPT, {"read.vti", "end"}, [&] { cut(2); });
  expect_failure(SWR_ERROR_CORRUPT, {"read.vti", "end"}, [&] { cut(20); });
}

void a_new_header_keeps_what_the_old_one_says(void**) {
  std::string text = written(placed({3, 2}));
  text = with(text, "Name=\"scalars\"", "Name=\"the &lt;heart&gt;\"");
  text = with(text, "Scalars=\"scalars\"", "Scalars=\"the &lt;heart&gt;\"");
  text = with(text, "Spacing=\"0.", "Spacing=\"00.");
  const Description old = read(text);
  const NewFile same = planned(old.image, "new.vti", &old);
  assert_true(has(same.header, " Name=\"the &lt;heart&gt;\""));
  assert_true(has(same.header, "Spacing=\"00."));
  assert_int_equal(same.remarks.size(), 0);
  const std::string more =
      "<DataArray type=\"Int8\" Name=\"more\" format=\"appended\" offset=\"20\"/>\n      ";
  const Description two = read(with(text, "</PointData>", more + "</PointData>"));
  assert_int_equal(two.header->own_fields().size(), 1);
  assert_int_equal(planned(two.image, "new.vti", &two).remarks.size(), 1);
  NewFileRequest request = request_for(vti_format, "read.vti");
  request.base = &two;
  request.rewritten = &two.layout;
  expect_failure(SWR_ERROR_UNSUPPORTED, {"read.vti", "rewritten", "PointData \"more\""},
                 [&] { vti_format.plan(two.image, request); });
  const Description fields = read(with(text, "<Piece", "<FieldData></FieldData><Piece"));
  expect_text(fields.header->own_fields()[0], "FieldData");
}

// Strings of VTK are metadata; a new header keeps those that are the same word for word.
void strings_are_metadata(void**) {
  const std::string kept =
      "<Array type=\"String\" Name=\"Patient\" NumberOfTuples=\"1\" format=\"ascii\">\n"
      "        90 111 -61 -85 10  66 0\n      </Array>";
  const std::string two =
      "<Array type=\"String\" Name=\"two\" NumberOfTuples=\"2\" format=\"ascii\">97 0 98 0</Array>";
  const auto one = [](const std::string& name, const std::string& codes) {
    return "<Array type=\"String\" Name=\"" + name + "\" format=\"ascii\">" + codes + "</Array>";
  };
  const std::string fields = "<FieldData>\n      " + kept + two + one("Modality", "77 82 0") +
                             one("Modality", "67 84 0") + one("cut", "77 82") +
                             one("long", "256 0") + one("word", "x 0") +
                             one("keys", "77 <K>82</K> 0") + "</FieldData>";
  const std::string text = with(written(placed({3, 2})), "<Piece", fields + "<Piece");
  const Description old = read(text);
  assert_int_equal(old.image.metadata.size(), 2);
  expect_text(*old.image.find_metadata("Patient"), "Zo\xc3\xab\nB");
  expect_text(*old.image.find_metadata("Modality"), "MR");
  expect_text(old.header->own_fields().at(0), "FieldData");
  Image changed = old.image;
  changed.set_metadata("Modality", "CT\xff");
  changed.set_metadata("new", "");
  changed.set_metadata("two", "ab");
  const NewFile file = planned(changed, "new.vti", &old);
  assert_int_equal(file.remarks.size(), 1);
  expect_text(file.remarks[0].metadata, "two");
  const std::string pixels(static_cast<size_t>(old.image.bytes()), '\7');
  const Description again = read(file.header + pixels + file.trailer);
  assert_int_equal(again.image.metadata.size(), 3);
  expect_text(*again.image.find_metadata("Modality"), "CT\xff");
  expect_text(*again.image.find_metadata("new"), "");
  for (const std::string& part : {kept, two, one("Modality", "67 84 0"), one("word", "x 0")})
    assert_true(has(file.header, part));
  // VTK reads one FieldData.
  assert_int_equal(file.header.find("<FieldData"), file.header.rfind("<FieldData"));
  changed.metadata = {};
  const NewFile less = planned(changed, "new.vti", &old);
  assert_false(has(less.header, "Patient"));
  assert_true(has(less.header, two));
}

const char* const strings_of_vtk[] = {"strings_raw.vti",    "strings_raw_zlib.vti",
                                      "strings_base64.vti", "strings_base64_zlib.vti",
                                      "strings_binary.vti", "strings_binary_zlib.vti"};

// VTK 9.1 writes them as it writes pixels. A new file has them as text.
void strings_that_vtk_appended_or_encoded_are_metadata(void**) {
  for (const char* const name : strings_of_vtk) {
    const Description old = read_description(vti_format, vti_sample(name));
    assert_int_equal(old.image.metadata.size(), 3);
    expect_text(*old.image.find_metadata("Modality"), "MR");
    expect_text(*old.image.find_metadata("Patient"), "M\xc3\xbcller, \"A\" <b>");
    expect_text(*old.image.find_metadata("empty"), "");
    assert_true(old.header->own_fields().empty());
    const NewFile file = planned(old.image, "new.vti", &old);
    assert_true(file.remarks.empty());
    const std::string pixels(static_cast<size_t>(old.image.bytes()), '\7');
    const Description again = read(file.header + pixels + file.trailer);
    assert_int_equal(again.image.metadata.size(), 3);
    expect_text(*again.image.find_metadata("Patient"), "M\xc3\xbcller, \"A\" <b>");
  }
}

// They are then arrays that swr does not know: the pixels can be read.
void strings_that_are_damaged_are_no_metadata(void**) {
  const std::string raw = read_bytes(vti_sample("strings_raw.vti"));
  const size_t at = raw.find("   _") + 4;
  for (const char* const length : {"\0\0\0", "\2\0\0", "\4\0\0", "\3\0\xff", "\3\xff\xff"}) {
    std::string bytes = raw;
    bytes.replace(at, 3, length, 3);
    const Description file = read(bytes);
    assert_null(file.image.find_metadata("Modality"));
    assert_non_null(file.image.find_metadata("Patient"));
    expect_text(file.header->own_fields().at(0), "FieldData");
  }
  const std::string zlib = read_bytes(vti_sample("strings_raw_zlib.vti"));
  const size_t table = zlib.find("   _") + 4;
  for (size_t byte = 0; byte < 24; ++byte) {
    std::string bytes = zlib;
    bytes[table + byte] = static_cast<char>(bytes[table + byte] ^ 0x55);
    const Description file = read(bytes);
    assert_non_null(file.image.find_metadata("Patient"));
  }
}

// ComponentNames and InformationKeys of VTK, FieldData as text, and what nobody knows.
void what_only_the_header_holds_is_carried_into_a_new_one(void**) {
  const std::string key =
      "<InformationKey name=\"UNITS_LABEL\" location=\"vtkDataArray\">mm</InformationKey>";
  const std::string range =
      "<InformationKey name=\"L2_NORM_RANGE\"><Value>1</Value>"
      "<!-- </InformationKey> --></InformationKey>";
  const std::string fields =
      "<FieldData><DataArray type=\"Float64\" Name=\"TIME\" format=\"ascii\">1.5</DataArray>"
      "</FieldData>";
  std::string text = written(placed({3, 2}));
  text = with(text, "offset=\"0\"/>",
              "offset=\"0\" ComponentName0=\"&lt;mass&gt;\">" + range + key + "</DataArray>");
  text = with(text, "<Piece", fields + "<Piece id=\"7\"");
  text = with(text, " header_type", " of=\"a study\" header_type");
  const Description old = read(text);
  const auto own = old.header->own_fields();
  assert_int_equal(own.size(), 2);
  assert_true(has(own[0], "ComponentName0"));
  expect_text(own[1], "FieldData");
  NewFileRequest request = request_for(vti_format, "read.vti");
  request.base = &old;
  request.rewritten = &old.layout;
  const NewFile same = vti_format.plan(old.image, request);
  assert_int_equal(same.remarks.size(), 0);
  for (const std::string& part : {key, fields, std::string(" ComponentName0=\"&lt;mass&gt;\""),
                                  std::string(" id=\"7\""), std::string(" of=\"a study\"")})
    assert_true(has(same.header, part));
  assert_false(has(same.header, "RANGE"));
  const std::string bytes(static_cast<size_t>(old.image.bytes()), '\7');
  expect_equal(read(same.header + bytes + same.trailer).image, old.image);
  // Names of components are those of as many.
  Image other = old.image;
  other.pixel = {SWR_FLOAT32, 2, SWR_KIND_VECTOR};
  const NewFile wider = planned(other, "new.vti", &old);
  assert_int_equal(wider.remarks.size(), 1);
  assert_true(has(wider.remarks[0].text, "ComponentName0"));
  assert_false(has(wider.header, "mass"));
  // Numbers that are appended are not in the header.
  const Description appended =
      read(with(text, "format=\"ascii\"", "format=\"appended\" offset=\"20\""));
  request.base = &appended;
  expect_failure(SWR_ERROR_UNSUPPORTED, {"read.vti", "would lose FieldData"},
                 [&] { vti_format.plan(appended.image, request); });
  // Bytes of another encoding would mean something else.
  const std::string latin =
      with(with(text, "<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"),
           "TIME", "\xe9t\xe9");
  assert_true(has(planned(old.image, "new.vti", &*std::make_unique<Description>(read(latin)))
                      .remarks.at(0)
                      .text,
                  "FieldData"));
}

void ranges_become_blanks_and_nothing_else(void**) {
  const std::string key = "<InformationKey name=\"UNITS_LABEL\">mm</InformationKey>";
  for (const std::string& range :
       {std::string("<InformationKey name=\"L2_NORM_RANGE\"/>"),
        std::string("<InformationKey name=\"X_RANGE\"><!-- </InformationKey> -->"
                    "</InformationKey >")}) {
    const std::string text = with(written(placed({3, 2})), "offset=\"0\"/>",
                                  "offset=\"0\">" + range + key + "</DataArray>");
    std::string changed = text;
    for (const HeaderPatch& patch : vti_format.outdate(read(text)))
      changed.replace(static_cast<size_t>(patch.offset), patch.bytes.size(), patch.bytes);
    expect_text(changed, with(text, range, std::string(range.size(), ' ')));
  }
}

void array_that_shares_bytes_with_the_pixels_keeps_them_from_changes(void**) {
  const std::string text = written(placed({3, 2}));  // 12 bytes after their length
  const auto array = [](int offset) {
    return swr::text("<DataArray type=\"Int8\" Name=\"b\" format=\"appended\" offset=\"", offset,
                     "\"/>");
  };
  for (const int offset : {0, 8, 19}) {
    for (const char* const place : {"</PointData>", "</CellData>", "<Piece"}) {
      std::string more = array(offset);
      if (place[1] == 'P') more = "<FieldData>" + more + "</FieldData>";
      assert_true(has(read(with(text, place, more + place)).read_only, "another array"));
    }
  }
  assert_true(read(with(text, "</PointData>", array(20) + "</PointData>")).read_only.empty());
  // One that begins in front of them and is as long as it says.
  std::string behind = with(text, "offset=\"0\"", "offset=\"9\"");
  behind = with(behind, "</PointData>", array(0) + "</PointData>");
  const size_t data = behind.find("_", behind.find("<AppendedData")) + 1;
  for (const int length : {1, 2}) {
    const std::string bytes = behind.substr(0, data) + vti_length(length, 8, false) + "a" +
                              vti_length(12, 8, false) + std::string(12, '\7') + end_tags;
    assert_int_equal(read(bytes).read_only.empty(), length == 1);
  }
}

void extents_with_references_do_not_grow_in_place(void**) {
  const std::string text = written(placed({3, 2}));
  assert_true(growth_of(text).has_value());
  const std::string other = with(text, "WholeExtent=\"0 ", "WholeExtent=\"0&#32;0&#32;");
  expect_failure(SWR_ERROR_CORRUPT, {"extent"}, [&] { read(other); });
  const std::string same = with(text, "Extent=\"0 ", "Extent=\"&#48; ");
  expect_equal(read(same).image, read(text).image);
  assert_false(growth_of(same).has_value());
}

void the_array_stays_what_it_was_for_vtk(void**) {
  for (const char* const role : {"Scalars", "Vectors", "Tensors"}) {
    Image image = placed({3, 2}, SWR_FLOAT32, 3, SWR_KIND_VECTOR);
    const Description old = read(with(written(image), "Vectors=", swr::text(role, "=")));
    assert_true(has(planned(old.image, "new.vti", &old).header, swr::text(role, "=\"vectors\"")));
  }
}

void what_is_said_of_the_components_stays_or_is_told(void**) {
  const Image image = placed({3, 2}, SWR_INT16, 2, SWR_KIND_VECTOR);
  std::string text = written(image);
  const std::string names = " ComponentName0=\"&lt;a&gt;\" ComponentName1=\"b\"";
  text = with(text, " format=\"appended\"", names + " format=\"appended\"");
  const Description named = read(text);
  expect_text(named.header->own_fields().at(0), "ComponentName0 and 1 more of \"scalars\"");
  const NewFile same = planned(named.image, "new.vti", &named);
  assert_true(has(same.header, names));
  assert_int_equal(same.remarks.size(), 0);
  const Image other = placed({3, 2});
  assert_false(has(planned(other, "new.vti", &named).header, "ComponentName"));
  assert_int_equal(planned(other, "new.vti", &named).remarks.size(), 1);

  const std::string key =
      "><InformationKey name=\"UNITS_LABEL\" location=\"vtkDataArray\">mm</InformationKey>";
  const Description units =
      read(with(text, " offset=\"0\"/>", " offset=\"0\"" + key + "</DataArray>"));
  expect_text(units.header->own_fields().at(0), "ComponentName0 and 2 more of \"scalars\"");
  const NewFile unit = planned(units.image, "new.vti", &units);
  assert_int_equal(unit.remarks.size(), 0);
  assert_true(has(unit.header, key));
  assert_int_equal(planned(other, "new.vti", &units).remarks.size(), 1);
}

void the_named_array_holds_the_pixels(void**) {
  const std::string text = written(placed({3, 2}));
  const std::string front =
      with(text, "<DataArray ",
           "<DataArray type=\"Int8\" Name=\"a\" format=\"appended\" offset=\"99\"/><DataArray ");
  assert_int_equal(read(front).image.pixel.component, SWR_INT16);
  assert_int_equal(read(with(text, "Scalars=\"scalars\"", "")).image.pixel.component, SWR_INT16);
  // A paste would change both.
  const std::string same = with(front, "offset=\"99\"", "offset=\"0\"");
  assert_true(has(read(same).read_only, "another array"));
}

void what_is_said_of_all_values_becomes_blanks(void**) {
  const std::string text = read_bytes(vti_sample("vec_float32.vti"));
  assert_true(has(text, "RangeMin=") && has(text, "RangeMax="));
  std::string changed = text;
  for (const HeaderPatch& patch : vti_format.outdate(read(text))) {
    for (const char c : patch.bytes) assert_int_equal(c, ' ');
    changed.replace(static_cast<size_t>(patch.offset), patch.bytes.size(), patch.bytes);
  }
  assert_false(has(changed, "RangeM") || has(changed, "_RANGE"));
  assert_true(vti_format.outdate(read(changed)).empty());
  expect_equal(read(changed).image, read(text).image);
}

// The image of 3 x 2 x 4 in slabs of these planes: first and last.
std::string in_slabs(const std::vector<std::pair<int, int>>& slabs) {
  std::string tags, data;
  for (const auto& [first, last] : slabs) {
    const int64_t bytes = int64_t{12} * (last - first + 1);
    tags += text("<Piece Extent=\"0 2 0 1 ", first, " ", last,
                 "\"><PointData><DataArray type=\"Int16\" Name=\"a\" format=\"appended\" offset=\"",
                 data.size(), "\"/></PointData></Piece>");
    data += vti_length(bytes, 4, true);
    for (int plane = first; plane <= last; ++plane) {
      for (int i = 0; i < 6; ++i) data += {'\0', static_cast<char>(6 * plane + i)};
    }
  }
  return text(
      "<VTKFile type=\"ImageData\" byte_order=\"BigEndian\"><ImageData WholeExtent=\"0 2 0 1 0 "
      "3\">",
      tags, "</ImageData><AppendedData encoding=\"raw\">_", data, end_tags);
}

void pieces_that_are_slabs_are_one_image(void**) {
  const auto check = [](const std::string& text) {
    const Description file = read(text);
    const std::vector<std::byte> bytes = pixels_of(vti_format, file);
    for (int i = 0; i < 24; ++i)
      assert_int_equal(load<int16_t>(&bytes[static_cast<size_t>(2 * i)]), i);
    return file.read_only;
  };
  expect_text(check(in_slabs({{0, 3}})), "");
  expect_text(check(in_slabs({{0, 1}, {2, 2}, {3, 3}})), "");
  assert_true(has(check(in_slabs({{0, 2}, {2, 3}})), "twice"));
  const auto refused = [](const std::string& word, const std::string& text) {
    expect_failure(SWR_ERROR_UNSUPPORTED, {"read.vti", "pieces", word}, [&] { read(text); });
  };
  refused("order", in_slabs({{2, 3}, {0, 1}}));
  refused("order", in_slabs({{0, 0}, {2, 3}}));
  refused("cover", in_slabs({{0, 2}}));
  refused("order",
          with(in_slabs({{0, 3}}), "Extent=\"0 2 0 1 0 3\"><P", "Extent=\"0 1 0 1 0 3\"><P"));
  refused("different", with(in_slabs({{0, 1}, {2, 3}}), "Int16", "UInt16"));
}

void header_that_is_wrong_is_refused(void**) {
  const std::string good = written(placed({7, 5, 3}));
  const auto rejected = [&](swr_status status, const std::string& word, const std::string& from,
                            const std::string& to) {
    const std::string text = with(good, from, to);
    expect_failure(status, {"read.vti", word}, [&] { read(text); });
  };
  const std::string size(10, ' ');
  rejected(SWR_ERROR_CORRUPT, "not VTKFile", "<VTKFile", "<Other");
  rejected(SWR_ERROR_UNSUPPORTED, "RectilinearGrid", "type=\"ImageData\"",
           "type=\"RectilinearGrid\"");
  rejected(SWR_ERROR_CORRUPT, "byte_order", "LittleEndian", "Endian");
  rejected(SWR_ERROR_CORRUPT, "header_type", "UInt64", "UInt16");
  rejected(SWR_ERROR_CORRUPT, "extent", "WholeExtent=\"0", "WholeExtent=\"0 x");
  rejected(SWR_ERROR_CORRUPT, "extent", "WholeExtent=\"0", "WholeExtent=\"9");
  rejected(SWR_ERROR_CORRUPT, "extent", "WholeExtent=\"0", "WholeExtent=\"-2147483649");
  rejected(SWR_ERROR_CORRUPT, "extent", "WholeExtent", "Extent");
  rejected(SWR_ERROR_CORRUPT, "bytes", "WholeExtent=\"0 6 0 4",
           "WholeExtent=\"0 2147483646 0 2147483646");
  rejected(SWR_ERROR_CORRUPT, "Spacing", "Spacing=\"", "Spacing=\"x");
  rejected(SWR_ERROR_UNSUPPORTED, "spacing of axis 0", "Spacing=\"", "Spacing=\"-");
  rejected(SWR_ERROR_CORRUPT, "Origin", "Origin=\"", "Origin=\"nan ");
  rejected(SWR_ERROR_CORRUPT, "Direction", "Direction=\"", "Direction=\"1 ");
  rejected(SWR_ERROR_UNSUPPORTED, "Bit", "type=\"Int16\"", "type=\"Bit\"");
  rejected(SWR_ERROR_CORRUPT, "UInt32", "type=\"Int16\" Name=\"scalars\" NumberOfComponents=\"1\"",
           "type=\"UInt32\" Name=\"UInt32\"");
  rejected(SWR_ERROR_CORRUPT, "NumberOfComponents", "Components=\"1\"", "Components=\"0\"");
  rejected(SWR_ERROR_CORRUPT, "offset", "offset=\"0\"", "offset=\"-1\"");
  rejected(SWR_ERROR_CORRUPT, "offset", "offset=\"0\"", "offset=\"9223372036854775807\"");
  rejected(SWR_ERROR_CORRUPT, "", "offset=\"0\"", "offset=\"1000000\"");
  const std::string other = with(with(good, "<PointData", "<Other"), "</PointData", "</Other");
  expect_failure(SWR_ERROR_UNSUPPORTED, {"read.vti", "PointData"}, [&] { read(other); });
  rejected(SWR_ERROR_UNSUPPORTED, "encoding", "\"raw\"", "\"hex\"");
  rejected(SWR_ERROR_CORRUPT, "\"_\"", " _", " x");
  expect_failure(SWR_ERROR_CORRUPT, {"read.vti", "ends within"},
                 [&] { read(good.substr(0, good.find("<AppendedData"))); });
  rejected(SWR_ERROR_UNSUPPORTED, "document type", "<VTKFile", "<!DOCTYPE a><VTKFile");
}

void other_files_are_not_recognised(void**) {
  assert_true(vti_format.recognise("<?xml version=\"1.0\"?>\n<VTKFile type=", "x.dat"));
  assert_true(vti_format.recognise("\xef\xbb\xbf <VTKFile type=", "x.dat"));
  assert_false(vti_format.recognise("<?xml version=\"1.0\"?><OME>", "x.vti"));
  assert_false(vti_format.recognise("# vtk DataFile Version 3.0\n<VTKFile", "x.vti"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(files_of_vtk_are_read_as_it_wrote_them),
      cmocka_unit_test(blocks_that_vtk_compressed_are_read),
      cmocka_unit_test(damaged_blocks_are_found_out_and_named),
      cmocka_unit_test(blocks_that_contradict_the_image_are_corrupt),
      cmocka_unit_test(other_compressors_are_refused),
      cmocka_unit_test(every_type_and_dimension_comes_back),
      cmocka_unit_test(what_vti_cannot_hold_is_refused),
      cmocka_unit_test(the_extent_gives_the_place_of_the_first_pixel),
      cmocka_unit_test(a_plane_keeps_its_place_in_space),
      cmocka_unit_test(growth_changes_the_extents_and_keeps_the_pixels_place),
      cmocka_unit_test(numbers_of_extents_have_one_blank_between_them),
      cmocka_unit_test(growth_in_place_needs_room_and_nothing_else_in_the_file),
      cmocka_unit_test(a_file_that_ends_within_its_end_tags_is_corrupt),
      cmocka_unit_test(a_new_header_keeps_what_the_old_one_says),
      cmocka_unit_test(strings_are_metadata),
      cmocka_unit_test(strings_that_vtk_appended_or_encoded_are_metadata),
      cmocka_unit_test(strings_that_are_damaged_are_no_metadata),
      cmocka_unit_test(what_only_the_header_holds_is_carried_into_a_new_one),
      cmocka_unit_test(ranges_become_blanks_and_nothing_else),
      cmocka_unit_test(array_that_shares_bytes_with_the_pixels_keeps_them_from_changes),
      cmocka_unit_test(extents_with_references_do_not_grow_in_place),
      cmocka_unit_test(the_array_stays_what_it_was_for_vtk),
      cmocka_unit_test(what_is_said_of_the_components_stays_or_is_told),
      cmocka_unit_test(the_named_array_holds_the_pixels),
      cmocka_unit_test(what_is_said_of_all_values_becomes_blanks),
      cmocka_unit_test(pieces_that_are_slabs_are_one_image),
      cmocka_unit_test(header_that_is_wrong_is_refused),
      cmocka_unit_test(other_files_are_not_recognised),
  };
  return cmocka_run_group_tests_name("vti", tests, nullptr, nullptr);
}

// NIfTI: plans are read back, files of other programs are read correctly, and wrong headers are
// detected.
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>

#include "base/byte_order.h"
#include "base/error.h"
#include "formats/format.h"
#include "formats/nifti_extension.h"
#include "formats/nifti_header.h"

// cmocka.h needs the others in front of it, and takes the name `fail` from all headers that come
// later. clang-format off
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
extern "C" {
#include <cmocka.h>
}
// clang-format on

namespace swr {
extern const Format nifti_format;
}

namespace {

using namespace swr;
namespace fs = std::filesystem;

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_gzip(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  assert_non_null(file);
  assert_int_equal(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())),
                   static_cast<int>(bytes.size()));
  assert_int_equal(gzclose(file), Z_OK);
}

std::string sample(const std::string& name) {
  return SWR_TEST_DATA "/itk/" + std::string(name);
}

// Plans a new file as the engine does.
NewFileRequest request_for(const Format& format, const std::string& path, bool compressed = false) {
  StorageRequest asked;
  if (compressed) asked.codec = ChunkCodec::deflate;
  return {.path = path, .storage = choose_storage(format, path, asked, {}, nullptr)};
}

void remove_all(const std::string& stem) {
  for (const char* suffix : {".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz"})
    fs::remove(stem + suffix);
}

swr_status status_of(const std::function<void()>& work, const char* word = "") {
  try {
    work();
  } catch (const Error& error) {
    if (std::string(error.what()).find(word) == std::string::npos)
      fail_msg("the message \"%s\" lacks \"%s\"", error.what(), word);
    return error.status();
  }
  return SWR_OK;
}

// Rotated about two axes, with a spacing and an origin that float32 cannot hold exactly.
Image image_of(std::initializer_list<int64_t> size, PixelType pixel) {
  Image image;
  image.pixel = pixel;
  image.region.dimensions = static_cast<int>(size.size());
  std::copy(size.begin(), size.end(), image.region.size.begin());
  image.set_default_geometry();
  const int n = image.dimensions();
  const double c = std::cos(0.5), s = std::sin(0.5), cx = std::cos(0.2), sx = std::sin(0.2);
  const double turned[3][3] = {{c, -s * cx, s * sx}, {s, c * cx, -c * sx}, {0, sx, cx}};
  const double flat[2][2] = {{c, -s}, {s, c}};
  for (int row = 0; row < std::min(n, 3) && n > 1; ++row) {
    for (int column = 0; column < std::min(n, 3); ++column)
      image.direction[row * n + column] = n > 2 ? turned[row][column] : flat[row][column];
  }
  for (int axis = 0; axis < n; ++axis) image.spacing[axis] = 0.7 + 0.1 * axis;
  for (int axis = 0; axis < std::min(n, 4); ++axis) image.origin[axis] = -10.3 + 7.7 * axis;
  return image;
}

// Writes the files that were planned, with zeros for pixels.
NewFile create(const Image& image, const std::string& path, bool compressed = false) {
  const NewFile file = nifti_format.plan(image, request_for(nifti_format, path, compressed));
  const DataPart& part = file.layout.parts.at(0);
  const std::string header_path = file.header_path.empty() ? path : file.header_path;
  const std::string pixels(static_cast<size_t>(part.bytes), '\0');
  if (file.layout.is_compressed()) {
    assert_int_equal(static_cast<int64_t>(file.stream_prefix.size()), file.layout.stream().prefix);
    write_gzip(part.path, file.stream_prefix + pixels);
    if (!file.header.empty()) write_bytes(header_path, file.header);
  } else if (part.path == header_path) {
    assert_true(static_cast<int64_t>(file.header.size()) <= part.offset);
    write_bytes(header_path,
                file.header +
                    std::string(static_cast<size_t>(part.offset) - file.header.size(), '\0') +
                    pixels);
  } else {
    write_bytes(header_path, file.header);
    write_bytes(part.path, pixels);
  }
  return file;
}

void assert_same_layout(const Layout& read, const Layout& planned) {
  assert_int_equal(read.storage.index(), planned.storage.index());
  assert_int_equal(read.big_endian, planned.big_endian);
  if (planned.is_compressed()) assert_int_equal(read.stream().prefix, planned.stream().prefix);
  assert_int_equal(read.parts.size(), 1);
  assert_string_equal(read.parts[0].path.c_str(), planned.parts[0].path.c_str());
  assert_int_equal(read.parts[0].offset, planned.parts[0].offset);
  assert_int_equal(read.parts[0].bytes, planned.parts[0].bytes);
  assert_int_equal(read.order.dimensions, planned.order.dimensions);
  assert_int_equal(read.order.component_bytes, planned.order.component_bytes);
  assert_int_equal(read.order.components, planned.order.components);
  assert_int_equal(read.order.component_axis, planned.order.component_axis);
  assert_true(read.order.planes == planned.order.planes);
}

Description assert_round_trip(const Image& image, const std::string& path,
                              bool compressed = false) {
  const NewFile planned = create(image, path, compressed);
  const Description file = read_description(nifti_format, path);
  const std::string differs = difference(file.image, image, true);
  if (!differs.empty())
    fail_msg("%s, %s: %s", path.c_str(), image.pixel.text().c_str(), differs.c_str());
  assert_int_equal(file.image.pixel.kind, image.pixel.kind);
  assert_int_equal(file.image.metadata.size(), image.metadata.size());
  for (const auto& entry : image.metadata)
    assert_true(std::count(file.image.metadata.begin(), file.image.metadata.end(), entry) == 1);
  assert_string_equal(file.header_path.c_str(), planned.header_path.c_str());
  assert_same_layout(file.layout, planned.layout);
  assert_true(&format_of_file(path) == &nifti_format);
  return file;
}

constexpr swr_component all_components[] = {SWR_UINT8,   SWR_INT8,   SWR_UINT16, SWR_INT16,
                                            SWR_UINT32,  SWR_INT32,  SWR_UINT64, SWR_INT64,
                                            SWR_FLOAT32, SWR_FLOAT64};

void scalar_of_every_type_and_dimension_comes_back(void**) {
  for (const swr_component component : all_components) {
    const PixelType pixel{component, 1, SWR_KIND_SCALAR};
    for (const auto& image :
         {image_of({9}, pixel), image_of({4, 3}, pixel), image_of({4, 3, 2}, pixel),
          image_of({4, 3, 2, 5}, pixel), image_of({4, 3, 2, 5, 2}, pixel),
          image_of({4, 3, 2, 5, 2, 2}, pixel), image_of({4, 3, 2, 5, 2, 2, 3}, pixel)}) {
      for (const char* path : {"all.nii", "all.nii.gz", "all.hdr", "all.img", "all.img.gz"}) {
        remove_all("all");
        const Description file = assert_round_trip(image, path);
        assert_true(file.layout.order.interleaved());
      }
    }
  }
}

void pixels_of_several_components_come_back(void**) {
  const PixelType pixels[] = {{SWR_UINT8, 3, SWR_KIND_RGB},
                              {SWR_UINT8, 4, SWR_KIND_RGBA},
                              {SWR_UINT16, 3, SWR_KIND_RGB},
                              {SWR_FLOAT32, 4, SWR_KIND_RGBA},
                              {SWR_FLOAT32, 2, SWR_KIND_COMPLEX},
                              {SWR_FLOAT64, 2, SWR_KIND_COMPLEX},
                              {SWR_INT16, 2, SWR_KIND_COMPLEX},
                              {SWR_UINT8, 3, SWR_KIND_VECTOR},
                              {SWR_FLOAT64, 5, SWR_KIND_VECTOR},
                              {SWR_INT16, 1, SWR_KIND_VECTOR},
                              {SWR_FLOAT32, 3, SWR_KIND_COVARIANT_VECTOR},
                              {SWR_FLOAT32, 1, SWR_KIND_SYMMETRIC_TENSOR},
                              {SWR_FLOAT32, 3, SWR_KIND_SYMMETRIC_TENSOR},
                              {SWR_FLOAT64, 6, SWR_KIND_SYMMETRIC_TENSOR},
                              {SWR_FLOAT32, 10, SWR_KIND_SYMMETRIC_TENSOR},
                              {SWR_FLOAT32, 6, SWR_KIND_VECTOR}};
  for (const PixelType& pixel : pixels) {
    for (const auto& image : {image_of({9}, pixel), image_of({4, 3}, pixel),
                              image_of({4, 3, 1}, pixel), image_of({4, 3, 2}, pixel),
                              image_of({4, 3, 2, 1}, pixel), image_of({4, 1, 1, 5}, pixel)}) {
      for (const char* path : {"several.nii", "several.nii.gz"}) assert_round_trip(image, path);
    }
  }
}

void components_lie_as_other_programs_expect(void**) {
  const auto order = [](PixelType pixel) {
    return nifti_format.plan(image_of({4, 3, 2}, pixel), request_for(nifti_format, "a.nii"))
        .layout.order;
  };
  assert_true(order({SWR_UINT8, 3, SWR_KIND_RGB}).interleaved());
  assert_true(order({SWR_UINT8, 4, SWR_KIND_RGBA}).interleaved());
  assert_true(order({SWR_FLOAT32, 2, SWR_KIND_COMPLEX}).interleaved());
  assert_false(order({SWR_UINT8, 3, SWR_KIND_VECTOR}).interleaved());
  assert_false(order({SWR_FLOAT32, 3, SWR_KIND_RGB}).interleaved());
  const LinearOrder tensor = order({SWR_FLOAT32, 6, SWR_KIND_SYMMETRIC_TENSOR});
  assert_false(tensor.interleaved());
  assert_true((tensor.planes == std::vector<int>{0, 1, 3, 2, 4, 5}));
  // 4 x 4: a00 a10 a11 a20 a21 a22 a30 ... in the file; a00 a01 a02 a03 a11 ... in memory.
  assert_true((order({SWR_FLOAT32, 10, SWR_KIND_SYMMETRIC_TENSOR}).planes ==
               std::vector<int>{0, 1, 3, 6, 2, 4, 7, 5, 8, 9}));
}

void axes_of_size_one_at_the_end_come_back(void**) {
  const PixelType pixel{SWR_INT16, 1, SWR_KIND_SCALAR};
  for (const auto& image :
       {image_of({1}, pixel), image_of({4, 1}, pixel), image_of({4, 3, 1}, pixel),
        image_of({4, 3, 2, 1}, pixel), image_of({4, 3, 2, 1, 1}, pixel),
        image_of({1, 1, 1, 1, 1, 1, 1}, pixel)}) {
    for (const char* path : {"ones.nii", "ones.hdr"}) assert_round_trip(image, path);
  }
}

void start_index_metadata_and_far_origin_come_back(void**) {
  Image image = image_of({4, 3, 2, 5, 6, 7}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
  image.region.index = {100, -200, 300, 7, 1, 0};
  image.origin[4] = 1.25;
  image.origin[5] = -3;
  image.set_metadata("Modality", "MR");
  image.set_metadata("with = sign, \\ and\nline", " two\nlines\r\n = \\ ");
  image.set_metadata("empty", "");
  image.set_metadata("long", std::string(10000, 'x'));
  for (const char* path : {"notes.nii", "notes.nii.gz", "notes.hdr", "notes.img.gz"}) {
    remove_all("notes");
    const Description file = assert_round_trip(image, path);
    if (std::string(path) == "notes.nii") assert_int_equal(file.layout.parts[0].offset % 4096, 0);
    if (file.layout.is_compressed()) assert_int_equal(file.layout.stream().prefix % 16, 0);
  }
}

void texts_of_the_header_are_metadata(void**) {
  Image image = image_of({4, 3, 2}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
  image.set_metadata("descrip", "seen by a person");
  image.set_metadata("aux_file", "none.txt");
  image.set_metadata("intent_name", std::string(nifti_intent_name_room, 'n'));
  assert_round_trip(image, "texts.nii");
  const NiftiHeader header = parse_nifti_header(read_bytes("texts.nii"), "texts.nii");
  assert_string_equal(header.description.c_str(), "seen by a person");
  assert_string_equal(header.auxiliary_file.c_str(), "none.txt");
  assert_int_equal(header.intent_name.size(), nifti_intent_name_room);
  assert_false(header.extended);
  // What is too long for its field goes to the extension.
  image.set_metadata("descrip", std::string(nifti_description_room + 1, 'd'));
  assert_round_trip(image, "texts.nii");
  assert_true(parse_nifti_header(read_bytes("texts.nii"), "texts.nii").description.empty());
}

void new_files_are_laid_out_as_promised(void**) {
  const Image image = image_of({4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR});
  NewFile file = nifti_format.plan(image, request_for(nifti_format, "x.nii"));
  assert_int_equal(file.header.size(), 352);
  assert_int_equal(file.layout.parts[0].offset, 4096);
  assert_string_equal(file.layout.parts[0].path.c_str(), "x.nii");
  file = nifti_format.plan(image, request_for(nifti_format, "x.nii.gz"));
  assert_true(file.header.empty());
  assert_int_equal(file.stream_prefix.size(), 352);
  assert_int_equal(file.layout.parts[0].offset, 0);
  file = nifti_format.plan(image, request_for(nifti_format, "X.HDR"));
  assert_true(file.header_path.empty());
  assert_string_equal(file.layout.parts[0].path.c_str(), "X.IMG");
  file = nifti_format.plan(image, request_for(nifti_format, "x.hdr", true));
  assert_string_equal(file.layout.parts[0].path.c_str(), "x.img.gz");
  assert_true(file.stream_prefix.empty());
  assert_int_equal(file.header.size(), 352);
  file = nifti_format.plan(image, request_for(nifti_format, "x.img"));
  assert_string_equal(file.header_path.c_str(), "x.hdr");
  assert_string_equal(file.layout.parts[0].path.c_str(), "x.img");
  assert_int_equal(file.layout.parts[0].offset, 0);
  file = nifti_format.plan(image, request_for(nifti_format, "x.hdr.gz"));
  assert_string_equal(file.layout.parts[0].path.c_str(), "x.img.gz");
  assert_true(file.layout.is_compressed());
  assert_string_equal(file.header.substr(0, 2).c_str(), "\x1f\x8b");
  assert_int_equal(
      status_of([&] { nifti_format.plan(image, request_for(nifti_format, "x.nii", true)); },
                ".nii.gz"),
      SWR_ERROR_UNSUPPORTED);
  assert_int_equal(
      status_of([&] { nifti_format.plan(image, request_for(nifti_format, "x.img", true)); },
                ".img.gz"),
      SWR_ERROR_UNSUPPORTED);
  // Of a plain and a compressed file of one name, the plain one is read.
  file = nifti_format.plan(image, request_for(nifti_format, "x.hdr", true));
  assert_int_equal(file.conflicting.size(), 1);
  assert_string_equal(file.conflicting[0].c_str(), "x.img");
  file = nifti_format.plan(image, request_for(nifti_format, "x.hdr.gz"));
  assert_int_equal(file.conflicting.size(), 2);
}

// As ITK writes it beside an .img.gz; such a file can be rewritten in its own way, but has no
// field to patch.
void compressed_header_of_its_own_comes_back(void**) {
  remove_all("own");
  Image image = image_of({4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR});
  image.set_metadata("key", "value");
  const Description file = assert_round_trip(image, "own.hdr.gz");
  assert_string_equal(file.layout.parts[0].path.c_str(), "own.img.gz");
  assert_string_equal(read_description(nifti_format, "own.img.gz").header_path.c_str(),
                      "own.hdr.gz");
  Image grown = image;
  grown.region.size[2] = 3;
  assert_false(nifti_format.grow("own.hdr.gz", file, grown).has_value());
}

void a_long_axis_makes_it_nifti2(void**) {
  Image image = image_of({4, 3, 32767}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
  assert_int_equal(
      parse_nifti_header(nifti_format.plan(image, request_for(nifti_format, "x.nii")).header, "x")
          .version,
      1);
  image.region.size[2] = 32768;
  image.region.index[0] = 5;
  for (const char* path : {"long.nii", "long.nii.gz", "long.hdr"}) {
    remove_all("long");
    assert_round_trip(image, path);
  }
  image.region.size = {int64_t{1} << 40, 3, 32768};
  const NewFile file = nifti_format.plan(image, request_for(nifti_format, "x.nii"));
  const NiftiHeader header = parse_nifti_header(file.header, "x");
  assert_int_equal(header.version, 2);
  assert_int_equal(header.dim[1], int64_t{1} << 40);
  assert_int_equal(file.layout.parts[0].offset, 4096);
}

void directions_of_every_hand_come_back(void**) {
  const PixelType pixel{SWR_UINT8, 1, SWR_KIND_SCALAR};
  const double h = std::sqrt(0.5);
  const double matrices[][9] = {
      {1, 0, 0, 0, 1, 0, 0, 0, 1},   {-1, 0, 0, 0, -1, 0, 0, 0, 1}, {-1, 0, 0, 0, 1, 0, 0, 0, 1},
      {1, 0, 0, 0, -1, 0, 0, 0, -1}, {0, 1, 0, 0, 0, 1, 1, 0, 0},   {0, 0, 1, 1, 0, 0, 0, -1, 0},
      {1, 0, 0, 0, 1, 0, 0, 0, -1},  {h, -h, 0, h, h, 0, 0, 0, 1},  {h, 0, h, 0, 1, 0, -h, 0, h},
      {1, 0, 0, 0, h, h, 0, h, -h},  {-h, h, 0, 0, 0, -1, h, h, 0}, {0, 0, -1, 0, -1, 0, -1, 0, 0}};
  for (const auto& matrix : matrices) {
    Image image = image_of({4, 3, 2}, pixel);
    std::copy(std::begin(matrix), std::end(matrix), image.direction.begin());
    assert_round_trip(image, "hand.nii");
    // The quaternion says the same as the matrix.
    std::string bytes = read_bytes("hand.nii");
    assert_int_equal(bytes[252], 1);
    bytes[254] = 0;
    write_bytes("hand.nii", bytes);
    const std::string differs =
        difference(read_description(nifti_format, "hand.nii").image, image, true);
    if (!differs.empty()) fail_msg("qform: %s", differs.c_str());
  }
}

void sheared_direction_is_held_by_the_matrix_alone(void**) {
  Image image = image_of({4, 3, 2}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
  const double s = std::sin(0.3), c = std::cos(0.3);
  const double sheared[9] = {1, 0, s, 0, 1, 0, 0, 0, c};
  std::copy(std::begin(sheared), std::end(sheared), image.direction.begin());
  assert_round_trip(image, "shear.nii");
  const NiftiHeader header = parse_nifti_header(read_bytes("shear.nii"), "shear.nii");
  assert_int_equal(header.qform_code, 0);
  assert_int_equal(header.sform_code, 1);
  // Cosines that were rounded to three digits are neither orthonormal nor of length 1, and still
  // themselves.
  const double rounded[9] = {0.866, -0.5, 0, 0.5, 0.866, 0, 0, 0, 1};
  std::copy(std::begin(rounded), std::end(rounded), image.direction.begin());
  assert_round_trip(image, "shear.nii");
}

void what_nifti_cannot_hold_is_refused(void**) {
  const PixelType pixel{SWR_UINT8, 1, SWR_KIND_SCALAR};
  const auto refused = [](const Image& image, const char* word) {
    assert_int_equal(
        status_of([&] { nifti_format.plan(image, request_for(nifti_format, "no.nii")); }, word),
        SWR_ERROR_UNSUPPORTED);
  };
  refused(image_of({2, 2, 2, 2, 2, 2, 2, 2}, pixel), "dimensions");
  refused(image_of({2, 2, 2, 2, 2}, {SWR_FLOAT32, 3, SWR_KIND_VECTOR}), "dimensions");
  refused(image_of({2, 2}, {SWR_FLOAT32, 5, SWR_KIND_SYMMETRIC_TENSOR}), "5 components");
  refused(image_of({2, 2}, {SWR_COMPONENT_UNKNOWN, 1, SWR_KIND_SCALAR}), "unknown");
  Image image = image_of({2, 2, 2, 2}, pixel);
  image.direction[3] = 0.1;
  refused(image, "axis 3 (0 is the fastest)");
  image = image_of({2, 2, 2}, pixel);
  for (int row = 0; row < 3; ++row) image.direction[row * 3 + 1] = image.direction[row * 3];
  refused(image, "flat");
  image = image_of({2, 2, 2}, pixel);
  image.spacing[1] = 1e39;
  refused(image, "spacing");
  image.spacing[1] = 1e-60;
  refused(image, "spacing");
  image = image_of({2, 2, 2}, pixel);
  image.origin[2] = std::nan("");
  refused(image, "origin");
}

void metadata_that_nifti_cannot_hold_is_left_out_with_a_remark(void**) {
  Image image = image_of({2, 2, 2}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
  image.set_metadata(start_index_key, "1 2 3");
  image.set_metadata("kept", "value");
  const NewFile file = nifti_format.plan(image, request_for(nifti_format, "no.nii"));
  assert_int_equal(file.remarks.size(), 1);
  assert_string_equal(file.remarks[0].metadata.c_str(), start_index_key);
  assert_true(file.header.find("kept = value") != std::string::npos);
}

void direction_of_other_lengths_is_the_matrix(void**) {
  Image image = image_of({2, 2, 2}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
  for (double& entry : image.direction) entry *= 2;
  create(image, "long.nii");
  const Image read = read_description(nifti_format, "long.nii").image;
  for (int axis = 0; axis < 3; ++axis)
    assert_true(std::abs(read.spacing[axis] - 2 * image.spacing[axis]) < 1e-6);
  assert_true(std::abs(read.direction[1] - image.direction[1] / 2) < 1e-6);
}

void growth_patches_the_slowest_axis(void**) {
  for (const bool big_endian : {false, true}) {
    for (const char* path : {"grow.nii", "grow.nii.gz", "grow.hdr", "grow.img"}) {
      remove_all("grow");
      const Image image = image_of({4, 3, 2}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
      const NewFile planned = create(image, path);
      const bool in_stream = planned.layout.is_compressed();
      std::string header = in_stream ? planned.stream_prefix : planned.header;
      const std::string header_path = planned.header_path.empty() ? path : planned.header_path;
      const auto save = [&] {
        in_stream ? write_gzip(header_path, header + std::string(1000, '\0'))
                  : write_bytes(header_path, header + std::string(5000, '\0'));
      };
      if (big_endian) {
        NiftiHeader turned = parse_nifti_header(header, path);
        turned.big_endian = true;
        header = nifti_header_bytes(turned);
        save();
      }
      const Description file = read_description(nifti_format, path);
      assert_int_equal(file.layout.big_endian, big_endian);
      Image grown = file.image;
      grown.region.size[2] = 300;
      const auto growth = nifti_format.grow(path, file, grown);
      assert_true(growth.has_value());
      for (const HeaderPatch& patch : growth->patches) {
        assert_int_equal(patch.in_stream_prefix, in_stream);
        header.replace(static_cast<size_t>(patch.offset), patch.bytes.size(), patch.bytes);
      }
      save();
      assert_true(difference(read_description(nifti_format, path).image, grown, true).empty());
      grown.region.size[2] = 32768;
      assert_false(nifti_format.grow(path, file, grown).has_value());
    }
  }
}

void growth_of_nifti2_has_room_and_of_planes_none(void**) {
  Image image = image_of({2, 2, 40000}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
  create(image, "grow2.nii");
  const Description file = read_description(nifti_format, "grow2.nii");
  image.region.size[2] = int64_t{1} << 33;
  const auto growth = nifti_format.grow("grow2.nii", file, image);
  assert_true(growth.has_value());
  std::string bytes = read_bytes("grow2.nii");
  for (const HeaderPatch& patch : growth->patches)
    bytes.replace(static_cast<size_t>(patch.offset), patch.bytes.size(), patch.bytes);
  write_bytes("grow2.nii", bytes);
  assert_true(difference(read_description(nifti_format, "grow2.nii").image, image, true).empty());

  Image vectors = image_of({4, 3, 2}, {SWR_FLOAT32, 3, SWR_KIND_VECTOR});
  create(vectors, "grow3.nii");
  const Description planes = read_description(nifti_format, "grow3.nii");
  vectors.region.size[2] = 3;
  assert_false(nifti_format.grow("grow3.nii", planes, vectors).has_value());
}

void every_field_survives_either_byte_order_and_version(void**) {
  for (const int version : {1, 2}) {
    for (const bool big_endian : {false, true}) {
      NiftiHeader header;
      header.version = version;
      header.big_endian = big_endian;
      header.pair = big_endian;
      for (int i = 0; i < 8; ++i) {
        header.dim[static_cast<size_t>(i)] = 1000 + i;
        header.pixdim[static_cast<size_t>(i)] = 0.5 * i - 1;
      }
      header.datatype = nifti_rgba32;
      header.bits_per_pixel = 32;
      header.intent_code = 1007;
      header.intent_parameter = {1, 2, 3};
      header.vox_offset = 65536;
      header.slope = 2.5, header.intercept = -1024;
      header.time_offset = 12;
      header.units = 10;
      header.qform_code = 2, header.sform_code = 4;
      header.quaternion = {0.25, -0.5, 0.125};
      header.quaternion_offset = {1, -2, 3};
      for (size_t i = 0; i < 12; ++i) header.sform[i] = static_cast<double>(i) - 6;
      header.description = "d", header.auxiliary_file = "a", header.intent_name = "i";
      header.extended = true;
      const std::string bytes = nifti_header_bytes(header);
      assert_int_equal(bytes.size(), version == 1 ? 352 : 544);
      assert_true(begins_like_nifti(bytes, true));
      const NiftiHeader read = parse_nifti_header(bytes, "x");
      assert_int_equal(read.version, version);
      assert_int_equal(read.big_endian, big_endian);
      assert_int_equal(read.pair, header.pair);
      assert_false(read.analyze);
      assert_true(read.extended);
      assert_true(read.dim == header.dim && read.pixdim == header.pixdim &&
                  read.intent_parameter == header.intent_parameter);
      assert_true(read.quaternion == header.quaternion &&
                  read.quaternion_offset == header.quaternion_offset && read.sform == header.sform);
      assert_true(read.datatype == header.datatype && read.bits_per_pixel == 32 &&
                  read.intent_code == 1007 && read.units == 10);
      assert_true(read.slope == 2.5 && read.intercept == -1024 && read.vox_offset == 65536 &&
                  read.time_offset == 12);
      assert_true(read.qform_code == 2 && read.sform_code == 4);
      assert_true(read.description == "d" && read.auxiliary_file == "a" && read.intent_name == "i");
    }
  }
}

// The image in all of ITK's files of three dimensions; theirs of two are its first plane.
Image itk_image(std::initializer_list<int64_t> size, PixelType pixel) {
  Image image = image_of(size, pixel);
  const int n = image.dimensions();
  const double z = 30 * std::acos(-1) / 180, x = 10 * std::acos(-1) / 180;
  const double turned[3][3] = {{std::cos(z), -std::sin(z) * std::cos(x), std::sin(z) * std::sin(x)},
                               {std::sin(z), std::cos(z) * std::cos(x), -std::cos(z) * std::sin(x)},
                               {0, std::sin(x), std::cos(x)}};
  const double flat[2][2] = {{std::cos(z), -std::sin(z)}, {std::sin(z), std::cos(z)}};
  const double spacing[] = {0.7, 0.8, 2.5, 1.5, 10.5}, origin[] = {-10.5, 20.25, 30, 0, 0};
  for (int row = 0; row < std::min(n, 3) && n > 1; ++row) {
    for (int column = 0; column < std::min(n, 3); ++column)
      image.direction[row * n + column] = n > 2 ? turned[row][column] : flat[row][column];
  }
  std::copy_n(spacing, n, image.spacing.begin());
  std::copy_n(origin, n, image.origin.begin());
  return image;
}

void files_of_itk_say_what_itk_wrote(void**) {
  const struct {
    const char* name;
    std::initializer_list<int64_t> size;
    PixelType pixel;
  } files[] = {{"s1.nii", {4}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"s2.nii", {4, 3}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"u2.nii", {4, 3}, {SWR_UINT8, 1, SWR_KIND_SCALAR}},
               {"s3.nii", {4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"s3.nii.gz", {4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"s3.hdr", {4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"s3.img", {4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"s3.hdr.gz", {4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"s3.img.gz", {4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"meta.nii", {4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"u3.nii", {4, 3, 2}, {SWR_UINT8, 1, SWR_KIND_SCALAR}},
               {"us3.nii", {4, 3, 2}, {SWR_UINT16, 1, SWR_KIND_SCALAR}},
               {"i3.nii", {4, 3, 2}, {SWR_INT32, 1, SWR_KIND_SCALAR}},
               {"ll3.nii", {4, 3, 2}, {SWR_INT64, 1, SWR_KIND_SCALAR}},
               {"f3.nii", {4, 3, 2}, {SWR_FLOAT32, 1, SWR_KIND_SCALAR}},
               {"d3.nii", {4, 3, 2}, {SWR_FLOAT64, 1, SWR_KIND_SCALAR}},
               {"s4.nii", {4, 3, 2, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"s5.nii", {4, 3, 2, 2, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR}},
               {"rgb2.nii", {4, 3}, {SWR_UINT8, 3, SWR_KIND_RGB}},
               {"rgb3.nii", {4, 3, 2}, {SWR_UINT8, 3, SWR_KIND_RGB}},
               {"rgba3.nii", {4, 3, 2}, {SWR_UINT8, 4, SWR_KIND_RGBA}},
               {"vec2.nii", {4, 3}, {SWR_FLOAT32, 2, SWR_KIND_VECTOR}},
               {"vec3.nii", {4, 3, 2}, {SWR_FLOAT32, 3, SWR_KIND_VECTOR}},
               {"vi5.nii", {4, 3, 2}, {SWR_FLOAT32, 5, SWR_KIND_VECTOR}},
               {"ten3.nii", {4, 3, 2}, {SWR_FLOAT32, 6, SWR_KIND_SYMMETRIC_TENSOR}},
               {"cplx3.nii", {4, 3, 2}, {SWR_FLOAT32, 2, SWR_KIND_COMPLEX}}};
  for (const auto& expected : files) {
    const std::string path = sample(expected.name);
    const Description file = read_description(nifti_format, path);
    const std::string differs =
        difference(file.image, itk_image(expected.size, expected.pixel), true);
    if (!differs.empty()) fail_msg("%s: %s", expected.name, differs.c_str());
    assert_int_equal(file.image.pixel.kind, expected.pixel.kind);
    assert_true(file.image.scale.slope == 1 && file.image.scale.intercept == 0);
    assert_true(&format_of_file(path) == &nifti_format);
  }
  const Layout layout = read_description(nifti_format, sample("s3.nii.gz")).layout;
  assert_true(layout.is_compressed());
  assert_int_equal(layout.stream().prefix, 352);
  assert_string_equal(read_description(nifti_format, sample("s3.img")).header_path.c_str(),
                      sample("s3.hdr").c_str());
  assert_string_equal(
      read_description(nifti_format, sample("s3.hdr.gz")).layout.parts[0].path.c_str(),
      sample("s3.img").c_str());
}

// A sound header of 4 x 3 x 2 shorts, to be changed by a test.
NiftiHeader plain_header() {
  NiftiHeader header;
  header.dim = {3, 4, 3, 2, 1, 1, 1, 1};
  header.datatype = nifti_int16;
  header.bits_per_pixel = 16;
  header.pixdim = {1, 0.5, 0.5, 2, 1, 1, 1, 1};
  header.vox_offset = 352;
  return header;
}

Description read_header(const NiftiHeader& header, const std::string& path = "made.nii") {
  write_bytes(path, nifti_header_bytes(header) + std::string(1000, '\0'));
  return read_description(nifti_format, path);
}

void assert_corrupt(const NiftiHeader& header, const char* word) {
  assert_int_equal(status_of([&] { read_header(header); }, word), SWR_ERROR_CORRUPT);
}

void header_that_lies_is_corrupt(void**) {
  const auto with = [](const std::function<void(NiftiHeader&)>& change, int version = 1) {
    NiftiHeader header = plain_header();
    header.version = version;
    if (version == 2) header.vox_offset = 544;
    change(header);
    return header;
  };
  assert_int_equal(read_header(plain_header()).layout.parts[0].bytes, 48);
  for (const int dims : {0, -1, 8, 32767})
    assert_corrupt(with([&](auto& h) { h.dim[0] = dims; }), "dim[0]");
  for (const int size : {0, -1, -32768})
    assert_corrupt(with([&](auto& h) { h.dim[2] = size; }), "dim[2]");
  assert_corrupt(
      with([](auto& h) { h.dim = {7, 32767, 32767, 32767, 32767, 32767, 32767, 32767}; }),
      "more bytes");
  assert_corrupt(with([](auto& h) { h.dim[3] = int64_t{1} << 62; }, 2), "more bytes");
  assert_corrupt(with([](auto& h) { h.dim[3] = INT64_MIN; }, 2), "dim[3]");
  for (const double offset : {0.0, -352.0, 10.0, 352.5, 1e30, -1e30})
    assert_corrupt(with([&](auto& h) { h.vox_offset = offset; }), "vox_offset");
  for (const double offset : {std::nan(""), double{INFINITY}})
    assert_corrupt(with([&](auto& h) { h.vox_offset = offset; }), "vox_offset");
  assert_corrupt(with([](auto& h) { h.vox_offset = 0x1p62; }, 2), "vox_offset");
  assert_corrupt(with([](auto& h) { h.vox_offset = 0x1p53, h.dim[3] = (INT64_MAX - 100) / 24; }, 2),
                 "largest position");
  for (const int datatype : {0, 3, -4, 511})
    assert_corrupt(with([&](auto& h) { h.datatype = datatype; }), "datatype");
  for (const int datatype : {1, 1536, 2048}) {
    assert_int_equal(
        status_of([&] { read_header(with([&](auto& h) { h.datatype = datatype; })); }, "datatype"),
        SWR_ERROR_UNSUPPORTED);
  }
  assert_corrupt(with(
                     [](auto& h) {
                       h.dim = {5, 4, 3, 2, 1, int64_t{1} << 40, 1, 1},
                       h.intent_code = nifti_vector;
                     },
                     2),
                 "dim[5]");
  const auto vectors =
      with([](auto& h) { h.dim = {7, 4, 3, 2, 1, 3, 1, 2}, h.intent_code = nifti_vector; });
  assert_int_equal(status_of([&] { read_header(vectors); }, "four axes"), SWR_ERROR_UNSUPPORTED);
}

void file_that_is_cut_off_is_corrupt(void**) {
  const std::string whole = nifti_header_bytes(plain_header());
  for (const size_t size : {size_t{0}, size_t{3}, size_t{4}, size_t{100}, size_t{347}}) {
    write_bytes("cut.nii", whole.substr(0, size));
    assert_int_equal(status_of([] { read_description(nifti_format, "cut.nii"); }, "cut.nii"),
                     SWR_ERROR_CORRUPT);
    write_gzip("cut.nii.gz", whole.substr(0, size));
    assert_int_equal(status_of([] { read_description(nifti_format, "cut.nii.gz"); }, "cut.nii.gz"),
                     SWR_ERROR_CORRUPT);
  }
  write_bytes("cut.nii", whole.substr(0, 348));
  assert_int_equal(read_description(nifti_format, "cut.nii").image.region.size[0], 4);
  write_gzip("cut.nii.gz", whole);
  std::string stream = read_bytes("cut.nii.gz");
  for (const size_t size : {size_t{2}, size_t{10}, size_t{20}, stream.size() / 2}) {
    write_bytes("cut.nii.gz", stream.substr(0, size));
    assert_int_equal(status_of([] { read_description(nifti_format, "cut.nii.gz"); }),
                     SWR_ERROR_CORRUPT);
  }
  stream[15] = static_cast<char>(~stream[15]);
  write_bytes("cut.nii.gz", stream);
  const swr_status status = status_of([] { read_description(nifti_format, "cut.nii.gz"); });
  assert_true(status == SWR_ERROR_CORRUPT || status == SWR_OK);
  assert_int_equal(status_of([] { read_description(nifti_format, "there is none.nii"); }),
                   SWR_ERROR_NOT_FOUND);
}

void far_offset_in_a_compressed_stream_is_corrupt(void**) {
  NiftiHeader header = plain_header();
  header.vox_offset = 1 << 30;
  header.extended = true;
  write_gzip("far.nii.gz", nifti_header_bytes(header));
  assert_int_equal(status_of([] { read_description(nifti_format, "far.nii.gz"); }, "vox_offset"),
                   SWR_ERROR_CORRUPT);
}

void damaged_extensions_are_passed_over(void**) {
  const std::string ours = make_nifti_extension({{"key", "value"}}, 0);
  const auto extension = [](int32_t size, int32_t code, size_t bytes) {
    std::string text(bytes, 'z');
    store(reinterpret_cast<std::byte*>(text.data()), size);
    store(reinterpret_cast<std::byte*>(text.data()) + 4, code);
    return text;
  };
  assert_int_equal(read_nifti_extensions(ours, false).entries.size(), 1);
  assert_int_equal(read_nifti_extensions(extension(32, 44, 32) + extension(16, 6, 16) + ours, false)
                       .entries.size(),
                   1);
  for (const int32_t size : {0, -16, 8, 17, 1 << 30, INT32_MIN, INT32_MAX}) {
    assert_int_equal(read_nifti_extensions(extension(size, 6, 32) + ours, false).entries.size(), 0);
  }
  for (size_t length = 0; length < ours.size(); ++length)
    assert_int_equal(read_nifti_extensions(ours.substr(0, length), false).entries.size(), 0);
  std::string odd = ours;
  odd.replace(8, 6, "swr 2\n");
  assert_int_equal(read_nifti_extensions(odd, false).entries.size(), 0);

  // Notes that contradict the header are ignored.
  for (const auto& [key, value] : {std::pair{"swr_index", "1 2"},
                                   {"swr_index", "9223372036854775807 0 0"},
                                   {"swr_index", "x"},
                                   {"swr_dimensions", "2"},
                                   {"swr_dimensions", "-1"},
                                   {"swr_dimensions", "9"},
                                   {"swr_kind", "rgb"},
                                   {"swr_kind", "nonsense"},
                                   {"swr_origin", "nan"}}) {
    NiftiHeader header = plain_header();
    header.extended = true;
    const std::string notes = make_nifti_extension({{key, value}}, 0);
    header.vox_offset = static_cast<double>(352 + notes.size());
    write_bytes("lying.nii", nifti_header_bytes(header) + notes + std::string(48, '\0'));
    const Image image = read_description(nifti_format, "lying.nii").image;
    assert_int_equal(image.dimensions(), 3);
    assert_int_equal(image.pixel.kind, SWR_KIND_SCALAR);
    assert_int_equal(image.region.index[0], 0);
    assert_true(image.metadata.empty());
  }
}

void without_forms_only_the_spacing_counts(void**) {
  NiftiHeader header = plain_header();
  header.quaternion_offset = {5, 6, 7};
  header.pixdim = {1, 0, std::nan(""), -2, 1, 1, 1, 1};
  const Image image = read_header(header).image;
  Image expected = image;
  expected.set_default_geometry();
  expected.spacing = {1, 1, 2};
  assert_true(difference(image, expected, true).empty());
}

void the_form_is_chosen_as_itk_does(void**) {
  NiftiHeader header = plain_header();
  header.pixdim = {1, 1, 1, 1, 1, 1, 1, 1};
  header.qform_code = 1;
  header.quaternion_offset = {-1, -2, 3};
  header.sform_code = 1;
  header.sform = {0, -1, 0, -10, 1, 0, 0, -20, 0, 0, 1, 30};
  assert_true(read_header(header).image.origin[0] == 10);  // the scanner's matrix
  header.sform_code = 4;
  assert_true(read_header(header).image.origin[0] ==
              1);  // the matrix of another space, which contradicts it
  header.qform_code = 0;
  assert_true(read_header(header).image.origin[0] == 10);  // the only one
  header.qform_code = 1, header.sform_code = 1;
  header.sform[0] = 0.5;
  assert_true(read_header(header).image.origin[0] == 1);  // sheared
  header.qform_code = 0;
  const Image sheared = read_header(header).image;  // sheared, and the only one
  assert_true(sheared.origin[0] == 10);
  assert_true(std::abs(sheared.direction[0] + std::sqrt(0.2)) < 1e-6 &&
              std::abs(sheared.direction[3] + std::sqrt(0.8)) < 1e-6);
  header.sform = {};
  const Image flat = read_header(header).image;
  assert_true(flat.direction[0] == 1 && flat.origin[0] == 0);
  header.qform_code = 1;
  header.quaternion = {std::nan(""), 0, 0};  // counts as 0: no turn from RAS
  assert_true(read_header(header).image.direction[0] == -1);
  header.quaternion = {3e30, 0, 0};
  assert_true(std::isfinite(read_header(header).image.direction[0]));
}

void units_become_millimetres_and_seconds(void**) {
  NiftiHeader header = plain_header();
  header.dim = {4, 4, 3, 2, 5, 1, 1, 1};
  header.pixdim = {1, 0.5, 0.5, 2, 1500, 1, 1, 1};
  header.time_offset = 250;
  header.sform_code = 1;
  header.sform = {-0.5, 0, 0, -8, 0, -0.5, 0, -16, 0, 0, 2, 32};
  header.units = 3 | 16;  // microns, milliseconds
  const Image small = read_header(header).image;
  assert_true(std::abs(small.spacing[0] - 5e-4) < 1e-12 &&
              std::abs(small.spacing[3] - 1.5) < 1e-12);
  assert_true(std::abs(small.origin[1] - 0.016) < 1e-12 &&
              std::abs(small.origin[2] - 0.032) < 1e-12 &&
              std::abs(small.origin[3] - 0.25) < 1e-12);
  assert_true(small.direction[0] == 1);
  header.units = 1 | 24;  // metres, microseconds
  const Image large = read_header(header).image;
  assert_true(std::abs(large.spacing[2] - 2000) < 1e-9 && std::abs(large.origin[0] - 8000) < 1e-9 &&
              std::abs(large.spacing[3] - 0.0015) < 1e-12);
}

void fifth_axis_is_components_only_by_intent(void**) {
  NiftiHeader header = plain_header();
  header.dim = {5, 4, 3, 2, 1, 3, 1, 1};
  assert_int_equal(read_header(header).image.dimensions(), 5);
  header.intent_code = nifti_vector;
  const Description vectors = read_header(header);
  assert_int_equal(vectors.image.dimensions(), 3);
  assert_int_equal(vectors.image.pixel.components, 3);
  assert_false(vectors.layout.order.interleaved());
  assert_int_equal(vectors.layout.parts[0].bytes, 144);
  header.intent_code = nifti_symmetric_matrix;
  assert_int_equal(read_header(header).image.pixel.kind, SWR_KIND_SYMMETRIC_TENSOR);
  header.dim[5] = 4;  // no triangle
  assert_int_equal(read_header(header).image.pixel.kind, SWR_KIND_VECTOR);
  header.datatype = nifti_rgb24;
  assert_int_equal(status_of([&] { read_header(header); }, "colours"), SWR_ERROR_UNSUPPORTED);
}

void slope_is_reported(void**) {
  NiftiHeader header = plain_header();
  const auto rule = [&](double slope, double intercept) {
    header.slope = slope, header.intercept = intercept;
    const Description file = read_header(header);
    return std::pair(file.image.scale.slope, file.image.scale.intercept);
  };
  assert_true((rule(2.5, -1024) == std::pair(2.5, -1024.0)));
  assert_true((rule(0, 7) == std::pair(1.0, 0.0)));
  assert_true((rule(std::nan(""), 7) == std::pair(1.0, 0.0)));
  assert_true((rule(2, double{INFINITY}) == std::pair(2.0, 0.0)));
}

void scale_that_no_float_holds_makes_nifti_2(void**) {
  for (const auto& [slope, version] :
       {std::pair(0.5, 1), std::pair(1e300, 2), std::pair(0.1, 2), std::pair(-1e39, 2)}) {
    const NewFileRequest request = request_for(nifti_format, "x.nii");
    Image image = image_of({4, 3, 2}, {SWR_INT16, 1, SWR_KIND_SCALAR});
    image.scale.slope = slope;
    const NewFile file = nifti_format.plan(image, request);
    const NiftiHeader header = parse_nifti_header(file.header, "x.nii");
    assert_int_equal(header.version, version);
    assert_true(header.slope == slope);
  }
}

void content_decides_what_is_compressed(void**) {
  const std::string bytes = nifti_header_bytes(plain_header()) + std::string(48, '\0');
  write_bytes("plain.nii.gz", bytes);
  assert_int_equal(read_description(nifti_format, "plain.nii.gz").layout.storage.index(), 0);
  write_gzip("packed.nii", bytes);
  assert_true(read_description(nifti_format, "packed.nii").layout.is_compressed());
  assert_true(&format_of_file("packed.nii") == &nifti_format);
}

void header_in_two_gzip_members_is_read(void**) {
  Image image = image_of({4, 3, 2}, {SWR_UINT8, 1, SWR_KIND_SCALAR});
  image.set_metadata("key", "value");
  const std::string prefix =
      nifti_format.plan(image, request_for(nifti_format, "x.nii.gz")).stream_prefix;
  write_gzip("first.gz", prefix.substr(0, 200));
  write_gzip("second.gz", prefix.substr(200) + std::string(24, '\0'));
  write_bytes("members.nii.gz", read_bytes("first.gz") + read_bytes("second.gz"));
  const Image read = read_description(nifti_format, "members.nii.gz").image;
  assert_true(difference(read, image, true).empty());
  assert_non_null(read.find_metadata("key"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(scalar_of_every_type_and_dimension_comes_back),
      cmocka_unit_test(pixels_of_several_components_come_back),
      cmocka_unit_test(components_lie_as_other_programs_expect),
      cmocka_unit_test(axes_of_size_one_at_the_end_come_back),
      cmocka_unit_test(start_index_metadata_and_far_origin_come_back),
      cmocka_unit_test(texts_of_the_header_are_metadata),
      cmocka_unit_test(new_files_are_laid_out_as_promised),
      cmocka_unit_test(compressed_header_of_its_own_comes_back),
      cmocka_unit_test(a_long_axis_makes_it_nifti2),
      cmocka_unit_test(directions_of_every_hand_come_back),
      cmocka_unit_test(sheared_direction_is_held_by_the_matrix_alone),
      cmocka_unit_test(what_nifti_cannot_hold_is_refused),
      cmocka_unit_test(metadata_that_nifti_cannot_hold_is_left_out_with_a_remark),
      cmocka_unit_test(direction_of_other_lengths_is_the_matrix),
      cmocka_unit_test(growth_patches_the_slowest_axis),
      cmocka_unit_test(growth_of_nifti2_has_room_and_of_planes_none),
      cmocka_unit_test(every_field_survives_either_byte_order_and_version),
      cmocka_unit_test(files_of_itk_say_what_itk_wrote),
      cmocka_unit_test(header_that_lies_is_corrupt),
      cmocka_unit_test(file_that_is_cut_off_is_corrupt),
      cmocka_unit_test(far_offset_in_a_compressed_stream_is_corrupt),
      cmocka_unit_test(damaged_extensions_are_passed_over),
      cmocka_unit_test(without_forms_only_the_spacing_counts),
      cmocka_unit_test(the_form_is_chosen_as_itk_does),
      cmocka_unit_test(units_become_millimetres_and_seconds),
      cmocka_unit_test(fifth_axis_is_components_only_by_intent),
      cmocka_unit_test(slope_is_reported),
      cmocka_unit_test(scale_that_no_float_holds_makes_nifti_2),
      cmocka_unit_test(content_decides_what_is_compressed),
      cmocka_unit_test(header_in_two_gzip_members_is_read),
  };
  return cmocka_run_group_tests_name("nifti", tests, nullptr, nullptr);
}

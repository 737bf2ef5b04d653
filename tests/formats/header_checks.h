// Shared by the tests of formats with text headers: headers from text, plans that are read back,
// images that are equal.
#pragma once

// clang-format off
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <csetjmp>
extern "C" {
#include <cmocka.h>
}
#undef fail  // swr::fail is another
// clang-format on

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "base/error.h"
#include "formats/format.h"
#include "image/unit.h"

namespace swr::checks {

inline void stop(const std::string& why) {
  print_error("%s\n", why.c_str());
  _fail(__FILE__, __LINE__);
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string sample(const std::string& name) {
  return SWR_TEST_DATA "/itk/" + std::string(name);
}

inline void expect_text(const std::string& actual, const std::string& expected) {
  assert_string_equal(actual.c_str(), expected.c_str());
}

inline void expect_near(double actual, double expected) {
  if (std::abs(actual - expected) > 1e-12 * std::max(1.0, std::abs(expected))) {
    stop(text(actual, " is not ", expected));
  }
}

// The message has all of `words`, and the call fails with `status`.
inline void expect_failure(swr_status status, const std::vector<std::string>& words,
                           const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    const std::string message = error.what();
    if (error.status() != status) print_error("status %d: %s\n", error.status(), message.c_str());
    assert_int_equal(error.status(), status);
    for (const std::string& word : words) {
      if (message.find(word) == std::string::npos)
        print_error("\"%s\" is not in: %s\n", word.c_str(), message.c_str());
      assert_true(message.find(word) != std::string::npos);
    }
    return;
  }
  stop("nothing failed; expected: " + (words.empty() ? "" : words[0]));
}

inline Image an_image(std::vector<int64_t> size, swr_component component = SWR_INT16,
                      int components = 1, swr_kind kind = SWR_KIND_SCALAR) {
  Image image;
  image.region.dimensions = static_cast<int>(size.size());
  std::copy(size.begin(), size.end(), image.region.size.begin());
  image.pixel = {component, components, kind};
  image.set_default_geometry();
  return image;
}

// Spacing, origin and direction without any round number: the axes are rotated in the planes of
// neighbouring axes.
inline void set_oblique_geometry(Image& image) {
  const int n = image.dimensions();
  for (int axis = 0; axis < n; ++axis) {
    image.spacing[axis] = 0.7 + axis / 3.0;
    image.origin[axis] = -10.1 + 7.3 * axis;
  }
  for (int turn = 0; turn + 1 < n; ++turn) {
    const double c = std::cos(0.3 + turn), s = std::sin(0.3 + turn);
    for (int row = 0; row < n; ++row) {
      double& a = image.direction[row * n + turn];
      double& b = image.direction[row * n + turn + 1];
      const double old = a;
      a = c * old + s * b;
      b = c * b - s * old;
    }
  }
}

inline void expect_equal(const Image& actual, const Image& expected) {
  expect_text(difference(actual, expected, true), "");
  assert_int_equal(actual.pixel.kind, expected.pixel.kind);
  const int n = expected.dimensions();
  for (int i = 0; i < n; ++i) {
    expect_near(actual.spacing[i], expected.spacing[i]);
    expect_near(actual.origin[i], expected.origin[i]);
  }
  for (int i = 0; i < n * n; ++i) expect_near(actual.direction[i], expected.direction[i]);
  assert_int_equal(actual.metadata.size(), expected.metadata.size());
  for (const auto& [key, value] : expected.metadata) {
    assert_non_null(actual.find_metadata(key));
    expect_text(*actual.find_metadata(key), value);
  }
}

// Plans a new file as the engine does.
inline NewFileRequest request_for(const Format& format, const std::string& path,
                                  bool compressed = false) {
  StorageRequest asked;
  if (compressed) asked.codec = ChunkCodec::deflate;
  return {.path = path, .storage = choose_storage(format, path, asked, {}, nullptr)};
}

inline void expect_equal(const Deflate& actual, const Deflate& expected) {
  assert_int_equal(actual.prefix, expected.prefix);
  assert_int_equal(actual.stream_bytes_field.has_value(), expected.stream_bytes_field.has_value());
  if (!expected.stream_bytes_field) return;
  assert_int_equal(actual.stream_bytes_field->offset, expected.stream_bytes_field->offset);
  assert_int_equal(actual.stream_bytes_field->width, expected.stream_bytes_field->width);
}

inline void expect_equal(const Layout& actual, const Layout& expected) {
  assert_int_equal(actual.order.bytes(), expected.order.bytes());
  assert_int_equal(actual.order.components, expected.order.components);
  assert_int_equal(actual.order.component_axis, expected.order.component_axis);
  assert_int_equal(actual.storage.index(), expected.storage.index());
  assert_int_equal(actual.big_endian, expected.big_endian);
  assert_int_equal(actual.parts.size(), expected.parts.size());
  for (size_t i = 0; i < expected.parts.size(); ++i) {
    expect_text(actual.parts[i].path, expected.parts[i].path);
    assert_int_equal(actual.parts[i].offset, expected.parts[i].offset);
    assert_int_equal(actual.parts[i].bytes, expected.parts[i].bytes);
  }
  if (expected.is_compressed()) expect_equal(actual.stream(), expected.stream());
}

// Plans a file, writes its header, reads it, and finds the same image and the same layout.
inline Description expect_round_trip(const Format& format, const Image& image,
                                     const std::string& path, bool compressed = false) {
  const NewFile plan = format.plan(image, request_for(format, path, compressed));
  write_bytes(path, plan.header);
  const Description file = read_description(format, path);
  expect_equal(file.image, image);
  expect_equal(file.layout, plan.layout);
  assert_true(format.recognise(plan.header.substr(0, 512), path));
  expect_text(file.read_only, "");
  return file;
}

// Writes the header of an image, and reads the same spacing, origin and units.
inline void expect_exact_lengths(const Format& format, const std::string& path, const Image& image,
                                 const Description* base = nullptr) {
  NewFileRequest request = request_for(format, path);
  request.base = base;
  write_bytes(path, format.plan(image, request).header);
  const Image read = read_description(format, path).image;
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    assert_int_equal(read.units[axis], image.units[axis]);
    expect_text(text(read.spacing[axis]), text(image.spacing[axis]));
    expect_text(text(read.origin[axis]), text(image.origin[axis]));
  }
}

// The same for decimal fractions of the unit and, except for inches, of millimetres.
inline void expect_exact_lengths(const Format& format, const std::string& path, size_t axes,
                                 swr_unit unit) {
  Image image = an_image(std::vector<int64_t>(axes, 2));
  image.set_space_unit(unit);
  for (int i = 7; i < 1000; i += 7) {
    const double number = i / 1e4;
    for (int axis = 0; axis < image.dimensions(); ++axis) {
      const double size = size_of(image.units[axis]);
      image.spacing[axis] =
          axis == 0 && unit != SWR_UNIT_INCH ? number : from_unit(number + axis, size);
      image.origin[axis] = -image.spacing[axis];
    }
    expect_exact_lengths(format, path, image);
  }
}

// A header of `text` under a name of its own.
inline Description read_text(const Format& format, const std::string& path,
                             const std::string& text) {
  write_bytes(path, text);
  return read_description(format, path);
}

// Replaces `from`, which is there, once.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  if (at == std::string::npos) {
    stop("\"" + from + "\" is not in the header");
  }
  return text.replace(at, from.size(), to);
}

// The header after growing the slowest axis to `size`; empty if grow() has no room.
inline std::string grown_header(const Format& format, const std::string& path, int64_t size) {
  const Description file = read_description(format, path);
  Image grown = file.image;
  grown.region.size[grown.dimensions() - 1] = size;
  const auto growth = format.grow(path, file, grown);
  if (!growth) return "";
  std::string bytes = read_bytes(path);
  for (const HeaderPatch& patch : growth->patches) {
    assert_false(patch.in_stream_prefix);
    assert_in_range(patch.offset, 0, bytes.size() - 1);
    const auto offset = static_cast<size_t>(patch.offset);
    bytes.replace(offset, std::min(patch.bytes.size(), bytes.size() - offset), patch.bytes);
  }
  write_bytes(path, bytes);
  Image read = read_description(format, path).image;
  expect_equal(read, grown);
  return bytes;
}

struct TypeOfPixel {
  swr_component component;
  int components;
  swr_kind kind;
};

inline const std::vector<TypeOfPixel>& all_types_of_pixel() {
  static const std::vector<TypeOfPixel> types = {
      {SWR_UINT8, 1, SWR_KIND_SCALAR},
      {SWR_INT8, 1, SWR_KIND_SCALAR},
      {SWR_UINT16, 1, SWR_KIND_SCALAR},
      {SWR_INT16, 1, SWR_KIND_SCALAR},
      {SWR_UINT32, 1, SWR_KIND_SCALAR},
      {SWR_INT32, 1, SWR_KIND_SCALAR},
      {SWR_UINT64, 1, SWR_KIND_SCALAR},
      {SWR_INT64, 1, SWR_KIND_SCALAR},
      {SWR_FLOAT32, 1, SWR_KIND_SCALAR},
      {SWR_FLOAT64, 1, SWR_KIND_SCALAR},
      {SWR_UINT8, 3, SWR_KIND_RGB},
      {SWR_UINT8, 4, SWR_KIND_RGBA},
      {SWR_UINT8, 3, SWR_KIND_VECTOR},
      {SWR_UINT16, 3, SWR_KIND_RGB},
      {SWR_FLOAT32, 2, SWR_KIND_COMPLEX},
      {SWR_FLOAT64, 1, SWR_KIND_VECTOR},
      {SWR_FLOAT32, 5, SWR_KIND_VECTOR},
      {SWR_FLOAT32, 3, SWR_KIND_COVARIANT_VECTOR},
      {SWR_FLOAT32, 3, SWR_KIND_SYMMETRIC_TENSOR},
      {SWR_FLOAT64, 6, SWR_KIND_SYMMETRIC_TENSOR},
      {SWR_FLOAT64, 10, SWR_KIND_SYMMETRIC_TENSOR},
  };
  return types;
}

}  // namespace swr::checks

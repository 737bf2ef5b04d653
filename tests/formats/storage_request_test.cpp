// What an application asks for of compression and chunks, against what formats have.
#include "formats/storage_request.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/error.h"
#include "formats/format.h"
#include "formats/header_checks.h"

namespace swr {
namespace {

constexpr std::array codecs{ChunkCodec::zstd, ChunkCodec::deflate};
constexpr std::array preparations{ChunkPreparation::shuffle};
constexpr ChunkAbilities always{
    .codecs = codecs, .preparations = preparations, .usual_preparation = ChunkPreparation::shuffle};
constexpr ChunkAbilities optional{
    .codecs = codecs, .preparations = preparations, .are_optional = true};
constexpr Suffix suffixes[] = {{".x", Compression::possible}, {".raw", Compression::never}};

Format format_with(const ChunkAbilities* chunks) {
  Format format{};
  format.name = "Some";
  format.suffixes = suffixes;
  format.capabilities = SWR_CAN_STREAM_COMPRESSED;
  format.chunks = chunks;
  return format;
}

const Region image = whole(3, {100, 80, 60});

Storage chosen(const ChunkAbilities* chunks, const StorageRequest& request,
               const Layout* existing = nullptr) {
  return choose_storage(format_with(chunks), "a.x", request, image, existing);
}

void expect_refused(const ChunkAbilities* chunks, const StorageRequest& request,
                    const std::string& why) {
  try {
    chosen(chunks, request);
  } catch (const Error& error) {
    assert_int_equal(error.status(), SWR_ERROR_UNSUPPORTED);
    if (std::string(error.what()).find(why) == std::string::npos) checks::stop(error.what());
    return;
  }
  checks::stop("not refused: " + why);
}

Layout layout_of(const Storage& storage) {
  Layout layout;
  layout.order = {.dimensions = 3, .size = image.size};
  layout.storage = storage;
  return layout;
}

void formats_of_one_stream_have_deflate_alone(void**) {
  assert_true(std::holds_alternative<Raw>(chosen(nullptr, {})));
  assert_true(std::holds_alternative<Deflate>(chosen(nullptr, {.codec = ChunkCodec::deflate})));
  expect_refused(nullptr, {.codec = ChunkCodec::zstd}, "a.x: the pixels of Some files can be");
  // Chunks are no matter of theirs.
  assert_true(std::holds_alternative<Raw>(chosen(nullptr, {.chunk_shape = {8, 8}})));
}

void chunks_have_the_shape_and_codec_that_are_asked_for(void**) {
  const auto chunked =
      std::get<Chunked>(chosen(&optional, {.codec = ChunkCodec::deflate,
                                           .level = 9,
                                           .chunk_shape = {16, 32},
                                           .preparation = ChunkPreparation::shuffle}));
  assert_int_equal(chunked.codec, ChunkCodec::deflate);
  assert_int_equal(chunked.level, 9);
  assert_int_equal(chunked.preparation, ChunkPreparation::shuffle);
  assert_true(chunked.grid.size == image.size);
  assert_true(chunked.grid.chunk == (Index{16, 32, 1}));
}

void what_is_not_asked_for_is_usual(void**) {
  assert_true(std::holds_alternative<Raw>(chosen(&optional, {})));
  const auto tiled = std::get<Chunked>(chosen(&optional, {.chunk_shape = {16}}));
  assert_int_equal(tiled.codec, ChunkCodec::none);
  const auto chunked = std::get<Chunked>(chosen(&always, {}));
  assert_int_equal(chunked.codec,
                   can_encode(ChunkCodec::zstd) ? ChunkCodec::zstd : ChunkCodec::deflate);
  assert_int_equal(chunked.level, usual_level(chunked.codec));
  assert_int_equal(chunked.preparation, ChunkPreparation::shuffle);
  assert_true(chunked.grid.chunk == Index{});
  const auto plain = std::get<Chunked>(chosen(&always, {.codec = ChunkCodec::none}));
  assert_int_equal(plain.preparation, ChunkPreparation::none);
}

void what_a_format_has_not_is_refused_with_what_it_has(void**) {
  const std::string zstd =
      can_encode(ChunkCodec::zstd) ? "none, zstd or deflate" : "none or deflate";
  expect_refused(&always, {.codec = ChunkCodec::lz4},
                 "a.x: the pixels of Some files cannot be compressed with lz4; use " + zstd);
  expect_refused(&always, {.preparation = ChunkPreparation::predictor},
                 "chunk.filter is predictor; Some files have none or shuffle");
  expect_refused(&optional, {.chunk_shape = {8, 8}, .preparation = ChunkPreparation::shuffle},
                 "which only compressed pixels have");
  expect_refused(&always, {.chunk_shape = {8, 8, 8, 8}}, "has 4 numbers; the image has 3");
}

void an_existing_file_keeps_what_is_not_asked_for(void**) {
  Chunked old{.grid = {3, image.size, {20, 20, 1}},
              .codec = ChunkCodec::deflate,
              .preparation = ChunkPreparation::shuffle};
  const Layout chunks = layout_of(old), raw = layout_of(Raw{});
  const auto kept = std::get<Chunked>(chosen(&optional, {}, &chunks));
  assert_int_equal(kept.codec, ChunkCodec::deflate);
  assert_int_equal(kept.preparation, ChunkPreparation::shuffle);
  assert_true(kept.grid.chunk == old.grid.chunk);
  assert_true(std::holds_alternative<Raw>(chosen(&optional, {}, &raw)));
  assert_true(std::holds_alternative<Raw>(chosen(&optional, {.codec = ChunkCodec::none}, &chunks)));
  old.codec = ChunkCodec::none;
  const Layout tiles = layout_of(old);
  assert_true(std::holds_alternative<Chunked>(chosen(&optional, {}, &tiles)));
}

void another_codec_changes_the_storage(void**) {
  const Format format = format_with(&optional);
  const Layout chunks =
      layout_of(Chunked{.grid = {3, image.size, {20, 20, 1}}, .codec = ChunkCodec::deflate});
  const auto changes = [&](const StorageRequest& request, const Layout& existing) {
    return changes_storage(format, "a.x", request, existing);
  };
  assert_false(changes({}, chunks));
  assert_false(changes({.codec = ChunkCodec::deflate, .level = 9}, chunks));
  assert_false(changes({.chunk_shape = {8, 8}}, chunks));
  assert_true(changes({.codec = ChunkCodec::none}, chunks));
  assert_true(changes({.codec = ChunkCodec::deflate}, layout_of(Raw{})));
  assert_false(changes({.codec = ChunkCodec::none}, layout_of(Raw{})));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(formats_of_one_stream_have_deflate_alone),
      cmocka_unit_test(chunks_have_the_shape_and_codec_that_are_asked_for),
      cmocka_unit_test(what_is_not_asked_for_is_usual),
      cmocka_unit_test(what_a_format_has_not_is_refused_with_what_it_has),
      cmocka_unit_test(an_existing_file_keeps_what_is_not_asked_for),
      cmocka_unit_test(another_codec_changes_the_storage),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

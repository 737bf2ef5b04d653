#include "engine/resume.h"

#include <bit>
#include <string>
#include <vector>

#include "base/error.h"
#include "codecs/checksum.h"
#include "image/copy.h"
#include "storage/file.h"

namespace swr {
namespace {

// What decides which pixels a piece has and what the write makes of them, as text with a line for
// each value.
class Identity {
 public:
  template <typename... Parts>
  void add(const Parts&... parts) {
    text_ += text(parts..., '\n');
  }
  // Free text, which may have any characters.
  void add_text(std::string_view value) { add(value.size(), ' ', value); }
  // To the last bit.
  void add_real(double value) { add(std::bit_cast<uint64_t>(value)); }
  // Of what may be long.
  void add_digest(std::string_view bytes) {
    const auto all = std::as_bytes(std::span(bytes));
    add(bytes.size(), ' ', checksum_of(Checksum::crc32, all), ' ',
        checksum_of(Checksum::adler32, all));
  }
  const std::string& get() const { return text_; }

 private:
  std::string text_;
};

void add_image(Identity& identity, const Image& image) {
  identity.add(image.region.text());
  identity.add(image.pixel.text());
  const int n = image.dimensions();
  for (int axis = 0; axis < n; ++axis) {
    identity.add_real(image.spacing[axis]);
    identity.add_real(image.origin[axis]);
    identity.add(static_cast<int>(image.units[axis]));
  }
  for (int i = 0; i < n * n; ++i) identity.add_real(image.direction[i]);
  identity.add_real(image.scale.slope);
  identity.add_real(image.scale.intercept);
  for (const auto& [key, value] : image.metadata) {
    identity.add_text(key);
    identity.add_text(value);
  }
}

void add_storage(Identity& identity, const StorageRequest& request, const NewFile& file) {
  identity.add(request.codec ? static_cast<int>(*request.codec) : -1, ' ', request.level, ' ',
               request.preparation ? static_cast<int>(*request.preparation) : -1);
  for (const int64_t size : request.chunk_shape) identity.add(size);
  for (const DataPart& part : file.layout.parts) identity.add_text(name_of(part.path));
  identity.add_digest(file.header);
  identity.add_digest(file.stream_prefix);
}

void add_source(Identity& identity, const WritePlan& plan) {
  identity.add(plan.source.text());
  identity.add_real(plan.source_scale.slope);
  identity.add_real(plan.source_scale.intercept);
  identity.add(static_cast<int>(plan.conversion));
  identity.add_digest({reinterpret_cast<const char*>(plan.fill.data()), plan.fill.size()});
  const Split& split = *plan.split;
  identity.add(plan.region.text(), " in ", split.count(), " pieces, the first ",
               split.piece(0).text(), ", the last ", split.piece(split.count() - 1).text());
}

std::string identity_of(const WritePlan& plan, const Settings& settings) {
  Identity identity;
  identity.add_text(*settings.resume);
  identity.add(plan.format->name);
  identity.add(plan.deflate.level, ' ', plan.deflate.slot_bytes, ' ', plan.deflate.engine);
  add_image(identity, plan.image);
  add_storage(identity, settings.storage, *plan.new_file);
  add_source(identity, plan);
  return identity.get();
}

}  // namespace

void check_resume(const WritePlan& plan, const Settings& settings) {
  if (!settings.resume || plan.method == SWR_METHOD_CREATE) return;
  fail(SWR_ERROR_UNSUPPORTED, plan.path,
       ": only the write of a new image can be resumed; a change of an existing one that is "
       "interrupted is undone");
}

Resume::Resume(const WritePlan& plan, const Settings& settings, Statistics& statistics)
    : plan_(plan),
      statistics_(statistics),
      file_({.image = plan.path,
             .identity = identity_of(plan, settings),
             .pieces = plan.split->count()}) {}

bool Resume::deliver(Piece& piece) {
  if (!file_.has(piece.number())) return false;
  auto* const buffer = static_cast<std::byte*>(piece.buffer());
  if (!buffer) std::rethrow_exception(piece.failure());
  if (!file_.read(piece.number(), {buffer, static_cast<size_t>(piece.bytes())})) {
    piece.withdraw();
    return false;
  }
  ++statistics_.resumed;
  return true;
}

// Memory that is lent may hold the next pieces too, for which the source will not be asked.
void Resume::keep(Piece& piece) {
  if (!piece.lent()) {
    file_.keep(piece.number(),
               {static_cast<const std::byte*>(piece.buffer()), static_cast<size_t>(piece.bytes())});
    return;
  }
  keep_lent(piece, piece.number());
  for (int64_t next = piece.number() + 1;
       next < piece.count() && piece.held().contains(plan_.split->piece(next)); ++next) {
    if (!file_.has(next)) keep_lent(piece, next);
  }
}

void Resume::keep_lent(const Piece& piece, int64_t number) {
  const Region region = plan_.split->piece(number);
  if (const auto pixels = lent_stretch(piece.lent(), piece.held(), region, plan_.source))
    return file_.keep(number, *pixels);
  const int64_t pixel_bytes = plan_.source.bytes();
  std::vector<std::byte> pixels(static_cast<size_t>(region.pixels() * pixel_bytes));
  copy_region(region, pixel_bytes, piece.lent(), piece.held(), pixels.data(), region);
  file_.keep(number, pixels);
}

}  // namespace swr

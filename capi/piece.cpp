// The piece of an image, as the source sees it.
#include "engine/piece.h"

#include "guard.h"
#include "swr/writer.h"

using swr::Piece;

namespace {

Piece* engine(swr_piece* piece) {
  return static_cast<Piece*>(piece);
}
const Piece* engine(const swr_piece* piece) {
  return static_cast<const Piece*>(piece);
}

}  // namespace

extern "C" {

const swr_region* swr_piece_region(const swr_piece* piece) {
  return piece ? engine(piece)->c_region() : nullptr;
}

int64_t swr_piece_number(const swr_piece* piece) {
  return piece ? engine(piece)->number() : -1;
}

int64_t swr_piece_count(const swr_piece* piece) {
  return piece ? engine(piece)->count() : -1;
}

int64_t swr_piece_bytes(const swr_piece* piece) {
  return piece ? engine(piece)->bytes() : -1;
}

swr_status swr_piece_get_type(const swr_piece* piece, swr_component* component,
                              int32_t* components) {
  if (!piece) return SWR_ERROR_ARGUMENT;
  if (component) *component = engine(piece)->type().component;
  if (components) *components = engine(piece)->type().components;
  return SWR_OK;
}

void* swr_piece_buffer(swr_piece* piece) {
  return piece ? engine(piece)->buffer() : nullptr;
}

swr_status swr_piece_lend(swr_piece* piece, const void* data, const swr_region* held) {
  if (!piece) return SWR_ERROR_ARGUMENT;
  swr::Message unused;  // the piece keeps the text for the write
  return swr::guard(unused, [&] { engine(piece)->lend(data, held); });
}

void swr_piece_fail(swr_piece* piece, const char* why) {
  if (!piece) return;
  swr::Message unused;
  swr::guard(unused, [&] { engine(piece)->fail(why); });
}

}  // extern "C"

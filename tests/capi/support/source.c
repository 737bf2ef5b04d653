#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

source source_of(const volume* v) {
  source s;
  memset(&s, 0, sizeof s);
  s.from = v;
  s.fail_at = -1;
  return s;
}

void source_free(source* s) {
  free(s->copy);
  s->copy = NULL;
}

static int32_t lend_copy(source* s, swr_piece* piece, const swr_region* region) {
  free(s->copy);
  s->copy = malloc((size_t)(region_pixels(region) * volume_pixel_bytes(s->from)));
  if (!s->copy) return SWR_ERROR_MEMORY;
  volume_get(s->from, region, s->copy);
  return (int32_t)swr_piece_lend(piece, s->copy, region);
}

static int32_t lend_short(source* s, swr_piece* piece, const swr_region* asked) {
  swr_region region = *asked;
  int32_t axis = region.dimensions - 1;
  while (axis > 0 && region.size[axis] == 1) --axis;
  if (region.size[axis] > 1) {
    --region.size[axis];
  } else {
    region.index[axis] += region.index[axis] > s->from->region.index[axis] ? -1 : 1;
  }
  return lend_copy(s, piece, &region);
}

static int32_t fill(source* s, swr_piece* piece, const swr_region* region) {
  void* buffer = swr_piece_buffer(piece);
  if (!buffer) return SWR_ERROR_MEMORY;
  if (swr_piece_bytes(piece) != region_pixels(region) * volume_pixel_bytes(s->from)) {
    swr_piece_fail(piece, "the piece has another number of bytes than its region");
    return SWR_ERROR_SOURCE;
  }
  volume_get(s->from, region, buffer);
  return SWR_OK;
}

int32_t pull_source(swr_piece* piece, void* user) {
  source* s = user;
  const swr_region* region = swr_piece_region(piece);
  const int64_t call = s->pulls++;
  if (call < source_records) s->asked[call] = *region;
  if (call == s->fail_at) {
    if (s->words) swr_piece_fail(piece, s->words);
    return s->fail_with;
  }
  swr_region moved = s->from->region;
  switch (s->how) {
    case FILLS: return fill(s, piece, region);
    case LENDS_PIECE: return lend_copy(s, piece, region);
    case LENDS_ALL: return (int32_t)swr_piece_lend(piece, s->from->bytes, &s->from->region);
    case LENDS_SHORT: return lend_short(s, piece, region);
    case LENDS_ELSEWHERE:
      moved.index[moved.dimensions - 1] += 1;
      return (int32_t)swr_piece_lend(piece, s->from->bytes, &moved);
    case LENDS_NULL: return (int32_t)swr_piece_lend(piece, NULL, region);
    case TOUCHES_NOTHING: return SWR_OK;
  }
  return SWR_ERROR_SOURCE;
}

int32_t pull_volume(swr_piece* piece, void* user) {
  const volume* v = user;
  void* buffer = swr_piece_buffer(piece);
  if (!buffer) return SWR_ERROR_MEMORY;
  volume_get(v, swr_piece_region(piece), buffer);
  return SWR_OK;
}

void take_warning(swr_log_level level, const char* message, void* user) {
  warnings* const w = user;
  if (level != SWR_LOG_WARNING) return;
  ++w->count;
  snprintf(w->text, sizeof w->text, "%s", message);
}

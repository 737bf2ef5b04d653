/* The content of a file after any write, compared with a plain model in memory. Random cases are
 * run until every level of each factor was combined with every level of every other factor. A
 * failing case prints its seed and can be run alone: matrix_test SEED. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "checked/checked.h"
#include "support/support.h"

enum { least_cases = 2500, most_cases = 6000, most_levels = 64, source_threads = 4 };

/* --- The factors --- */

typedef enum action {
  CREATE,
  CREATE_BY_PASTE,
  REPLACE_WITH_PASTE,
  PASTE,
  EXTEND_SLOWEST,
  EXTEND_OTHER,
  EXTEND_LOW,
  action_count
} action;
typedef enum conversion {
  SAME_TYPE,
  EXACT_FITS,
  CLAMPS,
  EXACT_LOSES,
  NO_POLICY,
  conversion_count
} conversion;
typedef enum transport {
  PULL_FILLED,
  PULL_LENT_PIECES,
  PULL_LENT_WHOLE,
  PULL_READ, /* by swr_reader_pull(), from a stream of another program */
  PUSHED,
  transport_count
} transport;
typedef enum ending { FINISHES, CANCELLED, SOURCE_FAILS, ending_count } ending;

enum { divisions_count = 6, slot_count = 3 };
static const int64_t divisions_of[divisions_count] = {-1, 0, 2, 3, 7, 100};
static const char* const slots_of[slot_count] = {NULL, "4096", "65536"};

enum {
  KIND,
  ACTION,
  CONVERSION,
  DIVISIONS,
  TRANSPORT,
  ORDER,
  ROLLBACK,
  ENDING,
  PULL_THREADS,
  BUFFERS,
  LIMIT,
  SYNC,
  ERASE,
  SOLE,
  SLOT,
  factor_count
};
/* The number of levels of the first is that of the format table. */
static const struct factor {
  const char* name;
  int levels;
} factors[factor_count] = {{"kind", 0},
                           {"action", action_count},
                           {"conversion", conversion_count},
                           {"divisions", divisions_count},
                           {"transport", transport_count},
                           {"byte order", 2},
                           {"rollback", 2},
                           {"ending", ending_count},
                           {"pull threads", 2},
                           {"buffers", 2},
                           {"limit", 2},
                           {"sync", 2},
                           {"erase", 2},
                           {"sole", 2},
                           {"slot", slot_count}};

static int levels_of(int factor) {
  return factor == KIND ? variant_number() : factors[factor].levels;
}

typedef struct trial {
  uint64_t seed;
  int level[factor_count];
  swr_component stored, delivered;
  int32_t components;
  swr_region old_region, image, box; /* box: what is written */
  int whole;                         /* no paste region is set */
  double fill;
  char path[64];
} trial;

static const variant* kind_of(const trial* t) {
  return variant_at(t->level[KIND]);
}

static uint64_t next_random(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}
static int below(uint64_t* state, int n) {
  return (int)(next_random(state) % (uint64_t)n);
}

static int updates(const trial* t) {
  return t->level[ACTION] >= PASTE;
}
static int has_old_file(const trial* t) {
  return t->level[ACTION] >= REPLACE_WITH_PASTE;
}

static int kind_can_change(const variant* kind) {
  return (kind->flags & SWR_CAN_PASTE) != 0;
}

/* Big-endian files are made by hand, uncompressed; 64 bits and more than one component where the
 * header is plain. */
static int kind_can_be_big_endian(const variant* kind) {
  const int is_known = strcmp(kind->format, "MetaImage") == 0 ||
                       strcmp(kind->format, "NRRD") == 0 || strcmp(kind->format, "NIfTI") == 0;
  return !kind->compressed && is_known;
}
static int can_be_big_endian(const trial* t) {
  return updates(t) && kind_can_be_big_endian(kind_of(t));
}

static swr_region random_box(uint64_t* state, const swr_region* inside) {
  swr_region box = *inside;
  for (int32_t axis = 0; axis < box.dimensions; ++axis) {
    const int64_t skip = below(state, 3) ? below(state, (int)inside->size[axis]) : 0;
    box.index[axis] += skip;
    box.size[axis] = below(state, 3) ? 1 + below(state, (int)(inside->size[axis] - skip))
                                     : inside->size[axis] - skip;
  }
  return box;
}

/* Of each kind, type, number of components and of dimensions: 1 if it can be, -1 if not; 0 before
 * it is asked. */
static int can_hold(const trial* t, swr_component component, int32_t components,
                    int32_t dimensions) {
  static signed char known[most_levels][SWR_FLOAT64 + 1][5][5];
  signed char* answer = &known[t->level[KIND]][component][components][dimensions];
  if (*answer == 0) *answer = variant_holds(kind_of(t), component, components, dimensions) ? 1 : -1;
  return *answer > 0;
}

static void draw_regions(trial* t, uint64_t* state) {
  int32_t n = 2 + below(state, 3);
  while (!can_hold(t, SWR_INT16, 1, n)) n = 2 + below(state, 3);
  int64_t index[4], size[4];
  for (int32_t axis = 0; axis < n; ++axis) {
    index[axis] = below(state, 2) ? 0 : below(state, 40) - 20;
    size[axis] = 1 + below(state, axis == 0 ? 24 : 9);
  }
  if (t->level[ORDER] && size[n - 1] == 1)
    size[n - 1] = 2; /* as other programs, NIfTI's readers drop slow axes of size 1 */
  const int holds_index = (kind_of(t)->flags & SWR_HOLDS_START_INDEX) != 0;
  t->old_region = region_nd(n, t->level[ORDER] || !holds_index ? NULL : index, size);
  t->image = t->old_region;
  const int32_t other = below(state, n - 1);
  if (t->level[ACTION] == EXTEND_SLOWEST) t->image.size[n - 1] += 1 + below(state, 5);
  if (t->level[ACTION] == EXTEND_OTHER) t->image.size[other] += 1 + below(state, 5);
  if (t->level[ACTION] == EXTEND_LOW && !holds_index) t->image.size[other] += 2;
  if (t->level[ACTION] == EXTEND_LOW && holds_index) {
    t->image.index[other + below(state, 2)] -= 2;
    for (int32_t axis = 0; axis < n; ++axis)
      t->image.size[axis] += t->old_region.index[axis] - t->image.index[axis] + below(state, 2);
  }
  t->whole = t->level[ACTION] == CREATE || (updates(t) && below(state, 6) == 0);
  t->box = t->whole ? t->image : random_box(state, &t->image);
}

static void draw_types(trial* t, uint64_t* state) {
  t->stored = (swr_component)(1 + below(state, 10));
  t->components = t->level[ORDER] ? 1 : below(state, 3) ? 1 : 2 + below(state, 3);
  while (!can_hold(t, t->stored, 1, t->image.dimensions))
    t->stored = (swr_component)(1 + below(state, 10));
  if (!can_hold(t, t->stored, t->components, t->image.dimensions)) t->components = 1;
  t->delivered = t->stored;
  if (t->level[CONVERSION] == SAME_TYPE) return;
  while (t->delivered == t->stored) t->delivered = (swr_component)(1 + below(state, 10));
  if (t->level[CONVERSION] == EXACT_LOSES) { /* a pair that has values to lose */
    if (t->stored == SWR_FLOAT64) t->delivered = SWR_INT64;
    if (t->stored != SWR_FLOAT64) t->delivered = SWR_FLOAT64;
  }
}

static void draw(trial* t, uint64_t seed) {
  uint64_t state = seed;
  memset(t, 0, sizeof *t);
  t->seed = seed;
  for (int factor = 0; factor < factor_count; ++factor)
    t->level[factor] = below(&state, levels_of(factor));
  if (!kind_can_change(kind_of(t))) t->level[ACTION] = t->level[ACTION] % PASTE;
  if (!can_be_big_endian(t)) t->level[ORDER] = 0;
  draw_regions(t, &state);
  draw_types(t, &state);
  t->fill = below(&state, 2) ? 0 : 1 + below(&state, 100);
  snprintf(t->path, sizeof t->path, "image%s", kind_of(t)->suffix);
}

/* --- Files of the other byte order, by hand --- */

static void put_big(unsigned char* at, const void* value, int32_t bytes) {
  memcpy(at, value, (size_t)bytes);
  to_big_endian(at, bytes, bytes);
}

static int64_t big_endian_nifti_header(const volume* v, int detached, unsigned char* head) {
  const int16_t types[] = {0, 2, 256, 512, 4, 768, 8, 1280, 1024, 16, 64};
  const int32_t header_size = 348;
  const float one = 1, offset = detached ? 0.0f : 352.0f;
  const int16_t bits = (int16_t)(8 * swr_component_bytes(v->component));
  memset(head, 0, 352);
  put_big(head, &header_size, 4);
  for (int i = 0; i < 8; ++i) {
    const int16_t dim = (int16_t)(i == 0                      ? v->region.dimensions
                                  : i <= v->region.dimensions ? v->region.size[i - 1]
                                                              : 1);
    put_big(head + 40 + 2 * i, &dim, 2);
    put_big(head + 76 + 4 * i, &one, 4);
  }
  put_big(head + 70, &types[v->component], 2);
  put_big(head + 72, &bits, 2);
  put_big(head + 108, &offset, 4);
  put_big(head + 112, &one, 4);
  memcpy(head + 344, detached ? "ni1" : "n+1", 4);
  return detached ? 348 : 352;
}

static int64_t big_endian_text_header(const volume* v, int is_nrrd, int detached, char* head) {
  const char* meta[] = {"",          "MET_UCHAR", "MET_CHAR",       "MET_USHORT",    "MET_SHORT",
                        "MET_UINT",  "MET_INT",   "MET_ULONG_LONG", "MET_LONG_LONG", "MET_FLOAT",
                        "MET_DOUBLE"};
  const char* nrrd[] = {"",    "uchar",     "signed char", "ushort", "short", "uint",
                        "int", "ulonglong", "longlong",    "float",  "double"};
  char sizes[128] = "";
  for (int32_t axis = 0; axis < v->region.dimensions; ++axis) {
    sprintf(sizes + strlen(sizes), "%s%lld", axis ? " " : "", (long long)v->region.size[axis]);
  }
  if (is_nrrd) {
    return sprintf(head,
                   "NRRD0004\ntype: %s\ndimension: %d\nsizes: %s\nendian: big\nencoding: raw\n%s",
                   nrrd[v->component], v->region.dimensions, sizes,
                   detached ? "data file: image.raw\n" : "\n");
  }
  return sprintf(head,
                 "ObjectType = Image\nNDims = %d\nBinaryData = True\nBinaryDataByteOrderMSB = "
                 "True\nDimSize = %s\nElementType = %s\nElementDataFile = %s\n",
                 v->region.dimensions, sizes, meta[v->component], detached ? "image.raw" : "LOCAL");
}

static void make_big_endian(const trial* t, const volume* v) {
  const char* suffix = kind_of(t)->suffix;
  const int is_nifti = strcmp(kind_of(t)->format, "NIfTI") == 0;
  const int detached = strstr(".mhd .nhdr .hdr .img", suffix) != NULL;
  unsigned char head[1024];
  const int64_t n = is_nifti ? big_endian_nifti_header(v, detached, head)
                             : big_endian_text_header(v, suffix[1] == 'n', detached, (char*)head);
  unsigned char* all = malloc((size_t)(n + volume_bytes(v)));
  memcpy(all, head, (size_t)n);
  memcpy(all + n, v->bytes, (size_t)volume_bytes(v));
  to_big_endian(all + n, volume_bytes(v), swr_component_bytes(v->component));
  if (detached) {
    save_file(is_nifti ? "image.hdr" : t->path, all, n);
    save_file(is_nifti ? "image.img" : "image.raw", all + n, volume_bytes(v));
  } else {
    save_file(t->path, all, n + volume_bytes(v));
  }
  free(all);
}

/* --- The model --- */

static volume source_volume(const trial* t, uint64_t* state) {
  volume v = volume_pattern(&t->box, t->delivered, t->components, t->seed + 7);
  const int32_t bytes = swr_component_bytes(t->delivered);
  const int64_t count = volume_bytes(&v) / bytes;
  if (t->level[CONVERSION] == EXACT_FITS || t->level[CONVERSION] == EXACT_LOSES) {
    for (int64_t i = 0; i < count; ++i)
      component_store(v.bytes + i * bytes, t->delivered,
                      (double)((i * 31 + (int64_t)(t->seed % 97)) % 128));
  }
  if (t->level[CONVERSION] == EXACT_LOSES) {
    unsigned char* at = v.bytes + (int64_t)(next_random(state) % (uint64_t)count) * bytes;
    if (t->delivered == SWR_INT64) {
      const int64_t odd = (INT64_C(1) << 53) + 1;
      memcpy(at, &odd, 8);
    } else {
      component_store(at, t->delivered, t->stored == SWR_FLOAT32 ? 0.1 : 0.5);
    }
  }
  return v;
}

static volume model_of(const trial* t, const volume* old, const volume* from) {
  volume model = volume_new(&t->image, t->stored, t->components),
         converted = volume_new(&t->box, t->stored, t->components);
  const int32_t in = swr_component_bytes(t->delivered), out = swr_component_bytes(t->stored);
  for (int64_t i = 0; i < volume_bytes(&converted) / out; ++i) {
    if (t->delivered == t->stored) {
      memcpy(converted.bytes + i * out, from->bytes + i * in, (size_t)out);
    } else {
      component_store_exact(
          converted.bytes + i * out, t->stored,
          clamped(component_exact(from->bytes + i * in, t->delivered), t->stored));
    }
  }
  volume_fill(&model, t->fill);
  if (updates(t)) volume_copy(&model, old, &t->old_region);
  volume_copy(&model, &converted, &t->box);
  volume_free(&converted);
  return model;
}

/* --- Running one --- */

static swr_writer* writer_of(const trial* t, const swr_region* image) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_image_region(w, image));
  assert_ok(w, swr_set_pixel_type(w, t->stored, t->components,
                                  t->components == 1 ? SWR_KIND_SCALAR : SWR_KIND_VECTOR));
  if (kind_of(t)->set_compression) assert_ok(w, swr_set_compression(w, "deflate", 1));
  return w;
}

static void make_old_file(const trial* t, const volume* old) {
  if (t->level[ORDER]) {
    make_big_endian(t, old);
    return;
  }
  swr_writer* w = writer_of(t, &t->old_region);
  source s = source_of(old);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
}

static void set_up(const trial* t, swr_writer* w) {
  const swr_conversion policies[] = {SWR_CONVERSION_NONE, SWR_CONVERSION_EXACT,
                                     SWR_CONVERSION_CLAMP, SWR_CONVERSION_EXACT,
                                     SWR_CONVERSION_NONE};
  if (!t->whole) assert_ok(w, swr_set_paste_region(w, &t->box));
  if (t->level[ACTION] == REPLACE_WITH_PASTE)
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_REPLACE));
  if (t->level[ACTION] == PASTE) assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  if (t->level[ACTION] >= EXTEND_SLOWEST) assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_source_type(w, t->delivered));
  assert_ok(w, swr_set_conversion(w, policies[t->level[CONVERSION]]));
  assert_ok(w, swr_set_divisions(w, divisions_of[t->level[DIVISIONS]]));
  assert_ok(w, swr_set_rollback(w, t->level[ROLLBACK]));
  assert_ok(w, swr_set_threads(w, (int32_t)(t->seed % 3)));
  assert_ok(w, swr_set_fill_value(w, t->fill));
  assert_ok(w, swr_set_pull_threads(w, t->level[PULL_THREADS] ? source_threads : 1));
  if (t->level[LIMIT]) assert_ok(w, swr_set_memory_limit(w, 2 << 20));
  assert_ok(w, swr_set_sync(w, t->level[SYNC]));
  assert_ok(w, swr_set_option(w, "erase", t->level[ERASE] ? "on" : NULL));
  assert_ok(w, swr_set_option(w, "paste.sole", t->level[SOLE] ? "on" : NULL));
  assert_ok(w, swr_set_option(w, "deflate.slot", slots_of[t->level[SLOT]]));
}

/* --- A source that several threads may call: what it does depends on the number of the piece alone
 * --- */

typedef struct shared_source {
  transport how;
  const volume* from;
  swr_reader* reader;
  int64_t fail_at; /* -1: at no piece */
  int32_t fail_with;
  unsigned char** copies; /* what was lent of each piece */
} shared_source;

static int32_t pull_shared(swr_piece* piece, void* user) {
  shared_source* s = user;
  const swr_region* region = swr_piece_region(piece);
  const int64_t number = swr_piece_number(piece);
  if (number == s->fail_at) return s->fail_with;
  if (s->how == PULL_FILLED) return pull_volume(piece, (void*)s->from);
  if (s->how == PULL_READ) return swr_reader_pull(piece, s->reader);
  if (s->how == PULL_LENT_WHOLE)
    return (int32_t)swr_piece_lend(piece, s->from->bytes, &s->from->region);
  s->copies[number] = malloc((size_t)swr_piece_bytes(piece));
  volume_get(s->from, region, s->copies[number]);
  return (int32_t)swr_piece_lend(piece, s->copies[number], region);
}

/* The pixels in a file of one gzip stream of another program, in a folder that no snapshot looks
 * into. */
static swr_reader* reader_of(const volume* v) {
  checks_off("a source is made, whose pixels are all looked at in what is written");
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "from/plain.nii"));
  assert_ok(w, swr_set_image_region(w, &v->region));
  assert_ok(w, swr_set_pixel_type(w, v->component, v->components,
                                  v->components == 1 ? SWR_KIND_SCALAR : SWR_KIND_VECTOR));
  assert_ok(w, swr_write(w, pull_volume, (void*)v));
  swr_writer_destroy(w);
  checks_on();
  int64_t bytes = 0;
  unsigned char* plain = load_file("from/plain.nii", &bytes);
  gzFile packed = gzopen("from/packed.nii.gz", "wb1");
  assert_int_equal(gzwrite(packed, plain, (unsigned)bytes), bytes);
  assert_int_equal(gzclose(packed), Z_OK);
  free(plain);
  swr_reader* reader = swr_reader_create();
  assert_reader_ok(reader, swr_reader_open(reader, "from/packed.nii.gz"));
  return reader;
}

/* The caller's memory for pieces, if there is to be any. */
static void give_buffers(const trial* t, swr_writer* w, void* buffers[2]) {
  int64_t bytes = 0;
  if (!t->level[BUFFERS] || swr_get_piece_bytes(w, &bytes) != SWR_OK) return;
  for (int i = 0; i < 2; ++i) buffers[i] = malloc((size_t)bytes);
  assert_ok(w, swr_set_buffers(w, buffers, 2, bytes));
}

static swr_status pull(const trial* t, swr_writer* w, const volume* from, uint64_t* state) {
  int64_t pieces = 1;
  void* buffers[2] = {NULL, NULL};
  give_buffers(t, w, buffers);
  if (swr_get_piece_count(w, &pieces) != SWR_OK) pieces = 1;
  shared_source s = {(transport)t->level[TRANSPORT], from, NULL, -1, SWR_CANCELLED, NULL};
  if (t->level[ENDING] != FINISHES) {
    s.fail_at = s.how == PULL_LENT_WHOLE ? 0 : below(state, (int)pieces);
    if (t->level[ENDING] == SOURCE_FAILS) s.fail_with = 4711;
  }
  if (s.how == PULL_READ) s.reader = reader_of(from);
  s.copies = calloc((size_t)pieces, sizeof *s.copies);
  const swr_status status = swr_write(w, pull_shared, &s);
  for (int64_t i = 0; i < pieces; ++i) free(s.copies[i]);
  free(s.copies);
  swr_reader_destroy(s.reader);
  for (int i = 0; i < 2; ++i) free(buffers[i]);
  return status;
}

/* The pieces backwards, each a put of its own. */
static swr_status push(const trial* t, swr_writer* w, const volume* from, uint64_t* state) {
  int64_t pieces = 0;
  swr_status status = swr_get_piece_count(w, &pieces);
  swr_region* list = calloc((size_t)pieces + 1, sizeof *list);
  const int64_t asked =
      divisions_of[t->level[DIVISIONS]] < 0 ? 1 : divisions_of[t->level[DIVISIONS]];
  if (divisions_of[t->level[DIVISIONS]] < 0) pieces = status == SWR_OK ? 1 : 0;
  for (int64_t i = 0; i < pieces && status == SWR_OK; ++i)
    status = swr_get_split_region(w, i, asked, &list[i]);
  if (status == SWR_OK) status = swr_begin(w);
  if (status == SWR_OK) {
    const int64_t stop_at = t->level[ENDING] == FINISHES ? -1 : below(state, (int)pieces);
    for (int64_t i = pieces - 1; i >= 0 && status == SWR_OK; --i) {
      if (i == stop_at) break;
      volume piece = volume_new(&list[i], t->delivered, t->components);
      volume_copy(&piece, from, &list[i]);
      status = swr_put(w, &list[i], piece.bytes, volume_bytes(&piece));
      volume_free(&piece);
    }
    if (status == SWR_OK && t->level[ENDING] == FINISHES) {
      status = swr_finish(w);
    } else {
      const swr_status abandoned = swr_abandon(w);
      if (status == SWR_OK) status = abandoned == SWR_OK ? SWR_CANCELLED : abandoned;
    }
  }
  free(list);
  return status;
}

/* What is in the files of a folder is not erased. */
static int refuses_to_erase(const trial* t) {
  return t->level[ERASE] && updates(t) && strcmp(kind_of(t)->format, "Zarr") == 0;
}

static int expected(const trial* t, swr_status status) {
  const int interrupted = t->level[ENDING] != FINISHES;
  if (refuses_to_erase(t) && status != SWR_ERROR_MISMATCH) return status == SWR_ERROR_UNSUPPORTED;
  if (t->level[CONVERSION] == NO_POLICY) return status == SWR_ERROR_MISMATCH;
  if (t->level[CONVERSION] == EXACT_LOSES && status == SWR_ERROR_CONVERSION) return 1;
  if (t->level[CONVERSION] == EXACT_LOSES && !interrupted) return 0;
  if (!interrupted) return status == SWR_OK;
  if (t->level[TRANSPORT] == PUSHED) return status == SWR_CANCELLED;
  return status == (t->level[ENDING] == CANCELLED ? SWR_CANCELLED : SWR_ERROR_SOURCE);
}

static void describe_trial(const trial* t) {
  print_error("seed %llu:", (unsigned long long)t->seed);
  for (int factor = 0; factor < factor_count; ++factor)
    print_error(" %s %d", factors[factor].name, t->level[factor]);
  print_error("\n  %s%s: %s x %d delivered as %s; file %s, image %s, %s %s, fill %g\n", t->path,
              kind_of(t)->set_compression ? " compressed" : "", swr_component_name(t->stored),
              t->components, swr_component_name(t->delivered), region_text(&t->old_region),
              region_text(&t->image), t->whole ? "whole" : "box", region_text(&t->box), t->fill);
}

/* 0 if the file holds what the model says. */
static int wrong(const trial* t, const volume* model) {
  volume got = read_volume(t->path);
  const int differs = !region_equal(&got.region, &model->region) ||
                      got.component != model->component || got.components != model->components ||
                      memcmp(got.bytes, model->bytes, (size_t)volume_bytes(model)) != 0;
  if (differs) print_error("the file does not hold what the model says\n");
  volume_free(&got);
  return differs;
}

static uint64_t running;

static void run(const trial* t) {
  uint64_t state = t->seed + 1;
  running = t->seed;
  clear_folder();
  mkdir("from", 0777);
  volume old = volume_pattern(&t->old_region, t->stored, t->components, t->seed),
         from = source_volume(t, &state);
  if (has_old_file(t)) make_old_file(t, &old);
  snapshot* before = snapshot_take();
  swr_writer* w = writer_of(t, &t->image);
  set_up(t, w);
  const swr_status status =
      t->level[TRANSPORT] == PUSHED ? push(t, w, &from, &state) : pull(t, w, &from, &state);
  if (!expected(t, status)) {
    describe_trial(t);
    print_error("  %s: %s\n", swr_status_name(status), swr_writer_message(w));
    fail();
  }
  swr_writer_destroy(w);
  if (status == SWR_OK) {
    volume model = model_of(t, &old, &from);
    if (wrong(t, &model)) {
      describe_trial(t);
      assert_file_holds(t->path, &model);
    }
    volume_free(&model);
  } else if (t->level[ROLLBACK] || !updates(t)) {
    snapshot* now = snapshot_take();
    const int files = snapshot_count(now);
    snapshot_free(now);
    if (files != snapshot_count(before)) describe_trial(t);
    assert_unchanged(before);
  }
  snapshot_free(before);
  volume_free(&old);
  volume_free(&from);
}

/* --- Every pair --- */

static unsigned char met[factor_count][most_levels][factor_count][most_levels];

static void note_pairs(const trial* t) {
  for (int a = 0; a < factor_count; ++a) {
    for (int b = 0; b < factor_count; ++b) met[a][t->level[a]][b][t->level[b]] = 1;
  }
}

/* Whether two levels can meet at all: see draw(). */
static int possible(int a, int level_a, int b, int level_b) {
  if (a == KIND && b == ACTION) return level_b < PASTE || kind_can_change(variant_at(level_a));
  if (b == ORDER) return possible(b, level_b, a, level_a);
  if (a != ORDER || level_a == 0) return 1;
  return b == KIND     ? kind_can_be_big_endian(variant_at(level_b))
         : b == ACTION ? level_b >= PASTE
                       : 1;
}

static int pairs_missing(void) {
  int missing = 0;
  for (int a = 0; a < factor_count; ++a) {
    for (int b = a + 1; b < factor_count; ++b) {
      for (int i = 0; i < levels_of(a); ++i) {
        for (int j = 0; j < levels_of(b); ++j) missing += possible(a, i, b, j) && !met[a][i][b][j];
      }
    }
  }
  return missing;
}

static uint64_t first_seed = 20260801, only_seed;

static void every_pair_of_circumstances_leaves_what_the_model_says(void** state) {
  (void)state;
  trial t;
  int cases = 0;
  if (only_seed) {
    draw(&t, only_seed);
    describe_trial(&t);
    run(&t);
    return;
  }
  for (; cases < most_cases && (cases < least_cases || pairs_missing() > 0); ++cases) {
    draw(&t, first_seed + (uint64_t)cases);
    note_pairs(&t);
    if (case_takes_its_turn(cases)) run(&t);
  }
  print_message("%d cases, seeds %llu to %llu, %d pairs missing\n", cases,
                (unsigned long long)first_seed,
                (unsigned long long)first_seed + (uint64_t)cases - 1, pairs_missing());
  assert_int_equal(pairs_missing(), 0);
}

/* An assertion inside the support library names no seed; the end of main does. */
int main(int count, char** arguments) {
  if (count > 1) only_seed = strtoull(arguments[1], NULL, 10);
  TEST(every_pair_of_circumstances_leaves_what_the_model_says);
  const int failed = run_all_tests("matrix");
  if (failed) print_error("the last seed was %llu\n", (unsigned long long)running);
  return failed;
}

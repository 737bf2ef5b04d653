/*
 * Writes and reads images through swr on behalf of the foreign tests. Jobs are lines on standard
 * input, so that one process serves many files:
 *
 *   write path=F size=4,3,2 component=int16 raw=PIXELS
 *         [index= components= kind= spacing= origin= direction= divisions= compress=LEVEL
 *         paste=INDEX:SIZE existing=update|extend|replace conversion=exact|clamp source=TYPE
 *         format=NAME memory=BYTES]
 *   write ... counter=1     pixels are a running count instead of a file's
 *   read path=F [dump=PIXELS]
 *   verify path=F
 *   formats
 *
 * Each job answers with lines "key: value" and an empty line. `read` gives the facts in the form
 * that itk_tool gives them too; "origin" is the position of the first pixel, as in files.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "swr/swr.h"

enum { MAX_WORDS = 32, MAX_LINE = 8192 };

typedef struct job {
  int words;
  char* key[MAX_WORDS];
  char* value[MAX_WORDS];
} job;

static void parse(char* line, job* out) {
  out->words = 0;
  for (char* word = strtok(line, " \n"); word != NULL && out->words < MAX_WORDS;
       word = strtok(NULL, " \n")) {
    char* equals = strchr(word, '=');
    if (equals != NULL) *equals = '\0';
    out->key[out->words] = word;
    out->value[out->words++] = equals != NULL ? equals + 1 : word + strlen(word);
  }
}

static const char* get(const job* j, const char* key) {
  for (int i = 1; i < j->words; ++i) {
    if (strcmp(j->key[i], key) == 0) return j->value[i];
  }
  return NULL;
}

static int integers(const char* text, int64_t* values, int most) {
  int count = 0;
  while (text != NULL && *text != '\0' && *text != ':' && count < most) {
    char* end;
    values[count++] = strtoll(text, &end, 10);
    text = *end == ',' ? end + 1 : end;
  }
  return count;
}

static int reals(const char* text, double* values, int most) {
  int count = 0;
  while (text != NULL && *text != '\0' && count < most) {
    char* end;
    values[count++] = strtod(text, &end);
    text = *end == ',' ? end + 1 : end;
  }
  return count;
}

static swr_kind kind_from_name(const char* name) {
  for (int kind = 0; kind <= SWR_KIND_SYMMETRIC_TENSOR; ++kind) {
    if (strcmp(swr_kind_name((swr_kind)kind), name) == 0) return (swr_kind)kind;
  }
  return SWR_KIND_FORCE_INT32;
}

static int64_t pixels_of(const swr_region* region) {
  int64_t pixels = 1;
  for (int axis = 0; axis < region->dimensions; ++axis) pixels *= region->size[axis];
  return pixels;
}

/* Where pixels come from: a file with the pixels of `region`, read whole, or a count. */
typedef struct source {
  swr_region region;
  char* pixels;
  int64_t next;
  uLong crc;
} source;

static int32_t pull_pixels(swr_piece* piece, void* user) {
  source* s = user;
  return (int32_t)swr_piece_lend(piece, s->pixels, &s->region);
}

/* Four bits of noise in every sixteen: compresses to about a third, and no two slices are alike. */
static int32_t pull_count(swr_piece* piece, void* user) {
  source* s = user;
  uint64_t* words = swr_piece_buffer(piece);
  const int64_t bytes = swr_piece_bytes(piece);
  if (words == NULL) return SWR_ERROR_MEMORY;
  for (int64_t i = 0; i < bytes / 8; ++i)
    words[i] = ((uint64_t)(s->next + i) * UINT64_C(0x9E3779B97F4A7C15) >> 11) &
               UINT64_C(0x000F000F000F000F);
  s->next += bytes / 8;
  s->crc = crc32_z(s->crc, (const Bytef*)words, (z_size_t)bytes);
  return SWR_OK;
}

static char* load(const char* path, int64_t bytes) {
  FILE* file = fopen(path, "rb");
  char* data = malloc((size_t)bytes);
  const size_t got = file != NULL && data != NULL ? fread(data, 1, (size_t)bytes, file) : 0;
  if (file != NULL) fclose(file);
  if ((int64_t)got == bytes) return data;
  free(data);
  return NULL;
}

static swr_status describe(swr_writer* w, const job* j, swr_region* image) {
  double values[SWR_MAX_DIMENSIONS * SWR_MAX_DIMENSIONS];
  swr_status status = swr_set_path(w, get(j, "path"));
  memset(image, 0, sizeof *image);
  if (status == SWR_OK && get(j, "format")) status = swr_set_format(w, get(j, "format"));
  if (get(j, "size")) {
    image->dimensions = integers(get(j, "size"), image->size, SWR_MAX_DIMENSIONS);
    integers(get(j, "index"), image->index, SWR_MAX_DIMENSIONS);
    if (status == SWR_OK) status = swr_set_image_region(w, image);
  }
  if (status == SWR_OK && get(j, "component")) {
    const int32_t components = get(j, "components") ? atoi(get(j, "components")) : 1;
    const swr_kind kind = get(j, "kind")    ? kind_from_name(get(j, "kind"))
                          : components == 1 ? SWR_KIND_SCALAR
                                            : SWR_KIND_VECTOR;
    status = swr_set_pixel_type(w, swr_component_from_name(get(j, "component")), components, kind);
  }
  if (status == SWR_OK && get(j, "spacing"))
    status = swr_set_spacing(w, values, reals(get(j, "spacing"), values, 16));
  if (status == SWR_OK && get(j, "origin"))
    status = swr_set_origin(w, values, reals(get(j, "origin"), values, 16));
  if (status == SWR_OK && get(j, "direction"))
    status = swr_set_direction(w, values, reals(get(j, "direction"), values, 256));
  return status;
}

static swr_status adjust(swr_writer* w, const job* j, swr_region* paste) {
  swr_status status = SWR_OK;
  if (get(j, "paste")) {
    memset(paste, 0, sizeof *paste);
    paste->dimensions = integers(get(j, "paste"), paste->index, SWR_MAX_DIMENSIONS);
    integers(strchr(get(j, "paste"), ':') + 1, paste->size, SWR_MAX_DIMENSIONS);
    status = swr_set_paste_region(w, paste);
  }
  if (status == SWR_OK && get(j, "divisions"))
    status = swr_set_divisions(w, atoll(get(j, "divisions")));
  if (status == SWR_OK && get(j, "memory"))
    status = swr_set_memory_limit(w, atoll(get(j, "memory")));
  if (status == SWR_OK && get(j, "compress"))
    status = swr_set_compression(w, "deflate", atoi(get(j, "compress")));
  if (status == SWR_OK && get(j, "existing")) {
    const char* policy = get(j, "existing");
    status = swr_set_existing(w, strcmp(policy, "update") == 0   ? SWR_EXISTING_UPDATE
                                 : strcmp(policy, "extend") == 0 ? SWR_EXISTING_EXTEND
                                                                 : SWR_EXISTING_REPLACE);
  }
  if (status == SWR_OK && get(j, "conversion")) {
    status =
        swr_set_conversion(w, strcmp(get(j, "conversion"), "exact") == 0 ? SWR_CONVERSION_EXACT
                                                                         : SWR_CONVERSION_CLAMP);
  }
  if (status == SWR_OK && get(j, "source"))
    status = swr_set_source_type(w, swr_component_from_name(get(j, "source")));
  return status;
}

static swr_status store(swr_writer* w, const job* j, const swr_region* region) {
  source s = {*region, NULL, 0, crc32(0, NULL, 0)};
  if (get(j, "counter")) {
    const swr_status status = swr_write(w, pull_count, &s);
    printf("crc32: %08lx\n", s.crc);
    return status;
  }
  const int64_t components = get(j, "components") ? atoll(get(j, "components")) : 1;
  const char* type = get(j, "source") ? get(j, "source") : get(j, "component");
  s.pixels = load(get(j, "raw"), pixels_of(region) * components *
                                     swr_component_bytes(swr_component_from_name(type)));
  if (s.pixels == NULL) {
    printf("error: cannot load %s\n", get(j, "raw"));
    return SWR_ERROR_SOURCE;
  }
  const swr_status status = swr_write(w, pull_pixels, &s);
  free(s.pixels);
  return status;
}

static void write_image(const job* j) {
  swr_writer* w = swr_writer_create();
  swr_region region;
  swr_status status = describe(w, j, &region);
  if (status == SWR_OK) status = adjust(w, j, &region);
  if (status == SWR_OK) status = store(w, j, &region);
  if (status == SWR_OK) {
    printf("status: OK\n");
  } else {
    printf("error: %s: %s\n", swr_status_name(status), swr_writer_message(w));
  }
  swr_writer_destroy(w);
}

static void print_reals(const char* key, const double* values, int count) {
  printf("%s:", key);
  for (int i = 0; i < count; ++i) printf(" %.17g", values[i]);
  printf("\n");
}

static void print_integers(const char* key, const int64_t* values, int count) {
  printf("%s:", key);
  for (int i = 0; i < count; ++i) printf(" %" PRId64, values[i]);
  printf("\n");
}

static void print_facts(const swr_reader* r, const swr_region* image) {
  const int n = image->dimensions;
  double spacing[SWR_MAX_DIMENSIONS], origin[SWR_MAX_DIMENSIONS],
      direction[SWR_MAX_DIMENSIONS * SWR_MAX_DIMENSIONS];
  swr_component component = SWR_COMPONENT_UNKNOWN;
  swr_kind kind = SWR_KIND_SCALAR;
  int32_t components = 0, slotted = 0;
  const char *format = "", *encoding = "";
  swr_reader_get_spacing(r, spacing, n);
  swr_reader_get_origin(r, origin, n);
  swr_reader_get_direction(r, direction, n * n);
  swr_reader_get_pixel_type(r, &component, &components, &kind);
  swr_reader_get_format(r, &format);
  swr_reader_get_encoding(r, &encoding, &slotted);
  for (int row = 0; row < n; ++row) {
    for (int axis = 0; axis < n; ++axis)
      origin[row] += direction[row * n + axis] * spacing[axis] * (double)image->index[axis];
  }
  printf("dimensions: %d\n", n);
  print_integers("size", image->size, n);
  print_reals("spacing", spacing, n);
  print_reals("origin", origin, n);
  print_reals("direction", direction, n * n);
  printf("component: %s\ncomponents: %d\nkind: %s\n", swr_component_name(component),
         (int)components, swr_kind_name(kind));
  print_integers("index", image->index, n);
  printf("format: %s\nencoding: %s\nslotted: %d\n", format, encoding, (int)slotted);
}

/* Reads in slabs of some 64 MiB along the slowest axis. */
static swr_status read_pixels(swr_reader* r, const swr_region* image, const char* dump) {
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int32_t components = 0;
  swr_reader_get_pixel_type(r, &component, &components, NULL);
  const int slowest = image->dimensions - 1;
  const int64_t slice =
      pixels_of(image) / image->size[slowest] * components * swr_component_bytes(component);
  const int64_t step = slice > 67108864 ? 1 : 67108864 / slice;
  const int64_t end = image->index[slowest] + image->size[slowest];
  FILE* out = dump != NULL ? fopen(dump, "wb") : NULL;
  char* buffer =
      malloc((size_t)(slice * (step < image->size[slowest] ? step : image->size[slowest])));
  uLong crc = crc32(0, NULL, 0);
  swr_region slab = *image;
  swr_status status = buffer != NULL ? SWR_OK : SWR_ERROR_MEMORY;
  for (int64_t at = image->index[slowest]; at < end && status == SWR_OK; at += step) {
    slab.index[slowest] = at;
    slab.size[slowest] = end - at < step ? end - at : step;
    const int64_t bytes = slice * slab.size[slowest];
    status = swr_reader_read(r, &slab, buffer, bytes);
    crc = crc32_z(crc, (const Bytef*)buffer, (z_size_t)bytes);
    if (out != NULL && status == SWR_OK && fwrite(buffer, 1, (size_t)bytes, out) != (size_t)bytes)
      status = SWR_ERROR_IO;
  }
  free(buffer);
  if (out != NULL && fclose(out) != 0) status = SWR_ERROR_IO;
  if (status == SWR_OK) printf("crc32: %08lx\n", crc);
  return status;
}

static void read_image(const job* j) {
  swr_reader* r = swr_reader_create();
  swr_region image;
  swr_status status = swr_reader_open(r, get(j, "path"));
  if (status == SWR_OK) status = swr_reader_get_image_region(r, &image);
  if (status == SWR_OK && strcmp(j->key[0], "verify") == 0) {
    status = swr_reader_verify(r);
    if (status == SWR_OK) printf("status: OK\n");
  } else if (status == SWR_OK) {
    print_facts(r, &image);
    status = read_pixels(r, &image, get(j, "dump"));
  }
  if (status != SWR_OK) printf("error: %s: %s\n", swr_status_name(status), swr_reader_message(r));
  swr_reader_destroy(r);
}

static void print_formats(void) {
  for (int32_t i = 0; i < swr_format_count(); ++i) {
    uint32_t flags = 0;
    swr_format_capabilities(swr_format_name(i), &flags);
    printf("%s: %u\n", swr_format_name(i), (unsigned)flags);
  }
}

int main(void) {
  static char line[MAX_LINE];
  while (fgets(line, sizeof line, stdin) != NULL) {
    job j;
    parse(line, &j);
    if (j.words == 0) continue;
    printf("path: %s\n", get(&j, "path") ? get(&j, "path") : "");
    if (strcmp(j.key[0], "write") == 0) {
      write_image(&j);
    } else if (strcmp(j.key[0], "read") == 0 || strcmp(j.key[0], "verify") == 0) {
      read_image(&j);
    } else if (strcmp(j.key[0], "formats") == 0) {
      print_formats();
    } else {
      printf("error: no such job: %s\n", j.key[0]);
    }
    printf("\n");
    fflush(stdout);
  }
  return 0;
}

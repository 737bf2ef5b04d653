#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "support/support.h"

static int is_folder(const char* path) {
  struct stat facts;
  return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

unsigned char* load_file(const char* path, int64_t* bytes) {
  if (is_folder(path)) return NULL;
  FILE* file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  rewind(file);
  unsigned char* data = malloc((size_t)size + 1);
  assert_non_null(data);
  assert_int_equal(fread(data, 1, (size_t)size, file), size);
  data[size] = 0;
  fclose(file);
  if (bytes) *bytes = size;
  return data;
}

void save_file(const char* path, const void* bytes, int64_t count) {
  FILE* file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, (size_t)count, file), count);
  assert_int_equal(fclose(file), 0);
}

int file_exists(const char* path) {
  struct stat facts;
  return lstat(path, &facts) == 0;
}

int64_t file_bytes(const char* path) {
  struct stat facts;
  assert_int_equal(stat(path, &facts), 0);
  return facts.st_size;
}

uint64_t file_number(const char* path) {
  struct stat facts;
  if (stat(path, &facts) != 0) fail_msg("there is no %s", path);
#ifdef _WIN32
  return swr_file_number(path);
#else
  return facts.st_ino;
#endif
}

void load_bytes(const char* path, int64_t offset, void* out, int64_t count) {
  FILE* file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, (long)offset, SEEK_SET), 0);
  assert_int_equal(fread(out, 1, (size_t)count, file), count);
  fclose(file);
}

volume read_volume(const char* path) {
  swr_reader* reader = swr_reader_create();
  assert_non_null(reader);
  assert_reader_ok(reader, swr_reader_open(reader, path));
  swr_region region;
  swr_component component;
  int32_t components;
  assert_reader_ok(reader, swr_reader_get_image_region(reader, &region));
  assert_reader_ok(reader, swr_reader_get_pixel_type(reader, &component, &components, NULL));
  volume v = volume_new(&region, component, components);
  assert_reader_ok(reader, swr_reader_read(reader, &region, v.bytes, volume_bytes(&v)));
  swr_reader_destroy(reader);
  return v;
}

void expect_file(const char* path, const volume* expected, const char* file, int line) {
  volume got = read_volume(path);
  expect_volume(&got, expected, file, line);
  volume_free(&got);
}

/* Each chunk of an image may be a file, such as "image.c0_1". They count as one, that of the first
 * chunk: how many there are follows from the image's size. See chunks/. */
static int is_further_chunk(const char* name) {
  const char* at = strrchr(name, '.');
  if (!at || at[1] != 'c') return 0;
  at += 2;
  return strspn(at, "0123456789_") == strlen(at) && strspn(at, "0_") < strlen(at);
}

typedef struct kept_file {
  char name[256];
  unsigned char* bytes; /* NULL: a folder */
  int64_t size;
} kept_file;

struct snapshot {
  int count, room;
  kept_file* files;
};

static kept_file* add_file(snapshot* s, const char* name) {
  if (s->count == s->room) {
    s->room = s->room > 0 ? 2 * s->room : 16;
    s->files = realloc(s->files, (size_t)s->room * sizeof *s->files);
    assert_non_null(s->files);
  }
  kept_file* file = &s->files[s->count++];
  snprintf(file->name, sizeof file->name, "%s", name);
  file->bytes = NULL;
  file->size = 0;
  return file;
}

/* Windows lists a new file before it is published, but nobody can open it. */
static int is_unpublished(const char* name) {
#ifdef _WIN32
  return strncmp(name, ".swr-unnamed-", 13) == 0;
#else
  (void)name;
  return 0;
#endif
}

/* `within`: a path with a slash at its end, or nothing for the working directory. */
static void add_folder(snapshot* s, const char* within) {
  DIR* folder = opendir(within[0] ? within : ".");
  assert_non_null(folder);
  for (struct dirent* entry = readdir(folder); entry; entry = readdir(folder)) {
    struct stat facts;
    char path[256];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    assert_true(snprintf(path, sizeof path, "%s%s", within, entry->d_name) < 255);
    if (is_unpublished(entry->d_name) || lstat(path, &facts) != 0) continue;
    kept_file* file = add_file(s, path);
    if (S_ISDIR(facts.st_mode)) {
      if (strstr(path, ".zarr")) add_folder(s, strcat(path, "/"));
    } else {
      file->bytes = load_file(path, &file->size);
    }
  }
  closedir(folder);
}

void limit_files(int64_t bytes) {
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = bytes < 0 ? limit.rlim_max : (rlim_t)bytes;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

snapshot* snapshot_take(void) {
  snapshot* s = calloc(1, sizeof *s);
  assert_non_null(s);
  add_folder(s, "");
  return s;
}

void snapshot_free(snapshot* s) {
  for (int i = 0; i < s->count; ++i) free(s->files[i].bytes);
  free(s->files);
  free(s);
}

int snapshot_count(const snapshot* s) {
  int count = 0;
  for (int i = 0; i < s->count; ++i) {
    const char* name = s->files[i].name;
    count += !is_further_chunk(name) && !strchr(name, '/');
  }
  return count;
}

static int find(const snapshot* s, const char* name) {
  for (int i = 0; i < s->count; ++i) {
    if (strcmp(s->files[i].name, name) == 0) return i;
  }
  return -1;
}

int snapshot_has(const snapshot* s, const char* name) {
  return find(s, name) >= 0;
}

static int remove_entry(const char* path, const struct stat* facts, int type, struct FTW* walk) {
  (void)facts, (void)type, (void)walk;
  return remove(path);
}

void remove_tree(const char* path) {
  nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void clear_folder(void) {
  DIR* folder = opendir(".");
  assert_non_null(folder);
  for (struct dirent* entry = readdir(folder); entry; entry = readdir(folder)) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      remove_tree(entry->d_name);
  }
  closedir(folder);
}

void snapshot_restore(const snapshot* s) {
  clear_folder();
  for (int i = 0; i < s->count; ++i) {
    const kept_file* file = &s->files[i];
    if (file->bytes) {
      save_file(file->name, file->bytes, file->size);
    } else {
      assert_int_equal(mkdir(file->name, 0777), 0);
    }
  }
}

/* A larger image has more chunks. */
static int may_change(const char* name, const snapshot* own, const char* one_more) {
  char first[256]; /* the file, or the folder that holds it */
  snprintf(first, sizeof first, "%.*s", (int)strcspn(name, "/"), name);
  return (own && (find(own, first) >= 0 || is_further_chunk(name))) ||
         (one_more && strcmp(name, one_more) == 0);
}

void expect_unchanged_but(const snapshot* s, const snapshot* own, const char* name,
                          const char* file, int line) {
  snapshot* now = snapshot_take();
  int wrong = 0;
  for (int i = 0; i < now->count; ++i) {
    const kept_file* is = &now->files[i];
    if (may_change(is->name, own, name)) continue;
    const int found = find(s, is->name);
    const kept_file* was = found < 0 ? NULL : &s->files[found];
    if (!was) {
      print_error("%s was not there before\n", is->name);
      wrong = 1;
    } else if (was->size != is->size ||
               (is->size > 0 && memcmp(was->bytes, is->bytes, (size_t)is->size) != 0)) {
      print_error("%s has changed\n", is->name);
      wrong = 1;
    }
  }
  for (int i = 0; i < s->count; ++i) {
    if (may_change(s->files[i].name, own, name) || find(now, s->files[i].name) >= 0) continue;
    print_error("%s has gone\n", s->files[i].name);
    wrong = 1;
  }
  snapshot_free(now);
  if (wrong) _fail(file, line);
}

void expect_unchanged(const snapshot* s, const char* file, int line) {
  expect_unchanged_but(s, NULL, NULL, file, line);
}

void expect_file_count(int count, const char* file, int line) {
  snapshot* now = snapshot_take();
  const int got = snapshot_count(now);
  if (got != count) {
    for (int i = 0; i < now->count; ++i) print_error("there is %s\n", now->files[i].name);
  }
  snapshot_free(now);
  _assert_int_equal((uintmax_t)got, (uintmax_t)count, file, line);
}

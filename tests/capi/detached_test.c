/* Headers with detached data files: found beside the header, and outside its folder only if
 * allowed. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

enum { nx = 6, ny = 5, nz = 4 };

static swr_region whole(void) {
  return region_3d(0, 0, 0, nx, ny, nz);
}

static volume pattern(uint64_t seed) {
  const swr_region region = whole();
  return volume_pattern(&region, SWR_UINT8, 1, seed);
}

static void save_header(const char* path, const char* data) {
  char head[1024];
  const int is_nrrd = strstr(path, ".nhdr") != NULL;
  const int n = is_nrrd ? snprintf(head, sizeof head,
                                   "NRRD0004\ntype: uchar\ndimension: 3\nsizes: %d %d "
                                   "%d\nencoding: raw\ndata file: %s\n",
                                   nx, ny, nz, data)
                        : snprintf(head, sizeof head,
                                   "ObjectType = Image\nNDims = 3\nBinaryData = "
                                   "True\nBinaryDataByteOrderMSB = False\nDimSize = %d %d %d\n"
                                   "ElementType = MET_UCHAR\nElementDataFile = %s\n",
                                   nx, ny, nz, data);
  save_file(path, head, n);
}

static void a_pair_is_written_beside_each_other(void** state) {
  (void)state;
  const struct {
    const char *header, *data;
  } pairs[] = {{"one.mhd", "one.raw"}, {"two.nhdr", "two.raw"}, {"three.hdr", "three.img"}};
  for (int i = 0; i < 3; ++i) {
    volume v = pattern((uint64_t)i);
    test_case t = {.path = ""};
    snprintf(t.path, sizeof t.path, "%s", pairs[i].header);
    make_file(&t, &v);
    assert_file_count(2 * (i + 1));
    unsigned char got[nx * ny * nz];
    assert_int_equal(file_bytes(pairs[i].data), sizeof got);
    load_bytes(pairs[i].data, 0, got, sizeof got);
    assert_memory_equal(got, v.bytes, sizeof got);
    volume_free(&v);
  }
}

static void the_data_file_is_found_beside_the_header_never_in_the_working_directory(void** state) {
  (void)state;
  const char* headers[] = {"sub/image.mhd", "sub/image.nhdr", "sub/image.hdr"};
  const char* data[] = {"image.raw", "image.raw", "image.img"};
  assert_int_equal(mkdir("sub", 0755), 0);
  for (int i = 0; i < 3; ++i) {
    volume v = pattern((uint64_t)(10 + i)), decoy = pattern(99);
    test_case t = {.path = ""};
    snprintf(t.path, sizeof t.path, "%s", headers[i]);
    make_file(&t, &v);
    save_file(data[i], decoy.bytes, volume_bytes(&decoy));
    assert_file_holds(headers[i], &v);
    /* A paste goes there too */
    volume change = pattern((uint64_t)(20 + i));
    swr_writer* w = swr_writer_create();
    source s = source_of(&change);
    const swr_region box = region_3d(1, 1, 1, 3, 3, 2);
    assert_ok(w, swr_set_path(w, headers[i]));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_write(w, pull_source, &s));
    volume_copy(&v, &change, &box);
    assert_file_holds(headers[i], &v);
    unsigned char* still = load_file(data[i], NULL);
    assert_memory_equal(still, decoy.bytes, volume_bytes(&decoy));
    free(still);
    /* Missing beside the header: the decoy is not used instead. */
    char path[64];
    snprintf(path, sizeof path, "sub/%s", data[i]);
    remove(path);
    swr_reader* r = swr_reader_create();
    assert_reader_status(r, SWR_ERROR_NOT_FOUND, swr_reader_open(r, headers[i]));
    assert_says(swr_reader_message(r), data[i]);
    swr_reader_destroy(r);
    swr_writer_destroy(w);
    volume_free(&v);
    volume_free(&decoy);
    volume_free(&change);
  }
}

static void a_pair_works_from_any_working_directory(void** state) {
  (void)state;
  assert_int_equal(mkdir("sub", 0755), 0);
  assert_int_equal(mkdir("sub/elsewhere", 0755), 0);
  volume v = pattern(1), change = pattern(2);
  test_case t = {.path = "sub/image.mhd"};
  make_file(&t, &v);
  assert_int_equal(chdir("sub/elsewhere"), 0);
  swr_writer* w = swr_writer_create();
  source s = source_of(&change);
  assert_ok(w, swr_set_path(w, "../image.mhd"));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds("../image.mhd", &change);
  assert_file_count(0);
  swr_writer_destroy(w);
  assert_int_equal(chdir("../.."), 0);
  volume_free(&v);
  volume_free(&change);
}

static void data_outside_the_folder_is_read_but_changed_only_if_allowed(void** state) {
  (void)state;
  char here[512], absolute[600];
  assert_non_null(getcwd(here, sizeof here));
  assert_int_equal(mkdir("sub", 0755), 0);
  assert_int_equal(mkdir("far", 0755), 0);
  snprintf(absolute, sizeof absolute, "%s/far/pixels.raw", here);
  const char* headers[] = {"sub/image.mhd", "sub/image.nhdr"};
  const char* names[] = {"../far/pixels.raw", absolute};
  for (int i = 0; i < 4; ++i) {
    const char* header = headers[i % 2];
    volume v = pattern(1), change = pattern(2);
    save_file("far/pixels.raw", v.bytes, volume_bytes(&v));
    save_header(header, names[i / 2]);
    assert_file_holds(header, &v);

    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_set_option(r, "detached.outside", "refuse"));
    assert_int_not_equal(swr_reader_open(r, header), SWR_OK);
    assert_says(swr_reader_message(r), "pixels.raw");
    assert_reader_ok(r, swr_reader_set_option(r, "detached.outside", "allow"));
    assert_reader_ok(r, swr_reader_open(r, header));
    swr_reader_destroy(r);

    const swr_region box = region_3d(1, 1, 1, 3, 3, 2);
    swr_writer* w = swr_writer_create();
    source s = source_of(&change);
    assert_ok(w, swr_set_path(w, header));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_int_not_equal(swr_check(w), SWR_OK);
    assert_int_not_equal(swr_write(w, pull_source, &s), SWR_OK);
    assert_int_equal(s.pulls, 0);
    assert_file_holds(header, &v);
    assert_ok(w, swr_set_option(w, "detached.outside", "allow"));
    assert_ok(w, swr_write(w, pull_source, &s));
    volume_copy(&v, &change, &box);
    assert_file_holds(header, &v);
    swr_writer_destroy(w);
    volume_free(&v);
    volume_free(&change);
  }
}

static void a_link_out_of_the_folder_is_outside(void** state) {
  (void)state;
  assert_int_equal(mkdir("sub", 0755), 0);
  assert_int_equal(mkdir("far", 0755), 0);
  volume v = pattern(1), change = pattern(2);
  save_file("far/pixels.raw", v.bytes, volume_bytes(&v));
  save_header("sub/image.mhd", "pixels.raw");
  assert_int_equal(symlink("../far/pixels.raw", "sub/pixels.raw"), 0);
  assert_file_holds("sub/image.mhd", &v);
  swr_writer* w = swr_writer_create();
  source s = source_of(&change);
  const swr_region box = region_3d(1, 1, 1, 3, 3, 2);
  assert_ok(w, swr_set_path(w, "sub/image.mhd"));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_int_not_equal(swr_write(w, pull_source, &s), SWR_OK);
  assert_file_holds("sub/image.mhd", &v);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&change);
}

static int link_folder(const char* folder, const char* path) {
#ifdef _WIN32
  return swr_link_folder(folder, path);
#else
  return symlink(folder, path);
#endif
}

/* The same for a folder of the path: a symbolic link, or a junction. */
static void a_folder_that_is_a_link_out_of_the_folder_is_outside(void** state) {
  (void)state;
  char here[512], far[600], near[600];
  assert_non_null(getcwd(here, sizeof here));
  for (char* at = here; *at; ++at)
    if (*at == '\\') *at = '/';
  snprintf(far, sizeof far, "%s/far", here);
  snprintf(near, sizeof near, "%s/sub/near", here);
  assert_int_equal(mkdir("sub", 0755), 0);
  assert_int_equal(mkdir("sub/near", 0755), 0);
  assert_int_equal(mkdir("far", 0755), 0);
  volume v = pattern(1), change = pattern(2);
  const swr_region box = region_3d(1, 1, 1, 3, 3, 2);
  /* A link that stays inside is no reason to refuse. */
  const char* targets[] = {"sub/near/pixels.raw", "far/pixels.raw"};
  for (int is_outside = 0; is_outside < 2; ++is_outside) {
    save_file(targets[is_outside], v.bytes, volume_bytes(&v));
    assert_int_equal(is_outside ? link_folder(far, "sub/way") : link_folder(near, "sub/short"), 0);
    save_header("sub/image.mhd", is_outside ? "way/pixels.raw" : "short/pixels.raw");
    assert_file_holds("sub/image.mhd", &v);
    swr_writer* w = swr_writer_create();
    source s = source_of(&change);
    assert_ok(w, swr_set_path(w, "sub/image.mhd"));
    assert_ok(w, swr_set_paste_region(w, &box));
    if (!is_outside) {
      assert_ok(w, swr_write(w, pull_source, &s));
    } else {
      assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
      assert_says(swr_writer_message(w), "outside the header's folder");
      assert_int_equal(s.pulls, 0);
      assert_file_holds("sub/image.mhd", &v);
      swr_reader* r = swr_reader_create();
      assert_reader_ok(r, swr_reader_set_option(r, "detached.outside", "refuse"));
      assert_reader_status(r, SWR_ERROR_UNSUPPORTED, swr_reader_open(r, "sub/image.mhd"));
      swr_reader_destroy(r);
    }
    swr_writer_destroy(w);
  }
  volume_free(&v);
  volume_free(&change);
}

static void replacing_a_pair_never_writes_through_the_old_header(void** state) {
  (void)state;
  assert_int_equal(mkdir("sub", 0755), 0);
  volume v = pattern(1), change = pattern(2);
  save_file("precious.raw", v.bytes, volume_bytes(&v));
  save_header("sub/image.mhd", "../precious.raw");
  test_case t = {.path = "sub/image.mhd"};
  make_file(&t, &change);
  assert_file_holds("sub/image.mhd", &change);
  unsigned char* still = load_file("precious.raw", NULL);
  assert_memory_equal(still, v.bytes, volume_bytes(&v));
  free(still);
  volume_free(&v);
  volume_free(&change);
}

static void a_data_file_that_is_too_short_is_corrupt(void** state) {
  (void)state;
  volume v = pattern(1);
  save_header("image.mhd", "image.raw");
  save_file("image.raw", v.bytes, volume_bytes(&v) - 1);
  snapshot* before = snapshot_take();
  swr_reader* r = swr_reader_create();
  assert_reader_status(r, SWR_ERROR_CORRUPT, swr_reader_open(r, "image.mhd"));
  swr_reader_destroy(r);
  swr_writer* w = swr_writer_create();
  source s = source_of(&v);
  const swr_region box = region_3d(1, 1, 1, 3, 3, 2);
  assert_ok(w, swr_set_path(w, "image.mhd"));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_status(w, SWR_ERROR_CORRUPT, swr_write(w, pull_source, &s));
  assert_unchanged(before);
  snapshot_free(before);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void pixels_in_several_files_are_read_and_pasted_into(void** state) {
  (void)state;
  const char* meta_list = "LIST\ns0.raw\ns1.raw\ns2.raw\ns3.raw";
  const char* nrrd_list = "LIST 2\ns0.raw\ns1.raw\ns2.raw\ns3.raw";
  const char* headers[] = {"list.mhd", "pattern.mhd", "list.nhdr", "pattern.nhdr"};
  const char* names[] = {meta_list, "s%d.raw 0 3 1", nrrd_list, "s%d.raw 0 3 1 2"};
  for (int i = 0; i < 4; ++i) {
    volume v = pattern(1), change = pattern(2);
    for (int z = 0; z < nz; ++z) {
      char slice[16];
      snprintf(slice, sizeof slice, "s%d.raw", z);
      save_file(slice, v.bytes + z * nx * ny, nx * ny);
    }
    save_header(headers[i], names[i]);
    assert_file_holds(headers[i], &v);
    swr_writer* w = swr_writer_create();
    source s = source_of(&change);
    const swr_region box = region_3d(1, 1, 1, 3, 3, 2);
    assert_ok(w, swr_set_path(w, headers[i]));
    assert_ok(w, swr_set_paste_region(w, &box));
    const swr_status status = swr_write(w, pull_source, &s);
    if (status == SWR_OK) {
      volume_copy(&v, &change, &box);
    } else {
      assert_int_equal(status, SWR_ERROR_UNSUPPORTED);
    }
    assert_file_holds(headers[i], &v);
    swr_writer_destroy(w);
    volume_free(&v);
    volume_free(&change);
  }
}

/* Both the check and the write are refused, and nothing changes. */
static void assert_paste_is_refused(const char* path) {
  volume change = pattern(2);
  snapshot* before = snapshot_take();
  swr_writer* w = swr_writer_create();
  source s = source_of(&change);
  const swr_region box = region_3d(1, 1, 1, 3, 3, 2);
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
  assert_non_null(strstr(swr_writer_message(w), "cannot be changed"));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
  assert_unchanged(before);
  swr_writer_destroy(w);
  snapshot_free(before);
  volume_free(&change);
}

static void lengthen(const char* path) {
  char more[nx * ny * nz] = "";
  FILE* file = fopen(path, "ab");
  assert_non_null(file);
  assert_int_equal(fwrite(more, 1, sizeof more, file), sizeof more);
  assert_int_equal(fclose(file), 0);
}

/* A change of the pixels would destroy the header. */
static void a_header_that_names_itself_for_its_pixels_is_not_changed(void** state) {
  (void)state;
  volume v = pattern(1);
  save_header("own.mhd", "own.mhd");
  save_header("own.nhdr", "own.nhdr\n");
  save_header("link.mhd", "link.raw");
  save_header("hard.mhd", "hard.raw");
  const char* names[] = {"own.mhd", "own.nhdr", "link.mhd", "hard.mhd", "pair.hdr"};
  for (int i = 0; i < 4; ++i) lengthen(names[i]);
  test_case t = {.path = ""};
  snprintf(t.path, sizeof t.path, "pair.hdr");
  make_file(&t, &v);
  assert_int_equal(unlink("pair.img"), 0);
  assert_int_equal(symlink("pair.hdr", "pair.img"), 0);
  assert_int_equal(symlink("link.mhd", "link.raw"), 0);
  assert_int_equal(link("hard.mhd", "hard.raw"), 0);
  for (int i = 0; i < 5; ++i) assert_paste_is_refused(names[i]);
  volume_free(&v);
}

static void pixels_after_the_header_in_a_file_that_it_names_are_changed(void** state) {
  (void)state;
  const char* head =
      "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 6 5 4\nencoding: raw\nbyte skip: -1\n"
      "data file: own.nhdr\n\n";
  volume v = pattern(1), change = pattern(2);
  save_file("own.nhdr", head, (int64_t)strlen(head));
  FILE* file = fopen("own.nhdr", "ab");
  assert_non_null(file);
  assert_int_equal(fwrite(v.bytes, 1, nx * ny * nz, file), nx * ny * nz);
  assert_int_equal(fclose(file), 0);
  swr_writer* w = swr_writer_create();
  source s = source_of(&change);
  const swr_region box = region_3d(1, 1, 1, 3, 3, 2);
  assert_ok(w, swr_set_path(w, "own.nhdr"));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, pull_source, &s));
  volume_copy(&v, &change, &box);
  assert_file_holds("own.nhdr", &v);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&change);
}

/* A change at one place would change the other. */
static void a_file_that_a_header_names_twice_is_not_changed(void** state) {
  (void)state;
  volume v = pattern(1);
  for (int z = 0; z < nz; ++z) {
    char slice[16];
    snprintf(slice, sizeof slice, "s%d.raw", z);
    save_file(slice, v.bytes, nx * ny);
  }
  assert_int_equal(unlink("s3.raw"), 0);
  assert_int_equal(link("s1.raw", "s3.raw"), 0);
  save_header("twice.mhd", "LIST\ns0.raw\ns1.raw\ns0.raw\ns2.raw");
  save_header("twice.nhdr", "LIST 2\ns0.raw\ns1.raw\n./s1.raw\ns2.raw");
  save_header("links.mhd", "s%d.raw 0 3 1");
  assert_paste_is_refused("twice.mhd");
  assert_paste_is_refused("twice.nhdr");
  assert_paste_is_refused("links.mhd");
  volume_free(&v);
}

/* The other image is raw, named with or without its header, or compressed. It can still be read. */
static void pixels_of_another_image_are_not_changed(void** state) {
  (void)state;
  volume v = pattern(1);
  const struct {
    const char *image, *nrrd_lines, *metaimage_lines;
  } others[] = {{"b.nrrd", "byte skip: -1\n", "HeaderSize = -1\n"},
                {"b.nrrd", "", ""},
                {"b.mha", "byte skip: -1\n", "HeaderSize = -1\n"},
                {"b.nii", "byte skip: -1\n", "HeaderSize = -1\n"},
                {"b.nii.gz", "encoding: gzip\nbyte skip: 352\n", NULL}};
  for (int i = 0; i < 5; ++i) {
    char head[1024];
    test_case t = {.path = ""};
    snprintf(t.path, sizeof t.path, "%s", others[i].image);
    make_file(&t, &v);
    const int n = snprintf(head, sizeof head,
                           "NRRD0004\ntype: uchar\ndimension: 3\nsizes: %d %d %d\n%s%s"
                           "data file: %s\n",
                           nx, ny, nz, i == 4 ? "" : "encoding: raw\n", others[i].nrrd_lines,
                           others[i].image);
    save_file("a.nhdr", head, n);
    if (i != 1 && i != 4) assert_file_holds("a.nhdr", &v);
    assert_paste_is_refused("a.nhdr");
    if (others[i].metaimage_lines) {
      const int m = snprintf(head, sizeof head,
                             "ObjectType = Image\nNDims = 3\nBinaryData = True\n"
                             "BinaryDataByteOrderMSB = False\n%sDimSize = %d %d %d\n"
                             "ElementType = MET_UCHAR\nElementDataFile = %s\n",
                             others[i].metaimage_lines, nx, ny, nz, others[i].image);
      save_file("a.mhd", head, m);
      if (i != 1) assert_file_holds("a.mhd", &v);
      assert_paste_is_refused("a.mhd");
    }
    assert_file_holds(others[i].image, &v);
    clear_folder();
  }
  volume_free(&v);
}

/* One of its own name too, which would go with the header. */
static void replacing_a_header_leaves_the_image_that_it_names(void** state) {
  (void)state;
  volume v = pattern(1), other = pattern(2);
  const char* images[] = {"a.nrrd", "a.mha", "a.raw"};
  for (int i = 0; i < 3; ++i) {
    test_case t = {.path = ""};
    snprintf(t.path, sizeof t.path, "%s", i < 2 ? images[i] : "a.nrrd");
    make_file(&t, &v);
    if (i == 2) assert_int_equal(rename("a.nrrd", "a.raw"), 0);
    save_header("a.nhdr", images[i]);
    snapshot* before = snapshot_take();
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, "a.nhdr"));
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_REPLACE));
    describe(w, &other);
    if (i < 2) {
      assert_ok(w, swr_write(w, pull_volume, &other));
      assert_file_holds("a.nhdr", &other);
      assert_file_holds(images[i], &v);
    } else {
      /* The new pixels would have its name. */
      assert_status(w, SWR_ERROR_EXISTS, swr_write(w, pull_volume, &other));
      assert_says(swr_writer_message(w), "image by itself");
      assert_unchanged(before);
    }
    swr_writer_destroy(w);
    snapshot_free(before);
    clear_folder();
  }
  volume_free(&v);
  volume_free(&other);
}

static swr_status make_at(const char* path, const volume* v) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  const swr_status status = swr_write(w, pull_volume, (void*)v);
  swr_writer_destroy(w);
  return status;
}

/* Programs prefer x.img to x.img.gz, whichever header they open. */
static void second_pair_of_a_name_that_would_be_read_in_the_firsts_place_is_refused(void** state) {
  (void)state;
  const swr_region small = region_3d(0, 0, 0, 5, 4, 3), large = region_3d(0, 0, 0, 9, 8, 7);
  volume packed = volume_pattern(&large, SWR_INT16, 1, 1),
         plain = volume_pattern(&small, SWR_UINT8, 1, 2);
  const char* const names[] = {"image.hdr.gz", "image.hdr"};
  const volume* const volumes[] = {&packed, &plain};
  for (int first = 0; first < 2; ++first) {
    clear_folder();
    assert_int_equal(make_at(names[first], volumes[first]), SWR_OK);
    snapshot* before = snapshot_take();
    assert_int_equal(make_at(names[1 - first], volumes[1 - first]), SWR_ERROR_EXISTS);
    assert_unchanged(before);
    assert_file_holds(names[first], volumes[first]);
    snapshot_free(before);
  }
  volume_free(&packed);
  volume_free(&plain);
}

/* A copy would lose what follows the header of a pair if it is no list of extensions; a paste and
 * growth in place leave it. */
static void damaged_extensions_of_a_pair_stay_in_place(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 6, 5, 4), grown = region_3d(0, 0, 0, 6, 5, 6);
  const swr_region slab = region_3d(0, 0, 4, 6, 5, 2), box = region_3d(1, 1, 1, 3, 2, 2);
  enum { header_bytes = 348, flags = 4, most = 5000 };
  volume v = volume_pattern(&region, SWR_INT16, 1, 1), part = volume_pattern(&box, SWR_INT16, 1, 2);
  volume more = volume_pattern(&slab, SWR_INT16, 1, 3), now = volume_new(&grown, SWR_INT16, 1);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "pair.hdr"));
  describe(w, &v);
  source s = source_of(&v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  int64_t bytes = 0;
  unsigned char* header = load_file("pair.hdr", &bytes);
  assert_in_range(bytes, header_bytes, most);
  char damaged[most] = {0};
  memcpy(damaged, header, header_bytes);
  free(header);
  damaged[header_bytes] = 1;
  const int end =
      header_bytes + flags +
      snprintf(damaged + header_bytes + flags, 100, "%s", "no length; not a list at all");
  save_file("pair.hdr", damaged, end);

  assert_ok(w, swr_set_paste_region(w, &box));
  s = source_of(&part);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  volume_copy(&v, &part, &box);
  assert_file_holds("pair.hdr", &v);
  header = load_file("pair.hdr", &bytes);
  assert_int_equal(bytes, end);
  assert_memory_equal(header, damaged, end);
  free(header);

  assert_ok(w, swr_set_image_region(w, &grown));
  assert_ok(w, swr_set_paste_region(w, &slab));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  s = source_of(&more);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  volume_copy(&now, &v, &region);
  volume_copy(&now, &more, &slab);
  assert_file_holds("pair.hdr", &now);
  header = load_file("pair.hdr", &bytes);
  assert_int_equal(bytes, end);
  assert_memory_equal(header + header_bytes, damaged + header_bytes, end - header_bytes);
  free(header);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&part);
  volume_free(&more);
  volume_free(&now);
}

int main(void) {
  TEST(damaged_extensions_of_a_pair_stay_in_place);
  TEST(second_pair_of_a_name_that_would_be_read_in_the_firsts_place_is_refused);
  TEST(a_pair_is_written_beside_each_other);
  TEST(the_data_file_is_found_beside_the_header_never_in_the_working_directory);
  TEST(a_pair_works_from_any_working_directory);
  TEST(data_outside_the_folder_is_read_but_changed_only_if_allowed);
  TEST(a_link_out_of_the_folder_is_outside);
  TEST(a_folder_that_is_a_link_out_of_the_folder_is_outside);
  TEST(replacing_a_pair_never_writes_through_the_old_header);
  TEST(a_data_file_that_is_too_short_is_corrupt);
  TEST(pixels_in_several_files_are_read_and_pasted_into);
  TEST(a_header_that_names_itself_for_its_pixels_is_not_changed);
  TEST(pixels_after_the_header_in_a_file_that_it_names_are_changed);
  TEST(a_file_that_a_header_names_twice_is_not_changed);
  TEST(pixels_of_another_image_are_not_changed);
  TEST(replacing_a_header_leaves_the_image_that_it_names);
  return run_all_tests("detached");
}

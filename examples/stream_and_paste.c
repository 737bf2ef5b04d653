/* Streams a volume of 1 GiB through 16 MiB of memory, then pastes a bright box into it. */
#include <stdio.h>
#include <swr/swr.h>

/* The source: asked for one piece after the other, it computes the pixels of that piece alone. */
static int32_t ramp(swr_piece* piece, void* user) {
  const swr_region* region = swr_piece_region(piece);
  uint16_t* pixel = swr_piece_buffer(piece);
  const uint16_t bright = *(const uint16_t*)user;
  if (pixel == NULL) return SWR_ERROR_MEMORY;
  for (int64_t z = region->index[2]; z < region->index[2] + region->size[2]; z++)
    for (int64_t y = region->index[1]; y < region->index[1] + region->size[1]; y++)
      for (int64_t x = region->index[0]; x < region->index[0] + region->size[0]; x++)
        *pixel++ = bright ? bright : (uint16_t)(x + y + z);
  return SWR_OK;
}

int main(int argc, char** argv) {
  const int64_t slices = argc > 2 ? 16 : 512; /* any third word makes it a small volume */
  const swr_region image = {3, 0, {0}, {1024, 1024, slices}};
  const swr_region box = {3, 0, {100, 200, 4}, {64, 64, 8}};
  const double spacing[3] = {0.5, 0.5, 2.0};
  uint16_t bright = 0;
  swr_writer* w = swr_writer_create();
  int failed =
      swr_set_path(w, argc > 1 ? argv[1] : "volume.mha") || swr_set_image_region(w, &image) ||
      swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR) || swr_set_spacing(w, spacing, 3) ||
      swr_set_memory_limit(w, 16 << 20) ||
      swr_write(w, ramp, &bright); /* streams: pieces are pulled until the file is complete */
  bright = 65535;
  failed = failed || swr_set_paste_region(w, &box) ||
           swr_write(w, ramp, &bright); /* pastes: the box changes, and nothing else */
  if (failed)
    fprintf(stderr, "%s\n",
            swr_writer_message(w)); /* and the file is as it was before the call that failed */
  swr_writer_destroy(w);
  return failed;
}

/* An outside program: writes an image of 4 x 3 pixels and reads it back. */
#include <stdio.h>
#include <string.h>
#include <swr/swr.h>

static int32_t source(swr_piece* piece, void* user) {
  int64_t byte;
  unsigned char* pixels = swr_piece_buffer(piece);
  (void)user;
  if (pixels == NULL) return SWR_ERROR_MEMORY;
  for (byte = 0; byte < swr_piece_bytes(piece); ++byte) pixels[byte] = (unsigned char)(byte + 1);
  return SWR_OK;
}

int main(int argc, char** argv) {
  unsigned char pixels[12];
  int failed;
  swr_region image = {0};
  swr_writer* writer = swr_writer_create();
  swr_reader* reader = swr_reader_create();
  if (argc != 2 || strcmp(argv[1], swr_version()) != 0) {
    printf("asked for version %s, linked with %s\n", argc == 2 ? argv[1] : "?", swr_version());
    return 1;
  }
  image.dimensions = 2;
  image.size[0] = 4;
  image.size[1] = 3;
  failed = swr_set_path(writer, "consumer.mha") || swr_set_image_region(writer, &image) ||
           swr_set_pixel_type(writer, SWR_UINT8, 1, SWR_KIND_SCALAR) ||
           swr_set_divisions(writer, 1) || swr_write(writer, source, NULL);
  if (failed) printf("write: %s\n", swr_writer_message(writer));
  failed = failed || swr_reader_open(reader, "consumer.mha") ||
           swr_reader_read(reader, &image, pixels, sizeof pixels);
  if (failed) printf("read: %s\n", swr_reader_message(reader));
  failed = failed || pixels[0] != 1 || pixels[11] != 12;
  swr_writer_destroy(writer);
  swr_reader_destroy(reader);
  printf("%s\n", failed ? "failed" : "works");
  return failed;
}

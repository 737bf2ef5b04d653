/* Several processes write one file: mpirun -n 4 mpi_write volume.mha, or volume.zarr. Each pastes its
 * pieces, side by side with the others and without waiting for them. */
#include <mpi.h>
#include <stdio.h>
#include <swr/swr.h>

enum { PIECES = 16 };

static int32_t waves(swr_piece* piece, void* user) {
  const swr_region* r = swr_piece_region(piece);
  uint16_t* pixel = swr_piece_buffer(piece);
  (void)user;
  if (pixel == NULL) return SWR_ERROR_MEMORY;
  for (int64_t z = r->index[2]; z < r->index[2] + r->size[2]; z++)
    for (int64_t y = r->index[1]; y < r->index[1] + r->size[1]; y++)
      for (int64_t x = r->index[0]; x < r->index[0] + r->size[0]; x++)
        *pixel++ = (uint16_t)(x * x + 3 * y * z + z);
  return SWR_OK;
}

int main(int argc, char** argv) {
  const swr_region image = {3, 0, {0}, {256, 256, 125}};
  const char* path = argc > 1 ? argv[1] : "volume.mha";
  int rank = 0, ranks = 1, failed, anyone = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);

  swr_writer* w = swr_writer_create();
  failed = swr_set_path(w, path) || swr_set_image_region(w, &image) ||
           swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR) ||
           swr_set_option(w, "split.align", "chunks"); /* of Zarr */
  if (rank == 0)
    failed = failed || swr_allocate(w); /* the file, at its full size, before anyone pastes */
  MPI_Allreduce(&failed, &anyone, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);

  int64_t pieces = 0;
  failed = anyone || swr_get_actual_divisions(w, PIECES, &pieces);
  for (int64_t i = rank; i < pieces && !failed; i += ranks) {
    swr_region piece;
    failed = swr_set_paste_region(w, NULL) ||
             swr_get_split_region(w, i, pieces, &piece) || /* of the whole image */
             swr_set_paste_region(w, &piece) || swr_write(w, waves, NULL);
  }
  if (failed && !anyone) fprintf(stderr, "rank %d: %s\n", rank, swr_writer_message(w));
  swr_writer_destroy(w);
  MPI_Allreduce(&failed, &anyone, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD); /* complete when all are */
  MPI_Finalize();
  return anyone;
}

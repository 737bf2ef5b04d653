/**
 * @file reader.h
 * Reading regions of image files of any size.
 *
 * Files are not trusted: a header with wrong sizes, with paths outside its folder or with a missing
 * end gives an error status. Opening a file first rolls back a write that died, if its undo journal
 * is there (see swr_reader_recover()).
 *
 * A file can be read while others change it: each pixel is then one from before or after the
 * change. Compressed pixels that are read during a change are read again; SWR_ERROR_BUSY if the
 * changes do not stop within 20 seconds. For a reader that has the file open, an image that grows
 * keeps the size that it had when it was opened, until swr_reader_refresh(). SWR_ERROR_MISMATCH if
 * the name belongs to another image when the file is read again.
 */
#ifndef SWR_READER_H
#define SWR_READER_H

#include "swr/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Creates a reader without a file; NULL if there is no memory. */
SWR_API swr_reader *swr_reader_create(void);
/** Closes the file and frees the reader. Does nothing for NULL. */
SWR_API void swr_reader_destroy(swr_reader *reader);
/**
 * Why the last call failed. After a call that did not fail: what swr_reader_open() or
 * swr_reader_recover() found next to the file and left alone; usually "". Never NULL; valid until
 * the next call with this reader.
 */
SWR_API const char *swr_reader_message(const swr_reader *reader);

/**
 * Opens a file and reads its header. The content determines the format, or else the suffix. A file
 * that was open before is closed. SWR_ERROR_NOT_FOUND, SWR_ERROR_IO, SWR_ERROR_FORMAT (no known
 * format), SWR_ERROR_CORRUPT (damaged, or the data is shorter than the header says),
 * SWR_ERROR_UNSUPPORTED (a part of the format that swr does not read).
 */
SWR_API swr_status swr_reader_open(swr_reader *reader, const char *path);
/**
 * Follows a file that grows: the image region is the one that the file has now, and frames that
 * were appended can be read. It costs a few system calls if nothing has changed. Strings of
 * metadata that the reader returned become invalid. SWR_ERROR_MISMATCH if the name belongs to
 * another image now: other pixels or dimensions, or a smaller one. After an error the reader shows
 * the file as before.
 */
SWR_API swr_status swr_reader_refresh(swr_reader *reader);
/** Closes the file. The reader can open another. */
SWR_API swr_status swr_reader_close(swr_reader *reader);

/**
 * The most memory for decompression and conversion, in bytes; at least 1 MiB; 256 MiB unless set.
 */
SWR_API swr_status swr_reader_set_memory_limit(swr_reader *reader, int64_t bytes);
/**
 * The number of threads that decompress; 0 (the default) for all cores. A stream that is not
 * slotted is inflated by one thread, because each of its blocks may refer to the block before.
 */
SWR_API swr_status swr_reader_set_threads(swr_reader *reader, int32_t threads);
/**
 * Sets an option by name, before swr_reader_open(). SWR_ERROR_ARGUMENT for an unknown name or
 * value.
 * - "detached.outside" = "allow" | "refuse": whether a header's data file may be outside the
 *   header's folder (allowed for reading unless set).
 * - "recover.other_machine" = "allow" | "refuse" (unless set): whether swr_reader_recover() rolls
 *   back a journal of a writer on another machine.
 * - "hdf5.dataset" = the path of the dataset that is the image, in HDF5 files, such as
 *   "/entry/data". Unless set: /ITKImage/0/VoxelData, else the only dataset of two axes or more,
 *   else the only one; SWR_ERROR_UNSUPPORTED lists them if there are several.
 * - "pyramid.level" = 0 (unless set) to 30: the smaller version of the image that is read instead
 *   of it; 1 is the largest one. Its start index is 0. swr_reader_open() returns
 *   SWR_ERROR_NOT_FOUND if the file has not so many that swr has made.
 */
SWR_API swr_status swr_reader_set_option(swr_reader *reader, const char *key, const char *value);

/** The image region: its start index and size. */
SWR_API swr_status swr_reader_get_image_region(const swr_reader *reader, swr_region *region);
/** How pixels are stored. Each result may be NULL. */
SWR_API swr_status swr_reader_get_pixel_type(const swr_reader *reader, swr_component *component,
                                             int32_t *components, swr_kind *kind);
/** The distance between pixels in mm along each axis; `count` is the number of dimensions. */
SWR_API swr_status swr_reader_get_spacing(const swr_reader *reader, double *values, int32_t count);
/** The position of the pixel with index zero, in mm, LPS; `count` is the number of dimensions. */
SWR_API swr_status swr_reader_get_origin(const swr_reader *reader, double *values, int32_t count);
/** Row-major n x n; the columns are the directions of the axes; `count` is n * n. */
SWR_API swr_status swr_reader_get_direction(const swr_reader *reader, double *values,
                                            int32_t count);
/**
 * The unit in which the file states the spacing and origin of an axis. The values of a reader are
 * in mm or s, but those of an axis in Angstrom are in Angstrom.
 */
SWR_API swr_status swr_reader_get_axis_unit(const swr_reader *reader, int32_t axis, swr_unit *unit);
/**
 * The file's own rule from stored to real values, real = slope * stored + intercept (NIfTI's
 * scl_slope and scl_inter); 1 and 0 if the file has none. It is not applied: pixels are read as
 * they are stored.
 */
SWR_API swr_status swr_reader_get_value_scale(const swr_reader *reader, double *slope,
                                              double *intercept);
/** The number of metadata entries of the file. */
SWR_API swr_status swr_reader_get_metadata_count(const swr_reader *reader, int32_t *count);
/**
 * Entry `number`, in the file's order. The strings stay valid until the reader opens another file
 * or is destroyed.
 */
SWR_API swr_status swr_reader_get_metadata_at(const swr_reader *reader, int32_t number,
                                              const char **key, const char **value);
/** The value of `key`; NULL, with SWR_OK, if the file has no such entry. */
SWR_API swr_status swr_reader_get_metadata(const swr_reader *reader, const char *key,
                                           const char **value);
/** The name of the file's format, such as "NRRD". Valid as long as the library is loaded. */
SWR_API swr_status swr_reader_get_format(const swr_reader *reader, const char **name);
/**
 * How the pixels are encoded: "none", "deflate", "text" or "bzip2", in VTI files "base64" or "lz4",
 * in TIFF files "lzw", "packbits" or "zstd", in both "lzma", and "chunks" for the chunks of HDF5,
 * compressed or not. `slotted` becomes 1 if it is a slotted deflate stream, which can be changed in
 * place.
 */
SWR_API swr_status swr_reader_get_encoding(const swr_reader *reader, const char **encoding,
                                           int32_t *slotted);
/**
 * The sizes of a chunk along each axis, in pixels; `count` is the number of dimensions. All are 0
 * if the image is not in chunks. The first chunk begins at the start index of the image; the last
 * ones can be cut off by its end, and a chunk can be longer than the image. A read decodes each
 * chunk that it touches as a whole, and a write to a part of one encodes all of it again: regions
 * of whole chunks cost least.
 *
 * A chunk is a tile of TIFF, or a strip if its pixels are compressed; a chunk of HDF5 and of Zarr,
 * which is the one inside where Zarr has shards. Processes that write side by side need pieces of
 * whole shards: the writer's option "split.align" gives them. A level ("pyramid.level") has chunks
 * of its own. Uncompressed strips and the blocks of VTI are not boxes of pixels: they count as
 * none.
 */
SWR_API swr_status swr_reader_get_chunk_shape(const swr_reader *reader, int64_t *sizes,
                                              int32_t count);
/** 1 if numbers are stored with their most significant byte first. */
SWR_API swr_status swr_reader_get_big_endian(const swr_reader *reader, int32_t *big_endian);
/**
 * The file that holds the pixels: a detached data file, or the file itself. The first one, if there
 * are several.
 */
SWR_API swr_status swr_reader_get_data_file(const swr_reader *reader, const char **path);

/**
 * Reads a region: packed, in the machine's byte order, with the stored component type and count.
 * `bytes` must be exactly the size of the region's pixels (SWR_ERROR_ARGUMENT otherwise).
 * SWR_ERROR_REGION if the region is not inside the image region; SWR_ERROR_CORRUPT if a compressed
 * stream is damaged.
 */
SWR_API swr_status swr_reader_read(swr_reader *reader, const swr_region *region, void *buffer,
                                   int64_t bytes);

/**
 * A source for swr_write() whose `user` is a reader with an open file: copies, converts, compresses
 * or crops a file of any size in one call. The writer's source type must be the reader's component
 * type, its component count the reader's. The written image may have more axes than the reader's,
 * such as time: the written region has size 1 along them, at any index. A new file is modelled on
 * the reader's in all that is not set (swr_set_header_from()). It may be called from several
 * threads (swr_set_pull_threads()) and by several writers at a time; they take turns, so more than
 * one pull thread gains nothing: the reader's own threads decompress.
 *
 * The reader may read the image that is written: the write works from the old pixels. Two writes
 * are refused before anything changes: SWR_ERROR_UNSUPPORTED for a change in place of raw pixels
 * that the reader, through another header, sees at another position; SWR_ERROR_EXISTS for the
 * replacement of a data file that the reader's own header names, if that is not the header that is
 * written. If another source calls this function, these errors end the write as SWR_ERROR_SOURCE.
 */
SWR_API int32_t swr_reader_pull(swr_piece *piece, void *reader);

/**
 * Checks the whole file: header, sizes, and the slots, directory and checksums that it has;
 * compressed data is inflated once. SWR_ERROR_CORRUPT for a damaged file; the reader's message
 * describes the first defect. With SWR_OK the message names files that have several names (hard
 * links), because the journal of a write through another name is not found; and it tells of bytes
 * after the pixels, also in their compressed stream, that are no part of the image.
 */
SWR_API swr_status swr_reader_verify(swr_reader *reader);

/**
 * Rolls back a write that died while it changed `path` in place, if there is one: the file is then
 * as it was before that write. `recovered` (may be NULL) gets the number of journals that were
 * rolled back. Journals of running writers are left alone. Opening a file for reading or writing
 * also does this. A second recovery changes nothing.
 *
 * A journal is rolled back only into the files that it was made for. A refusal has a message that
 * says what to do: SWR_ERROR_NOT_FOUND if one of the files is missing; SWR_ERROR_CORRUPT if only
 * some of them were replaced since, or if the journal is inconsistent; SWR_ERROR_IO if it belongs
 * to another user, or if users can write it who cannot write the files; SWR_ERROR_BUSY if it comes
 * from another machine, where its writer may still run
 * (unless the reader's option "recover.other_machine" is "allow"), or if another process has been
 * rolling it back for long; SWR_ERROR_UNSUPPORTED if it names files outside the header's folder
 * (unless the reader's option "detached.outside" was set to "allow") or has another version. Two
 * things are left alone: a journal whose files were all replaced, and a file that has a journal's
 * name but is not one. The status is then SWR_OK and the message mentions them, here and after
 * swr_reader_open().
 *
 * The reader needs no open file. If it has one, it keeps it.
 */
SWR_API swr_status swr_reader_recover(swr_reader *reader, const char *path, int32_t *recovered);
/**
 * swr_reader_recover() without a reader: nothing outside the header's folder is changed, and the
 * status is the only reason that a failure gives.
 */
SWR_API swr_status swr_recover(const char *path, int32_t *recovered);

#ifdef __cplusplus
}
#endif
#endif

/**
 * @file reader.h
 * Reading regions of image files of any size.
 *
 * Files are not trusted: a header that lies about sizes, points outside its folder or ends early
 * gets a status. Opening a file that has an undo journal of a write that died rolls it back first
 * (see swr_reader_recover()).
 *
 * A file can be read while others change it: a pixel is then one that was there before or after the
 * change. Compressed pixels that are met in the middle of a change are read again; SWR_ERROR_BUSY if
 * the file does not come to rest within 20 seconds. An image that grows keeps, for a reader that has
 * it open, the size that it was opened with. SWR_ERROR_MISMATCH if reading again meets another image
 * under the same name.
 */
#ifndef SWR_READER_H
#define SWR_READER_H

#include "swr/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A new reader without a file; NULL if there is no memory. */
SWR_API swr_reader *swr_reader_create(void);
/** Closes the file and frees the reader. NULL is fine. */
SWR_API void swr_reader_destroy(swr_reader *reader);
/** Why the last call failed; if it did not, what swr_reader_open() or swr_reader_recover() found beside the file and left alone, mostly "". Never
 *  NULL; valid until the next call with this reader. */
SWR_API const char *swr_reader_message(const swr_reader *reader);

/**
 * Opens a file and reads its header. The format is found by the content, then by the suffix. A file
 * that was open before is closed. SWR_ERROR_NOT_FOUND, SWR_ERROR_IO, SWR_ERROR_FORMAT (no format
 * knows it), SWR_ERROR_CORRUPT (damaged, or the data is shorter than the header says),
 * SWR_ERROR_UNSUPPORTED (a part of the format that swr does not read).
 */
SWR_API swr_status swr_reader_open(swr_reader *reader, const char *path);
/** Closes the file. The reader can open another. */
SWR_API swr_status swr_reader_close(swr_reader *reader);

/** The most memory for decompression and conversion, in bytes; at least 1 MiB; 256 MiB unless set. */
SWR_API swr_status swr_reader_set_memory_limit(swr_reader *reader, int64_t bytes);
/** The threads that decompress; 0, unless set, for all cores. A stream of another program that is not slotted is inflated by one: each of its blocks
 * may refer to the pixels of the one before. */
SWR_API swr_status swr_reader_set_threads(swr_reader *reader, int32_t threads);
/**
 * An option by name; before swr_reader_open(). SWR_ERROR_ARGUMENT for a name or a value that is not
 * known.
 * - "detached.outside" = "allow" | "refuse": whether a header's data file may lie outside the header's folder (allowed for reading unless set).
 * - "recover.other_machine" = "allow" | "refuse" (unless set): whether swr_reader_recover() rolls back what a writer on another machine left.
 */
SWR_API swr_status swr_reader_set_option(swr_reader *reader, const char *key, const char *value);

/** The image region: its start index and size. */
SWR_API swr_status swr_reader_get_image_region(const swr_reader *reader, swr_region *region);
/** How pixels are stored. Each result may be NULL. */
SWR_API swr_status swr_reader_get_pixel_type(const swr_reader *reader, swr_component *component,
                                             int32_t *components, swr_kind *kind);
/** Distance of neighbouring pixels in mm along each axis; `count` is the number of dimensions. */
SWR_API swr_status swr_reader_get_spacing(const swr_reader *reader, double *values, int32_t count);
/** Position in mm, LPS, of the pixel with index zero; `count` is the number of dimensions. */
SWR_API swr_status swr_reader_get_origin(const swr_reader *reader, double *values, int32_t count);
/** Row-major n x n; the columns are the directions of the axes; `count` is n * n. */
SWR_API swr_status swr_reader_get_direction(const swr_reader *reader, double *values,
                                            int32_t count);
/** The unit in which the file states the spacing and origin of an axis. The values that a reader
 *  gives are in mm or s whatever it is. */
SWR_API swr_status swr_reader_get_axis_unit(const swr_reader *reader, int32_t axis, swr_unit *unit);
/**
 * The file's own rule from stored to real values, real = slope * stored + intercept (NIfTI's
 * scl_slope and scl_inter); 1 and 0 where the file has none. It is reported and not applied: pixels
 * are read as they are stored.
 */
SWR_API swr_status swr_reader_get_value_scale(const swr_reader *reader, double *slope,
                                              double *intercept);
/** How many metadata entries the file has. */
SWR_API swr_status swr_reader_get_metadata_count(const swr_reader *reader, int32_t *count);
/** Entry `number`, in the file's order. The strings stay valid until the reader opens another file or is destroyed. */
SWR_API swr_status swr_reader_get_metadata_at(const swr_reader *reader, int32_t number,
                                              const char **key, const char **value);
/** The value of `key`; NULL, with SWR_OK, if the file has no such entry. */
SWR_API swr_status swr_reader_get_metadata(const swr_reader *reader, const char *key,
                                           const char **value);
/** The name of the file's format, such as "NRRD". Valid as long as the library is loaded. */
SWR_API swr_status swr_reader_get_format(const swr_reader *reader, const char **name);
/** How the pixels are encoded: "none", "deflate", "text" or "bzip2", and 1 if the deflate stream is slotted (open to change in place). */
SWR_API swr_status swr_reader_get_encoding(const swr_reader *reader, const char **encoding,
                                           int32_t *slotted);
/** 1 if numbers are stored with their most significant byte first. */
SWR_API swr_status swr_reader_get_big_endian(const swr_reader *reader, int32_t *big_endian);
/** The file that holds the pixels: a detached data file, or the file itself. The first one, if there are several. */
SWR_API swr_status swr_reader_get_data_file(const swr_reader *reader, const char **path);

/**
 * Reads a region, packed, in the machine's byte order, component type and count as stored. `bytes`
 * must be exactly what the region takes (SWR_ERROR_ARGUMENT otherwise). SWR_ERROR_REGION if it is
 * not inside the image region; SWR_ERROR_CORRUPT if a compressed stream is damaged.
 */
SWR_API swr_status swr_reader_read(swr_reader *reader, const swr_region *region, void *buffer,
                                   int64_t bytes);

/**
 * A source for swr_write() whose `user` is a reader with an open file: copies, converts, compresses
 * or crops a file of any size in one call. The writer's source type must be the reader's component
 * type, its component count the reader's. What is written may have more axes than the reader's
 * image, such as time: in the written region they have the size 1, at any index. A new file takes
 * after the reader's in all that is not set (swr_set_header_from()). It may be called from several
 * threads (swr_set_pull_threads()) and by several writers at a time; they take turns, so more than
 * one pull thread gains nothing: the reader's own threads decompress.
 *
 * The reader may read the very image that is written: the write works from the old pixels. Refused
 * are, before anything changes, SWR_ERROR_UNSUPPORTED: a change in place of raw pixels that the
 * reader, through another header, sees at another position; and SWR_ERROR_EXISTS: the replacement of
 * a data file that the reader's own header, another one than is written, names. If it is not given to
 * swr_write() itself, but called by another source, these end the write as SWR_ERROR_SOURCE.
 */
SWR_API int32_t swr_reader_pull(swr_piece *piece, void *reader);

/**
 * Checks the whole file: header, sizes, and, where there are any, slots, directory and checksums;
 * compressed data is inflated once. SWR_ERROR_CORRUPT with the first defect as the reader's
 * message. With SWR_OK the message names files that have several names (hard links), since the
 * journal of a write by another name is not found.
 */
SWR_API swr_status swr_reader_verify(swr_reader *reader);

/**
 * Rolls back the write that died in the middle of changing `path` in place, if there is one: the
 * file is then as it was before that write. `recovered` (may be NULL) gets the number of journals
 * that were rolled back. Journals of writers that are alive are left alone. Opening a file for
 * reading or writing does the same by itself. A second recovery changes nothing.
 *
 * A journal is rolled back only into the very files that it was made for. Refused, with a message
 * that says what to do: SWR_ERROR_NOT_FOUND if one of them is missing; SWR_ERROR_CORRUPT if only some
 * of them were replaced since, or if the journal contradicts itself; SWR_ERROR_IO if it belongs to
 * another user, or can be written by users who cannot write the files; SWR_ERROR_BUSY if it comes from another machine, where its writer may be alive
 * (unless the reader's option "recover.other_machine" is "allow"), or if another process has been
 * rolling it back for long; SWR_ERROR_UNSUPPORTED if it names files outside the header's folder
 * (unless the reader's option "detached.outside" was set to "allow") or is of another version. A
 * journal of files that were all replaced, and what only has a journal's name, are left alone; the
 * message then says so although the status is SWR_OK, here and after swr_reader_open().
 *
 * The reader need not have an open file, and keeps the one that it has.
 */
SWR_API swr_status swr_reader_recover(swr_reader *reader, const char *path, int32_t *recovered);
/** swr_reader_recover() without a reader: nothing outside the header's folder is changed, and only the status says why it failed. */
SWR_API swr_status swr_recover(const char *path, int32_t *recovered);

#ifdef __cplusplus
}
#endif
#endif

/**
 * @file writer.h Writing an image piece by piece: a whole new image, a region of one that exists,
 * or one that grows.
 *
 * A write succeeds whole, or the old file is there byte for byte. New and replaced files are
 * written without a name in the same folder, or under staging names where the file system has no
 * files without one, and get their names at the end; changes in place keep an undo journal beside
 * the file until they are complete.
 */
#ifndef SWR_WRITER_H
#define SWR_WRITER_H

#include "swr/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A new writer with nothing set; NULL if there is no memory. */
SWR_API swr_writer *swr_writer_create(void);
/** Frees the writer. A write that was begun and not finished is abandoned. NULL is fine; never fails, never commits. */
SWR_API void swr_writer_destroy(swr_writer *writer);
/** Why the last call failed; "" if it did not. Never NULL; valid until the next call with this writer. */
SWR_API const char *swr_writer_message(const swr_writer *writer);

/** @name What
 * @{ */

/** The file to write. A relative path is relative to the working directory at the beginning of the write: changing it meanwhile does not matter. */
SWR_API swr_status swr_set_path(swr_writer *writer, const char *path);
/** A format by name, such as "NRRD"; NULL: that of an existing file's content if it is kept, else by the path's suffix. SWR_ERROR_FORMAT for an
 *  unknown name. */
SWR_API swr_status swr_set_format(swr_writer *writer, const char *name);
/**
 * The image: its start index and size. Every other region is in the same index space. Sets the
 * number of dimensions. NULL takes it from the existing file, where one is updated.
 * SWR_ERROR_REGION if a size is below 1 or the number of pixels overflows.
 */
SWR_API swr_status swr_set_image_region(swr_writer *writer, const swr_region *region);
/** How pixels are stored in the file. `components` is 1 for scalar, 3 for RGB, 4 for RGBA, 2 for complex, else 1 to 65535. */
SWR_API swr_status swr_set_pixel_type(swr_writer *writer, swr_component component,
                                      int32_t components, swr_kind kind);
/**
 * The component type in which the source delivers, when it is not the stored one;
 * SWR_COMPONENT_UNKNOWN takes it back. Needs a conversion policy (swr_set_conversion()); without
 * one the write is a mismatch that names both types.
 */
SWR_API swr_status swr_set_source_type(swr_writer *writer, swr_component component);
/** How many components the source's pixels have, when it is not the stored number: 1 to 3 or 4 (grey to RGB or RGBA), 3 to 4 and 4 to 3 (RGB and
 *  RGBA). 0 takes it back. */
SWR_API swr_status swr_set_source_components(swr_writer *writer, int32_t components);
/** Distance of neighbouring pixels in mm, above 0, along each axis; 1 unless set. `count` is the number of dimensions. */
SWR_API swr_status swr_set_spacing(swr_writer *writer, const double *values, int32_t count);
/** Position in mm, LPS, of the pixel with index zero; 0 unless set. `count` is the number of dimensions. */
SWR_API swr_status swr_set_origin(swr_writer *writer, const double *values, int32_t count);
/** Row-major n x n, not singular; the columns are the directions of the axes; the identity unless set. `count` is n * n. */
SWR_API swr_status swr_set_direction(swr_writer *writer, const double *values, int32_t count);
/**
 * A metadata entry. Entries keep the order in which their keys were first set. A NULL value removes
 * the entry, also one that the header has which a new file starts from (swr_set_header_from()). What
 * the file's format cannot hold is refused when the file is written.
 */
SWR_API swr_status swr_set_metadata(swr_writer *writer, const char *key, const char *value);
/** The unit in which the file states an axis, where its format can; the values that are set stay in
 *  mm or s. SWR_UNIT_NONE unless set. */
SWR_API swr_status swr_set_axis_unit(swr_writer *writer, int32_t axis, swr_unit unit);
/** The file's rule from stored to real values, real = slope * stored + intercept; 1 and 0 unless set.
 *  The slope is not 0. */
SWR_API swr_status swr_set_value_scale(swr_writer *writer, double slope, double intercept);
/**
 * The same rule for the values that the source delivers. Unless set: that of the reader that
 * swr_write() pulls from or that swr_set_header_from() names, else the file's. If the two rules
 * differ, values are converted so that the real ones stay. That needs a conversion policy
 * (swr_set_conversion()); without one the write is a mismatch that names both rules. Values of a
 * reader whose file states no rule are stored as they are; the log warns if the file has one.
 */
SWR_API swr_status swr_set_source_scale(swr_writer *writer, double slope, double intercept);
/**
 * The file that a new one takes after. What is left unset is that file's: region, pixel type,
 * geometry, units, value scale, metadata. If the format is the same, the new header starts from that
 * file's: all that it says and still holds is kept, word for word. What is set to another value than
 * that file has counts, and what depends on it changes with it. The log says as a warning what the
 * new file cannot hold. NULL: none, unless swr_write() pulls from a reader, which is then taken. An
 * existing file that is updated keeps its own header.
 */
SWR_API swr_status swr_set_header_from(swr_writer *writer, const swr_reader *reader);
/** 0: a new file takes after no other, even if swr_write() pulls from a reader; 1 unless set. */
SWR_API swr_status swr_set_keep_header(swr_writer *writer, int32_t on);
/** @} */

/** @name How
 * @{ */

/**
 * How many pieces to ask for; 0 and 1 are one piece. The region is split along its slowest axis of
 * a size above 1 as ITK does: ceil(size / n) a piece, the last takes the rest, so there may be
 * fewer pieces than asked for. A negative number takes the setting back: then the library chooses
 * pieces of about 1 MiB inside the memory limit, and goes on along the next axis where a slice is
 * larger.
 */
SWR_API swr_status swr_set_divisions(swr_writer *writer, int64_t divisions);
/** The region to write, inside the image region; NULL for the whole image. It is this region that is divided. The rest of an existing file stays as
 *  it is; the rest of a new file gets the fill value. */
SWR_API swr_status swr_set_paste_region(swr_writer *writer, const swr_region *region);
/** @deprecated Calls swr_set_paste_region(). */
SWR_API swr_status swr_set_io_region(swr_writer *writer, const swr_region *region);
/** The most memory for buffers, in bytes, at least 1 MiB (where pixels are compressed 2 MiB, or 1 MiB with slots of 65536 bytes); 256 MiB unless set.
 * The bytes of the file do not depend on it. Divisions that would need more than a limit set here
 * are refused with SWR_ERROR_MEMORY_LIMIT and the
 * number that would do. 0 takes the setting back. */
SWR_API swr_status swr_set_memory_limit(swr_writer *writer, int64_t bytes);
/** The threads that convert, compress and store; 0, unless set, for all cores. The bytes of the file do not depend on it. A compressed stream of
 * another program is inflated, and spliced, by one: each of its blocks may refer to the pixels of the one before. */
SWR_API swr_status swr_set_threads(swr_writer *writer, int32_t threads);
/** "none" or "deflate" with a level of 1 (fast) to 9 (small); NULL takes the setting back: by the suffix (.nii.gz is compressed), or as the
 *  existing file is. */
SWR_API swr_status swr_set_compression(swr_writer *writer, const char *name, int32_t level);
/** What happens to a file that is there already. */
SWR_API swr_status swr_set_existing(swr_writer *writer, swr_existing policy);
/** What happens when the source's component type is not the file's. */
SWR_API swr_status swr_set_conversion(swr_writer *writer, swr_conversion policy);
/** The value of pixels that no one delivers, in each component, as it is stored; 0 unless set. Setting it also lets swr_finish() accept a new image with holes.
 *  It must be one that the stored type can hold (SWR_ERROR_CONVERSION when writing). */
SWR_API swr_status swr_set_fill_value(swr_writer *writer, double value);
/** Whether changes in place keep an undo journal; 1 unless set. Without it a write that fails half-way leaves the file half changed, and uncompressed
 *  pixels can be pasted into in a folder that is closed to new files. */
SWR_API swr_status swr_set_rollback(swr_writer *writer, int32_t on);
/** Whether files and their folder are flushed to the disk (fsync) before the files get their names, and after; 0 unless set. With it a finished
 *  write, and the old file of an unfinished one, survive a power failure. */
SWR_API swr_status swr_set_sync(swr_writer *writer, int32_t on);
/**
 * An option by name; NULL takes it back. SWR_ERROR_ARGUMENT for a name or a value that is not
 * known.
 * - "detached.outside" = "allow" | "refuse" (unless set): whether a data file outside the header's folder may be changed.
 * - "deflate.slot" = raw bytes of a slot, 4096 to 4194304 (262144 unless set). Smaller ones make pastes and reads of small boxes cheaper and the file
 *   longer: those of 65536 bytes by 2 to 3 percent.
 * - "deflate.slack" = room that each slot keeps for change, 0 to 100 (3 unless set): so many percent of its compressed size, or half as many of
 *   its pixels' where that is more.
 * - "deflate.engine" = "auto" (unless set) | "zlib" | "libdeflate" | "isal": the encoder; SWR_ERROR_UNSUPPORTED if it was not built in.
 * - "strict" = "on" | "off" (unless set): what would be left out of the new header with a warning is refused with SWR_ERROR_UNSUPPORTED.
 * - "erase" = "on" | "off" (unless set): bytes that a change in place makes stale are overwritten, those of the undo journal too, and old pixels stay
 *   in no other file. What cannot be erased is refused with SWR_ERROR_UNSUPPORTED: a compressed file with further hard links, which may have to be
 *   replaced, and a file beside which an undo journal or a new file lies that swr may not remove (the message names it).
 * - "paste.sole" = "on" | "off" (unless set): no other write of the file may be under way meanwhile, so whole spans may be rewritten, which is faster.
 * - "lock" = "fail" (unless set) | "wait": what a write does while another one holds the files, from its first pull or swr_begin() to its end.
 *   Pastes into uncompressed pixels hold them together; every other change of an existing file holds them alone. "fail": SWR_ERROR_BUSY at once,
 *   with nothing touched. "wait": the call returns when the other write has ended and this one is done. A thread that has begun a write must not
 *   wait for it with another. Reading takes no lock.
 */
SWR_API swr_status swr_set_option(swr_writer *writer, const char *key, const char *value);
/** The source may be called from `threads` threads at a time, for different pieces, in any order; 1 unless set. The source promises to bear it. */
SWR_API swr_status swr_set_pull_threads(swr_writer *writer, int32_t threads);
/** A callback that is told the progress; NULL for none. `user` is given to it. */
SWR_API swr_status swr_set_progress(swr_writer *writer, swr_progress progress, void *user);
/** A callback that is told what happens; NULL for none. `user` is given to it. */
SWR_API swr_status swr_set_log(swr_writer *writer, swr_log log, void *user);
/**
 * The caller's memory for pieces instead of the library's: `count` buffers of `bytes_each` bytes,
 * at least swr_get_piece_bytes(). The list of pointers is copied; the buffers are borrowed until
 * they are replaced or the writer is destroyed. swr_piece_buffer() is then always one of them. Two
 * or more let the source make a piece while another is stored. A count of 0 takes them back.
 */
SWR_API swr_status swr_set_buffers(swr_writer *writer, void *const *buffers, int32_t count,
                                   int64_t bytes_each);
/** @} */

/** @name Ask first: nothing is pulled, and no file is touched
 * @{ */

/** The status, and the message, that swr_write() would give before its first pull. */
SWR_API swr_status swr_check(swr_writer *writer);
/** How the write would reach the disk, and about how many bytes it would read and write besides the pixels it is given. Each result may be NULL.
 *  What is said of a compressed file is the intention: whether the new pixels fit its stream is known when they are there. Where they do not,
 *  ::SWR_METHOD_SPLICE and ::SWR_METHOD_IN_PLACE become ::SWR_METHOD_REWRITE: that was planned, and checked, beforehand too. SWR_STATISTIC_METHOD tells what was done. */
SWR_API swr_status swr_get_method(swr_writer *writer, swr_method *method, int64_t *bytes_read,
                                  int64_t *bytes_written);
/** How many pieces the region would be written in if `requested` divisions were asked for. */
SWR_API swr_status swr_get_actual_divisions(swr_writer *writer, int64_t requested,
                                            int64_t *divisions);
/** Piece `number` of the region in `divisions` divisions. SWR_ERROR_ARGUMENT if there is no such piece. */
SWR_API swr_status swr_get_split_region(swr_writer *writer, int64_t number, int64_t divisions,
                                        swr_region *region);
/** The component type and the number of components in which the source is to deliver, as set or as the existing file has them. Each result may be
 *  NULL. swr_put() takes its data in the same type. */
SWR_API swr_status swr_get_pulled_type(swr_writer *writer, swr_component *component,
                                       int32_t *components);
/** The number of pieces of the write as it is set. */
SWR_API swr_status swr_get_piece_count(swr_writer *writer, int64_t *pieces);
/** The memory for buffers that the write as it is set would take, in bytes. */
SWR_API swr_status swr_get_memory_need(swr_writer *writer, int64_t *bytes);
/** The bytes of the largest piece, in the source's type. */
SWR_API swr_status swr_get_piece_bytes(swr_writer *writer, int64_t *bytes);
/** @} */

/** @name Do it
 * @{ */

/**
 * Writes: pulls every piece of the paste region, or of the image, and completes the file. Returns
 * SWR_OK when the file is complete and has its name; anything else leaves the old file byte for
 * byte as it was (with rollback off: except for a change in place that failed half-way), and no
 * litter. The writer can be used again, with other settings too. SWR_ERROR_STATE if called from
 * inside its own source.
 */
SWR_API swr_status swr_write(swr_writer *writer, swr_pull pull, void *user);

/** Begins a write whose pieces the application puts itself. Ends with swr_finish() or swr_abandon(); until then the settings cannot change. */
SWR_API swr_status swr_begin(swr_writer *writer);
/**
 * Stores a region of the paste region or image: `data` is packed, in the source's type, `bytes`
 * exactly what the region takes; it is copied or stored before the call returns. Regions may come
 * in any order and may overlap: the last one wins. After an error other than SWR_ERROR_ARGUMENT,
 * SWR_ERROR_REGION and SWR_ERROR_CONVERSION (nothing of the region is stored) the write can only be
 * abandoned.
 */
SWR_API swr_status swr_put(swr_writer *writer, const swr_region *region, const void *data,
                           int64_t bytes);
/** Completes the file. SWR_ERROR_INCOMPLETE, naming the first missing region, if a new image has holes and no fill value was set; the write then
 *  goes on. Any other error has abandoned it. */
SWR_API swr_status swr_finish(swr_writer *writer);
/** Ends the write and leaves everything as it was before swr_begin(). SWR_ERROR_IO if the disk does not let the old bytes be written back: the message
 *  names the undo journal that stays, and says what to do. SWR_ERROR_STATE in a child of fork(), where the write is its parent's. */
SWR_API swr_status swr_abandon(swr_writer *writer);

/**
 * Makes the file as it is described, at its full size, with the fill value in every pixel and no
 * source; with SWR_EXISTING_EXTEND makes an existing file larger. Processes can then paste regions
 * side by side, at the same time and without locks, where the format has SWR_CAN_CONCURRENT.
 * Regions that overlap, pasted at the same time, are not detected: either may win, byte by byte.
 */
SWR_API swr_status swr_allocate(swr_writer *writer);

/** One figure about the last write, finished or not. */
SWR_API swr_status swr_get_statistics(const swr_writer *writer, swr_statistic which,
                                      int64_t *value);
/** @} */

/** @name The piece, inside a pull
 * Valid only during the call of the source that it was given to.
 * @{ */

/** The region to deliver, in the image's index space. NULL for a NULL piece. */
SWR_API const swr_region *swr_piece_region(const swr_piece *piece);
/** The number of the piece, from 0. -1 for a NULL piece. */
SWR_API int64_t swr_piece_number(const swr_piece *piece);
/** How many pieces there are. -1 for a NULL piece. */
SWR_API int64_t swr_piece_count(const swr_piece *piece);
/** The bytes of the piece, packed, in the source's type. -1 for a NULL piece. */
SWR_API int64_t swr_piece_bytes(const swr_piece *piece);
/** The component type and the number of components in which the source is to deliver. Each result may be NULL. */
SWR_API swr_status swr_piece_get_type(const swr_piece *piece, swr_component *component,
                                      int32_t *components);
/**
 * The memory to fill: packed, exactly swr_piece_bytes(). Taken only if it is asked for. NULL if
 * there is no memory: return SWR_ERROR_MEMORY then. A source that returns SWR_OK without having
 * asked for the buffer or lent memory has delivered nothing, which is SWR_ERROR_SOURCE.
 */
SWR_API void *swr_piece_buffer(swr_piece *piece);
/**
 * Lends memory that holds region `held`, packed, in the source's type, instead of filling the
 * buffer. A region larger than asked for is cropped; later pieces inside it are not pulled again.
 * SWR_ERROR_SOURCE_REGION, and the write stops, if it does not cover the piece. The memory must
 * stay valid and unchanged until the next call of the source or the return of swr_write(). The last
 * of several calls counts.
 */
SWR_API swr_status swr_piece_lend(swr_piece *piece, const void *data, const swr_region *held);
/** The source's own words for why it fails; copied. Return anything but SWR_OK and SWR_CANCELLED after it. */
SWR_API void swr_piece_fail(swr_piece *piece, const char *why);
/** @} */

#ifdef __cplusplus
}
#endif
#endif

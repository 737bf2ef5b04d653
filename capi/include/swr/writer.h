/**
 * @file writer.h Writes an image piece by piece: a new image, a region of an existing one, or one
 * that grows.
 *
 * A write succeeds as a whole, or the old file stays byte for byte. New and replaced files are
 * written as unnamed files in the same folder (under staging names where the file system has no
 * unnamed files) and get their names at the end. Changes in place keep an undo journal next to the
 * file until they are complete.
 */
#ifndef SWR_WRITER_H
#define SWR_WRITER_H

#include "swr/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Creates a writer with default settings; NULL if there is no memory. */
SWR_API swr_writer *swr_writer_create(void);
/** Frees the writer and abandons an unfinished write. Does nothing for NULL. Never fails. */
SWR_API void swr_writer_destroy(swr_writer *writer);
/** Why the last call failed; "" if it did not. Never NULL; valid until the writer's next call. */
SWR_API const char *swr_writer_message(const swr_writer *writer);

/** @name What
 * @{ */

/**
 * The file to write. A relative path refers to the working directory at the beginning of the write;
 * later changes of the working directory have no effect.
 */
SWR_API swr_status swr_set_path(swr_writer *writer, const char *path);
/**
 * The format by name, such as "NRRD". NULL: the format of an existing file that is updated, else
 * the one of the path's suffix. SWR_ERROR_FORMAT for an unknown name.
 */
SWR_API swr_status swr_set_format(swr_writer *writer, const char *name);
/**
 * The start index and size of the image. All other regions use the same index space. Also sets the
 * number of dimensions. NULL: taken from the existing file that is updated. SWR_ERROR_REGION if a
 * size is below 1 or the number of pixels overflows.
 */
SWR_API swr_status swr_set_image_region(swr_writer *writer, const swr_region *region);
/**
 * How pixels are stored in the file. `components` is 1 for scalar, 3 for RGB, 4 for RGBA, 2 for
 * complex, else 1 to 65535.
 */
SWR_API swr_status swr_set_pixel_type(swr_writer *writer, swr_component component,
                                      int32_t components, swr_kind kind);
/**
 * The component type that the source delivers, if it differs from the stored type;
 * SWR_COMPONENT_UNKNOWN resets it to the stored type. Needs a conversion policy
 * (swr_set_conversion()); otherwise the write fails with SWR_ERROR_MISMATCH.
 */
SWR_API swr_status swr_set_source_type(swr_writer *writer, swr_component component);
/**
 * The number of components that the source delivers, if it differs from the stored number: 1 for 3
 * or 4 (grey to RGB or RGBA), 3 for 4 and 4 for 3 (RGB and RGBA). 0 resets it to the stored number.
 */
SWR_API swr_status swr_set_source_components(swr_writer *writer, int32_t components);
/**
 * The distance between pixels in mm, above 0, along each axis; default 1. `count` is the number of
 * dimensions.
 */
SWR_API swr_status swr_set_spacing(swr_writer *writer, const double *values, int32_t count);
/**
 * The position of the pixel with index zero, in mm, LPS; default 0. `count` is the number of
 * dimensions.
 */
SWR_API swr_status swr_set_origin(swr_writer *writer, const double *values, int32_t count);
/**
 * The direction matrix: row-major n x n, not singular; the columns are the directions of the axes;
 * default: the identity. `count` is n * n.
 */
SWR_API swr_status swr_set_direction(swr_writer *writer, const double *values, int32_t count);
/**
 * A metadata entry. Entries keep the order in which their keys were first set. A NULL value removes
 * the entry, even if it comes from the header that a new file starts from (swr_set_header_from()).
 * An entry that the file's format cannot hold is refused when the file is written.
 */
SWR_API swr_status swr_set_metadata(swr_writer *writer, const char *key, const char *value);
/**
 * The unit in which the file states an axis; the values that are set stay in mm or s. SWR_UNIT_NONE
 * unless set. A unit that the file cannot state is geometry that the format does not hold: see the
 * option "geometry". Millimetres need no words in a format that holds lengths.
 */
SWR_API swr_status swr_set_axis_unit(swr_writer *writer, int32_t axis, swr_unit unit);
/**
 * The file's rule from stored to real values, real = slope * stored + intercept; 1 and 0 unless
 * set. The slope is not 0.
 */
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
 * The file that a new file is modelled on. All that is not set comes from that file: region, pixel
 * type, geometry, units, value scale, metadata. If the format is the same, the new header starts
 * from that file's header, and every field that is still true is kept word for word. A setting that
 * differs from that file wins, and fields that depend on it change too. The log warns of what the
 * new file cannot hold. NULL: none, unless swr_write() pulls from a reader, whose file is then
 * used. An existing file that is updated keeps its own header.
 */
SWR_API swr_status swr_set_header_from(swr_writer *writer, const swr_reader *reader);
/**
 * The box of that file's image that the new image covers, in that file's index space; the whole
 * image unless set, or with NULL. An image of fewer axes needs it to keep its position in space and
 * time: the box has size 1 along the axes that the image lacks.
 */
SWR_API swr_status swr_set_header_region(swr_writer *writer, const swr_region *region);
/**
 * 0: a new file is modelled on no other file, even if swr_write() pulls from a reader; 1 unless
 * set.
 */
SWR_API swr_status swr_set_keep_header(swr_writer *writer, int32_t on);
/** @} */

/** @name How
 * @{ */

/**
 * The number of pieces to ask for; 0 and 1 mean one piece. The region is split along the slowest
 * axis whose size is above 1, as in ITK: ceil(size / n) for each piece, the rest for the last, so
 * there may be fewer pieces. A negative number resets this to the default: the library chooses
 * pieces of about 2 MiB within the memory limit, and also splits the next axis if a slice is
 * larger. In formats with chunks they end where chunks do, if they are then not more than twice as
 * large.
 */
SWR_API swr_status swr_set_divisions(swr_writer *writer, int64_t divisions);
/**
 * The region to write, inside the image region; NULL for the whole image. Divisions split this
 * region. The rest of an existing file does not change; the rest of a new file gets the fill value.
 */
SWR_API swr_status swr_set_paste_region(swr_writer *writer, const swr_region *region);
/** @deprecated Calls swr_set_paste_region(). */
SWR_API swr_status swr_set_io_region(swr_writer *writer, const swr_region *region);
/**
 * The memory limit for buffers, in bytes; default 256 MiB. At least 1 MiB (for compressed pixels
 * 2 MiB, or 1 MiB with slots of 65536 bytes). The bytes of the file do not depend on it, with two
 * exceptions: below 16 MiB (32 MiB with "pyramid.levels") a new Zarr image has smaller chunks,
 * unless "chunk.shape" is set; and the levels of a new TIFF file are stored after the image, not
 * among its tiles, where about a row of tiles would take more than a quarter of the limit, or seven
 * rows and 5 MiB more than the limit. Divisions that need more than a limit that was set are
 * refused with SWR_ERROR_MEMORY_LIMIT; the message says which number fits. Without one they are
 * made as asked for. 0 resets it to the default.
 */
SWR_API swr_status swr_set_memory_limit(swr_writer *writer, int64_t bytes);
/**
 * The number of threads that convert, compress and store; 0 (the default) for all cores. With two
 * or more, the thread that calls swr_write(), swr_put() or swr_finish() is one of them: it converts
 * and compresses while it would wait. The bytes of the file do not depend on the number. A
 * compressed stream of another program is inflated and spliced by one thread, because each of its
 * blocks may refer to the block before.
 */
SWR_API swr_status swr_set_threads(swr_writer *writer, int32_t threads);
/**
 * "none", or "deflate", "zstd", "lz4" or "blosc" with a level of 1 (fast) to 9 (small). Formats
 * whose compressed pixels are one stream have deflate alone; those that compress chunks have what
 * docs/formats.md lists, as far as the library was built with it. SWR_ERROR_UNSUPPORTED when
 * writing for another one; the message lists what there is. NULL resets it to the default: as the
 * existing file is, or by the suffix (.nii.gz is compressed), or as the format usually is.
 */
SWR_API swr_status swr_set_compression(swr_writer *writer, const char *name, int32_t level);
/** What happens to a file that exists already. */
SWR_API swr_status swr_set_existing(swr_writer *writer, swr_existing policy);
/** What happens when the source's component type differs from the file's. */
SWR_API swr_status swr_set_conversion(swr_writer *writer, swr_conversion policy);
/**
 * The value of pixels that are not delivered, in each component, as it is stored; 0 unless set.
 * Setting it also lets swr_finish() accept a new image with holes. It must be one that the stored
 * type can hold (SWR_ERROR_CONVERSION when writing).
 */
SWR_API swr_status swr_set_fill_value(swr_writer *writer, double value);
/**
 * Whether changes in place keep an undo journal; default 1. Without it, a write that fails half-way
 * leaves the file half changed; on the other hand, uncompressed pixels can be changed in a folder
 * in which no files can be created.
 */
SWR_API swr_status swr_set_rollback(swr_writer *writer, int32_t on);
/**
 * Whether files and their folder are flushed to the disk (fsync) before and after the files get
 * their names; default 0. With 1, a finished write survives a power failure, and so does the old
 * file of an unfinished write.
 */
SWR_API swr_status swr_set_sync(swr_writer *writer, int32_t on);
/**
 * Lets swr_write() of a new image go on where an earlier one was interrupted: by an error, by a
 * cancel, or by the end of its process. `token` is any text of 1 to 1000 bytes that says which
 * pixels the source delivers, such as the number of a job; the library copies it. NULL (unless
 * set): nothing is kept.
 *
 * The pieces that the source delivers are also written, as they come, to a file beside the image,
 * ".<name>.swr-resumefile", which needs as much space as they do and which only this user can read.
 * The next swr_write() with the same token and the same settings (image, format, compression,
 * pieces) takes these from there and pulls the others: SWR_STATISTIC_RESUMED counts them. With
 * another token, or another setting, it begins anew. The source must be able to deliver a piece
 * without those before it. The file disappears when the write is complete, and when a value did not
 * survive its conversion (SWR_ERROR_CONVERSION); nothing else removes it. After a power failure,
 * pieces that had not reached the disk are pulled again.
 *
 * When writing: SWR_ERROR_UNSUPPORTED for a change of an existing image, which is undone when it is
 * interrupted, and for swr_begin(), swr_append() and swr_allocate(). SWR_ERROR_BUSY if another
 * write keeps its pieces in the file. SWR_ERROR_EXISTS if a file of this name is there that others
 * could have written.
 */
SWR_API swr_status swr_set_resume(swr_writer *writer, const char *token);
/**
 * Sets an option by name; a NULL value resets it to the default. SWR_ERROR_ARGUMENT for an unknown
 * name or value.
 * - "detached.outside" = "allow" | "refuse" (unless set): whether a data file outside the header's
 *   folder may be changed.
 * - "deflate.slot" = raw bytes of a slot, 4096 to 4194304 (262144 unless set). Smaller slots make
 *   pastes and reads of small boxes cheaper and the file longer: slots of 65536 bytes by 2 to 4
 *   percent.
 * - "deflate.slack" = spare room of each slot for later changes, 0 to 100 percent (3 unless set) of
 *   its compressed size, or half of that percentage of its pixels' size, whichever is larger.
 * - "deflate.engine" = "auto" (unless set) | "zlib" | "libdeflate" | "isal": the encoder;
 *   SWR_ERROR_UNSUPPORTED if it was not built in.
 * - "chunk.shape" = the sizes of a chunk in pixels, axis 0 first, such as "64,64,32"; it is 1 along
 *   further axes. For formats that store chunks, and for new files alone: an existing file keeps
 *   its shape. SWR_ERROR_UNSUPPORTED for a shape that the format has not. Unless set, the format
 *   chooses it. Where the slices that complete a row of chunks take more than an eighth of the
 *   memory limit, their pixels wait in a file without a name beside the image. Other formats ignore
 *   it.
 * - "chunk.filter" = "auto" (unless set) | "none" | "shuffle" | "predictor": what is done to the
 *   pixels of a chunk before they are compressed. "shuffle": bytes of one significance together.
 *   "predictor": differences of neighbours, as TIFF has them. "auto": as the existing file, or as
 *   the format usually does. SWR_ERROR_UNSUPPORTED for one that the format has not. Formats without
 *   chunks ignore it.
 * - "pyramid.levels" = "none" (unless set) | "auto" | 1 to 30: how many smaller versions of the
 *   image a new file has, each with half as many pixels, rounded up, along x and y in TIFF, along
 *   all axes of space in Zarr. "auto": until these have 256 pixels at most. They are made while the
 *   pixels go by. An existing image keeps its own, which change and grow with it.
 *   SWR_ERROR_UNSUPPORTED if the format cannot hold them.
 * - "pyramid.method" = "mean" (unless set) | "nearest": how the pixels of the smaller versions are
 *   made. "mean": of integers it is exact, and halves are rounded to the even number. "nearest":
 *   one of the pixels, for labels.
 * - "hdf5.dataset" = the path of the image's dataset in an HDF5 file, such as "/entry/data". Unless
 *   set, a new file has ITK's layout, and in a file that exists it is the dataset that
 *   swr_reader_set_option() describes.
 * - "zarr.version" = "2" | "3": of Zarr, for new images. Version 2 has the metadata of OME-NGFF
 *   0.4, version 3 those of 0.5. Unless set, it is 2, or 3 if "zarr.shard" asks for shards. Other
 *   formats ignore it.
 * - "zarr.shard" = the sizes of a shard in pixels, axis 0 first, such as "256,256,128", or "auto"
 *   for at most 32 MiB of pixels, or "none" (unless set): of Zarr, for new images, which are of
 *   version 3. A file then holds the chunks of a shard, so that there are fewer files. The sizes
 *   are multiples of those of a chunk, or SWR_ERROR_UNSUPPORTED; along further axes a shard is as
 *   long as a chunk. Other formats ignore it.
 * - "split.align" = "chunks" | "none" (unless set): with "chunks", the pieces of
 *   swr_get_split_region() and swr_set_divisions() begin and end where chunks do, or shards of
 *   Zarr, so that processes that write one piece each need no file of another one; there can be
 *   fewer pieces than were asked for. Formats without chunks ignore it.
 * - "strict" = "on" | "off" (unless set): the write fails with SWR_ERROR_UNSUPPORTED where it would
 *   otherwise leave something out of the new header with a warning.
 * - "append.every_frames" = 1 to 1000000000: a checkpoint of swr_append() begins when so many
 *   frames wait; unless set, as many as fit into a quarter of the memory limit, or, if they are
 *   compressed, a sixteenth.
 * - "append.every_seconds" = 0.001 to 86400 (1 unless set): the longest time that a frame of
 *   swr_append() waits for its checkpoint to begin.
 * - "metadata" = "keep" (unless set) | "drop": with "drop", a new file that is modelled on another
 *   (swr_set_header_from()) takes only its pixel type, geometry, units and value scale, and nothing
 *   else of its header.
 * - "geometry" = "exact" (unless set) | "drop": what is done with spacing, origin, direction, start
 *   index and units that the format does not hold (the SWR_HOLDS_ flags of
 *   swr_format_capabilities()). "exact": SWR_ERROR_UNSUPPORTED; the message names them. "drop": the
 *   image is written without them, with a warning that names them. An update of such a file leaves
 *   them out of the comparison with it, and takes the start index from the writer. In both cases
 *   units that come from another file, and not from swr_set_axis_unit(), are left out with a
 *   warning.
 * - "erase" = "on" | "off" (unless set): stale bytes of a change in place, including those of the
 *   undo journal, are overwritten, and old pixels stay in no other file. What cannot be erased is
 *   refused with SWR_ERROR_UNSUPPORTED: a compressed file with further hard links, which may have
 *   to be replaced, and a file next to which there is an undo journal or a new file that swr may
 *   not remove (the message names it).
 * - "paste.sole" = "on" | "off" (unless set): no other write of the file may run at the same time.
 *   The writer may then rewrite whole spans, which is faster.
 * - "lock" = "fail" (unless set) | "wait": what a write does if another write holds the lock of the
 *   files. A write holds it from its first pull or swr_begin() to its end. Pastes into uncompressed
 *   pixels share the lock; every other change of an existing file holds it exclusively. "fail":
 *   SWR_ERROR_BUSY at once, and nothing is changed. "wait": the call waits for the other write. A
 *   thread that has begun a write must not wait for it with another writer. Readers never wait.
 *   swr_set_cancel() ends a wait.
 *   With UPDATE or EXTEND, if the file was absent and another write has made it by the end of this
 *   one: "fail": SWR_ERROR_EXISTS, and it is unchanged. "wait": the pixels that this write has got
 *   go into that file, as if it had been there from the beginning; the source is not asked again.
 *   With "wait" the frames of swr_append() go after those that others have added by its checkpoint.
 */
SWR_API swr_status swr_set_option(swr_writer *writer, const char *key, const char *value);
/**
 * The number of threads that call the source at the same time, for different pieces, in any order;
 * default 1. The source must be thread-safe. Each of them also converts and stores the pieces that
 * it has pulled, except where a stream needs them in order.
 */
SWR_API swr_status swr_set_pull_threads(swr_writer *writer, int32_t threads);
/** A callback for progress, called with `user`; NULL for none. */
SWR_API swr_status swr_set_progress(swr_writer *writer, swr_progress progress, void *user);
/**
 * A callback that can cancel calls that wait, called with `user`; NULL for none. A write that is
 * cancelled before it ends changes nothing. Appending goes on after it: swr_append() has not taken
 * the frame; the frames of swr_flush() and swr_finish() wait as before, and a checkpoint that has
 * begun goes on.
 */
SWR_API swr_status swr_set_cancel(swr_writer *writer, swr_cancel cancel, void *user);
/** A callback for log messages, called with `user`; NULL for none. */
SWR_API swr_status swr_set_log(swr_writer *writer, swr_log log, void *user);
/**
 * Memory of the caller for pieces, instead of the library's: `count` buffers of `bytes_each` bytes,
 * at least swr_get_piece_bytes(). The list of pointers is copied; the buffers are borrowed until
 * they are replaced or the writer is destroyed. swr_piece_buffer() then always returns one of them.
 * With two or more, the source can fill a piece while another is stored. A count of 0 resets this
 * to the library's memory.
 */
SWR_API swr_status swr_set_buffers(swr_writer *writer, void *const *buffers, int32_t count,
                                   int64_t bytes_each);
/** @} */

/** @name Queries before a write: nothing is pulled, and no file changes
 * @{ */

/** Returns the status, and sets the message, that swr_write() would give before its first pull. */
SWR_API swr_status swr_check(swr_writer *writer);
/**
 * How the write would reach the disk, and about how many bytes it would read and write besides the
 * given pixels. Each result may be NULL. For a compressed file the method is an intention: only the
 * write finds out whether the new pixels fit its stream. If they do not, ::SWR_METHOD_SPLICE and
 * ::SWR_METHOD_IN_PLACE become ::SWR_METHOD_REWRITE, which is planned and checked beforehand too.
 * SWR_STATISTIC_METHOD is the method that was used.
 */
SWR_API swr_status swr_get_method(swr_writer *writer, swr_method *method, int64_t *bytes_read,
                                  int64_t *bytes_written);
/** The number of pieces that `requested` divisions would give. */
SWR_API swr_status swr_get_actual_divisions(swr_writer *writer, int64_t requested,
                                            int64_t *divisions);
/** The region of piece `number` of `divisions`. SWR_ERROR_ARGUMENT if there is no such piece. */
SWR_API swr_status swr_get_split_region(swr_writer *writer, int64_t number, int64_t divisions,
                                        swr_region *region);
/**
 * The component type and the number of components that the source must deliver, as set or as the
 * existing file has them. Each result may be NULL. swr_put() takes its data in the same type.
 */
SWR_API swr_status swr_get_pulled_type(swr_writer *writer, swr_component *component,
                                       int32_t *components);
/** The number of pieces of the write with the current settings. */
SWR_API swr_status swr_get_piece_count(swr_writer *writer, int64_t *pieces);
/** The memory for buffers that the write would take with the current settings, in bytes. */
SWR_API swr_status swr_get_memory_need(swr_writer *writer, int64_t *bytes);
/** The size of the largest piece in the source's type, in bytes. */
SWR_API swr_status swr_get_piece_bytes(swr_writer *writer, int64_t *bytes);
/** @} */

/** @name Writing
 * @{ */

/**
 * Writes: pulls every piece of the paste region, or of the image, and completes the file. Returns
 * SWR_OK when the file is complete and has its name. Any other status leaves the old file byte for
 * byte as it was, and no temporary files. (With rollback off, a change in place that fails half-way
 * stays.) The writer can be used again, also with other settings. SWR_ERROR_STATE if called from
 * inside its own source.
 */
SWR_API swr_status swr_write(swr_writer *writer, swr_pull pull, void *user);

/**
 * Begins a write whose pieces the application puts. It ends with swr_finish() or swr_abandon();
 * until then the settings cannot change.
 */
SWR_API swr_status swr_begin(swr_writer *writer);
/**
 * Stores a region of the paste region or image. `data` is packed, in the source's type; `bytes` is
 * exactly the size of the region's pixels. The data is copied or stored before the call returns.
 * Regions may come in any order and may overlap: the last one wins. After SWR_ERROR_ARGUMENT,
 * SWR_ERROR_REGION and SWR_ERROR_CONVERSION nothing of the region is stored; after any other error
 * the write can only be abandoned.
 */
SWR_API swr_status swr_put(swr_writer *writer, const swr_region *region, const void *data,
                           int64_t bytes);
/**
 * As swr_put(), but stores only the pixels that a mask selects; no other pixel changes, and their
 * values may be any. `mask` has one byte for each pixel of the region, packed, axis 0 fastest:
 * pixels whose byte is 0 are left out. `mask_bytes` is the number of pixels. The mask is read
 * before the call returns. Between selected pixels of an uncompressed file another write may change
 * others: each stretch of them is written by a call of its own, which takes about a second for each
 * million. With the option "paste.sole", whole stretches of the file are read and written.
 */
SWR_API swr_status swr_put_masked(swr_writer *writer, const swr_region *region, const void *data,
                                  int64_t bytes, const void *mask, int64_t mask_bytes);
/**
 * Completes the file. SWR_ERROR_INCOMPLETE if a new image has holes and no fill value was set: the
 * message names the first missing region, and the write goes on. Any other error abandons the
 * write, unless frames were appended: these wait as before, and swr_finish() tries again.
 */
SWR_API swr_status swr_finish(swr_writer *writer);
/**
 * Ends the write and leaves every file as it was before swr_begin(), or as the last checkpoint of
 * swr_append() left it. SWR_ERROR_IO if the old bytes
 * cannot be written back: the message names the undo journal that stays, and says what to do.
 * SWR_ERROR_STATE in a child of fork(), because the write belongs to its parent.
 */
SWR_API swr_status swr_abandon(swr_writer *writer);

/**
 * Creates the file at its full size, without a source, with the fill value in every pixel; with
 * SWR_EXISTING_EXTEND makes an existing file larger. If the format has SWR_CAN_CONCURRENT, several
 * processes can then paste regions at the same time. Overlapping regions that are pasted at the
 * same time are not detected: for each byte, either may win.
 */
SWR_API swr_status swr_allocate(swr_writer *writer);

/**
 * Appends frames to an image whose slowest axis is open-ended. A frame has size 1 along that axis;
 * `data` holds one or more of them, packed, in the source's type, and is copied. The first call
 * begins the write: as swr_set_existing() says, the file is replaced at the first checkpoint, or,
 * with SWR_EXISTING_EXTEND, frames go after those that it has. The image region gives the size of a
 * frame, and its slowest size is ignored; an existing file that is extended needs no settings but
 * its path.
 *
 * Frames become durable at checkpoints, which a thread of the library makes: after the frames or
 * the seconds of the options "append.every_frames" and "append.every_seconds", at swr_flush(), and
 * when the frames that wait take a quarter of the memory limit, or a sixteenth if they are
 * compressed. At each checkpoint the file has its name, is complete, and holds all frames so far;
 * nothing that happens later takes them away, be it a kill, swr_abandon() or a full disk (a power
 * failure: with swr_set_sync()). The call returns when the frames are in memory. It waits only
 * while frames take half of the memory limit, until checkpoints have made room.
 *
 * swr_finish() makes the last checkpoint and ends the write. swr_abandon() ends it with what the
 * last checkpoint holds.
 *
 * A checkpoint that fails leaves the file as the one before left it, and its frames stay in memory.
 * The next call returns the error, whose message says how many frames are in the file; the call
 * after that tries again. A call that does not return SWR_OK has taken no frame. SWR_ERROR_MISMATCH
 * if the file was changed in size by another program; SWR_ERROR_EXISTS if another program made it
 * since the first call. If the option "lock" is "wait", these are errors only where frames cannot
 * go after those of the other program. SWR_CANCELLED: see swr_set_cancel(). SWR_ERROR_UNSUPPORTED
 * at the first call if the format cannot grow, or if rollback is off. SWR_ERROR_ARGUMENT if `bytes`
 * is no whole number of frames, or more than half of the memory limit. SWR_ERROR_MEMORY_LIMIT if a
 * frame is larger than that, or if that is too little for a checkpoint: appending takes twice the
 * memory of another write. Progress is not reported; see SWR_STATISTIC_FRAMES_KEPT.
 */
SWR_API swr_status swr_append(swr_writer *writer, const void *data, int64_t bytes);
/**
 * Makes a checkpoint: when it returns SWR_OK, all frames of swr_append() are in the file. After
 * another status they wait as before, and swr_flush(), swr_append() or swr_finish() tries again.
 * SWR_ERROR_STATE if no frames are being appended.
 */
SWR_API swr_status swr_flush(swr_writer *writer);

/** A figure of the last write, finished or not. */
SWR_API swr_status swr_get_statistics(const swr_writer *writer, swr_statistic which,
                                      int64_t *value);
/** @} */

/** @name Pieces
 * A piece is valid only during the call of the source that it was passed to.
 * @{ */

/** The region to deliver, in the image's index space. NULL for a NULL piece. */
SWR_API const swr_region *swr_piece_region(const swr_piece *piece);
/** The number of the piece, from 0. -1 for a NULL piece. */
SWR_API int64_t swr_piece_number(const swr_piece *piece);
/** The number of pieces. -1 for a NULL piece. */
SWR_API int64_t swr_piece_count(const swr_piece *piece);
/** The size of the piece, packed, in the source's type, in bytes. -1 for a NULL piece. */
SWR_API int64_t swr_piece_bytes(const swr_piece *piece);
/**
 * The component type and the number of components that the source must deliver. Each result may be
 * NULL.
 */
SWR_API swr_status swr_piece_get_type(const swr_piece *piece, swr_component *component,
                                      int32_t *components);
/**
 * The memory to fill: packed, exactly swr_piece_bytes(). It is allocated by this call. NULL if
 * there is no memory: the source then returns SWR_ERROR_MEMORY. If a source returns SWR_OK without
 * asking for the buffer or lending memory, the write fails with SWR_ERROR_SOURCE.
 */
SWR_API void *swr_piece_buffer(swr_piece *piece);
/**
 * Lends memory that holds region `held`, packed, in the source's type, instead of filling the
 * buffer. A larger region than asked for is cropped, and later pieces inside it are not pulled. If
 * it does not cover the piece, the write stops with SWR_ERROR_SOURCE_REGION. The memory must stay
 * valid and unchanged until the next call of the source or the return of swr_write(). If it is
 * called several times, the last call counts.
 */
SWR_API swr_status swr_piece_lend(swr_piece *piece, const void *data, const swr_region *held);
/**
 * Sets the message of a source that fails; copied. The source must then return a value other than
 * SWR_OK and SWR_CANCELLED.
 */
SWR_API void swr_piece_fail(swr_piece *piece, const char *why);
/** @} */

#ifdef __cplusplus
}
#endif
#endif

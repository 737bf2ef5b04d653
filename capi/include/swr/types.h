/**
 * @file types.h The vocabulary of swr: statuses, pixel types, policies, regions.
 *
 * @section rules Rules for every call
 *
 * - Strings are UTF-8, zero-terminated, and copied. Sizes, indices and strides are `int64_t`. Lists
 *   come with their length. No struct is passed by value.
 * - Axis 0 varies fastest; the components of a pixel are adjacent; memory is in the machine's byte
 *   order. Geometry is physical space in millimetres, LPS (x to the left, y to the posterior, z to
 *   the superior), as in ITK. A direction is an n x n matrix in row-major order; its columns are
 *   the directions of the axes.
 * - Regions are in the image's own index space, that of swr_set_image_region(), whose index need
 *   not be zero. The file's first pixel has that index. The origin is the position of the pixel
 *   with index zero, whether the image has such a pixel or not; files hold the position of their
 *   first pixel, and the library converts between the two.
 * - Use a handle from one thread at a time; different handles are independent. The library never
 *   prints, exits, installs handlers or keeps global state.
 * - Every call that can fail returns an ::swr_status; the handle's message says why, in a sentence
 *   with the file, the region and the system's reason. A message is never NULL, never empty after a
 *   call that failed, and stays valid until the next call with its handle.
 * - A call of a writer from inside its own source or callbacks, or from another thread while a call
 *   is running, returns SWR_ERROR_STATE and changes nothing. Calls of a reader wait for each other.
 * - A call that does not return SWR_OK has changed nothing on disk, unless its comment says
 *   otherwise.
 * - Destroying NULL does nothing. Destroying never fails and never commits: an unfinished write is
 *   abandoned.
 * - A NULL handle or a NULL result pointer gives SWR_ERROR_ARGUMENT.
 */
#ifndef SWR_TYPES_H
#define SWR_TYPES_H

#include <stdint.h>

/* On Windows a program that links the static library defines SWR_STATIC. */
#if defined(_WIN32) && defined(SWR_BUILDING)
#define SWR_API __declspec(dllexport)
#elif defined(_WIN32) && !defined(SWR_STATIC)
#define SWR_API __declspec(dllimport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define SWR_API __attribute__((visibility("default")))
#else
#define SWR_API
#endif

/**
 * In C++ the enums hold every 32-bit number. An invalid value from a C program is then an argument
 * that the library refuses, not undefined behaviour.
 */
#ifdef __cplusplus
#define SWR_ENUM_BASE : int32_t
#else
#define SWR_ENUM_BASE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The most dimensions a region can have. */
#define SWR_MAX_DIMENSIONS 16

/**
 * One row per status: number, name, sentence. The numbers never change; new rows are appended.
 */
#define SWR_STATUS_MAP(XX)                                                              \
  XX(0, OK, "done")                                                                     \
  XX(1, CANCELLED, "cancelled by the application")                                      \
  XX(2, ERROR_ARGUMENT, "an argument is not valid")                                     \
  XX(3, ERROR_STATE, "the call is not allowed now")                                     \
  XX(4, ERROR_MEMORY, "the system has no memory left")                                  \
  XX(5, ERROR_MEMORY_LIMIT, "more memory would be needed than the limit allows")        \
  XX(6, ERROR_IO, "the system refused to read or write")                                \
  XX(7, ERROR_NOT_FOUND, "there is no such file")                                       \
  XX(8, ERROR_EXISTS, "the file exists")                                                \
  XX(9, ERROR_FORMAT, "the format is unknown")                                          \
  XX(10, ERROR_CORRUPT, "the file is damaged or contradicts itself")                    \
  XX(11, ERROR_UNSUPPORTED, "the format cannot hold or do this")                        \
  XX(12, ERROR_MISMATCH, "the file and the writer differ")                              \
  XX(13, ERROR_REGION, "the region is empty or not inside the image")                   \
  XX(14, ERROR_SOURCE, "the source failed")                                             \
  XX(15, ERROR_SOURCE_REGION, "the source delivered another region than was asked for") \
  XX(16, ERROR_INCOMPLETE, "not all regions of a new image were put")                   \
  XX(17, ERROR_CONVERSION, "a value does not survive the conversion")                   \
  XX(18, ERROR_INTERNAL, "an error inside the library; please report it")               \
  XX(19, ERROR_BUSY, "another process or handle is changing the file")

/** The result of a call. */
typedef enum swr_status SWR_ENUM_BASE {
#define SWR_STATUS_ROW(number, name, sentence) SWR_##name = number,
  SWR_STATUS_MAP(SWR_STATUS_ROW)
#undef SWR_STATUS_ROW
      SWR_STATUS_FORCE_INT32 = 0x7fffffff /**< Not a status: keeps the type at 32 bits. */
} swr_status;

/** The name of a status without its prefix, such as "ERROR_IO"; "UNKNOWN" for an invalid number. */
SWR_API const char *swr_status_name(swr_status status);
/** What a status means, in a sentence without a full stop. */
SWR_API const char *swr_status_text(swr_status status);
/** The library's version, "major.minor.patch". */
SWR_API const char *swr_version(void);

/** The type of one component of a pixel. */
typedef enum swr_component SWR_ENUM_BASE {
  SWR_COMPONENT_UNKNOWN = 0,             /**< Not set. */
  SWR_UINT8 = 1,                         /**< 8 bits, unsigned. */
  SWR_INT8 = 2,                          /**< 8 bits, two's complement. */
  SWR_UINT16 = 3,                        /**< 16 bits, unsigned. */
  SWR_INT16 = 4,                         /**< 16 bits, two's complement. */
  SWR_UINT32 = 5,                        /**< 32 bits, unsigned. */
  SWR_INT32 = 6,                         /**< 32 bits, two's complement. */
  SWR_UINT64 = 7,                        /**< 64 bits, unsigned. */
  SWR_INT64 = 8,                         /**< 64 bits, two's complement. */
  SWR_FLOAT32 = 9,                       /**< IEEE 754 binary32. */
  SWR_FLOAT64 = 10,                      /**< IEEE 754 binary64. */
  SWR_COMPONENT_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_component;

/** Bytes of one component: 1, 2, 4 or 8; 0 for an invalid type. */
SWR_API int32_t swr_component_bytes(swr_component component);
/** Such as "uint16" or "float32"; "unknown" for an invalid type. */
SWR_API const char *swr_component_name(swr_component component);
/** The type with this name (see swr_component_name()); SWR_COMPONENT_UNKNOWN if there is none. */
SWR_API swr_component swr_component_from_name(const char *name);

/** What the components of a pixel mean. */
typedef enum swr_kind SWR_ENUM_BASE {
  SWR_KIND_SCALAR = 0,              /**< One component. */
  SWR_KIND_VECTOR = 1,              /**< Any number of components, without further meaning. */
  SWR_KIND_RGB = 2,                 /**< Three: red, green, blue. */
  SWR_KIND_RGBA = 3,                /**< Four: red, green, blue, alpha. */
  SWR_KIND_COMPLEX = 4,             /**< Two: real, imaginary. */
  SWR_KIND_COVARIANT_VECTOR = 5,    /**< A gradient or a normal. */
  SWR_KIND_SYMMETRIC_TENSOR = 6,    /**< n(n+1)/2: the upper triangle, row by row. */
  SWR_KIND_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_kind;

/** Such as "scalar" or "rgb"; "unknown" for an invalid kind. */
SWR_API const char *swr_kind_name(swr_kind kind);

/**
 * The unit in which a file states an axis. Numbers here are in mm, s, Hz, ppm and rad/s, except
 * those of an axis in Angstrom: they are Angstrom, as in the file.
 */
typedef enum swr_unit SWR_ENUM_BASE {
  SWR_UNIT_NONE = 0,                /**< The file states none. Lengths count as millimetres. */
  SWR_UNIT_METRE = 1,               /**< 1000 mm. */
  SWR_UNIT_CENTIMETRE = 2,          /**< 10 mm. */
  SWR_UNIT_MILLIMETRE = 3,          /**< 1 mm. */
  SWR_UNIT_MICROMETRE = 4,          /**< 0.001 mm. */
  SWR_UNIT_NANOMETRE = 5,           /**< 0.000001 mm. */
  SWR_UNIT_INCH = 6,                /**< 25.4 mm. */
  SWR_UNIT_SECOND = 7,              /**< 1 s. */
  SWR_UNIT_MILLISECOND = 8,         /**< 0.001 s. */
  SWR_UNIT_MICROSECOND = 9,         /**< 0.000001 s. */
  SWR_UNIT_HERTZ = 10,              /**< 1 Hz. */
  SWR_UNIT_PPM = 11,                /**< One part per million: a chemical shift. */
  SWR_UNIT_RADIANS_PER_SECOND = 12, /**< 1 rad/s. */
  SWR_UNIT_ANGSTROM = 13,           /**< 1e-7 mm, not converted: MRC's, as in ITK. */
  SWR_UNIT_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_unit;

/** Such as "um", "s" or "rad/s"; "" for SWR_UNIT_NONE and for an invalid unit. */
SWR_API const char *swr_unit_name(swr_unit unit);
/** The unit of a name in any usual spelling: "um", "microns", "inch"; SWR_UNIT_NONE for others. */
SWR_API swr_unit swr_unit_from_name(const char *name);

/** What happens to a file that exists already. */
typedef enum swr_existing SWR_ENUM_BASE {
  SWR_EXISTING_DEFAULT = 0, /**< REPLACE without a paste region, UPDATE with one. */
  SWR_EXISTING_REPLACE = 1, /**< Replaced as a whole, atomically, at the end. */
  SWR_EXISTING_FAIL = 2,    /**< SWR_ERROR_EXISTS. */
  SWR_EXISTING_UPDATE =
      3, /**< The region changes and nothing else; the file must match. Created if absent. */
  SWR_EXISTING_EXTEND =
      4, /**< As UPDATE, but a file that differs only in size grows to hold the image region too. */
  SWR_EXISTING_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_existing;

/** What happens when the source's component type differs from the file's. */
typedef enum swr_conversion SWR_ENUM_BASE {
  SWR_CONVERSION_NONE = 0,  /**< SWR_ERROR_MISMATCH. */
  SWR_CONVERSION_EXACT = 1, /**< Converted; a value that would change gives SWR_ERROR_CONVERSION. */
  SWR_CONVERSION_CLAMP = 2, /**< Converted; rounded half to even, saturated, NaN to 0. */
  SWR_CONVERSION_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_conversion;

/** How a write reaches the disk; see swr_get_method(). */
typedef enum swr_method SWR_ENUM_BASE {
  SWR_METHOD_CREATE = 0,   /**< New files, which are renamed into place at the end. */
  SWR_METHOD_IN_PLACE = 1, /**< Bytes of the existing file change, under an undo journal. */
  SWR_METHOD_REWRITE = 2,  /**< The existing file is read and written again, as by CREATE. */
  SWR_METHOD_SPLICE =
      3, /**< Deflate blocks of a foreign stream change in place if they fit; else REWRITE. */
  SWR_METHOD_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_method;

/**
 * What a format can do, and what its files hold besides pixels; flags of swr_format_capabilities().
 */
typedef enum swr_capability SWR_ENUM_BASE {
  SWR_CAN_READ = 1,               /**< Regions can be read. */
  SWR_CAN_STREAM = 2,             /**< A new file can be written piece by piece. */
  SWR_CAN_PASTE = 4,              /**< A region of an existing file can be changed. */
  SWR_CAN_EXTEND = 8,             /**< An existing file can grow. */
  SWR_CAN_COMPRESS = 16,          /**< Pixels can be compressed. */
  SWR_CAN_STREAM_COMPRESSED = 32, /**< A new compressed file can be written piece by piece. */
  SWR_CAN_PASTE_COMPRESSED = 64,  /**< A region of a compressed file can be changed. */
  SWR_CAN_CONCURRENT = 128,       /**< Processes may paste disjoint regions at one time. */
  SWR_HOLDS_START_INDEX = 256,    /**< Files hold an image's start index. */
  SWR_HOLDS_SPACING = 512,        /**< Files hold its spacing. */
  SWR_HOLDS_ORIGIN = 1024,        /**< Files hold its origin. */
  SWR_HOLDS_DIRECTION = 2048,     /**< Files hold its direction. */
  SWR_HOLDS_UNITS = 4096,         /**< Files hold units of its axes, if not all of them. */
  SWR_HOLDS_VALUE_SCALE = 8192,   /**< Files hold its value scale. */
  SWR_HOLDS_METADATA = 16384,     /**< Files hold metadata. */
  SWR_CAPABILITY_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_capability;

/**
 * A box of pixels: the index of its first pixel and its size, in pixels, for each of `dimensions`
 * axes. Entries after `dimensions` are ignored. Regions are passed by pointer and copied.
 */
typedef struct swr_region {
  int32_t dimensions;                /**< 1 to SWR_MAX_DIMENSIONS. */
  int32_t reserved;                  /**< Zero; anything else is SWR_ERROR_ARGUMENT. */
  int64_t index[SWR_MAX_DIMENSIONS]; /**< The first pixel. */
  int64_t size[SWR_MAX_DIMENSIONS];  /**< Pixels; at least 1 in a region that is passed in. */
} swr_region;

/** Writes image files, one at a time. */
typedef struct swr_writer swr_writer;
/** Reads image files, one at a time. */
typedef struct swr_reader swr_reader;
/** A piece of the image that a writer asks its source for. Valid during that call of the source. */
typedef struct swr_piece swr_piece;

/** A figure of the last write; see swr_get_statistics(). */
typedef enum swr_statistic SWR_ENUM_BASE {
  SWR_STATISTIC_PULLS = 0,     /**< How often the source was called. */
  SWR_STATISTIC_PIECES = 1,    /**< Pieces stored. */
  SWR_STATISTIC_BYTES_IN = 2,  /**< Bytes of pixels from the source. */
  SWR_STATISTIC_BYTES_OUT = 3, /**< Bytes written to files, undo journal and staging included. */
  SWR_STATISTIC_PULL_NANOSECONDS = 4,     /**< Time inside the source. */
  SWR_STATISTIC_CONVERT_NANOSECONDS = 5,  /**< Time converting, over all threads. */
  SWR_STATISTIC_COMPRESS_NANOSECONDS = 6, /**< Time compressing, over all threads. */
  SWR_STATISTIC_STORE_NANOSECONDS = 7,    /**< Time reading and writing files. */
  SWR_STATISTIC_PEAK_BUFFER_BYTES = 8,    /**< The largest memory for buffers at any time. */
  SWR_STATISTIC_LENT = 9,                 /**< Pieces that came in lent memory. */
  SWR_STATISTIC_LENT_CROPPED = 10,        /**< Pieces cropped out of lent memory that held more. */
  SWR_STATISTIC_LENT_AGAIN =
      11, /**< Pieces served from memory lent for an earlier one, without a pull. */
  SWR_STATISTIC_LENT_DIRECT = 12, /**< Pieces stored from lent memory without a copy. */
  SWR_STATISTIC_UNTOUCHED =
      13, /**< Pieces for which the source did not ask for the buffer or lend memory. */
  SWR_STATISTIC_METHOD = 14,             /**< The ::swr_method that was used in the end. */
  SWR_STATISTIC_SLOTS_REWRITTEN = 15,    /**< Slots of a compressed file that were re-encoded. */
  SWR_STATISTIC_SLOTS_MOVED = 16,        /**< Slots that were moved to make room. */
  SWR_STATISTIC_BLOCKS_SPLICED = 17,     /**< Groups of deflate blocks that were replaced. */
  SWR_STATISTIC_FRAMES_KEPT = 18,        /**< Frames of swr_append() that are in the file. */
  SWR_STATISTIC_CHECKPOINTS = 19,        /**< How often swr_append()'s file was made longer. */
  SWR_STATISTIC_RESUMED = 20,            /**< Pieces that an interrupted write had kept. */
  SWR_STATISTIC_COUNT = 21,              /**< The number of figures. */
  SWR_STATISTIC_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_statistic;

/** The severity of a log message. */
typedef enum swr_log_level SWR_ENUM_BASE {
  SWR_LOG_INFO = 1,                /**< Information for a user. */
  SWR_LOG_WARNING = 2,             /**< Something unexpected that the library handled. */
  SWR_LOG_FORCE_INT32 = 0x7fffffff /**< Keeps the type at 32 bits. */
} swr_log_level;

/**
 * The source of pixels, called once per piece. It fills the piece's buffer or lends memory of its
 * own, and returns SWR_OK. SWR_CANCELLED cancels the write; any other value stops it with
 * SWR_ERROR_SOURCE and the text of swr_piece_fail(). The source is called on the thread that called
 * swr_write(), for one piece at a time, in file order, unless swr_set_pull_threads() says
 * otherwise. It is never called after swr_write() returned.
 */
typedef int32_t (*swr_pull)(swr_piece *piece, void *user);

/**
 * Called after each piece with the number of pieces and bytes of pixels that are done, and the
 * totals. A result other than 0 cancels the write. Called on the thread that called swr_write() or
 * swr_put(), and never twice at a time, even with several pull threads.
 */
typedef int32_t (*swr_progress)(int64_t pieces_done, int64_t pieces, int64_t bytes_done,
                                int64_t bytes, void *user);

/**
 * Asks whether to cancel the call that is running: a result other than 0 does, and the call returns
 * SWR_CANCELLED. Called on the thread that made the call, about every 20 ms while it waits (for
 * another write that holds the lock, for memory that appended frames need, for a checkpoint), and
 * after each piece of swr_write().
 */
typedef int32_t (*swr_cancel)(void *user);

/**
 * Receives log messages. Called on the thread that called the library. The message is valid during
 * the call.
 */
typedef void (*swr_log)(swr_log_level level, const char *message, void *user);

#ifdef __cplusplus
}
#endif
#endif

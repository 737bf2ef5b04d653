/**
 * @file formats.h
 * The supported file formats and what each can do.
 */
#ifndef SWR_FORMATS_H
#define SWR_FORMATS_H

#include "swr/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The number of formats. */
SWR_API int32_t swr_format_count(void);
/** The name of format `number`, such as "MetaImage"; NULL outside 0 .. swr_format_count() - 1. */
SWR_API const char *swr_format_name(int32_t number);
/**
 * The suffixes of a format's files, separated by spaces, the most usual first: ".mha .mhd"; NULL
 * for an unknown format.
 */
SWR_API const char *swr_format_suffixes(const char *name);
/** What a format can do: flags of ::swr_capability. SWR_ERROR_FORMAT for an unknown format. */
SWR_API swr_status swr_format_capabilities(const char *name, uint32_t *flags);
/** The fewest and most dimensions of a format's images. SWR_ERROR_FORMAT for an unknown format. */
SWR_API swr_status swr_format_dimensions(const char *name, int32_t *least, int32_t *most);

#ifdef __cplusplus
}
#endif
#endif

/**
 * @file formats.h
 * The file formats that swr knows, and what each can do.
 */
#ifndef SWR_FORMATS_H
#define SWR_FORMATS_H

#include "swr/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How many formats there are. */
SWR_API int32_t swr_format_count(void);
/** The name of a format, such as "MetaImage"; NULL if `number` is not in 0 .. swr_format_count() - 1. */
SWR_API const char *swr_format_name(int32_t number);
/** The suffixes of a format's files, separated by a space, the usual one first: ".mha .mhd"; NULL for a name that is no format's. */
SWR_API const char *swr_format_suffixes(const char *name);
/** What a format can do: flags of ::swr_capability. SWR_ERROR_FORMAT for a name that is no format's. */
SWR_API swr_status swr_format_capabilities(const char *name, uint32_t *flags);
/** The fewest and the most dimensions of a format's images. SWR_ERROR_FORMAT for a name that is no format's. */
SWR_API swr_status swr_format_dimensions(const char *name, int32_t *least, int32_t *most);

#ifdef __cplusplus
}
#endif
#endif

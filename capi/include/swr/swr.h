/**
 * @file swr.h swr writes N-dimensional images that do not fit in memory, piece by piece, into the
 * formats that scientists and doctors use. The application describes the image; the writer decides
 * which piece comes next and pulls it through a callback. The rules that hold for every call stand
 * in types.h.
 */
#ifndef SWR_SWR_H
#define SWR_SWR_H

#include "swr/formats.h"
#include "swr/reader.h"
#include "swr/types.h"
#include "swr/writer.h"

#endif

/**
 * @file swr.hpp
 * swr in C++17 and later: objects that free themselves, exceptions, callables as sources, typed
 * pixels. Header-only; a program links the same library as one in C.
 *
 * @code
 * swr::Writer writer("volume.mha");
 * writer.set_image_region({1024, 1024, 512}).set_pixel_type<uint16_t>();
 * writer.write([](swr::Piece &piece) {
 *   for (uint16_t &pixel : piece.pixels<uint16_t>()) pixel = 7;
 * });
 * @endcode
 *
 * - The rules of types.h hold. Enums, their constants and the units of all numbers are those of C.
 * - A call that fails throws swr::Error, or the class for its status, such as swr::NotFoundError.
 *   what() is the sentence of the library. What is on disk then is what C promises for that status.
 * - swr_set_x() is Writer::set_x(), swr_get_x() is Writer::x(), swr_reader_get_x() is Reader::x(),
 *   swr_piece_x() is Piece::x(). Where C takes NULL for the default there is a reset_x() or
 *   remove_x().
 * - Lists of numbers, x first, are braced lists, std::vector, std::array, or other containers with
 *   data() and size(). Those of pixels too; the type of their elements is compared with the type of
 *   the pixels, except std::byte, which is taken as it is.
 * - get() is the handle for calls of C. Objects that were moved from have none, and throw
 *   swr::ArgumentError.
 * - An object must not be destroyed, moved or assigned to while one of its own calls is running.
 *
 * Left to C: swr_recover() (swr::recover() calls swr_reader_recover(), which gives reasons), the
 * deprecated swr_set_io_region(), and for VTK and ITK swr_set_image_from_vtk() and swr_pull_vtk():
 * `swr_set_image_from_vtk(writer.get(), &table)`, then `writer.write(swr_pull_vtk, &table)`.
 */
#pragma once

#include "swr/cpp/error.hpp"
#include "swr/cpp/formats.hpp"
#include "swr/cpp/piece.hpp"
#include "swr/cpp/pixels.hpp"
#include "swr/cpp/reader.hpp"
#include "swr/cpp/region.hpp"
#include "swr/cpp/span.hpp"
#include "swr/cpp/writer.hpp"
#include "swr/swr.h"

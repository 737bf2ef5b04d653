/**
 * @file vtk.h
 * Streams VTK and ITK pipelines into image files.
 *
 * VTK and ITK export images through the same table of C callbacks: that of vtkImageExport and of
 * itk::VTKImageExport, which their import classes use to join pipelines. This header takes that
 * table and needs neither of the two libraries:
 *
 * @code
 * swr_vtk_callbacks source = swr_vtk_callbacks_of(exporter);  // C++; in C fill the table by hand
 * swr_set_image_from_vtk(writer, &source);
 * swr_set_divisions(writer, 10);
 * swr_write(writer, swr_pull_vtk, &source);  // ten pipeline updates, each for a tenth of the image
 * @endcode
 */
#ifndef SWR_VTK_H
#define SWR_VTK_H

#include "swr/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The callbacks of a VTK exporter, each called with `user`. They may be C++ functions that throw:
 * swr turns an exception into a failure of the source. Extents are VTK's: first and last index of
 * x, y and z.
 */
typedef struct swr_vtk_callbacks {
  /** sizeof(swr_vtk_callbacks). A program that was compiled with a smaller table keeps working. */
  uint32_t size;
  /**
   * VTK's extents always have three axes. 0 and 3 give a 3-D image, even for a single slice. 2 and
   * 1 leave out the higher axes, in which the whole extent must have one index (2 is for an
   * itk::Image of two dimensions).
   */
  int32_t dimensions;
  /**
   * 1: data_extent() returns what the buffer holds, as itk::VTKImageExport does. 0: it may always
   * return the whole extent, as vtkImageExport does; the answer "the whole" is then refused if less
   * was asked for.
   */
  int32_t trusted;
  int32_t reserved;                       /**< Zero. */
  void *user;                             /**< GetCallbackUserData(). */
  void (*update_information)(void *user); /**< May be NULL. */
  int (*pipeline_modified)(void *user);   /**< May be NULL. */
  int *(*whole_extent)(void *user);       /**< Six numbers. */
  double *(*spacing)(void *user);         /**< Three numbers; may be NULL: 1. */
  double *(*origin)(void *user); /**< Three numbers: the position of index zero; may be NULL: 0. */
  double *(*direction)(
      void *user); /**< 3 x 3, row-major; may be NULL, as in old versions of both: the identity. */
  const char *(*scalar_type)(void *user);  /**< The name of a C type: "unsigned short". */
  int (*number_of_components)(void *user); /**< How many for each pixel. */
  void (*propagate_update_extent)(void *user, int *extent); /**< Sets the extent to deliver next. */
  void (*update_data)(void *user);                          /**< Runs the pipeline. */
  int *(*data_extent)(void *user);     /**< What the buffer holds: six numbers. See `trusted`. */
  void *(*buffer_pointer)(void *user); /**< The pixels of the data extent. */
} swr_vtk_callbacks;

/**
 * Describes the writer's image as the pipeline's: image region (whole extent), pixel type, spacing,
 * origin and direction. Updates the pipeline's information, not its data. Set what should differ in
 * the file afterwards; a different stored type also needs swr_set_source_type() with the pipeline's
 * type. Three or four components of unsigned char are RGB or RGBA, as in VTK; other
 * pixels of several components are vectors. A negative spacing, which VTK allows, becomes a
 * positive one along the opposite direction. The table is not kept. SWR_ERROR_ARGUMENT if the table
 * lacks a callback, or the image has a scalar type that files cannot hold or more axes than
 * `dimensions`; SWR_ERROR_REGION if the whole extent is empty; SWR_ERROR_SOURCE if a callback
 * throws. The image may then be described in part.
 */
SWR_API swr_status swr_set_image_from_vtk(swr_writer *writer, const swr_vtk_callbacks *callbacks);

/**
 * A source for swr_write() whose `user` is a `const swr_vtk_callbacks *`: asks the pipeline for
 * exactly the extent of each piece and lends the delivered buffer without a copy. If a pipeline
 * delivers more, it is cropped, and not updated again for pieces that it already delivered.
 */
SWR_API int32_t swr_pull_vtk(swr_piece *piece, void *user);

#ifdef __cplusplus
}

/** @cond */
typedef int *(*swr_vtk_extent_callback)(void *user);

// VTK, which alone has GetPointerToData(): the extent of the image itself, since the exporter's
// callback always gives the whole extent. If the compiler reports an incomplete type here, include
// <vtkImageData.h>.
template <class Exporter>
auto swr_vtk_true_extent(Exporter *exporter, int)
    -> decltype(exporter->GetPointerToData(), swr_vtk_extent_callback()) {
  return [](void *user) -> int * {
    auto *image = static_cast<Exporter *>(user)->GetInput();
    return image ? image->GetExtent() : nullptr;
  };
}

// ITK: the callback is right.
template <class Exporter>
swr_vtk_extent_callback swr_vtk_true_extent(Exporter *exporter, long) {
  return exporter->GetDataExtentCallback();
}
/** @endcond */

/**
 * The callbacks of a vtkImageExport or an itk::VTKImageExport, given by any kind of pointer;
 * `dimensions` as in the table. The exporter must outlive the table.
 */
template <class Pointer>
swr_vtk_callbacks swr_vtk_callbacks_of(const Pointer &exporter, int32_t dimensions = 3) {
  swr_vtk_callbacks table = {};
  table.size = sizeof table;
  table.dimensions = dimensions;
  table.trusted = 1;
  table.user = exporter->GetCallbackUserData();
  table.update_information = exporter->GetUpdateInformationCallback();
  table.pipeline_modified = exporter->GetPipelineModifiedCallback();
  table.whole_extent = exporter->GetWholeExtentCallback();
  table.spacing = exporter->GetSpacingCallback();
  table.origin = exporter->GetOriginCallback();
  table.direction = exporter->GetDirectionCallback();
  table.scalar_type = exporter->GetScalarTypeCallback();
  table.number_of_components = exporter->GetNumberOfComponentsCallback();
  table.propagate_update_extent = exporter->GetPropagateUpdateExtentCallback();
  table.update_data = exporter->GetUpdateDataCallback();
  table.data_extent = swr_vtk_true_extent(&*exporter, 0);
  table.buffer_pointer = exporter->GetBufferPointerCallback();
  return table;
}
#endif
#endif

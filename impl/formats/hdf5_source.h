// The image in a file of HDF5: which dataset it is, and what the file holds besides.
//
// ITK's layout:   /ITKImage/0/VoxelData    [z][y][x], or [z][y][x][component]
//                            /Dimension    uint64[n], x first
//                            /Origin       float64[n], of the first pixel
//                            /Spacing      float64[n]
//                            /Directions   float64[n][n], row i is the direction of axis i
//                            /VoxelType    "USHORT"
//                            /MetaData/... a dataset for each entry
// A plain dataset, at any path, has what an array cannot say in attributes:
//   element_size_um  float64[n], the slowest axis first, in micrometres
//   swr_spacing, swr_origin (of the first pixel), swr_direction (as Directions): float64, x first
//   swr_index        text; of ITK's layout it is in MetaData
//   swr_kind         text: the last axis holds the components of a pixel
// All other attributes are metadata.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/format.h"
#include "formats/hdf5_value.h"

namespace swr {

inline constexpr std::string_view itk_dataset = "/ITKImage/0/VoxelData";
inline constexpr std::string_view hdf5_kind_key = "swr_kind";
inline constexpr std::string_view hdf5_spacing_key = "swr_spacing";
inline constexpr std::string_view hdf5_origin_key = "swr_origin";
inline constexpr std::string_view hdf5_direction_key = "swr_direction";
inline constexpr std::string_view hdf5_element_size_key = "element_size_um";

// Whether a dataset at this path is in ITK's layout: /ITKImage/<number>/VoxelData.
bool is_itk_path(const std::string& dataset);
// Whether the name is one that swr gives an attribute or an entry itself.
bool is_hdf5_note(std::string_view name);

using Hdf5Values = std::vector<std::pair<std::string, Hdf5Value>>;

// What a file holds besides the image.
struct Hdf5Others {
  std::vector<std::string> groups;
  Hdf5Values datasets;  // small ones, by path
  // Of groups and of the image's dataset: its path, and the attribute.
  std::vector<std::pair<std::string, std::pair<std::string, Hdf5Value>>> attributes;
  // What cannot be written again: what it is, and its path.
  std::vector<std::string> foreign;
};

class Hdf5Source final : public SourceHeader {
 public:
  Hdf5Source(std::shared_ptr<const File> file, std::string path, Hdf5Values metadata,
             Hdf5Values own_notes)
      : dataset(std::move(path)),
        entries(std::move(metadata)),
        notes(std::move(own_notes)),
        file_(std::move(file)) {}

  bool is_itk() const { return is_itk_path(dataset); }
  // The entry or the note with this name; nullptr if there is none.
  const Hdf5Value* entry(std::string_view name) const;
  const Hdf5Value* note(std::string_view name) const;
  // Looks through the whole file.
  Hdf5Others others() const;
  // Of the file; fewer if it ends before.
  std::string first_bytes(size_t count) const;
  std::vector<std::string> own_fields() const override;

  const std::string dataset;
  const Hdf5Values entries;  // of the metadata
  // What says where the image is: of ITK's layout datasets, else attributes.
  const Hdf5Values notes;

 private:
  std::shared_ptr<const File> file_;
};

}  // namespace swr

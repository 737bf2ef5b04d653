// Small values in a file of HDF5, as datasets and attributes have them: read, shown as metadata,
// and written again as they were.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/hdf5_driver.h"

namespace swr {

inline constexpr int64_t most_hdf5_value_bytes = 1 << 20;

struct Hdf5Value {
  std::string text;             // what metadata shows: a string, or numbers with blanks between
  bool is_shown = false;        // there is such a text, which may be empty
  bool is_text = false;         // one string of any length, in `bytes`
  bool is_utf8 = false;         // of such a string: the file says so
  std::string type;             // of the others, as the library encodes it
  bool is_scalar = false;       // without axes
  std::vector<hsize_t> size{};  // of each axis, the slowest first
  std::string bytes;            // in the file's own form
  std::vector<std::pair<std::string, Hdf5Value>> attributes{};  // of a dataset

  bool operator==(const Hdf5Value&) const = default;
};

// A string as ITK writes it: a dataset with one element.
Hdf5Value hdf5_text(std::string_view text);
// A string of a fixed length, for attributes.
Hdf5Value hdf5_short_text(std::string_view text);
Hdf5Value hdf5_numbers(hid_t type, std::vector<hsize_t> size, std::string_view bytes);

// The value of a dataset or an attribute; nothing if it is longer than most_hdf5_value_bytes, or
// says where something is, as references do. So do strings of any length, of which single ones are
// read. SWR_ERROR_CORRUPT.
std::optional<Hdf5Value> read_hdf5_dataset(const Hdf5File& file, hid_t dataset);
std::optional<Hdf5Value> read_hdf5_attribute(const Hdf5File& file, hid_t attribute);
// The numbers of a dataset or attribute as float64; nothing if there is none, or it has none.
std::optional<std::vector<double>> read_hdf5_doubles(const Hdf5File& file, hid_t group,
                                                     const std::string& name, bool is_attribute);

// The names of the attributes, in the order in which they were made if the object knows it.
std::vector<std::string> hdf5_attribute_names(const Hdf5File& file, hid_t object);

void write_hdf5_dataset(const Hdf5File& file, const std::string& path, const Hdf5Value& value);
void write_hdf5_attribute(const Hdf5File& file, hid_t object, const std::string& name,
                          const Hdf5Value& value);
// For new datasets: groups on the way are made, and no times are kept.
Hdf5Id hdf5_link_creation(const Hdf5File& file);
Hdf5Id hdf5_object_creation(const Hdf5File& file, hid_t kind);

}  // namespace swr

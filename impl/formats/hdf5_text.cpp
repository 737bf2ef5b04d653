#include "formats/hdf5_text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"

namespace swr {
namespace {

// The library does not check what a damaged file says of a string's place, so it is read here:
//   value:   [bytes: 4] [address of the heap: 8] [number of the object: 4]
//   heap:    "GCOL" version 0 0 0 [bytes: 8] objects
//   object:  [number: 2] [users: 2] 0 0 0 0 [bytes: 8] content, up to a multiple of 8

constexpr const char* damaged_text = "a string is damaged";
constexpr int64_t most_heap_bytes = int64_t{4} << 20;
constexpr int64_t heap_head = 16, object_head = 16;
using Place = std::array<std::byte, 16>;

std::vector<std::byte> bytes_at(const Hdf5File& file, int64_t offset, int64_t count) {
  std::vector<std::byte> bytes(static_cast<size_t>(count));
  file.read(offset, bytes);
  return bytes;
}

// The content of an object; nothing if the heap has none of this number.
std::optional<std::string> heap_object(const Hdf5File& file, int64_t offset, uint32_t number) {
  const auto head = bytes_at(file, offset, heap_head);
  const auto end = load<int64_t>(head.data() + 8);
  if (std::memcmp(head.data(), "GCOL", 4) != 0 || end < heap_head || end > most_heap_bytes)
    return std::nullopt;
  const auto heap = bytes_at(file, offset, end);
  for (int64_t at = heap_head; at <= end - object_head;) {
    const std::byte* const object = heap.data() + at;
    const auto bytes = load<int64_t>(object + 8);
    const auto found = load<uint16_t>(object);
    if (found == 0 || bytes < 0 || bytes > end - at - object_head) return std::nullopt;
    const auto* const content = reinterpret_cast<const char*>(object + object_head);
    if (found == number) return std::string(content, static_cast<size_t>(bytes));
    at += object_head + round_up(bytes, 8);
  }
  return std::nullopt;
}

// Nothing if the file counts its places with other than 8 bytes.
std::optional<int64_t> base_address(const Hdf5File& file) {
  const Hdf5Id creation = file.valid(H5Fget_create_plist(file.id()), H5Pclose, damaged_text);
  size_t address = 0, size = 0;
  hsize_t user_block = 0;
  file.check(H5Pget_sizes(creation.get(), &address, &size), damaged_text);
  file.check(H5Pget_userblock(creation.get(), &user_block), damaged_text);
  if (address != 8 || size != 8) return std::nullopt;
  return static_cast<int64_t>(user_block);
}

constexpr const char* place_tag = "swr place of a string";

bool is_place_type(hid_t type) {
  if (H5Tget_class(type) != H5T_OPAQUE) return false;
  const std::unique_ptr<char, herr_t (*)(void*)> tag(H5Tget_tag(type), H5free_memory);
  return tag && std::strcmp(tag.get(), place_tag) == 0;
}

// A conversion for the library that leaves the bytes as they are in the file. The library has one
// list of conversions for all its users in the process, and offers this one for all their opaque
// types too, such as h5py's Python objects: it is for no other type than swr's.
herr_t leave_bytes(hid_t, hid_t to, H5T_cdata_t* data, size_t, size_t, size_t, void*, void*,
                   hid_t) noexcept {
  if (data->command == H5T_CONV_INIT) {
    if (!is_place_type(to)) return -1;
    data->need_bkg = H5T_BKG_NO;
  }
  return 0;
}

// The place of an attribute's string, which the library does not give out: it would follow it.
std::optional<Place> place_in_attribute(const Hdf5File& file, hid_t attribute) {
  Place place{};
  const Hdf5Id text = file.valid(H5Tcopy(H5T_C_S1), H5Tclose, damaged_text);
  file.check(H5Tset_size(text.get(), H5T_VARIABLE), damaged_text);
  const Hdf5Id bytes = file.valid(H5Tcreate(H5T_OPAQUE, place.size()), H5Tclose, damaged_text);
  file.check(H5Tset_tag(bytes.get(), place_tag), damaged_text);
  if (H5Tregister(H5T_PERS_SOFT, place_tag, text.get(), bytes.get(), leave_bytes) < 0)
    file.refuse(damaged_text);
  const herr_t read = H5Aread(attribute, bytes.get(), place.data());
  // Of whichever types: the string's own is not the one above.
  H5Tunregister(H5T_PERS_SOFT, place_tag, H5I_INVALID_HID, H5I_INVALID_HID, leave_bytes);
  return read < 0 ? std::nullopt : std::optional(place);
}

std::optional<Place> place_in_dataset(const Hdf5File& file, hid_t dataset) {
  const haddr_t at = H5Dget_offset(dataset);
  if (at > static_cast<haddr_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
  Place place{};
  file.read(static_cast<int64_t>(at), place);
  return place;
}

}  // namespace

std::optional<std::string> read_hdf5_long_text(const Hdf5File& file, hid_t object,
                                               bool is_attribute) {
  const auto base = base_address(file);
  if (!base) return std::nullopt;
  const auto place =
      is_attribute ? place_in_attribute(file, object) : place_in_dataset(file, object);
  if (!place) return std::nullopt;
  const auto length = load<uint32_t>(place->data());
  const auto heap = load<int64_t>(place->data() + 4);
  if (length == 0) return std::string();
  int64_t at;
  if (heap < 0 || add_overflows(heap, *base, at)) return std::nullopt;
  auto content = heap_object(file, at, load<uint32_t>(place->data() + 12));
  if (content)
    content->resize(std::min<size_t>(length, std::min(content->find('\0'), content->size())));
  return content;
}

}  // namespace swr

#include "formats/hdf5_messages.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "formats/hdf5_checks.h"

namespace swr {
namespace {

constexpr const char* damaged_header = "the header of an object is damaged";
constexpr auto most_address = uint64_t{1} << 62;
constexpr size_t most_chunks = 1000;
constexpr int64_t most_bytes = int64_t{64} << 20;  // of all chunks
constexpr unsigned link_type = 6, external_type = 7, layout_type = 8, continuation_type = 16;

// How a file counts: its places from `base`, in `address_bytes`, and lengths in `size_bytes`.
struct Counting {
  int64_t base = 0;
  size_t address_bytes = 0, size_bytes = 0;
};

Counting counting_of(const Hdf5File& file) {
  Counting counting;
  hsize_t user_block = 0;
  const Hdf5Id creation = file.valid(H5Fget_create_plist(file.id()), H5Pclose, damaged_header);
  file.check(H5Pget_sizes(creation.get(), &counting.address_bytes, &counting.size_bytes),
             damaged_header);
  file.check(H5Pget_userblock(creation.get(), &user_block), damaged_header);
  if (user_block > most_address || counting.address_bytes > 8 || counting.size_bytes > 8)
    fail(SWR_ERROR_UNSUPPORTED, file.path(), ": HDF5's places in the file are too long");
  counting.base = static_cast<int64_t>(user_block);
  return counting;
}

// Bytes of a file that hold messages, one after the other:
//   version 1: [type: 2] [bytes: 2] [flags: 1] 0 0 0 content
//   version 2: [type: 1] [bytes: 2] [flags: 1] [number: 2, if there are numbers] content
// (HDF5 File Format Specification 3.0, IV.A). Which chunks are read, and how far each, is what the
// library does, or more.
class Messages {
 public:
  explicit Messages(const Hdf5File& file) : file_(file), counting_(counting_of(file)) {}

  // "" or why the object is elsewhere.
  std::string look(uint64_t address) {
    begin(address);
    while (!chunks_.empty() && reason_.empty()) {
      const Chunk chunk = chunks_.back();
      chunks_.pop_back();
      take(read(chunk));
    }
    return reason_;
  }

 private:
  struct Chunk {
    uint64_t at = 0, bytes = 0;
  };

  const Hdf5File& file_;
  const Counting counting_;
  bool is_first_version_ = false;
  size_t head_ = 0;  // of a message
  std::vector<Chunk> chunks_;
  size_t seen_ = 0;
  int64_t left_ = most_bytes;
  std::string reason_;

  void push(uint64_t at, uint64_t bytes) {
    if (++seen_ > most_chunks || bytes > static_cast<uint64_t>(left_))
      fail(SWR_ERROR_CORRUPT, "the header of an object has no end");
    left_ -= static_cast<int64_t>(bytes);
    chunks_.push_back({at, bytes});
  }

  std::vector<std::byte> read(const Chunk& chunk) const {
    int64_t at = 0;
    if (chunk.at > most_address ||
        add_overflows(static_cast<int64_t>(chunk.at), counting_.base, at))
      fail(SWR_ERROR_CORRUPT, damaged_header);
    std::vector<std::byte> bytes(static_cast<size_t>(chunk.bytes));
    file_.read(at, bytes);
    return bytes;
  }

  //   "OHDR" ... (hdf5_checks.h), or
  //   [version: 1] 0 [messages: 2] [users: 4] [bytes: 4] 0 0 0 0 messages
  void begin(uint64_t address) {
    constexpr size_t first_version_head = 16, longest_head = 34;
    const auto head = read({address, longest_head});
    is_first_version_ = std::memcmp(head.data(), "OHDR", 4) != 0;
    if (is_first_version_) {
      if (head[0] != std::byte{1}) fail(SWR_ERROR_CORRUPT, damaged_header);
      head_ = 8;
      push(address + first_version_head, load<uint32_t>(head.data() + 8));
      return;
    }
    const Hdf5HeaderHead parts = hdf5_header_head(head);
    head_ = parts.has_order ? 6 : 4;
    push(address + static_cast<uint64_t>(parts.messages_at), parts.message_bytes);
  }

  void take(std::span<const std::byte> messages) {
    while (messages.size() >= head_) {
      const unsigned type =
          is_first_version_ ? load<uint16_t>(messages.data()) : static_cast<unsigned>(messages[0]);
      const size_t bytes = load<uint16_t>(messages.data() + (is_first_version_ ? 2 : 1));
      if (bytes > messages.size() - head_) return;
      take(type, messages.subspan(head_, bytes));
      messages = messages.subspan(head_ + bytes);
    }
  }

  void take(unsigned type, std::span<const std::byte> content) {
    if (type == continuation_type) follow(content);
    if (type == link_type) check_link(content);
    if (type == external_type)
      reason_ = "the pixels are in external files, which swr does not open";
    // [version] [class], from version 3 on; before, there were no virtual ones.
    const bool is_virtual = type == layout_type && content.size() > 1 &&
                            content[0] > std::byte{2} && content[1] == std::byte{3};
    if (is_virtual)
      reason_ = "the dataset is a virtual one, of other files, which swr does not open";
  }

  // The library frees memory that it has not filled where it lists links and one is damaged, and
  // takes the value of an external link for what it should be:
  //   1 [flags: 1] [kind: 1] [order: 8] [set: 1] [length of the name: 1, 2, 4 or 8] name value
  //   value: [address], or [length: 2] bytes of a soft link (kind 1) and of those above 63
  //   external (kind 64): 0, name of the file, 0, path, 0
  void check_link(std::span<const std::byte> link) const {
    const auto skip = [&](uint64_t bytes) {
      if (bytes > link.size()) fail(SWR_ERROR_CORRUPT, "a link is damaged");
      link = link.subspan(static_cast<size_t>(bytes));
    };
    const auto take_number = [&](size_t width) {
      const auto from = link;
      skip(width);
      return hdf5_number(from, 0, width);
    };
    const bool is_known = take_number(1) == 1;
    const uint64_t flags = take_number(1);
    const uint64_t kind = flags & 8 ? take_number(1) : 0;
    if (flags & 4) skip(8);
    const uint64_t set = flags & 16 ? take_number(1) : 0;
    const uint64_t name = take_number(size_t{1} << (flags & 3));
    if (!is_known || flags > 31 || set > 1 || name == 0 || (kind > 1 && kind < 64))
      fail(SWR_ERROR_CORRUPT, "a link is damaged");
    skip(name);
    if (kind == 0) return skip(counting_.address_bytes);
    const uint64_t bytes = take_number(2);
    const auto value = link;
    skip(bytes);
    if ((kind == 1 && bytes == 0) || (kind == 64 && !is_external(value.first(bytes))))
      fail(SWR_ERROR_CORRUPT, "a link is damaged");
  }

  static bool is_external(std::span<const std::byte> value) {
    constexpr auto zero = std::byte{0};
    return !value.empty() && value[0] == zero && std::ranges::count(value.subspan(1), zero) >= 2;
  }

  //   [address] [bytes]; at the address are messages, in version 2 as "OCHK" messages [checksum: 4]
  void follow(std::span<const std::byte> content) {
    constexpr uint64_t name = 4, checksum = 4;
    if (content.size() < counting_.address_bytes + counting_.size_bytes)
      fail(SWR_ERROR_CORRUPT, damaged_header);
    const uint64_t at = hdf5_number(content, 0, counting_.address_bytes);
    const uint64_t bytes = hdf5_number(content, counting_.address_bytes, counting_.size_bytes);
    if (is_first_version_) return push(at, bytes);
    if (bytes < name + checksum) fail(SWR_ERROR_CORRUPT, damaged_header);
    push(at + name, bytes - name - checksum);
  }
};

}  // namespace

std::optional<haddr_t> hdf5_address(hid_t where, const std::string& name, hid_t link_access) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info1_t info{};
#else
  H5O_info_t info{};
#endif
  if (H5Oget_info_by_name2(where, name.c_str(), &info, H5O_INFO_BASIC, link_access) < 0)
    return std::nullopt;
  return info.addr;
}

std::string hdf5_elsewhere(const Hdf5File& file, haddr_t address) {
  // What swr itself writes may still be in the library's memory.
  unsigned intent = 0;
  file.check(H5Fget_intent(file.id(), &intent), damaged_header);
  return intent == H5F_ACC_RDONLY ? Messages(file).look(address) : std::string();
}

void check_hdf5_here(const Hdf5File& file, std::optional<haddr_t> address,
                     const std::string& object) {
  if (!address) file.refuse("an object is damaged: " + object);
  const std::string reason = hdf5_elsewhere(file, *address);
  if (!reason.empty()) fail(SWR_ERROR_UNSUPPORTED, file.path(), ": ", object, ": ", reason);
}

}  // namespace swr

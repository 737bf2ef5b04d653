#include "storage/journal_format.h"

#include <zlib.h>

#include <algorithm>

#include "base/byte_order.h"
#include "base/error.h"

namespace swr {

namespace {

constexpr size_t begin_head_bytes = 8 + 2 * identity_bytes;

std::span<const std::byte> bytes_of(std::string_view letters) {
  return std::as_bytes(std::span(letters));
}

}  // namespace

std::string joined(const JournalBegin& begin) {
  std::string data(8, '\0');
  store(reinterpret_cast<std::byte*>(data.data()), begin.author.process);
  append(data, begin.journal);
  append(data, begin.folder);
  return data + text(begin.author.machine, '\0', begin.author.boot, '\0', begin.image);
}

std::optional<JournalBegin> begin_from(const JournalEntry& entry) {
  if (entry.kind != JournalEntry::Kind::begin || entry.data.size() < begin_head_bytes)
    return std::nullopt;
  const std::string_view words(reinterpret_cast<const char*>(entry.data.data()) + begin_head_bytes,
                               entry.data.size() - begin_head_bytes);
  const size_t first = words.find('\0');
  const size_t second = first == words.npos ? words.npos : words.find('\0', first + 1);
  if (second == words.npos) return std::nullopt;
  return JournalBegin{.flags = JournalFlags::of(entry.number),
                      .author = {.process = load<uint32_t>(entry.data.data()),
                                 .machine = std::string(words.substr(0, first)),
                                 .boot = std::string(words.substr(first + 1, second - first - 1))},
                      .journal = identity_from(entry.data.subspan(8)),
                      .folder = identity_from(entry.data.subspan(8 + identity_bytes)),
                      .image = std::string(words.substr(second + 1))};
}

void JournalHead::store(std::span<std::byte, bytes> out) const {
  using namespace journal_format;
  std::ranges::fill(out, std::byte{0});
  std::ranges::copy(bytes_of(magic), out.begin());
  out[magic.size()] = static_cast<std::byte>(version);
  swr::store(out.data() + 8, salt);
  swr::store(out.data() + 12, static_cast<uint32_t>(state));
  swr::store(out.data() + 16, checksum(0, out.first(16)));
}

std::optional<JournalHead> JournalHead::load(std::span<const std::byte> in) {
  using namespace journal_format;
  if (std::ssize(in) < bytes || !std::ranges::equal(in.first(magic.size()), bytes_of(magic)) ||
      in[magic.size()] != static_cast<std::byte>(version) ||
      swr::load<uint32_t>(in.data() + 16) != checksum(0, in.first(16)))
    return std::nullopt;
  const auto state = static_cast<State>(swr::load<uint32_t>(in.data() + 12));
  if (state != State::in_use && state != State::over && state != State::over_to_erase)
    return std::nullopt;
  return JournalHead{.salt = swr::load<uint32_t>(in.data() + 8), .state = state};
}

namespace journal_format {

uint32_t checksum(uint32_t salt, std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(
      crc32(salt, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

BlockHead BlockHead::load(const std::byte* head) {
  return {.block_bytes = static_cast<int64_t>(block_head_bytes) + swr::load<uint32_t>(head + 4),
          .bytes_before = swr::load<uint32_t>(head + 8),
          .number = swr::load<int64_t>(head + 16)};
}

void seal_block(std::span<std::byte> block, uint32_t salt, int64_t bytes_before, int64_t number) {
  std::byte* const head = block.data();
  store(head + 4, static_cast<uint32_t>(block.size() - block_head_bytes));
  store(head + 8, static_cast<uint32_t>(bytes_before));
  store(head + 12, uint32_t{0});
  store(head + 16, number);
  store(head, checksum(salt, block.subspan(4)));
}

bool is_whole(std::span<const std::byte> block, uint32_t salt) {
  return load<uint32_t>(block.data()) == checksum(salt, block.subspan(4));
}

void append_entry(std::vector<std::byte>& block, const JournalEntry& entry, size_t bytes_before) {
  std::byte head[entry_head_bytes];
  store(head, static_cast<uint32_t>(entry.kind));
  store(head + 4, entry.number);
  store(head + 8, entry.position);
  store(head + 16, static_cast<uint32_t>(entry.data.size()));
  store(head + 20, static_cast<uint32_t>(bytes_before));
  block.insert(block.end(), head, head + entry_head_bytes);
  block.insert(block.end(), entry.data.begin(), entry.data.end());
}

size_t bytes_before_entry(const std::byte* head) {
  return load<uint32_t>(head + 20);
}

JournalEntry entry_from(std::span<const std::byte> bytes, const std::string& path) {
  if (bytes.size() < entry_head_bytes) fail_damaged(path, "has an entry that is cut off");
  const auto length = load<uint32_t>(bytes.data() + 16);
  if (length > bytes.size() - entry_head_bytes)
    fail_damaged(path, "has an entry that is longer than its block");
  return {.kind = static_cast<JournalEntry::Kind>(load<uint32_t>(bytes.data())),
          .number = load<uint32_t>(bytes.data() + 4),
          .position = load<int64_t>(bytes.data() + 8),
          .data = bytes.subspan(entry_head_bytes, length)};
}

void fail_damaged(const std::string& path, std::string_view what) {
  throw JournalRefused(
      SWR_ERROR_CORRUPT,
      text(
          path, ": this undo journal ", what,
          ": it is damaged or made up, and was not rolled back; the image may be half changed. "
          "Check the image: remove the journal if it is good, otherwise put a copy of the image in "
          "its place"));
}

}  // namespace journal_format

}  // namespace swr

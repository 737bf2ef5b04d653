#include "storage/resume_file.h"

#include <zlib.h>

#include <array>
#include <optional>

#include "base/byte_order.h"
#include "base/error.h"
#include "storage/held_folder.h"
#include "storage/identity.h"
#include "storage/lock.h"
#include "storage/names.h"
#include "storage/platform.h"

namespace swr {
namespace {

constexpr std::string_view magic = "SWRRESU1";
// The number of the piece, the bytes of its pixels, their CRC-32, and that of the fields before.
constexpr int64_t record_bytes = 24;
constexpr size_t checked_bytes = 20;
using RecordBytes = std::array<std::byte, record_bytes>;

uint32_t crc_of(std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

struct Record {
  int64_t piece = 0, bytes = 0;
  uint32_t checksum = 0;

  RecordBytes stored() const {
    RecordBytes out;
    store(out.data(), piece);
    store(out.data() + 8, bytes);
    store(out.data() + 16, checksum);
    store(out.data() + checked_bytes, crc_of(std::span(out).first(checked_bytes)));
    return out;
  }
  static std::optional<Record> from(const RecordBytes& in) {
    if (load<uint32_t>(in.data() + checked_bytes) != crc_of(std::span(in).first(checked_bytes)))
      return std::nullopt;
    return Record{load<int64_t>(in.data()), load<int64_t>(in.data() + 8),
                  load<uint32_t>(in.data() + 16)};
  }
};

std::string head_of(const std::string& identity) {
  std::array<std::byte, 8> numbers;
  store(numbers.data(), static_cast<uint32_t>(identity.size()));
  store(numbers.data() + 4, crc_of(std::as_bytes(std::span(identity))));
  std::string head(magic);
  head.append(reinterpret_cast<const char*>(numbers.data()), numbers.size());
  return head + identity;
}

// Pixels that another user could have put there are not taken.
void refuse_others(const File& file) {
  const system::Facts facts = file.facts();
  constexpr uint32_t others_may_write = 0022;
  if (facts.kind == system::Facts::Kind::file && facts.links == 1 &&
      facts.owner == system::effective_user() && (facts.mode & others_may_write) == 0)
    return;
  fail(SWR_ERROR_EXISTS, file.path(),
       ": the pieces of an interrupted write would be kept here, and this file is not one that "
       "only this user can change; remove it");
}

// The file of this name, for this write alone; not open if it has to be looked for again.
File open_once(const std::string& name) {
  std::string kept = name;
  auto opened =
      system::open_existing(name.c_str(), system::Access::change, system::Links::no_follow);
  const bool is_absent = system::means_absent(opened.reason);
  if (is_absent) opened = system::create_new(name.c_str(), 0600);
  if (is_absent && opened.reason == std::errc::file_exists) return {};
  if (!opened) SystemFailure(opened.reason).fail(name, "open the file of an interrupted write");
  File file(opened.value, std::move(kept));
  if (!is_absent) refuse_others(file);
  const auto locked = system::lock(file.descriptor(), system::Lock::exclusive, lock_of_life, false);
  if (is_held_by_another(locked.reason))
    fail(SWR_ERROR_BUSY, name, ": another write keeps its pieces here; it makes the same image");
  if (!locked && !locks_are_missing(locked.reason))
    SystemFailure(locked.reason).fail(name, "lock the file of an interrupted write");
  // The write that held it may just have removed it.
  return is_named(identity_of(file), name) ? std::move(file) : File();
}

File open_for_one(const std::string& name) {
  constexpr int most_tries = 100;
  for (int tries = 0; tries < most_tries; ++tries) {
    if (File file = open_once(name); file.is_open()) return file;
  }
  fail(SWR_ERROR_BUSY, name, ": others make and remove this file again and again");
}

}  // namespace

ResumeFile::ResumeFile(const Write& write)
    : name_(resume_name(follow_links(write.image))), file_(open_for_one(name_)) {
  const std::string head = head_of(write.identity);
  const MutexLock lock(mutex_);
  end_ = std::ssize(head);
  if (begins_with(head)) {
    list_records(write.pieces);
  } else {
    begin_anew(head);
  }
}

bool ResumeFile::begins_with(std::string_view head) const {
  return read_head(file_, std::ssize(head)) == head;
}

void ResumeFile::begin_anew(std::string_view head) {
  file_.resize(0);
  file_.write_at(0, std::as_bytes(std::span(head)));
}

// Up to the first one that is not whole; what follows is cut off.
void ResumeFile::list_records(int64_t pieces) {
  const int64_t size = file_.size();
  RecordBytes bytes;
  while (size - end_ >= record_bytes) {
    file_.read_at(end_, bytes);
    const auto record = Record::from(bytes);
    const int64_t room = size - end_ - record_bytes;
    if (!record || record->piece < 0 || record->piece >= pieces || record->bytes < 0 ||
        record->bytes > room)
      break;
    end_ += record_bytes;
    places_[record->piece] = {end_, record->bytes, record->checksum};
    end_ += record->bytes;
  }
  file_.resize(end_);
}

bool ResumeFile::has(int64_t piece) const {
  const MutexLock lock(mutex_);
  return places_.contains(piece);
}

bool ResumeFile::read(int64_t piece, std::span<std::byte> pixels) {
  Place place;
  {
    const MutexLock lock(mutex_);
    const auto found = places_.find(piece);
    if (found == places_.end()) return false;
    place = found->second;
  }
  const bool is_right = place.bytes == std::ssize(pixels) &&
                        file_.read_some(place.offset, pixels) == place.bytes &&
                        crc_of(pixels) == place.checksum;
  if (is_right) return true;
  const MutexLock lock(mutex_);
  places_.erase(piece);
  return false;
}

void ResumeFile::keep(int64_t piece, std::span<const std::byte> pixels) {
  const Record record{piece, std::ssize(pixels), crc_of(pixels)};
  const MutexLock lock(mutex_);
  file_.write_at(end_, record.stored());
  file_.write_at(end_ + record_bytes, pixels);
  places_[piece] = {end_ + record_bytes, record.bytes, record.checksum};
  end_ += record_bytes + record.bytes;
}

void ResumeFile::remove() noexcept {
  try {
    static_cast<void>(remove_if_named(identity_of(file_), name_));
  } catch (const std::exception&) {
  }
}

}  // namespace swr

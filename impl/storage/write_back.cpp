#include "storage/write_back.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <span>

namespace swr {

namespace {

// Writes the bytes where others are. Without memory of its own: there may be none.
void restore(File& file, int64_t position, std::span<const std::byte> bytes) {
  std::array<std::byte, 16384> there;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), there.size()));
    const auto got =
        static_cast<size_t>(file.read_some(position, std::span(there).first(part.size())));
    if (got != part.size() || std::memcmp(there.data(), part.data(), got) != 0)
      file.write_at(position, part);
    position += std::ssize(part);
    bytes = bytes.subspan(part.size());
  }
}

// Carries out what may fail; the first failure is kept.
template <typename Act>
void attempt(std::exception_ptr& failure, const Act& act) noexcept {
  try {
    act();
  } catch (...) {
    if (!failure) failure = std::current_exception();
  }
}

}  // namespace

void write_back(JournalReader& journal, uint32_t files,
                const std::function<UndoFile(uint32_t)>& file_of) {
  std::exception_ptr failure;
  const auto resize = [&](const auto& is_wrong) {
    for (uint32_t number = 0; number < files; ++number) {
      attempt(failure, [&] {
        const UndoFile undo = file_of(number);
        if (undo.resized && is_wrong(undo.file->size(), undo.old_size))
          undo.file->resize(undo.old_size);
      });
    }
  };
  resize([](int64_t size, int64_t old_size) { return size > old_size; });
  journal.to_end();
  while (const auto entry = journal.previous()) {
    if (entry->kind != JournalEntry::Kind::bytes) continue;
    attempt(failure, [&] { restore(*file_of(entry->number).file, entry->position, entry->data); });
  }
  resize([](int64_t size, int64_t old_size) { return size != old_size; });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace swr

// An undo journal that someone made up, checksums and all: its recovery may do what it says to
// files of the folder, to no other, and may not crash.
#include <zlib.h>

#include <cstring>
#include <vector>

#include "base/error.h"
#include "scratch.h"
#include "storage/in_place.h"
#include "storage/journal.h"

namespace {

constexpr uint32_t salt = 0x12345678;
const std::string names[] = {"image.mha",
                             "image.raw",
                             "../outside",
                             "",
                             "..",
                             "a/../../outside",
                             std::string("image.raw\0", 10)};

void put(std::string& text, uint64_t value, int bytes) {
  for (int byte = 0; byte < bytes; ++byte) text += static_cast<char>(value >> 8 * byte);
}

uint32_t crc(uint32_t from, const std::string& text) {
  return static_cast<uint32_t>(
      crc32(from, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

void put_entry(std::string& block, uint64_t kind, uint64_t number, uint64_t position,
               const std::string& data) {
  put(block, kind, 4);
  put(block, number, 4);
  put(block, position, 8);
  put(block, data.size(), 8);
  block += data;
}

void put_any_entry(std::string& block, fuzz::Input& input) {
  const uint64_t kind = input.number(1);
  const uint64_t number = input.number(1) % 4;
  const uint64_t position = kind & 64 ? input.number(8) : input.number(1);
  std::string data = names[input.number(1) % std::size(names)];
  switch (kind % 8) {
    case 3: data = std::string(input.number(1), 'x'); break;
    case 5: {
      const std::string staged = names[input.number(1) % std::size(names)],
                        old = names[input.number(1) % std::size(names)];
      data = data + '\0' + staged + '\0' + old;
      break;
    }
    default: break;
  }
  put_entry(block, kind % 8, number, position, data);
}

std::string journal_from(fuzz::Input& input) {
  std::string journal = "SWRUNDO1";
  put(journal, salt, 4);
  put(journal, crc(0, journal), 4);
  uint64_t entries_of_block = input.number(1) % 8 + 1;
  for (uint64_t number = 0; !input.empty() && number < 20; ++number) {
    std::string entries;
    if (number == 0 && input.number(1) % 8 != 0)
      put_entry(entries, 1, input.number(1) % 4, 0, "image.mha");
    for (uint64_t entry = 0; entry < entries_of_block && !input.empty(); ++entry)
      put_any_entry(entries, input);
    std::string block;
    put(block, entries.size(), 4);
    put(block, number, 8);
    block += entries;
    put(journal, crc(salt, block), 4);
    journal += block;
  }
  return journal;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::Scratch scratch;
  const std::string folder = scratch.path("folder");
  std::filesystem::create_directory(folder);
  scratch.write("outside", "outside", 7);
  scratch.write("folder/image.mha", "header and pixels", 17);
  scratch.write("folder/image.raw", "pixels", 6);

  const std::string path = folder + "/image.mha";
  fuzz::Input input(data, size);
  const bool whole = input.number(1) % 4 != 0;
  const std::string journal =
      whole ? journal_from(input) : std::string(input.rest().begin(), input.rest().end());
  const std::string where = swr::first_journal(path);
  std::ofstream(where, std::ios::binary) << journal;

  for (int time = 0; time < 2; ++time) {
    try {
      swr::recover(path, false);
    } catch (const swr::Error& error) {
      fuzz::expect(error.status() != SWR_ERROR_INTERNAL, error.what());
    }
  }
  fuzz::expect(contents(scratch.path("outside")) == "outside",
               "a file outside the folder is as it was");
  scratch.clear();
  return 0;
}

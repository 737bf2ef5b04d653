// A forged undo journal with valid checksums and identities. Opening the image, even with outside
// data allowed, and recovering it may change files of its folder as the journal says, but no other
// files, and must not crash.
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "engine/reader.h"
#include "engine/recovery.h"
#include "scratch.h"
#include "storage/identity.h"
#include "storage/journal_names.h"

namespace {

constexpr uint32_t salt = 0x12345678;
const std::string names[] = {"image.mhd",
                             "image.raw",
                             "../outside",
                             "",
                             "..",
                             "link",
                             "way/outside",
                             "a/../../outside",
                             std::string("image.raw\0", 10),
                             ".a.swr-aaaaaaaaaa",
                             ".b.swr-bbbbbbbbbb",
                             ".image.mhd.swr-undo",
                             ".image.raw.swr-undo",
                             "FULL"};  // the outside file by its full name

struct Forger {
  std::string outside, journal;           // paths
  std::vector<std::string> identities{};  // of all files
  std::string name(uint64_t number) const {
    const std::string& chosen = names[number % std::size(names)];
    return chosen == "FULL" ? outside : chosen;
  }
  std::string identity(uint64_t number) const { return identities[number % identities.size()]; }
};

std::string identity_of(const std::string& path) {
  std::string bytes;
  append(bytes, swr::identity_at(path).value_or(swr::Identity{}));
  return bytes;
}

void put(std::string& text, uint64_t value, int bytes) {
  for (int byte = 0; byte < bytes; ++byte) text += static_cast<char>(value >> 8 * byte);
}

uint32_t crc(uint32_t from, const std::string& text) {
  return static_cast<uint32_t>(
      crc32(from, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

// The bytes of the entry, which the next one tells.
uint64_t put_entry(std::string& block, uint64_t kind, uint64_t number, uint64_t position,
                   const std::string& data, uint64_t before) {
  put(block, kind, 4);
  put(block, number, 4);
  put(block, position, 8);
  put(block, data.size(), 4);
  put(block, before, 4);
  block += data;
  return 24 + data.size();
}

uint64_t put_begin(std::string& block, fuzz::Input& input, const Forger& forger) {
  const swr::Author self = swr::Author::self();
  const uint64_t truth = input.number(1);
  std::string data;
  put(data, self.process, 4);
  put(data, 0, 4);
  data += truth % 8 == 0 ? forger.identity(truth) : identity_of(forger.journal);
  const std::string folder = swr::folder_of(forger.journal);
  data += identity_of(truth & 64 ? folder : folder + "/..");
  data += truth % 16 == 1 ? "other" : self.machine;
  const std::string images[] = {folder + "/image.mhd", folder + "/image.raw", forger.outside,
                                forger.name(input.number(1))};
  data += '\0' + (truth % 16 < 3 ? "other" : self.boot) + '\0' + images[input.number(1) % 4];
  return put_entry(block, 1, input.number(1) % 4, 0, data, 0);
}

uint64_t put_any_entry(std::string& block, fuzz::Input& input, const Forger& forger,
                       uint64_t before) {
  const uint64_t kind = input.number(1);
  const uint64_t number = input.number(1) % 4;
  const uint64_t position = kind & 64 ? input.number(8) : input.number(1);
  std::string data;
  switch (kind % 8) {
    case 2: data = forger.identity(input.number(1)) + forger.name(input.number(1)); break;
    case 3: data = std::string(input.number(1), 'x'); break;
    case 5:
      data = forger.identity(input.number(1)) + forger.identity(input.number(1)) +
             forger.name(input.number(1)) + '\0' + forger.name(input.number(1)) + '\0' +
             forger.name(input.number(1));
      break;
    default: data = forger.name(input.number(1)); break;
  }
  return put_entry(block, kind % 8, number, position, data, before);
}

std::string journal_from(fuzz::Input& input, const Forger& forger) {
  std::string journal = "SWRUNDO2";
  put(journal, salt, 4);
  const uint64_t state = input.number(1);
  put(journal, state % 8 < 6 ? 1 : state % 4, 4);
  put(journal, crc(0, journal), 4);
  put(journal, 0, 4);
  const uint64_t entries_of_block = input.number(1) % 8 + 1;
  uint64_t block_before = 0;
  for (uint64_t number = 0; !input.empty() && number < 20; ++number) {
    std::string entries;
    uint64_t before = 0;
    if (number == 0 && input.number(1) % 8 != 0) before = put_begin(entries, input, forger);
    for (uint64_t entry = 0; entry < entries_of_block && !input.empty(); ++entry)
      before = put_any_entry(entries, input, forger, before);
    std::string block;
    put(block, entries.size(), 4);
    put(block, block_before, 4);
    put(block, 0, 4);
    put(block, number, 8);
    block += entries;
    put(journal, crc(salt, block), 4);
    journal += block;
    block_before = block.size() + 4;
  }
  return journal;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

}  // namespace

template <typename Act>
void allow_errors(const Act& act) {
  try {
    act();
  } catch (const swr::Error& error) {
    fuzz::expect(error.status() != SWR_ERROR_INTERNAL, error.what());
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::Scratch scratch;
  const std::string folder = scratch.path("folder"), path = folder + "/image.mhd";
  const std::string header =
      "ObjectType = Image\nNDims = 1\nDimSize = 6\nElementType = MET_UCHAR\n"
      "ElementDataFile = image.raw\n";
  std::filesystem::create_directory(folder);
  scratch.write("outside", "outside", 7);
  scratch.write("folder/image.mhd", header.data(), header.size());
  scratch.write("folder/image.raw", "pixels", 6);
  scratch.write("folder/.a.swr-aaaaaaaaaa", "staged", 6);
  std::filesystem::create_symlink("../outside", folder + "/link");
  std::filesystem::create_symlink("..", folder + "/way");

  fuzz::Input input(data, size);
  const uint64_t form = input.number(1);
  Forger forger{scratch.path("outside"),
                swr::first_journal(form & 128 ? folder + "/image.raw" : path)};
  std::ofstream(forger.journal, std::ios::binary) << " ";
  for (const std::string& file :
       {path, folder + "/image.raw", forger.outside, folder + "/.a.swr-aaaaaaaaaa",
        folder + "/nothing", forger.journal})
    forger.identities.push_back(identity_of(file));

  const std::string journal = form % 4 != 0 ? journal_from(input, forger)
                                            : std::string(input.rest().begin(), input.rest().end());
  std::ofstream(forger.journal, std::ios::binary | std::ios::trunc) << journal;

  allow_errors([&] {
    swr::Reader reader;
    reader.outside_allowed = true;
    reader.open(path);
  });
  for (int time = 0; time < 2; ++time)
    allow_errors(
        [&] { swr::require_recovered(swr::recover_image(path, {.other_machine = true})); });
  fuzz::expect(contents(forger.outside) == "outside", "a file outside the folder is as it was");
  fuzz::expect(scratch.files() == 2, "nothing is made or removed outside the folder");
  scratch.clear();
  return 0;
}

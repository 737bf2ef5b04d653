// The indices of Zarr's shards: as bytes of every form, and while another program writes one.
#include <chrono>
#include <optional>
#include <thread>

#include "formats/zarr_shards.h"
#include "header_checks.h"
#include "sample_checks.h"
#include "storage/file.h"
#include "storage/journal_writer.h"

namespace {

using namespace swr;
using namespace swr::checks;

ZarrArray array_of_shards() {
  ZarrArray array{.shape = {6, 4}, .chunk = {3, 2}};
  array.shards = ZarrShards{.shape = {6, 4}};
  return array;
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void every_form_of_an_index_is_read_as_it_was_stored(void**) {
  for (int form = 0; form < 8; ++form) {
    ZarrArray array = array_of_shards();
    array.shards->index_is_big_endian = (form & 1) != 0;
    array.shards->index_has_checksum = (form & 2) != 0;
    array.shards->index_at_end = (form & 4) != 0;
    const ZarrShardIndex index(array);
    assert_int_equal(index.stored_bytes(), 64 + (array.shards->index_has_checksum ? 4 : 0));
    ZarrShardIndex::Places places = index.empty();
    assert_int_equal(places.size(), 4);
    places[1] = {70, 5};
    places[3] = {90, 0};
    const std::string stored = text_of(index.stored(places)), chunks(100, 'c');
    write_bytes("shard", array.shards->index_at_end ? chunks + stored : stored + chunks);
    const ZarrShardIndex::Places found = index.read(File("shard", File::Mode::read));
    for (size_t i = 0; i < places.size(); ++i) {
      assert_int_equal(found[i].bytes, places[i].bytes);
      if (places[i].bytes >= 0) assert_int_equal(found[i].offset, places[i].offset);
    }
  }
}

// As long as its writer lives, and has its journal.
void index_that_is_being_written_is_waited_for(void**) {
  const ZarrArray array = array_of_shards();
  const ZarrShardIndex index(array);
  ZarrShardIndex::Places places = index.empty();
  places[2] = {3, 4};
  const std::vector<std::byte> stored = index.stored(places);
  write_bytes("header", "a header");
  write_bytes("shard", std::string(100, '?'));
  std::optional<JournalWriter> journal;
  journal.emplace("header", JournalFlags{});
  journal->flush();
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    File written("shard", File::Mode::change);
    written.write_at(written.size(), stored);
    journal->remove();
  });
  ZarrShardIndices indices(array, {"header"});
  File shard("shard", File::Mode::read);
  shard.learn();
  const auto place = indices.find(shard, 2);
  writer.join();
  assert_true(place && place->offset == 3 && place->bytes == 4);
}

void index_that_stays_wrong_is_damaged(void**) {
  write_bytes("shard", std::string(200, '?'));
  ZarrShardIndices indices(array_of_shards(), {"header"});
  File shard("shard", File::Mode::read);
  expect_failure(SWR_ERROR_CORRUPT, {"shard", "index"}, [&] { indices.find(shard, 2); });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_form_of_an_index_is_read_as_it_was_stored),
      cmocka_unit_test(index_that_is_being_written_is_waited_for),
      cmocka_unit_test(index_that_stays_wrong_is_damaged),
  };
  return cmocka_run_group_tests_name("zarr shard index", tests, nullptr, nullptr);
}

// Keys and values against a plain list of pairs.
#include "image/metadata.h"

#include <algorithm>
#include <random>

#include "cmocka_cpp.h"

namespace swr {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

void expect(const Metadata& metadata, const Pairs& pairs) {
  assert_int_equal(metadata.size(), pairs.size());
  assert_int_equal(metadata.empty(), pairs.empty());
  assert_true(std::equal(metadata.begin(), metadata.end(), pairs.begin(), pairs.end()));
  for (size_t i = 0; i < pairs.size(); ++i) {
    assert_true(metadata[i] == pairs[i]);
    assert_string_equal(metadata.find(pairs[i].first)->c_str(), pairs[i].second.c_str());
  }
}

void metadata_random_changes_equal_a_list_of_pairs(void**) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    Metadata metadata;
    Pairs pairs;
    for (int step = 0; step < 60; ++step) {
      const std::string key = "key " + std::to_string(random() % 12);
      const std::string value = std::to_string(random());
      const auto at = std::find_if(pairs.begin(), pairs.end(),
                                   [&](const auto& pair) { return pair.first == key; });
      if (random() % 3 == 0) {
        const auto taken = metadata.take(key);
        assert_int_equal(taken.has_value(), at != pairs.end());
        if (at != pairs.end()) {
          assert_string_equal(taken->c_str(), at->second.c_str());
          pairs.erase(at);
        }
        assert_null(metadata.find(key));
      } else {
        metadata.set(key, value);
        if (at == pairs.end()) {
          pairs.emplace_back(key, value);
        } else {
          at->second = value;
        }
      }
      if (random() % 8 == 0) metadata.close_gaps();
      expect(metadata, pairs);
    }
    const Metadata copy = metadata;
    metadata.set("key 3", "of the copy no more");
    expect(copy, pairs);
  }
}

// A search through all keys for each would take minutes.
void metadata_many_keys_are_set_found_and_erased(void**) {
  Metadata metadata;
  const int count = 200000;
  for (int i = 0; i < count; ++i) metadata.set("key " + std::to_string(i), "value");
  for (int i = 0; i < count; i += 1000) assert_non_null(metadata.find("key " + std::to_string(i)));
  for (int i = 0; i < count - 1; ++i) metadata.erase("key " + std::to_string(i));
  expect(metadata, {{"key " + std::to_string(count - 1), "value"}});
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(metadata_random_changes_equal_a_list_of_pairs),
      cmocka_unit_test(metadata_many_keys_are_set_found_and_erased),
  };
  return cmocka_run_group_tests_name("metadata", tests, nullptr, nullptr);
}

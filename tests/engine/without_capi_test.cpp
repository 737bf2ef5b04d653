// The engine without its C interface: that this program links shows that nothing in impl/ needs
// capi/.
#include <vector>

#include "engine/reader.h"
#include "engine/writer.h"
#include "image/cmocka_cpp.h"

namespace swr {
namespace {

void an_image_is_written_and_read(void**) {
  Region region;
  region.dimensions = 2;
  region.size[0] = 6;
  region.size[1] = 5;
  std::vector<uint16_t> pixels(30), found(30);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint16_t>(i * 2027);
  Writer writer;
  Settings& settings = writer.changeable();
  settings.path = "alone.mha";
  settings.image_region = region;
  settings.pixel = PixelType{SWR_UINT16, 1, SWR_KIND_SCALAR};
  writer.begin();
  writer.put(region, pixels.data(), 60);
  writer.finish();
  Reader reader;
  reader.open("alone.mha");
  reader.read(region, found.data(), 60);
  assert_memory_equal(pixels.data(), found.data(), 60);
}

}  // namespace
}  // namespace swr

int main() {
  const CMUnitTest tests[] = {cmocka_unit_test(swr::an_image_is_written_and_read)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}

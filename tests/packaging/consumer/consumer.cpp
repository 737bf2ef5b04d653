// An outside program in C++: writes an image of 4 x 3 pixels and reads it back.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <swr/swr.hpp>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2 || swr::version() != argv[1]) {
    std::printf("linked with version %s\n", swr::version().c_str());
    return 1;
  }
  try {
    swr::Writer writer("consumer_cpp.mha");
    writer.set_image_region({4, 3}).set_pixel_type<uint16_t>().set_divisions(3);
    writer.write([](swr::Piece& piece) {
      for (uint16_t& pixel : piece.pixels<uint16_t>())
        pixel = static_cast<uint16_t>(piece.number() + 1);
    });
    writer.set_paste_region({{1, 1}, {1, 1}});
    writer.begin();
    writer.put({{1, 1}, {1, 1}}, std::vector<uint16_t>{500});
    writer.finish();
    bool thrown = false;
    try {
      writer.write([](swr::Piece&) { throw std::out_of_range("of the program"); });
    } catch (const std::out_of_range&) {
      thrown = true;
    }
    swr::Reader reader("consumer_cpp.mha");
    const std::vector<uint16_t> expected = {1, 1, 1, 1, 2, 500, 2, 2, 3, 3, 3, 3};
    if (!thrown || reader.read<uint16_t>() != expected) throw std::logic_error("other pixels");
  } catch (const std::exception& error) {
    std::printf("failed: %s\n", error.what());
    return 1;
  }
  std::printf("works\n");
}

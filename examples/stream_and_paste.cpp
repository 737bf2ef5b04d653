// Streams a volume of 1 GiB through 16 MiB of memory, then pastes a bright box into it.
#include <cstdio>
#include <swr/swr.hpp>
#include <vector>

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "volume.nii.gz";
  const int64_t slices = argc > 2 ? 16 : 512;  // any third word makes it a small volume
  try {
    swr::Writer writer(path);
    writer.set_image_region({1024, 1024, slices}).set_pixel_type<uint16_t>();
    writer.set_spacing({0.5, 0.5, 2.0}).set_memory_limit(16 << 20);
    // The source: asked for one piece after the other, it computes the pixels of that piece alone.
    writer.write([](swr::Piece& piece) {
      const swr::Region r = piece.region();
      uint16_t* pixel = piece.pixels<uint16_t>().data();
      for (int64_t z = r.index[2]; z < r.index[2] + r.size[2]; z++)
        for (int64_t y = r.index[1]; y < r.index[1] + r.size[1]; y++)
          for (int64_t x = r.index[0]; x < r.index[0] + r.size[0]; x++)
            *pixel++ = static_cast<uint16_t>(x + y + z);
    });
    writer.set_paste_region({{100, 200, 4}, {64, 64, 8}});
    writer.write(std::vector<uint16_t>(64 * 64 * 8, 65535));  // the box changes, and nothing else
  } catch (const swr::Error& error) {  // and the file is as it was before the call that failed
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

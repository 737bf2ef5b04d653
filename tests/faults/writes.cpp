#include "writes.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "children.h"
#include "faulty_system.h"
#include "formats/format.h"
#include "storage/storage_test.h"

namespace swr::writes {

namespace fs = std::filesystem;

namespace {

constexpr int64_t size_x = 24, size_y = 20, size_z = 16;

struct Kind {
  const char* suffix;  // short, so that "work/x" and the suffix need no memory
  bool compressed;
  bool set_compression;  // the suffix does not decide it
};
constexpr Kind kinds[] = {
    {".mha", false, false},    {".mhd", false, false},    {".nrrd", false, false},
    {".nii", false, false},    {".mha", true, true},      {".nii.gz", true, false},
    {".mhd", true, true},      {".hdr", false, false},    {".chunks", false, false},
    {".boxes", false, false},  {".mrc", false, false},    {".npy", false, false},
    {".gipl", false, false},   {".mgh", false, false},    {".vtk", false, false},
    {".vti", false, false},    {".tif", false, false},    {".h5", false, false},
    {".tif", true, true},      {".h5", true, true},       {".zarr", false, false},
    {".ome.tif", true, true},  {".s.zarr", false, false}, {".ome.zarr", true, true},
    {".o.s.zarr", true, true},
};

// Files of this name have a smaller version of the image.
bool has_level(const std::string& path) {
  return path.find(".ome.") != std::string::npos || path.find(".o.") != std::string::npos;
}

// Along so many axes it has half as many pixels.
int halved_axes(const std::string& path) {
  return path.ends_with(".zarr") ? 3 : 2;
}

// Files of this name have several chunks in each file.
bool has_shards(const std::string& path) {
  return path.ends_with(".s.zarr");
}

const char* chunk_shape(const std::string& path) {
  if (has_shards(path)) return "8,8,8";
  return path.ends_with(".zarr") ? "16,16,16" : nullptr;
}

swr_region box(int64_t x, int64_t y, int64_t z, int64_t nx, int64_t ny, int64_t nz) {
  return {3, 0, {x, y, z}, {nx, ny, nz}};
}

int64_t pixels_of(const swr_region& r) {
  return r.size[0] * r.size[1] * r.size[2];
}

bool contains(const swr_region& r, int64_t x, int64_t y, int64_t z) {
  return x >= r.index[0] && x < r.index[0] + r.size[0] && y >= r.index[1] &&
         y < r.index[1] + r.size[1] && z >= r.index[2] && z < r.index[2] + r.size[2];
}

constexpr unsigned flat = 3;  // the seed of pixels that compress to nothing

// A smooth shape with noise in its low bits, which compresses by half; different for each seed.
uint16_t pixel_at(int64_t x, int64_t y, int64_t z, unsigned seed) {
  if (seed == flat) return 700;
  auto noise = static_cast<uint32_t>(x + 31 * y + 977 * z + 7919 * seed) * 2654435761U;
  noise = (noise ^ noise >> 15) * 2246822519U;
  return static_cast<uint16_t>((x * 3 + y * 5 + z * 7 + seed * 1000) * 16 + (noise >> 28));
}

// The images are of int16, which every format holds: two bytes.
void fill(const swr_region& r, unsigned seed, uint16_t* at) {
  for (int64_t z = r.index[2]; z < r.index[2] + r.size[2]; ++z) {
    for (int64_t y = r.index[1]; y < r.index[1] + r.size[1]; ++y) {
      for (int64_t x = r.index[0]; x < r.index[0] + r.size[0]; ++x) *at++ = pixel_at(x, y, z, seed);
    }
  }
}

// Allocates nothing, because there may be no memory.
int32_t pull(swr_piece* piece, void* user) {
  auto* at = static_cast<uint16_t*>(swr_piece_buffer(piece));
  if (!at) return SWR_ERROR_MEMORY;
  fill(*swr_piece_region(piece), *static_cast<const unsigned*>(user), at);
  return SWR_OK;
}

// The settings of a write. What is not set has its default.
struct Settings {
  swr_region image = box(0, 0, 0, size_x, size_y, size_z);
  swr_region region{};  // paste region; none if it has no dimensions
  swr_existing existing = SWR_EXISTING_DEFAULT;
  bool compress = false;
  bool sync = false;
  bool erase = false;
  bool sole = false;
  bool put = false;  // the pieces are put, last one first
  int32_t pull_threads = 1;
  int64_t memory_limit = 0;
  unsigned seed = 1;

  const swr_region& written() const { return region.dimensions > 0 ? region : image; }
};

swr_status put_backwards(swr_writer* writer, const Settings& s) {
  swr_status status = swr_begin(writer);
  if (status != SWR_OK) return status;
  const swr_region& all = s.written();
  uint16_t pixels[size_x * size_y * 5];
  for (int64_t done = 0; status == SWR_OK && done < all.size[2];) {
    swr_region slab = all;
    slab.size[2] = std::min<int64_t>(5, all.size[2] - done);
    slab.index[2] = all.index[2] + all.size[2] - done - slab.size[2];
    fill(slab, s.seed, pixels);
    status =
        swr_put(writer, &slab, pixels, pixels_of(slab) * static_cast<int64_t>(sizeof pixels[0]));
    done += slab.size[2];
  }
  if (status == SWR_OK) return swr_finish(writer);  // which ends the write even if it fails
  swr_abandon(writer);
  return status;
}

swr_status write(swr_writer* w, const std::string& path, const Settings& s) {
  swr_status status = SWR_OK;
  // The first failure is the last call, so that its message stays.
  const auto done = [&](swr_status next) { return (status = next) == SWR_OK; };
  const bool all_set =
      done(swr_set_path(w, path.c_str())) && done(swr_set_image_region(w, &s.image)) &&
      done(swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR)) &&
      done(swr_set_paste_region(w, s.region.dimensions > 0 ? &s.region : nullptr)) &&
      done(swr_set_existing(w, s.existing)) &&
      done(swr_set_compression(w, s.compress ? "deflate" : nullptr, 6)) &&
      done(swr_set_option(w, "deflate.slot", "4096")) &&
      done(swr_set_option(w, "chunk.shape", chunk_shape(path))) &&
      done(swr_set_option(w, "zarr.shard", has_shards(path) ? "32,24,16" : nullptr)) &&
      done(swr_set_option(w, "pyramid.levels", has_level(path) ? "1" : nullptr)) &&
      done(swr_set_option(w, "pyramid.method", "nearest")) &&
      done(swr_set_option(w, "erase", s.erase ? "on" : "off")) &&
      done(swr_set_option(w, "paste.sole", s.sole ? "on" : "off")) &&
      done(swr_set_sync(w, s.sync)) && done(swr_set_threads(w, 2)) &&
      done(swr_set_pull_threads(w, s.pull_threads)) &&
      done(swr_set_memory_limit(w, s.memory_limit)) && done(swr_set_divisions(w, 4));
  if (!all_set) return status;
  if (s.put) return put_backwards(w, s);
  unsigned seed = s.seed;
  return swr_write(w, pull, &seed);
}

std::string compressed_by_zlib(std::string_view raw, bool gzip) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, gzip ? 31 : 15, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, static_cast<uLong>(raw.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Returns the files of a write into an empty folder.
Files files_of(const std::string& file, const Settings& s) {
  put_files("work", {});
  swr_writer* writer = swr_writer_create();
  const swr_status status = write(writer, "work/" + file, s);
  if (status != SWR_OK) fail_msg("%s: %s", file.c_str(), swr_writer_message(writer));
  swr_writer_destroy(writer);
  return files_in("work");
}

// A file as other programs write it: one zlib stream without slots.
Files foreign_files(const std::string& suffix, const swr_region& image) {
  if (suffix == ".nii.gz")
    return {{"x.nii.gz", compressed_by_zlib(files_of("x.nii", {.image = image})["x.nii"], true)}};
  const std::string plain = files_of("x.mha", {.image = image})["x.mha"], mark = "ElementDataFile";
  const size_t last = plain.find(mark), pixels = plain.find('\n', last) + 1;
  std::string header = plain.substr(0, last);
  for (const std::string_view line : {"CompressedData = False\n"}) {
    if (const size_t at = header.find(line); at != std::string::npos) header.erase(at, line.size());
  }
  const std::string stream = compressed_by_zlib(std::string_view(plain).substr(pixels), false);
  header += text("CompressedData = True\nCompressedDataSize = ", stream.size(), "\n");
  return {{"x.mha", header + plain.substr(last, pixels - last) + stream}};
}

// The pixels of a file after a write over a file of seed 1, or over no file.
std::vector<uint16_t> expected_pixels(const Settings& s, bool has_old) {
  std::vector<uint16_t> pixels;
  const swr_region old =
      s.existing == SWR_EXISTING_EXTEND ? box(0, 0, 0, size_x, size_y, size_z) : s.image;
  const int64_t first = s.image.index[2];  // the others are 0
  for (int64_t z = first; z < first + s.image.size[2]; ++z) {
    for (int64_t y = 0; y < s.image.size[1]; ++y) {
      for (int64_t x = 0; x < s.image.size[0]; ++x) {
        const bool is_old = has_old && contains(old, x, y, z);
        pixels.push_back(contains(s.written(), x, y, z) ? pixel_at(x, y, z, s.seed)
                         : is_old                       ? pixel_at(x, y, z, 1)
                                                        : uint16_t{0});
      }
    }
  }
  return pixels;
}

// It has the pixels of even numbers along the axes that are halved.
void check_level(const std::string& name, const std::string& path, const swr_region& image,
                 const std::vector<uint16_t>& pixels) {
  swr_region level = image;
  const int halved = halved_axes(path);
  for (int axis = 0; axis < halved; ++axis) level.size[axis] = (image.size[axis] + 1) / 2;
  std::fill_n(level.index, 3, 0);
  std::vector<uint16_t> found(static_cast<size_t>(pixels_of(level))), expected;
  const int64_t step_z = halved == 3 ? 2 : 1;
  for (int64_t z = 0; z < image.size[2]; z += step_z) {
    for (int64_t y = 0; y < image.size[1]; y += 2) {
      for (int64_t x = 0; x < image.size[0]; x += 2)
        expected.push_back(
            pixels[static_cast<size_t>((z * image.size[1] + y) * image.size[0] + x)]);
    }
  }
  swr_reader* reader = swr_reader_create();
  const auto bytes = static_cast<int64_t>(found.size() * sizeof found[0]);
  if (swr_reader_set_option(reader, "pyramid.level", "1") != SWR_OK ||
      swr_reader_open(reader, path.c_str()) != SWR_OK ||
      swr_reader_read(reader, &level, found.data(), bytes) != SWR_OK)
    fail_msg("%s: %s", name.c_str(), swr_reader_message(reader));
  swr_reader_destroy(reader);
  if (found != expected) fail_msg("%s: the smaller version is not one of the image", name.c_str());
}

void check_pixels(const std::string& name, const std::string& path, bool has_old,
                  const Settings& s) {
  const auto expected = expected_pixels(s, has_old);
  std::vector<uint16_t> found(expected.size());
  swr_reader* reader = swr_reader_create();
  const auto bytes = static_cast<int64_t>(found.size() * sizeof found[0]);
  if (swr_reader_open(reader, path.c_str()) != SWR_OK || swr_reader_verify(reader) != SWR_OK ||
      swr_reader_read(reader, &s.image, found.data(), bytes) != SWR_OK) {
    fail_msg("%s: %s", name.c_str(), swr_reader_message(reader));
  }
  swr_reader_destroy(reader);
  if (found != expected)
    fail_msg("%s: the pixels are not what they should be, with nothing that fails", name.c_str());
  if (has_level(path)) check_level(name, path, s.image, found);
}

class List {
 public:
  List(bool sync, bool tried) : sync_(sync), tried_(tried) {}

  // What a write changes.
  Files old(const std::string& file, const Settings& s) const {
    return tried_ ? files_of(file, s) : Files();
  }
  Files foreign(const std::string& suffix, const swr_region& image) const {
    return tried_ ? foreign_files(suffix, image) : Files();
  }

  void add(const Kind& kind, const std::string& what, const Files& before, Settings s,
           swr_method method) {
    s.sync = sync_;
    s.compress = kind.set_compression;
    Write write;
    write.file = text("x", kind.suffix);
    write.name = text(write.file, kind.set_compression ? ", compressed" : "", ": ", what,
                      sync_ ? ", with sync" : "");
    write.act = [s](swr_writer* writer, const std::string& path) {
      return writes::write(writer, path, s);
    };
    write.before = before;
    if (tried_) try_out(write, s, method);
    all.push_back(std::move(write));
  }

  std::vector<Write> all;

 private:
  static void try_out(Write& write, const Settings& s, swr_method method) {
    write.set_up();
    swr_writer* writer = swr_writer_create();
    if (write.run(writer) != SWR_OK)
      fail_msg("%s: %s", write.name.c_str(), swr_writer_message(writer));
    int64_t used = -1;
    swr_get_statistics(writer, SWR_STATISTIC_METHOD, &used);
    if (used != method)
      fail_msg("%s: the method was %d", write.name.c_str(), static_cast<int>(used));
    swr_writer_destroy(writer);
    write.check = [s, name = write.name, has_old = !write.before.empty()](const std::string& path) {
      check_pixels(name, path, has_old, s);
    };
    write.check("work/" + write.file);
    write.after = files_in("work");
  }

  bool sync_, tried_;
};

const swr_region longish = box(0, 0, 0, size_x, size_y, 6 * size_z);  // several deflate blocks
const swr_region pasted = box(5, 4, 3, 11, 9, 7);

// Extends an axis of the image; only the new part is delivered.
Settings longer(int axis, int64_t by) {
  Settings s{.existing = SWR_EXISTING_EXTEND, .seed = 2};
  s.region = s.image;
  s.region.index[axis] = s.image.size[axis];
  s.region.size[axis] = by;
  s.image.size[axis] += by;
  return s;
}

// Extends the image below its first slice; only the new part is delivered.
Settings lower(int64_t by) {
  Settings s{.existing = SWR_EXISTING_EXTEND, .seed = 2};
  s.image.index[2] = -by;
  s.image.size[2] += by;
  s.region = s.image;
  s.region.size[2] = by;
  return s;
}

}  // namespace

Files files_in(const std::string& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).generic_string();
    if (entry.is_directory()) {
      files[name + '/'];
    } else {
      files[name] = content(entry.path().string());
    }
  }
  return files;
}

void put_files(const std::string& folder, const Files& files) {
  fresh_folder(folder);
  for (const auto& [name, bytes] : files) {
    const std::string path = text(folder, '/', name);
    if (name.ends_with('/')) {
      fs::create_directories(path);
    } else {
      put(path, bytes);
    }
  }
}

namespace {

// Where a call takes as long as with wine, these alone, and one of them for each commit: in one
// file, in two files, compressed, in a folder, and in shards. Their number and that of the turns of
// .ci/run have no factor in common, so that each kind has its turn.
constexpr std::string_view suffixes_of_slow_calls[] = {".mha", ".mhd", ".nii.gz", ".zarr",
                                                       ".s.zarr"};

bool takes_its_turn(const Kind& kind) {
  if (faulty::calls_are_cheap) return faulty::takes_its_turn(&kind - kinds, 2);
  const auto* const slow = std::ranges::find(suffixes_of_slow_calls, kind.suffix);
  return slow != std::end(suffixes_of_slow_calls) &&
         faulty::takes_its_turn(slow - suffixes_of_slow_calls, std::ssize(suffixes_of_slow_calls));
}

std::vector<Write> made(List list, bool (*is_wanted)(const Kind&)) {
  for (const Kind& kind : kinds) {
    if (!is_wanted(kind)) continue;
    const std::string file = text("x", kind.suffix);
    if (!format_by_suffix(file)) continue;  // was not built in
    const Files old = list.old(file, {.compress = kind.set_compression});
    list.add(kind, "create", {}, {.seed = 2}, SWR_METHOD_CREATE);
    list.add(kind, "replace", old, {.seed = 2}, SWR_METHOD_CREATE);
    if (format_by_suffix(file)->capabilities & SWR_CAN_PASTE) {
      list.add(kind, "paste", old, {.region = pasted, .seed = 2}, SWR_METHOD_IN_PLACE);
      list.add(kind, "extend", old, longer(2, 5), SWR_METHOD_IN_PLACE);
      const bool grows_anywhere = format_by_suffix(file)->grows_along_any_axis;
      list.add(kind, "make wider", old, longer(0, 3),
               grows_anywhere ? SWR_METHOD_IN_PLACE : SWR_METHOD_REWRITE);
      if (grows_anywhere) list.add(kind, "grow below", old, lower(3), SWR_METHOD_REWRITE);
    }
    list.add(kind, "put", {}, {.put = true, .seed = 2}, SWR_METHOD_CREATE);
    // The following writes depend little on the kind of file.
    const bool is_one_of_its_sort =
        kind.suffix == std::string_view(kind.compressed ? ".nii.gz" : ".mha");
    if (is_one_of_its_sort) {
      // Large enough for scratch files and several blocks, with little memory allowed.
      const swr_region large = box(0, 0, 0, size_x, size_y, 16 * size_z);
      const int64_t scarce = kind.compressed ? int64_t{2} << 20 : int64_t{1} << 20;
      list.add(kind, "create, pulled by two threads", {},
               {.image = large, .pull_threads = 2, .memory_limit = scarce, .seed = 2},
               SWR_METHOD_CREATE);
      list.add(kind, "put much", {},
               {.image = large, .put = true, .memory_limit = scarce, .seed = 2}, SWR_METHOD_CREATE);
      list.add(kind, "create what is only a part", {}, {.region = pasted, .seed = 2},
               SWR_METHOD_CREATE);
      list.add(kind, "paste and erase", old, {.region = pasted, .erase = true, .seed = 2},
               SWR_METHOD_IN_PLACE);
      list.add(kind, "paste as sole writer", old, {.region = pasted, .sole = true, .seed = 2},
               SWR_METHOD_IN_PLACE);
      list.add(kind, "put into", old, {.region = pasted, .put = true, .seed = 2},
               SWR_METHOD_IN_PLACE);
    }
    // The pixels move to a file with another name.
    if (kind.compressed && kind.suffix == std::string_view(".mhd")) {
      list.add(kind, "compress and erase", list.old(file, {}),
               {.region = pasted, .erase = true, .seed = 2}, SWR_METHOD_REWRITE);
    }
    // Each chunk is a stream of its own.
    const std::string_view suffix = kind.suffix;
    const bool has_chunks = suffix == ".tif" || suffix == ".ome.tif" || suffix == ".h5";
    const bool is_folder = suffix.ends_with(".zarr");
    if (kind.compressed && has_chunks) {
      list.add(kind, "paste and erase", old, {.region = pasted, .erase = true, .seed = 2},
               SWR_METHOD_IN_PLACE);
    }
    if (kind.compressed && !has_chunks && !is_folder && suffix != ".mhd") {
      const Files foreign = list.foreign(kind.suffix, longish);
      list.add(kind, "splice", foreign, {.image = longish, .region = pasted, .seed = flat},
               SWR_METHOD_SPLICE);
      list.add(kind, "splice what does not fit", foreign,
               {.image = longish, .region = pasted, .seed = 2}, SWR_METHOD_REWRITE);
      list.add(kind, "erase what does not fit", foreign,
               {.image = longish, .region = pasted, .erase = true, .seed = 2}, SWR_METHOD_REWRITE);
    }
  }
  return list.all;
}

// A folder has so many files that each commit takes half of its writes where calls are slow.
std::vector<Write> made_in_turn(bool sync, bool tried) {
  std::vector<Write> writes = made(List(sync, tried), takes_its_turn);
  int64_t number = 0;
  std::erase_if(writes, [&](const Write& write) {
    const bool is_slow = !faulty::calls_are_cheap && write.file.ends_with(".zarr");
    return is_slow && !faulty::takes_its_turn(number++, 2);
  });
  return writes;
}

}  // namespace

std::vector<Write> all(bool sync) {
  return made(List(sync, true), [](const Kind&) { return true; });
}

std::vector<Write> in_turn(bool sync) {
  return made_in_turn(sync, true);
}

std::vector<Write> untried(bool sync) {
  return made_in_turn(sync, false);
}

}  // namespace swr::writes

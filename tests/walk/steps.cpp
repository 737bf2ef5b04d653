#include "walk/steps.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "walk/foreign.h"

extern "C" {
#include "support/support.h"
}

namespace swr::walk {
namespace {

namespace fs = std::filesystem;

struct Suffix {
  std::string format, suffix;
};

// Of the formats that are written and changed.
std::vector<Suffix> suffixes() {
  constexpr uint32_t needed = SWR_CAN_STREAM | SWR_CAN_PASTE;
  std::vector<Suffix> all;
  for (int32_t number = 0; number < swr_format_count(); ++number) {
    const char* const format = swr_format_name(number);
    uint32_t flags = 0;
    if (swr_format_capabilities(format, &flags) != SWR_OK || (flags & needed) != needed) continue;
    std::istringstream words(swr_format_suffixes(format));
    for (std::string suffix; words >> suffix;) all.push_back({format, suffix});
  }
  return all;
}

// What files of the name hold.
uint32_t flags_of(const std::string& name) {
  static const auto* const all = new std::vector<Suffix>(suffixes());
  uint32_t flags = 0;
  for (const Suffix& each : *all) {
    if (name.ends_with(each.suffix)) swr_format_capabilities(each.format.c_str(), &flags);
  }
  return flags;
}

// Leaves out what files of the name do not hold.
void hold(ImageState& image, const std::string& name) {
  const uint32_t flags = flags_of(name);
  const auto n = static_cast<size_t>(image.region.dimensions);
  if (!(flags & SWR_HOLDS_SPACING)) image.spacing.assign(n, 1);
  if (!(flags & SWR_HOLDS_ORIGIN)) image.origin.assign(n, 0);
  if (!(flags & SWR_HOLDS_METADATA)) image.metadata.clear();
  if (!(flags & SWR_HOLDS_START_INDEX)) std::fill_n(image.region.index, n, 0);
  if (flags & SWR_HOLDS_DIRECTION) return;
  image.direction.assign(n * n, 0);
  for (size_t axis = 0; axis < n; ++axis) image.direction[axis * n + axis] = 1;
}

// Whether files of the name can have such pixels and so many dimensions.
bool can_be(const std::string& name, const ImageState& image) {
  swr_writer* const w = swr_writer_create();
  swr_region region{};
  region.dimensions = image.region.dimensions;
  std::fill_n(region.size, region.dimensions, 2);
  swr_set_path(w, ("no-such-file" + name.substr(name.find('.'))).c_str());
  swr_set_image_region(w, &region);
  swr_set_pixel_type(w, image.component, image.components, image.kind);
  const swr_status status = swr_check(w);
  swr_writer_destroy(w);
  return status != SWR_ERROR_UNSUPPORTED;
}

std::string ending_of(const std::string& name) {
  return name.substr(name.find('.'));
}

bool is_zarr(const std::string& name) {
  return name.ends_with(".zarr");
}

// Formats with smaller versions of an image.
bool may_have_level(const std::string& name) {
  for (const char* const suffix : {".zarr", ".tif", ".tiff", ".btf", ".tf8"}) {
    if (name.ends_with(suffix)) return true;
  }
  return false;
}

bool compressed_by_suffix(const std::string& name) {
  return name.ends_with("gz");  // .nii.gz, .mgz
}

bool is_detached(const std::string& suffix) {
  return suffix == ".mhd" || suffix == ".nhdr" || suffix.starts_with(".hdr") ||
         suffix.starts_with(".img");
}

ImageState grown(const ImageState& old, const swr_region& region, double fill) {
  ImageState now = old;
  now.region = region;
  now.pixels.resize(static_cast<size_t>(checked::pixels_of(region) * old.pixel_bytes()));
  const auto component = static_cast<size_t>(swr_component_bytes(old.component));
  for (size_t at = 0; at < now.pixels.size(); at += component)
    component_store(&now.pixels[at], old.component, fill);
  if (!old.pixels.empty())
    checked::copy_part(old.region, old.pixel_bytes(), old.pixels.data(), old.region,
                       now.pixels.data(), region);
  return now;
}

void lay(const Attempt& attempt, ImageState& image) {
  if (attempt.delivery == Delivery::allocates) return;
  const Bytes pixels = stored_pixels(attempt, image.component);
  checked::copy_part(attempt.source.region, image.pixel_bytes(), pixels.data(),
                     attempt.source.region, image.pixels.data(), image.region);
}

}  // namespace

std::string Walk::any_name() {
  static const auto* const all = new std::vector<Suffix>(suffixes());
  for (;;) {
    const std::string& suffix = random_.pick(*all).suffix;
    if (detached_ || !is_detached(suffix)) return random_.pick({"a", "a", "b"}) + suffix;
  }
}

std::string Walk::any_image() {
  auto at = folder_.images.begin();
  std::advance(at, random_.below(static_cast<int64_t>(folder_.images.size())));
  return at->first;
}

swr_region Walk::any_box(const swr_region& inside) {
  swr_region box = inside;
  for (int32_t axis = 0; axis < box.dimensions; ++axis) {
    if (random_.one_in(3)) continue;
    const int64_t skip = random_.below(inside.size[axis]);
    box.index[axis] += skip;
    box.size[axis] = 1 + random_.below(inside.size[axis] - skip);
  }
  return box;
}

ImageState Walk::any_description(const std::string& name) {
  ImageState image;
  do {
    image.region.dimensions = static_cast<int32_t>(1 + random_.below(4));
    image.component = static_cast<swr_component>(1 + random_.below(10));
    image.components = random_.one_in(4) ? static_cast<int32_t>(2 + random_.below(3)) : 1;
    image.kind = image.components == 1 ? SWR_KIND_SCALAR : SWR_KIND_VECTOR;
  } while (!can_be(name, image));
  const int32_t n = image.region.dimensions;
  const int64_t most = random_.one_in(4) ? 48 : 12;
  for (int32_t axis = 0; axis < n; ++axis) {
    image.region.index[axis] = random_.one_in(3) ? random_.below(30) - 15 : 0;
    image.region.size[axis] = 1 + random_.below(axis < 2 ? most : axis == 2 ? 12 : 4);
    image.spacing.push_back(static_cast<double>(1 + random_.below(40)) / 8);
    image.origin.push_back(static_cast<double>(random_.below(400) - 200) / 4);
  }
  // The axes of space in another order and direction.
  std::vector<int32_t> order;
  for (int32_t axis = 0; axis < n; ++axis) order.push_back(axis);
  if (n > 1 && random_.one_in(3)) std::swap(order[0], order[1]);
  image.direction.resize(static_cast<size_t>(n) * static_cast<size_t>(n));
  for (int32_t axis = 0; axis < n; ++axis)
    image.direction[static_cast<size_t>(order[static_cast<size_t>(axis)] * n + axis)] =
        axis < 3 && random_.one_in(4) ? -1 : 1;
  if (random_.one_in(3))
    image.metadata.emplace_back("note_1", random_.pick({"x", "two words", "äöü"}));
  if (random_.one_in(3)) image.metadata.emplace_back("Modality", "MR");
  image.encoding = compressed_by_suffix(name) ? "deflate" : "none";
  hold(image, name);
  return image;
}

ImageState Walk::any_source(const swr_region& region, const ImageState& like, Attempt& attempt) {
  ImageState source;
  source.region = region;
  source.component = like.component;
  source.components = like.components;
  if (random_.one_in(5)) {
    source.component = static_cast<swr_component>(1 + random_.below(10));
    if (source.component != like.component) attempt.conversion = SWR_CONVERSION_CLAMP;
  }
  source.pixels.resize(static_cast<size_t>(checked::pixels_of(region) * source.pixel_bytes()));
  const auto bytes = static_cast<size_t>(swr_component_bytes(source.component));
  const int64_t noise = random_.pick<int64_t>({1, 4, 120}), slope = random_.below(3);
  const int64_t base = random_.below(20);
  for (size_t at = 0; at < source.pixels.size(); at += bytes) {
    const int64_t value =
        base + slope * static_cast<int64_t>(at / bytes % 40) + random_.below(noise);
    component_store(&source.pixels[at], source.component, static_cast<double>(value % 128));
  }
  return source;
}

void Walk::run_and_note(Attempt& attempt, ImageState predicted, bool sure) {
  if (attempt.ending == Ending::dies || attempt.ending != Ending::finishes) attempt.rollback = true;
  tell(attempt.text());
  const Result result = run(attempt);
  history_.back() += std::string(" -> ") + swr_status_name(result.status) + " " + result.message;
  if (result.died) {
    int32_t recovered = 0;
    const swr_status first = swr_recover(attempt.path.c_str(), &recovered);
    if (first != SWR_OK && first != SWR_ERROR_NOT_FOUND)
      throw Wrong(attempt.path + ": swr_recover: " + swr_status_name(first));
    const swr_status second = swr_recover(attempt.path.c_str(), &recovered);
    if (second != first || recovered != 0)
      throw Wrong(attempt.path + ": the second recovery had something to do");
  }
  if (result.status == SWR_OK) {
    ++writes_;
    const bool replaces = attempt.existing == SWR_EXISTING_REPLACE;
    const bool has_level = replaces ? attempt.has_level : folder_.images.at(attempt.path).has_level;
    folder_.accept(attempt.path, std::move(predicted), has_level, replaces);
    return;
  }
  const bool on_purpose = attempt.ending != Ending::finishes;
  if (on_purpose && (result.status == SWR_CANCELLED || result.status == SWR_ERROR_SOURCE)) return;
  ++refusals_;
  if (result.message.empty()) throw Wrong(attempt.path + ": a refusal without a message");
  if (result.said != result.status)
    throw Wrong(attempt.path + ": swr_check() said " + swr_status_name(result.said));
  const bool no_room = result.status == SWR_ERROR_MEMORY_LIMIT && attempt.memory_limit > 0;
  if (no_room ||
      (!sure && (result.status == SWR_ERROR_UNSUPPORTED || result.status == SWR_ERROR_EXISTS)))
    return;
  throw Wrong(attempt.path + ": it should not have been refused");
}

// Old pixels of an image that is a folder cannot be erased.
void Walk::draw_update(Attempt& attempt) {
  draw_manner(attempt, random_);
  if (is_zarr(attempt.path)) attempt.erase = false;
}

void Walk::create() {
  Attempt attempt;
  attempt.path = any_name();
  const bool is_there = folder_.images.count(attempt.path) > 0;
  if (!is_there && folder_.is_taken(attempt.path)) return;
  attempt.image = any_description(attempt.path);
  draw_manner(attempt, random_);
  attempt.has_level = may_have_level(attempt.path) && random_.one_in(2);
  if (is_zarr(attempt.path) || random_.one_in(3)) {
    attempt.compression = random_.pick({"none", "deflate"});
    attempt.image.encoding = *attempt.compression;
  }
  attempt.existing = SWR_EXISTING_REPLACE;
  if (random_.one_in(8)) attempt.delivery = Delivery::allocates, attempt.part.reset();
  if (random_.one_in(4) && attempt.delivery != Delivery::allocates)
    attempt.part = any_box(attempt.image.region);
  attempt.source = any_source(attempt.part.value_or(attempt.image.region), attempt.image, attempt);
  ImageState predicted = grown(attempt.image, attempt.image.region, attempt.fill);
  lay(attempt, predicted);
  run_and_note(attempt, std::move(predicted), false);
}

void Walk::paste() {
  Attempt attempt;
  attempt.path = any_image();
  const ImageState& old = folder_.images.at(attempt.path).state;
  draw_update(attempt);
  attempt.existing = SWR_EXISTING_UPDATE;
  attempt.describes = random_.one_in(2);
  attempt.image = old;
  attempt.image.metadata.clear();
  if (!random_.one_in(5)) attempt.part = any_box(old.region);
  attempt.source = any_source(attempt.part.value_or(old.region), old, attempt);
  ImageState predicted = old;
  lay(attempt, predicted);
  run_and_note(attempt, std::move(predicted), true);
}

void Walk::extend() {
  Attempt attempt;
  attempt.path = any_image();
  const ImageState& old = folder_.images.at(attempt.path).state;
  if (old.pixels.size() > 200000) return;
  draw_update(attempt);
  attempt.existing = SWR_EXISTING_EXTEND;
  attempt.image = old;
  attempt.image.metadata.clear();
  swr_region& region = attempt.image.region;
  const auto axis = random_.one_in(2) ? region.dimensions - 1
                                      : static_cast<int32_t>(random_.below(region.dimensions));
  const int64_t by = 1 + random_.below(4);
  region.size[axis] += by;
  if (random_.one_in(4) && (flags_of(attempt.path) & SWR_HOLDS_START_INDEX))
    region.index[axis] -= by;
  if (random_.one_in(6)) {
    attempt.delivery = Delivery::allocates;
  } else {
    attempt.part = any_box(region);
  }
  attempt.source = any_source(attempt.part.value_or(region), old, attempt);
  ImageState predicted = grown(old, region, attempt.fill);
  lay(attempt, predicted);
  run_and_note(attempt, std::move(predicted), true);
}

// Through the reader: a copy, a crop, another type, another format, another compression.
void Walk::copy() {
  Attempt attempt;
  attempt.read_from = any_image();
  attempt.path = any_name();
  if (folder_.images.count(attempt.path) == 0 && folder_.is_taken(attempt.path)) return;
  const ImageState& from = folder_.images.at(attempt.read_from).state;
  draw_manner(attempt, random_);
  attempt.delivery = Delivery::reads;
  attempt.existing = SWR_EXISTING_REPLACE;
  attempt.image = from;
  attempt.image.encoding = compressed_by_suffix(attempt.path) ? "deflate" : "none";
  attempt.has_level = may_have_level(attempt.path) && random_.one_in(2);
  if (is_zarr(attempt.path) || random_.one_in(3)) {
    attempt.compression = random_.pick({"none", "deflate"});
    attempt.image.encoding = *attempt.compression;
  }
  if (random_.one_in(3)) attempt.image.region = any_box(from.region);
  if (random_.one_in(4)) {
    attempt.image.component = static_cast<swr_component>(1 + random_.below(10));
    attempt.conversion = SWR_CONVERSION_CLAMP;
  }
  attempt.source = from;
  attempt.source.region = attempt.image.region;
  attempt.source.pixels.resize(
      static_cast<size_t>(checked::pixels_of(attempt.image.region) * from.pixel_bytes()));
  checked::copy_part(attempt.image.region, from.pixel_bytes(), from.pixels.data(), from.region,
                     attempt.source.pixels.data(), attempt.image.region);
  attempt.image.pixels.clear();
  ImageState predicted = grown(attempt.image, attempt.image.region, attempt.fill);
  lay(attempt, predicted);
  run_and_note(attempt, std::move(predicted), false);
}

// An update that sets another compression.
void Walk::recompress() {
  Attempt attempt;
  attempt.path = any_image();
  const ImageState& old = folder_.images.at(attempt.path).state;
  draw_update(attempt);
  attempt.existing = SWR_EXISTING_UPDATE;
  attempt.describes = false;
  attempt.compression = random_.pick({"none", "deflate"});
  attempt.part = any_box(old.region);
  attempt.source = any_source(*attempt.part, old, attempt);
  ImageState predicted = old;
  predicted.encoding = *attempt.compression;
  lay(attempt, predicted);
  const bool same = predicted.encoding == old.encoding;
  run_and_note(attempt, std::move(predicted), same);
}

// The source of a write that is refused before it is asked.
static int32_t is_not_asked(swr_piece*, void*) {
  return SWR_ERROR_SOURCE;
}

// What must not be done.
void Walk::refuse() {
  const std::string name = any_image();
  const ImageState& old = folder_.images.at(name).state;
  swr_writer* const w = swr_writer_create();
  swr_set_path(w, name.c_str());
  swr_region box = old.region;
  const int64_t what = random_.below(3);
  if (what == 0) box.index[random_.below(box.dimensions)] += 1;
  swr_set_paste_region(w, &box);
  swr_set_existing(w, what == 1 ? SWR_EXISTING_FAIL : SWR_EXISTING_UPDATE);
  if (what == 2)
    swr_set_pixel_type(w, old.component == SWR_UINT8 ? SWR_INT16 : SWR_UINT8, old.components,
                       old.kind);
  const swr_status status = swr_write(w, is_not_asked, nullptr);
  tell("refuse " + name + " " + std::to_string(what) + " -> " + swr_status_name(status) + " " +
       swr_writer_message(w));
  const std::string message = swr_writer_message(w);
  swr_writer_destroy(w);
  const swr_status expected[] = {SWR_ERROR_REGION, SWR_ERROR_EXISTS, SWR_ERROR_MISMATCH};
  if (status != expected[what]) throw Wrong(name + ": " + swr_status_name(status) + " " + message);
}

void Walk::recover() {
  const std::string name = any_image();
  int32_t recovered = 0;
  const swr_status status = swr_recover(name.c_str(), &recovered);
  tell("recover " + name + " -> " + swr_status_name(status));
  if (status != SWR_OK || recovered != 0) throw Wrong(name + ": there was nothing to recover");
}

void Walk::act_as_user() {
  const int64_t what = random_.below(6);
  if (what == 0) {
    const std::string name =
        random_.pick({"a", "b"}) +
        std::string(random_.pick({".raw", ".zraw", ".raw.gz", ".img", ".txt", ".dat"}));
    const std::string stem = name.substr(0, 1);
    // Of a pair that is compressed it would take the place.
    if (name.ends_with(".img") && (fs::exists(stem + ".hdr") || fs::exists(stem + ".hdr.gz")))
      return;
    if (folder_.is_taken(name)) return;
    tell("the user makes " + name);
    save(name, folder_.others[name] = "of the user " + std::to_string(random_.next()));
    return;
  }
  if (folder_.images.empty()) return;
  const std::string name = any_image();
  const Picture picture = folder_.images.at(name);
  if (what == 1 || folder_.images.size() > 7) {
    tell("the user removes " + name);
    folder_.images.erase(name);
    for (const std::string& file : picture.files()) fs::remove_all(file);
  } else if (what == 2 && picture.header == picture.data) {
    const std::string other = random_.pick({"c", "d"}) + ending_of(name);
    if (folder_.is_taken(other)) return;
    tell("the user moves " + name + " to " + other);
    fs::rename(name, other);
    folder_.images.erase(name);
    folder_.accept(other, picture.state, picture.has_level);
  } else if (what == 3 && picture.header == picture.data) {
    const std::string other = random_.pick({"c", "d"}) + ending_of(name);
    if (folder_.is_taken(other)) return;
    tell("the user copies " + name + " to " + other);
    fs::copy(name, other, fs::copy_options::recursive);
    folder_.accept(other, picture.state, picture.has_level);
  } else if (what == 4) {
    if (compress_again(picture, random_)) tell("the user compresses " + name + " again");
  } else {
    const std::string data =
        random_.pick({"pixels", "data"}) + std::string(random_.pick({".dat", ".raw", ".gz"}));
    if (folder_.is_taken(data)) return;
    if (rename_data(folder_, name, data))
      tell("the user renames the data of " + name + " to " + data);
  }
}

void Walk::step() {
  const int64_t what = random_.below(100);
  if (folder_.images.empty() || what < 20) {
    create();
  } else if (what < 45) {
    paste();
  } else if (what < 60) {
    extend();
  } else if (what < 72) {
    copy();
  } else if (what < 80) {
    recompress();
  } else if (what < 83) {
    refuse();
  } else if (what < 85) {
    recover();
  } else {
    act_as_user();
  }
  folder_.check();
}

}  // namespace swr::walk

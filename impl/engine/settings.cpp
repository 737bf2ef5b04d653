#include "engine/settings.h"

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstring>

#include "base/error.h"
#include "base/numbers.h"

namespace swr {
namespace {

[[noreturn]] void unknown_value(const std::string& key, const std::string& value,
                                const char* possible) {
  fail(SWR_ERROR_ARGUMENT, "the option \"", key, "\" cannot be \"", value, "\"; it must be ",
       possible);
}

bool choice(const std::string& key, const char* value, const char* on, const char* off) {
  if (!value || std::strcmp(value, off) == 0) return false;
  if (std::strcmp(value, on) == 0) return true;
  unknown_value(key, value, text(on, " or ", off).c_str());
}

template <std::integral Number>
Parsed parse(std::string_view text, Number& result) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, result);
  return parsed.ec == std::errc() && parsed.ptr == end ? Parsed::ok : Parsed::not_a_number;
}

Parsed parse(std::string_view text, double& result) {
  return parse_real(text, result);
}

template <typename Number>
Number number(const std::string& key, const char* value, Number unset, Number least, Number most) {
  if (!value) return unset;
  Number result{};
  const Parsed parsed = parse(value, result);
  const bool inside = parsed == Parsed::ok && result >= least && result <= most;
  if (!inside) unknown_value(key, value, text("a number from ", least, " to ", most).c_str());
  return result;
}

// "64,64,32"; empty if it is unset.
std::vector<int64_t> shape(const std::string& key, const char* value, const char* possible) {
  std::vector<int64_t> sizes;
  if (!value) return sizes;
  const std::string_view all = value;
  for (size_t begin = 0; begin <= all.size();) {
    const size_t end = std::min(all.find(',', begin), all.size());
    int64_t size = 0;
    const bool is_size = parse(all.substr(begin, end - begin), size) == Parsed::ok && size >= 1;
    if (!is_size || sizes.size() == SWR_MAX_DIMENSIONS) unknown_value(key, value, possible);
    sizes.push_back(size);
    begin = end + 1;
  }
  return sizes;
}

ZarrShardRequest zarr_shard(const std::string& key, const char* value) {
  if (!value || std::strcmp(value, "none") == 0) return {};
  if (std::strcmp(value, "auto") == 0) return {.is_automatic = true};
  return {.shape = shape(key, value, "none, auto or the sizes of a shard, such as 256,256,128")};
}

int pyramid_levels(const std::string& key, const char* value) {
  if (!value || std::strcmp(value, "none") == 0) return 0;
  if (std::strcmp(value, "auto") == 0) return PyramidRequest::all;
  int levels = 0;
  if (parse(value, levels) != Parsed::ok || levels < 1 || levels > PyramidRequest::most)
    unknown_value(key, value, text("none, auto or 1 to ", PyramidRequest::most).c_str());
  return levels;
}

std::optional<ChunkPreparation> preparation(const std::string& key, const char* value) {
  if (!value || std::strcmp(value, "auto") == 0) return std::nullopt;
  const auto known = preparation_by_name(value);
  if (!known) unknown_value(key, value, "auto, none, shuffle or predictor");
  return known;
}

}  // namespace

const Model* Settings::model() const {
  if (!keep_header) return nullptr;
  if (header_from) return &*header_from;
  return pulled_from ? &*pulled_from : nullptr;
}

int level_option(const char* value) {
  return number<int>("pyramid.level", value, 0, 0, PyramidRequest::most);
}

std::string dataset_option(const std::string& value) {
  std::string path;
  for (size_t begin = 0; begin < value.size();) {
    const size_t end = std::min(value.find('/', begin), value.size());
    const std::string name = value.substr(begin, end - begin);
    if (name == "." || name == "..") {
      unknown_value("hdf5.dataset", value,
                    "names with \"/\" between, none of them \".\" or \"..\"");
    }
    if (!name.empty()) path += "/" + name;
    begin = end + 1;
  }
  if (path.empty()) unknown_value("hdf5.dataset", value, "the path of a dataset, such as /data");
  return path;
}

void set_option(Settings& settings, const std::string& key, const char* value) {
  const DeflateOptions unset;
  if (key == "detached.outside") {
    settings.detached_outside = choice(key, value, "allow", "refuse");
  } else if (key == "erase") {
    settings.erase = choice(key, value, "on", "off");
  } else if (key == "lock") {
    settings.lock_waits = choice(key, value, "wait", "fail");
  } else if (key == "paste.sole") {
    settings.sole = choice(key, value, "on", "off");
  } else if (key == "metadata") {
    settings.drops_metadata = choice(key, value, "drop", "keep");
  } else if (key == "geometry") {
    settings.drops_geometry = choice(key, value, "drop", "exact");
  } else if (key == "strict") {
    settings.strict = choice(key, value, "on", "off");
  } else if (key == "append.every_frames") {
    settings.append_frames = number<int64_t>(key, value, 0, 1, 1000000000);
  } else if (key == "append.every_seconds") {
    settings.append_seconds = number<double>(key, value, 1, 0.001, 86400);
  } else if (key == "chunk.shape") {
    settings.storage.chunk_shape = shape(key, value, "the sizes of a chunk, such as 64,64,32");
  } else if (key == "chunk.filter") {
    settings.storage.preparation = preparation(key, value);
  } else if (key == "pyramid.levels") {
    settings.storage.pyramid.levels = pyramid_levels(key, value);
  } else if (key == "pyramid.method") {
    settings.storage.pyramid.method =
        choice(key, value, "nearest", "mean") ? PyramidMethod::nearest : PyramidMethod::mean;
  } else if (key == "hdf5.dataset") {
    settings.dataset = value ? dataset_option(value) : "";
  } else if (key == "zarr.version") {
    settings.zarr_version = !value ? 0 : choice(key, value, "3", "2") ? 3 : 2;
  } else if (key == "zarr.shard") {
    settings.zarr_shard = zarr_shard(key, value);
  } else if (key == "split.align") {
    settings.splits_in_chunks = choice(key, value, "chunks", "none");
  } else if (key == "deflate.slot") {
    settings.deflate.slot_bytes = number<int64_t>(key, value, unset.slot_bytes, 4096, 4194304);
  } else if (key == "deflate.slack") {
    settings.deflate.slack_percent = number<double>(key, value, unset.slack_percent, 0, 100);
  } else if (key == "deflate.engine") {
    const std::string engine = value ? value : unset.engine;
    if (engine != "auto" && engine != "zlib" && engine != "libdeflate" && engine != "isal") {
      unknown_value(key, engine, "auto, zlib, libdeflate or isal");
    }
    if (!deflate_engine_available(engine))
      fail(SWR_ERROR_UNSUPPORTED, "the encoder ", engine, " was not built in");
    settings.deflate.engine = engine;
  } else {
    fail(SWR_ERROR_ARGUMENT, "there is no option \"", key, "\"");
  }
}

}  // namespace swr

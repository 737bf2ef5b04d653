#include "formats/zarr_codecs.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "formats/header_text.h"
#include "formats/zarr_types.h"

namespace swr {
namespace {

using Kind = ChunkFilter::Kind;

constexpr int most_int = std::numeric_limits<int>::max();

struct CodecRow {
  Kind kind;
  std::string_view id;    // of version 2; empty: no compressor there
  std::string_view name;  // of version 3
};
constexpr CodecRow rows[] = {
    {Kind::zlib, "zlib", "numcodecs.zlib"}, {Kind::gzip, "gzip", "gzip"},
    {Kind::zstd, "zstd", "zstd"},           {Kind::sized_lz4, "lz4", "numcodecs.lz4"},
    {Kind::blosc, "blosc", "blosc"},        {Kind::crc32c, "", "crc32c"}};

constexpr std::string_view compressors = "zlib, gzip, zstd, lz4 and blosc";

const CodecRow& row_of(Kind kind) {
  return *std::ranges::find(rows, kind, &CodecRow::kind);
}

// --- The parameters of a codec ---

int read_zlib_level(const ZarrFields& fields) {
  constexpr int least = -1, most = 9, usual = 6;
  const int level = fields.whole("level", 1, least, most);
  return level == least ? usual : level;
}

// Version 2 has a number, and -1 for bits of elements of one byte and bytes of others.
BloscShuffle read_shuffle_number(const ZarrFields& fields, int element_bytes) {
  const int number = fields.whole("shuffle", 1, -1, 2);
  if (number < 0) return element_bytes == 1 ? BloscShuffle::bits : BloscShuffle::bytes;
  return static_cast<BloscShuffle>(number);
}

constexpr std::array<std::string_view, 3> shuffle_names = {"noshuffle", "shuffle", "bitshuffle"};

BloscShuffle read_shuffle_name(const ZarrFields& fields) {
  const std::string name = fields.string("shuffle", "noshuffle");
  const auto* const found = std::ranges::find(shuffle_names, name);
  if (found == shuffle_names.end()) fields.corrupt("shuffle", in_quotes(name), " is unknown");
  return static_cast<BloscShuffle>(found - shuffle_names.begin());
}

BloscSettings read_blosc(const ZarrFields& fields, int format, int element_bytes) {
  constexpr int most_level = 9, most_element = 255;
  BloscSettings blosc;
  blosc.compressor = fields.string("cname", "lz4");
  if (!is_blosc_compressor(blosc.compressor))
    fields.refuse("cname", in_quotes(blosc.compressor), " is not a compressor of Blosc");
  blosc.level = fields.whole("clevel", 5, 0, most_level);
  blosc.shuffle =
      format == 2 ? read_shuffle_number(fields, element_bytes) : read_shuffle_name(fields);
  blosc.element_bytes =
      format == 2 ? element_bytes : fields.whole("typesize", element_bytes, 1, most_element);
  blosc.block_bytes = fields.whole("blocksize", 0, 0, most_int);
  return blosc;
}

ZarrCodec read_codec(Kind kind, const ZarrFields& fields, int format, int element_bytes) {
  constexpr int least_zstd = -131072, most_zstd = 22;
  ZarrCodec codec{.kind = kind};
  switch (kind) {
    case Kind::zlib:
    case Kind::gzip: codec.level = read_zlib_level(fields); break;
    case Kind::zstd:
      codec.level = fields.whole("level", 1, least_zstd, most_zstd);
      codec.has_checksum = fields.boolean("checksum", false);
      break;
    case Kind::sized_lz4:
      codec.level = std::max(1, fields.whole("acceleration", 1, -most_int, most_int));
      break;
    case Kind::blosc: codec.blosc = read_blosc(fields, format, element_bytes); break;
    default: break;
  }
  return codec;
}

Json number(int64_t value) {
  return Json::of(value);
}

void add_parameters(const ZarrCodec& codec, int format, Json& to) {
  switch (codec.kind) {
    case Kind::zlib:
    case Kind::gzip: to.add("level", number(codec.level)); break;
    case Kind::zstd:
      to.add("level", number(codec.level));
      if (format == 3 || codec.has_checksum) to.add("checksum", Json::of(codec.has_checksum));
      break;
    case Kind::sized_lz4: to.add("acceleration", number(codec.level)); break;
    case Kind::blosc: {
      const BloscSettings& blosc = codec.blosc;
      const auto shuffle = static_cast<size_t>(blosc.shuffle);
      to.add("cname", Json::of(blosc.compressor));
      to.add("clevel", number(blosc.level));
      to.add("shuffle", format == 2 ? number(static_cast<int64_t>(shuffle))
                                    : Json::of(shuffle_names[shuffle]));
      if (format == 3) to.add("typesize", number(blosc.element_bytes));
      to.add("blocksize", number(blosc.block_bytes));
      break;
    }
    default: break;
  }
}

// --- Version 3 ---

// A list of codecs: [transpose ...] [bytes | sharding_indexed] [compressor or checksum ...].
class ChainReader {
 public:
  ChainReader(const ZarrFields& fields, std::string_view field, ZarrArray& array, bool in_shard)
      : fields_(fields), field_(field), array_(array), in_shard_(in_shard) {}

  void read() {
    const Json& list = fields_.at(field_);
    if (!list.is_array() || list.array()->empty())
      fields_.corrupt(field_, zarr_value_text(list), " is not a list of codecs");
    for (const Json& value : *list.array()) take(read_zarr_named(value, fields_, field_));
    if (!has_bytes_) fields_.corrupt(field_, "has neither \"bytes\" nor \"sharding_indexed\"");
  }

 private:
  void take(const ZarrNamed& codec) {
    const ZarrFields of_codec(codec.configuration, fields_.path(),
                              std::string(field_) + ": " + codec.name + ": ");
    if (codec.name == "transpose") return take_transpose(of_codec);
    if (codec.name == "bytes") return take_bytes(of_codec);
    if (codec.name == "sharding_indexed") return take_shards(of_codec);
    const auto* const row = std::ranges::find(rows, codec.name, &CodecRow::name);
    if (row == std::end(rows)) {
      fields_.refuse(field_, in_quotes(codec.name),
                     " is not one that swr reads: transpose, bytes, sharding_indexed, gzip, zstd, "
                     "blosc, crc32c, numcodecs.zlib and numcodecs.lz4");
    }
    if (!has_bytes_) out_of_order(codec.name);
    if (array_.shards && !in_shard_)
      fields_.refuse(field_, in_quotes(codec.name), " follows \"sharding_indexed\"");
    array_.codecs.push_back(
        read_codec(row->kind, of_codec, array_.format, zarr_element_bytes(array_)));
  }

  [[noreturn]] void out_of_order(std::string_view name) const {
    fields_.corrupt(field_, "has ", in_quotes(name), " out of order");
  }

  void take_transpose(const ZarrFields& fields) {
    if (has_bytes_) out_of_order("transpose");
    std::vector<int> order = fields.order("order", array_.shape.size());
    if (!array_.axis_order.empty()) {
      for (int& axis : order) axis = array_.axis_order[static_cast<size_t>(axis)];
    }
    array_.axis_order = std::move(order);
  }

  void take_bytes(const ZarrFields& fields) {
    if (std::exchange(has_bytes_, true)) out_of_order("bytes");
    if (zarr_element_bytes(array_) == 1) return;
    const std::string& order = fields.string("endian");
    if (order != "little" && order != "big")
      fields.corrupt("endian", in_quotes(order), " is neither \"little\" nor \"big\"");
    array_.big_endian = order == "big";
  }

  void take_shards(const ZarrFields& fields) {
    if (std::exchange(has_bytes_, true)) out_of_order("sharding_indexed");
    if (in_shard_) fields_.refuse(field_, "has shards within shards");
    if (!array_.axis_order.empty()) fields_.refuse(field_, "has shards of reordered axes");
    ZarrShards shards;
    shards.shape = std::exchange(array_.chunk, fields.shape("chunk_shape", array_.shape.size()));
    check_shape(fields, shards.shape);
    const std::string location = fields.string("index_location", "end");
    if (location != "end" && location != "start")
      fields.corrupt("index_location", in_quotes(location), " is neither \"start\" nor \"end\"");
    shards.index_at_end = location == "end";
    read_index(fields, shards);
    array_.shards = std::move(shards);
    ChainReader(fields, "codecs", array_, true).read();
  }

  void check_shape(const ZarrFields& fields, const ZarrShape& shard) const {
    int64_t chunks = 1;
    for (size_t axis = 0; axis < shard.size(); ++axis) {
      if (shard[axis] % array_.chunk[axis] != 0)
        fields.corrupt("chunk_shape", "does not divide that of the shards");
      const int64_t along = shard[axis] / array_.chunk[axis];
      if (along > most_zarr_shard_chunks / chunks)
        fields.refuse("chunk_shape", "gives more than ", most_zarr_shard_chunks,
                      " chunks of a shard");
      chunks *= along;
    }
  }

  static void read_index(const ZarrFields& fields, ZarrShards& shards) {
    ZarrArray index;
    index.shape = {1};
    index.pixel.component = SWR_UINT64;
    ChainReader(fields, "index_codecs", index, true).read();
    const bool is_plain = index.codecs.empty();
    shards.index_has_checksum = !is_plain;
    shards.index_is_big_endian = index.big_endian;
    if (!is_plain && (index.codecs.size() > 1 || index.codecs[0].kind != Kind::crc32c))
      fields.refuse("index_codecs", "are others than \"bytes\" and \"crc32c\"");
  }

  const ZarrFields& fields_;
  const std::string_view field_;
  ZarrArray& array_;
  const bool in_shard_;
  bool has_bytes_ = false;
};

Json named(std::string_view name, Json configuration = {}) {
  Json codec;
  codec.add("name", Json::of(name));
  if (!configuration.is_null()) codec.add("configuration", std::move(configuration));
  return codec;
}

Json bytes_codec(int element_bytes, bool big_endian) {
  if (element_bytes == 1) return named("bytes");
  Json endian;
  endian.add("endian", Json::of(big_endian ? "big" : "little"));
  return named("bytes", std::move(endian));
}

Json chain(const ZarrArray& array) {
  Json::Array list;
  if (!array.axis_order.empty()) {
    Json::Array axes;
    for (const int axis : array.axis_order) axes.push_back(number(axis));
    Json order;
    order.add("order", Json::of(std::move(axes)));
    list.push_back(named("transpose", std::move(order)));
  }
  list.push_back(bytes_codec(zarr_element_bytes(array), array.big_endian));
  for (const ZarrCodec& codec : array.codecs) {
    Json parameters;
    add_parameters(codec, array.format, parameters);
    list.push_back(named(row_of(codec.kind).name, std::move(parameters)));
  }
  return Json::of(std::move(list));
}

}  // namespace

void read_zarr_compressor(const ZarrFields& fields, ZarrArray& array) {
  const Json* const filters = fields.find("filters");
  if (filters && !filters->is_null() && (!filters->is_array() || !filters->array()->empty())) {
    const Json* const id = filters->is_array() ? filters->array()->front().find("id") : nullptr;
    fields.refuse("filters", zarr_value_text(id ? *id : *filters), " are not read by swr");
  }
  const Json& compressor = fields.at("compressor");
  if (compressor.is_null()) return;
  const ZarrFields of_codec(compressor, fields.path(), "compressor: ");
  const std::string& id = of_codec.string("id");
  const auto* const row = std::ranges::find(rows, id, &CodecRow::id);
  if (row == std::end(rows) || id.empty()) {
    fields.refuse("compressor", in_quotes(id), " is not one that swr reads: ", compressors);
  }
  array.codecs.push_back(read_codec(row->kind, of_codec, array.format, zarr_element_bytes(array)));
}

Json zarr_compressor(const ZarrArray& array) {
  Json compressor;
  if (array.codecs.empty()) return compressor;
  const ZarrCodec& codec = array.codecs.front();
  compressor.add("id", Json::of(row_of(codec.kind).id));
  add_parameters(codec, array.format, compressor);
  return compressor;
}

void read_zarr_codecs(const ZarrFields& fields, ZarrArray& array) {
  ChainReader(fields, "codecs", array, false).read();
}

Json zarr_codecs(const ZarrArray& array) {
  if (!array.shards) return chain(array);
  const ZarrShards& shards = *array.shards;
  Json::Array index;
  index.push_back(bytes_codec(8, shards.index_is_big_endian));
  if (shards.index_has_checksum) index.push_back(named("crc32c"));
  Json sharding;
  sharding.add("chunk_shape", Json::list_of(std::span<const int64_t>(array.chunk)));
  sharding.add("codecs", chain(array));
  sharding.add("index_codecs", Json::of(std::move(index)));
  sharding.add("index_location", Json::of(shards.index_at_end ? "end" : "start"));
  Json::Array codecs;
  codecs.push_back(named("sharding_indexed", std::move(sharding)));
  return Json::of(std::move(codecs));
}

}  // namespace swr

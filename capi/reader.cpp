#include "swr/reader.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "engine/reader.h"
#include "engine/recovery.h"
#include "guard.h"
#include "swr/writer.h"

using swr::Reader;

namespace {

Reader& engine(swr_reader* reader) {
  return *static_cast<Reader*>(reader);
}

template <typename Call>
swr_status on_reader(swr_reader* reader, const Call& call) noexcept {
  if (!reader) return SWR_ERROR_ARGUMENT;
  const swr::MutexLock lock(engine(reader).mutex());
  return swr::guard(engine(reader).message(), [&] { call(engine(reader)); });
}

// A getter changes nothing in a reader except its message.
template <typename Call>
swr_status on_reader(const swr_reader* reader, const Call& call) noexcept {
  return on_reader(const_cast<swr_reader*>(reader), [&](const Reader& r) { call(r); });
}

template <typename Number>
void copy_values(const Number* from, int needed, Number* to, int32_t count, const char* what) {
  swr::given(to, "the list of values");
  if (count != needed)
    swr::fail(SWR_ERROR_ARGUMENT, "the ", what, " has ", needed, " values; the count is ", count);
  std::copy_n(from, count, to);
}

}  // namespace

extern "C" {

swr_reader* swr_reader_create(void) {
  return new (std::nothrow) Reader;
}

void swr_reader_destroy(swr_reader* reader) {
  delete static_cast<Reader*>(reader);
}

const char* swr_reader_message(const swr_reader* reader) {
  return reader ? static_cast<const Reader*>(reader)->message().c_str() : "the reader is NULL";
}

swr_status swr_reader_open(swr_reader* reader, const char* path) {
  return on_reader(reader, [&](Reader& r) { r.open(&swr::given(path, "the path")); });
}

swr_status swr_reader_close(swr_reader* reader) {
  return on_reader(reader, [&](Reader& r) { r.close(); });
}

swr_status swr_reader_set_memory_limit(swr_reader* reader, int64_t bytes) {
  return on_reader(reader, [&](Reader& r) {
    if (bytes < swr::least_memory_limit)
      swr::fail(SWR_ERROR_ARGUMENT, "the memory limit is ", bytes, " bytes; the least is ",
                swr::least_memory_limit);
    r.options.memory_limit = bytes;
  });
}

swr_status swr_reader_set_threads(swr_reader* reader, int32_t threads) {
  return on_reader(reader, [&](Reader& r) {
    if (threads < 0 || threads > 1024)
      swr::fail(SWR_ERROR_ARGUMENT, "the number of threads is ", threads, "; it must be 0 to 1024");
    r.options.threads = threads;
  });
}

swr_status swr_reader_set_option(swr_reader* reader, const char* key, const char* value) {
  return on_reader(reader, [&](Reader& r) {
    const std::string_view name = &swr::given(key, "the key");
    if (name == "hdf5.dataset") {
      r.dataset = value ? swr::dataset_option(value) : "";
      return;
    }
    if (name == "pyramid.level") {
      r.level = swr::level_option(value);
      return;
    }
    if (name != "detached.outside" && name != "recover.other_machine")
      swr::fail(SWR_ERROR_ARGUMENT, "there is no option \"", name, "\"");
    const bool allow = value && std::strcmp(value, "allow") == 0;
    if (value && !allow && std::strcmp(value, "refuse") != 0) {
      swr::fail(SWR_ERROR_ARGUMENT, "the option \"", name, "\" cannot be \"", value,
                "\"; it must be allow or refuse");
    }
    if (name == "recover.other_machine") {
      r.recovery.other_machine = allow;
    } else {
      r.outside_allowed = !value || allow;
      r.recovery.outside = allow;
    }
  });
}

swr_status swr_reader_get_image_region(const swr_reader* reader, swr_region* region) {
  return on_reader(reader, [&](const Reader& r) {
    swr::given(region, "the region") = r.file().image.region.to_c();
  });
}

swr_status swr_reader_get_pixel_type(const swr_reader* reader, swr_component* component,
                                     int32_t* components, swr_kind* kind) {
  return on_reader(reader, [&](const Reader& r) {
    const swr::PixelType& pixel = r.file().image.pixel;
    if (component) *component = pixel.component;
    if (components) *components = pixel.components;
    if (kind) *kind = pixel.kind;
  });
}

swr_status swr_reader_get_spacing(const swr_reader* reader, double* values, int32_t count) {
  return on_reader(reader, [&](const Reader& r) {
    copy_values(r.file().image.spacing.data(), r.file().image.dimensions(), values, count,
                "spacing");
  });
}

swr_status swr_reader_get_origin(const swr_reader* reader, double* values, int32_t count) {
  return on_reader(reader, [&](const Reader& r) {
    copy_values(r.file().image.origin.data(), r.file().image.dimensions(), values, count, "origin");
  });
}

swr_status swr_reader_get_direction(const swr_reader* reader, double* values, int32_t count) {
  return on_reader(reader, [&](const Reader& r) {
    const swr::Image& image = r.file().image;
    copy_values(image.direction.data(), image.dimensions() * image.dimensions(), values, count,
                "direction");
  });
}

swr_status swr_reader_get_axis_unit(const swr_reader* reader, int32_t axis, swr_unit* unit) {
  return on_reader(reader, [&](const Reader& r) {
    const swr::Image& image = r.file().image;
    if (axis < 0 || axis >= image.dimensions())
      swr::fail(SWR_ERROR_ARGUMENT, "there is no axis ", axis, " of ", image.dimensions());
    swr::given(unit, "the unit") = image.units[static_cast<size_t>(axis)];
  });
}

swr_status swr_reader_get_value_scale(const swr_reader* reader, double* slope, double* intercept) {
  return on_reader(reader, [&](const Reader& r) {
    if (slope) *slope = r.file().image.scale.slope;
    if (intercept) *intercept = r.file().image.scale.intercept;
  });
}

swr_status swr_reader_get_metadata_count(const swr_reader* reader, int32_t* count) {
  return on_reader(reader, [&](const Reader& r) {
    swr::given(count, "the count") = static_cast<int32_t>(r.file().image.metadata.size());
  });
}

swr_status swr_reader_get_metadata_at(const swr_reader* reader, int32_t number, const char** key,
                                      const char** value) {
  return on_reader(reader, [&](const Reader& r) {
    const swr::Metadata& metadata = r.file().image.metadata;
    if (number < 0 || number >= std::ssize(metadata))
      swr::fail(SWR_ERROR_ARGUMENT, "there is no metadata entry ", number, "; the file has ",
                metadata.size());
    const auto& entry = metadata[static_cast<size_t>(number)];
    if (key) *key = entry.first.c_str();
    if (value) *value = entry.second.c_str();
  });
}

swr_status swr_reader_get_metadata(const swr_reader* reader, const char* key, const char** value) {
  return on_reader(reader, [&](const Reader& r) {
    const std::string* const found = r.file().image.find_metadata(&swr::given(key, "the key"));
    swr::given(value, "the value") = found ? found->c_str() : nullptr;
  });
}

swr_status swr_reader_get_format(const swr_reader* reader, const char** name) {
  return on_reader(reader,
                   [&](const Reader& r) { swr::given(name, "the name") = r.format().name.data(); });
}

swr_status swr_reader_get_encoding(const swr_reader* reader, const char** encoding,
                                   int32_t* slotted) {
  return on_reader(const_cast<swr_reader*>(reader), [&](Reader& r) {
    if (encoding) *encoding = r.encoding();
    if (slotted) *slotted = (r.file(), r.slotted()) ? 1 : 0;
  });
}

swr_status swr_reader_get_chunk_shape(const swr_reader* reader, int64_t* sizes, int32_t count) {
  return on_reader(reader, [&](const Reader& r) {
    copy_values(r.chunk_shape().data(), r.file().image.dimensions(), sizes, count, "chunk shape");
  });
}

swr_status swr_reader_get_big_endian(const swr_reader* reader, int32_t* big_endian) {
  return on_reader(reader, [&](const Reader& r) {
    swr::given(big_endian, "the result") = r.file().layout.big_endian ? 1 : 0;
  });
}

swr_status swr_reader_get_data_file(const swr_reader* reader, const char** path) {
  return on_reader(reader,
                   [&](const Reader& r) { swr::given(path, "the path") = r.data_file().c_str(); });
}

swr_status swr_reader_read(swr_reader* reader, const swr_region* region, void* buffer,
                           int64_t bytes) {
  return on_reader(reader, [&](Reader& r) {
    swr::given(static_cast<char*>(buffer), "the buffer");
    r.read(swr::region_from_c(swr::given(region, "the region"), "the region"), buffer, bytes);
  });
}

int32_t swr_reader_pull(swr_piece* piece, void* reader) {
  if (!piece) return SWR_ERROR_ARGUMENT;
  auto& asked = *static_cast<swr::Piece*>(piece);
  if (!reader) {
    swr_piece_fail(piece, "the reader is NULL");
    return SWR_ERROR_ARGUMENT;
  }
  asked.buffer();  // may wait for the writer, so not while holding the reader
  auto& source = *static_cast<Reader*>(static_cast<swr_reader*>(reader));
  const swr::MutexLock lock(source.mutex());
  const swr_status status = swr::guard(source.message(), [&] { source.pull(asked); });
  if (status != SWR_OK) swr_piece_fail(piece, source.message().c_str());
  return status;
}

swr_status swr_reader_refresh(swr_reader* reader) {
  return on_reader(reader, [&](Reader& r) { r.refresh(); });
}

swr_status swr_reader_verify(swr_reader* reader) {
  return on_reader(reader, [&](Reader& r) { r.verify(); });
}

swr_status swr_reader_recover(swr_reader* reader, const char* path, int32_t* recovered) {
  return on_reader(reader, [&](Reader& r) {
    const swr::Recovery recovery = swr::recover_image(&swr::given(path, "the path"), r.recovery);
    swr::require_recovered(recovery);
    r.keep_notes(recovery.notes);
    if (recovered) *recovered = recovery.rolled_back;
  });
}

swr_status swr_recover(const char* path, int32_t* recovered) {
  swr::Message unused;
  return swr::guard(unused, [&] {
    const swr::Recovery recovery = swr::recover_image(&swr::given(path, "the path"), {});
    swr::require_recovered(recovery);
    if (recovered) *recovered = recovery.rolled_back;
  });
}

}  // extern "C"

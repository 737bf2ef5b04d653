// The settings of a writer: swr_set_...
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/reader.h"
#include "engine/writer.h"
#include "formats/format.h"
#include "formats/left_out.h"
#include "guard.h"
#include "on_writer.h"
#include "plan/memory.h"
#include "swr/writer.h"

using swr::fail;
using swr::given;
using swr::on_writer;
using swr::Settings;
using swr::Writer;

namespace {

template <typename Call>
swr_status set(swr_writer* writer, const Call& call) noexcept {
  return on_writer(writer, [&](Writer& w) { call(w.changeable()); });
}

swr_status set_region(swr_writer* writer, const swr_region* region,
                      std::optional<swr::Region> Settings::*member, const char* what) noexcept {
  return set(writer, [&](Settings& s) {
    if (region) {
      s.*member = swr::region_from_c(*region, what);
    } else {
      (s.*member).reset();
    }
  });
}

std::vector<double> finite_values(const double* values, int32_t count, int32_t most,
                                  const char* what) {
  given(values, "the list of values");
  if (count < 1 || count > most)
    fail(SWR_ERROR_ARGUMENT, "the ", what, " has ", count, " values; 1 to ", most, " are possible");
  std::vector<double> list(values, values + count);
  for (const double value : list) {
    if (!std::isfinite(value))
      fail(SWR_ERROR_ARGUMENT, "the ", what, " has a value that is not finite");
  }
  return list;
}

// Gaussian elimination with pivoting: whether the axes span the space.
bool singular(std::vector<double> matrix, int n) {
  const auto at = [&](int row, int column) -> double& {
    return matrix[static_cast<size_t>(row * n + column)];
  };
  for (int column = 0; column < n; ++column) {
    int pivot = column;
    for (int row = column + 1; row < n; ++row) {
      if (std::abs(at(row, column)) > std::abs(at(pivot, column))) pivot = row;
    }
    if (std::abs(at(pivot, column)) < 1e-9) return true;
    for (int k = 0; k < n; ++k) std::swap(at(column, k), at(pivot, k));
    for (int row = column + 1; row < n; ++row) {
      const double factor = at(row, column) / at(column, column);
      for (int k = column; k < n; ++k) at(row, k) -= factor * at(column, k);
    }
  }
  return false;
}

int square_root(int32_t count) {
  int n = 1;
  while (n * n < count) ++n;
  return n;
}

// Any text can be a key or a value. The plan of the write finds what the file's format cannot hold.
void set_metadata(Settings& settings, const char* key, const char* value) {
  if (!*key) fail(SWR_ERROR_ARGUMENT, "the metadata key is empty");
  settings.removed_metadata.erase(key);
  if (value) {
    settings.metadata.set(key, value);
    return;
  }
  settings.metadata.erase(key);
  settings.removed_metadata.emplace(key);
}

swr::ValueScale value_scale(double slope, double intercept) {
  if (!std::isfinite(slope) || !std::isfinite(intercept) || slope == 0) {
    fail(SWR_ERROR_ARGUMENT, "the value scale is ", slope, " * stored + ", intercept,
         "; both must be finite, and the slope not 0");
  }
  return {slope, intercept, true};
}

template <typename Enum>
void check_choice(Enum value, Enum first, Enum last, const char* what) {
  if (value < first || value > last)
    fail(SWR_ERROR_ARGUMENT, "there is no ", what, " ", static_cast<int>(value));
}

void check_threads(int32_t threads, int32_t least, const char* what) {
  if (threads < least || threads > 1024)
    fail(SWR_ERROR_ARGUMENT, "the number of ", what, " is ", threads, "; it must be ", least,
         " to 1024");
}

void set_compression(Settings& settings, const char* name, int32_t level) {
  swr::StorageRequest& request = settings.storage;
  if (!name) {
    request.codec.reset();
    request.level = 0;
    return;
  }
  const std::optional<swr::ChunkCodec> codec = swr::codec_by_name(name);
  if (!codec) {
    fail(SWR_ERROR_ARGUMENT, "unknown compression \"", name,
         "\"; use none, deflate, zstd, lz4 or blosc");
  }
  const bool is_compressed = *codec != swr::ChunkCodec::none;
  if (is_compressed && (level < 1 || level > 9))
    fail(SWR_ERROR_ARGUMENT, "the compression level is ", level, "; it must be 1 to 9");
  request.codec = codec;
  if (is_compressed) request.level = level;
}

void set_buffers(Settings& settings, void* const* buffers, int32_t count, int64_t bytes_each) {
  if (count < 0 || count > 1024)
    fail(SWR_ERROR_ARGUMENT, "the number of buffers is ", count, "; it must be 0 to 1024");
  swr::CallerBuffers fresh;
  if (count > 0) {
    given(buffers, "the list of buffers");
    if (bytes_each < 1) fail(SWR_ERROR_ARGUMENT, "the buffers have ", bytes_each, " bytes");
    for (int32_t i = 0; i < count; ++i)
      fresh.pointers.push_back(&given(static_cast<char*>(buffers[i]), "a buffer"));
    fresh.bytes_each = bytes_each;
  }
  settings.buffers = std::move(fresh);
}

}  // namespace

extern "C" {

swr_status swr_set_path(swr_writer* writer, const char* path) {
  return set(writer, [&](Settings& s) {
    if (!given(path, "the path")) fail(SWR_ERROR_ARGUMENT, "the path is empty");
    s.path = swr::image_path(path);
  });
}

swr_status swr_set_format(swr_writer* writer, const char* name) {
  return set(writer, [&](Settings& s) {
    if (name && !swr::find_format(name)) {
      swr::refuse_left_out_name(name);
      fail(SWR_ERROR_FORMAT, "there is no format \"", name, "\"");
    }
    s.format = name ? name : "";
  });
}

swr_status swr_set_image_region(swr_writer* writer, const swr_region* region) {
  return set_region(writer, region, &Settings::image_region, "the image region");
}

swr_status swr_set_pixel_type(swr_writer* writer, swr_component component, int32_t components,
                              swr_kind kind) {
  return set(writer, [&](Settings& s) {
    const swr::PixelType pixel{component, components, kind};
    swr::check_pixel_type(pixel);
    s.pixel = pixel;
  });
}

swr_status swr_set_source_type(swr_writer* writer, swr_component component) {
  return set(writer, [&](Settings& s) {
    if (component != SWR_COMPONENT_UNKNOWN) swr::check_component(component);
    s.source_component = component;
  });
}

swr_status swr_set_source_components(swr_writer* writer, int32_t components) {
  return set(writer, [&](Settings& s) {
    swr::check_component_count(components, 0);
    s.source_components = components;
  });
}

swr_status swr_set_spacing(swr_writer* writer, const double* values, int32_t count) {
  return set(writer, [&](Settings& s) {
    auto list = finite_values(values, count, SWR_MAX_DIMENSIONS, "spacing");
    for (const double value : list) {
      if (value <= 0)
        fail(SWR_ERROR_ARGUMENT, "the spacing has the value ", value, "; it must be above 0");
    }
    s.spacing = std::move(list);
  });
}

swr_status swr_set_origin(swr_writer* writer, const double* values, int32_t count) {
  return set(writer, [&](Settings& s) {
    s.origin = finite_values(values, count, SWR_MAX_DIMENSIONS, "origin");
  });
}

swr_status swr_set_direction(swr_writer* writer, const double* values, int32_t count) {
  return set(writer, [&](Settings& s) {
    auto list = finite_values(values, count, SWR_MAX_DIMENSIONS * SWR_MAX_DIMENSIONS, "direction");
    const int n = square_root(count);
    if (n * n != count)
      fail(SWR_ERROR_ARGUMENT, "the direction has ", count, " values; it must be a square matrix");
    if (singular(list, n))
      fail(SWR_ERROR_ARGUMENT, "the direction is singular: its columns do not span the space");
    s.direction = std::move(list);
  });
}

swr_status swr_set_metadata(swr_writer* writer, const char* key, const char* value) {
  return set(writer, [&](Settings& s) { set_metadata(s, &given(key, "the metadata key"), value); });
}

swr_status swr_set_axis_unit(swr_writer* writer, int32_t axis, swr_unit unit) {
  return set(writer, [&](Settings& s) {
    check_choice(unit, SWR_UNIT_NONE, SWR_UNIT_ANGSTROM, "unit");
    if (axis < 0 || axis >= SWR_MAX_DIMENSIONS) fail(SWR_ERROR_ARGUMENT, "there is no axis ", axis);
    s.units[axis] = unit;
  });
}

swr_status swr_set_value_scale(swr_writer* writer, double slope, double intercept) {
  return set(writer, [&](Settings& s) { s.scale = value_scale(slope, intercept); });
}

swr_status swr_set_source_scale(swr_writer* writer, double slope, double intercept) {
  return set(writer, [&](Settings& s) { s.source_scale = value_scale(slope, intercept); });
}

swr_status swr_set_header_from(swr_writer* writer, const swr_reader* reader) {
  return set(writer, [&](Settings& s) {
    s.header_from.reset();
    if (reader) s.header_from = static_cast<const swr::Reader*>(reader)->model();
  });
}

swr_status swr_set_header_region(swr_writer* writer, const swr_region* region) {
  return set_region(writer, region, &Settings::header_region, "the header region");
}

swr_status swr_set_keep_header(swr_writer* writer, int32_t on) {
  return set(writer, [&](Settings& s) { s.keep_header = on != 0; });
}

swr_status swr_set_divisions(swr_writer* writer, int64_t divisions) {
  return set(writer, [&](Settings& s) {
    s.divisions.reset();
    if (divisions >= 0) s.divisions = divisions;
  });
}

swr_status swr_set_paste_region(swr_writer* writer, const swr_region* region) {
  return set_region(writer, region, &Settings::paste_region, "the paste region");
}

swr_status swr_set_io_region(swr_writer* writer, const swr_region* region) {
  return swr_set_paste_region(writer, region);
}

swr_status swr_set_memory_limit(swr_writer* writer, int64_t bytes) {
  return set(writer, [&](Settings& s) {
    if (bytes != 0 && bytes < swr::least_memory_limit) {
      fail(SWR_ERROR_ARGUMENT, "the memory limit is ", bytes, " bytes; the least is ",
           swr::least_memory_limit);
    }
    s.memory_limit.reset();
    if (bytes > 0) s.memory_limit = bytes;
  });
}

swr_status swr_set_threads(swr_writer* writer, int32_t threads) {
  return set(writer, [&](Settings& s) {
    check_threads(threads, 0, "threads");
    s.threads = threads;
  });
}

swr_status swr_set_compression(swr_writer* writer, const char* name, int32_t level) {
  return set(writer, [&](Settings& s) { set_compression(s, name, level); });
}

swr_status swr_set_existing(swr_writer* writer, swr_existing policy) {
  return set(writer, [&](Settings& s) {
    check_choice(policy, SWR_EXISTING_DEFAULT, SWR_EXISTING_EXTEND, "policy for existing files");
    s.existing = policy;
  });
}

swr_status swr_set_conversion(swr_writer* writer, swr_conversion policy) {
  return set(writer, [&](Settings& s) {
    check_choice(policy, SWR_CONVERSION_NONE, SWR_CONVERSION_CLAMP, "conversion policy");
    s.conversion = policy;
  });
}

swr_status swr_set_fill_value(swr_writer* writer, double value) {
  return set(writer, [&](Settings& s) { s.fill_value = value; });
}

swr_status swr_set_resume(swr_writer* writer, const char* token) {
  return set(writer, [&](Settings& s) {
    constexpr size_t most_bytes = 1000;
    std::optional<std::string> resume;
    if (token) resume = token;
    if (resume && (resume->empty() || resume->size() > most_bytes))
      swr::fail(SWR_ERROR_ARGUMENT, "the token of a write that can be resumed has 1 to ",
                most_bytes, " bytes, not ", resume->size());
    s.resume = std::move(resume);
  });
}

swr_status swr_set_rollback(swr_writer* writer, int32_t on) {
  return set(writer, [&](Settings& s) { s.rollback = on != 0; });
}

swr_status swr_set_sync(swr_writer* writer, int32_t on) {
  return set(writer, [&](Settings& s) { s.sync = on != 0; });
}

swr_status swr_set_option(swr_writer* writer, const char* key, const char* value) {
  return set(writer, [&](Settings& s) { swr::set_option(s, &given(key, "the key"), value); });
}

swr_status swr_set_pull_threads(swr_writer* writer, int32_t threads) {
  return set(writer, [&](Settings& s) {
    check_threads(threads, 1, "pull threads");
    s.pull_threads = threads;
  });
}

swr_status swr_set_progress(swr_writer* writer, swr_progress progress, void* user) {
  return set(writer, [&](Settings& s) {
    s.progress = progress;
    s.progress_user = user;
  });
}

swr_status swr_set_cancel(swr_writer* writer, swr_cancel cancel, void* user) {
  return set(writer, [&](Settings& s) {
    s.is_cancelled = nullptr;
    if (cancel) s.is_cancelled = [cancel, user] { return cancel(user) != 0; };
  });
}

swr_status swr_set_log(swr_writer* writer, swr_log log, void* user) {
  return set(writer, [&](Settings& s) {
    s.log = log;
    s.log_user = user;
  });
}

swr_status swr_set_buffers(swr_writer* writer, void* const* buffers, int32_t count,
                           int64_t bytes_each) {
  return set(writer, [&](Settings& s) { set_buffers(s, buffers, count, bytes_each); });
}

}  // extern "C"

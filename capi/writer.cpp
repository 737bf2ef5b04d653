// Writers: creation, queries, and the calls that write.
#include "swr/writer.h"

#include <mutex>

#include "engine/reader.h"
#include "engine/writer.h"
#include "guard.h"
#include "on_writer.h"
#include "swr/reader.h"

using swr::fail;
using swr::given;
using swr::on_writer;
using swr::Writer;

constinit thread_local uint64_t swr::refused_by = 0;

extern "C" {

swr_writer* swr_writer_create(void) {
  try {
    return new Writer;
  } catch (...) {
    return nullptr;
  }
}

void swr_writer_destroy(swr_writer* writer) {
  auto* const engine = static_cast<Writer*>(writer);
  if (engine && !engine->belongs_to_parent() && engine->in_use().destroy()) delete engine;
}

const char* swr_writer_message(const swr_writer* writer) {
  if (!writer) return "the writer is NULL";
  const auto& engine = *static_cast<const Writer*>(writer);
  if (engine.number() != swr::refused_by) return engine.message().c_str();
  return "another call of this writer is running; its source, its callbacks and other threads "
         "cannot call it until that call returns";
}

swr_status swr_check(swr_writer* writer) {
  return on_writer(writer, [&](Writer& w) { w.check(); });
}

swr_status swr_get_method(swr_writer* writer, swr_method* method, int64_t* bytes_read,
                          int64_t* bytes_written) {
  return on_writer(writer, [&](Writer& w) {
    const swr::WritePlan& plan = w.plan();
    if (method) *method = plan.method;
    if (bytes_read) *bytes_read = plan.bytes_read;
    if (bytes_written) *bytes_written = plan.bytes_written;
  });
}

swr_status swr_get_actual_divisions(swr_writer* writer, int64_t requested, int64_t* divisions) {
  return on_writer(writer, [&](Writer& w) {
    if (requested < 0) fail(SWR_ERROR_ARGUMENT, "the number of divisions is ", requested);
    given(divisions, "the result") = w.split(requested).count();
  });
}

swr_status swr_get_split_region(swr_writer* writer, int64_t number, int64_t divisions,
                                swr_region* region) {
  return on_writer(writer, [&](Writer& w) {
    if (divisions < 0) fail(SWR_ERROR_ARGUMENT, "the number of divisions is ", divisions);
    const swr::Split split = w.split(divisions);
    if (number < 0 || number >= split.count())
      fail(SWR_ERROR_ARGUMENT, "there is no piece ", number, " of ", split.count());
    given(region, "the region") = split.piece(number).to_c();
  });
}

swr_status swr_get_pulled_type(swr_writer* writer, swr_component* component, int32_t* components) {
  return on_writer(writer, [&](Writer& w) {
    const swr::PixelType type = w.pulled_type();
    if (component) *component = type.component;
    if (components) *components = type.components;
  });
}

swr_status swr_get_piece_count(swr_writer* writer, int64_t* pieces) {
  return on_writer(writer,
                   [&](Writer& w) { given(pieces, "the result") = w.plan().split->count(); });
}

swr_status swr_get_memory_need(swr_writer* writer, int64_t* bytes) {
  return on_writer(writer, [&](Writer& w) { given(bytes, "the result") = w.plan().memory.need; });
}

swr_status swr_get_piece_bytes(swr_writer* writer, int64_t* bytes) {
  return on_writer(writer, [&](Writer& w) {
    const swr::WritePlan& plan = w.plan();
    given(bytes, "the result") = plan.split->largest_pixels() * plan.source.bytes();
  });
}

swr_status swr_write(swr_writer* writer, swr_pull pull, void* user) {
  return on_writer(writer, [&](Writer& w) {
    if (!pull) fail(SWR_ERROR_ARGUMENT, "the source is NULL");
    if (pull != swr_reader_pull || !user) return w.write(pull, user);
    auto& reader = *static_cast<swr::Reader*>(static_cast<swr_reader*>(user));
    swr::MutexLock lock(reader.mutex());
    if (!reader.is_open()) {
      lock.unlock();
      return w.write(pull, user);
    }
    // They stay, though the pull of another writer may have the reader open its file again
    // meanwhile.
    const swr::SourceImage source = reader.source();
    const swr::Model model = reader.model();
    lock.unlock();
    w.write(pull, user, &source, &model);
  });
}

swr_status swr_begin(swr_writer* writer) {
  return on_writer(writer, [&](Writer& w) { w.begin(); });
}

swr_status swr_put(swr_writer* writer, const swr_region* region, const void* data, int64_t bytes) {
  return on_writer(writer, [&](Writer& w) {
    given(static_cast<const char*>(data), "the data");
    w.put(swr::region_from_c(given(region, "the region"), "the region"), data, bytes);
  });
}

swr_status swr_put_masked(swr_writer* writer, const swr_region* region, const void* data,
                          int64_t bytes, const void* mask, int64_t mask_bytes) {
  return on_writer(writer, [&](Writer& w) {
    given(static_cast<const char*>(data), "the data");
    given(static_cast<const char*>(mask), "the mask");
    w.put_masked(swr::region_from_c(given(region, "the region"), "the region"), data, bytes, mask,
                 mask_bytes);
  });
}

swr_status swr_finish(swr_writer* writer) {
  return on_writer(writer, [&](Writer& w) { w.finish(); });
}

swr_status swr_abandon(swr_writer* writer) {
  return on_writer(writer, [&](Writer& w) { w.abandon(); });
}

swr_status swr_allocate(swr_writer* writer) {
  return on_writer(writer, [&](Writer& w) { w.allocate(); });
}

swr_status swr_append(swr_writer* writer, const void* data, int64_t bytes) {
  return on_writer(writer, [&](Writer& w) {
    given(static_cast<const char*>(data), "the data");
    w.append(data, bytes);
  });
}

swr_status swr_flush(swr_writer* writer) {
  return on_writer(writer, [&](Writer& w) { w.flush(); });
}

swr_status swr_get_statistics(const swr_writer* writer, swr_statistic which, int64_t* value) {
  return on_writer(const_cast<swr_writer*>(writer),
                   [&](Writer& w) { given(value, "the value") = w.statistic(which); });
}

}  // extern "C"

// The functions that the linker substitutes for those of the interface: see checked.h.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "checked/checked.h"
#include "checked/expectation.h"

namespace swr::checked {
namespace {

// One writer. Its handle is used by one thread at a time, and so is this.
struct Session {
  Told told;
  std::unique_ptr<Expectation> expectation;  // while a write is under way
  std::unique_ptr<Delivered> delivered;
  bool names_reader = false;  // that the last write pulled from, as the file to take after
};

struct Sessions {
  std::mutex mutex;
  std::map<const swr_writer*, std::shared_ptr<Session>> by_writer;
};

// Never destroyed, because writers may be freed very late.
Sessions& sessions() {
  static auto* const all = new Sessions;
  return *all;
}

std::shared_ptr<Session> session_of(const swr_writer* writer) {
  const std::scoped_lock lock(sessions().mutex);
  const auto found = sessions().by_writer.find(writer);
  return found == sessions().by_writer.end() ? nullptr : found->second;
}

enum class Checks { all, own_pixels, none };

std::mutex switch_mutex;
Checks checks = Checks::all;
int failures = 0;
pid_t main_process = 0;

Checks checks_now() {
  const std::scoped_lock lock(switch_mutex);
  return checks;
}

void set_checks(Checks which) {
  const std::scoped_lock lock(switch_mutex);
  checks = which;
}

void report(const std::string& path, const std::string& problem) {
  const std::scoped_lock lock(switch_mutex);
  ++failures;
  std::fflush(stdout);
  std::fprintf(stderr, "CHECKED WRITE FAILED: %s: %s\n", path.c_str(), problem.c_str());
  // The parent of a child process may ignore its exit code.
  if (getpid() != main_process) std::abort();
}

// Runs before what the program registered, so that nothing it does changes the exit code.
void end_with_failure() {
  if (failures == 0) return;
  std::fprintf(stderr, "%d checked writes FAILED\n", failures);
  std::fflush(nullptr);
  _exit(97);
}

// Looks before a write; nothing if nothing is checked.
void begin(Session& session) {
  session.expectation.reset();
  session.delivered = std::make_unique<Delivered>();
  const Checks which = checks_now();
  if (which != Checks::none)
    session.expectation = std::make_unique<Expectation>(session.told, which == Checks::own_pixels);
}

// Looks after it.
void end(Session& session, swr_status status) {
  if (session.expectation && checks_now() != Checks::none) {
    const Expectation& expected = *session.expectation;
    const std::string problem = status == SWR_OK
                                    ? expected.problem_after_success(*session.delivered)
                                    : expected.problem_after_failure();
    if (!problem.empty()) report(expected.path(), problem);
  }
  session.expectation.reset();
  session.delivered.reset();
}

// What the source does with the current piece, on this thread.
struct Hands {
  const swr_piece* piece = nullptr;
  const void* filled = nullptr;
  const void* lent = nullptr;
  swr_region held{};
};
thread_local Hands hands;

struct Recording {
  Session* session;
  swr_pull pull;
  void* user;
};

}  // namespace
}  // namespace swr::checked

using namespace swr::checked;

// The linker gives the real calls these names.
extern "C" {
swr_writer* __real_swr_writer_create(void);
void __real_swr_writer_destroy(swr_writer*);
swr_status __real_swr_set_path(swr_writer*, const char*);
swr_status __real_swr_set_image_region(swr_writer*, const swr_region*);
swr_status __real_swr_set_pixel_type(swr_writer*, swr_component, int32_t, swr_kind);
swr_status __real_swr_set_source_type(swr_writer*, swr_component);
swr_status __real_swr_set_source_components(swr_writer*, int32_t);
swr_status __real_swr_set_spacing(swr_writer*, const double*, int32_t);
swr_status __real_swr_set_origin(swr_writer*, const double*, int32_t);
swr_status __real_swr_set_direction(swr_writer*, const double*, int32_t);
swr_status __real_swr_set_metadata(swr_writer*, const char*, const char*);
swr_status __real_swr_set_header_from(swr_writer*, const swr_reader*);
swr_status __real_swr_set_paste_region(swr_writer*, const swr_region*);
swr_status __real_swr_set_io_region(swr_writer*, const swr_region*);
swr_status __real_swr_set_compression(swr_writer*, const char*, int32_t);
swr_status __real_swr_set_existing(swr_writer*, swr_existing);
swr_status __real_swr_set_fill_value(swr_writer*, double);
swr_status __real_swr_set_rollback(swr_writer*, int32_t);
swr_status __real_swr_set_option(swr_writer*, const char*, const char*);
swr_status __real_swr_write(swr_writer*, swr_pull, void*);
swr_status __real_swr_begin(swr_writer*);
swr_status __real_swr_put(swr_writer*, const swr_region*, const void*, int64_t);
swr_status __real_swr_put_masked(swr_writer*, const swr_region*, const void*, int64_t, const void*,
                                 int64_t);
swr_status __real_swr_finish(swr_writer*);
swr_status __real_swr_abandon(swr_writer*);
swr_status __real_swr_allocate(swr_writer*);
void* __real_swr_piece_buffer(swr_piece*);
swr_status __real_swr_piece_lend(swr_piece*, const void*, const swr_region*);
int32_t __real_swr_reader_pull(swr_piece*, void*);
}

namespace swr::checked {
namespace {

// Notes the stretches of rows that the mask selects.
void add_masked(Delivered& delivered, const swr_region& region, const PixelsIn& memory,
                const unsigned char* mask) {
  int64_t rows = 1;
  for (int axis = 1; axis < region.dimensions; ++axis) rows *= region.size[axis];
  for (int64_t row = 0; row < rows; ++row, mask += region.size[0]) {
    swr_region stretch = region;
    for (int64_t axis = 1, rest = row; axis < region.dimensions; rest /= region.size[axis++]) {
      stretch.index[axis] += rest % region.size[axis];
      stretch.size[axis] = 1;
    }
    for (int64_t x = 0, end; x < region.size[0]; x = end) {
      for (end = x; end < region.size[0] && !mask[end] == !mask[x];) ++end;
      stretch.index[0] = region.index[0] + x;
      stretch.size[0] = end - x;
      if (mask[x]) delivered.add(stretch, memory);
    }
  }
}

// Notes a setting that was accepted.
template <typename Note>
swr_status noted(swr_writer* writer, swr_status status, const Note& note) {
  if (status != SWR_OK) return status;
  if (const auto session = session_of(writer)) note(session->told);
  return status;
}

std::vector<double> list_of(const double* values, int32_t count) {
  return values && count > 0 ? std::vector<double>(values, values + count) : std::vector<double>();
}

std::optional<swr_region> region_of(const swr_region* region) {
  return region ? std::optional<swr_region>(*region) : std::nullopt;
}

int32_t recording_pull(swr_piece* piece, void* user) {
  const Recording& recording = *static_cast<Recording*>(user);
  Session& session = *recording.session;
  const Hands outer = hands;  // a source may itself write
  hands = {};
  hands.piece = piece;
  const swr_region region = *swr_piece_region(piece);
  const int32_t status = recording.pull(piece, recording.user);
  const Hands done = hands;
  hands = outer;
  if (status != SWR_OK || !session.expectation) return status;
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int32_t components = 0;
  swr_piece_get_type(piece, &component, &components);
  Delivered& delivered = *session.delivered;
  if (done.lent) {
    if (!contains(done.held, region)) return status;  // the write is about to fail
    const PixelsIn memory{done.lent, done.held, component, components};
    delivered.add(region, memory);
    if (!same(done.held, region)) delivered.add_spare(memory);
  } else if (done.filled) {
    delivered.add(region, {done.filled, region, component, components});
  } else {
    delivered.add_unknown();  // a source of the library's own, such as swr_pull_vtk()
  }
  return status;
}

}  // namespace
}  // namespace swr::checked

void checks_off(const char*) {
  set_checks(Checks::none);
}

void checks_own_pixels_only(const char*) {
  set_checks(Checks::own_pixels);
}

void checks_on(void) {
  set_checks(Checks::all);
}

int failed_checks(void) {
  const std::scoped_lock lock(switch_mutex);
  return std::exchange(failures, 0);
}

extern "C" {

swr_writer* __wrap_swr_writer_create(void) {
  swr_writer* const writer = __real_swr_writer_create();
  if (!writer) return nullptr;
  const std::scoped_lock lock(sessions().mutex);
  if (main_process == 0) {
    main_process = getpid();
    std::atexit(end_with_failure);
  }
  sessions().by_writer[writer] = std::make_shared<Session>();
  return writer;
}

void __wrap_swr_writer_destroy(swr_writer* writer) {
  {
    const std::scoped_lock lock(sessions().mutex);
    sessions().by_writer.erase(writer);
  }
  __real_swr_writer_destroy(writer);
}

swr_status __wrap_swr_set_path(swr_writer* w, const char* path) {
  return noted(w, __real_swr_set_path(w, path), [&](Told& told) { told.path = path; });
}

swr_status __wrap_swr_set_image_region(swr_writer* w, const swr_region* region) {
  return noted(w, __real_swr_set_image_region(w, region),
               [&](Told& told) { told.image = region_of(region); });
}

swr_status __wrap_swr_set_pixel_type(swr_writer* w, swr_component component, int32_t components,
                                     swr_kind kind) {
  return noted(w, __real_swr_set_pixel_type(w, component, components, kind), [&](Told& told) {
    told.component = component;
    told.components = components;
  });
}

swr_status __wrap_swr_set_source_type(swr_writer* w, swr_component component) {
  return noted(w, __real_swr_set_source_type(w, component),
               [&](Told& told) { told.source = component; });
}

swr_status __wrap_swr_set_source_components(swr_writer* w, int32_t components) {
  return noted(w, __real_swr_set_source_components(w, components),
               [&](Told& told) { told.source_components = components; });
}

swr_status __wrap_swr_set_spacing(swr_writer* w, const double* values, int32_t count) {
  return noted(w, __real_swr_set_spacing(w, values, count),
               [&](Told& told) { told.spacing = list_of(values, count); });
}

swr_status __wrap_swr_set_origin(swr_writer* w, const double* values, int32_t count) {
  return noted(w, __real_swr_set_origin(w, values, count),
               [&](Told& told) { told.origin = list_of(values, count); });
}

swr_status __wrap_swr_set_direction(swr_writer* w, const double* values, int32_t count) {
  return noted(w, __real_swr_set_direction(w, values, count),
               [&](Told& told) { told.direction = list_of(values, count); });
}

swr_status __wrap_swr_set_metadata(swr_writer* w, const char* key, const char* value) {
  return noted(w, __real_swr_set_metadata(w, key, value), [&](Told& told) {
    if (value) {
      told.metadata[key] = value;
    } else {
      told.metadata.erase(key);
    }
  });
}

swr_status __wrap_swr_set_header_from(swr_writer* w, const swr_reader* reader) {
  return noted(w, __real_swr_set_header_from(w, reader),
               [&](Told& told) { told.has_header_source = reader != nullptr; });
}

swr_status __wrap_swr_set_paste_region(swr_writer* w, const swr_region* region) {
  return noted(w, __real_swr_set_paste_region(w, region),
               [&](Told& told) { told.part = region_of(region); });
}

swr_status __wrap_swr_set_io_region(swr_writer* w, const swr_region* region) {
  return noted(w, __real_swr_set_io_region(w, region),
               [&](Told& told) { told.part = region_of(region); });
}

swr_status __wrap_swr_set_compression(swr_writer* w, const char* name, int32_t level) {
  return noted(w, __real_swr_set_compression(w, name, level), [&](Told& told) {
    told.compression = name ? std::optional<std::string>(name) : std::nullopt;
  });
}

swr_status __wrap_swr_set_existing(swr_writer* w, swr_existing policy) {
  return noted(w, __real_swr_set_existing(w, policy), [&](Told& told) { told.existing = policy; });
}

swr_status __wrap_swr_set_fill_value(swr_writer* w, double value) {
  return noted(w, __real_swr_set_fill_value(w, value), [&](Told& told) { told.fill = value; });
}

swr_status __wrap_swr_set_rollback(swr_writer* w, int32_t on) {
  return noted(w, __real_swr_set_rollback(w, on), [&](Told& told) { told.rollback = on != 0; });
}

swr_status __wrap_swr_set_option(swr_writer* w, const char* key, const char* value) {
  return noted(w, __real_swr_set_option(w, key, value), [&](Told& told) {
    if (std::string_view(key) == "geometry")
      told.drops_geometry = value && std::string_view(value) == "drop";
    if (std::string_view(key) == "hdf5.dataset") told.dataset = value ? value : "";
  });
}

void* __wrap_swr_piece_buffer(swr_piece* piece) {
  void* const buffer = __real_swr_piece_buffer(piece);
  if (piece && piece == hands.piece) hands.filled = buffer;
  return buffer;
}

swr_status __wrap_swr_piece_lend(swr_piece* piece, const void* data, const swr_region* held) {
  const swr_status status = __real_swr_piece_lend(piece, data, held);
  if (piece && piece == hands.piece && status == SWR_OK) {
    hands.lent = data;
    hands.held = *held;
  }
  return status;
}

int32_t __wrap_swr_reader_pull(swr_piece* piece, void* reader) {
  const int32_t status = __real_swr_reader_pull(piece, reader);
  // It always fills the buffer.
  if (piece && piece == hands.piece && status == SWR_OK)
    hands.filled = __real_swr_piece_buffer(piece);
  return status;
}

swr_status __wrap_swr_write(swr_writer* w, swr_pull pull, void* user) {
  const auto session = session_of(w);
  // A call from inside its own source changes nothing of what is under way.
  const bool from_reader = pull == swr_reader_pull;
  const swr_pull real_pull = from_reader ? __real_swr_reader_pull : pull;
  if (!session || !pull || session->expectation) return __real_swr_write(w, real_pull, user);
  begin(*session);
  if (!session->expectation) return __real_swr_write(w, real_pull, user);
  // The library does not see the reader when it pulls from the recording.
  const bool may_name = !session->told.has_header_source;
  if (may_name && session->names_reader) __real_swr_set_header_from(w, nullptr);
  session->names_reader = may_name && from_reader && user;
  if (session->names_reader) __real_swr_set_header_from(w, static_cast<swr_reader*>(user));
  Recording recording{session.get(), pull, user};
  const swr_status status = __real_swr_write(w, recording_pull, &recording);
  // After a failure the message must stay: the next write then resets the reader.
  if (session->names_reader && status == SWR_OK) {
    __real_swr_set_header_from(w, nullptr);
    session->names_reader = false;
  }
  end(*session, status);
  return status;
}

swr_status __wrap_swr_begin(swr_writer* w) {
  const auto session = session_of(w);
  if (!session || session->expectation) return __real_swr_begin(w);
  begin(*session);
  const swr_status status = __real_swr_begin(w);
  if (status != SWR_OK) end(*session, status);
  return status;
}

swr_status __wrap_swr_put(swr_writer* w, const swr_region* region, const void* data,
                          int64_t bytes) {
  const swr_status status = __real_swr_put(w, region, data, bytes);
  const auto session = session_of(w);
  if (status == SWR_OK && session && session->expectation) {
    const Expectation& expected = *session->expectation;
    session->delivered->add(
        *region, {data, *region, expected.source_component(), expected.source_components()});
  }
  return status;
}

swr_status __wrap_swr_put_masked(swr_writer* w, const swr_region* region, const void* data,
                                 int64_t bytes, const void* mask, int64_t mask_bytes) {
  const swr_status status = __real_swr_put_masked(w, region, data, bytes, mask, mask_bytes);
  const auto session = session_of(w);
  if (status == SWR_OK && session && session->expectation) {
    const Expectation& expected = *session->expectation;
    add_masked(*session->delivered, *region,
               {data, *region, expected.source_component(), expected.source_components()},
               static_cast<const unsigned char*>(mask));
  }
  return status;
}

swr_status __wrap_swr_finish(swr_writer* w) {
  const swr_status status = __real_swr_finish(w);
  const auto session = session_of(w);
  if (session && status != SWR_ERROR_INCOMPLETE && status != SWR_ERROR_STATE) end(*session, status);
  return status;
}

swr_status __wrap_swr_abandon(swr_writer* w) {
  const swr_status status = __real_swr_abandon(w);
  if (const auto session = session_of(w)) end(*session, SWR_CANCELLED);
  return status;
}

swr_status __wrap_swr_allocate(swr_writer* w) {
  const auto session = session_of(w);
  if (!session || session->expectation) return __real_swr_allocate(w);
  begin(*session);
  const swr_status status = __real_swr_allocate(w);
  end(*session, status);
  return status;
}

}  // extern "C"

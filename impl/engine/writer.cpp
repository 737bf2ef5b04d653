#include "engine/writer.h"

#include <atomic>

#include "base/error.h"
#include "engine/made_image.h"
#include "engine/plan_resources.h"
#include "engine/pull_loop.h"
#include "storage/platform.h"

namespace swr {

namespace {

// How often a write begins again because another one has made the image, and yet another one has
// removed it.
constexpr int most_tries = 100;

// Records, during a write, the file from which its pixels are pulled.
class PulledFrom {
 public:
  PulledFrom(Settings& settings, const Model* reader) : settings_(settings) {
    if (reader) settings_.pulled_from = *reader;
  }
  PulledFrom(const PulledFrom&) = delete;
  PulledFrom& operator=(const PulledFrom&) = delete;
  ~PulledFrom() { settings_.pulled_from.reset(); }

 private:
  Settings& settings_;
};

void log(const Settings& settings, swr_log_level level, const std::string& message) {
  if (settings.log) settings.log(level, message.c_str(), settings.log_user);
}

const char* method_text(swr_method method) {
  switch (method) {
    case SWR_METHOD_CREATE: return "as a new file";
    case SWR_METHOD_IN_PLACE: return "in place";
    case SWR_METHOD_REWRITE: return "by rewriting the file";
    default: return "by splicing the compressed stream, or by rewriting the file";
  }
}

void log_plan(const Settings& settings, const WritePlan& plan, const WorkingFolder& folder) {
  if (!settings.log) return;
  log(settings, SWR_LOG_INFO,
      text(folder.as_given(plan.path), ": ", plan.region.text(), " of ", plan.image.region.text(),
           ", ", plan.image.pixel.text(), ", in ", plan.split->count(), " pieces ",
           method_text(plan.method)));
  for (const std::string& warning : warnings_of(settings, plan))
    log(settings, SWR_LOG_WARNING, folder.as_given(warning));
}

}  // namespace

uint64_t Writer::next_number() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

Settings& Writer::changeable() {
  require_no_session();
  planned_.forget();
  return settings_;
}

void Writer::require_no_session() const {
  require_own_session();
  if (session_ || appender_)
    fail(SWR_ERROR_STATE, settings_.path,
         ": a write is under way; end it with swr_finish or swr_abandon first");
}

// The threads, locks and unfinished files of a session belong to the process that began it.
void Writer::require_own_session() const {
  if (belongs_to_parent())
    fail(SWR_ERROR_STATE, settings_.path,
         ": the write belongs to the process that this one was forked from; make another writer");
}

bool Writer::belongs_to_parent() const {
  return (session_ || appender_) && process_ != system::process();
}

Session& Writer::require_session() {
  require_own_session();
  if (appender_)
    fail(SWR_ERROR_STATE, settings_.path,
         ": frames are being appended; swr_finish or swr_abandon ends that");
  if (!session_) fail(SWR_ERROR_STATE, "no write is under way; begin one with swr_begin");
  return *session_;
}

void Writer::check() {
  require_no_session();
  planned_.renew(settings_);
}

const WritePlan& Writer::plan() {
  if (is_appending())
    fail(SWR_ERROR_STATE, settings_.path, ": frames are being appended, checkpoint by checkpoint");
  return session_ ? session_->plan() : planned_.get(settings_);
}

PixelType Writer::pulled_type() {
  return is_appending() ? appender_->source() : plan().source;
}

Split Writer::split(int64_t divisions) {
  if (settings_.splits_in_chunks) return divided(plan(), settings_, divisions);
  if (settings_.paste_region) return Split::in_divisions(*settings_.paste_region, divisions);
  if (settings_.image_region) return Split::in_divisions(*settings_.image_region, divisions);
  return Split::in_divisions(plan().region, divisions);
}

void Writer::start(const SourceImage* source) {
  require_no_session();
  process_ = system::process();
  statistics_ = std::make_unique<Statistics>();
  broken_ = false;
  unfinished_ = {};
  puts_ = 0;
  Settings fixed = settings_;
  fixed.path = folder_.fix(settings_.path);
  try {
    open_session(fixed, source);
  } catch (...) {
    give_up(std::current_exception());  // opening the output may begin to change a file
  }
}

// Whether the write changes an image that another writer makes where there was none.
bool Writer::changes_other_images() const {
  return settings_.lock_waits && keeps_existing(settings_);
}

void Writer::open_session(const Settings& fixed, const SourceImage* source) {
  // Assigned only when nothing can fail any more: then the write is under way.
  std::unique_ptr<Session> session;
  for (int tries = 0; !session; ++tries) {
    try {
      session = std::make_unique<Session>(fixed, *statistics_, unfinished_, source);
    } catch (const Overtaken&) {
      if (!changes_other_images() || tries == most_tries) throw;
    }
  }
  log_plan(settings_, session->plan(), folder_);
  for (const std::string& note : session->notes())
    log(settings_, SWR_LOG_WARNING, folder_.as_given(note));
  session_ = std::move(session);
}

void Writer::write(swr_pull pull, void* user, const SourceImage* source, const Model* model) {
  require_no_session();
  const PulledFrom pulled_from(settings_, model);
  folder_.run([&] {
    start(source);
    std::optional<Resume> resume;
    try {
      if (settings_.resume) resume.emplace(session_->plan(), settings_, *statistics_);
      pull_all(pull, user, resume ? &*resume : nullptr);
      if (resume) resume->end();
    } catch (const Error& error) {
      // Then the source has to deliver other values.
      if (resume && error.status() == SWR_ERROR_CONVERSION) resume->end();
      give_up(std::current_exception());
    } catch (...) {
      give_up(std::current_exception());
    }
  });
}

void Writer::pull_all(swr_pull pull, void* user, Resume* resume) {
  PullLoop(*session_, settings_, *statistics_, resume, pull, user).run();
  if (in_use_.is_destroyed())
    fail(SWR_CANCELLED, settings_.path, ": the writer was destroyed by its source");
  require_own_session();
  finish_session();
}

void Writer::refuse_resume() const {
  if (!settings_.resume) return;
  fail(SWR_ERROR_UNSUPPORTED, settings_.path,
       ": swr_set_resume() is for swr_write(): pixels that are put are not kept");
}

// Ends the session and rethrows the failure.
void Writer::give_up(const std::exception_ptr& failure) {
  if (belongs_to_parent()) std::rethrow_exception(failure);
  session_.reset();
  if (!unfinished_.is_half_changed) std::rethrow_exception(failure);
  const std::string words = folder_.as_given(unfinished_.words);
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    fail(error.status(), error.what(), "; ", words);
  } catch (const std::bad_alloc&) {
    fail(SWR_ERROR_MEMORY, words);
  }
}

// If another writer has made the image meanwhile, the pixels go into that one.
void Writer::finish_session() {
  for (int tries = 0;; ++tries) {
    std::optional<MadeImage> made;
    try {
      session_->finish();
      session_.reset();
      return;
    } catch (const Overtaken&) {
      if (changes_other_images() && tries < most_tries) made = session_->take_made();
      if (!made) throw;
    }
    session_.reset();
    Settings fixed = made->settings_for_change(settings_);
    fixed.path = folder_.fix(settings_.path);
    open_session(fixed, nullptr);
    made->give_to(*session_, fixed);
  }
}

void Writer::complete() {
  try {
    finish_session();
  } catch (...) {
    give_up(std::current_exception());
  }
}

void Writer::begin() {
  refuse_resume();
  folder_.run([&] { start(); });
}

void Writer::put(const Region& region, const void* data, int64_t bytes) {
  folder_.run([&] {
    Session& session = require_put(region, bytes);
    const std::span<const std::byte> pixels(static_cast<const std::byte*>(data),
                                            static_cast<size_t>(bytes));
    store_put(bytes, [&] {
      session.try_conversion(region, pixels);
      session.store(region, pixels);
    });
  });
}

void Writer::put_masked(const Region& region, const void* data, int64_t bytes, const void* mask,
                        int64_t mask_bytes) {
  folder_.run([&] {
    Session& session = require_put(region, bytes);
    if (mask_bytes != region.pixels())
      fail(SWR_ERROR_ARGUMENT, session.plan().path, ": the mask of the region ", region.text(),
           " takes ", region.pixels(), " bytes; ", mask_bytes, " were given");
    const std::span<const std::byte> pixels(static_cast<const std::byte*>(data),
                                            static_cast<size_t>(bytes));
    const std::span<const uint8_t> selected(static_cast<const uint8_t*>(mask),
                                            static_cast<size_t>(mask_bytes));
    store_put(bytes, [&] { session.store_masked(region, pixels, selected); });
  });
}

// The session, which is ready to take the pixels of the region.
Session& Writer::require_put(const Region& region, int64_t bytes) {
  Session& session = require_session();
  const WritePlan& plan = session.plan();
  if (broken_) fail(SWR_ERROR_STATE, plan.path, ": the write has failed and can only be abandoned");
  if (region.dimensions != plan.region.dimensions || !plan.region.contains(region)) {
    fail(SWR_ERROR_REGION, plan.path, ": the region ", region.text(),
         " is not inside the region that is written, ", plan.region.text());
  }
  const int64_t needed = region.pixels() * plan.source.bytes();
  if (bytes != needed)
    fail(SWR_ERROR_ARGUMENT, plan.path, ": the region ", region.text(), " takes ", needed,
         " bytes; ", bytes, " were given");
  return session;
}

// Stores what was put. A value that does not survive its conversion is noticed before anything is
// stored; after another failure the write can only be abandoned.
void Writer::store_put(int64_t bytes, const std::function<void()>& store) {
  const WritePlan& plan = session_->plan();
  try {
    store();
  } catch (const Error& error) {
    broken_ = error.status() != SWR_ERROR_CONVERSION;
    throw;
  } catch (...) {
    broken_ = true;
    throw;
  }
  ++statistics_->pieces;
  statistics_->bytes_in += bytes;
  const int64_t total = plan.region.pixels() * plan.source.bytes();
  if (settings_.progress && settings_.progress(++puts_, plan.split->count(), statistics_->bytes_in,
                                               total, settings_.progress_user) != 0) {
    broken_ = true;
    fail(SWR_CANCELLED, plan.path, ": cancelled after ", puts_, " regions");
  }
}

// After SWR_ERROR_INCOMPLETE the write is still under way; other failures end it.
void Writer::finish() {
  if (is_appending()) return finish_appending();
  Session& session = require_session();
  folder_.run([&] {
    try {
      if (broken_)
        fail(SWR_ERROR_STATE, session.plan().path, ": the write failed earlier; it is abandoned");
      require_all_regions(session);
      finish_session();
    } catch (const Error& error) {
      if (error.status() == SWR_ERROR_INCOMPLETE) throw;
      give_up(std::current_exception());
    } catch (...) {
      give_up(std::current_exception());
    }
  });
}

void Writer::require_all_regions(const Session& session) {
  const Region missing = session.first_missing();
  if (missing.empty()) return;
  fail(SWR_ERROR_INCOMPLETE, session.plan().path, ": the region ", missing.text(),
       " was not put, and no fill value is set");
}

void Writer::abandon() {
  if (is_appending()) return stop_appending();
  require_session();
  session_.reset();
  if (unfinished_.is_half_changed) fail(SWR_ERROR_IO, folder_.as_given(unfinished_.words));
}

bool Writer::is_appending() const {
  require_own_session();
  return appender_ != nullptr;
}

Appender& Writer::require_appender() {
  if (!is_appending())
    fail(SWR_ERROR_STATE, "no frames are being appended; swr_append begins that");
  return *appender_;
}

// Nothing is under way after a first call that fails.
void Writer::append(const void* data, int64_t bytes) {
  folder_.run([&] {
    if (is_appending()) {
      appender_->append(data, bytes);
    } else {
      require_no_session();
      refuse_resume();
      process_ = system::process();
      auto statistics = std::make_unique<Statistics>();
      Settings fixed = settings_;
      fixed.path = folder_.fix(settings_.path);
      auto appender = std::make_unique<Appender>(std::move(fixed), *statistics);
      appender->append(data, bytes);
      statistics_ = std::move(statistics);
      appender_ = std::move(appender);
    }
    tell_warnings();
  });
}

void Writer::flush() {
  folder_.run([&] {
    require_appender().flush();
    tell_warnings();
  });
}

void Writer::finish_appending() {
  flush();
  appender_.reset();
}

void Writer::stop_appending() {
  const std::string half_changed = appender_->left_half_changed();
  appender_.reset();
  if (!half_changed.empty()) fail(SWR_ERROR_IO, folder_.as_given(half_changed));
}

void Writer::tell_warnings() {
  for (const std::string& warning : appender_->take_warnings())
    log(settings_, SWR_LOG_WARNING, folder_.as_given(warning));
}

// A write without pixels: all of the new image gets the fill value.
void Writer::allocate() {
  refuse_resume();
  folder_.run([&] {
    start();
    complete();
  });
}

}  // namespace swr

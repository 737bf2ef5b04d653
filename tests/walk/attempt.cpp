#include "walk/attempt.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

extern "C" {
#include "support/support.h"
}

namespace swr::walk {
namespace {

#ifdef _WIN32
constexpr bool can_die = false;  // no process can be forked
#else
constexpr bool can_die = true;
#endif

// By a signal: a process that ends by itself is asked by ThreadSanitizer what its threads do.
constexpr int death = SIGKILL;

using Writer = std::unique_ptr<swr_writer, decltype(&swr_writer_destroy)>;

// What the source is asked, and by several threads.
struct Source {
  const Attempt& attempt;
  swr_reader* reader = nullptr;
  std::mutex mutex;
  std::map<int64_t, Bytes> lent;  // until the write is over
};

int32_t ends_here(const Attempt& attempt, swr_piece* piece) {
  if (swr_piece_number(piece) != attempt.ends_at) return SWR_OK;
  if (attempt.ending == Ending::dies) ::raise(death);
  if (attempt.ending == Ending::source_cancels) return SWR_CANCELLED;
  if (attempt.ending != Ending::source_fails) return SWR_OK;
  swr_piece_fail(piece, "on purpose");
  return 4711;
}

int32_t pull(swr_piece* piece, void* user) {
  auto& source = *static_cast<Source*>(user);
  const Attempt& attempt = source.attempt;
  if (const int32_t end = ends_here(attempt, piece); end != SWR_OK) return end;
  const swr_region& region = *swr_piece_region(piece);
  const ImageState& from = attempt.source;
  if (attempt.delivery == Delivery::reads) return swr_reader_pull(piece, source.reader);
  if (attempt.delivery == Delivery::lends_all)
    return static_cast<int32_t>(swr_piece_lend(piece, from.pixels.data(), &from.region));
  if (attempt.delivery == Delivery::fills) {
    auto* const buffer = static_cast<unsigned char*>(swr_piece_buffer(piece));
    if (!buffer) return SWR_ERROR_MEMORY;
    checked::copy_part(region, from.pixel_bytes(), from.pixels.data(), from.region, buffer, region);
    return SWR_OK;
  }
  const std::scoped_lock lock(source.mutex);
  Bytes& copy = source.lent[swr_piece_number(piece)];
  copy.resize(static_cast<size_t>(swr_piece_bytes(piece)));
  checked::copy_part(region, from.pixel_bytes(), from.pixels.data(), from.region, copy.data(),
                     region);
  return static_cast<int32_t>(swr_piece_lend(piece, copy.data(), &region));
}

int32_t cancel(int64_t pieces_done, int64_t, int64_t, int64_t, void* user) {
  const auto& attempt = *static_cast<const Attempt*>(user);
  return pieces_done > attempt.ends_at ? 1 : 0;
}

struct Call {
  swr_writer* writer;
  swr_status status = SWR_OK;

  void operator()(swr_status next) {
    if (status == SWR_OK) status = next;
  }
};

swr_status set_up(swr_writer* w, const Attempt& a) {
  Call call{w};
  call(swr_set_path(w, a.path.c_str()));
  const ImageState& image = a.image;
  const int32_t n = image.region.dimensions;
  if (a.describes) {
    call(swr_set_image_region(w, &image.region));
    call(swr_set_pixel_type(w, image.component, image.components, image.kind));
    call(swr_set_spacing(w, image.spacing.data(), n));
    call(swr_set_origin(w, image.origin.data(), n));
    call(swr_set_direction(w, image.direction.data(), n * n));
    for (const auto& [key, value] : image.metadata)
      call(swr_set_metadata(w, key.c_str(), value.c_str()));
  }
  call(swr_set_source_type(w, a.source.component));
  call(swr_set_conversion(w, a.conversion));
  call(swr_set_paste_region(w, a.part ? &*a.part : nullptr));
  call(swr_set_existing(w, a.existing));
  call(swr_set_compression(w, a.compression ? a.compression->c_str() : nullptr, a.level));
  if (a.sets_fill) call(swr_set_fill_value(w, a.fill));
  call(swr_set_divisions(w, a.divisions));
  call(swr_set_threads(w, a.threads));
  call(swr_set_pull_threads(w, a.pull_threads));
  call(swr_set_rollback(w, a.rollback ? 1 : 0));
  call(swr_set_sync(w, a.sync ? 1 : 0));
  call(swr_set_option(w, "erase", a.erase ? "on" : "off"));
  call(swr_set_option(w, "paste.sole", a.sole ? "on" : "off"));
  call(swr_set_option(w, "deflate.slot", a.slot.empty() ? nullptr : a.slot.c_str()));
  call(swr_set_option(w, "deflate.slack", a.slack.empty() ? nullptr : a.slack.c_str()));
  call(swr_set_option(w, "pyramid.levels", a.has_level ? "1" : nullptr));
  call(swr_set_option(w, "pyramid.method", a.has_level ? "nearest" : nullptr));
  call(swr_set_memory_limit(w, a.memory_limit));
  if (a.ending == Ending::progress_cancels)
    call(swr_set_progress(w, cancel, const_cast<Attempt*>(&a)));
  return call.status;
}

// The source's region in slabs along an axis, in any order, some of them twice.
swr_status put(swr_writer* w, const Attempt& a) {
  Random random(a.seed);
  const swr_region& all = a.source.region;
  const auto axis = static_cast<int32_t>(random.below(all.dimensions));
  const int64_t thick = 1 + random.below(std::min<int64_t>(4, all.size[axis]));
  std::vector<swr_region> slabs;
  for (int64_t at = 0; at < all.size[axis]; at += thick) {
    swr_region slab = all;
    slab.index[axis] += at;
    slab.size[axis] = std::min(thick, all.size[axis] - at);
    slabs.push_back(slab);
    if (random.one_in(5)) slabs.push_back(slab);
  }
  for (size_t i = slabs.size(); i > 1; --i)
    std::swap(slabs[i - 1], slabs[static_cast<size_t>(random.below(static_cast<int64_t>(i)))]);
  swr_status status = swr_begin(w);
  if (status != SWR_OK) return status;
  int64_t count = 0;
  for (const swr_region& slab : slabs) {
    const bool at_the_end = count++ == a.ends_at;
    if (at_the_end && a.ending == Ending::dies) ::raise(death);
    if (at_the_end && a.ending == Ending::abandons) return swr_abandon(w), SWR_CANCELLED;
    Bytes pixels(static_cast<size_t>(checked::pixels_of(slab) * a.source.pixel_bytes()));
    checked::copy_part(slab, a.source.pixel_bytes(), a.source.pixels.data(), all, pixels.data(),
                       slab);
    status = swr_put(w, &slab, pixels.data(), static_cast<int64_t>(pixels.size()));
    if (status != SWR_OK) break;
  }
  if (status == SWR_OK) return swr_finish(w);
  swr_abandon(w);
  return status;
}

Result run_here(const Attempt& a) {
  const Writer writer(swr_writer_create(), swr_writer_destroy);
  swr_writer* const w = writer.get();
  Result result;
  result.status = set_up(w, a);
  const std::unique_ptr<swr_reader, decltype(&swr_reader_destroy)> reader(swr_reader_create(),
                                                                          swr_reader_destroy);
  if (a.delivery == Delivery::reads && result.status == SWR_OK)
    result.status = swr_reader_open(reader.get(), a.read_from.c_str());
  if (result.status != SWR_OK) {
    result.message = std::string(swr_writer_message(w)) + swr_reader_message(reader.get());
    result.said = result.status;
    return result;
  }
  Source source{a, reader.get(), {}, {}};
  result.said = swr_check(w);
  result.status = a.delivery == Delivery::allocates ? swr_allocate(w)
                  : a.delivery == Delivery::puts    ? put(w, a)
                                                    : swr_write(w, pull, &source);
  result.message = swr_writer_message(w);
  return result;
}

}  // namespace

void draw_manner(Attempt& a, Random& random) {
  a.seed = random.next();
  a.delivery = random.pick({Delivery::fills, Delivery::lends_pieces, Delivery::lends_all,
                            Delivery::puts, Delivery::fills});
  a.divisions = random.pick<int64_t>({-1, -1, 1, 2, 5, 100});
  a.threads = random.pick({1, 2, 0});
  a.pull_threads = random.pick({1, 1, 3});
  a.sync = random.one_in(6);
  a.erase = random.one_in(5);
  a.sole = random.one_in(6);
  a.slot = random.pick<const char*>({"", "4096", "4096", "65536"});
  a.slack = random.pick<const char*>({"", "", "0", "50"});
  a.memory_limit = random.pick<int64_t>({0, 0, 2 << 20});
  a.level = static_cast<int32_t>(1 + random.below(9));
  a.fill = static_cast<double>(random.below(100));
  a.sets_fill = random.one_in(3);
  if (!a.sets_fill) a.fill = 0;
  if (!random.one_in(8)) return;
  a.ending = random.pick({Ending::source_fails, Ending::source_cancels, Ending::progress_cancels,
                          Ending::abandons, Ending::dies});
  if (!can_die && a.ending == Ending::dies) a.ending = Ending::abandons;
  a.ends_at = random.below(3);
}

Result run(const Attempt& a) {
  if (a.ending != Ending::dies) return run_here(a);
  std::fflush(nullptr);
  const int child = ::fork();
  if (child == 0) {
    const Result result = run_here(a);
    ::_exit(result.status == SWR_OK ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  Result result;
  result.died = true;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  const bool is_dead = WIFSIGNALED(status) && WTERMSIG(status) == death;
  result.status = is_dead     ? SWR_CANCELLED
                  : code == 0 ? SWR_OK
                  : code == 1 ? SWR_ERROR_UNSUPPORTED
                              : SWR_ERROR_INTERNAL;
  result.said = result.status;
  result.message = "in a process that ended with " + std::to_string(code);
  return result;
}

Bytes stored_pixels(const Attempt& a, swr_component stored) {
  const swr_component from = a.source.component;
  if (from == stored) return a.source.pixels;
  const auto in = static_cast<size_t>(swr_component_bytes(from)),
             out = static_cast<size_t>(swr_component_bytes(stored));
  Bytes pixels(a.source.pixels.size() / in * out);
  for (size_t i = 0; i < pixels.size() / out; ++i) {
    const long double value = clamped(component_exact(&a.source.pixels[i * in], from), stored);
    component_store_exact(&pixels[i * out], stored, value);
  }
  return pixels;
}

std::string Attempt::text() const {
  static const char* const deliveries[] = {"fills", "lends pieces", "lends all",
                                           "reads", "puts",         "allocates"};
  static const char* const endings[] = {"finishes",         "source fails", "source cancels",
                                        "progress cancels", "abandons",     "dies"};
  static const char* const policies[] = {"default", "replace", "fail", "update", "extend"};
  std::string words = path;
  if (describes)
    words += " " + checked::text_of(image.region) + " " + swr_component_name(image.component) +
             " x " + std::to_string(image.components);
  if (part) words += " part " + checked::text_of(*part);
  words += std::string(" existing ") + policies[existing];
  if (compression) words += " compression " + *compression + ":" + std::to_string(level);
  words += std::string(" ") + deliveries[static_cast<int>(delivery)];
  if (!read_from.empty()) words += " " + read_from;
  words += std::string(" of ") + swr_component_name(source.component);
  if (conversion != SWR_CONVERSION_NONE) words += " converted";
  words += std::string(", ") + endings[static_cast<int>(ending)];
  if (ending != Ending::finishes) words += " at " + std::to_string(ends_at);
  words += "; divisions " + std::to_string(divisions) + " threads " + std::to_string(threads) +
           "/" + std::to_string(pull_threads) + " slot " + slot + " slack " + slack +
           (has_level ? " level" : "") + " limit " + std::to_string(memory_limit) + " fill " +
           std::to_string(fill);
  for (const auto& [is_on, name] : {std::pair(rollback, " rollback"), std::pair(sync, " sync"),
                                    std::pair(erase, " erase"), std::pair(sole, " sole")}) {
    if (is_on) words += name;
  }
  return words;
}

}  // namespace swr::walk

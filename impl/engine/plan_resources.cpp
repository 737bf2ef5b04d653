#include "engine/plan_resources.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "base/parallel.h"

namespace swr {
namespace {

// Small blocks where memory is scarce, but whole units of the store.
int64_t choose_block(const PixelForm& form, int64_t limit) {
  const int64_t room = std::min(block_bytes, std::max<int64_t>(limit / 32, 4096));
  return std::max(form.unit, round_down(std::min(room, form.most_block), form.unit));
}

MemoryFacts memory_facts(const WritePlan& plan, const Settings& settings, const Split& split) {
  MemoryFacts facts;
  facts.source_piece_bytes = checked_multiply(split.largest_pixels(), plan.source.bytes());
  facts.stored_piece_bytes = checked_multiply(split.largest_pixels(), plan.image.pixel.bytes());
  facts.direct = plan.direct;
  facts.staged_pieces = !plan.direct;
  facts.own_buffers = !settings.buffers.pointers.empty();
  const PixelConversion conversion = plan.pixel_conversion();
  facts.converts = conversion.changes();
  facts.source_block = plan.converts_in_blocks
                           ? std::max(plan.block, conversion.source_bytes(plan.block))
                           : plan.block;
  facts.compresses = plan.form.is_encoded;
  facts.directory_bytes = checked_add(plan.form.index_bytes, plan.form.level_bytes);
  facts.encoder_bytes = plan.form.encoder_bytes;
  facts.level_thread_bytes = plan.form.level_thread_bytes;
  facts.waiting_bytes = plan.form.waiting_bytes;
  facts.streams = plan.method != SWR_METHOD_IN_PLACE || facts.compresses;
  facts.block = plan.block;
  facts.threads = plan.threads;
  facts.pull_threads = settings.pull_threads;
  return facts;
}

// The smallest number of divisions that stays within the limit; 0 if none does.
int64_t divisions_that_fit(const WritePlan& plan, const Settings& settings, int64_t limit) {
  const auto fits = [&](int64_t n) {
    return plan_memory(memory_facts(plan, settings, divided(plan, settings, n)), limit).need <=
           limit;
  };
  int axis = plan.region.dimensions - 1;
  while (axis > 0 && plan.region.size[axis] == 1) --axis;
  int64_t too_few = 0, enough = plan.region.size[axis];
  if (!fits(enough)) return 0;
  while (enough - too_few > 1) {
    const int64_t middle = too_few + (enough - too_few) / 2;
    (fits(middle) ? enough : too_few) = middle;
  }
  return enough;
}

// Of the file's compression.
int level_of(const WritePlan& plan, const Settings& settings) {
  const StorageRequest& request = settings.storage;
  if (!request.codec) return plan.file_level;
  return request.level > 0 ? request.level : usual_level(*request.codec);
}

// All pixels of a new file go through the scratch file.
void plan_waiting(WritePlan& plan) {
  if (plan.form.waiting_bytes == 0 || plan.method == SWR_METHOD_IN_PLACE) return;
  const int64_t all = plan.image.bytes();
  plan.bytes_read = checked_add(plan.bytes_read, all);
  plan.bytes_written = checked_add(plan.bytes_written, all);
}

// The pieces of the region for this share of the memory.
Split choose_pieces(const WritePlan& plan, const Settings& settings, int64_t share) {
  if (settings.divisions) return divided(plan, settings, *settings.divisions);
  const int64_t pixel = plan.source.bytes();
  const bool own_buffers = !settings.buffers.pointers.empty();
  const int64_t room = own_buffers ? std::min(usual_piece_bytes, settings.buffers.bytes_each)
                                   : std::min(usual_piece_bytes, share / 16);
  const Split pieces = Split::in_bytes(plan.region, pixel, std::max(room, pixel));
  if (plan.form.chunk[0] == 0) return pieces;
  // Pieces of whole chunks are encoded as soon as they are there.
  const Split aligned = pieces.near_chunks(plan.form.chunk, plan.image.region.index);
  const bool fits = !own_buffers || aligned.largest_pixels() <= settings.buffers.bytes_each / pixel;
  return fits ? aligned : pieces;
}

// If the library chooses the pieces, they become smaller until everything fits the limit.
void plan_pieces(WritePlan& plan, const Settings& settings, int64_t limit) {
  constexpr int64_t least_share = 65536;
  for (int64_t share = limit;; share /= 2) {
    plan.split = choose_pieces(plan, settings, share);
    plan.memory = plan_memory(memory_facts(plan, settings, *plan.split), limit);
    if (plan.memory.need <= limit || share <= least_share || settings.divisions ||
        !settings.buffers.pointers.empty())
      return;
  }
}

}  // namespace

Split divided(const WritePlan& plan, const Settings& settings, int64_t divisions) {
  const Index& chunk = plan.form.chunk;
  return chunk[0] > 0 && settings.splits_in_chunks
             ? Split::in_chunks(plan.region, divisions, chunk, plan.image.region.index)
             : Split::in_divisions(plan.region, divisions);
}

void plan_resources(WritePlan& plan, const Settings& settings) {
  const int64_t limit = settings.memory();
  plan.deflate = settings.deflate;
  plan.deflate.level = level_of(plan, settings);
  plan.threads = thread_count(settings.threads);
  plan.form =
      plan.format->form(plan.layout(), {plan.deflate.slot_bytes, limit, plan.deflate.level});
  plan_waiting(plan);
  plan.block = choose_block(plan.form, limit);
  plan.direct = plan.method == SWR_METHOD_CREATE && plan.whole_image &&
                plan.layout().order.interleaved() && settings.pull_threads == 1 &&
                settings.buffers.pointers.empty();
  plan.converts_in_blocks = plan.pixel_conversion().changes();
  plan_pieces(plan, settings, limit);
  if (plan.converts_in_blocks && plan.memory.need > limit) {
    // Blocks of the source's type may be several times as large as those of the file's.
    plan.converts_in_blocks = plan.direct = false;
    plan_pieces(plan, settings, limit);
  }
  if (!settings.memory_limit || plan.memory.need <= limit) return;
  if (!settings.divisions) {
    fail(SWR_ERROR_MEMORY_LIMIT, plan.path, ": the write needs ", plan.memory.need,
         " bytes of memory; the limit is ", limit);
  }
  const int64_t enough = divisions_that_fit(plan, settings, limit);
  const std::string advice = enough > 0 ? text(enough, " divisions would do")
                                        : "no number of divisions would do; leave them unset";
  fail(SWR_ERROR_MEMORY_LIMIT, plan.path, ": ", *settings.divisions, " divisions of ",
       plan.region.text(), " need ", plan.memory.need, " bytes of memory; the limit is ", limit,
       "; ", advice);
}

void check_buffers(const WritePlan& plan, const Settings& settings) {
  const int64_t piece = plan.split->largest_pixels() * plan.source.bytes();
  if (!settings.buffers.pointers.empty() && settings.buffers.bytes_each < piece) {
    fail(SWR_ERROR_MEMORY_LIMIT, plan.path, ": the largest piece has ", piece,
         " bytes; the buffers that were set have ", settings.buffers.bytes_each);
  }
}

}  // namespace swr

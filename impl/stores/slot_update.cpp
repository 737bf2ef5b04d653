// The steps of a paste into a slotted stream. All are planned before the first byte is written:
//
//   1  all threads inflate, change and re-encode the touched slots independently
//   2  a run that does not fit its slot is encoded at level 9, then by the strongest encoder
//   3  if it still does not fit, its neighbours give up room; their runs are copied (slot_ladder.h)
//   4  if they have no room either, everything after it moves, and the file grows
//
// The new slots of a stream that grows replace the bytes after the last full slot: a directory
// page, the last slot, footer and trailer.
//
// A slot is always written as a whole, including its filler, and the file is cut off at the end of
// the stream. So no compressed byte of the old pixels stays in the file. Only the undo journal has
// copies, which InPlace overwrites with the option "erase".
#include "stores/slot_update.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/parallel.h"
#include "base/stopwatch.h"
#include "codecs/deflate_run.h"
#include "codecs/filler.h"
#include "stores/repeated_slot.h"
#include "stores/scratch.h"
#include "stores/slack.h"
#include "stores/slot_ladder.h"
#include "stores/slot_writer.h"

namespace swr {
namespace {

struct ChangedSlot {
  Slot slot{};
  int64_t run = 0;  // position in the scratch
};

// Encodes the new runs of touched slots.
class SlotEncoder {
 public:
  SlotEncoder(const SlottedFile& slots, const DeflateUpdate& update, StoreCounters& counters)
      : slots_(slots),
        update_(update),
        counters_(counters),
        inflaters_([] { return std::make_unique<RunInflater>(); }),
        buffers_([] { return std::make_unique<std::vector<std::byte>>(); }),
        runs_(update.resources.memory_limit / 4, slots.file().path(), counters) {
    const DeflateMethod method = deflate_method(update.options.engine, update.options.level);
    encoders_.push_back(std::make_unique<EncoderPool>(method));
    for (const DeflateMethod& stronger : stronger_methods(method))
      encoders_.push_back(std::make_unique<EncoderPool>(stronger));
    const int64_t for_thread = 6 * slots.shape().slot_raw_bytes + (int64_t{1} << 20);
    threads_ = static_cast<int>(std::clamp<int64_t>(update.resources.memory_limit / 4 / for_thread,
                                                    1, thread_count(update.resources.threads)));
  }

  // Encodes the new runs and enters them into the plan. Returns whether there are any.
  bool encode(const TouchedSlots& touched, SlotPlan& plan) {
    bool any = false;
    std::vector<int64_t> numbers;
    std::vector<ChangedSlot> changed;
    for (int64_t number = touched.next(0); number < plan.count(); any = true) {
      numbers.clear();
      while (number < plan.count() && std::ssize(numbers) < most_at_once) {
        numbers.push_back(number);
        number = touched.next(number + 1);
      }
      changed.resize(numbers.size());
      parallel_for(std::ssize(numbers), threads_, [&](int64_t i) {
        changed[static_cast<size_t>(i)] = encode_slot(numbers[static_cast<size_t>(i)]);
      });
      for (size_t i = 0; i < numbers.size(); ++i) {
        const Slot& slot = changed[i].slot;
        plan.set_run(numbers[i], {plan.get(numbers[i]).bytes, slot.run_bytes, slot.checksum},
                     changed[i].run);
      }
    }
    return any;
  }

  Scratch& runs() { return runs_; }

 private:
  static constexpr int64_t most_at_once = 1024;

  ChangedSlot encode_slot(int64_t number) {
    const StreamShape& old = slots_.shape();
    const int64_t begin = number * old.slot_raw_bytes,
                  bytes = std::min(old.slot_raw_bytes, update_.new_bytes - begin);
    if (number >= old.count()) {
      const auto pixels = update_.overlay->in_memory(begin, bytes);
      if (!pixels.empty()) return encode_new(pixels);
    }
    auto raw = buffers_.take();
    raw->assign(static_cast<size_t>(bytes), std::byte{0});
    const bool is_old = number < old.count();
    const int64_t old_bytes = is_old ? old.raw_bytes(number) : 0;
    if (is_old)
      slots_.read_slot(number, *inflaters_.take(),
                       std::span(*raw).first(static_cast<size_t>(old_bytes)));
    update_.overlay->apply(begin, *raw);
    if (old_bytes < bytes) return encode_new(*raw);
    const Stopwatch watch(counters_.compress_nanoseconds);
    ++counters_.slots_rewritten;
    return keep(*raw, shortest_run(*raw, slots_.pages().slot(number).bytes));
  }

  // A slot whose place and length are new. If an image grows by its fill value, many are equal.
  ChangedSlot encode_new(std::span<const std::byte> raw) {
    const Stopwatch watch(counters_.compress_nanoseconds);
    ++counters_.slots_rewritten;
    if (const auto known = repeated_.find(raw)) return *known;
    const ChangedSlot changed = keep(raw, shortest_run(raw, 0));
    repeated_.remember(raw, [&] { return changed; });
    return changed;
  }

  ChangedSlot keep(std::span<const std::byte> raw, const std::vector<std::byte>& run) {
    return {{0, static_cast<uint32_t>(run.size()), checksum_of(slots_.shape().kind(), raw)},
            runs_.append(run).offset};
  }

  // The first run that fits `room`, or the shortest if none does. Without a limit: the first.
  // A stronger encoder gains a few percent at most: larger deficits go directly to the neighbours.
  std::vector<std::byte> shortest_run(std::span<const std::byte> raw, int64_t room) {
    std::vector<std::byte> best;
    int64_t within_reach = room + room / 16 * std::ssize(encoders_);
    for (const auto& encoders : encoders_) {
      auto encoder = encoders->take();
      const auto run = encoder->encode(raw);
      const bool fits = room == 0 || run_fits(std::ssize(run), room);
      if (fits || best.empty() || run.size() < best.size()) best.assign(run.begin(), run.end());
      within_reach -= room / 16;
      if (fits || std::ssize(best) > within_reach) break;
    }
    return best;
  }

  const SlottedFile& slots_;
  const DeflateUpdate& update_;
  StoreCounters& counters_;
  Pool<RunInflater> inflaters_;
  Pool<std::vector<std::byte>> buffers_;
  std::vector<std::unique_ptr<EncoderPool>> encoders_;  // from the requested one to the strongest
  RepeatedSlot<ChangedSlot> repeated_;
  Scratch runs_;
  int threads_;
};

// The changed bytes of the prefix, by their place in the file. Updates `checksum`, the one of the
// prefix.
std::vector<PlannedBytes> plan_prefix(const SlottedFile& slots, const DeflateUpdate& update,
                                      uint32_t& checksum) {
  constexpr int64_t longest_stored_block = 65535;
  const StreamShape& shape = slots.shape();
  std::vector<PlannedBytes> planned;
  const int64_t prefix_begin =
      slots.extent().begin + static_cast<int64_t>(plain_head(shape.gzip).size());
  for (const auto& [offset, text] : update.prefix_patches) {
    if (offset < 0 || checked_add(offset, std::ssize(text)) > shape.prefix_bytes) {
      fail(SWR_ERROR_INTERNAL, slots.file().path(),
           ": a change of the stream's prefix is outside the prefix");
    }
    std::span<const std::byte> rest = std::as_bytes(std::span(text));
    for (int64_t at = offset; !rest.empty();) {
      const auto part = rest.first(std::min(
          rest.size(), static_cast<size_t>(longest_stored_block - at % longest_stored_block)));
      const int64_t position = prefix_begin + position_in_stored_prefix(at);
      std::vector<std::byte> old(part.size());
      slots.file().read_at(position, old);
      checksum = checksum_replace(shape.kind(), checksum, checksum_of(shape.kind(), old),
                                  checksum_of(shape.kind(), part),
                                  shape.prefix_bytes - at - std::ssize(part));
      planned.push_back({position, {part.begin(), part.end()}});
      at += std::ssize(part);
      rest = rest.subspan(part.size());
    }
  }
  return planned;
}

// Slots whose place and length differ from all old ones.
int64_t first_new_slot(const StreamShape& old, int64_t new_bytes) {
  if (new_bytes == old.pixel_bytes) return old.count();
  return old.pixel_bytes % old.slot_raw_bytes != 0 ? old.count() - 1 : old.count();
}

void keep_gibibytes_off_the_tail(SlotPlan& plan) {
  const int64_t number = plan.count() - 1;
  Slot last = plan.get(number);
  const int64_t more = room_before_last_run(plan.end(), plan.shape().tail_bytes());
  if (more <= 0) return;
  last.bytes =
      last.run_bytes +
      static_cast<uint32_t>(round_up_to_fillable(int64_t{last.bytes} - last.run_bytes + more));
  plan.set(number, last);
}

}  // namespace

TouchedSlots::TouchedSlots(const StreamShape& shape, const DeflateUpdate& update)
    : update_(update),
      slot_raw_bytes_(shape.slot_raw_bytes),
      count_(slot_count(update.new_bytes, shape.slot_raw_bytes)),
      grown_from_(update.new_bytes > shape.pixel_bytes ? shape.pixel_bytes / shape.slot_raw_bytes
                                                       : count_) {}

int64_t TouchedSlots::next(int64_t from) const {
  if (from >= grown_from_) return std::min(from, count_);
  const int64_t at = update_.overlay->next_change(from * slot_raw_bytes_);
  return at < update_.new_bytes ? std::min(at / slot_raw_bytes_, grown_from_) : grown_from_;
}

DeflateResult update_slots(const SlottedFile& slots, const DeflateUpdate& update,
                           FileChanges& change, int file, StoreCounters& counters) {
  const StreamShape& old = slots.shape();
  if (update.new_bytes < old.pixel_bytes)
    fail(SWR_ERROR_INTERNAL, slots.file().path(), ": an update cannot make an image smaller");
  const bool tail_may_move = slots.extent().end() == slots.file().size();
  if (update.new_bytes > old.pixel_bytes && !tail_may_move) return {};

  const TouchedSlots touched(old, update);
  SlotPlan plan(slots.pages(), update.new_bytes, update.resources.memory_limit / 8,
                slots.file().path(), counters);
  SlotEncoder encoder(slots, update, counters);
  const bool any = encoder.encode(touched, plan);
  if (!any && update.prefix_patches.empty()) return {true, slots.extent().bytes};
  const Ladder ladder{update.options.slack_percent, tail_may_move};
  if (!make_room(
          plan, [&](int64_t from) { return touched.next(from); },
          first_new_slot(old, update.new_bytes), old.slot_raw_bytes, ladder))
    return {};
  if (plan.end() != slots.pages().end()) keep_gibibytes_off_the_tail(plan);
  if (plan.has_too_long_slot()) return {};

  const Stopwatch watch(counters.store_nanoseconds);
  SlotWriter writer(slots, plan, encoder.runs(), change, file, update.resources.memory_limit / 8);
  uint32_t prefix_checksum = slots.pages().footer().prefix_checksum;
  std::vector<PlannedBytes> prefix = plan_prefix(slots, update, prefix_checksum);
  writer.add_prefix(std::move(prefix), prefix_checksum);
  writer.prepare();
  if (writer.stream_bytes() > update.most_stream_bytes) return {};
  counters.slots_moved += writer.write();
  return {true, writer.stream_bytes()};
}

}  // namespace swr

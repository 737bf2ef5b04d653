// The ladder of a paste into a slotted stream, climbed in thought before the first byte is written:
//
//   1  the touched slots are inflated, changed, and encoded again, each for itself, by all threads
//   2  a run that does not fit its slot is encoded at level 9, then by the strongest encoder that there is
//   3  if it still does not fit, its neighbours are moved together, by copying their runs (slot_ladder.h)
//   4  if they have no room either, everything behind it moves, and the file grows
//
// A stream that grows gets its new slots in place of what stood behind the last full one: a
// directory page, the last slot, footer and trailer.
//
// A slot is always written whole, filler and all, and what the stream no longer reaches is cut off:
// no compressed byte of the old pixels stays in the file. Their copies are in the undo journal
// alone, which InPlace overwrites if it is asked to erase.
#include "stores/slot_update.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/parallel.h"
#include "base/stopwatch.h"
#include "codecs/deflate_segment.h"
#include "codecs/filler.h"
#include "stores/scratch.h"
#include "stores/slack.h"
#include "stores/slot_ladder.h"
#include "stores/slot_writer.h"

namespace swr {
namespace {

struct ChangedSlot {
  Slot slot;
  Scratch::Piece run;
};

// Makes the new runs of touched slots.
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
  }

  std::vector<ChangedSlot> encode(std::span<const int64_t> touched) {
    std::vector<ChangedSlot> changed(touched.size());
    const int64_t for_thread = 6 * slots_.directory().slot_raw_bytes + (int64_t{1} << 20);
    const auto threads = std::clamp<int64_t>(update_.resources.memory_limit / 4 / for_thread, 1,
                                             thread_count(update_.resources.threads));
    parallel_for(std::ssize(touched), static_cast<int>(threads), [&](int64_t i) {
      changed[static_cast<size_t>(i)] = encode_slot(touched[static_cast<size_t>(i)]);
    });
    return changed;
  }

  Scratch& runs() { return runs_; }

 private:
  ChangedSlot encode_slot(int64_t number) {
    const SlotDirectory& old = slots_.directory();
    const int64_t begin = number * old.slot_raw_bytes;
    auto raw = buffers_.take();
    raw->assign(static_cast<size_t>(std::min(old.slot_raw_bytes, update_.new_bytes - begin)),
                std::byte{0});
    const bool is_old = number < old.count();
    const int64_t old_bytes = is_old ? old.raw_bytes(number) : 0;
    if (is_old)
      slots_.read_slot(number, *inflaters_.take(),
                       std::span(*raw).first(static_cast<size_t>(old_bytes)));
    update_.overlay->apply(begin, *raw);
    const Stopwatch watch(counters_.compress_nanoseconds);
    const bool keeps_its_place = old_bytes == std::ssize(*raw);
    const std::vector<std::byte> run =
        shortest_run(*raw, keeps_its_place ? slots_.slot(number).bytes : 0);
    ++counters_.slots_rewritten;
    return {{0, static_cast<uint32_t>(run.size()), checksum_of(old.kind(), *raw)},
            runs_.append(run)};
  }

  // The first run that fits `room`, or the shortest if none does; without a room to fit, the first.
  // Each rung gains some percent at the most: who lacks more than that goes to the neighbours at
  // once.
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
  std::vector<std::unique_ptr<EncoderPool>>
      encoders_;  // from the one that is asked for to the strongest
  Scratch runs_;
};

// The bytes of the prefix that change, as they lie in the file, and the prefix's new checksum.
std::vector<PlannedBytes> plan_prefix(const SlottedFile& slots, const DeflateUpdate& update,
                                      SlotDirectory& directory) {
  constexpr int64_t longest_stored_block = 65535;
  std::vector<PlannedBytes> planned;
  const int64_t prefix_begin =
      slots.extent().begin + static_cast<int64_t>(plain_head(directory.gzip).size());
  for (const auto& [offset, text] : update.prefix_patches) {
    if (offset < 0 || checked_add(offset, std::ssize(text)) > directory.prefix_bytes) {
      fail(SWR_ERROR_INTERNAL, slots.file().path(),
           ": a change of the bytes in front of the pixels lies outside them");
    }
    std::span<const std::byte> rest = std::as_bytes(std::span(text));
    for (int64_t at = offset; !rest.empty();) {
      const auto part = rest.first(std::min(
          rest.size(), static_cast<size_t>(longest_stored_block - at % longest_stored_block)));
      const int64_t position = prefix_begin + position_in_stored_prefix(at);
      std::vector<std::byte> old(part.size());
      slots.file().read_at(position, old);
      const int64_t after = directory.prefix_bytes - at - std::ssize(part);
      directory.prefix_checksum = checksum_replace(directory.kind(), directory.prefix_checksum,
                                                   checksum_of(directory.kind(), old),
                                                   checksum_of(directory.kind(), part), after);
      planned.push_back({position, {part.begin(), part.end()}});
      at += std::ssize(part);
      rest = rest.subspan(part.size());
    }
  }
  return planned;
}

// Slots that lie where no old one of the same length did.
int64_t first_new_slot(const SlotDirectory& old, int64_t new_bytes) {
  if (new_bytes == old.pixel_bytes) return old.count();
  return old.pixel_bytes % old.slot_raw_bytes != 0 ? old.count() - 1 : old.count();
}

void keep_gibibytes_off_the_tail(SlotDirectory& directory) {
  const SlotPositions positions(directory);
  Slot& last = directory.slots.back();
  const int64_t more = room_before_last_run(positions.end, directory.tail_bytes());
  if (more > 0)
    last.bytes =
        last.run_bytes +
        static_cast<uint32_t>(round_up_to_fillable(int64_t{last.bytes} - last.run_bytes + more));
}

}  // namespace

std::vector<int64_t> touched_slots(const SlotDirectory& directory, const DeflateUpdate& update) {
  std::vector<int64_t> touched;
  const int64_t size = directory.slot_raw_bytes;
  const int64_t grown_from = update.new_bytes > directory.pixel_bytes
                                 ? directory.pixel_bytes / size
                                 : slot_count(update.new_bytes, size);
  for (int64_t at = update.overlay->next_change(0);
       at < update.new_bytes && at / size < grown_from;) {
    touched.push_back(at / size);
    at = update.overlay->next_change((at / size + 1) * size);
  }
  for (int64_t slot = grown_from; slot < slot_count(update.new_bytes, size); ++slot)
    touched.push_back(slot);
  return touched;
}

DeflateResult update_slots(const SlottedFile& slots, const DeflateUpdate& update, InPlace& change,
                           int file, StoreCounters& counters) {
  const SlotDirectory& old = slots.directory();
  if (update.new_bytes < old.pixel_bytes)
    fail(SWR_ERROR_INTERNAL, slots.file().path(), ": an update does not make an image smaller");
  const bool tail_may_move = slots.extent().end() == slots.file().size();
  if (update.new_bytes > old.pixel_bytes && !tail_may_move) return {};
  const std::vector<int64_t> touched = touched_slots(old, update);
  if (touched.empty() && update.prefix_patches.empty()) return {true, slots.extent().bytes};

  SlotEncoder encoder(slots, update, counters);
  const std::vector<ChangedSlot> changed = encoder.encode(touched);
  SlotDirectory planned = old;
  planned.pixel_bytes = update.new_bytes;
  planned.slots.resize(static_cast<size_t>(slot_count(update.new_bytes, old.slot_raw_bytes)));
  for (size_t i = 0; i < touched.size(); ++i) {
    Slot& slot = planned.slots[static_cast<size_t>(touched[i])];
    slot = {slot.bytes, changed[i].slot.run_bytes, changed[i].slot.checksum};
  }
  const Ladder ladder{update.options.slack_percent, tail_may_move};
  if (!climb(planned.slots, touched, first_new_slot(old, update.new_bytes), old.slot_raw_bytes,
             ladder))
    return {};
  if (SlotPositions(planned).end != slots.positions().end) keep_gibibytes_off_the_tail(planned);
  const auto too_long = [](const Slot& slot) { return slot.bytes > most_slot_bytes; };
  if (std::any_of(planned.slots.begin(), planned.slots.end(), too_long)) return {};

  const Stopwatch watch(counters.store_nanoseconds);
  std::vector<PlannedBytes> prefix = plan_prefix(slots, update, planned);
  SlotWriter writer(slots, planned, change, file, update.resources.memory_limit / 4);
  for (const PlannedBytes& bytes : prefix) writer.add_bytes(bytes);
  size_t next = 0;
  for (int64_t number = 0; number < planned.count(); ++number) {
    if (next < touched.size() && touched[next] == number) {
      writer.add_run(number, encoder.runs(), changed[next++].run);
    } else {
      writer.keep_run(number);
    }
  }
  counters.slots_moved += writer.write();
  return {true, writer.stream_bytes()};
}

}  // namespace swr

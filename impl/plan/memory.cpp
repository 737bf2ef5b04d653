#include "plan/memory.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {
namespace {

constexpr int best_depth = 4;
constexpr int least_depth = 2;
// The tables of an encoder, of the engine with the largest ones.
constexpr int64_t deflate_bytes = 640 * 1024;

int64_t stream_bytes(const MemoryFacts& facts, const MemoryPlan& plan) {
  int64_t need = checked_multiply(plan.blocks, plan.block_capacity);
  if (facts.compresses) {
    const int64_t encoder_bytes = std::max(deflate_bytes, facts.encoder_bytes);
    need = checked_add(need, checked_multiply(plan.threads, encoder_bytes + 2 * facts.block));
    need = checked_add(need, facts.directory_bytes);
    if (facts.level_thread_bytes > 0) {
      const int64_t of_thread = checked_add(encoder_bytes, facts.level_thread_bytes);
      need = checked_add(need, checked_multiply(plan.threads, of_thread));
    }
    if (facts.waiting_bytes > 0) {
      const int64_t chunks = checked_multiply(plan.blocks, facts.block);
      need = checked_add(need, checked_add(facts.waiting_bytes, chunks));
    }
  }
  // Blocks that are stored as they are converted, or of which levels are made.
  if (facts.converts && (!facts.compresses || facts.level_thread_bytes > 0))
    need = checked_add(need, checked_multiply(plan.prepared, facts.block));
  return need;
}

int64_t piece_bytes(const MemoryFacts& facts, const MemoryPlan& plan) {
  int64_t need = 0;
  if (!facts.own_buffers) need = checked_multiply(plan.pieces, facts.source_piece_bytes);
  if (facts.converts) {
    const int64_t part = std::min(block_bytes, facts.stored_piece_bytes);
    const int parts = std::max(plan.prepared, facts.pull_threads);
    need = checked_add(need, std::min(checked_multiply(parts, part),
                                      checked_multiply(plan.pieces, facts.stored_piece_bytes)));
  }
  return need;
}

// `spare`: blocks that wait while the threads encode other blocks.
MemoryPlan with(const MemoryFacts& facts, int depth, int threads, bool spare = true) {
  MemoryPlan plan;
  plan.threads = threads;
  plan.prepared = spare ? 2 * threads + 2 : 1;
  if (facts.streams) {
    const bool computes = facts.compresses || facts.converts;
    plan.blocks = depth + (computes && spare ? threads : 0);
    plan.block_capacity =
        checked_add(facts.source_block, facts.direct ? facts.source_piece_bytes : 0);
    plan.need = stream_bytes(facts, plan);
  }
  if (facts.staged_pieces) {
    plan.pieces = std::max(depth, facts.pull_threads + 1);
    plan.need = checked_add(plan.need, piece_bytes(facts, plan));
  }
  return plan;
}

}  // namespace

MemoryPlan plan_memory(const MemoryFacts& facts, int64_t limit) {
  for (int depth = best_depth; depth >= least_depth; --depth) {
    const MemoryPlan plan = with(facts, depth, facts.threads);
    if (plan.need <= limit) return plan;
  }
  const bool computes = facts.compresses || facts.converts;
  for (int threads = facts.threads - 1; computes && threads > 1; --threads) {
    const MemoryPlan plan = with(facts, least_depth, threads);
    if (plan.need <= limit) return plan;
  }
  if (!computes) return with(facts, least_depth, facts.threads);
  const MemoryPlan plan = with(facts, least_depth, 1);
  return plan.need <= limit ? plan : with(facts, least_depth, 1, false);
}

}  // namespace swr

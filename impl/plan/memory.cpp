#include "plan/memory.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {
namespace {

constexpr int best_depth = 4;
constexpr int least_depth = 2;
// An encoder's own tables: those of the largest of the engines.
constexpr int64_t encoder_bytes = 640 * 1024;

// `spare`: blocks that wait while the threads encode others.
MemoryPlan with(const MemoryFacts& facts, int depth, int threads, bool spare = true) {
  MemoryPlan plan;
  plan.threads = threads;
  if (facts.streams) {
    plan.blocks = depth + (facts.compresses && spare ? threads : 0);
    plan.block_capacity = checked_add(facts.block, facts.direct ? facts.stored_piece_bytes : 0);
    plan.need = checked_multiply(plan.blocks, plan.block_capacity);
    if (facts.compresses)
      plan.need =
          checked_add(plan.need, checked_multiply(threads, encoder_bytes + 2 * facts.block));
  }
  if (facts.staged_pieces) {
    plan.pieces = std::max(depth, facts.pull_threads + 1);
    if (!facts.own_buffers)
      plan.need = checked_add(plan.need, checked_multiply(plan.pieces, facts.source_piece_bytes));
    if (facts.converts) plan.need = checked_add(plan.need, facts.stored_piece_bytes);
  }
  return plan;
}

}  // namespace

MemoryPlan plan_memory(const MemoryFacts& facts, int64_t limit) {
  for (int depth = best_depth; depth >= least_depth; --depth) {
    const MemoryPlan plan = with(facts, depth, facts.threads);
    if (plan.need <= limit) return plan;
  }
  for (int threads = facts.threads - 1; facts.compresses && threads > 1; --threads) {
    const MemoryPlan plan = with(facts, least_depth, threads);
    if (plan.need <= limit) return plan;
  }
  if (!facts.compresses) return with(facts, least_depth, facts.threads);
  const MemoryPlan plan = with(facts, least_depth, 1);
  return plan.need <= limit ? plan : with(facts, least_depth, 1, false);
}

}  // namespace swr

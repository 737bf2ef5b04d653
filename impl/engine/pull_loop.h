// Pulls every piece of a write from a source.
#pragma once

#include <exception>
#include <string>

#include "engine/own_source.h"
#include "engine/piece.h"
#include "engine/pipeline.h"
#include "engine/resume.h"
#include "engine/session.h"

namespace swr {

class PullLoop {
 public:
  // `resume`: null if the pieces are not kept. All but `pull` must outlive the object.
  PullLoop(Session& session, const Settings& settings, Statistics& statistics, Resume* resume,
           swr_pull pull, void* user);
  // Pulls every piece once; all are stored when it returns. Throws every failure.
  void run();

 private:
  struct Lent {
    const std::byte* data = nullptr;
    Region held;
  };

  void run_on_this_thread();
  void run_on_threads();
  class Arrived;
  struct Order;
  struct Running;
  void pull_in_order(Order& order);
  void pull_and_store(Order& order);
  void pull_into(const Region& region, int64_t number, const BufferPool::Lease& lease);
  void run_one_thread(Order& order, Running& running);
  void wait_for_threads(Running& running);
  void abort(const std::exception_ptr& failure) noexcept;
  void call(Piece& piece);
  std::string context(const Piece& piece) const;
  void take_lent(const Region& region, int64_t number, const Lent& lent);
  bool store_lent_directly(const Region& region, const Lent& lent);
  void store_leased(const Region& region, int64_t number, const BufferPool::Lease& lease);
  void store_cropped(const Region& region, int64_t number, const Lent& lent);
  void count_piece(const Region& region);
  void report_progress(int64_t pieces_done, int64_t bytes_done);
  bool more_follow(int64_t number) const { return number + 1 < split_.count(); }
  int64_t bytes_of(const Region& region) const { return region.pixels() * plan_.source.bytes(); }

  Session& session_;
  const Settings& settings_;
  Statistics& statistics_;
  Resume* const resume_;
  const WritePlan& plan_;
  const Split& split_;
  SourceWatch watch_;
  swr_pull pull_;
  void* user_;
  BlockStream* direct_;
  Pipeline ordered_;  // orders pieces that several threads pull
};

}  // namespace swr

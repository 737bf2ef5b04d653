// What outputs of new files have in common: the files under staging names, and the stream that goes
// into the data file from the front.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/old_pixels.h"
#include "engine/output.h"
#include "stores/overlay.h"

namespace swr {

class NewOutput : public Output {
 public:
  void finish(const Coverage& written) final;

 protected:
  NewOutput(const WritePlan& plan, const Settings& settings, Statistics& statistics,
            Transaction& transaction);
  // Completes the data file.
  virtual void complete(const Coverage& written) = 0;

  // `computes`: there is something to do for a block before it is stored.
  std::unique_ptr<BlockStream> make_stream(StreamStore& store, bool computes);
  // Streams the rest of the sequence: the fill value, and what lies over it.
  void compose(BlockStream& stream, const Overlay& overlays) const;
  // The stream for the session to fill, if the sequence may come from the front.
  BlockStream* offered(BlockStream& stream) const {
    return old_ || !layout_.order.interleaved() ? nullptr : &stream;
  }
  int64_t begin() const { return layout_.parts[0].offset; }

  const WritePlan& plan_;
  const Settings& settings_;
  Statistics& statistics_;
  const Layout& layout_;  // of the new file
  const int64_t total_;   // bytes of its sequence
  Transaction& files_;
  std::vector<File*> parts_;      // of the layout
  File* data_ = nullptr;          // the first of them
  File* header_ = nullptr;        // may be the same
  std::optional<OldPixels> old_;  // if a file is written again
};

File& create_planned(Transaction& files, const PlannedFile& file);

std::unique_ptr<Output> open_new_raw(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, Transaction& transaction);
std::unique_ptr<Output> open_new_stream(const WritePlan& plan, const Settings& settings,
                                        Statistics& statistics, Transaction& transaction);
std::unique_ptr<Output> open_new_chunks(const WritePlan& plan, const Settings& settings,
                                        Statistics& statistics, Transaction& transaction);

}  // namespace swr

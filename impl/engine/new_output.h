// What all outputs of new files have in common: the files under staging names, the store of their
// pixels, and the stream that goes to the store from the front.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/old_pixels.h"
#include "engine/output.h"
#include "stores/overlay.h"
#include "stores/pixels.h"

namespace swr {

class NewOutput : public Output {
 public:
  struct Parts {
    const WritePlan& plan;
    const Settings& settings;
    Statistics& statistics;
    Transaction& transaction;
    std::unique_ptr<PixelSink> sink;
  };

  // Null if the sequence may not come from the front.
  BlockStream* stream() final;
  void finish(const Coverage& written) final;

 protected:
  explicit NewOutput(Parts parts);
  // Gives all pixels to the store.
  virtual void complete(const Coverage& written) = 0;

  // Streams the rest of the sequence: the fill value, and the overlays over it.
  void compose(const Overlay& overlays);
  PixelSink& sink() { return *sink_; }
  BlockStream& blocks() { return *blocks_; }

  const WritePlan& plan_;
  const Settings& settings_;
  Statistics& statistics_;
  const Layout& layout_;          // of the new file
  const int64_t total_;           // bytes of its sequence
  std::optional<OldPixels> old_;  // if a file is rewritten

 private:
  Transaction& transaction_;
  std::unique_ptr<PixelSink> sink_;
  std::unique_ptr<BlockStream> blocks_;  // last: its threads end before what they use does
};

}  // namespace swr

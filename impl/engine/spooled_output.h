// The output of a new file whose pixels are encoded. Pixels that do not come from the front wait
// until all are known.
#pragma once

#include <memory>

#include "engine/new_output.h"
#include "stores/scratch.h"

namespace swr {

class SpooledOutput : public NewOutput {
 public:
  BlockStream* stream() final { return offered(*stream_); }
  void write(const Region& region, const std::byte* pixels) final;

 protected:
  using NewOutput::NewOutput;
  // Encodes into `store` from now on, after what is to be carried over from the existing file.
  // Called once, by the constructor.
  void open(std::unique_ptr<StreamStore> store);
  // Completes the file after the store's own end. `again` is not empty if pixels were put again
  // after they had gone into the stream: it has them in the spool, to be changed in the file.
  virtual void complete_file(const Coverage& again) = 0;
  // Requires: complete_file() was called with regions.
  Scratch& spool() { return *spool_; }
  void add_spooled(OverlayList& overlays, const Coverage& boxes);

 private:
  void leave_stream();
  void complete(const Coverage& written) final;

  std::unique_ptr<StreamStore> store_;
  std::unique_ptr<Scratch> spool_;       // once the stream was left
  Coverage carried_;                     // pixels of the existing file that were written by region
  Coverage again_;                       // written by region where the stream had been already
  std::unique_ptr<BlockStream> stream_;  // last: its threads stop before what they use goes
};

}  // namespace swr

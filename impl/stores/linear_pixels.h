// Adaptors from pixels by region to linear sequences: raw, text, compressed streams.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

// The pixels of a sequence, read through a buffer of at most `span_bytes`. `store` must outlive it.
class SequenceReader : public PixelReader {
 public:
  SequenceReader(ReadStore& store, const LinearOrder& order, int64_t span_bytes = int64_t{1} << 20)
      : store_(store), order_(order), span_bytes_(span_bytes) {}
  void read(const Region& region, std::span<std::byte> out) override;
  bool notices_changes() const override { return store_.notices_changes(); }
  void verify() override { store_.verify(); }
  StoreFacts facts() const override { return store_.facts(); }
  ReadStore* sequence() override { return &store_; }

 private:
  ReadStore& store_;
  LinearOrder order_;
  int64_t span_bytes_;
};

PixelForm form_of_linear_pixels(const Layout& layout, const FormOptions& options);

// The pixels of a layout that is one sequence. Fails as open_store() does.
std::unique_ptr<PixelReader> read_linear_pixels(const Layout& layout, const ReadOptions& options);

// New pixels, raw or compressed, and what is before and after them. All must outlive the sink.
struct NewLinearPixels {
  const Layout& layout;
  const std::string& stream_prefix;  // precedes the pixels in a compressed stream
  const std::string& stream_suffix;  // follows them there, in a gzip member of its own
  const std::string& trailer;        // follows raw pixels
};
std::unique_ptr<PixelSink> new_linear_pixels(const NewLinearPixels& pixels, const NewFiles& files,
                                             const WriteOptions& options);

// A change of pixels, raw or compressed. The arguments must outlive it.
struct LinearChange {
  const Layout& layout;  // of the file
  LinearOrder order;     // after the change
  const std::string& header_path;
  const std::string& trailer;  // follows raw pixels that grow, in place of the old one
  const std::optional<DataPart>&
      more;  // a further part for raw pixels that grow; nothing is cut off
  // Of the prefix of the compressed stream: offset, new bytes.
  std::vector<std::pair<int64_t, std::string>> prefix_patches{};
};
std::unique_ptr<PixelChange> change_linear_pixels(LinearChange change, ChangedFiles& files,
                                                  const WriteOptions& options);
ChangeForecast forecast_linear_change(const Layout& layout, const ChangeRequest& request);

}  // namespace swr

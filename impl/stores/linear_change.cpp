// Changes of linear pixels in existing files.
#include <algorithm>
#include <limits>

#include "base/error.h"
#include "image/runs.h"
#include "stores/contiguous.h"
#include "stores/deflate_blocks.h"
#include "stores/lent_pixels.h"
#include "stores/linear_pixels.h"
#include "stores/overlay.h"
#include "stores/region_io.h"
#include "stores/scratch.h"
#include "stores/slotted_file.h"

namespace swr {
namespace {

// Raw pixels change at once.
class RawChange final : public PixelChange {
 public:
  RawChange(const LinearChange& change, ChangedFiles& files, const WriteOptions& options)
      : order_(change.order),
        trailer_(change.trailer),
        grows_(order_.bytes() > change.layout.order.bytes()),
        store_(change.layout, files.existing(), options.is_sole) {
    if (change.more) {
      store_.add(*change.more);
    } else if (grows_) {
      store_.grow(order_.bytes());
    }
  }

  void write(const Region& region, const std::byte* pixels) override {
    write_region(store_, order_, region, pixels);
  }
  void write_selected(const Region& region, const std::byte* pixels,
                      std::span<const uint8_t> mask) override {
    swr::write_selected(store_, order_, region, pixels, mask);
  }
  bool leaves_zeros() const override { return true; }
  bool finish(std::span<const Region>) override {
    if (grows_) store_.write_trailer(std::as_bytes(std::span(trailer_)));
    return true;
  }

 private:
  const LinearOrder order_;
  const std::string& trailer_;
  const bool grows_;
  ExistingContiguousStore store_;
};

// The new pixels of a compressed stream wait until all are known: if the source fails, nothing was
// changed. Those that are lent, in the order of the sequence, wait where they are; as soon as
// others come, all wait in a scratch.
class DeflateChange final : public PixelChange {
 public:
  DeflateChange(LinearChange change, ChangedFiles& files, const WriteOptions& options)
      : change_(std::move(change)),
        files_(files),
        options_(options),
        waiting_(options.memory / 8, options.beside, *options.counters),
        lent_(change_.order.bytes()),
        reader_(waiting_, change_.order) {}

  void write(const Region& region, const std::byte* pixels) override {
    write_region(scratch(), change_.order, region, pixels);
  }
  void write_selected(const Region& region, const std::byte* pixels,
                      std::span<const uint8_t> mask) override {
    swr::write_selected(scratch(), change_.order, region, pixels, mask);
  }

  bool lend(const Region& region, std::span<const std::byte> pixels) override {
    const int64_t begin = contiguous_begin(change_.order, region);
    return !has_copies_ && begin >= 0 && lent_.add(begin, pixels);
  }

  bool finish(std::span<const Region> written) override {
    const int64_t bytes = change_.order.bytes(), old_bytes = change_.layout.order.bytes();
    OverlayList overlays(bytes);
    if (bytes > old_bytes) overlays.add(std::make_unique<FillOverlay>(old_bytes, options_.fill));
    if (!lent_.empty()) {
      overlays.add(std::make_unique<LentPixels>(lent_));
    } else {
      for (const Region& box : written) {
        overlays.add(std::make_unique<BoxOverlay>(change_.order, box, waiting_,
                                                  BoxOverlay::Values::in_place, false));
      }
    }
    DeflateUpdate update;
    update.overlay = &overlays;
    update.new_bytes = bytes;
    update.most_stream_bytes = most_stream_bytes();
    update.options = options_.deflate;
    update.resources = {options_.threads, options_.memory / 2};
    update.prefix_patches = change_.prefix_patches;
    FileChanges& files = files_.existing();
    const int data = files.add(change_.layout.parts[0].path);
    const DeflateResult result =
        update_deflate(change_.layout, update, files, data, *options_.counters);
    if (result.done) {
      patch_stream_bytes(files, result.stream_bytes);
    } else {
      copy_lent();
    }
    return result.done;
  }

  PixelReader* waiting() override { return &reader_; }

 private:
  // For pixels that come, and from now on for all.
  Scratch& scratch() {
    copy_lent();
    has_copies_ = true;
    return waiting_;
  }

  void copy_lent() {
    lent_.copy_to(waiting_);
    lent_.clear();
  }

  // Whether the header says the stream's length. Where it says nothing, or 0, it stays as it is.
  bool header_has_length() const {
    const Deflate& stream = change_.layout.stream();
    return stream.stream_bytes_field && stream.stream_bytes >= 0;
  }

  int64_t most_stream_bytes() const {
    return header_has_length() ? change_.layout.stream().stream_bytes_field->most()
                               : std::numeric_limits<int64_t>::max();
  }

  void patch_stream_bytes(FileChanges& files, int64_t bytes) {
    const Deflate& stream = change_.layout.stream();
    if (!header_has_length() || stream.stream_bytes == bytes) return;
    const std::string text = stream.stream_bytes_field->text(bytes);
    files.write(files.add(change_.header_path), stream.stream_bytes_field->offset,
                std::as_bytes(std::span(text)));
  }

  const LinearChange change_;
  ChangedFiles& files_;
  const WriteOptions options_;
  Scratch waiting_;
  bool has_copies_ = false;  // there are pixels in waiting_
  LentPixels lent_;
  SequenceReader reader_;
};

class NoValues : public ReadStore {
 public:
  void read(int64_t, std::span<std::byte>) override {}
  void verify() override {}
};

ChangeForecast forecast_deflate(const Layout& layout, const ChangeRequest& request) {
  NoValues none;
  const int64_t bytes = request.order.bytes(), old_bytes = layout.order.bytes();
  OverlayList overlays(bytes);
  overlays.add(std::make_unique<FillOverlay>(old_bytes, request.fill));
  overlays.add(std::make_unique<BoxOverlay>(request.order, request.region, none,
                                            BoxOverlay::Values::in_place, false));
  DeflateUpdate update;
  update.overlay = &overlays;
  update.new_bytes = bytes;
  update.options = request.deflate;
  update.resources.files = request.files;
  const DeflateForecast forecast = forecast_update(layout, update);
  const bool may_be_spliced = forecast.spliced || request.may_be_less;
  swr_method method = SWR_METHOD_IN_PLACE;
  if (!forecast.slotted)
    method = may_be_spliced && bytes == old_bytes ? SWR_METHOD_SPLICE : SWR_METHOD_REWRITE;
  return {method, forecast.level, forecast.bytes_read, forecast.bytes_written};
}

// The journal takes what is overwritten. What the file grows by becomes the fill value, except for
// the pixels of the region.
ChangeForecast forecast_raw(const Layout& layout, const ChangeRequest& request) {
  const int64_t pixel_bytes = request.order.pixel_bytes();
  const Region old = whole(layout.order.dimensions, layout.order.size);
  const int64_t old_bytes = request.region.intersection(old).pixels() * pixel_bytes;
  const int64_t new_bytes = request.region.pixels() * pixel_bytes - old_bytes;
  ChangeForecast forecast;
  if (request.keeps_old_bytes) forecast.bytes_read = forecast.bytes_written = old_bytes;
  forecast.bytes_written += request.order.bytes() - layout.order.bytes() - new_bytes;
  return forecast;
}

}  // namespace

std::unique_ptr<PixelChange> change_linear_pixels(LinearChange change, ChangedFiles& files,
                                                  const WriteOptions& options) {
  if (change.layout.is_compressed())
    return std::make_unique<DeflateChange>(std::move(change), files, options);
  return std::make_unique<RawChange>(change, files, options);
}

ChangeForecast forecast_linear_change(const Layout& layout, const ChangeRequest& request) {
  return layout.is_compressed() ? forecast_deflate(layout, request) : forecast_raw(layout, request);
}

PixelForm form_of_linear_pixels(const Layout& layout, const FormOptions& options) {
  PixelForm form;
  form.has_places = layout.is_raw();
  if (layout.is_text()) {
    form.encoding = "text";
    form.read_only = "its pixels are written as text";
  }
  if (layout.is_bzip2()) {
    form.encoding = "bzip2";
    form.read_only = "its pixels are compressed with bzip2";
  }
  if (layout.is_compressed()) form.encoding = "deflate";
  if (layout.half_floats) {
    form.has_places = false;
    form.read_only = half_floats_read_only;
  }
  if (!layout.is_compressed() || layout.half_floats) return form;
  if (layout.parts.size() > 1) form.read_only = "its pixels are in several compressed files";
  form.is_encoded = true;
  form.unit = options.slot_bytes;
  form.most_block = 262144;
  form.index_bytes = SlottedFile::directory_memory(options.memory / 2);
  form.may_be_rewritten = form.replaces_files = true;
  return form;
}

}  // namespace swr

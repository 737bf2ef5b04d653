#include "stores/pyramid_reader.h"

#include "image/pyramid.h"

namespace swr {
namespace {

class ReaderWithLevels final : public PixelReader {
 public:
  ReaderWithLevels(const Layout& layout, const ReadOptions& options, OpenPixels open)
      : pyramid_(layout.pyramid), options_(options), open_(open), image_(open(layout, options)) {}

  void read(const Region& region, std::span<std::byte> out) override { image_->read(region, out); }
  bool notices_changes() const override { return image_->notices_changes(); }
  void verify() override {
    image_->verify();
    for (const Layout& level : pyramid_->levels) open_(level, options_)->verify();
  }
  StoreFacts facts() const override { return image_->facts(); }

 private:
  const std::shared_ptr<const Pyramid> pyramid_;
  const ReadOptions options_;
  const OpenPixels open_;
  const std::unique_ptr<PixelReader> image_;
};

}  // namespace

std::unique_ptr<PixelReader> read_with_levels(const Layout& layout, const ReadOptions& options,
                                              OpenPixels open) {
  if (!layout.pyramid) return open(layout, options);
  return std::make_unique<ReaderWithLevels>(layout, options, open);
}

}  // namespace swr

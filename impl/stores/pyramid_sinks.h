// Where the chunks of the smaller versions of an image go, and how these follow the image's pixels
// when some of them change.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "image/pyramid.h"
#include "image/reducer.h"
#include "stores/chunk_sink.h"

namespace swr {

class PyramidSinks {
 public:
  // `sinks`: one for each level; each can read any chunk that is in its file. `image` has the
  // pyramid, and must outlive this.
  PyramidSinks(const Layout& image, std::vector<std::unique_ptr<ChunkSink>> sinks);

  int levels() const { return static_cast<int>(sinks_.size()); }
  // 0 is the largest level, which is made from the image.
  ChunkSink& sink(int level) { return *sinks_[static_cast<size_t>(level)]; }
  const LinearOrder& order(int level) const;
  const Reducer& reducer(int level) const { return reducers_[static_cast<size_t>(level)]; }

  // Makes the pixels again that stand for pixels of the boxes, and no others. Requires: the chunks
  // of the image are placed.
  void update(ChunkSink& image, std::span<const Region> boxes, const EncodeChunks& encode_chunks);
  void finish();
  // Whether levels of which nothing is stored are those of an image all of whose pixels are this
  // one.
  bool empty_is(std::span<const std::byte> pixel) const;

  // The memory that update() needs, and the chunks that it reads.
  static int64_t bytes_of_update(const Layout& image);

 private:
  const Layout& image_;
  std::vector<std::unique_ptr<ChunkSink>> sinks_;
  std::vector<Reducer> reducers_;
};

}  // namespace swr

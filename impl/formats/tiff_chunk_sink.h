// Stores strips and tiles, and writes their places into the directories of their pages.
//
// A chunk that is stored again stays where it is if it fits there. A list of places or lengths that
// several pages share stays as it is: a page whose own values change gets a list of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "formats/tiff_directory.h"
#include "formats/tiff_room.h"
#include "image/layout.h"
#include "stores/chunk_decoder.h"
#include "stores/chunk_encoding.h"
#include "stores/chunk_sink.h"

namespace swr {

// Where the chunks of the image's pages are. A page's places are in the order of its directory.
struct TiffChunkPlaces {
  std::vector<int64_t> directories{};   // of the pages, in the order of the image
  std::vector<TiffPlace> places{};      // of all their chunks
  std::set<int64_t> shared{};           // numbers of places whose bytes are not theirs alone
  std::vector<int64_t> shared_lists{};  // as in TiffUse
};

class TiffChunkSink final : public ChunkSink {
 public:
  // `layout`: of the image with all its pages; it must outlive the sink.
  TiffChunkSink(const Layout& layout, std::shared_ptr<TiffRoom> room, TiffChunkPlaces known,
                const DeflateOptions& options);

  const Grid& grid() const override { return layout_.grid(); }
  std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte>&& pixels) const override;
  void place(int64_t chunk, std::span<const std::byte> encoded) override;
  void read(int64_t chunk, std::span<std::byte> pixels) override;
  void finish() override;

 private:
  struct Stretch {  // of a page's places: those that changed are in it
    int64_t first, last;
  };

  int planes() const { return stored_.has_planes ? layout_.order.components : 1; }
  Region stored_box(int64_t chunk) const;
  int64_t page_of(int64_t chunk) const { return chunk / in_plane_; }
  int64_t number_of(int64_t chunk, int plane) const;
  void place_one(int64_t chunk, int plane, std::span<const std::byte> bytes);
  int64_t room_for(int64_t number, int64_t bytes);
  void write_places(TiffFile& file, int64_t page, const Stretch& changed);
  void write_list(const TiffEntry& entry, int64_t page, const Stretch& changed,
                  int64_t TiffPlace::*value);
  bool has_bytes(int64_t offset, const std::vector<std::byte>& expected);
  void move_list(const TiffEntry& entry, int64_t page, int64_t TiffPlace::*value);

  const Layout& layout_;
  const StoredChunks& stored_;
  const std::shared_ptr<TiffRoom> room_;
  TiffTarget& bytes_;
  const TiffNumbers numbers_;
  const ChunkEncoding encoding_;
  const ChunkDecoder decoder_;
  TiffChunkPlaces known_;
  const int64_t in_plane_;              // chunks of a page, or of each of its planes
  std::map<int64_t, Stretch> changed_;  // by page
};

}  // namespace swr

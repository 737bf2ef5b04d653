#include "engine/store_options.h"

#include "engine/chunk_encoder.h"

namespace swr {

WriteOptions store_options(const WritePlan& plan, const Layout& layout, const Settings& settings,
                           Statistics& statistics) {
  WriteOptions options;
  options.threads = plan.memory.threads;
  options.memory = settings.memory();
  options.beside = plan.path;
  options.all_pixels_come = plan.whole_image || plan.file.has_value();
  options.is_sole = settings.sole;
  options.erases = settings.erase;
  options.fill = plan.stored_fill(layout);
  options.deflate = plan.deflate;
  options.files = plan.open;
  options.counters = &statistics.store;
  options.encode_chunks = [&plan, &statistics](ChunkSink& sink, const std::set<int64_t>& chunks,
                                               ChunkBase base, const ComposeChunk& compose) {
    ChunkEncoder(sink, plan.image.pixel.bytes(), plan.memory, statistics)
        .encode(chunks, base, compose);
  };
  return options;
}

}  // namespace swr

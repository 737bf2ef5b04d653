#include "engine/new_output.h"

#include <algorithm>
#include <vector>

namespace swr {

// The data first: a header that has its name has its data.
NewOutput::NewOutput(const WritePlan& plan, const Settings& settings, Statistics& statistics,
                     Transaction& transaction)
    : plan_(plan),
      settings_(settings),
      statistics_(statistics),
      layout_(plan.new_file->layout),
      total_(layout_.order.bytes()),
      files_(transaction) {
  const bool rewrites = plan.method != SWR_METHOD_CREATE;
  statistics.method = rewrites ? SWR_METHOD_REWRITE : SWR_METHOD_CREATE;
  for (const PlannedFile& part : plan.files.parts) parts_.push_back(&create_planned(files_, part));
  data_ = parts_[0];
  header_ = plan.files.header ? &create_planned(files_, *plan.files.header) : data_;
  for (const std::string& path : plan.files.retired) files_.retire(path);
  const std::string& header = plan.new_file->header;
  if (!header.empty()) header_->write_at(0, std::as_bytes(std::span(header)));
  if (rewrites) old_.emplace(plan, settings);
}

File& create_planned(Transaction& files, const PlannedFile& file) {
  return files.create(file.path,
                      {.must_be_new = file.must_be_new, .attributes_from = file.attributes_from});
}

std::unique_ptr<BlockStream> NewOutput::make_stream(StreamStore& store, bool computes) {
  BlockStream::Options options;
  options.block = plan_.block;
  options.capacity = plan_.memory.block_capacity > 0 ? plan_.memory.block_capacity : plan_.block;
  options.buffers = std::max(2, plan_.memory.blocks);
  // Without anything to compute, one thread stores while the source goes on.
  options.threads = computes ? plan_.memory.threads : 1;
  options.window = plan_.memory.prepared;
  return std::make_unique<BlockStream>(store, total_, options, statistics_);
}

void NewOutput::compose(BlockStream& stream, const Overlay& overlays) const {
  stream.stop_converting();
  std::vector<std::byte> block(static_cast<size_t>(plan_.block));
  const std::vector<std::byte> fill = plan_.stored_fill(layout_);
  while (stream.position() < total_) {
    const int64_t at = stream.position();
    const auto part = std::span(block).first(
        static_cast<size_t>(std::min<int64_t>(std::ssize(block), total_ - at)));
    fill_with(fill, at, part);
    overlays.apply(at, part);
    stream.append(part);
  }
}

void NewOutput::finish(const Coverage& written) {
  complete(written);
  files_.publish();
  statistics_.store.bytes_out += files_.bytes_written();
}

std::unique_ptr<Output> open_rewrite(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, Transaction& transaction) {
  const Layout& layout = plan.new_file->layout;
  const auto open = layout.is_chunked()      ? open_new_chunks
                    : layout.is_compressed() ? open_new_stream
                                             : open_new_raw;
  return open(plan, settings, statistics, transaction);
}

}  // namespace swr

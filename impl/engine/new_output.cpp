#include "engine/new_output.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/placed_output.h"
#include "engine/spooled_output.h"
#include "engine/store_options.h"

namespace swr {
namespace {

std::unique_ptr<BlockStream> make_stream(const WritePlan& plan, PixelSink& sink,
                                         Statistics& statistics) {
  BlockStream::Options options;
  options.block = plan.block;
  options.capacity = plan.memory.block_capacity > 0 ? plan.memory.block_capacity : plan.block;
  options.buffers = std::max(2, plan.memory.blocks);
  // Without anything to compute, one thread stores while the source goes on.
  const bool computes = !sink.places() || plan.pixel_conversion().changes();
  options.threads = computes ? plan.memory.threads : 1;
  options.window = plan.memory.prepared;
  return std::make_unique<BlockStream>(sink.stream(), plan.new_file->layout.order.bytes(), options,
                                       statistics);
}

// What writes of the new image will lock, and of those that it replaces, which may be of another
// form.
FileLocks::Needs locks_of_folder(const WritePlan& plan) {
  FileLocks::Needs needs{{plan.files.header_path(), FileLocks::Mode::exclusive}};
  for (const std::string& header : plan.format->headers_in_folder(plan.files.folder->path))
    needs[header] = FileLocks::Mode::exclusive;
  return needs;
}

// The folder of the plan under its staging name, with all files that hold no pixels.
std::unique_ptr<PixelSink> open_folder_sink(const WritePlan& plan, const Settings& settings,
                                            Statistics& statistics, Transaction& transaction) {
  const PlannedFile& planned = *plan.files.folder;
  StagedTree& folder =
      transaction.create_folder(planned.path, {.must_be_new = planned.must_be_new,
                                               .check_old =
                                                   [&] {
                                                     transaction.lock(locks_of_folder(plan));
                                                     plan.format->refuse_other_folder(planned.path);
                                                   },
                                               .attributes_from = planned.attributes_from});
  for (const auto& [name, bytes] : plan.new_file->folder->files)
    folder.files().put(name, std::as_bytes(std::span(bytes)));
  return plan.format->sink(*plan.new_file, {.parts = {}, .folder = &folder},
                           store_options(plan, plan.new_file->layout, settings, statistics));
}

// The files of the plan under their staging names, with the header in its own. The data comes
// first: a header that has its name has its data.
std::unique_ptr<PixelSink> open_sink(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, Transaction& transaction) {
  if (plan.files.folder) return open_folder_sink(plan, settings, statistics, transaction);
  std::vector<File*> parts;
  for (const PlannedFile& part : plan.files.parts)
    parts.push_back(&create_planned(transaction, part));
  File* const header =
      plan.files.header ? &create_planned(transaction, *plan.files.header) : parts[0];
  for (const std::string& path : plan.files.retired) transaction.retire(path);
  const std::string& bytes = plan.new_file->header;
  if (!bytes.empty()) header->write_at(0, std::as_bytes(std::span(bytes)));
  return plan.format->sink(*plan.new_file, {parts, header},
                           store_options(plan, plan.new_file->layout, settings, statistics));
}

}  // namespace

NewOutput::NewOutput(Parts parts)
    : plan_(parts.plan),
      settings_(parts.settings),
      statistics_(parts.statistics),
      layout_(parts.plan.new_file->layout),
      total_(layout_.order.bytes()),
      transaction_(parts.transaction),
      sink_(std::move(parts.sink)),
      blocks_(make_stream(parts.plan, *sink_, parts.statistics)) {
  const bool rewrites = plan_.method != SWR_METHOD_CREATE;
  statistics_.method = rewrites ? SWR_METHOD_REWRITE : SWR_METHOD_CREATE;
  if (rewrites) old_.emplace(plan_, settings_);
}

BlockStream* NewOutput::stream() {
  return old_ || !layout_.order.interleaved() ? nullptr : blocks_.get();
}

void NewOutput::compose(const Overlay& overlays) {
  blocks_->stop_converting();
  std::vector<std::byte> block(static_cast<size_t>(plan_.block));
  const std::vector<std::byte> fill = plan_.stored_fill(layout_);
  while (blocks_->position() < total_) {
    const int64_t at = blocks_->position();
    const auto part = std::span(block).first(
        static_cast<size_t>(std::min<int64_t>(std::ssize(block), total_ - at)));
    fill_with(fill, at, part);
    overlays.apply(at, part);
    blocks_->append(part);
  }
}

void NewOutput::finish(const Coverage& written) {
  if (written.empty() && !old_ && sink_->empty_is_fill()) {
    sink_->finish_empty();
  } else {
    complete(written);
    sink_->finish();
  }
  transaction_.publish();
  statistics_.store.bytes_out += transaction_.bytes_written();
}

File& create_planned(Transaction& transaction, const PlannedFile& file) {
  return transaction.create(
      file.path, {.must_be_new = file.must_be_new, .attributes_from = file.attributes_from});
}

std::unique_ptr<Output> open_rewrite(const WritePlan& plan, const Settings& settings,
                                     Statistics& statistics, Transaction& transaction) {
  NewOutput::Parts parts{plan, settings, statistics, transaction,
                         open_sink(plan, settings, statistics, transaction)};
  if (parts.sink->places()) return std::make_unique<PlacedOutput>(std::move(parts));
  return std::make_unique<SpooledOutput>(std::move(parts));
}

}  // namespace swr

#include "engine/made_image.h"

#include <utility>

#include "base/byte_order.h"
#include "base/error.h"
#include "engine/pieces.h"

namespace swr {
namespace {

constexpr int64_t piece_bytes = int64_t{1} << 20;

std::shared_ptr<OpenFiles> adopted(const WritePlan& plan, std::vector<File> files) {
  auto open = std::make_shared<OpenFiles>(File::Mode::read);
  size_t next = 0;
  for (const PlannedFile& part : plan.files.parts)
    open->adopt(part.path, std::move(files.at(next++)));
  if (plan.files.header) open->adopt(plan.files.header->path, std::move(files.at(next)));
  return open;
}

}  // namespace

MadeImage::MadeImage(const WritePlan& plan, std::vector<Region> written, std::vector<File> files)
    : format_(plan.format),
      path_(plan.path),
      image_(plan.image),
      written_(std::move(written)),
      files_(adopted(plan, std::move(files))) {}

MadeImage::MadeImage(const WritePlan& plan, std::vector<Region> written,
                     std::unique_ptr<StagedTree> folder)
    : format_(plan.format),
      path_(plan.path),
      image_(plan.image),
      written_(std::move(written)),
      files_(std::make_shared<OpenFiles>(File::Mode::read)),
      folder_(std::move(folder)) {}

Settings MadeImage::settings_for_change(Settings settings) const {
  settings.source_component = image_.pixel.component;
  settings.source_components = image_.pixel.components;
  settings.source_scale = image_.scale;
  settings.divisions.reset();
  settings.buffers = {};
  settings.resume.reset();
  return settings;
}

void MadeImage::give_to(Session& session, const Settings& settings) const {
  const WritePlan& plan = session.plan();
  const std::string& place = folder_ ? folder_->files().path() : path_;
  const Description file = read_image(*format_, place, *files_);
  if (plan.converts() || plan.image.pixel != image_.pixel ||
      file.image.region.size != image_.region.size) {
    fail(SWR_ERROR_EXISTS, path_,
         ": another writer made a file of this name meanwhile, which holds other pixels (",
         plan.image.pixel.text(), ") than this one (", image_.pixel.text(),
         "); that one is unchanged");
  }
  const auto reader = format_->reader(
      file.layout,
      {.threads = plan.memory.threads, .memory_limit = settings.memory() / 4, .files = files_});
  const bool swap = file.layout.big_endian != machine_is_big_endian;
  const auto store = [&](Region region, const std::byte* pixels) {
    for (int axis = 0; axis < region.dimensions; ++axis)
      region.index[axis] += image_.region.index[axis];
    const auto bytes = static_cast<size_t>(region.pixels() * image_.pixel.bytes());
    session.store(region, {pixels, bytes});
  };
  for (const Region& box : written_)
    read_in_pieces(*reader, file.layout.order, box, swap, piece_bytes, store);
}

}  // namespace swr

// MGH, FreeSurfer's volumes; mgh_header.cpp has the header's bytes.
//
//   .mgh   [header 284][pixels, x fastest][TR, flip angle, TE, TI, field of view, tags]
//   .mgz   the same in one gzip stream; in new files stores/stream_suffix.h has its end
//
// Three axes are a volume, four are frames. What follows the pixels may be missing. An Image does
// not hold it: it stays as it is when the file is changed, rewritten or copied.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/checked.h"
#include "base/error.h"
#include "base/mutex.h"
#include "formats/big_endian_fields.h"
#include "formats/file_head.h"
#include "formats/format.h"
#include "formats/header_draft.h"
#include "formats/mgh_header.h"
#include "stores/stream_suffix.h"

namespace swr {
namespace {

Layout layout_of(const std::string& path, const Image& image, const Storage& storage) {
  Layout layout;
  layout.order = {image.dimensions(), image.region.size, swr_component_bytes(image.pixel.component),
                  1};
  layout.big_endian = true;
  layout.storage = storage;
  int64_t offset = mgh_header_bytes;
  if (auto* const stream = std::get_if<Deflate>(&layout.storage)) {
    stream->prefix = mgh_header_bytes;
    offset = 0;
  }
  layout.parts = {DataPart{path, offset, 0, image.bytes()}};
  return layout;
}

// The number of bytes after raw pixels that are kept; 0 if there are too many.
int64_t raw_tail_bytes(const File& file, const Layout& layout) {
  const DataPart& part = layout.parts[0];
  const int64_t bytes = file.size() - checked_add(part.offset, part.bytes);
  return bytes < 0 || bytes > most_suffix_bytes ? 0 : bytes;
}

std::string read_raw_tail(const File& file, const Layout& layout) {
  const int64_t begin = checked_add(layout.parts[0].offset, layout.parts[0].bytes);
  std::string tail(static_cast<size_t>(raw_tail_bytes(file, layout)), '\0');
  const auto bytes = std::as_writable_bytes(std::span(tail));
  tail.resize(static_cast<size_t>(file.read_some(begin, bytes)));
  return tail;
}

class MghSource final : public SourceHeader {
 public:
  MghSource(BigEndianFields read, std::shared_ptr<const File> file)
      : fields(std::move(read)), file_(std::move(file)) {}

  // Says in the layout of a stream where it ends. What follows the pixels is read when it is
  // needed: it may take the whole stream.
  void complete(Layout& layout) {
    if (layout.is_compressed()) {
      auto& stream = std::get<Deflate>(layout.storage);
      member_ = find_suffix_member(*file_);
      stream.stream_bytes = member_ ? member_->begin : -1;
      stream.has_open_end = !member_;
    }
    layout_ = layout;
  }

  bool is_in_stream() const { return layout_.is_compressed(); }

  // What follows the pixels. SWR_ERROR_UNSUPPORTED if that is too long in a stream.
  std::string tail() const {
    std::string tail = read_tail();
    if (std::ssize(tail) > most_suffix_bytes) {
      fail(SWR_ERROR_UNSUPPORTED, file_->path(), ": more than ", most_suffix_bytes,
           " bytes follow the pixels, which swr does not keep; copy the image to another format");
    }
    return tail;
  }

  std::vector<std::string> own_fields() const override {
    if (read_tail().find_first_not_of('\0') == std::string::npos) return {};
    return {"the scan parameters and tags after the pixels"};
  }

  const BigEndianFields fields;

 private:
  std::string read_tail() const {
    const MutexLock lock(mutex_);
    if (!tail_ && member_) tail_ = member_->suffix;
    if (!tail_) {
      tail_ = is_in_stream() ? read_stream_suffix(*file_, layout_, most_suffix_bytes + 1)
                             : read_raw_tail(*file_, layout_);
    }
    return *tail_;
  }

  std::shared_ptr<const File> file_;
  Layout layout_;
  std::optional<SuffixMember> member_;
  mutable Mutex mutex_;
  mutable std::optional<std::string> tail_ SWR_GUARDED_BY(mutex_);
};

bool recognise(std::string_view head, std::string_view path) {
  const Format* const format = format_by_suffix(path);
  return begins_like_mgh(head, format && format->name == "MGH");
}

Description read(const std::string& path, OpenFiles& files) {
  const std::shared_ptr<const File> opened = files.open(path);
  const FileHead head(opened);
  const std::string bytes = head.first(mgh_header_bytes);
  if (bytes.size() < mgh_header_bytes) {
    fail(SWR_ERROR_CORRUPT, path, ": the file ends within its MGH header of ", mgh_header_bytes,
         " bytes");
  }
  auto source = std::make_shared<MghSource>(BigEndianFields(bytes, mgh_header_bytes), opened);
  Description file;
  read_mgh_image(source->fields, path, file.image);
  const Storage storage =
      head.is_compressed() ? Storage(Deflate{.wrapper = Deflate::Wrapper::gzip}) : Storage(Raw{});
  file.layout = layout_of(path, file.image, storage);
  source->complete(file.layout);
  if (!source->is_in_stream()) file.trailer_bytes = raw_tail_bytes(*opened, file.layout);
  file.header_bytes = mgh_header_bytes;
  file.header = std::move(source);
  return file;
}

const MghSource* source_of(const Description* file) {
  return file ? dynamic_cast<const MghSource*>(file->header.get()) : nullptr;
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  const MghSource* const source = source_of(request.base);
  BigEndianFields fields = source ? source->fields : BigEndianFields("", mgh_header_bytes);
  write_mgh_image(image, request.path, fields);
  NewFile file;
  file.layout = layout_of(request.path, image, request.storage);
  const bool compressed = request.is_compressed();
  (compressed ? file.stream_prefix : file.header) = fields.bytes();
  if (source) (compressed ? file.stream_suffix : file.trailer) = source->tail();
  return file;
}

// A stream with an end of its own after the pixels cannot grow where it is.
std::optional<Growth> grow(const std::string& path, const Description& file, const Image& grown) {
  const MghSource& source = *source_of(&file);
  if (source.is_in_stream() && !source.tail().empty()) return std::nullopt;
  if (grown.region.size[grown.dimensions() - 1] > largest_mgh_size) return std::nullopt;
  BigEndianFields fields = source.fields;
  resize_mgh_image(grown, path, fields);
  Growth growth;
  growth.trailer = source.tail();
  if (auto patch = patch_between(source.fields.bytes(), fields.bytes())) {
    patch->in_stream_prefix = source.is_in_stream();
    growth.patches.push_back(std::move(*patch));
  }
  return growth;
}

constexpr Suffix suffixes[] = {
    {".mgh", Compression::never}, {".mgz", Compression::always}, {".mgh.gz", Compression::always}};

}  // namespace

extern const Format mgh_format;
const Format mgh_format = {
    .name = "MGH",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT | SWR_HOLDS_START_INDEX | SWR_HOLDS_SPACING |
                    SWR_HOLDS_ORIGIN | SWR_HOLDS_DIRECTION,
    .least_dimensions = 3,
    .most_dimensions = 4,
    .stated_unit = same_unit_in_space<SWR_UNIT_MILLIMETRE>,
    .wrapper = Deflate::Wrapper::gzip,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
};

}  // namespace swr

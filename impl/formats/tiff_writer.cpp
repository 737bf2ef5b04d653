#include "formats/tiff_writer.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "codecs/xml.h"
#include "formats/header_text.h"
#include "formats/header_writer.h"
#include "formats/notes.h"
#include "formats/tiff_directory_bytes.h"
#include "formats/tiff_geometry.h"
#include "formats/tiff_imagej_tags.h"
#include "formats/tiff_new_chunks.h"
#include "formats/tiff_new_levels.h"
#include "formats/tiff_page_tags.h"
#include "formats/tiff_source.h"

namespace swr {
namespace {

constexpr int64_t most_size = std::numeric_limits<int32_t>::max();
constexpr int64_t most_metadata_bytes = int64_t{16} << 20;
constexpr uint16_t geo_tie_points = 33922, geo_matrix = 34264, colour_map = 320;

struct SampleType {
  swr_component component;
  uint16_t format;
};
constexpr SampleType sample_types[] = {{SWR_UINT8, 1},   {SWR_INT8, 2},   {SWR_UINT16, 1},
                                       {SWR_INT16, 2},   {SWR_UINT32, 1}, {SWR_INT32, 2},
                                       {SWR_FLOAT32, 3}, {SWR_FLOAT64, 3}};

class Writer : HeaderWriter<TiffSource> {
 public:
  Writer(const Image& image, const NewFileRequest& request)
      : HeaderWriter("TIFF", image, request),
        chunked_(std::get_if<Chunked>(&request.storage)),
        request_(request) {}

  NewFile write() {
    check_image();
    plan_pages();
    text_ = description();
    resolution_ = tiff_resolution_of(image_);
    choose_class();
    data_begin_ = data_begin();
    levels_begin_ = data_begin_ + block_bytes();
    NewFile file;
    file.header = header();
    file.layout = layout();
    if (chunked_) {
      // Their lists of chunks are written when these have places.
      file.header += directories(data_begin_) + level_directories();
    } else if (pages_ > 1) {
      const int64_t end = data_begin_ + image_.bytes();
      file.trailer.assign(static_cast<size_t>(block_begin() - end), '\0');
      file.trailer += directories(block_begin());
    }
    add_remarks();
    file.remarks = std::move(remarks_);
    return file;
  }

 private:
  int64_t pages_ = 1, row_bytes_ = 0, page_bytes_ = 0;
  const Chunked* const chunked_;  // null if pixels are raw and in one stretch
  const NewFileRequest& request_;
  TiffForm form_;  // of each page
  StoredChunks chunks_;
  std::vector<NewTiffLevel> levels_;  // of each page
  std::string text_;
  TiffResolution resolution_;
  TiffNumbers numbers_;
  int64_t data_begin_ = 0;
  int64_t levels_begin_ = 0;  // of their directories
  std::vector<Remark> remarks_;

  uint16_t sample_format() const {
    const PixelType& pixel = image_.pixel;
    const auto* const type =
        std::ranges::find(sample_types, pixel.component, &SampleType::component);
    if (type == std::end(sample_types) || pixel.kind == SWR_KIND_COMPLEX)
      refuse("pixels of ", pixel.text(),
             " that other programs read; it has integers of 8 to 32 bits, float32 and float64");
    return type->format;
  }

  void check_image() const {
    check_storable(image_, path_);
    sample_format();
    if (n_ < 2) refuse("an image of ", n_, " dimensions; it has 2 and more");
    if (image_.pixel.components > std::numeric_limits<uint16_t>::max())
      refuse("pixels of ", image_.pixel.components, " components; it has at most 65535");
    if (image_.region.size[0] > most_size || image_.region.size[1] > most_size)
      refuse("an image of ", image_.region.text(), ": width and height have 31 bits");
  }

  void plan_pages() {
    for (int axis = 2; axis < n_; ++axis)
      pages_ = checked_multiply(pages_, image_.region.size[axis]);
    row_bytes_ = image_.region.size[0] * image_.pixel.bytes();
    page_bytes_ = row_bytes_ * image_.region.size[1];
    if (row_bytes_ > most_strip_bytes)
      refuse("rows of ", row_bytes_, " bytes that other programs read; rows have 31 bits");
    form_.width = form_.chunk_width = image_.region.size[0];
    form_.height = image_.region.size[1];
    form_.samples = image_.pixel.components;
    form_.bits = bits();
    form_.sample_format = sample_format();
    form_.chunk_height = std::min(form_.height, most_strip_bytes / row_bytes_);
    if (chunked_) {
      take_tiff_shape(image_, request_, form_);
      chunks_ = new_tiff_chunks(*chunked_, form_);
      plan_levels();
    }
    int64_t chunks = form_.chunks();
    for (const NewTiffLevel& level : levels_) chunks += level.form.chunks();
    if (pages_ > most_tiff_pages || chunks > most_tiff_places / pages_)
      refuse("an image of ", image_.region.text(), " that swr reads back: it has ", pages_,
             " pages of ", chunks, form_.is_tiled ? " tiles" : " strips");
  }

  void plan_levels() {
    levels_ = new_tiff_levels(image_, request_, form_);
    if (!levels_.empty() && photometric() == tiff_photometric::palette &&
        request_.pyramid.method != PyramidMethod::nearest)
      refuse(
          "means of colours that are numbers in a palette; set the option pyramid.method to"
          " nearest");
  }

  // --- The description ---

  bool take_metadata(Image& described) {
    int64_t bytes = 0;
    bool all = true;
    std::vector<std::string> refused;
    for (const auto& [key, value] : image_.metadata) {
      bytes += std::ssize(key) + std::ssize(value);
      const bool has_zero =
          key.find('\0') != std::string::npos || value.find('\0') != std::string::npos;
      const char* const fault = key.empty() ? "the name is empty"
                                : has_zero  ? "it has a zero byte"
                                : is_ome() && !is_xml_text(key + value)
                                    ? "XML has no such characters"
                                : bytes > most_metadata_bytes ? "all metadata would be too long"
                                                              : nullptr;
      if (!fault) continue;
      remarks_.push_back({text("TIFF cannot hold the metadata \"", key, "\": ", fault), true, key});
      refused.push_back(key);
      all = false;
    }
    for (const std::string& key : refused) described.metadata.erase(key);
    described.metadata.close_gaps();
    return all;
  }

  bool is_ome() const {
    return has_suffix(path_, ".ome.tif") || has_suffix(path_, ".ome.tiff") ||
           has_suffix(path_, ".ome.btf");
  }

  std::string description() {
    Image described = image_;
    take_metadata(described);
    if (is_ome()) return own_ome_text(described, pages_);
    const bool has_unit = tiff_resolution_of(image_).unit == 3;
    NewTiffText text{described, pages_};
    if (has_unit) text.unit = "cm";
    text.unit_mm = 10;
    if (source_) text.other_lines = source_->text.other_lines;
    return imagej_text(text);
  }

  // --- The directories ---

  bool is_big_by_name() const { return has_suffix(path_, ".btf") || has_suffix(path_, ".tf8"); }

  void choose_class() {
    numbers_ = {};
    const bool was_big = source_ && source_->pages.numbers.big;
    numbers_.big = was_big || is_big_by_name() || file_bytes() > most_classic_tiff_bytes;
  }

  // The first directory is between the header and the pixels, or the other directories.
  int64_t data_begin() const {
    const int64_t end = numbers_.header_bytes() + directory(0).bytes();
    return chunked_ ? end : round_up(end, data_alignment);
  }
  int64_t block_begin() const {
    return round_up(checked_add(data_begin_, image_.bytes()), tiff_alignment(numbers_));
  }
  int64_t block_bytes() const { return pages_ > 1 ? directory(1).bytes() * (pages_ - 1) : 0; }
  int64_t file_bytes() const {
    const int64_t pixels_end = checked_add(data_begin(), pixel_bytes());
    return checked_add(pixels_end, block_bytes() + levels_bytes() + tiff_alignment(numbers_));
  }
  // As long as they can be.
  int64_t pixel_bytes() const {
    if (!chunked_) return image_.bytes();
    int64_t page = longest_tiff_page(form_, chunks_);
    for (const NewTiffLevel& level : levels_)
      page = checked_add(page, longest_tiff_page(level.form, level.chunks));
    return checked_multiply(page, pages_);
  }
  // Of the directories of the smaller versions: those of a page follow one another.
  int64_t levels_bytes() const { return pages_ * levels_bytes_before(levels_.size()); }
  int64_t levels_bytes_before(size_t level) const {
    int64_t bytes = 0;
    for (size_t i = 0; i < level; ++i) bytes += level_directory(i).bytes();
    return bytes;
  }

  std::string header() const {
    const int64_t first = numbers_.header_bytes();
    std::string bytes(static_cast<size_t>(first), '\0');
    bytes.replace(0, 2, "II");
    bytes[2] = numbers_.big ? 43 : 42;
    if (numbers_.big) bytes[4] = 8;
    bytes[static_cast<size_t>(numbers_.first_field())] = static_cast<char>(first);
    const int64_t next = chunked_ ? data_begin_ : block_begin();
    bytes += directory(0).text(first, pages_ > 1 ? next : 0);
    bytes.resize(static_cast<size_t>(data_begin_), '\0');
    return bytes;
  }

  Layout layout() const {
    Layout layout;
    layout.order = {n_, image_.region.size, swr_component_bytes(image_.pixel.component),
                    image_.pixel.components};
    layout.storage = request_.storage;
    layout.parts = {DataPart{path_, data_begin_, 0, image_.bytes()}};
    if (!chunked_) return layout;
    layout = new_tiff_layout(layout, form_, chunks_, pages_);
    layout.pyramid = new_tiff_pyramid(levels_, image_, request_.pyramid.method, layout, pages_);
    return layout;
  }

  bool keeps(const TiffKeptTag& tag) const {
    if (tag.tag == colour_map)
      return source_->form().photometric == tiff_photometric::palette &&
             source_->form().bits == bits();
    const Region& old = base_->image.region;
    if (tag.tag == imagej_counts_tag || tag.tag == imagej_values_tag)
      return has_old_slices(old) || !has_labels();
    if (tag.tag != geo_tie_points && tag.tag != geo_matrix) return true;
    return old.size[0] == image_.region.size[0] && old.size[1] == image_.region.size[1];
  }

  // Labels are of the first slices, in their order.
  bool has_old_slices(const Region& old) const {
    if (old.dimensions != n_) return false;
    for (int axis = 2; axis < n_; ++axis) {
      const int64_t more = image_.region.size[axis] - old.size[axis];
      if (image_.region.index[axis] != old.index[axis] || (axis < n_ - 1 ? more != 0 : more < 0))
        return false;
    }
    return true;
  }

  bool has_labels() const {
    const auto& kept = source_->kept;
    const auto values = std::ranges::find(kept, imagej_values_tag, &TiffKeptTag::tag);
    return values != kept.end() && has_imagej_labels(values->values);
  }

  int64_t bits() const { return 8 * swr_component_bytes(image_.pixel.component); }

  // What the numbers stand for, such as "0 is white", stays where the samples are of the old kind.
  uint64_t photometric() const {
    if (image_.pixel.kind == SWR_KIND_RGB || image_.pixel.kind == SWR_KIND_RGBA)
      return tiff_photometric::rgb;
    if (!source_) return tiff_photometric::grey;
    const TiffForm& old = source_->form();
    const bool is_same = old.samples == image_.pixel.components && old.bits == bits();
    return is_same && old.photometric != tiff_photometric::rgb
               ? static_cast<uint64_t>(old.photometric)
               : tiff_photometric::grey;
  }

  TiffPageTags tags() const { return {numbers_, image_.pixel, photometric()}; }

  void add_strips(TiffDirectoryBytes& directory, int64_t page) const {
    std::vector<uint64_t> offsets, bytes;
    for (int64_t strip = 0; strip < form_.chunks(); ++strip) {
      const int64_t offset = page * page_bytes_ + strip * form_.chunk_height * row_bytes_;
      offsets.push_back(static_cast<uint64_t>(data_begin_ + offset));
      bytes.push_back(static_cast<uint64_t>(form_.rows_of(strip) * row_bytes_));
    }
    directory.add_numbers(tiff_tag::strip_offsets, tiff_offset_type(numbers_), offsets);
    directory.add_numbers(tiff_tag::strip_bytes, tiff_offset_type(numbers_), bytes);
    directory.add_numbers(tiff_tag::rows_per_strip, TiffType::u32,
                          {static_cast<uint64_t>(form_.chunk_height)});
  }

  TiffDirectoryBytes directory(int64_t page) const {
    constexpr uint64_t one_of_several = 2;
    TiffDirectoryBytes directory =
        tags().directory(form_, pages_ > 1 ? one_of_several : 0, resolution_);
    chunked_ ? tags().add_chunks(directory, form_) : add_strips(directory, page);
    if (!levels_.empty()) add_levels(directory, page);
    if (page == 0) add_first(directory);
    return directory;
  }

  void add_levels(TiffDirectoryBytes& directory, int64_t page) const {
    std::vector<uint64_t> offsets;
    const int64_t first = levels_begin_ + page * levels_bytes_before(levels_.size());
    for (size_t level = 0; level < levels_.size(); ++level)
      offsets.push_back(static_cast<uint64_t>(first + levels_bytes_before(level)));
    directory.add_numbers(tiff_tag::sub_directories,
                          numbers_.big ? TiffType::directory64 : TiffType::directory, offsets);
  }

  // The same for all pages.
  TiffDirectoryBytes level_directory(size_t level) const {
    constexpr uint64_t smaller = 1;
    Image image = image_;
    for (int axis = 0; axis < 2; ++axis)
      image.spacing[axis] *= static_cast<double>(int64_t{2} << level);
    const TiffForm& form = levels_[level].form;
    TiffDirectoryBytes directory = tags().directory(form, smaller, tiff_resolution_of(image));
    tags().add_chunks(directory, form);
    Metadata notes;
    notes.set(tiff_pyramid_note, name_of(request_.pyramid.method));
    const std::string note = notes_text(notes);
    directory.add(tiff_tag::description, TiffType::text, note.size() + 1, note + '\0');
    add_colour_map(directory);
    return directory;
  }

  void add_colour_map(TiffDirectoryBytes& directory) const {
    if (!source_) return;
    const auto map = std::ranges::find(source_->kept, colour_map, &TiffKeptTag::tag);
    if (map != source_->kept.end() && keeps(*map))
      directory.add(map->tag, static_cast<TiffType>(map->type), map->count, map->values);
  }

  void add_first(TiffDirectoryBytes& directory) const {
    directory.add(tiff_tag::description, TiffType::text, text_.size() + 1, text_ + '\0');
    if (!source_) return;
    for (const TiffKeptTag& tag : source_->kept) {
      if (keeps(tag))
        directory.add(tag.tag, static_cast<TiffType>(tag.type), tag.count, tag.values);
    }
  }

  // Of all pages but the first.
  std::string directories(int64_t offset) const {
    std::string bytes;
    bytes.reserve(static_cast<size_t>(block_bytes()));
    for (int64_t page = 1; page < pages_; ++page) {
      TiffDirectoryBytes each = directory(page);
      const int64_t next = page + 1 < pages_ ? offset + each.bytes() : 0;
      bytes += each.text(offset, next);
      offset = next;
      // A file that is cut is damaged, even by one byte.
      if (next == 0 && !chunked_) bytes.resize(bytes.size() - static_cast<size_t>(each.filling()));
    }
    return bytes;
  }

  std::string level_directories() const {
    std::string bytes;
    for (int64_t page = 0; page < pages_; ++page) {
      for (size_t level = 0; level < levels_.size(); ++level)
        bytes += level_directory(level).text(levels_begin_ + std::ssize(bytes), 0);
    }
    return bytes;
  }

  void add_remarks() {
    const swr_component component = image_.pixel.component;
    if (n_ > 2 && (component == SWR_INT32 || component == SWR_UINT32))
      remarks_.push_back(
          {"ITK 5.2 reads stacks of 32-bit integers in TIFF as zeros; other "
           "programs read them right",
           false});
    if (!source_) return;
    const TiffText& old = source_->text;
    if (old.has_more_than_shape ||
        (old.kind == TiffText::Kind::other && !source_->pages.description.empty()))
      remarks_.push_back({"the description of the old file is replaced by swr's own"});
    if (source_->pages.has_text_after_zero)
      remarks_.push_back({"the new file does not have the text after the end of the description"});
    if (old.kind == TiffText::Kind::imagej && !old.has_notes && old.channels > 1)
      remarks_.push_back({"the channels of the old file are slices or frames in the new one"});
    if (old.kind == TiffText::Kind::ome && !old.has_notes)
      remarks_.push_back({"the OME-XML of the old file is not kept"});
    if (is_ome() && !source_->text.other_lines.empty())
      remarks_.push_back({"OME-XML does not have the lines of ImageJ's description"});
    if (source_->has_smaller_versions() && levels_.empty())
      remarks_.push_back({"the new file does not have the smaller versions of the pages"});
    for (const TiffKeptTag& tag : source_->kept) {
      if (!keeps(tag)) remarks_.push_back({text("the new file does not have tag ", tag.tag)});
    }
    for (const uint16_t tag : source_->not_kept)
      remarks_.push_back({text("the new file does not have tag ", tag)});
    for (const uint16_t tag : source_->pages.differing)
      remarks_.push_back({text("the new file does not have tag ", tag, " of further pages")});
  }
};

}  // namespace

NewFile write_tiff(const Image& image, const NewFileRequest& request) {
  return Writer(image, request).write();
}

}  // namespace swr

#include "writing.h"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <utility>

#include "dictionary.h"
#include "pixel_names.h"
#include "which_files.h"

namespace swr_itk {
namespace {

// ITK's levels end at 100 for some formats; deflate's at 9.
constexpr int most_level = 9;

void keep_warning(swr_log_level level, const char* message, void* user) {
  auto& warnings = *static_cast<std::vector<std::string>*>(user);
  if (level == SWR_LOG_WARNING &&
      std::find(warnings.begin(), warnings.end(), message) == warnings.end()) {
    warnings.emplace_back(message);
  }
}

int64_t pixels_of(const swr_region& region) {
  int64_t pixels = 1;
  for (int32_t axis = 0; axis < region.dimensions; ++axis) pixels *= region.size[axis];
  return pixels;
}

// What is in both regions; a size below 1 if there is nothing.
swr_region common_part(const swr_region& a, const swr_region& b) {
  swr_region both = a;
  for (int32_t axis = 0; axis < a.dimensions; ++axis) {
    both.index[axis] = std::max(a.index[axis], b.index[axis]);
    both.size[axis] =
        std::min(a.index[axis] + a.size[axis], b.index[axis] + b.size[axis]) - both.index[axis];
  }
  return both;
}

bool is_empty(const swr_region& region) {
  return std::any_of(region.size, region.size + region.dimensions,
                     [](int64_t size) { return size < 1; });
}

// Copies the box `wanted` out of the pixels of `held`, packed.
void copy_box(const char* from, const swr_region& held, const swr_region& wanted,
              int64_t pixel_bytes, char* to) {
  const int64_t row_bytes = wanted.size[0] * pixel_bytes;
  const int64_t rows = pixels_of(wanted) / wanted.size[0];
  for (int64_t row = 0; row < rows; ++row) {
    int64_t rest = row, stride = held.size[0], at = wanted.index[0] - held.index[0];
    for (int32_t axis = 1; axis < wanted.dimensions; ++axis) {
      at += (wanted.index[axis] - held.index[axis] + rest % wanted.size[axis]) * stride;
      rest /= wanted.size[axis];
      stride *= held.size[axis];
    }
    std::memcpy(to + row * row_bytes, from + at * pixel_bytes, static_cast<size_t>(row_bytes));
  }
}

int32_t slowest_axis(const swr_region& region) {
  int32_t axis = region.dimensions - 1;
  while (axis > 0 && region.size[axis] == 1) --axis;
  return axis;
}

}  // namespace

Writing::Writing(const itk::ImageIOBase& io, const WriteRequest& request)
    : request_(request),
      path_(io.GetFileName()),
      format_(written_format(path_)),
      writer_(swr_writer_create()) {
  if (!writer_) itkGenericExceptionMacro(<< path_ << ": there is no memory");
  if (io.GetFileType() == itk::IOFileEnum::ASCII) {
    itkGenericExceptionMacro(
        << path_ << ": swr writes no pixels as text; run the program without swr's plug-in");
  }
  describe(io);
  pixel_bytes_ = static_cast<int64_t>(io.GetComponentSize()) * io.GetNumberOfComponents();
  pixels_left_ = pixels_of(region_of(request_.region));
  check(swr_begin(writer_.get()));
}

void Writing::describe(const itk::ImageIOBase& io) {
  swr_writer* const writer = writer_.get();
  check(swr_set_log(writer, keep_warning, &warnings_));
  check(swr_set_path(writer, path_.c_str()));
  if (request_.is_paste()) look_at_old_file();
  const swr_region image = region_of(request_.image);
  check(swr_set_image_region(writer, &image));
  const auto components = static_cast<int32_t>(io.GetNumberOfComponents());
  // ITK's images do not know each kind that a file can have: the file keeps its own.
  const swr_kind kind = updates_ && old_components_ == components ? old_kind_ : kind_of_io(io);
  check(swr_set_pixel_type(writer, component_of_io(io), components, kind));
  set_geometry(io);
  if (request_.is_paste()) {
    const swr_region region = region_of(request_.region);
    check(swr_set_paste_region(writer, &region));
  }
  if (updates_) {
    // ITK's programs see the real values of NIfTI files, not those that are stored.
    if (format_ == "NIfTI") check(swr_set_source_scale(writer, 1, 0));
  } else {
    set_compression(io);
    write_dictionary(io.GetMetaDataDictionary(), format_, writer, warnings_);
  }
}

void Writing::look_at_old_file() {
  const std::unique_ptr<swr_reader, Destroy> old(swr_reader_create());
  if (!old || swr_reader_open(old.get(), path_.c_str()) != SWR_OK) return;
  updates_ = true;
  swr_reader_get_image_region(old.get(), &old_region_);
  swr_reader_get_pixel_type(old.get(), nullptr, &old_components_, &old_kind_);
}

// ITK gives the position of the first pixel, whatever its index; swr wants that of index 0.
void Writing::set_geometry(const itk::ImageIOBase& io) {
  const unsigned n = io.GetNumberOfDimensions();
  const swr_region image = region_of(request_.image);
  std::vector<double> spacing(n), origin(n), direction(n * n);
  for (unsigned axis = 0; axis < n; ++axis) {
    spacing[axis] = io.GetSpacing(axis);
    const std::vector<double> column = io.GetDirection(axis);
    for (unsigned row = 0; row < n; ++row) direction[row * n + axis] = column[row];
  }
  for (unsigned row = 0; row < n; ++row) {
    origin[row] = io.GetOrigin(row);
    for (unsigned axis = 0; axis < n; ++axis) {
      origin[row] -=
          direction[row * n + axis] * spacing[axis] * static_cast<double>(image.index[axis]);
    }
  }
  const auto count = static_cast<int32_t>(n);
  check(swr_set_spacing(writer_.get(), spacing.data(), count));
  check(swr_set_origin(writer_.get(), origin.data(), count));
  check(swr_set_direction(writer_.get(), direction.data(), count * count));
  // Every image of ITK has all geometry. What the format has no place for is left out, as ITK does
  // with such formats, but with a warning.
  check(swr_set_option(writer_.get(), "geometry", "drop"));
}

void Writing::set_compression(const itk::ImageIOBase& io) {
  if (!io.GetUseCompression() || !format_can(format_, SWR_CAN_COMPRESS)) return;
  // Of .nii and .nii.gz the suffix decides; a level that the program has set counts.
  if (suffix_decides_compression(format_) &&
      (!has_suffix(path_, "z") || io.GetCompressionLevel() == usual_level)) {
    return;
  }
  const int level = std::min(std::max(io.GetCompressionLevel(), 1), most_level);
  check(swr_set_compression(writer_.get(), "deflate", level));
}

// In the index space of the file.
swr_region Writing::region_of(const itk::ImageIORegion& region) const {
  swr_region result = {};
  result.dimensions = static_cast<int32_t>(region.GetImageDimension());
  for (unsigned axis = 0; axis < region.GetImageDimension(); ++axis) {
    const int64_t first =
        updates_ && old_region_.dimensions == result.dimensions ? old_region_.index[axis] : 0;
    result.index[axis] = first + region.GetIndex(axis);
    result.size[axis] = static_cast<int64_t>(region.GetSize(axis));
  }
  return result;
}

void Writing::put(const itk::ImageIORegion& held_by_itk, const void* pixels) {
  const swr_region held = region_of(held_by_itk);
  const swr_region wanted = common_part(held, region_of(request_.region));
  if (is_empty(wanted))
    itkGenericExceptionMacro(<< path_ << ": a piece has no pixel of the region that is written");
  put_part(held, wanted, static_cast<const char*>(pixels));
  pixels_left_ = std::max<int64_t>(pixels_left_ - pixels_of(wanted), 0);
  if (is_complete()) check(swr_finish(writer_.get()));
}

void Writing::put_part(const swr_region& held, const swr_region& wanted, const char* pixels) {
  if (pixels_of(held) == pixels_of(wanted)) {
    check(swr_put(writer_.get(), &wanted, pixels, pixels_of(wanted) * pixel_bytes_));
    return;
  }
  // Slice by slice: the copy takes little memory.
  const int32_t axis = slowest_axis(wanted);
  swr_region slice = wanted;
  slice.size[axis] = 1;
  std::vector<char> copy(static_cast<size_t>(pixels_of(slice) * pixel_bytes_));
  for (int64_t i = 0; i < wanted.size[axis]; ++i) {
    slice.index[axis] = wanted.index[axis] + i;
    copy_box(pixels, held, slice, pixel_bytes_, copy.data());
    check(swr_put(writer_.get(), &slice, copy.data(), static_cast<int64_t>(copy.size())));
  }
}

std::string Writing::summary() const {
  const char* const methods[] = {"created", "changed in place", "rewritten", "spliced"};
  int64_t method = 0, out = 0, peak = 0;
  swr_get_statistics(writer_.get(), SWR_STATISTIC_METHOD, &method);
  swr_get_statistics(writer_.get(), SWR_STATISTIC_BYTES_OUT, &out);
  swr_get_statistics(writer_.get(), SWR_STATISTIC_PEAK_BUFFER_BYTES, &peak);
  std::ostringstream words;
  words << (method >= 0 && method < 4 ? methods[method] : "written") << ", " << out
        << " bytes written, " << (peak >> 10) << " KiB of buffers";
  return words.str();
}

void Writing::check(swr_status status) const {
  if (status == SWR_OK) return;
  itkGenericExceptionMacro(<< "swr: " << swr_writer_message(writer_.get()) << " ("
                           << swr_status_name(status) << ")");
}

}  // namespace swr_itk

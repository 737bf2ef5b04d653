// A file format: a header codec, and how its pixels are stored. Each format is one const Format in
// a file of its own and one line in formats.def.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/storage_request.h"
#include "formats/zarr_shard_shape.h"
#include "image/image.h"
#include "image/layout.h"
#include "image/pyramid.h"
#include "storage/open_files.h"
#include "stores/linear_pixels.h"
#include "stores/pixels.h"

namespace swr {

// The header of an existing file as its format parsed it: every field, comment and extension. A new
// header of the same format starts from it, so that what an Image cannot hold survives.
class SourceHeader {
 public:
  virtual ~SourceHeader() = default;
  // The fields with content that an Image does not hold, such as "intent_code": they are lost in a
  // file of another format.
  virtual std::vector<std::string> own_fields() const = 0;
};

// What the header of a file says.
struct Description {
  Image image;
  Layout layout;
  // why the file cannot be changed in place or pasted into, though it can be read; empty if it can
  std::string read_only;
  // the file with the header, if it is not the one that was opened (the .hdr of a path to the
  // .img); else empty
  std::string header_path{};
  // a further file beside which changes of the image, or of more than this image, have their undo
  // journals; empty if there is none
  std::string journal_path{};
  std::shared_ptr<const SourceHeader> header{};
  // What a change in place leaves as it is though it shows the old pixels, such as smaller versions
  // of the image: a sentence; empty if there is nothing of the kind.
  std::string left_stale{};
  int64_t header_bytes = 0;  // the first ones of the header's file, which are no pixels
  // Where the pixels are raw and in the header's file: how many of the bytes after them the format
  // carries into a grown, rewritten or copied file, as NewFile::trailer and Growth::trailer.
  int64_t trailer_bytes = 0;
  // All bytes after those, even if they are zeros: another program's. read_image() counts them. The
  // engine refuses what would overwrite or lose them, and copies warn.
  int64_t other_bytes = 0;
};

// What a new file must be like.
struct NewFileRequest {
  std::string path;  // the final path; decides between one file and a detached data file
  // From choose_storage(). plan() adds what the format knows; of chunks, the sizes for which 0 is
  // asked.
  Storage storage;
  // An existing file of the same format whose header the new one starts from; may be null. Fields
  // that agree with the image keep their text, and so does all that an Image does not hold. Where
  // header and image differ, the image counts.
  const Description* base = nullptr;
  // The box of the base's image that the new image covers. It has size 1 along the axes that the
  // new image lacks. Without a box, the position along those axes is unknown.
  std::optional<Region> base_region{};
  // The layout of the image that is rewritten; null for a new image. A detached data file stays
  // detached and keeps its name, unless the name contradicts the compression. What the format
  // leaves open, such as the order of the components, stays as it is there.
  const Layout* rewritten = nullptr;
  // The name of the dataset, in formats whose files have several; empty: that of the base, or the
  // format's own.
  std::string dataset{};
  int zarr_version = 0;  // 2 or 3; 0: the format chooses
  ZarrShardRequest zarr_shard{};
  // Of a file that is rewritten, what it has. Only for formats whose ChunkAbilities have pyramids.
  PyramidRequest pyramid{};
  // A component as the machine has it: what pixels get that nobody writes.
  std::vector<std::byte> fill{};
  // The limit of memory for the write. Chunks whose shape the format chooses are short enough for
  // it; otherwise they depend on the image alone.
  int64_t memory = int64_t{256} << 20;

  bool is_compressed() const { return std::holds_alternative<Deflate>(storage); }
};

// A remark for the user about a header.
struct Remark {
  std::string text;        // a sentence without the file's name
  bool loss = true;        // something that was asked for is not in the new header
  std::string metadata{};  // the key of the entry that is left out, if it is metadata
};

// The plan of a new file: the bytes of its header, and where the pixels go.
struct NewFile {
  // The first bytes of the file at `path`, up to the pixels if they follow in the same file; empty
  // if the header is in the compressed stream.
  std::string header;
  // Bytes after the pixels, in the same file. Only for raw pixels.
  std::string trailer{};
  // bytes that the compressed stream begins with, in front of the pixels (NIfTI's header in
  // .nii.gz)
  std::string stream_prefix;
  // bytes that follow the pixels in the compressed stream (stores/stream_suffix.h)
  std::string stream_suffix{};
  // parts[0].path is the final path of the data, the same as `path` or a detached file beside it
  Layout layout;
  // the final path of the header, if it is not `path` (a path to the .img: its .hdr); else empty
  std::string header_path{};
  std::vector<Remark> remarks{};
  // Files of another image that readers would confuse with this one. None of them may exist.
  std::vector<std::string> conflicting{};
  // Set if the image is a folder. A new image is made as a whole folder, with the header, which is
  // the file of parts[0], and further files.
  struct Folder {
    std::string path;
    // Names in the folder, and what the files hold.
    std::vector<std::pair<std::string, std::string>> files{};
  };
  std::optional<Folder> folder{};
};

// Bytes of a header that change when the image grows. The offset counts in the header file, or in
// the prefix of the compressed stream.
struct HeaderPatch {
  int64_t offset = 0;
  std::string bytes;
  bool in_stream_prefix = false;
};

// What the name of a file says about the compression of its pixels.
enum class Compression { never, possible, always };

struct Suffix {
  std::string_view text;  // lower case, with the dot
  Compression compression = Compression::possible;
};

// How the header of a file changes when its image grows in place.
struct Growth {
  std::vector<HeaderPatch> patches;
  std::vector<Remark> remarks{};
  // Goes after the grown pixels, which overwrite the old one. Only for raw pixels.
  std::string trailer{};
  // Where the new pixels go, after all that is in the file, which stays. Without it the last part
  // of the pixels becomes longer. Only for raw pixels.
  std::optional<DataPart> more{};
};

// The capabilities of a format that holds all that an image says.
inline constexpr uint32_t holds_everything =
    SWR_HOLDS_START_INDEX | SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN | SWR_HOLDS_DIRECTION |
    SWR_HOLDS_UNITS | SWR_HOLDS_VALUE_SCALE | SWR_HOLDS_METADATA;

// For Format::stated_unit: a format all of whose lengths are in one unit.
template <swr_unit unit>
swr_unit same_unit_in_space(const Image& /*image*/, const Image* /*base*/, int axis) {
  return axis < 3 ? unit : SWR_UNIT_NONE;
}

// A change of the pixels of an existing file.
struct PlannedChange {
  LinearOrder order;                     // of the image after the change
  std::span<const HeaderPatch> patches;  // of the header, if the image grows
  const std::string& header_path;
  const std::string& trailer;           // follows the pixels if the image grows
  const std::optional<DataPart>& more;  // Growth::more
  // The plan of the changed image as a new file; null if there is none.
  const NewFile* new_file = nullptr;
};

std::unique_ptr<PixelSink> new_linear_pixels(const NewFile& file, const NewFiles& files,
                                             const WriteOptions& options);
std::unique_ptr<PixelChange> change_linear_pixels(const Description& file,
                                                  const PlannedChange& change, ChangedFiles& files,
                                                  const WriteOptions& options);

struct Format {
  std::string_view name;
  std::span<const Suffix> suffixes;                  // the usual one first
  Compression other_suffix = Compression::possible;  // for names with none of these suffixes
  // swr_capability flags. plan() is given no geometry, value scale and metadata that the format
  // does not hold, except the start index: the origin is then that of another pixel.
  uint32_t capabilities;
  int least_dimensions, most_dimensions;
  // The unit in which the header of a new file with this image states an axis; lengths without one
  // count as millimetres. `base`: the image of NewFileRequest::base, or null. Where this is not
  // set, formats with SWR_HOLDS_UNITS state each axis in its own unit, and others none.
  swr_unit (*stated_unit)(const Image& image, const Image* base, int axis) = nullptr;
  Deflate::Wrapper wrapper;                // of its compressed streams
  bool grows_along_any_axis = false;       // where it is, at the far end; else along the slowest
  const ChunkAbilities* chunks = nullptr;  // null: new files have no chunks

  // Whether the file begins like one of this format. `head` holds its first 4608 bytes or fewer,
  // inflated if they begin like gzip. For a path that names the pixels it is the head of
  // header_of().
  bool (*recognise)(std::string_view head, std::string_view path);
  // Reads the header, but not the data files. All that it opens are files of the image; they stay
  // open in `files`. SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED.
  Description (*read)(const std::string& path, OpenFiles& files);
  // Plans a new file. SWR_ERROR_UNSUPPORTED if the format cannot hold the image's type, dimensions
  // or sizes. Metadata that it cannot hold is left out, with a remark. The same request gives the
  // same plan. Not set if files are only read.
  NewFile (*plan)(const Image& image, const NewFileRequest& request) = nullptr;
  // How the header of the file at `path` changes when its image grows along the slowest axis, or
  // any. `grown` differs from the file's image in that size only. Returns nothing if the header has
  // no room.
  std::optional<Growth> (*grow)(const std::string& path, const Description& file,
                                const Image& grown) = nullptr;
  // What changes in the header of a file when some of its pixels do: what it says of all values,
  // such as the largest one, becomes unknown. Not set if the format's headers say nothing of the
  // kind.
  std::vector<HeaderPatch> (*outdate)(const Description& file) = nullptr;
  // The stores of the pixels. The defaults are those of linear sequences; a format with chunks
  // brings its own (stores/chunked_pixels.h).
  PixelForm (*form)(const Layout& layout, const FormOptions& options) = form_of_linear_pixels;
  std::unique_ptr<PixelReader> (*reader)(const Layout& layout,
                                         const ReadOptions& options) = read_linear_pixels;
  // Of a planned file. `file` must outlive the sink.
  std::unique_ptr<PixelSink> (*sink)(const NewFile& file, const NewFiles& files,
                                     const WriteOptions& options) = new_linear_pixels;
  // Of an existing file. The arguments must outlive the change. The caller writes the patches of
  // the header's own bytes.
  std::unique_ptr<PixelChange> (*change)(const Description& file, const PlannedChange& change,
                                         ChangedFiles& files,
                                         const WriteOptions& options) = change_linear_pixels;
  // How a change will be done, and what it costs.
  ChangeForecast (*forecast)(const Layout& layout,
                             const ChangeRequest& request) = forecast_linear_change;
  // The header's file for a path that names the pixels, which may be a folder; another path is that
  // of its header. Not set if users always name the header.
  std::string (*header_of)(const std::string& path, OpenFiles& files) = nullptr;
  // Of a format whose images are folders: SWR_ERROR_EXISTS if the folder at `path` is not such an
  // image, or holds anything else, so that it may not be replaced.
  void (*refuse_other_folder)(const std::string& path) = nullptr;
  // The headers of the images in such a folder, which writes of these have locked. There can be
  // none.
  std::vector<std::string> (*headers_in_folder)(const std::string& path) = nullptr;
};

std::span<const Format* const> all_formats();
const Format* find_format(std::string_view name);       // nullptr if there is none
const Format* format_by_suffix(std::string_view path);  // nullptr if there is none
const char* suffix_list(const Format& format);          // all suffixes, separated by a space
// The format of an existing file, by its content, then by its suffix; SWR_ERROR_FORMAT.
const Format& format_of_file(const std::string& path, OpenFiles& files);
// What the header of an existing file says, with the bytes that follow the image.
Description read_image(const Format& format, const std::string& path, OpenFiles& files);
// The same, for a look at the file alone.
const Format& format_of_file(const std::string& path);
Description read_description(const std::string& path);
Description read_description(const Format& format, const std::string& path);
// The format of which the file has a header of its own, whatever its name is; nullptr if it has
// none, as a file of pixels, or is not there.
const Format* format_of_header_in(const std::string& path, OpenFiles& files);
const Format* format_of_header_in(const File& file);
// Whether `path` ends in `suffix`, in upper or lower case. A name that consists of the suffix alone
// does not count.
bool has_suffix(std::string_view path, std::string_view suffix);
// The path of an image without the slashes that may follow the name of a folder: "x.zarr" for
// "x.zarr/". Other paths stay as they are.
std::string image_path(const std::string& path);

}  // namespace swr

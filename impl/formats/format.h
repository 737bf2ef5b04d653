// A file format: a header codec, and where its pixels lie. One const Format in a file of its own,
// one line in formats.def.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"
#include "image/layout.h"
#include "stores/linear_pixels.h"
#include "stores/pixels.h"

namespace swr {

// The header of an existing file as its format parsed it: every field, comment and extension. A new
// header of the same format starts from it, so that what an Image cannot hold survives.
class SourceHeader {
 public:
  virtual ~SourceHeader() = default;
  // The fields that say something an Image does not hold, such as "intent_code": what a file of
  // another format loses.
  virtual std::vector<std::string> own_fields() const = 0;
};

// What is known of a file from its header.
struct Description {
  Image image;
  Layout layout;
  std::string
      read_only;  // why the file cannot be changed in place or pasted into, though it can be read; empty if it can
  std::string
      header_path{};  // the file with the header, if it is not the one that was opened (the .hdr of a path to the .img); else empty
  std::shared_ptr<const SourceHeader> header{};
  int64_t header_bytes = 0;  // the first ones of the header's file, which are no pixels
};

// How a new file is to be made.
struct NewFileRequest {
  std::string path;  // the final path: decides between one file and a detached data file
  Storage storage;   // as choose_storage() gives it; plan() adds what the format knows
  // An existing file of the same format whose header the new one starts from, if there is one. Where
  // the image is what that header says, its words stay, with all that an Image does not hold; where
  // it differs, the image counts.
  const Description* base = nullptr;
  // The box of the base's image that the new one is. An image of fewer axes is of size 1 there along
  // those that it lacks; without a box, where it is along them is unknown.
  std::optional<Region> base_region{};
  // The layout of the image that is rewritten, if one is: pixels in a file of their own stay in one,
  // and it keeps its name, unless that says something else about compression. What the format leaves
  // open, such as the order of the components, stays as it is there.
  const Layout* rewritten = nullptr;

  bool is_compressed() const { return std::holds_alternative<Deflate>(storage); }
};

// What a user is told of a header.
struct Remark {
  std::string text;        // a sentence without the file's name
  bool loss = true;        // something that was wanted is not in the new header
  std::string metadata{};  // the key of the entry that is left out, if it is one
};

// A new file, planned: the bytes of its header, and where the pixels go.
struct NewFile {
  // First bytes of the file at `path`, without a gap up to the pixels if they follow in the same
  // file; empty if it is in the stream.
  std::string header;
  // Bytes after the pixels, in the same file: of raw pixels alone.
  std::string trailer{};
  std::string
      stream_prefix;  // bytes that the compressed stream begins with, in front of the pixels (NIfTI's header in .nii.gz)
  Layout
      layout;  // parts[0].path is the final path of the data, the same as `path` or a detached file beside it
  std::string
      header_path{};  // the final path of the header, if it is not `path` (a path to the .img: its .hdr); else empty
  std::vector<Remark> remarks{};
  // Files of another image of the same name, with which readers would mix this one up: there must be
  // none.
  std::vector<std::string> conflicting{};
};

// Bytes of a header that change when the image grows; offsets in the header file, or in the
// compressed stream's prefix.
struct HeaderPatch {
  int64_t offset = 0;
  std::string bytes;
  bool in_stream_prefix = false;
};

// What a name says of the compression of the file's pixels.
enum class Compression { never, possible, always };

struct Suffix {
  std::string_view text;  // lower case, with the dot
  Compression compression = Compression::possible;
};

// How the header of a file changes when its image grows in place.
struct Growth {
  std::vector<HeaderPatch> patches;
  std::vector<Remark> remarks{};
  std::string
      trailer{};  // goes after the grown pixels, which overwrite the old one; raw ones alone
};

// The capabilities of a format that holds all that an image says.
inline constexpr uint32_t holds_everything =
    SWR_HOLDS_START_INDEX | SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN | SWR_HOLDS_DIRECTION |
    SWR_HOLDS_UNITS | SWR_HOLDS_VALUE_SCALE | SWR_HOLDS_METADATA;

struct Format {
  std::string_view name;
  std::span<const Suffix> suffixes;                  // the usual one first
  Compression other_suffix = Compression::possible;  // of names without any of these
  // swr_capability flags. plan() is given no geometry, value scale and metadata that the format does
  // not hold, but for the start index: the origin is then that of another pixel.
  uint32_t capabilities;
  int least_dimensions, most_dimensions;
  Deflate::Wrapper wrapper;  // of its compressed streams

  // Whether the file begins like one of this format. `head` is its first 512 bytes, or fewer;
  // inflated if it begins like gzip.
  bool (*recognise)(std::string_view head, std::string_view path);
  // Reads the header. SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED. Does not look into the data files.
  Description (*read)(const std::string& path);
  // Plans a new file; SWR_ERROR_UNSUPPORTED if the format cannot hold the image: type, dimensions,
  // sizes. Metadata that it cannot hold is left out, with a remark. Deterministic.
  NewFile (*plan)(const Image& image, const NewFileRequest& request);
  // How the header of the file at `path` changes when its image grows along the slowest axis to
  // `grown` (which differs from the file's image in that size only); nothing if the header has no
  // room.
  std::optional<Growth> (*grow)(const std::string& path, const Description& file,
                                const Image& grown);
  // What changes in the header of a file when some of its pixels do: what it says of all values, such
  // as the largest one, is not known any more. Not set if the format's headers say nothing of the kind.
  std::vector<HeaderPatch> (*outdate)(const Description& file) = nullptr;
  // How the pixels of a layout of this format are read.
  std::unique_ptr<PixelReader> (*reader)(const Layout& layout,
                                         const ReadOptions& options) = read_linear_pixels;
  // The sink of a chunked layout; its grid is that of the layout. `parts` are the files under their
  // staging names, one for each part of the layout; nullptr for those that stay as they are, when
  // only some of the chunks are written. They outlive the sink. Not set if no layout of the format
  // is chunked.
  std::unique_ptr<PixelSink> (*sink)(const NewFile& file, std::span<File* const> parts) = nullptr;
};

std::span<const Format* const> all_formats();
const Format* find_format(std::string_view name);       // nullptr if there is none
const Format* format_by_suffix(std::string_view path);  // nullptr if there is none
const char* suffix_list(const Format& format);          // all suffixes, separated by a space
// How the pixels of a new file at `path` are stored, or, with `existing`, those of a file that is
// rewritten: the one place that decides. `compression` is what the application asked for, "none" or
// "deflate"; without it an existing file keeps what it has, and a new one takes what its name says.
// SWR_ERROR_UNSUPPORTED if the name says otherwise, or if the format has no compression.
Storage choose_storage(const Format& format, const std::string& path,
                       const std::optional<std::string>& compression, const Layout* existing);
// The format of an existing file, by its content, then by its suffix; SWR_ERROR_FORMAT.
const Format& format_of_file(const std::string& path);
// Whether `path` ends in `suffix`, in any case. A name that is nothing else has no suffix.
bool has_suffix(std::string_view path, std::string_view suffix);

}  // namespace swr

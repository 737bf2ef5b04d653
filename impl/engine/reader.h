// An open image file; swr_reader in the public header.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/message.h"
#include "base/mutex.h"
#include "engine/open_image.h"
#include "engine/own_source.h"
#include "engine/piece.h"
#include "engine/settings.h"
#include "plan/memory.h"
#include "storage/undo.h"
#include "storage/working_folder.h"

struct swr_reader {};

namespace swr {

class Reader : public swr_reader {
 public:
  void open(const std::string& path);
  // Makes file() what the file says now: it may have been extended.
  void refresh();
  void close();
  bool is_open() const { return format_ != nullptr; }

  // These describe the file as it was opened, until it is closed, even if writers change it.
  // SWR_ERROR_STATE if no file is open.
  const Format& format() const;
  const Description& file() const;
  // The file as a model for a new one. It remains valid after close().
  Model model() const;
  // The first data file, named the way the application named the image.
  const std::string& data_file() const;
  const char* encoding() const;
  bool slotted() const;
  // The sizes of a chunk; 0 if the image is not in chunks.
  Index chunk_shape() const;

  void read(const Region& region, void* buffer, int64_t bytes);
  void verify();
  // The file as the source of a write. It remains valid after close().
  SourceImage source() const { return {path_, format_, now_.shared_file(), now_.parts()}; }
  // Delivers a piece of a write. Throws if that fails.
  void pull(Piece& piece);

  ReadOptions options;
  bool outside_allowed = true;  // data files may be outside the header's folder
  std::string dataset;          // as in OpenFiles
  int level = 0;                // as in OpenImage::Options
  RecoverOptions recovery;      // what swr_reader_recover() may do
  // After a successful call, sets the message to what was found and left alone.
  void keep_notes(const std::vector<std::string>& notes);
  // Held during every call: several threads of a writer may pull from this reader at once.
  Mutex& mutex() { return mutex_; }
  Message& message() { return message_; }
  const Message& message() const { return message_; }

 private:
  template <typename Act>
  void undisturbed(const std::string& path, const Act& act);
  void look_again();
  void read_pixels(const Region& region, std::span<std::byte> out);

  WorkingFolder folder_;  // the working directory when the file was opened
  std::string path_, data_file_;
  uint64_t number_ = 0;  // of `now_`: unique among all opened images of the process
  const Format* format_ = nullptr;
  std::shared_ptr<const Description> file_;  // as reported to the application
  OpenImage now_;          // current state: a writer may move pixels or extend the image
  bool is_stale_ = false;  // the file has changed since `now_` was opened
  Mutex mutex_;
  Message message_;
};

}  // namespace swr

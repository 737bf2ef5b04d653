// What swr_reader stands for: an open image file.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/message.h"
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
  void close();
  bool is_open() const { return format_ != nullptr; }

  // SWR_ERROR_STATE without an open file. What they say stays until the file is closed, whatever
  // writers do to it.
  const Format& format() const;
  const Description& file() const;
  // The file as a model for a new one. It stays valid when the reader closes.
  Model model() const;
  // The first file that holds pixels, named as the application named the image.
  const std::string& data_file() const;
  const char* encoding() const;
  bool slotted() const;

  void read(const Region& region, void* buffer, int64_t bytes);
  void verify();
  // As the source of a write. Like a model it stays valid.
  SourceImage source() const { return {path_, now_.shared_file()}; }
  // Delivers a piece of a write; throws.
  void pull(Piece& piece);

  ReadOptions options;
  bool outside_allowed = true;  // for reading
  RecoverOptions recovery;      // what the application permits for swr_reader_recover()
  // Has the message say what was found and left alone, after a call that succeeds.
  void keep_notes(const std::vector<std::string>& notes);
  // Held during every call: those of a source that several threads of a writer pull come together.
  std::mutex& mutex() { return mutex_; }
  Message& message() { return message_; }
  const Message& message() const { return message_; }

 private:
  template <typename Act>
  void undisturbed(const std::string& path, const Act& act);
  void look_again();
  void read_pixels(const Region& region, std::span<std::byte> out);

  WorkingFolder folder_;  // where the file was opened
  std::string path_, data_file_;
  uint64_t number_ = 0;  // of `now_`: no other opened image of the process has it
  const Format* format_ = nullptr;
  std::shared_ptr<const Description> file_;  // as the application was told
  OpenImage now_;          // as it is: a writer may move pixels, or make the image larger
  bool is_stale_ = false;  // the file was changed since `now_`
  std::mutex mutex_;
  Message message_;
};

}  // namespace swr

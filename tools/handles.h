// Owners of the library's handles.
#pragma once

#include <memory>
#include <new>
#include <string>

#include "status.h"

namespace swr::tool {

struct DestroyHandle {
  void operator()(swr_reader* reader) const { swr_reader_destroy(reader); }
  void operator()(swr_writer* writer) const { swr_writer_destroy(writer); }
};
using Reader = std::unique_ptr<swr_reader, DestroyHandle>;
using Writer = std::unique_ptr<swr_writer, DestroyHandle>;

inline Reader create_reader() {
  Reader reader(swr_reader_create());
  if (!reader) throw std::bad_alloc();
  return reader;
}

inline Writer create_writer() {
  Writer writer(swr_writer_create());
  if (!writer) throw std::bad_alloc();
  return writer;
}

// After a successful call: warns of files that it found beside the file and left unchanged.
inline void warn_of_notes(const swr_reader* reader) {
  const std::string notes = swr_reader_message(reader);
  if (!notes.empty()) warn(notes);
}

// A reader of a smaller version of the image that it will open; 0 is the image itself.
inline Reader create_reader_of(int level) {
  Reader reader = create_reader();
  const std::string number = std::to_string(level);
  check(reader.get(), swr_reader_set_option(reader.get(), "pyramid.level", number.c_str()));
  return reader;
}

inline Reader open_reader(const std::string& path, int level = 0) {
  Reader reader = create_reader_of(level);
  check(reader.get(), swr_reader_open(reader.get(), path.c_str()));
  warn_of_notes(reader.get());
  return reader;
}

}  // namespace swr::tool

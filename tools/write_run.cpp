#include "write_run.h"

#include <iostream>

#include "standard_streams.h"
#include "system.h"

namespace swr::tool {

WriteRun::WriteRun(const std::string& command, const std::string& file, const WriteOptions& options)
    : options_(options),
      summary_(command, options.to_stream ? "standard output" : file),
      progress_(command, options.quiet),
      writer_(create_writer()) {
  catch_interrupts();
  if (!options.to_stream) refuse_redirected_file(file);
  progress_.attach(writer());
  check(writer(), swr_set_path(writer(), file.c_str()));
}

void WriteRun::write(swr_pull pull, void* user) {
  end(swr_write(writer(), pull, user));
}

void WriteRun::put(const std::function<void()>& puts) {
  check(writer(), swr_begin(writer()));
  puts();
  end(swr_finish(writer()));
}

void WriteRun::allocate() {
  end(swr_allocate(writer()));
}

void WriteRun::end(swr_status status) {
  progress_.clear();
  check(writer(), status);
  summary_.take(writer());
}

void WriteRun::finish(const Json& more) {
  if (options_.json) {
    summary_.print_object(more);
  } else if (!options_.quiet) {
    summary_.print_line(options_.to_stream ? std::cerr : std::cout);
  }
}

}  // namespace swr::tool

#include "write_run.h"

#include "interrupt.h"

namespace swr::tool {

WriteRun::WriteRun(const std::string& command, const std::string& file, const WriteOptions& options)
    : options_(options),
      summary_(command, file),
      progress_(command, options.quiet),
      writer_(create_writer()) {
  catch_interrupts();
  progress_.attach(writer());
  check(writer(), swr_set_path(writer(), file.c_str()));
}

void WriteRun::write(swr_pull pull, void* user) {
  end(swr_write(writer(), pull, user));
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
    summary_.print_line();
  }
}

}  // namespace swr::tool

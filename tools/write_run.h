// One write from start to summary, as every writing command does it.
#pragma once

#include <string>

#include "handles.h"
#include "json.h"
#include "progress.h"
#include "summary.h"
#include "write_options.h"

namespace swr::tool {

class WriteRun {
 public:
  // The file's path is set in a new writer, Ctrl-C cancels from now on.
  WriteRun(const std::string& command, const std::string& file, const WriteOptions& options);

  swr_writer* writer() { return writer_.get(); }
  void write(swr_pull pull, void* user);
  // swr_allocate() in place of swr_write().
  void allocate();
  // The summary, as the options want it; `more` goes to the end of the JSON object.
  void finish(const Json& more = Json::object());

 private:
  void end(swr_status status);

  const WriteOptions& options_;
  Summary summary_;
  Progress progress_;
  Writer writer_;
};

}  // namespace swr::tool

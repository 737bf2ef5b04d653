// One write of a command, from start to summary.
#pragma once

#include <functional>
#include <string>

#include "handles.h"
#include "json.h"
#include "progress.h"
#include "summary.h"
#include "write_options.h"

namespace swr::tool {

class WriteRun {
 public:
  // Creates a writer for the path. From now on Ctrl-C cancels.
  WriteRun(const std::string& command, const std::string& file, const WriteOptions& options);

  swr_writer* writer() { return writer_.get(); }
  void write(swr_pull pull, void* user);
  // As write(), with what `puts` puts.
  void put(const std::function<void()>& puts);
  // As write(), with swr_allocate() instead of swr_write().
  void allocate();
  // Prints the summary in the form that the options ask for; `more` goes to the end of the JSON
  // object.
  void finish(const Json& more = Json::object());

 private:
  void end(swr_status status);

  const WriteOptions& options_;
  Summary summary_;
  Progress progress_;
  Writer writer_;
};

}  // namespace swr::tool

#include "each_file.h"

#include "status.h"

namespace swr::tool {

void each_file(const std::vector<std::string>& files, int& exit_code,
               const std::function<void(const std::string&)>& act) {
  if (files.size() == 1) return act(files.front());
  for (const std::string& file : files) {
    try {
      act(file);
    } catch (const Failure& failure) {
      const int code = report(failure);
      if (exit_code == 0) exit_code = code;
    }
  }
}

void print_objects(const std::vector<std::string>& files, const Json& objects) {
  if (files.size() > 1) {
    print_json({{"files", objects}});
  } else if (!objects.empty()) {
    print_json(objects.front());
  }
}

}  // namespace swr::tool

// swr verify: checks a whole file.
#include <iostream>

#include "commands.h"
#include "each_file.h"
#include "facts.h"
#include "json.h"

namespace swr::tool {
namespace {

struct VerifyOptions {
  std::vector<std::string> files;
  bool strict = false, json = false;
};

// What the reader tells of a whole file: a warning, or an error if there must be none.
std::string tell_notes(const VerifyOptions& options, const swr_reader* reader) {
  std::string notes = swr_reader_message(reader);
  if (options.strict && !notes.empty()) throw Failure(SWR_ERROR_UNSUPPORTED, notes);
  warn_of_notes(reader);
  return notes;
}

Json object_of(const std::string& file, swr_status status, const std::string& message,
               const Facts& facts) {
  Json object;
  object["file"] = file;
  object["whole"] = status == SWR_OK;
  object["status"] = swr_status_name(status);
  object["message"] = message;
  object["format"] = facts.format;
  object["encoding"] = facts.encoding;
  object["slotted"] = facts.slotted;
  return object;
}

void verify_file(const VerifyOptions& options, const std::string& file, Json& objects) {
  Facts facts;
  std::string notes;
  try {
    const Reader reader = open_reader(file);
    facts = read_facts(reader.get());
    check(reader.get(), swr_reader_verify(reader.get()));
    notes = tell_notes(options, reader.get());
  } catch (const Failure& failure) {
    objects.push_back(object_of(file, failure.status(), failure.what(), facts));
    throw;
  }
  objects.push_back(object_of(file, SWR_OK, notes, facts));
  if (options.json) return;
  std::cout << file << ": whole; " << facts.format << ", encoding " << facts.encoding_text()
            << "\n";
}

void verify(const VerifyOptions& options, int& exit_code) {
  Json objects = Json::array();
  const auto print = [&] {
    if (options.json) print_objects(options.files, objects);
  };
  try {
    each_file(options.files, exit_code,
              [&](const std::string& file) { verify_file(options, file, objects); });
  } catch (const Failure&) {
    print();
    throw;
  }
  print();
}

}  // namespace

void add_verify(CommandLine& line, int& exit_code) {
  auto options = std::make_shared<VerifyOptions>();
  Command command =
      line.add("verify", "Check a whole file: structure, sizes, and checksums where there are any");
  command.add("FILE", options->files, "The images").required().at_least(1);
  command.add_flag("--strict", options->strict, "Fail where there would be a warning");
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options, &exit_code] { verify(*options, exit_code); });
}

}  // namespace swr::tool

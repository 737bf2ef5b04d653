// swr verify: checks a whole file.
#include <iostream>

#include "commands.h"
#include "facts.h"
#include "json.h"

namespace swr::tool {
namespace {

struct VerifyOptions {
  std::string file;
  bool strict = false, json = false;
};

// What the reader tells of a whole file: a warning, or an error if there must be none.
std::string tell_notes(const VerifyOptions& options, const swr_reader* reader) {
  std::string notes = swr_reader_message(reader);
  if (options.strict && !notes.empty()) throw Failure(SWR_ERROR_UNSUPPORTED, notes);
  warn_of_notes(reader);
  return notes;
}

void print_object(const VerifyOptions& options, swr_status status, const std::string& message,
                  const Facts& facts) {
  Json object;
  object["file"] = options.file;
  object["whole"] = status == SWR_OK;
  object["status"] = swr_status_name(status);
  object["message"] = message;
  object["format"] = facts.format;
  object["encoding"] = facts.encoding;
  object["slotted"] = facts.slotted;
  print_json(object);
}

void verify(const VerifyOptions& options) {
  Facts facts;
  std::string notes;
  try {
    const Reader reader = open_reader(options.file);
    facts = read_facts(reader.get());
    check(reader.get(), swr_reader_verify(reader.get()));
    notes = tell_notes(options, reader.get());
  } catch (const Failure& failure) {
    if (options.json) print_object(options, failure.status(), failure.what(), facts);
    throw;
  }
  if (options.json) {
    print_object(options, SWR_OK, notes, facts);
  } else {
    std::cout << options.file << ": whole; " << facts.format << ", encoding "
              << facts.encoding_text() << "\n";
  }
}

}  // namespace

void add_verify(CommandLine& line) {
  auto options = std::make_shared<VerifyOptions>();
  Command command =
      line.add("verify", "Check a whole file: structure, sizes, and checksums where there are any");
  command.add("FILE", options->file, "The image").required();
  command.add_flag("--strict", options->strict, "Fail where there would be a warning");
  command.add_flag("--json", options->json, "Print one JSON object");
  command.runs([options] { verify(*options); });
}

}  // namespace swr::tool

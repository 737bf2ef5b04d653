// An image of 8 x 8 bytes in a folder, with journals that are forged or left by a dead writer, all
// ways to find such a journal, and files around it that must not change.
#pragma once

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "storage/journal_names.h"
#include "storage/journal_writer.h"
#include "storage/undo.h"
#include "storage_test.h"
#include "swr/swr.h"

namespace swr {

inline const std::string image = "images/x.mha", header = "images/y.mhd", data = "images/y.raw",
                         canary = "elsewhere/canary", neighbour = "images/notes";

inline int32_t pull_sevens(swr_piece* piece, void*) {
  auto* at = static_cast<unsigned char*>(swr_piece_buffer(piece));
  if (!at) return SWR_ERROR_MEMORY;
  std::fill_n(at, swr_piece_bytes(piece), static_cast<unsigned char>(7));
  return SWR_OK;
}

struct Result {
  swr_status status;
  std::string message;
};

inline Result write_image(const std::string& path, swr_existing existing, bool outside = false) {
  swr_writer* w = swr_writer_create();
  const swr_region region{2, 0, {0, 0}, {8, 8}};
  swr_set_path(w, path.c_str());
  swr_set_image_region(w, &region);
  swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR);
  swr_set_existing(w, existing);
  if (outside) swr_set_option(w, "detached.outside", "allow");
  const swr_status status = swr_write(w, pull_sevens, nullptr);
  Result result{status, swr_writer_message(w)};
  swr_writer_destroy(w);
  return result;
}

// Opens the image with a reader that may read data files anywhere.
inline Result read_image(const std::string& path) {
  swr_reader* r = swr_reader_create();
  swr_reader_set_option(r, "detached.outside", "allow");
  const swr_status status = swr_reader_open(r, path.c_str());
  Result result{status, swr_reader_message(r)};
  swr_reader_destroy(r);
  return result;
}

inline Result recover_image(const std::string& path, const char* permission = nullptr) {
  swr_reader* r = swr_reader_create();
  if (permission) swr_reader_set_option(r, permission, "allow");
  int32_t recovered = 0;
  const swr_status status = swr_reader_recover(r, path.c_str(), &recovered);
  Result result{status, swr_reader_message(r)};
  swr_reader_destroy(r);
  return result;
}

// Runs the command. Returns its exit code.
inline int run_recover(const std::string& arguments) {
  // The shell of Windows does not take a word that begins with a slash for a path.
  const std::string program = std::filesystem::path(SWR_COMMAND).make_preferred().string();
  const int result = std::system((program + " recover " + arguments + " >output 2>&1").c_str());
  return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
}

inline int fresh_images(void** = nullptr) {
  if (::getuid() == 0) ::seteuid(0);
  fresh_folder("images");
  fresh_folder("elsewhere");
  std::filesystem::create_directory("elsewhere/empty");
  put(canary, "canary");
  put(neighbour, "my notes");
  for (const std::string& path : {image, header}) {
    if (write_image(path, SWR_EXISTING_REPLACE).status != SWR_OK) return 1;
  }
  return 0;
}

// Every name outside the images' folder, and all names but journals inside it, with the content of
// all files that are no journals.
inline std::vector<std::string> everything() {
  std::vector<std::string> all;
  for (const std::string folder : {"images", "elsewhere"}) {
    for (const std::string& path : listing(folder)) {
      if (folder == "images" && path.find(".swr-undo") != path.npos) continue;
      const bool is_file =
          std::filesystem::symlink_status(path).type() == std::filesystem::file_type::regular;
      const bool is_journal = path.find(".swr-undo") != path.npos;
      all.push_back(path + "=" + (is_file && !is_journal ? content(path) : ""));
    }
  }
  return all;
}

using Kind = JournalEntry::Kind;

struct Entry {
  Kind kind;
  uint32_t number = 0;
  int64_t position = 0;
  std::string bytes{};
};

// Leaves a journal of `path` whose writer is dead.
inline void forge(const std::string& path, const std::vector<Entry>& entries) {
  JournalWriter journal(path, {});
  for (const Entry& entry : entries)
    journal.add({entry.kind, entry.number, entry.position, bytes_of(entry.bytes)});
  journal.flush();
}

inline std::string id_of(const std::string& path) {
  std::string bytes;
  append(bytes, identity_at(path).value_or(Identity{}));
  return bytes;
}

inline std::string full(const std::string& path) {
  const std::filesystem::path here(path);
  return (std::filesystem::canonical(here.parent_path()) / here.filename()).string();
}

inline bool says(const Result& result, const std::string& word) {
  return result.message.find(word) != std::string::npos;
}

}  // namespace swr

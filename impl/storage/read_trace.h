// Remembers what was read of files, to find out whether it came from the middle of a change.
//
// A change of a header is a few writes, under an undo journal that has the old bytes. What was read
// meanwhile can look valid. Two questions tell, in this order: does a journal have old bytes of
// what was read? If not, are the same bytes there still? A change that is over when the journals
// are looked at shows in the bytes; one that begins later had changed nothing before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/file.h"
#include "storage/identity.h"

namespace swr {

// Not thread-safe.
class ReadTrace {
 public:
  struct Stretch {
    int64_t begin, end;
  };

  static constexpr int64_t usual_bytes = int64_t{64} << 20;

  // Remembers no more than `most_bytes`. Of a file of which more is read, nobody knows whether it
  // was being changed.
  explicit ReadTrace(int64_t most_bytes = usual_bytes) : most_bytes_(most_bytes) {}
  // The file must outlive the questions below.
  void add(const File& file, int64_t offset, std::span<const std::byte> bytes);
  void clear();
  // What was read of these stretches of the file, such as pixels after a header, does not count.
  void leave_out(const File& file, std::vector<Stretch> stretches);

  // Whether all that was read is remembered.
  bool is_whole() const { return bytes_ <= most_bytes_; }
  // Whether a journal of one of these files, of a living writer or a dead one, has old bytes of
  // what was read.
  bool is_in_journals_of(const std::vector<std::string>& paths) const;
  // Whether the files have the same bytes there.
  bool is_still_there() const;

 private:
  struct Read {
    const File* file;
    int64_t offset;
    std::vector<std::byte> bytes;

    int64_t end() const { return offset + std::ssize(bytes); }
  };

  // What was read of a file, as stretches that are apart, in order.
  struct Seen {
    Identity file;
    std::vector<Stretch> stretches;

    bool meets(const Stretch& changed) const;
  };

  std::vector<Seen> seen() const;
  // In order, and those that touch as one.
  static std::vector<Stretch> joined(std::vector<Stretch> stretches);

  int64_t most_bytes_;
  int64_t bytes_ = 0;  // that were read
  std::vector<Read> reads_;
};

}  // namespace swr

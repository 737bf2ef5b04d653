// Walks XML with expat, for headers: elements and attributes with their places in the document, so
// that the text of an attribute can be overwritten in place. For files from anywhere: a document
// type, and with it every entity of the document's own, is refused, and all sizes are bounded.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace swr {

struct XmlAttribute {
  std::string name;   // with its prefix, as in "ome:ID"
  std::string value;  // UTF-8, references resolved
  // Of the text between the quotes, as it is in the document: longer than `value` if it has
  // references.
  size_t offset = 0;
  size_t width = 0;
};

struct XmlElement {
  std::string name;  // with its prefix
  std::vector<XmlAttribute> attributes;
  size_t begin = 0;  // of the start tag
  size_t end = 0;    // after the start tag
  int depth = 0;     // 0: the root

  // nullptr if there is none.
  const XmlAttribute* find(std::string_view attribute) const;
  // Its value; nothing if there is none.
  std::string_view value_of(std::string_view attribute) const;
};

// The name without its prefix.
std::string_view xml_local_name(std::string_view name);
// The text with & < > " and control characters as references, for an attribute in double quotes.
std::string xml_escaped(std::string_view text);
// Whether XML can hold this text: UTF-8 without control characters but tabs and ends of lines.
bool is_xml_text(std::string_view text);

struct XmlLimits {
  size_t document_bytes = size_t{16} << 20;
  int depth = 64;
  size_t attributes = 256;  // of one element
  size_t value_bytes = size_t{1} << 20;
};

struct XmlVisitor {
  // False ends the walk after this start tag, for example because bytes that are no XML follow.
  std::function<bool(const XmlElement&)> begin;
  // Where the end tag begins and ends; of an element without one, the end of its start tag twice.
  std::function<void(std::string_view name, size_t begin, size_t end)> end{};
  // Text between tags, in as many pieces as expat likes.
  std::function<void(std::string_view text)> text{};
};

enum class XmlWalk {
  ended,      // after the root's end tag
  stopped,    // by the visitor
  incomplete  // the document goes on after the given bytes
};

// Walks the document, or its beginning. What the visitor throws ends the walk. `path` is for
// messages. SWR_ERROR_CORRUPT if it is not well-formed; SWR_ERROR_UNSUPPORTED for a document type,
// for encodings of more than one byte for an ASCII character, and beyond the limits.
XmlWalk walk_xml(std::string_view document, const std::string& path, const XmlVisitor& visitor,
                 const XmlLimits& limits = {});

}  // namespace swr

#include "codecs/xml.h"

#include <expat.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "base/error.h"

namespace swr {
namespace {

bool has_wide_characters(std::string_view document) {
  return document.starts_with("\xfe\xff") || document.starts_with("\xff\xfe") ||
         document.substr(0, 4).find('\0') != document.npos;
}

// The bytes of a character, as UTF-8 writes it; 0 for none of XML.
size_t character_bytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  const size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < count) return 0;
  unsigned code = first & (0xffU >> (count + 1));
  for (size_t i = 1; i < count; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_none = code < least[count] || code > 0x10ffff ||
                       (code >= 0xd800 && code < 0xe000) || code == 0xfffe || code == 0xffff;
  return is_none ? 0 : count;
}

// The places of the attributes' texts in a start tag. Requires: the tag is well-formed.
class TagScanner {
 public:
  TagScanner(std::string_view tag, size_t offset) : tag_(tag), offset_(offset) {}

  // False if there is no further attribute.
  bool next(XmlAttribute& attribute) {
    const size_t equals = tag_.find('=', at_);
    const size_t open = equals == tag_.npos ? tag_.npos : tag_.find_first_of("\"'", equals);
    const size_t close = open == tag_.npos ? tag_.npos : tag_.find(tag_[open], open + 1);
    if (close == tag_.npos) return false;
    attribute.offset = offset_ + open + 1;
    attribute.width = close - open - 1;
    at_ = close + 1;
    return true;
  }

 private:
  std::string_view tag_;
  size_t offset_;
  size_t at_ = 0;
};

// expat calls back through C code, which no exception may pass: one that is thrown waits in
// `thrown_` until expat has returned.
class Walk {
 public:
  Walk(std::string_view document, const std::string& path, const XmlVisitor& visitor,
       const XmlLimits& limits)
      : document_(document),
        path_(path),
        visitor_(visitor),
        limits_(limits),
        parser_(XML_ParserCreate(nullptr)) {
    if (!parser_) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_begin, on_end);
    XML_SetStartDoctypeDeclHandler(parser_.get(), on_document_type);
    if (visitor.text) XML_SetCharacterDataHandler(parser_.get(), on_text);
  }

  XmlWalk run() {
    const auto status =
        XML_Parse(parser_.get(), document_.data(), static_cast<int>(document_.size()), XML_FALSE);
    if (thrown_) std::rethrow_exception(thrown_);
    if (stopped_) return XmlWalk::stopped;
    if (status == XML_STATUS_ERROR) refuse();
    return ended_ ? XmlWalk::ended : XmlWalk::incomplete;
  }

 private:
  struct Deleter {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };

  std::string_view document_;
  const std::string& path_;
  const XmlVisitor& visitor_;
  const XmlLimits& limits_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, Deleter> parser_;
  std::exception_ptr thrown_{};
  int depth_ = 0;
  bool stopped_ = false, ended_ = false;

  template <typename Action>
  static void guarded(void* user, const Action& action) {
    auto& walk = *static_cast<Walk*>(user);
    if (walk.thrown_ || walk.stopped_) return;
    try {
      action(walk);
    } catch (...) {
      walk.thrown_ = std::current_exception();
      XML_StopParser(walk.parser_.get(), XML_FALSE);
    }
  }

  static void on_begin(void* user, const char* name, const char** attributes) {
    guarded(user, [&](Walk& walk) { walk.begin(name, attributes); });
  }
  static void on_end(void* user, const char* name) {
    guarded(user, [&](Walk& walk) {
      if (--walk.depth_ == 0) walk.ended_ = true;
      if (!walk.visitor_.end) return;
      const auto begin = static_cast<size_t>(XML_GetCurrentByteIndex(walk.parser_.get()));
      const int bytes = XML_GetCurrentByteCount(walk.parser_.get());
      walk.visitor_.end(name, begin, begin + static_cast<size_t>(bytes));
    });
  }
  static void on_text(void* user, const char* text, int bytes) {
    guarded(user, [&](Walk& walk) { walk.visitor_.text({text, static_cast<size_t>(bytes)}); });
  }
  static void on_document_type(void* user, const char*, const char*, const char*, int) {
    guarded(user, [](Walk& walk) {
      fail(SWR_ERROR_UNSUPPORTED, walk.path_, ": line ", walk.line(),
           " of its XML begins a document type; swr reads XML without one");
    });
  }

  int64_t line() const { return static_cast<int64_t>(XML_GetCurrentLineNumber(parser_.get())); }

  void begin(const char* name, const char** attributes) {
    XmlElement element;
    element.name = name;
    element.depth = depth_;
    if (depth_++ == limits_.depth) exceeds("elements inside each other", limits_.depth);
    element.begin = static_cast<size_t>(XML_GetCurrentByteIndex(parser_.get()));
    element.end = element.begin + static_cast<size_t>(XML_GetCurrentByteCount(parser_.get()));
    if (element.end > document_.size() || document_[element.begin] != '<')
      fail(SWR_ERROR_UNSUPPORTED, path_, ": line ", line(),
           " of its XML has an element that is not in the file itself");
    TagScanner tag(document_.substr(element.begin, element.end - element.begin), element.begin);
    for (; attributes[0]; attributes += 2) {
      if (element.attributes.size() == limits_.attributes)
        exceeds("attributes of an element", static_cast<int64_t>(limits_.attributes));
      XmlAttribute attribute{attributes[0], attributes[1]};
      if (attribute.value.size() > limits_.value_bytes)
        exceeds("bytes in an attribute", static_cast<int64_t>(limits_.value_bytes));
      if (!tag.next(attribute))
        fail(SWR_ERROR_CORRUPT, path_, ": line ", line(), " of its XML is not a start tag");
      element.attributes.push_back(std::move(attribute));
    }
    if (visitor_.begin(element)) return;
    stopped_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  [[noreturn]] void exceeds(std::string_view what, int64_t most) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": line ", line(), " of its XML has more than ", most, " ",
         what);
  }

  [[noreturn]] void refuse() const {
    const auto error = XML_GetErrorCode(parser_.get());
    if (error == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
    fail(SWR_ERROR_CORRUPT, path_, ": line ", line(), " of its XML: ", XML_ErrorString(error));
  }
};

}  // namespace

const XmlAttribute* XmlElement::find(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes, attribute, &XmlAttribute::name);
  return found == attributes.end() ? nullptr : &*found;
}

std::string_view XmlElement::value_of(std::string_view attribute) const {
  const XmlAttribute* const found = find(attribute);
  return found ? std::string_view(found->value) : std::string_view();
}

std::string_view xml_local_name(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

std::string xml_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\n':
      case '\r':
      case '\t': escaped += swr::text("&#", static_cast<int>(c), ";"); break;
      default: escaped += c;
    }
  }
  return escaped;
}

bool is_xml_text(std::string_view text) {
  while (!text.empty()) {
    const size_t bytes = character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

XmlWalk walk_xml(std::string_view document, const std::string& path, const XmlVisitor& visitor,
                 const XmlLimits& limits) {
  if (document.size() > limits.document_bytes) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": its XML has ", document.size(),
         " bytes; swr reads at most ", limits.document_bytes);
  }
  if (has_wide_characters(document))
    fail(SWR_ERROR_UNSUPPORTED, path, ": its XML is in UTF-16 or UTF-32; swr reads UTF-8");
  return Walk(document, path, visitor, limits).run();
}

}  // namespace swr

// Windows' own types for system_windows.cpp and files_windows.cpp, and its names in UTF-8.
#pragma once

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
// clang-format off: after windows.h
#include <psapi.h>
#include <shellapi.h>
// clang-format on

#include <optional>
#include <string>

namespace swr::tool {

// Nothing if the text is not valid UTF-16.
inline std::optional<std::string> utf8_of(const std::wstring& wide) {
  if (wide.empty()) return std::string();
  const int units = static_cast<int>(wide.size());
  const auto convert = [&](char* text, int bytes) {
    return ::WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide.data(), units, text, bytes,
                                 nullptr, nullptr);
  };
  std::string text(static_cast<size_t>(convert(nullptr, 0)), '\0');
  convert(text.data(), static_cast<int>(text.size()));
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace swr::tool

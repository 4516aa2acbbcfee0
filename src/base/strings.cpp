#include "base/strings.h"

#include <cctype>

namespace weir {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_label_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Length of the UTF-8 sequence at the start of text, 0 if it is not one (RFC 3629 table 3-7).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xbf) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned char low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned char high = first == 0xed ? 0x9f : 0xbf;
    return tail(1, low, high) && tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned char low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xf4 ? 0x8f : 0xbf;
    return tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && to_lower(a) == to_lower(b);
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

Result<std::vector<std::string>> split_arguments(std::string_view text) {
  std::vector<std::string> arguments;
  std::string current;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < text.size() &&
                         (quote == 0 || text[i + 1] == '"' || text[i + 1] == '\\');
    if (escapes) {
      current += text[++i];
      inside = true;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
      else current += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      inside = true;
    } else if (is_space(c)) {
      if (inside) arguments.push_back(std::move(current));
      current.clear();
      inside = false;
    } else {
      current += c;
      inside = true;
    }
  }
  if (quote != 0)
    return fail(Code::kInvalidArgument, std::string("A quote (") + quote + ") is never closed.",
                "isInvalid");
  if (inside) arguments.push_back(std::move(current));
  return arguments;
}

std::string slug(std::string_view text) {
  std::string label;
  for (char c : to_lower(text)) {
    if (is_label_char(c)) label += c;
    else if (!label.empty() && label.back() != '-') label += '-';
    if (label.size() == 63) break;
  }
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label.empty() ? "unnamed" : label;
}

bool is_dns_label(std::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  if (!is_label_char(text.front()) || !is_label_char(text.back())) return false;
  for (char c : text)
    if (!is_label_char(c) && c != '-') return false;
  return true;
}

Result<std::string> plain_file_name(std::string_view path) {
  const auto slash = path.find_last_of("/\\");
  const std::string_view name =
      trim(slash == std::string_view::npos ? path : path.substr(slash + 1));
  const auto bad = [](std::string_view why) {
    return fail(Code::kInvalidArgument, "The file's name " + std::string(why) + ".", "BadFileName");
  };
  if (name.empty()) return bad("is empty");
  if (name == "." || name == "..") return bad("names a directory");
  if (name.size() > 200) return bad("is longer than 200 bytes");
  for (char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return bad("has control characters");
  if (!is_clean_utf8(name)) return bad("is not UTF-8");
  return std::string(name);
}

bool is_clean_utf8(std::string_view text) {
  while (!text.empty()) {
    if (text.front() == '\0') return false;
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace weir

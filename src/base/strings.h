#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir {

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
/// The pieces would point into a string that is gone.
template <class Text>
  requires std::same_as<Text, std::string>
std::vector<std::string_view> split(Text&& text, char separator) = delete;
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// Splits program arguments as a shell would: white space separates, quotes group, a backslash
/// escapes; nothing is expanded.
/// @error kInvalidArgument a quote that never ends
Result<std::vector<std::string>> split_arguments(std::string_view text);

/// Lower-case letters, digits and hyphens, at most 63 characters, never empty: a DNS label made
/// from any text ("Fork of Word Count" -> "fork-of-word-count").
std::string slug(std::string_view text);

/// ^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$
bool is_dns_label(std::string_view text);

/// The last part of a path that a stranger wrote ("C:\\dir\\a.jar" -> "a.jar"), fit to be a file's
/// name here.
/// @error kInvalidArgument nothing is left, "." or "..", control characters, broken UTF-8, more
/// than
///        200 bytes
Result<std::string> plain_file_name(std::string_view path);

/// True for well-formed UTF-8 without NUL.
bool is_clean_utf8(std::string_view text);

}  // namespace weir

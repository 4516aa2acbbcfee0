#include "codec/describe_json.h"

#include <fmt/format.h>

#include <cmath>

namespace weir::codec {

std::string wire_name(std::string_view member) {
  std::string name;
  for (std::size_t i = 0; i < member.size(); ++i) {
    if (member[i] != '_') {
      name += member[i];
    } else if (i + 1 < member.size()) {
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(member[++i])));
    }
  }
  return name;
}

void FieldErrors::add(const std::string& path, std::string message, std::string reason) {
  fields_.push_back({path, std::move(message), std::move(reason)});
}

Error FieldErrors::to_error() const {
  std::string text;
  for (const FieldError& field : fields_) {
    if (!text.empty()) text += ' ';
    text += (field.path.empty() ? "The document" : field.path) + " " + field.message;
  }
  Error error(Code::kInvalidArgument, std::move(text), fields_.front().reason);
  error.fields = fields_;
  return error;
}

namespace detail {

std::string child(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

bool is_scalar(const Node& node) {
  return node.kind == Node::Kind::kBool || node.kind == Node::Kind::kNumber || node.is_string();
}

bool read_bool(const Node& node, bool& out) {
  if (!is_scalar(node)) return false;
  if (node.text == "true" || node.text == "True" || node.text == "TRUE") out = true;
  else if (node.text == "false" || node.text == "False" || node.text == "FALSE") out = false;
  else return false;
  return true;
}

bool read_double(const Node& node, double& out) {
  if (node.kind != Node::Kind::kNumber && !node.is_string()) return false;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, out);
  return error == std::errc() && stop == end && std::isfinite(out) && !node.text.empty();
}

bool read_int(const Node& node, std::int64_t& out) {
  if (node.kind != Node::Kind::kNumber && !node.is_string()) return false;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, out);
  if (error == std::errc() && stop == end && !node.text.empty()) return true;
  double real = 0;  // "4.0" and 1e3 are whole numbers too
  if (!read_double(node, real) || real != std::floor(real) || std::abs(real) > 9e15) return false;
  out = static_cast<std::int64_t>(real);
  return true;
}

void append_double(std::string& out, double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15)
    out += fmt::format("{}", static_cast<std::int64_t>(value));
  else out += fmt::format("{}", value);
}

}  // namespace detail
}  // namespace weir::codec

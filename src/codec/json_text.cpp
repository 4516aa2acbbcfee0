#include "codec/json_text.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>

#include "base/strings.h"

namespace weir::codec {
namespace {

// Builds Nodes from the events of Boost.JSON's parser, which hands numbers over as text.
class Builder {
 public:
  constexpr static std::size_t max_object_size = std::size_t(-1);
  constexpr static std::size_t max_array_size = std::size_t(-1);
  constexpr static std::size_t max_key_size = std::size_t(-1);
  constexpr static std::size_t max_string_size = std::size_t(-1);

  using Error = boost::json::error_code;

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return open(Node::Kind::kObject); }
  bool on_object_end(std::size_t, Error&) { return close(); }
  bool on_array_begin(Error&) { return open(Node::Kind::kArray); }
  bool on_array_end(std::size_t, Error&) { return close(); }
  bool on_key_part(std::string_view part, std::size_t, Error&) {
    key_ += part;
    return true;
  }
  bool on_key(std::string_view part, std::size_t, Error& error) {
    key_ += part;
    if (key_.find('\0') != std::string::npos) return refuse(error, "a NUL character");
    if (stack_.back()->find(key_) != nullptr)
      return refuse(error, fmt::format("the name '{}' stands twice in one object", key_));
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, Error&) {
    text_ += part;
    return true;
  }
  bool on_string(std::string_view part, std::size_t, Error& error) {
    text_ += part;
    if (text_.find('\0') != std::string::npos) return refuse(error, "a NUL character");
    return add(Node::string(std::exchange(text_, {})));
  }
  bool on_number_part(std::string_view part, Error&) {
    text_ += part;
    return true;
  }
  bool on_int64(std::int64_t, std::string_view part, Error&) { return number(part); }
  bool on_uint64(std::uint64_t, std::string_view part, Error&) { return number(part); }
  bool on_double(double, std::string_view part, Error&) { return number(part); }
  bool on_bool(bool value, Error&) { return add(Node::boolean(value)); }
  bool on_null(Error&) { return add({}); }
  bool on_comment_part(std::string_view, Error&) { return true; }
  bool on_comment(std::string_view, Error&) { return true; }

  Node take() { return std::move(root_); }
  const std::string& refusal() const { return refusal_; }

 private:
  bool refuse(Error& error, std::string why) {
    refusal_ = std::move(why);
    error = boost::json::error::syntax;
    return false;
  }

  Node& place(Node value) {
    if (stack_.empty()) return root_ = std::move(value);
    Node& parent = *stack_.back();
    if (parent.is_array()) return parent.items.emplace_back(std::move(value));
    return parent.members.emplace_back(std::exchange(key_, {}), std::move(value)).second;
  }
  bool add(Node value) {
    place(std::move(value));
    return true;
  }
  bool number(std::string_view part) {
    text_ += part;
    return add(Node::number(std::exchange(text_, {})));
  }
  bool open(Node::Kind kind) {
    Node node;
    node.kind = kind;
    // Nothing is added to an outer container while an inner one is open, so the address holds.
    stack_.push_back(&place(std::move(node)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  Node root_;
  std::vector<Node*> stack_;
  std::string key_;
  std::string text_;
  std::string refusal_;
};

std::string position(std::string_view text, std::size_t offset) {
  std::size_t line = 1, column = 1;
  for (char c : text.substr(0, std::min(offset, text.size()))) {
    ++column;
    if (c == '\n') {
      ++line;
      column = 1;
    }
  }
  return fmt::format("line {}, column {}", line, column);
}

void write(std::string& out, const Node& node, int indent, int depth) {
  const auto line = [&](int level) {
    if (indent == 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(indent * level), ' ');
  };
  switch (node.kind) {
    case Node::Kind::kNull: out += "null"; return;
    case Node::Kind::kBool:
    case Node::Kind::kNumber: out += node.text; return;
    case Node::Kind::kString: append_json_string(out, node.text); return;
    case Node::Kind::kArray:
      out += '[';
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i != 0) out += ',';
        line(depth + 1);
        write(out, node.items[i], indent, depth + 1);
      }
      if (!node.items.empty()) line(depth);
      out += ']';
      return;
    case Node::Kind::kObject:
      out += '{';
      for (std::size_t i = 0; i < node.members.size(); ++i) {
        if (i != 0) out += ',';
        line(depth + 1);
        append_json_string(out, node.members[i].first);
        out += indent == 0 ? ":" : ": ";
        write(out, node.members[i].second, indent, depth + 1);
      }
      if (!node.members.empty()) line(depth);
      out += '}';
      return;
  }
}

}  // namespace

Result<Node> parse_json(std::string_view text) {
  const auto bad = [](std::string message) {
    return fail(Code::kInvalidArgument, "Invalid JSON: " + std::move(message), "isInvalid");
  };
  if (!is_clean_utf8(text)) return bad("the text is not UTF-8 or holds a NUL character.");
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<Builder> parser(options);
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size() && trim(text.substr(used)).size() != 0)
    return bad("text after the document at " + position(text, used) + ".");
  if (!error && !parser.done()) return bad("the document ends too early.");
  if (error) {
    const std::string& refusal = parser.handler().refusal();
    return bad((refusal.empty() ? error.message() : refusal) + " at " + position(text, used) + ".");
  }
  return parser.handler().take();
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", int(c));
        else out += c;
    }
  }
  out += '"';
}

std::string write_json(const Node& node, int indent) {
  std::string out;
  write(out, node, indent, 0);
  return out;
}

}  // namespace weir::codec

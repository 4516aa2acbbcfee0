#include "codec/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <regex>
#include <sstream>

#include "base/strings.h"
#include "codec/json_text.h"

namespace weir::codec {
namespace {

constexpr std::size_t kMaxNodes = 100'000;

struct Refused {
  std::string why;
};

[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& why) {
  throw Refused{fmt::format("{} at line {}, column {}", why, mark.line + 1, mark.column + 1)};
}

// yaml-cpp's events: aliases are seen before they are expanded, so a bomb costs nothing.
class Builder final : public YAML::EventHandler {
 public:
  std::vector<Node> take() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark&) override { root_ = {}; }
  void OnDocumentEnd() override {
    if (!root_.is_null()) documents_.push_back(std::move(root_));
    root_ = {};
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    no_anchor(mark, anchor);
    scalar(mark, {}, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "aliases are not accepted");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    no_anchor(mark, anchor);
    if (tag == "?") scalar(mark, resolve(value), value);
    else if (tag == "!" || tag.empty()) scalar(mark, Node::string(value), value);
    else refuse(mark, "the tag '" + tag + "' is not accepted");
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    no_anchor(mark, anchor);
    open(mark, Node::Kind::kArray);
  }
  void OnSequenceEnd() override { stack_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    no_anchor(mark, anchor);
    open(mark, Node::Kind::kObject);
  }
  void OnMapEnd() override { stack_.pop_back(); }

 private:
  struct Level {
    Node* node;
    bool has_key = false;
    std::string key;
  };

  static void no_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) refuse(mark, "anchors are not accepted");
  }

  static Node resolve(const std::string& text) {
    // Only what JSON also calls a number; "010" or "+1" stay text, which readers of numbers accept.
    static const std::regex number(R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
      return {};
    if (text == "true" || text == "True" || text == "TRUE") return Node::boolean(true);
    if (text == "false" || text == "False" || text == "FALSE") return Node::boolean(false);
    if (text.size() < 64 && std::regex_match(text, number)) return Node::number(text);
    return Node::string(text);
  }

  Node& place(const YAML::Mark& mark, Node value) {
    if (++nodes_ > kMaxNodes) refuse(mark, "the document has too many nodes");
    if (stack_.empty()) return root_ = std::move(value);
    Level& level = stack_.back();
    if (level.node->is_array()) return level.node->items.emplace_back(std::move(value));
    level.has_key = false;
    return level.node->members.emplace_back(std::move(level.key), std::move(value)).second;
  }

  bool expects_key() const {
    return !stack_.empty() && stack_.back().node->is_object() && !stack_.back().has_key;
  }

  void scalar(const YAML::Mark& mark, Node value, const std::string& source) {
    if (!expects_key()) {
      place(mark, std::move(value));
      return;
    }
    Level& level = stack_.back();
    if (level.node->find(source) != nullptr)
      refuse(mark, "the name '" + source + "' stands twice in one mapping");
    level.key = source;
    level.has_key = true;
  }

  void open(const YAML::Mark& mark, Node::Kind kind) {
    if (expects_key()) refuse(mark, "a name must be a scalar");
    if (stack_.size() >= kMaxDepth) refuse(mark, "the document is nested too deeply");
    Node node;
    node.kind = kind;
    Node& placed = place(mark, std::move(node));
    stack_.push_back({&placed, false, {}});
  }

  std::vector<Node> documents_;
  Node root_;
  std::vector<Level> stack_;
  std::size_t nodes_ = 0;
};

// yaml-cpp's reader recurses per nesting level, so absurd depth is refused before it starts.
bool nested_absurdly(std::string_view text) {
  int depth = 0;
  std::size_t dashes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    dashes = c == '-' || (c == ' ' && dashes > 0) ? dashes + (c == '-') : 0;
    if (depth > 500 || dashes > 500) return true;
  }
  return false;
}

bool plain_is_safe(const std::string& text) {
  static const std::regex safe(R"([A-Za-z_/$][A-Za-z0-9_./$@ ()+=-]*)");
  static const std::regex word(R"((true|false|null|yes|no|on|off|y|n|nan|inf))", std::regex::icase);
  if (text.empty() || text.size() > 200 || text.back() == ' ') return false;
  return std::regex_match(text, safe) && !std::regex_match(text, word);
}

void write_scalar(std::string& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: out += "null"; break;
    case Node::Kind::kBool:
    case Node::Kind::kNumber: out += node.text; break;
    default:
      if (plain_is_safe(node.text)) out += node.text;
      else append_json_string(out, node.text);  // JSON strings are YAML double-quoted scalars
  }
}

void write_node(std::string& out, const Node& node, std::size_t indent);

void write_value(std::string& out, const Node& node, std::size_t indent) {
  const bool block =
      (node.is_object() && !node.members.empty()) || (node.is_array() && !node.items.empty());
  if (!block) {
    out += ' ';
    write_node(out, node, indent);
    out += '\n';
    return;
  }
  out += '\n';
  write_node(out, node, node.is_array() ? indent : indent + 2);
}

void write_node(std::string& out, const Node& node, std::size_t indent) {
  if (node.is_object()) {
    if (node.members.empty()) out += "{}";
    for (const auto& [name, value] : node.members) {
      out.append(indent, ' ');
      write_scalar(out, Node::string(name));
      out += ':';
      write_value(out, value, indent);
    }
  } else if (node.is_array()) {
    if (node.items.empty()) out += "[]";
    for (const Node& item : node.items) {
      const std::size_t start = out.size();
      const bool block =
          (item.is_object() && !item.members.empty()) || (item.is_array() && !item.items.empty());
      if (block) {
        write_node(out, item, indent + 2);
        out[start + indent] = '-';  // the item's first line carries the dash
      } else {
        out.append(indent, ' ');
        out += "- ";
        write_node(out, item, indent);
        out += '\n';
      }
    }
  } else {
    write_scalar(out, node);
  }
}

}  // namespace

Result<std::vector<Node>> parse_yaml_documents(std::string_view text) {
  const auto bad = [](const std::string& why) {
    return fail(Code::kInvalidArgument, "Invalid YAML: " + why + ".", "isInvalid");
  };
  if (!is_clean_utf8(text)) return bad("the text is not UTF-8 or holds a NUL character");
  if (nested_absurdly(text)) return bad("the document is nested too deeply");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder;
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Refused& refused) {
    return bad(refused.why);
  } catch (const YAML::Exception& error) {
    return bad(fmt::format("{} at line {}, column {}", error.msg, error.mark.line + 1,
                           error.mark.column + 1));
  } catch (const std::exception& error) {
    return bad(error.what());
  }
}

Result<Node> parse_yaml(std::string_view text) {
  WEIR_TRY(auto documents, parse_yaml_documents(text));
  if (documents.size() == 1) return std::move(documents.front());
  return fail(Code::kInvalidArgument,
              fmt::format("Invalid YAML: one document is expected, not {}.", documents.size()),
              "isInvalid");
}

std::string write_yaml(const Node& node) {
  std::string out;
  write_node(out, node, 0);
  if (out.empty() || out.back() != '\n') out += '\n';
  return out;
}

}  // namespace weir::codec

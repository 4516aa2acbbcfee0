#include "cli/commands.h"
#include "cli/field.h"
#include "codec/json_text.h"
#include "codec/yaml.h"

namespace weir::cli {

using codec::Node;

void print_error(Terminal& terminal, const Error& error) {
  terminal.err << "weir: " << error.message << '\n';
  for (const FieldError& field : error.fields)
    // Many messages name their fields already.
    if (error.message.find(field.message) == std::string::npos ||
        error.message.find(field.path) == std::string::npos)
      terminal.err << "  " << field.path << ": " << field.message << '\n';
  terminal.err << std::flush;
}

void print_document(Session& session, const Node& document) {
  std::string text;
  if (session.format == Format::kJson) text = codec::write_json(document, 2);
  else text = codec::write_yaml(document);
  if (!text.ends_with('\n')) text += '\n';
  session.terminal.out << text << std::flush;
}

bool print_unless_table(Session& session, const Node& list, std::string_view name) {
  if (session.format == Format::kTable) return false;
  if (session.format != Format::kName) {
    print_document(session, list);
    return true;
  }
  if (const Node* items = list.find("items"); items != nullptr)
    for (const Node& item : items->items) session.terminal.out << text_at(item, name) << '\n';
  session.terminal.out << std::flush;
  return true;
}

void print_resource(Session& session, const KindEntry& kind, const Node& resource) {
  if (session.format == Format::kName) {
    session.terminal.out << short_name(kind, resource) << std::endl;
  } else if (session.format == Format::kTable) {
    session.terminal.out
        << table_of(kind, {resource}, session.env().wall_now()).text(session.terminal.color)
        << std::flush;
  } else {
    print_document(session, resource);
  }
}

void print_list(Session& session, const KindEntry& kind, const Node& list) {
  const Node* found = list.find("items");
  const std::vector<Node> items = found != nullptr ? found->items : std::vector<Node>();
  if (session.format == Format::kName) {
    for (const Node& item : items) session.terminal.out << short_name(kind, item) << '\n';
    session.terminal.out << std::flush;
  } else if (session.format != Format::kTable) {
    print_document(session, list);
  } else if (items.empty()) {
    session.terminal.err << "There are no " << kind.plural << " in namespace " << session.ns << "."
                         << std::endl;
  } else {
    session.terminal.out
        << table_of(kind, items, session.env().wall_now()).text(session.terminal.color)
        << std::flush;
  }
}

Task<Result<Node>> get_deployment(Session& session, const std::string& name) {
  const KindEntry kind = *find_kind("deployment");
  const std::string path = path_of(kind, session.ns, name);
  co_return co_await session.client.get(path);
}

}  // namespace weir::cli

#include <fmt/format.h>

#include <cstdlib>

#include "base/sizes.h"
#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {

using codec::Node;

Task<Status> run(Session& session, const GcCommand& command) {
  const std::string path = command.dry_run ? "/api/v1/gc?dryRun=true" : "/api/v1/gc";
  WEIR_CO_TRY(const Answer answer, co_await session.client.send("POST", path));
  const Node* items = answer.body.find("items");
  const std::vector<Node> garbage = items != nullptr ? items->items : std::vector<Node>();
  if (session.format == Format::kName) {
    for (const Node& item : garbage) session.terminal.out << text_at(item, "path") << '\n';
    session.terminal.out << std::flush;
    co_return Status();
  }
  if (session.format != Format::kTable) {
    print_document(session, answer.body);
    co_return Status();
  }
  const auto bytes = [](const Node& node) {
    return format_bytes(std::strtoll(text_at(node, "bytes").c_str(), nullptr, 10));
  };
  if (!garbage.empty()) {
    Table table({"SIZE", "REASON", "PATH"});
    for (const Node& item : garbage)
      table.add({bytes(item), text_at(item, "reason"), text_at(item, "path")});
    session.terminal.out << table.text(session.terminal.color);
  }
  session.terminal.out << fmt::format("{} {}{}", garbage.size(),
                                      command.dry_run ? "would be removed" : "removed",
                                      garbage.empty() ? "" : ", " + bytes(answer.body))
                       << std::endl;
  co_return Status();
}

}  // namespace weir::cli

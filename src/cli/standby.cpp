#include "base/sizes.h"
#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {

using codec::Node;

Task<Status> run(Session& session, const StandbyCommand&) {
  WEIR_CO_TRY(const Node list, co_await session.client.get("/api/v1/standby-clusters"));
  const Node* items = list.find("items");
  if (print_unless_table(session, list, "name")) co_return Status();
  if (items == nullptr || items->items.empty()) {
    session.terminal.err << "No standby clusters are configured. Name pools of them under "
                            "standbyClusters in the server's configuration file."
                         << std::endl;
    co_return Status();
  }
  Table table({"POOL", "READY", "WANTED", "MEMORY", "CPU", "DETAIL"});
  for (const Node& item : items->items) {
    const std::string bytes = text_at(item, "memoryBytes");
    table.add({text_at(item, "name"), text_at(item, "ready"), text_at(item, "wanted"),
               bytes == "0" ? "0" : format_bytes(std::strtoll(bytes.c_str(), nullptr, 10)),
               text_at(item, "cpu"), text_at(item, "message")});
  }
  session.terminal.out << table.text(session.terminal.color) << std::flush;
  co_return Status();
}

}  // namespace weir::cli

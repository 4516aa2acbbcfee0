#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {

namespace fs = std::filesystem;
using codec::Node;

Task<Status> run(Session& session, const FlinkCommand&) {
  WEIR_CO_TRY(const Node list, co_await session.client.get("/api/v1/flink-versions"));
  const Node* items = list.find("items");
  if (print_unless_table(session, list, "version")) co_return Status();
  if (items == nullptr || items->items.empty()) {
    session.terminal.err << "No Flink is installed. Add one: weir flink add 1.20" << std::endl;
    co_return Status();
  }
  Table table({"VERSION", "DEFAULT", "JAVA", "ARCHIVES", "PATH"});
  for (const Node& item : items->items)
    table.add({text_at(item, "version"), text_at(item, "default") == "true" ? "yes" : "",
               text_at(item, "javaMajor"), text_at(item, "archives") == "true" ? "yes" : "no",
               text_at(item, "path")});
  session.terminal.out << table.text(session.terminal.color) << std::flush;
  for (const Node& item : items->items)
    if (const std::string problem = text_at(item, "archivesProblem"); !problem.empty())
      session.terminal.err << fmt::format("Flink {} starts without archives: {}",
                                          text_at(item, "version"), problem)
                           << std::endl;
  co_return Status();
}

std::string find_flink_home_script(const std::string& binary_directory) {
  for (const char* place :
       {"flink-home", "../share/weir/flink-home", "../../../scripts/flink-home"}) {
    const fs::path script = fs::path(binary_directory) / place;
    if (access(script.c_str(), X_OK) == 0) return script.lexically_normal().string();
  }
  return {};
}

int run_flink_add(const FlinkCommand& command, Terminal& terminal) {
  std::error_code error;
  const fs::path binary = fs::read_symlink("/proc/self/exe", error);
  const std::string script = error ? std::string() : find_flink_home_script(binary.parent_path());
  if (script.empty()) {
    terminal.err << "weir: The script flink-home is not beside this binary. In a checkout of Weir "
                    "run: scripts/flink-home "
                 << command.version << std::endl;
    return code_traits(Code::kNotFound).exit_code;
  }
  terminal.err << std::flush;
  execl(script.c_str(), script.c_str(), command.version.c_str(), nullptr);
  terminal.err << fmt::format("weir: {} cannot be run.", script) << std::endl;
  return code_traits(Code::kInternal).exit_code;
}

}  // namespace weir::cli

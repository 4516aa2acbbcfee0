#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/field.h"
#include "net/url.h"

namespace weir::cli {
namespace {

using codec::Node;

std::string artifacts_path(const Session& session, std::string_view verb) {
  return fmt::format("/artifacts/v1/namespaces/{}/artifacts:{}", net::percent_encode(session.ns),
                     verb);
}

// The artifact API has an envelope of its own; commands show all kinds alike.
Task<Result<Node>> get_artifacts(Session& session, const GetCommand& command) {
  const std::string path = artifacts_path(session, "list");
  WEIR_CO_TRY(const Node answer, co_await session.client.get(path));
  Node items{Node::Kind::kArray, {}, {}, {}};
  if (const Node* artifacts = answer.find("artifacts"))
    for (const Node& artifact : artifacts->items)
      if (command.name.empty() || text_at(artifact, "filename") == command.name)
        items.items.push_back(artifact);
  if (!command.name.empty() && items.items.empty())
    co_return fail(Code::kNotFound, fmt::format("There is no artifact '{}' in namespace '{}'.",
                                                command.name, session.ns));
  Node list = Node::object();
  list.set("kind", Node::string("ArtifactList"));
  list.set("items", std::move(items));
  co_return list;
}

Task<Result<std::string>> query_of(Session& session, const GetCommand& command) {
  std::string query;
  const auto add = [&](std::string_view name, std::string_view value) {
    query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, net::percent_encode(value));
  };
  if (!command.selector.empty()) add("labelSelector", command.selector);
  if (!command.deployment.empty()) {
    WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, command.deployment));
    add("deploymentId", text_at(deployment, "metadata.id"));
  }
  co_return query;
}

}  // namespace

Task<Status> run(Session& session, const GetCommand& command) {
  WEIR_CO_TRY(const KindEntry kind, find_kind(command.kind));
  if (kind.kind == "Artifact") {
    WEIR_CO_TRY(const Node list, co_await get_artifacts(session, command));
    print_list(session, kind, list);
    co_return Status();
  }
  const bool single = !command.name.empty() || kind.kind == "DeploymentDefaults";
  if (single) {
    const std::string path =
        path_of(kind, session.ns, kind.kind == "DeploymentDefaults" ? "" : command.name);
    WEIR_CO_TRY(const Node resource, co_await session.client.get(path));
    print_resource(session, kind, resource);
    co_return Status();
  }
  WEIR_CO_TRY(const std::string query, co_await query_of(session, command));
  const std::string path = path_of(kind, session.ns) + query;
  WEIR_CO_TRY(const Node list, co_await session.client.get(path));
  print_list(session, kind, list);
  co_return Status();
}

Task<Status> run(Session& session, const DeleteCommand& command) {
  WEIR_CO_TRY(const KindEntry kind, find_kind(command.kind));
  if (kind.kind != "Deployment" && kind.kind != "DeploymentTarget" && kind.kind != "SecretValue" &&
      kind.kind != "SessionCluster")
    co_return fail(Code::kInvalidArgument,
                   fmt::format("A {} cannot be deleted with this command{}.", kind.singular,
                               kind.kind == "Artifact"    ? "; use 'weir artifact delete FILE'"
                               : kind.kind == "Savepoint" ? "; use 'weir savepoint delete ID'"
                                                          : ""));
  if (command.cascade && kind.kind != "Deployment")
    co_return fail(Code::kInvalidArgument, "--cascade is for deployments.");
  std::string path = path_of(kind, session.ns, command.name);
  if (command.cascade && !command.yes) {
    WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, command.name));
    WEIR_CO_CHECK_OK(co_await confirm_loss(session, deployment, "Delete"));
  }
  if (command.cascade) path += "?cascade=true";
  auto answer = co_await session.client.send("DELETE", path);
  if (!answer) {
    Error error = std::move(answer).error();
    const bool refused = error.code == Code::kFailedPrecondition || error.code == Code::kConflict;
    if (refused && kind.kind == "Deployment")
      error.message += fmt::format(
          " Stop it first: 'weir cancel {0} --wait', or 'weir suspend {0} --wait' to keep its "
          "state in a savepoint; or 'weir delete deployment {0} --cascade'.",
          command.name);
    co_return error;
  }
  if (session.format == Format::kTable)
    session.terminal.out << kind.singular << "/" << command.name << " deleted" << std::endl;
  else if (!answer->body.is_null()) print_resource(session, kind, answer->body);
  co_return Status();
}

}  // namespace weir::cli

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "base/strings.h"
#include "cli/commands.h"
#include "cli/field.h"
#include "codec/json_text.h"
#include "codec/yaml.h"
#include "model/metadata.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;
using codec::Node;

struct Document {
  Node body;
  KindEntry kind;
  std::string where;  // file and number, for errors
};

// What others refer to comes first, so that one directory can hold all of it.
int rank(const KindEntry& kind) {
  if (kind.kind == "SecretValue") return 0;
  if (kind.kind == "DeploymentTarget") return 1;
  if (kind.kind == "DeploymentDefaults") return 2;
  if (kind.kind == "SessionCluster") return 3;
  return 4;
}

Result<std::string> read_text(const std::string& file) {
  if (file == "-")
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  std::ifstream in(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.is_open() || in.bad()) return fail(Code::kNotFound, fmt::format("Cannot read {}.", file));
  return text;
}

Result<std::vector<std::string>> files_of(const std::string& argument) {
  std::error_code error;
  if (argument == "-" || !fs::is_directory(argument, error)) return std::vector{argument};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(argument, error)) {
    const std::string extension = to_lower(entry.path().extension().string());
    if (extension == ".yaml" || extension == ".yml" || extension == ".json")
      files.push_back(entry.path().string());
  }
  if (error)
    return fail(Code::kUnavailable, fmt::format("Cannot list {}: {}.", argument, error.message()));
  if (files.empty())
    return fail(Code::kNotFound,
                fmt::format("There is no .yaml, .yml or .json file in {}.", argument));
  std::sort(files.begin(), files.end());
  return files;
}

Status add_document(std::vector<Document>& documents, Node body, const std::string& where) {
  const std::string kind_name = text_at(body, "kind");
  if (kind_name.ends_with("List") && body.find("items") != nullptr) {
    std::size_t number = 0;
    for (Node& item : body.find("items")->items) {
      if (item.is_object() && item.find("kind") == nullptr)
        item.set("kind", Node::string(kind_name.substr(0, kind_name.size() - 4)));
      WEIR_CHECK_OK(
          add_document(documents, std::move(item), fmt::format("{}, item {}", where, ++number)));
    }
    return {};
  }
  if (!body.is_object() || kind_name.empty())
    return fail(Code::kInvalidArgument, where + ": 'kind' is missing, e.g. kind: Deployment.");
  const auto kind = find_kind(kind_name);
  if (!kind || kind->kind == "Job" || kind->kind == "Savepoint" || kind->kind == "Event" ||
      kind->kind == "Artifact")
    return fail(Code::kInvalidArgument,
                fmt::format("{}: a {} cannot be applied; Deployment, SessionCluster, "
                            "DeploymentTarget, SecretValue and DeploymentDefaults can.",
                            where, kind_name));
  if (kind->kind != "DeploymentDefaults" && text_at(body, "metadata.name").empty())
    return fail(Code::kInvalidArgument, where + ": metadata.name is missing.");
  documents.push_back({std::move(body), *kind, where});
  return {};
}

Result<std::vector<Document>> read_documents(const std::vector<std::string>& arguments) {
  std::vector<Document> documents;
  for (const std::string& argument : arguments) {
    WEIR_TRY(const auto files, files_of(argument));
    for (const std::string& file : files) {
      WEIR_TRY(const std::string text, read_text(file));
      const std::string name = file == "-" ? "standard input" : file;
      // JSON is parsed as such for exact positions; everything else as YAML.
      const auto first = text.find_first_not_of(" \t\r\n");
      const bool json = first != std::string::npos && text[first] == '{';
      Result<std::vector<Node>> parsed = std::vector<Node>();
      if (json) {
        auto one = codec::parse_json(text);
        if (one) parsed->push_back(std::move(*one));
        else parsed = std::move(one).error();
      } else {
        parsed = codec::parse_yaml_documents(text);
      }
      if (!parsed) return std::move(parsed).error().with_context(name);
      std::size_t number = 0;
      for (Node& body : *parsed) {
        const std::string where =
            parsed->size() == 1 ? name : fmt::format("{}, document {}", name, ++number);
        WEIR_CHECK_OK(add_document(documents, std::move(body), where));
      }
    }
  }
  if (documents.empty()) return fail(Code::kInvalidArgument, "There is nothing to apply.");
  std::multimap<int, Document> ordered;
  for (Document& document : documents) ordered.emplace(rank(document.kind), std::move(document));
  documents.clear();
  for (auto& [unused, document] : ordered) documents.push_back(std::move(document));
  return documents;
}

// What a user can write of a resource, to see whether applying changed anything.
Node user_part(const Node& resource) {
  Node part = Node::object();
  for (const char* name : {"spec", "metadata"})
    if (const Node* found = resource.find(name)) part.set(name, *found);
  if (Node* metadata = part.find("metadata")) {
    for (const char* name : {"modifiedAt", "resourceVersion", "createdAt", "id"})
      metadata->erase(name);
    if (Node* annotations = metadata->find("annotations"))
      std::erase_if(annotations->members, [](const Node::Member& member) {
        return member.first.starts_with(model::kSystemAnnotationPrefix) &&
               member.first != model::kStopWithDrainAnnotation;
      });
  }
  return part;
}

struct Applied {
  std::string what;  // created | configured | unchanged
  Node resource;
  Node before;  // null if there was none
};

Task<Result<std::optional<Node>>> present(Session& session, std::string path) {
  auto found = co_await session.client.get(path);
  if (found) co_return std::optional<Node>(std::move(*found));
  if (found.error().code == Code::kNotFound) co_return std::optional<Node>();
  co_return std::move(found).error();
}

// A file that does not say the state means "as it is", not "stop it".
void keep_state(Node& body, const Node& before) {
  if (!text_at(body, "spec.state").empty()) return;
  if (Node* spec = body.find("spec"); spec != nullptr && spec->is_object())
    spec->set("state", Node::string(text_at(before, "spec.state")));
}

Task<Result<Applied>> apply_one(Session& session, Document document, std::string query) {
  const bool defaults = document.kind.kind == "DeploymentDefaults";
  const bool secret = document.kind.kind == "SecretValue";
  const std::string name = text_at(document.body, "metadata.name");
  const std::string path = path_of(document.kind, session.ns, defaults ? "" : name);
  WEIR_CO_TRY(const std::optional<Node> before, co_await present(session, path));
  std::string method = "PUT";
  std::string target = path;
  if (defaults || (secret && before)) method = "PATCH";
  if (secret && !before) {
    method = "POST";
    target = path_of(document.kind, session.ns);
  }
  const bool has_state =
      document.kind.kind == "Deployment" || document.kind.kind == "SessionCluster";
  if (has_state && before) keep_state(document.body, *before);
  const std::string full = target + query;
  WEIR_CO_TRY(Answer answer, co_await session.client.send(method, full, &document.body));
  std::string what = "configured";
  if (!before) what = "created";
  else if (!secret && user_part(*before) == user_part(answer.body)) what = "unchanged";
  co_return Applied{std::move(what), std::move(answer.body), before.value_or(Node())};
}

}  // namespace

Task<Status> run(Session& session, const ApplyCommand& command) {
  WEIR_CO_TRY(std::vector<Document> documents, read_documents(command.files));
  const std::string query = command.dry_run ? "?dryRun=true" : "";
  std::optional<Error> first;
  for (Document& document : documents) {
    const std::string where = document.where;
    const KindEntry kind = document.kind;
    auto applied = co_await apply_one(session, std::move(document), query);
    if (!applied) {
      Error error = std::move(applied).error().with_context(where);
      if (error.code == Code::kUnavailable) co_return error;
      // The others are still worth applying; each failure is told where it happens.
      if (first) print_error(session.terminal, *first);
      first = std::move(error);
      continue;
    }
    if (session.format == Format::kTable)
      session.terminal.out << short_name(kind, applied->resource) << " " << applied->what
                           << (command.dry_run ? " (dry run)" : "") << std::endl;
    else print_resource(session, kind, applied->resource);
  }
  if (first) co_return std::move(*first);
  co_return Status();
}

namespace {

// The server fills up and checks what the files say, so that the difference is the real one.
// @return whether anything would change
Task<Result<bool>> diff_one(Session& session, Document document) {
  const KindEntry kind = document.kind;
  WEIR_CO_TRY(const Applied planned,
              co_await apply_one(session, std::move(document), "?dryRun=true"));
  const auto found = codec::differences(user_part(planned.before), user_part(planned.resource));
  if (found.empty()) co_return false;
  session.terminal.out << short_name(kind, planned.resource)
                       << (planned.before.is_null() ? " would be created" : "") << '\n'
                       << differences_text(found, session.terminal.color) << std::flush;
  co_return true;
}

// For a deployment also what would happen to its job.
Task<Result<bool>> preview_one(Session& session, Document document) {
  const std::string path =
      path_of(document.kind, session.ns, text_at(document.body, "metadata.name"));
  WEIR_CO_TRY(const std::optional<Node> before, co_await present(session, path));
  if (before) keep_state(document.body, *before);
  const std::string target = path + ":preview?replace=true";
  WEIR_CO_TRY(const Answer answer, co_await session.client.send("POST", target, &document.body));
  const Node* changes = answer.body.find("changes");
  if (changes == nullptr || changes->items.empty()) co_return false;
  if (session.format == Format::kTable)
    session.terminal.out << "deployment/" << text_at(document.body, "metadata.name")
                         << (before ? "" : " would be created") << '\n'
                         << differences_text(differences_in(answer.body), session.terminal.color)
                         << preview_text(answer.body) << std::flush;
  else print_document(session, answer.body);
  co_return true;
}

}  // namespace

Task<Status> run(Session& session, const DiffCommand& command) {
  WEIR_CO_TRY(std::vector<Document> documents, read_documents(command.files));
  bool differs = false;
  for (Document& document : documents) {
    if (document.kind.kind == "SecretValue") continue;  // nobody is told its value
    const std::string where = document.where;
    const bool deployment = document.kind.kind == "Deployment";
    Result<bool> changes = false;
    if (deployment) changes = co_await preview_one(session, std::move(document));
    else changes = co_await diff_one(session, std::move(document));
    if (!changes) co_return std::move(changes).error().with_context(where);
    differs = differs || *changes;
  }
  if (!differs) session.terminal.err << "Nothing would change." << std::endl;
  co_return Status();
}

}  // namespace weir::cli

#include "model/documents.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "codec/describe_json.h"

namespace weir::model {
namespace {

// The members that the API shows, in its order; each kind says which of them it has.
template <class T>
std::string envelope(std::string_view kind, const T& resource, const char* status_json = nullptr) {
  std::string out = fmt::format(R"({{"kind":"{}","apiVersion":"v1","metadata":)", kind);
  codec::append_json(out, resource.metadata);
  out += R"(,"spec":)";
  codec::append_json(out, resource.spec);
  if (status_json != nullptr) {
    out += R"(,"status":)";
    out += status_json;
  }
  out += '}';
  return out;
}

template <class T>
Result<Resource> read_stored(std::string_view text) {
  auto value = codec::from_json_text<T>(text);
  if (!value)
    return fail(Code::kInternal, "A stored resource cannot be read: " + value.error().message,
                "StoreDamaged");
  return Resource(std::move(*value));
}

void drop_members(codec::Node& object, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) object.erase(name);
}

// Keys under the system prefix belong to the server, but for the two that users set.
void drop_system_annotations(codec::Node& metadata, std::string_view kind) {
  codec::Node* annotations = metadata.find("annotations");
  if (annotations == nullptr || !annotations->is_object()) return;
  std::erase_if(annotations->members, [&](const codec::Node::Member& member) {
    if (!member.first.starts_with(kSystemAnnotationPrefix)) return false;
    if (member.first == kStopWithDrainAnnotation) return false;
    return !(kind == "Savepoint" && member.first == kSpecVersionAnnotation);
  });
}

Status expect_text(const codec::Node& body, std::string_view member, std::string_view expected) {
  const codec::Node* found = body.find(member);
  if (found == nullptr || found->is_null() || equals_ignoring_case(found->text, expected))
    return {};
  Error error(Code::kInvalidArgument,
              fmt::format("{} is '{}' but must be '{}'.", member, found->text, expected),
              "isInvalid");
  error.fields.push_back({std::string(member), fmt::format("must be {}.", expected), "isInvalid"});
  return error;
}

}  // namespace

std::string to_api_json(const Deployment& d) {
  return envelope("Deployment", d, codec::to_json_text(d.status).c_str());
}
std::string to_api_json(const Job& job) {
  return envelope("Job", job, codec::to_json_text(job.status).c_str());
}
std::string to_api_json(const Savepoint& s) {
  return envelope("Savepoint", s, codec::to_json_text(s.status).c_str());
}
std::string to_api_json(const Event& event) { return envelope("Event", event); }
std::string to_api_json(const DeploymentTarget& target) {
  return envelope("DeploymentTarget", target);
}
std::string to_api_json(const SessionCluster& cluster) {
  return envelope("SessionCluster", cluster, codec::to_json_text(cluster.status).c_str());
}
std::string to_api_json(const DeploymentDefaults& defaults) {
  return envelope("DeploymentDefaults", defaults);
}
std::string to_api_json(const SecretValue& secret) {
  SecretValue shown = secret;
  shown.spec.value.reset();
  return envelope("SecretValue", shown);
}

std::string to_api_json(const Revision& revision) {
  std::string text = envelope("Revision", revision);
  text.pop_back();
  return text + fmt::format(R"(,"number":{}}})", revision.number);
}

std::string to_api_json(const Resource& resource) {
  return std::visit(
      [](const auto& value) -> std::string {
        if constexpr (requires { to_api_json(value); }) return to_api_json(value);
        else return codec::to_json_text(value);
      },
      resource);
}

std::string list_json(std::string_view item_kind, const std::vector<std::string>& items,
                      std::string_view continue_token) {
  std::size_t size = 128;
  for (const std::string& item : items) size += item.size() + 1;
  std::string out;
  out.reserve(size);
  out += fmt::format(R"({{"kind":"{}List","apiVersion":"v1","metadata":{{)", item_kind);
  if (!continue_token.empty()) {
    out += "\"continue\":";
    codec::append_json_string(out, continue_token);
  }
  out += R"(},"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += ',';
    out += items[i];
  }
  out += "]}";
  return out;
}

std::string to_stored_json(const Resource& resource) {
  return std::visit([](const auto& value) { return codec::to_json_text(value); }, resource);
}

Result<Resource> from_stored_json(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::Deployment: return read_stored<Deployment>(text);
    case Kind::Job: return read_stored<Job>(text);
    case Kind::Savepoint: return read_stored<Savepoint>(text);
    case Kind::Event: return read_stored<Event>(text);
    case Kind::DeploymentTarget: return read_stored<DeploymentTarget>(text);
    case Kind::DeploymentDefaults: return read_stored<DeploymentDefaults>(text);
    case Kind::SecretValue: return read_stored<SecretValue>(text);
    case Kind::Cluster: return read_stored<Cluster>(text);
    case Kind::Transition: return read_stored<Transition>(text);
    case Kind::RestorePoint: return read_stored<RestorePoint>(text);
    case Kind::Revision: return read_stored<Revision>(text);
    case Kind::SessionCluster: return read_stored<SessionCluster>(text);
  }
  return fail(Code::kInternal, "A stored resource has an unknown kind.", "StoreDamaged");
}

Status clean_request(codec::Node& body, std::string_view kind, std::string_view ns,
                     const std::string* name) {
  if (!body.is_object())
    return fail(Code::kInvalidArgument, "The body must be an object.", "isInvalid");
  WEIR_CHECK_OK(expect_text(body, "kind", kind));
  WEIR_CHECK_OK(expect_text(body, "apiVersion", "v1"));
  codec::Node* metadata = body.find("metadata");
  if (metadata == nullptr || metadata->is_null())
    metadata = &body.set("metadata", codec::Node::object());
  if (!metadata->is_object())
    return fail(Code::kInvalidArgument, "metadata must be an object.", "isInvalid");
  if (const codec::Node* other = metadata->find("namespace");
      other != nullptr && !other->is_null() && !other->text.empty() && other->text != ns)
    return fail(Code::kInvalidArgument,
                fmt::format("metadata.namespace is '{}' but the path says '{}'.", other->text, ns),
                "isInvalid");
  if (const codec::Node* other = metadata->find("name");
      name != nullptr && other != nullptr && !other->is_null() && other->text != *name)
    return fail(Code::kInvalidArgument,
                fmt::format("metadata.name is '{}' but this is '{}'; a name cannot be changed.",
                            other->text, *name),
                "isInvalid");
  drop_members(*metadata, {"id", "namespace", "createdAt", "modifiedAt", "terminatedAt",
                           "resourceVersion", "deploymentName", "sessionClusterId"});
  drop_members(body, {"kind", "apiVersion", "internal"});
  if (kind != "Savepoint") body.erase("status");
  // Looked up again: erasing members has moved the others.
  drop_system_annotations(*body.find("metadata"), kind);
  // Written as a bare text by some clients.
  if (codec::Node* spec = body.find("spec"); spec != nullptr && spec->is_object())
    for (std::string_view strategy : {"upgradeStrategy", "restoreStrategy"})
      if (codec::Node* found = spec->find(strategy); found != nullptr && found->is_string()) {
        codec::Node object = codec::Node::object();
        object.set("kind", *found);
        *found = std::move(object);
      }
  return {};
}

}  // namespace weir::model

#include "api/errors.h"
#include "api/listing.h"
#include "api/routes.h"
#include "api/writing.h"
#include "base/strings.h"
#include "codec/describe_json.h"
#include "codec/merge_patch.h"
#include "model/validation.h"

namespace weir::api {
namespace {

using codec::Node;
using SecretRef = store::Stored<model::SecretValue>;

/// What a request may say.
struct Wanted {
  model::Metadata metadata;
  model::SecretValueSpec spec;
};
BOOST_DESCRIBE_STRUCT(Wanted, (), (metadata, spec))

std::string to_json(const model::SecretValue& secret) { return model::to_api_json(secret); }

// The value leaves the request here, sealed; nothing after this holds it.
void seal(const Call& call, const Wanted& wanted, model::SecretValue& secret) {
  secret.spec.kind = "PLAIN";
  secret.spec.value.reset();
  secret.internal.sealed = call.services().secrets.seal(*wanted.spec.value);
}

Status check(const Wanted& wanted) {
  model::SecretValue secret;
  secret.metadata.name = wanted.metadata.name;
  secret.spec = wanted.spec;
  return model::validate(secret);
}

Task<Result<net::Response>> list(Call& call) {
  co_return co_await answer_list(call, "SecretValue", call.read().secrets(call.ns), false, to_json);
}

Task<Result<net::Response>> get(Call& call) {
  const SecretRef found = call.read().secret(call.ns, call.parameter("name"));
  if (!found) co_return not_found("SecretValue", call.parameter("name"), call.ns);
  co_return resource_answer(call, 200, *found);
}

Task<Result<net::Response>> create(Call& call) {
  WEIR_CO_TRY(const Wanted wanted, co_await read_resource<Wanted>(call, "SecretValue"));
  WEIR_CO_CHECK_OK(check(wanted));
  co_return co_await write(call, [&call, &wanted]() -> Result<Write> {
    if (call.read().secret(call.ns, *wanted.metadata.name))
      return name_taken(call, "secret value", *wanted.metadata.name);
    model::SecretValue secret;
    stamp_new(call, secret.metadata, wanted.metadata);
    seal(call, wanted, secret);
    return create_write(call, std::move(secret));
  });
}

Result<Write> plan_patch(const Call& call, const std::string& name, const Node& changes) {
  const SecretRef old = call.read().secret(call.ns, name);
  if (!old) return not_found("SecretValue", name, call.ns);
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  Wanted shown;
  shown.metadata.name = old->metadata.name;
  shown.metadata.labels = old->metadata.labels;
  shown.metadata.annotations = old->metadata.annotations;
  Node merged = codec::to_node(shown);
  codec::merge_patch(merged, changes);
  WEIR_TRY(Wanted wanted, codec::from_node<Wanted>(merged));
  const Node* spec = changes.find("spec");
  const bool says_value = spec != nullptr && spec->find("value") != nullptr;
  // Unsaid, the sealed value stays; a stand-in lets the rest be checked.
  if (!says_value) wanted.spec.value = "";
  WEIR_CHECK_OK(check(wanted));
  model::SecretValue changed = *old;
  take_user_metadata(changed.metadata, wanted.metadata);
  if (says_value) seal(call, wanted, changed);
  stamp_write(call, changed.metadata);
  return update_write(call, old, std::move(changed));
}

Task<Result<net::Response>> patch(Call& call) {
  const std::string name = call.parameter("name");
  WEIR_CO_TRY(Node changes, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(changes, "SecretValue", call.ns, &name));
  co_return co_await write(call,
                           [&call, &name, &changes] { return plan_patch(call, name, changes); });
}

Task<Result<net::Response>> remove(Call& call) {
  co_return co_await write(call, [&call]() -> Result<Write> {
    const SecretRef old = call.read().secret(call.ns, call.parameter("name"));
    if (!old) return not_found("SecretValue", call.parameter("name"), call.ns);
    return remove_write(call, old);
  });
}

}  // namespace

void add_secret_value_routes(Router& router) {
  const std::string all = "/api/v1/namespaces/{ns}/secret-values";
  const std::string one = all + "/{name}";
  const SchemaOf secret = schema<model::SecretValue>;
  const char* tag = "SecretValue";
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists secret values, without the values",
              .tag = tag,
              .answer = secret,
              .list = true,
              .query = list_query()});
  router.add({.method = "POST",
              .pattern = all,
              .handler = create,
              .summary = "Creates a secret value",
              .tag = tag,
              .request = secret,
              .answer = secret,
              .success = 201});
  router.add({.method = "GET",
              .pattern = one,
              .handler = get,
              .summary = "Gets a secret value, without the value",
              .tag = tag,
              .answer = secret});
  router.add({.method = "PATCH",
              .pattern = one,
              .handler = patch,
              .summary = "Changes a secret value by JSON merge patch",
              .tag = tag,
              .request = secret,
              .answer = secret});
  router.add({.method = "DELETE",
              .pattern = one,
              .handler = remove,
              .summary = "Deletes a secret value",
              .tag = tag,
              .answer = secret});
}

}  // namespace weir::api

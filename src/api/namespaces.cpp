#include "api/negotiation.h"
#include "api/routes.h"
#include "base/error.h"
#include "codec/describe_json.h"

namespace weir::api {
namespace {

struct RoleBinding {
  std::string role;
  std::vector<std::string> members;
};
BOOST_DESCRIBE_STRUCT(RoleBinding, (), (role, members))
/// As clients of the platform API know it. There is one, so it is its own default.
struct Namespace {
  std::string name = "namespaces/default";
  std::vector<RoleBinding> role_bindings;
  std::string lifecycle_phase = "LIFECYCLE_PHASE_ACTIVE";
  std::string preview_session_cluster_name;
};
BOOST_DESCRIBE_STRUCT(Namespace, (),
                      (name, role_bindings, lifecycle_phase, preview_session_cluster_name))
struct NamespaceAnswer {
  Namespace namespace_;
};
BOOST_DESCRIBE_STRUCT(NamespaceAnswer, (), (namespace_))
struct NamespacesAnswer {
  std::vector<Namespace> namespaces;
};
BOOST_DESCRIBE_STRUCT(NamespacesAnswer, (), (namespaces))

Task<Result<net::Response>> list(Call&) {
  const NamespacesAnswer answer{{Namespace{}}};
  co_return document(200, codec::to_json_text(answer), Format::kJson);
}

Task<Result<net::Response>> get(Call&) {
  const NamespaceAnswer answer;
  co_return document(200, codec::to_json_text(answer), Format::kJson);
}

Task<Result<net::Response>> refuse(Call&) {
  co_return fail(Code::kPermissionDenied,
                 "There is one namespace, 'default'; it cannot be changed and others cannot be "
                 "created.",
                 "NamespacesFixed");
}

}  // namespace

void add_namespace_routes(Router& router) {
  const std::string all = "/namespaces/v1/namespaces";
  const std::string one = all + "/{ns}";
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists namespaces",
              .tag = "Namespace",
              .answer = schema<NamespacesAnswer>});
  router.add({.method = "POST",
              .pattern = all,
              .handler = refuse,
              .summary = "Refused: the only namespace is 'default'",
              .tag = "Namespace",
              .success = 403});
  router.add({.method = "GET",
              .pattern = one,
              .handler = get,
              .summary = "Gets a namespace",
              .tag = "Namespace",
              .answer = schema<NamespaceAnswer>});
  for (const char* method : {"PUT", "PATCH", "DELETE"})
    router.add({.method = method,
                .pattern = one,
                .handler = refuse,
                .summary = "Refused: the namespace 'default' cannot be changed",
                .tag = "Namespace",
                .success = 403});
}

}  // namespace weir::api

#include <fmt/format.h>

#include "api/negotiation.h"
#include "api/routes.h"
#include "base/error.h"

namespace weir::api {
namespace {

constexpr char kDefault[] =
    R"({"name":"namespaces/default","roleBindings":[],"lifecyclePhase":"LIFECYCLE_PHASE_ACTIVE",)"
    R"("previewSessionClusterName":""})";

Task<Result<net::Response>> list(Call&) {
  co_return document(200, fmt::format(R"({{"namespaces":[{}]}})", kDefault), Format::kJson);
}

Task<Result<net::Response>> get(Call&) {
  co_return document(200, fmt::format(R"({{"namespace":{}}})", kDefault), Format::kJson);
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
              .tag = "Namespace"});
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
              .tag = "Namespace"});
  for (const char* method : {"PUT", "PATCH", "DELETE"})
    router.add({.method = method,
                .pattern = one,
                .handler = refuse,
                .summary = "Refused: the namespace 'default' cannot be changed",
                .tag = "Namespace",
                .success = 403});
}

}  // namespace weir::api

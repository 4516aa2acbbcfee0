#pragma once

#include <boost/mp11.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "model/deployment.h"
#include "model/event.h"
#include "model/internal.h"
#include "model/job.h"
#include "model/platform.h"
#include "model/savepoint.h"
#include "model/session_cluster.h"

namespace weir::model {

/// Every stored kind. Order is the order of the variant below.
enum class Kind {
  Deployment,
  Job,
  Savepoint,
  Event,
  DeploymentTarget,
  DeploymentDefaults,
  SecretValue,
  Cluster,
  Transition,
  RestorePoint,
  Revision,
  SessionCluster,
};
BOOST_DESCRIBE_ENUM(Kind, Deployment, Job, Savepoint, Event, DeploymentTarget, DeploymentDefaults,
                    SecretValue, Cluster, Transition, RestorePoint, Revision, SessionCluster)

using Resource =
    std::variant<Deployment, Job, Savepoint, Event, DeploymentTarget, DeploymentDefaults,
                 SecretValue, Cluster, Transition, RestorePoint, Revision, SessionCluster>;

inline Kind kind_of(const Resource& resource) { return static_cast<Kind>(resource.index()); }

template <class T>
constexpr Kind kind_of() {
  return static_cast<Kind>(boost::mp11::mp_find<Resource, T>::value);
}

inline const Metadata& metadata_of(const Resource& resource) {
  return std::visit([](const auto& r) -> const Metadata& { return r.metadata; }, resource);
}

/// "Deployment", "Job", ...
std::string_view kind_name(Kind kind);

}  // namespace weir::model

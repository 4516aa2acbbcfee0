#pragma once

#include "model/deployment.h"

namespace weir::model {

struct TargetKubernetes {
  std::optional<std::string> namespace_;
};
BOOST_DESCRIBE_STRUCT(TargetKubernetes, (), (namespace_))

struct DeploymentTargetSpec {
  std::optional<TargetKubernetes> kubernetes;
  std::optional<boost::json::value> deployment_patch_set;  ///< accepted from old clients, no effect
};
BOOST_DESCRIBE_STRUCT(DeploymentTargetSpec, (), (kubernetes, deployment_patch_set))

/// A place where deployments run. Its spec never changes.
struct DeploymentTarget {
  Metadata metadata;
  DeploymentTargetSpec spec;
};
BOOST_DESCRIBE_STRUCT(DeploymentTarget, (), (metadata, spec))

/// One per namespace, always there. metadata.id is the namespace's own.
struct DeploymentDefaults {
  Metadata metadata;
  DeploymentSpec spec;
};
BOOST_DESCRIBE_STRUCT(DeploymentDefaults, (), (metadata, spec))

struct SecretValueSpec {
  std::string kind = "PLAIN";
  std::optional<std::string> value;  ///< write-only; stored records hold only `sealed`
};
BOOST_DESCRIBE_STRUCT(SecretValueSpec, (), (kind, value))

struct SecretValueInternal {
  std::string sealed;  ///< base64 of nonce and ciphertext
};
BOOST_DESCRIBE_STRUCT(SecretValueInternal, (), (sealed))

struct SecretValue {
  Metadata metadata;
  SecretValueSpec spec;
  SecretValueInternal internal;  ///< stored, never shown
};
BOOST_DESCRIBE_STRUCT(SecretValue, (), (metadata, spec, internal))

}  // namespace weir::model

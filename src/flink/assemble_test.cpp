#include "flink/assemble.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "codec/describe_json.h"
#include "flink/capabilities.h"

namespace weir::flink {
namespace {

using Map = model::StringMap;

FlinkHome home_of(const std::string& version) {
  const std::string lib = "/flink/" + version + "/lib/";
  return {version,
          "/flink/" + version,
          "/java/bin/java",
          17,
          {lib + "flink-cep.jar", lib + "flink-dist-" + version + ".jar"},
          "/flink/" + version + "/.weir-archive/k-jm.jsa",
          "/flink/" + version + "/.weir-archive/k-tm.jsa",
          "",
          {}};
}

const JobContext kContext{"default", "dep-1", "word-count", "job-1", "/data/state/default/dep-1"};

Map effective(const Map& user, const std::string& version = "1.20.5") {
  model::TemplateSpec spec;
  spec.flink_configuration = user;
  const auto map = effective_configuration(spec, kContext, home_of(version));
  EXPECT_TRUE(map) << to_string(map.error());
  return map ? *map : Map();
}

struct Scene {
  explicit Scene(const Map& user = {}, const std::string& version = "1.20.5")
      : home(home_of(version)) {
    job.metadata.id = "11111111-2222-3333-4444-555555555555";
    job.spec.parallelism = 4;
    job.spec.resources.jobmanager = model::ResourceSpec{1.0, "1g"};
    job.spec.resources.taskmanager = model::ResourceSpec{1.0, "2g"};
    job.spec.flink_configuration = effective(user, version);
    cluster.metadata.id = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    cluster.metadata.deployment_id = "dep-1";
    cluster.attempt = 3;
    cluster.epoch = 7;
    cluster.task_managers = 2;
    cluster.slots_per_task_manager = 2;
    cluster.rest_port = 20001;
    cluster.rpc_port = 20002;
    cluster.blob_port = 20003;
  }
  Result<ClusterSpec> assemble(std::map<std::string, std::string> secrets = {}) const {
    return flink::assemble({job, cluster, home, kContext, std::move(secrets), "UTC"});
  }
  ClusterSpec good(std::map<std::string, std::string> secrets = {}) const {
    auto spec = assemble(std::move(secrets));
    EXPECT_TRUE(spec) << to_string(spec.error());
    return spec ? *std::move(spec) : ClusterSpec();
  }
  model::Job job;
  model::Cluster cluster;
  FlinkHome home;
};

bool has(const ProcessSpec& process, const std::string& argument) {
  return std::count(process.arguments.begin(), process.arguments.end(), argument) > 0;
}
std::string config_of(const ClusterSpec& spec) { return spec.files.front().content; }

// WEIR_UPDATE_GOLDEN=1 writes what is now; read the difference before committing it.
void expect_golden(const std::string& name, const ClusterSpec& spec) {
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/src/flink/testdata/" + name;
  const std::string now = codec::write_json(codec::to_node(spec), 1) + "\n";
  if (std::getenv("WEIR_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << now;
  std::ifstream file(path);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(now, expected.str()) << "run with WEIR_UPDATE_GOLDEN=1 if this is meant";
}

TEST(Assemble, TheWholeClusterOfTwoLines) {
  const Map user{{"execution.checkpointing.interval", "10s"},
                 {"env.java.opts.taskmanager", "-Dmine=1"},
                 {"s3.secret-key", "${key}"}};
  expect_golden("cluster-1.20.5.json", Scene(user, "1.20.5").good({{"key", "s3cr\"et"}}));
  expect_golden("cluster-2.3.0.json", Scene(user, "2.3.0").good({{"key", "s3cr\"et"}}));
}

TEST(Assemble, SecretsStandInOneFileOnly) {
  const Scene scene({{"s3.secret-key", "${key}"}});
  ClusterSpec spec = scene.good({{"key", "hidden"}});
  EXPECT_TRUE(spec.files.front().secret);
  EXPECT_NE(config_of(spec).find("s3.secret-key: \"hidden\""), std::string::npos);
  spec.files.erase(spec.files.begin());
  EXPECT_EQ(codec::to_json_text(spec).find("hidden"), std::string::npos);
  EXPECT_EQ(scene.assemble().error().reason, "SecretNotFound");
}

TEST(Assemble, TheUsersJavaOptionsAndCollectorWin) {
  const ClusterSpec plain = Scene().good();
  EXPECT_TRUE(has(plain.job_manager, "-XX:+UseSerialGC"));
  EXPECT_TRUE(has(plain.job_manager, "-XX:TieredStopAtLevel=1"));
  EXPECT_TRUE(has(plain.task_manager, "-XX:+UseG1GC"));
  EXPECT_FALSE(has(plain.task_manager, "-XX:TieredStopAtLevel=1"));
  const ClusterSpec spec =
      Scene({{"env.java.opts.all", "-Da='x y' -XX:+UseZGC"}, {"env.java.opts.jobmanager", "-Db=1"}})
          .good();
  for (const ProcessSpec& process : {spec.job_manager, spec.task_manager}) {
    EXPECT_TRUE(has(process, "-Da=x y"));
    EXPECT_TRUE(has(process, "-XX:+UseZGC"));
    EXPECT_FALSE(has(process, "-XX:+UseSerialGC"));
    EXPECT_FALSE(has(process, "-XX:+UseG1GC"));
  }
  EXPECT_TRUE(has(spec.job_manager, "-Db=1"));
  EXPECT_FALSE(has(spec.task_manager, "-Db=1"));
  const ClusterSpec other = Scene({{"env.java.home", "/other"}}).good();
  EXPECT_EQ(other.job_manager.executable, "/other/bin/java");
  for (const std::string& argument : other.job_manager.arguments)
    EXPECT_FALSE(argument.starts_with("-XX:SharedArchiveFile")) << "of another Java";
}

TEST(Assemble, WhatSaysWhereTheClusterIsCannotBeSet) {
  for (const char* key : {"rest.port", "jobmanager.rpc.address", "weir.cluster-id",
                          "blob.server.port", "web.upload.dir"}) {
    model::TemplateSpec spec;
    spec.flink_configuration = Map{{key, "1"}};
    const auto refused = effective_configuration(spec, kContext, home_of("1.20.5"));
    ASSERT_FALSE(refused) << key;
    EXPECT_EQ(refused.error().fields.front().path,
              std::string("spec.template.spec.flinkConfiguration.") + key);
  }
}

TEST(Configuration, TheUsersSpellingReplacesDefaultsUnderEveryName) {
  const Map map = effective({{"state.checkpoints.dir", "file:///mine/"},
                             {"state.checkpoints.num-retained", "7"},
                             {"heartbeat.timeout", "50000"},
                             {"pipeline.name", "{{namespace}}-{{deploymentName}}"}});
  EXPECT_EQ(map.at("execution.checkpointing.dir"), "file:///mine/");
  EXPECT_FALSE(map.contains("state.checkpoints.dir"));
  EXPECT_EQ(map.at("execution.checkpointing.num-retained"), "7");
  EXPECT_EQ(map.at("heartbeat.timeout"), "50000");
  EXPECT_EQ(map.at("pipeline.name"), "default-word-count");
  EXPECT_EQ(map.at("execution.checkpointing.externalized-checkpoint-retention"),
            "RETAIN_ON_CANCELLATION");
  const Map old = effective({{"execution.checkpointing.dir", "file:///mine"}}, "1.18.1");
  EXPECT_EQ(old.at("state.checkpoints.dir"), "file:///mine");
  EXPECT_EQ(old.at("state.savepoints.dir"), "file:///data/state/default/dep-1/savepoints");
  EXPECT_FALSE(old.contains("execution.checkpointing.dir"));
}

TEST(Configuration, AnEmptySavepointDirectoryIsNone) {
  EXPECT_EQ(effective({}).at("execution.checkpointing.savepoint-dir"),
            "file:///data/state/default/dep-1/savepoints");
  EXPECT_FALSE(
      effective({{"state.savepoints.dir", ""}}).contains("execution.checkpointing.savepoint-dir"));
}

TEST(Configuration, KeysOfOtherPlatformsAreUnderstood) {
  const Map map = effective({{"high-availability", "vvp-kubernetes"},
                             {"high-availability.type", "kubernetes"},
                             {"state.backend", "filesystem"}});
  for (const auto& [key, value] : map) EXPECT_FALSE(key.starts_with("high-availability")) << key;
  EXPECT_EQ(map.at("state.backend.type"), "hashmap");
  EXPECT_FALSE(map.contains("state.backend"));
  EXPECT_EQ(effective({{"state.backend", "rocksdb"}}, "1.18.1").at("state.backend"), "rocksdb");
  EXPECT_EQ(effective({{"state.backend", "filesystem"}}, "1.12.7").at("state.backend"),
            "filesystem");
}

TEST(Configuration, RestartsOnlyWhereFlinkWouldRestart) {
  EXPECT_FALSE(effective({}).contains("restart-strategy.type"));
  const Map with{{"execution.checkpointing.interval", "10s"}};
  EXPECT_EQ(effective(with).at("restart-strategy.type"), "exponential-delay");
  EXPECT_FALSE(
      effective({{"execution.checkpointing.interval", "0"}}).contains("restart-strategy.type"));
  Map own = with;
  own["restart-strategy"] = "none";
  EXPECT_EQ(effective(own).at("restart-strategy.type"), "none");
  EXPECT_FALSE(effective(own).contains("restart-strategy.exponential-delay.initial-backoff"));
}

TEST(CheckpointDirectory, IsTheAttemptsOwnInTheUsersDirectoryToo) {
  const Scene ours;
  EXPECT_EQ(checkpoint_directory(ours.job, 3, kContext),
            "file:///data/state/default/dep-1/checkpoints/jobs/" + ours.job.metadata.id + "/a3");
  EXPECT_NE(config_of(ours.good()).find(checkpoint_directory(ours.job, 3, kContext)),
            std::string::npos);
  const Scene theirs({{"state.checkpoints.dir", "s3://bucket/x/"}});
  EXPECT_EQ(checkpoint_directory(theirs.job, 1, kContext),
            "s3://bucket/x/jobs/" + theirs.job.metadata.id + "/a1");
}

std::string configuration_of(const ClusterSpec& spec) { return spec.files.front().content; }

TEST(InternalTls, TheKeyIsWeirsUnlessTheUserNamesOne) {
  const Scene scene({{"security.ssl.internal.enabled", "true"}});
  const ClusterSpec spec = scene.good();
  EXPECT_TRUE(spec.internal_key);
  const std::string text = configuration_of(spec);
  for (const char* key : {"keystore", "truststore"})
    EXPECT_NE(text.find(std::string("security.ssl.internal.") + key +
                        ": \"@INSTANCE@/conf/internal.p12\""),
              std::string::npos)
        << text;
  EXPECT_NE(text.find("internal.key-password: \"@INTERNAL_PASSWORD@\""), std::string::npos);
  EXPECT_NE(text.find("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), std::string::npos);
  const Scene own(
      {{"security.ssl.internal.enabled", "true"}, {"security.ssl.internal.keystore", "/own.jks"}});
  EXPECT_FALSE(own.good().internal_key);
  EXPECT_EQ(configuration_of(own.good()).find("internal.p12"), std::string::npos);
  EXPECT_FALSE(Scene().good().internal_key);
}

TEST(InternalTls, TheModelProductsAnnotationsSwitchFlinksOptions) {
  model::Template of;
  of.metadata.emplace().annotations =
      Map{{"flink.security.ssl.enabled", "true"}, {"flink.queryable-state.enabled", "false"}};
  EXPECT_EQ(user_configuration(of), (Map{{"security.ssl.internal.enabled", "true"}}));
  of.spec.emplace().flink_configuration = Map{{"security.ssl.internal.enabled", "false"}};
  EXPECT_EQ(user_configuration(of).at("security.ssl.internal.enabled"), "false");
}

TEST(QueryableState, NeedsItsServer) {
  model::TemplateSpec wanted;
  wanted.flink_configuration = Map{{"queryable-state.enable", "true"}};
  FlinkHome home = home_of("1.20.5");
  const auto refused = effective_configuration(wanted, kContext, home);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields.at(0).path,
            "spec.template.spec.flinkConfiguration.queryable-state.enable");
  home.queryable_state_jar = "/flink/1.20.5/opt/flink-queryable-state-runtime-1.20.5.jar";
  const auto good = effective_configuration(wanted, kContext, home);
  ASSERT_TRUE(good);
  EXPECT_TRUE(good->contains("queryable-state.proxy.ports"));
  Scene scene;
  scene.home = home;
  scene.job.spec.flink_configuration = *good;
  const ClusterSpec spec = scene.good();
  const auto& arguments = spec.task_manager.arguments;
  const auto option = std::find(arguments.begin(), arguments.end(), "-cp");
  ASSERT_NE(option, arguments.end());
  EXPECT_TRUE((option + 1)->ends_with(*home.queryable_state_jar));
}

TEST(Logging, ATemplateOfTheUserIsTakenWithItsFormat) {
  Scene scene;
  scene.job.spec.logging.log4j2_configuration_template =
      "<Configuration level=\"{{ rootLoggerLogLevel }}\"/>";
  scene.job.spec.logging.log4j_loggers = Map{{"", "DEBUG"}};
  const ClusterSpec spec = scene.good();
  EXPECT_EQ(spec.files.back().path, "conf/log4j.xml");
  EXPECT_EQ(spec.files.back().content, "<Configuration level=\"DEBUG\"/>");
  EXPECT_TRUE(has(spec.task_manager, "-Dlog4j.configurationFile=file:@INSTANCE@/conf/log4j.xml"));
  scene.job.spec.logging.log4j2_configuration_template.reset();
  scene.job.spec.logging.log4j_loggers = Map{{"", "WARN"}, {"org.x", "DEBUG"}};
  const std::string text = scene.good().files.back().content;
  EXPECT_NE(text.find("rootLogger.level = WARN"), std::string::npos);
  EXPECT_NE(text.find("logger.user0.name = org.x\nlogger.user0.level = DEBUG"), std::string::npos);
}

TEST(Capabilities, FollowTheLines) {
  EXPECT_FALSE(capabilities_of("1.6.4").own_job_id);
  EXPECT_TRUE(capabilities_of("1.8.0").own_job_id);
  EXPECT_FALSE(capabilities_of("1.14.6").client_trigger_id);
  EXPECT_TRUE(capabilities_of("1.15").client_trigger_id);
  EXPECT_FALSE(capabilities_of("1.18.1").config_yaml);
  EXPECT_TRUE(capabilities_of("1.20.5").claim_mode);
  EXPECT_TRUE(capabilities_of("2.3.0").claim_mode);
  for (const char* wrong : {"", "a", "1.", "1.2.3.4", "1.20.x"})
    EXPECT_FALSE(parse_version(wrong)) << wrong;
  EXPECT_GT(*parse_version("1.20.12"), *parse_version("1.20.5"));
}

}  // namespace
}  // namespace weir::flink

#include <gtest/gtest.h>

#include "codec/describe_json.h"
#include "codec/yaml.h"
#include "model/defaults.h"
#include "model/documents.h"
#include "model/event_names.h"
#include "model/fork.h"
#include "model/job_relevant.h"
#include "model/label_selector.h"
#include "model/placeholders.h"
#include "model/restore_choice.h"
#include "model/slots.h"
#include "model/validation.h"

namespace weir::model {
namespace {

Deployment deployment_from(const std::string& yaml, DeploymentSpec global = {}) {
  codec::Node body = *codec::parse_yaml(yaml);
  EXPECT_TRUE(clean_request(body, "Deployment", "default", nullptr));
  body.set("spec", apply_defaults(*body.find("spec"), global, {}));
  auto deployment = codec::from_node<Deployment>(body);
  EXPECT_TRUE(deployment) << to_string(deployment.error());
  return *deployment;
}

constexpr char kSmall[] = R"(
metadata: {name: word-count, namespace: default, id: ignored, resourceVersion: 20}
spec:
  upgradeStrategy: STATELESS
  template:
    spec:
      artifact: {kind: jar, jarUri: "file:///x.jar", flinkVersion: 1.20}
      flinkConfiguration: {a.b: true, c.d: 4}
)";

TEST(Defaults, FillWhatTheRequestLeavesOut) {
  const Deployment d = deployment_from(kSmall);
  EXPECT_EQ(d.spec.state, DesiredState::CANCELLED);
  EXPECT_EQ(d.spec.upgrade_strategy->kind, UpgradeStrategyKind::STATELESS);
  EXPECT_EQ(d.spec.max_job_creation_attempts, 4);
  const TemplateSpec& job = *d.spec.template_->spec;
  EXPECT_EQ(job.artifact->flink_version, "1.20");
  EXPECT_EQ(job.resources->taskmanager->memory, "2G");
  EXPECT_EQ(job.flink_configuration->at("a.b"), "true");
  EXPECT_TRUE(validate(d));
}

TEST(Defaults, LayersMergeDeeplyAndOtherKindsReplace) {
  DeploymentSpec global;
  global.state = DesiredState::RUNNING;
  global.restore_strategy = RestoreStrategy{RestoreStrategyKind::LATEST_SAVEPOINT, true};
  global.template_ = Template{std::nullopt, TemplateSpec{}};
  global.template_->spec->flink_configuration = StringMap{{"x", "1"}, {"a.b", "false"}};
  const Deployment d = deployment_from(kSmall, global);
  EXPECT_EQ(d.spec.state, DesiredState::RUNNING);
  EXPECT_EQ(*d.spec.template_->spec->flink_configuration,
            (StringMap{{"x", "1"}, {"a.b", "true"}, {"c.d", "4"}}));
  EXPECT_EQ(d.spec.restore_strategy->kind, RestoreStrategyKind::LATEST_SAVEPOINT);
}

TEST(PatchSpec, AnotherKindDropsTheOldKindsMembers) {
  codec::Node document = *codec::parse_json(
      R"({"spec":{"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"x"}}},"deploymentTargetId":"1"}})");
  patch_spec(
      document,
      *codec::parse_json(
          R"({"spec":{"template":{"spec":{"artifact":{"kind":"SQLSCRIPT","sqlScript":"s"}}},"deploymentTargetName":"t"}})"));
  EXPECT_EQ(
      codec::write_json(document),
      R"({"spec":{"template":{"spec":{"artifact":{"kind":"SQLSCRIPT","sqlScript":"s"}}},"deploymentTargetName":"t"}})");
}

TEST(Refill, RemovedMapEntriesStayRemoved) {
  DeploymentSpec global;
  global.template_ = Template{std::nullopt, TemplateSpec{}};
  global.template_->spec->flink_configuration = StringMap{{"x", "1"}};
  const codec::Node spec = *codec::parse_json(R"({"template":{"spec":{"flinkConfiguration":{}}}})");
  const auto refilled = codec::from_node<DeploymentSpec>(refill_structure(spec, global, {}));
  ASSERT_TRUE(refilled);
  EXPECT_TRUE(refilled->template_->spec->flink_configuration->empty());
  EXPECT_EQ(refilled->template_->spec->parallelism, 1);
}

TEST(Validation, NamesEveryBrokenField) {
  Deployment d = deployment_from(kSmall);
  d.metadata.name = "Bad Name";
  d.spec.max_job_creation_attempts = 0;
  d.spec.template_->spec->parallelism = 0;
  d.spec.template_->spec->resources->jobmanager->cpu = 0.05;
  d.spec.template_->spec->resources->taskmanager->memory = "1 potato";
  d.spec.template_->spec->artifact->jar_uri.reset();
  d.spec.template_->spec->flink_configuration->emplace("k", "{{nope}}");
  d.spec.template_->spec->logging->log4j_loggers->emplace("org", "LOUD");
  const Status status = validate(d);
  ASSERT_FALSE(status);
  std::vector<std::string> paths;
  for (const FieldError& field : status.error().fields) paths.push_back(field.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"metadata.name", "spec.maxJobCreationAttempts",
                                             "spec.template.spec.artifact.jarUri",
                                             "spec.template.spec.parallelism",
                                             "spec.template.spec.resources.jobmanager.cpu",
                                             "spec.template.spec.resources.taskmanager.memory",
                                             "spec.template.spec.flinkConfiguration.k",
                                             "spec.template.spec.logging.log4jLoggers.org"}));
}

TEST(Slots, FollowTheRule) {
  const auto slots = [](int parallelism, std::optional<int> managers,
                        std::optional<std::string> per) {
    TemplateSpec spec;
    spec.parallelism = parallelism;
    spec.number_of_task_managers = managers;
    spec.flink_configuration = StringMap{};
    if (per) spec.flink_configuration->emplace("taskmanager.numberOfTaskSlots", *per);
    const auto result = slots_of(spec);
    return result ? std::pair(result->task_managers, result->slots_per_task_manager)
                  : std::pair(0, 0);
  };
  EXPECT_EQ(slots(3, {}, {}), std::pair(3, 1));
  EXPECT_EQ(slots(5, {}, "2"), std::pair(3, 2));
  EXPECT_EQ(slots(5, 2, {}), std::pair(2, 3));
  EXPECT_EQ(slots(4, 2, "2"), std::pair(2, 2));
  EXPECT_EQ(slots(5, 2, "2"), std::pair(0, 0));
  EXPECT_EQ(slots(1, {}, "x"), std::pair(0, 0));
}

TEST(LabelSelector, MatchesAsKubernetesDoes) {
  const StringMap labels{{"team", "a"}, {"env", "prod"}};
  for (const char* yes : {"", "team=a", "team==a", "team!=b", "team in (a,b)", "env notin (dev)",
                          "team,env=prod", "!other", "other!=x", "other notin (x)"})
    EXPECT_TRUE(LabelSelector::parse(yes)->matches(labels)) << yes;
  for (const char* no : {"team=b", "team!=a", "team in (b)", "other", "!team", "team=a,env=dev"})
    EXPECT_FALSE(LabelSelector::parse(no)->matches(labels)) << no;
  for (const char* bad : {"=a", "team in a", "a b", "team in (a", ",", "a=b=c"})
    EXPECT_FALSE(LabelSelector::parse(bad)) << bad;
}

TEST(Placeholders, AreReplacedAndChecked) {
  EXPECT_EQ(replace_placeholders("a/{{ jobId }}/{{x}}", {{"jobId", "7"}}), "a/7/{{x}}");
  EXPECT_EQ(unknown_placeholder("{{jobId}} {{ nope }}"), "nope");
  EXPECT_EQ(secret_names("${a}-${b}-${a}-${no way}"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*resolve_secrets("x${a}y${no way}", {{"a", "1"}}), "x1y${no way}");
  EXPECT_EQ(resolve_secrets("${q}", {}).error().reason, "SecretNotFound");
}

RestorePoint make_point(RestorePointKind kind, int chain, int attempt, std::int64_t id,
                        const std::string& job = "j") {
  RestorePoint point;
  point.metadata.job_id = job;
  point.kind = kind;
  point.chain_position = chain;
  point.attempt = attempt;
  point.checkpoint_id = id;
  point.location = std::to_string(chain) + "/" + std::to_string(attempt) + "/" + std::to_string(id);
  return point;
}

TEST(RestoreChoice, OrdersByChainAndCheckpointNeverByTime) {
  auto late = make_point(RestorePointKind::CHECKPOINT, 1, 1, 9);
  late.metadata.created_at = WallTime(std::chrono::hours(1000));
  auto early = make_point(RestorePointKind::CHECKPOINT, 2, 1, 3);
  early.metadata.created_at = WallTime(std::chrono::hours(1));
  const auto choice = choose_for_start(RestoreStrategyKind::LATEST_STATE, {late, early});
  EXPECT_EQ(choice.location, "2/1/3");
}

TEST(RestoreChoice, SavepointStrategyIgnoresCheckpoints) {
  const auto choice = choose_for_start(RestoreStrategyKind::LATEST_SAVEPOINT,
                                       {make_point(RestorePointKind::CHECKPOINT, 1, 1, 9),
                                        make_point(RestorePointKind::SAVEPOINT, 1, 1, 4)});
  EXPECT_EQ(choice.location, "1/1/4");
  EXPECT_EQ(choose_for_start(RestoreStrategyKind::NONE,
                             {make_point(RestorePointKind::SAVEPOINT, 1, 1, 4)})
                .what,
            RestoreChoice::What::kNothing);
}

TEST(RestoreChoice, RegisteredSavepointIsNewestUntilALaterJobRan) {
  const auto registered = make_point(RestorePointKind::COPIED, 1, kRegisteredAttempt, 1);
  const auto before = make_point(RestorePointKind::CHECKPOINT, 1, 2, 9);
  const auto after = make_point(RestorePointKind::CHECKPOINT, 2, 1, 3);
  const auto strategy = RestoreStrategyKind::LATEST_STATE;
  EXPECT_EQ(choose_for_start(strategy, {registered, before}).location, registered.location);
  EXPECT_EQ(choose_for_start(strategy, {registered, before, after}).location, after.location);
}

TEST(RestoreChoice, RecoveryStaysWithTheJob) {
  Job job;
  job.metadata.id = "j";
  job.spec.savepoint_location = "start";
  EXPECT_EQ(choose_for_recovery(job, {make_point(RestorePointKind::CHECKPOINT, 2, 1, 5, "other"),
                                      make_point(RestorePointKind::COPIED, 9, 9, 9)})
                .location,
            "start");
  EXPECT_EQ(choose_for_recovery(job, {make_point(RestorePointKind::CHECKPOINT, 1, 1, 5),
                                      make_point(RestorePointKind::CHECKPOINT, 1, 2, 6)})
                .location,
            "1/2/6");
  auto broken = make_point(RestorePointKind::CHECKPOINT, 1, 2, 7);
  broken.usable = false;
  EXPECT_EQ(choose_for_recovery(job, {make_point(RestorePointKind::CHECKPOINT, 1, 2, 6), broken})
                .location,
            "1/2/6");
}

TEST(RestoreChoice, AResetIsObeyedOrNothingStarts) {
  const ResetPointer reset{"1/1/4", "sp", 1};
  const auto there = make_point(RestorePointKind::SAVEPOINT, 1, 1, 4);
  EXPECT_EQ(
      choose_for_reset(reset, {make_point(RestorePointKind::CHECKPOINT, 1, 1, 9), there}).location,
      "1/1/4");
  EXPECT_EQ(choose_for_reset(reset, {}).what, RestoreChoice::What::kMissing);
  auto broken = there;
  broken.usable = false;
  EXPECT_EQ(choose_for_reset(reset, {broken}).what, RestoreChoice::What::kMissing);
  Job job;
  job.spec.savepoint_location = "1/1/4";
  job.internal.chain_position = 2;
  EXPECT_FALSE(uses_reset(job, reset)) << "it never ran";
  job.internal.ran = true;
  EXPECT_TRUE(uses_reset(job, reset));
  job.internal.chain_position = 1;
  EXPECT_FALSE(uses_reset(job, reset)) << "it began there before";
}

TEST(Savepoint, OnlyTheDirectoryOfItsOwnRequestIsItsOwn) {
  const auto directory = [](const char* origin, const char* location) {
    Savepoint savepoint;
    savepoint.metadata.id = "id-1";
    savepoint.metadata.origin = origin;
    savepoint.spec.savepoint_location = location;
    return own_directory(savepoint).value_or("none");
  };
  EXPECT_EQ(directory("USER_REQUEST", "file:/sp/id-1/savepoint-ab"), "file:/sp/id-1");
  EXPECT_EQ(directory("SUSPEND", "/sp/id-1/savepoint-ab"), "/sp/id-1");
  EXPECT_EQ(directory("COPIED", "file:/sp/id-1/savepoint-ab"), "none");
  EXPECT_EQ(directory("RETAINED_CHECKPOINT", "file:/c/id-1/chk-3"), "none");
  EXPECT_EQ(directory("USER_REQUEST", "file:/home/user/savepoint-ab"), "none");
  EXPECT_EQ(directory("USER_REQUEST", "file:/sp/xid-1/savepoint-ab"), "none");
  EXPECT_EQ(directory("USER_REQUEST", "file:/sp/id-1/../savepoint-ab"), "none");
  EXPECT_EQ(directory("USER_REQUEST", "file:/sp/id-1/chk-3"), "none");
  EXPECT_EQ(directory("USER_REQUEST", "nothing"), "none");
}

TEST(Fork, NamesFitAndSharedArgumentsAreTold) {
  EXPECT_EQ(fork_name("Word Count", 1), "fork-of-word-count");
  EXPECT_EQ(fork_name("word-count", 3), "fork-of-word-count-3");
  const std::string longest = fork_name(std::string(63, 'x'), 12);
  EXPECT_EQ(longest.size(), 63U);
  EXPECT_TRUE(longest.ends_with("-12"));
  DeploymentSpec spec;
  EXPECT_EQ(fork_warnings("a", spec, false).size(), 1U);
  EXPECT_NE(fork_warnings("a", spec, true).at(1).find("FileSink"), std::string::npos);
  spec.template_.emplace().spec.emplace().artifact.emplace().main_args =
      "--topic in --rate 5 --output=/x --group";
  const auto warnings = fork_warnings("a", spec, false);
  ASSERT_EQ(warnings.size(), 4U);
  EXPECT_EQ(warnings[1], "Both have the argument '--topic in'.");
  EXPECT_EQ(warnings[2], "Both have the argument '--output=/x'.");
  EXPECT_EQ(warnings[3], "Both have the argument '--group'.");
}

TEST(Documents, SystemAnnotationsAreDroppedWhereverMetadataStands) {
  codec::Node body = *codec::parse_yaml(R"(
kind: Deployment
apiVersion: v1
status: {state: RUNNING}
metadata:
  name: a
  annotations: {com.dataartisans.appmanager.controller.deployment.spec.version: "9", mine: "1"}
spec: {}
)");
  ASSERT_TRUE(clean_request(body, "Deployment", "default", nullptr));
  const codec::Node* annotations = body.find("metadata")->find("annotations");
  EXPECT_EQ(annotations->members.size(), 1u);
  EXPECT_NE(annotations->find("mine"), nullptr);
}

TEST(Documents, StoredFormKeepsWhatTheApiHides) {
  Deployment d = deployment_from(kSmall);
  d.internal.epoch = 7;
  const std::string shown = to_api_json(d);
  EXPECT_EQ(shown.find("epoch"), std::string::npos);
  EXPECT_TRUE(shown.starts_with(R"({"kind":"Deployment","apiVersion":"v1","metadata":{"id":)"));
  const auto back = from_stored_json(Kind::Deployment, to_stored_json(d));
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<Deployment>(*back).internal.epoch, 7);
  SecretValue secret;
  secret.spec.value = "geheim";
  EXPECT_EQ(to_api_json(secret).find("geheim"), std::string::npos);
}

TEST(CleanRequest, RefusesWhatDoesNotBelong) {
  const auto cleaned = [](const char* text) {
    codec::Node body = *codec::parse_json(text);
    const std::string name = "n";
    return clean_request(body, "Deployment", "default", &name).has_value();
  };
  EXPECT_TRUE(cleaned(
      R"({"kind":"deployment","metadata":{"name":"n","createdAt":"0001-01-01T00:00:00Z"},"status":{}})"));
  EXPECT_FALSE(cleaned(R"({"kind":"Job"})"));
  EXPECT_FALSE(cleaned(R"({"apiVersion":"v2"})"));
  EXPECT_FALSE(cleaned(R"({"metadata":{"namespace":"other"}})"));
  EXPECT_FALSE(cleaned(R"({"metadata":{"name":"other"}})"));
  EXPECT_FALSE(cleaned("[]"));
}

TEST(SameJob, OnlyJobRelevantMembersCount) {
  const Deployment a = deployment_from(kSmall);
  Deployment b = a;
  b.spec.state = DesiredState::RUNNING;
  b.spec.max_job_creation_attempts = 9;
  EXPECT_TRUE(same_job(a.spec, b.spec));
  b.spec.template_->spec->parallelism = 2;
  EXPECT_FALSE(same_job(a.spec, b.spec));
}

static_assert(is_event_name("EXTERNAL") && !is_event_name("SOMETHING_NEW"));

}  // namespace
}  // namespace weir::model

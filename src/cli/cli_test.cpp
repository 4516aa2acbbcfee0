#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "async/event_loop.h"
#include "cli/cli_bench.h"
#include "cli/commands.h"
#include "cli/feed.h"
#include "cli/field.h"
#include "codec/json_text.h"
#include "net/http_server.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

TEST_F(CliTest, GetShowsATableForPeopleAndTheDocumentForPrograms) {
  server_.replies["GET " + kBase + "/deployments"] = {
      {200, R"({"items":[)" +
                deployment("RUNNING", R"({"state":"TRANSITIONING","transition":)"
                                      R"({"waitingFor":"2 of 4 slots"}})") +
                "]}"}};
  const Outcome table = run_weir(server_, {"get", "deployments"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_EQ(table.out,
            "NAME  STATE          DESIRED  FLINK    PARALLELISM  AGE  DETAIL\n"
            "a     TRANSITIONING  RUNNING  default  -            -    waits for 2 of 4 slots\n");
  const Outcome json = run_weir(server_, {"get", "deploy", "-o", "json"});
  EXPECT_EQ(text_at(codec::parse_json(json.out)->find("items")->items[0], "metadata.name"), "a");
  EXPECT_EQ(run_weir(server_, {"get", "deployments", "-o", "name"}).out, "deployment/a\n");
}

TEST_F(CliTest, ASelectorAndADeploymentNarrowAList) {
  server_.replies["GET " + kBase + "/deployments/a"] = {{200, deployment("RUNNING", "{}")}};
  server_.replies["GET " + kBase + "/jobs?labelSelector=team%3Dx&deploymentId=d1"] = {
      {200, R"({"items":[]})"}};
  const Outcome outcome = run_weir(server_, {"get", "jobs", "-d", "a", "-l", "team=x"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("There are no jobs"), std::string::npos);
}

TEST_F(CliTest, AnErrorOfTheServerIsToldWithItsFieldsAndItsExitCode) {
  server_.replies["GET " + kBase + "/deployments/a"] = {
      {400, R"({"statusCode":400,"message":"The deployment is not valid.","code":)"
            R"("INVALID_ARGUMENT","errors":[{"attribute":"spec.template","message":"is missing",)"
            R"("reason":"isMissing"}]})"}};
  const Outcome outcome = run_weir(server_, {"get", "deployment", "a"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err, "weir: The deployment is not valid.\n  spec.template: is missing\n");
  EXPECT_EQ(run_weir(server_, {"get", "deployment", "b"}).exit_code, 3);
  EXPECT_EQ(run_weir(server_, {"get", "nonsense"}).exit_code, 2);
}

TEST(Cli, AFieldThatTheMessageNamesIsNotToldTwice) {
  std::ostringstream out, err;
  Terminal terminal{out, err};
  Error error(Code::kInvalidArgument, "a.b must be a number.");
  error.fields = {{"a.b", "must be a number.", ""}, {"c", "is missing.", ""}};
  print_error(terminal, error);
  EXPECT_EQ(err.str(), "weir: a.b must be a number.\n  c: is missing.\n");
}

TEST_F(CliTest, AStatusAloneDecidesWhereTheBodySaysNothing) {
  EXPECT_EQ(error_of_answer(412, "").code, Code::kConflict);
  EXPECT_EQ(error_of_answer(404, "<html>").code, Code::kNotFound);
  EXPECT_EQ(error_of_answer(409, R"({"message":"m","code":"FAILED_PRECONDITION"})").code,
            Code::kFailedPrecondition);
  EXPECT_EQ(error_of_answer(500, "{}").message, "The server answered 500 Internal Server Error.");
}

TEST(Cli, AServerThatIsNotThereIsToldWithWhatToDo) {
  run_blocking([](Environment env) -> Task<void> {
    Client client(env, "http://127.0.0.1:1/");
    auto answer = co_await client.get("/api/v1/status");
    EXPECT_FALSE(answer);
    EXPECT_EQ(code_traits(answer.error().code).exit_code, 8);
    EXPECT_NE(answer.error().message.find("No Weir server answers at http://127.0.0.1:1 "),
              std::string::npos);
    EXPECT_NE(answer.error().message.find("weir server"), std::string::npos);
  });
}

TEST_F(CliTest, ApplyCreatesSecretsFirstAndSaysWhatChanged) {
  const std::string file = write("all.yaml",
                                 "kind: Deployment\nmetadata:\n  name: a\nspec:\n  parallelism: 2\n"
                                 "---\nkind: SecretValue\nmetadata:\n  name: s\nspec:\n"
                                 "  kind: PLAIN\n  value: x\n");
  server_.replies["POST " + kBase + "/secret-values"] = {{201, R"({"metadata":{"name":"s"}})"}};
  server_.replies["PUT " + kBase + "/deployments/a"] = {{201, deployment("CANCELLED", "{}")}};
  const Outcome outcome = run_weir(server_, {"apply", "-f", file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "secret-value/s created\ndeployment/a created\n");
}

TEST_F(CliTest, ApplyKeepsTheStateThatAFileDoesNotSayAndTellsUnchanged) {
  const std::string file = write("a.json", R"({"kind":"Deployment","metadata":{"name":"a"},)"
                                           R"("spec":{"maxJobCreationAttempts":4}})");
  const std::string path = kBase + "/deployments/a";
  server_.replies["GET " + path] = {{200, deployment("RUNNING", R"({"state":"RUNNING"})")}};
  server_.replies["PUT " + path] = {{200, deployment("RUNNING", R"({"state":"TRANSITIONING"})")}};
  EXPECT_EQ(run_weir(server_, {"apply", "-f", file}).out, "deployment/a unchanged\n");
  EXPECT_EQ(text_at(*codec::parse_json(server_.bodies.back()), "spec.state"), "RUNNING");
  server_.replies["PUT " + path + "?dryRun=true"] = {{200, deployment("CANCELLED", "{}")}};
  EXPECT_EQ(run_weir(server_, {"apply", "-f", file, "--dry-run"}).out,
            "deployment/a configured (dry run)\n");
}

TEST_F(CliTest, ApplyReadsADirectoryAndNamesTheBrokenFile) {
  write("1.yaml", "kind: DeploymentDefaults\nspec:\n  state: RUNNING\n");
  write("notes.txt", "not: read");
  server_.replies["PATCH " + kBase + "/deployment-defaults"] = {{200, "{}"}};
  server_.replies["GET " + kBase + "/deployment-defaults"] = {
      {200, R"({"metadata":{"namespace":"default"},"spec":{"state":"CANCELLED"}})"}};
  EXPECT_EQ(run_weir(server_, {"apply", "-f", directory_.string()}).exit_code, 0);
  write("2.yaml", "kind: Job\n");
  const std::size_t asked = server_.requests.size();
  const Outcome outcome = run_weir(server_, {"apply", "-f", directory_.string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("2.yaml: a Job cannot be applied"), std::string::npos) << outcome.err;
  EXPECT_EQ(server_.requests.size(), asked) << "nothing is applied if one document is wrong";
}

TEST_F(CliTest, WaitFollowsTheFeedUntilTheStateIsReached) {
  const std::string path = kBase + "/deployments/a";
  server_.replies["GET " + path] = {
      {200,
       deployment("RUNNING", R"({"state":"TRANSITIONING","transition":{"phase":"SPIN_UP"}})")}};
  server_.replies["GET /api/v1/watch?namespace=default&kinds=Deployment&deploymentId=d1"] = {
      {200,
       "id: 7\nevent: added\ndata: {\"type\":\"ADDED\",\"object\":" +
           deployment("RUNNING", R"({"state":"TRANSITIONING"})") + "}\n\n: \n\n" +
           "id: 8\nevent: modified\ndata: {\"type\":\"MODIFIED\",\"object\":" +
           deployment("RUNNING", R"({"state":"RUNNING"})") + "}\n\n",
       "text/event-stream"}};
  const Outcome outcome = run_weir(server_, {"wait", "a", "--for", "state=running"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "deployment/a is RUNNING\n");
  EXPECT_EQ(outcome.err, "a: TRANSITIONING (SPIN_UP)\na: TRANSITIONING\n");
}

TEST_F(CliTest, WaitAsksWhereThereIsNoFeed) {
  const std::string path = kBase + "/deployments/a";
  server_.replies["GET " + path] = {{200, deployment("CANCELLED", R"({"state":"TRANSITIONING"})")},
                                    {200, deployment("CANCELLED", R"({"state":"CANCELLED"})")}};
  EXPECT_EQ(run_weir(server_, {"wait", "a", "--for", "state=CANCELLED"}).exit_code, 0);
}

TEST_F(CliTest, WaitFailsEarlyWithTheFailuresSentence) {
  const std::string path = kBase + "/deployments/a";
  server_.replies["GET " + path] = {
      {200, deployment("RUNNING", R"({"state":"FAILED","failure":)"
                                  R"({"message":"No jar at x.","reason":"R"}})")}};
  const Outcome outcome = run_weir(server_, {"wait", "a", "--for", "state=RUNNING"});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_EQ(outcome.err, "weir: Deployment a is FAILED: No jar at x.\n");
  EXPECT_EQ(run_weir(server_, {"wait", "a", "--for", "state=FAILED"}).exit_code, 0);
  EXPECT_EQ(run_weir(server_, {"wait", "a", "--for", "ready"}).exit_code, 2);
}

TEST_F(CliTest, WaitGivesUpInTimeAndSaysWhatWasSeen) {
  server_.replies["GET " + kBase + "/deployments/a"] = {
      {200, deployment("RUNNING", R"({"state":"TRANSITIONING"})")}};
  const Outcome outcome =
      run_weir(server_, {"wait", "a", "--for", "state=RUNNING", "--timeout", "50ms"});
  EXPECT_EQ(outcome.exit_code, 9);
  EXPECT_NE(outcome.err.find("is not RUNNING after 50 ms. Last seen: a: TRANSITIONING"),
            std::string::npos)
      << outcome.err;
}

TEST_F(CliTest, AFailureFromBeforeAStartDoesNotEndItsWait) {
  const std::string path = kBase + "/deployments/a";
  const std::string failed = R"({"state":"FAILED","failure":{"message":"old"}})";
  server_.replies["GET " + path] = {{200, deployment("CANCELLED", failed)},
                                    {200, deployment("RUNNING", failed)},
                                    {200, deployment("RUNNING", R"({"state":"RUNNING"})")}};
  server_.replies["PATCH " + path] = {{200, deployment("RUNNING", failed)}};
  const Outcome outcome = run_weir(server_, {"start", "a", "--wait"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "deployment/a is RUNNING\n");
}

TEST_F(CliTest, StartSaysHowToRunAFailedDeploymentAgain) {
  const std::string path = kBase + "/deployments/a";
  server_.replies["GET " + path] = {
      {200, deployment("RUNNING", R"({"state":"FAILED","failure":{"message":"why"}})")}};
  const Outcome outcome = run_weir(server_, {"start", "a"});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_NE(outcome.err.find("weir cancel a --wait"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("why"), std::string::npos) << outcome.err;
}

TEST_F(CliTest, CancelOfAProductionJobAsksThePersonAtTheTerminal) {
  const std::string path = kBase + "/deployments/a";
  const std::string running = deployment("RUNNING", R"({"state":"RUNNING"})");
  server_.replies["GET " + path] = {{200, running}};
  server_.replies["PATCH " + path] = {{200, running}};
  std::istringstream no("\n");
  const Outcome kept = run_weir(server_, {"cancel", "a"}, &no);
  EXPECT_NE(kept.exit_code, 0);
  EXPECT_NE(kept.err.find("Cancel it? [y/N]"), std::string::npos) << kept.err;
  EXPECT_EQ(server_.bodies.size(), 1u) << "only asked for";
  std::istringstream yes("y\n"), silent;
  EXPECT_EQ(run_weir(server_, {"cancel", "a"}, &yes).exit_code, 0);
  EXPECT_EQ(run_weir(server_, {"cancel", "a", "--yes"}, &silent).exit_code, 0);
  EXPECT_EQ(run_weir(server_, {"cancel", "a"}).exit_code, 0) << "a script is not asked";
}

TEST_F(CliTest, DeleteOfARunningDeploymentSaysWhatToDo) {
  server_.replies["DELETE " + kBase + "/deployments/a"] = {
      {409, R"({"message":"It is RUNNING.","code":"FAILED_PRECONDITION"})"}};
  const Outcome outcome = run_weir(server_, {"delete", "deployment", "a"});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_NE(outcome.err.find("It is RUNNING. Stop it first: 'weir cancel a --wait'"),
            std::string::npos)
      << outcome.err;
}

TEST_F(CliTest, EventsAreToldOldestFirst) {
  server_.replies["GET " + kBase + "/events"] = {
      {200,
       R"({"items":[{"metadata":{"id":"2","name":"LATER","createdAt":"2026-01-01T00:00:02Z"}},)"
       R"({"metadata":{"id":"1","name":"FIRST","createdAt":"2026-01-01T00:00:01Z"}}]})"}};
  const Outcome outcome = run_weir(server_, {"events", "-o", "name"});
  EXPECT_EQ(outcome.out, "event/1\nevent/2\n");
}

TEST_F(CliTest, FollowedEventsComeInOrderAndOnce) {
  const auto event = [](const std::string& id, const std::string& time) {
    return R"(data: {"type":"ADDED","object":{"metadata":{"id":")" + id + R"(","name":"E)" + id +
           R"(","createdAt":"2026-01-01T00:00:0)" + time + "Z\"}}}\n\n";
  };
  server_.replies["GET /api/v1/watch?namespace=default&kinds=Event&history=true"] = {
      {200,
       event("2", "2") + event("1", "1") + "data: {\"type\":\"BOOKMARK\"}\n\n" + event("2", "2") +
           event("3", "3"),
       "text/event-stream"},
      {404, R"({"message":"gone","code":"NOT_FOUND"})"}};
  const Outcome outcome = run_weir(server_, {"events", "-w", "-o", "name"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "E1\nE2\nE3\n");
}

TEST_F(CliTest, LogsNameTheProcessAndCopyTheText) {
  server_.replies["GET " + kBase +
                  "/deployments/a/logs?role=taskmanager&index=1&stream=out&tail=2048"] = {
      {200, "line\n", "text/plain"}};
  const Outcome outcome =
      run_weir(server_, {"logs", "a", "--taskmanager", "1", "--stdout", "--tail", "2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "line\n");
}

TEST_F(CliTest, AnUploadIsAMultipartBodyOfExactLength) {
  const std::string content(300'000, 'j');
  const std::string file = write("x.jar", content);
  server_.replies["POST /artifacts/v1/namespaces/default/artifacts:upload"] = {
      {200, R"({"artifact":{"filename":"x.jar","uri":"artifact://default/x.jar"}})"}};
  const Outcome outcome = run_weir(server_, {"artifact", "upload", file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "artifact://default/x.jar\n");
  const std::string& body = server_.bodies.back();
  EXPECT_NE(body.find("name=\"file\"; filename=\"x.jar\""), std::string::npos);
  EXPECT_NE(body.find(content + "\r\n--"), std::string::npos);
  EXPECT_EQ(run_weir(server_, {"artifact", "upload", file + "x"}).exit_code, 3);
}

TEST_F(CliTest, GarbageIsListedWithItsSum) {
  server_.replies["POST /api/v1/gc?dryRun=true"] = {
      {200, R"({"dryRun":true,"bytes":2048,"items":[{"path":"/d/c1","bytes":2048,)"
            R"("reason":"older than 7 d"}]})"}};
  const Outcome outcome = run_weir(server_, {"gc", "--dry-run"});
  EXPECT_EQ(outcome.out,
            "SIZE   REASON          PATH\n2 KiB  older than 7 d  /d/c1\n"
            "1 would be removed, 2 KiB\n");
}

TEST_F(CliTest, DescribeTellsTheStoryWithTheNextStep) {
  const auto document = codec::parse_json(
      deployment("RUNNING", R"({"state":"FAILED","failure":{"message":"No jar.","reason":"R"}})"));
  const auto jobs = codec::parse_json(R"({"items":[{"metadata":{"id":"j1"},"status":)"
                                      R"({"state":"FAILED"}}]})");
  const auto points = codec::parse_json(
      R"({"next":{"location":"s3://b/sp","why":"It was reset.","possible":true}})");
  std::string events = R"({"items":[)";
  for (int i = 20; i > 0; --i)
    events += R"({"metadata":{"name":"E)" + std::to_string(i) + R"("}})" + (i > 1 ? "," : "]}");
  const std::string text =
      describe_deployment(*document, *jobs, *codec::parse_json(events), *points, WallTime(), false);
  EXPECT_NE(text.find("From:                 s3://b/sp\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Why:                  It was reset.\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Observed state:         FAILED\n"), std::string::npos) << text;
  EXPECT_NE(text.find("weir cancel a --wait && weir start a"), std::string::npos) << text;
  EXPECT_NE(text.find("j1"), std::string::npos);
  EXPECT_NE(text.find("Events (the last 15 of 20)"), std::string::npos);
  EXPECT_LT(text.find("E6 "), text.find("E20 "));
  EXPECT_EQ(text.find("E5 "), std::string::npos);
}

const std::string kPoints = R"({"items":[],"next":{"location":"file:/b","why":"It is newest.",)"
                            R"("possible":true}})";

TEST_F(CliTest, SavepointsAreListedWithTheNextOne) {
  server_.replies["GET " + kBase + "/deployments/a"] = {{200, deployment("RUNNING", "{}")}};
  server_.replies["GET " + kBase + "/deployments/a/restore-points"] = {{200, kPoints}};
  server_.replies["GET " + kBase + "/savepoints?deploymentId=d1"] = {
      {200, R"({"items":[{"metadata":{"id":"s2","origin":"SUSPEND"},"spec":{"savepointLocation":)"
            R"("file:/b"},"status":{"state":"COMPLETED"}},{"metadata":{"id":"s1","origin":)"
            R"("USER_REQUEST"},"spec":{},"status":{"state":"FAILED"}}]})"}};
  EXPECT_EQ(run_weir(server_, {"savepoint", "list", "a"}).out,
            "ID  STATE      ORIGIN        AGE  NEXT  LOCATION\n"
            "s2  COMPLETED  SUSPEND       -    next  file:/b\n"
            "s1  FAILED     USER_REQUEST  -    -     -\n"
            "Next start: file:/b (It is newest.)\n");
}

TEST_F(CliTest, ASavepointIsWaitedFor) {
  server_.replies["GET " + kBase + "/deployments/a"] = {{200, deployment("RUNNING", "{}")}};
  server_.replies["POST " + kBase + "/savepoints"] = {{201, R"({"metadata":{"id":"s1"}})"}};
  server_.replies["GET " + kBase + "/savepoints/s1"] = {
      {200, R"({"status":{"state":"STARTED"}})"},
      {200, R"({"metadata":{"id":"s1"},"spec":{"savepointLocation":"file:/b"},)"
            R"("status":{"state":"COMPLETED"}})"}};
  const Outcome done = run_weir(server_, {"savepoint", "create", "a", "--wait"});
  EXPECT_EQ(done.out, "savepoint/s1 is complete: file:/b\n") << done.err;
  EXPECT_EQ(text_at(*codec::parse_json(server_.bodies[1]), "metadata.deploymentId"), "d1");
  server_.replies["GET " + kBase + "/savepoints/s1"] = {
      {200,
       R"({"metadata":{"id":"s1"},"status":{"state":"FAILED","failure":{"message":"Why."}}})"}};
  const Outcome failed = run_weir(server_, {"savepoint", "create", "a", "--wait"});
  EXPECT_EQ(failed.exit_code, 6);
  EXPECT_EQ(failed.err.substr(failed.err.rfind("weir:")), "weir: Savepoint s1 is FAILED: Why.\n");
}

TEST_F(CliTest, ADeletedSavepointIsWaitedForUntilItIsGone) {
  server_.replies["DELETE " + kBase + "/savepoints/s1?force=true"] = {{200, ""}};
  const Outcome gone = run_weir(server_, {"savepoint", "delete", "s1", "--force", "--wait"});
  EXPECT_EQ(gone.out, "savepoint/s1 is deleted\n") << gone.err;
  server_.replies["DELETE " + kBase + "/savepoints/s1"] = {
      {409, R"({"message":"Savepoint 's1' is the only one.","code":"CONFLICT"})"}};
  EXPECT_EQ(run_weir(server_, {"savepoint", "delete", "s1"}).exit_code, 4);
}

TEST_F(CliTest, ResetTakesAnIdOrALocation) {
  server_.replies["GET " + kBase + "/deployments/a"] = {{200, deployment("CANCELLED", "{}")}};
  server_.replies["POST " + kBase + "/deployments/a:reset"] = {
      {200, R"({"metadata":{"id":"s9"},"spec":{"savepointLocation":"file:/b"}})"}};
  const std::string id = "11111111-0000-4000-8000-000000000001";
  const Outcome outcome = run_weir(server_, {"reset", "a", "--to", id});
  EXPECT_EQ(outcome.out, "deployment/a is reset: its next start begins from file:/b\n");
  EXPECT_EQ(server_.bodies.back(), R"({"restorePointId":")" + id + R"("})");
  run_weir(server_, {"reset", "a", "--to", "file:/b"});
  EXPECT_EQ(server_.bodies.back(), R"({"location":"file:/b"})");
}

TEST_F(CliTest, AForkIsToldWithItsWarnings) {
  server_.replies["GET " + kBase + "/deployments/a"] = {{200, deployment("CANCELLED", "{}")}};
  server_.replies["POST " + kBase + "/deployments/a:fork"] = {
      {201, R"({"deployment":{"metadata":{"name":"fork-of-a"}},"warnings":["Both share."]})"}};
  const Outcome outcome = run_weir(server_, {"fork", "a", "--from-savepoint", "s1"});
  EXPECT_EQ(outcome.out, "deployment/fork-of-a created, CANCELLED\n");
  EXPECT_EQ(outcome.err, "warning: Both share.\n");
  EXPECT_EQ(server_.bodies.back(), R"({"savepointId":"s1"})");
}

TEST_F(CliTest, HistoryTellsWhatEachRevisionChanged) {
  const std::string base = kBase + "/deployments/a";
  const auto revision = [](int number, int parallelism) {
    return R"({"metadata":{},"number":)" + std::to_string(number) +
           R"(,"spec":{"template":{"spec":{"parallelism":)" + std::to_string(parallelism) + "}}}}";
  };
  server_.replies["GET " + base] = {{200, deployment("RUNNING", "{}")}};
  server_.replies["GET " + base + "/revisions"] = {
      {200, R"({"items":[)" + revision(1, 1) + "," + revision(2, 4) + "]}"}};
  server_.replies["GET " + kBase + "/jobs?deploymentId=d1"] = {
      {200, R"({"items":[{"status":{"state":"STARTED","revision":2}}]})"}};
  EXPECT_EQ(run_weir(server_, {"history", "a"}).out,
            "REVISION  AGE  RUNS  CHANGES\n1         -    -     -\n"
            "2         -    yes   parallelism: 1 -> 4\n");
  server_.replies["GET " + base + "/revisions/2/diff?from=1"] = {
      {200, R"({"changes":[{"path":"spec.p","old":"1","new":"4"},{"path":"spec.q","new":"x"},)"
            R"({"path":"spec.r","old":"y"}]})"}};
  EXPECT_EQ(run_weir(server_, {"history", "a", "--diff", "1", "2"}).out,
            "  spec.p: 1 -> 4\n  spec.q: x (new)\n  spec.r: y -> (removed)\n");
}

TEST_F(CliTest, RollbackSendsTheRevision) {
  server_.replies["GET " + kBase + "/deployments/a"] = {{200, deployment("RUNNING", "{}")}};
  server_.replies["POST " + kBase + "/deployments/a:rollback"] = {
      {200, R"({"metadata":{"name":"a","resourceVersion":2}})"}};
  EXPECT_EQ(run_weir(server_, {"rollback", "a", "--to", "3"}).out,
            "deployment/a has the specification of revision 3 again\n");
  EXPECT_EQ(server_.bodies.back(), R"({"revision":3})");
}

TEST_F(CliTest, DiffAsksForThePreviewOfADeploymentAndChangesNothing) {
  const std::string file = write("a.json", R"({"kind":"Deployment","metadata":{"name":"a"},)"
                                           R"("spec":{}})");
  const std::string path = kBase + "/deployments/a";
  const std::string preview = "POST " + path + ":preview?replace=true";
  server_.replies["GET " + path] = {{200, deployment("RUNNING", "{}")}};
  server_.replies[preview] = {
      {200, R"({"kind":"DeploymentPreview","action":"WARM_SWAP","reason":"There is room.",)"
            R"("waitsFor":"A START ends first.","warnings":["Careful."],)"
            R"("state":{"kind":"NEW_SAVEPOINT","location":"file:/sp","why":"It is taken then."},)"
            R"("expectedGap":{"samples":3,"medianSeconds":0.4,"leastSeconds":0.31,)"
            R"("mostSeconds":12.5,"why":"Measured at 3."},)"
            R"("changes":[{"path":"spec.template.spec.parallelism","old":"1","new":"2"}]})"}};
  EXPECT_EQ(run_weir(server_, {"diff", "-f", file}).out,
            "deployment/a\n  spec.template.spec.parallelism: 1 -> 2\n"
            "  what happens: WARM_SWAP. There is room.\n"
            "  before that: A START ends first.\n"
            "  starts from: a new savepoint in file:/sp. It is taken then.\n"
            "  expected gap: 0.40 s (0.31 s to 12 s). Measured at 3.\n"
            "  warning: Careful.\n");
  EXPECT_NE(server_.bodies.back().find(R"("state":"RUNNING")"), std::string::npos)
      << "a file without a state keeps the present one";
  server_.replies[preview] = {{200, R"({"action":"NONE","reason":"-","changes":[]})"}};
  const Outcome same = run_weir(server_, {"diff", "-f", file});
  EXPECT_EQ(same.out, "");
  EXPECT_EQ(same.err, "Nothing would change.\n");
}

TEST_F(CliTest, DiffOfOtherKindsIsADryRun) {
  const std::string file = write("t.json", R"({"kind":"DeploymentTarget","metadata":{"name":"t"},)"
                                           R"("spec":{"a":"2"}})");
  const std::string path = kBase + "/deployment-targets/t";
  server_.replies["GET " + path] = {{200, R"({"metadata":{"name":"t"},"spec":{"a":"1"}})"}};
  server_.replies["PUT " + path + "?dryRun=true"] = {
      {200, R"({"metadata":{"name":"t"},"spec":{"a":"2"}})"}};
  EXPECT_NE(run_weir(server_, {"diff", "-f", file}).out.find("  spec.a: 1 -> 2\n"),
            std::string::npos);
}

TEST(Cli, FeedPiecesMayEndAnywhere) {
  const std::string text =
      "id: 5\r\nevent: added\r\ndata: {\"type\":\"ADDED\",\"object\":{\"a\":\"b\"}}\r\n\r\n"
      ": keep\n\ndata: {\"type\":\"BOOKMARK\"}\n\n";
  for (std::size_t size = 1; size < text.size(); ++size) {
    FeedParser parser;
    std::vector<FeedEvent> events;
    for (std::size_t at = 0; at < text.size(); at += size)
      for (FeedEvent& event : parser.add(std::string_view(text).substr(at, size)))
        events.push_back(std::move(event));
    ASSERT_EQ(events.size(), 2u) << size;
    EXPECT_EQ(text_at(events[0].object, "a"), "b");
    EXPECT_EQ(events[1].type, "BOOKMARK");
    EXPECT_EQ(parser.last_id(), "5");
  }
}

TEST(Cli, TablesAlignCharactersAndColourOnlyWhenAsked) {
  Table table({"NAME", "STATE"});
  table.add({"grün", {"RUNNING", Tone::kGood}});
  table.add({"", "x\ny"});
  EXPECT_EQ(table.text(false), "NAME  STATE\ngrün  RUNNING\n-     x y\n");
  EXPECT_NE(table.text(true).find("\033[32mRUNNING\033[0m"), std::string::npos);
  EXPECT_EQ(format_age(std::chrono::seconds(300)), "5m");
  EXPECT_EQ(format_age(std::chrono::seconds(-3)), "0s");
  EXPECT_EQ(format_age(std::chrono::hours(72)), "3d");
}

TEST_F(CliTest, TheFlinkScriptIsFoundBesideTheBinaryAndInACheckout) {
  const fs::path binary = directory_ / "build/release/bin";
  fs::create_directories(binary);
  EXPECT_EQ(find_flink_home_script(binary), "");
  fs::create_directories(directory_ / "scripts");
  write("scripts/flink-home", "#!/bin/sh\n");
  fs::permissions(directory_ / "scripts/flink-home", fs::perms::owner_all);
  EXPECT_EQ(find_flink_home_script(binary), (directory_ / "scripts/flink-home").string());
}

TEST(Cli, UsageErrorsAndCompletion) {
  const auto code = [](std::vector<const char*> words) {
    words.insert(words.begin(), "weir");
    auto parsed = parse_arguments(static_cast<int>(words.size()), words.data());
    const auto* printed = std::get_if<Printed>(&parsed);
    return printed != nullptr ? printed->exit_code : -1;
  };
  EXPECT_EQ(code({}), 2);
  EXPECT_EQ(code({"--help"}), 0);
  EXPECT_EQ(code({"--version"}), 0);
  EXPECT_EQ(code({"nonsense"}), 2);
  EXPECT_EQ(code({"get"}), 2);
  EXPECT_EQ(code({"wait", "a", "--for", "state=RUNNING", "--timeout", "soon"}), 2);
  EXPECT_EQ(code({"get", "jobs"}), -1);
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_NE(completion_script(shell)->find("apply"), std::string::npos);
  EXPECT_NE(completion_script("bash")->find("--dry-run"), std::string::npos);
  EXPECT_FALSE(completion_script("tcsh"));
}

}  // namespace
}  // namespace weir::cli

#include "cli/cli_bench.h"

namespace weir::cli {
namespace {

TEST_F(CliTest, GraphIsATableOfVertices) {
  server_.replies["GET " + kBase + "/deployments/a"] = {{200, deployment("RUNNING", "{}")}};
  server_.replies["GET " + kBase + "/jobs?deploymentId=d1"] = {
      {200, R"({"items":[{"metadata":{"id":"j2"},"status":{"state":"TERMINATED"}},)"
            R"({"metadata":{"id":"j1"},"status":{"state":"STARTED"}}]})"}};
  const std::string graph = "GET " + kBase + "/jobs/j1/graph";
  server_.replies[graph] = {
      {200,
       R"({"figures":{"recordsInPerSecond":1234.5},"vertices":[{"id":"v1","name":"Source",)"
       R"("status":"RUNNING","parallelism":1,"figures":{"recordsOutPerSecond":1234.5}},)"
       R"({"id":"v2","name":"Sink","status":"RUNNING","parallelism":2,"figures":)"
       R"({"recordsInPerSecond":12.25,"busy":0.5,"backPressured":0,"watermarkLag":1.5,)"
       R"("checkpointSize":4096}}],"edges":[{"from":"v1","to":"v2","shipStrategy":"HASH"}]})"}};
  const Outcome shown = run_weir(server_, {"graph", "a"});
  EXPECT_EQ(shown.out,
            "VERTEX  STATUS   PARALLELISM  IN/S  OUT/S  BUSY  BACK-PRESSURED  LAG     CHECKPOINT  "
            "READS FROM\n"
            "Source  RUNNING  1            -     1234   -     -               -       -           "
            "-\n"
            "Sink    RUNNING  2            12.2  -      50 %  0 %             1.50 s  4 KiB       "
            "Source (HASH)\n");
  EXPECT_EQ(shown.err, "");
  server_.replies[graph] = {{200, R"({"problem":"It does not answer.","ageSeconds":12.3,)"
                                  R"("figures":{},"vertices":[],"edges":[]})"}};
  EXPECT_EQ(run_weir(server_, {"graph", "a"}).err,
            "It does not answer. What is shown was seen 12 s ago.\n");
  server_.replies["GET " + kBase + "/jobs?deploymentId=d1"] = {{200, R"({"items":[]})"}};
  EXPECT_NE(run_weir(server_, {"graph", "a"}).err.find("has no job yet"), std::string::npos);
}

TEST_F(CliTest, TopShowsTheNewestFigureThatIsKnown) {
  server_.replies["GET " + kBase + "/jobs"] = {
      {200, R"({"items":[{"metadata":{"id":"j1","deploymentName":"a"},"status":)"
            R"({"state":"STARTED"}},{"metadata":{"id":"j2","deploymentName":"b"},"status":)"
            R"({"state":"TERMINATED"}}]})"}};
  server_.replies["GET " + kBase +
                  "/jobs/j1/metrics?names=recordsInPerSecond%2CrecordsOutPerSecond%2C"
                  "watermarkLag%2Cbusy%2CbackPressured%2CcheckpointDuration%2CcheckpointSize%2C"
                  "restarts%2Ccpu%2Cheap"] = {
      {200, R"({"series":[{"name":"recordsInPerSecond","values":[1,50.2,null]},)"
            R"({"name":"restarts","values":[0]},{"name":"heap","values":[1073741824]},)"
            R"({"name":"busy","values":[null]}]})"}};
  EXPECT_EQ(run_weir(server_, {"top"}).out,
            "DEPLOYMENT  IN/S  OUT/S  LAG  BUSY  BACK-PRESSURED  CHECKPOINT TIME  SIZE  RESTARTS  "
            "CPU  HEAP\n"
            "a           50.2  -      -    -     -               -                -     0         "
            "-    1 GiB\n");
  server_.replies["GET " + kBase + "/deployments/b"] = {
      {200, deployment("SUSPENDED", R"({"state":"SUSPENDED"})")}};
  const Outcome none = run_weir(server_, {"top", "b"});
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.err, "Deployment b is SUSPENDED.\nNo job runs.\n");
}

}  // namespace
}  // namespace weir::cli

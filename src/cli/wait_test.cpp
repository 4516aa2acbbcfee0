#include "cli/cli_bench.h"

namespace weir::cli {
namespace {

std::string with_revision(const std::string& newest, const std::string& status) {
  return R"({"kind":"Deployment","metadata":{"id":"d1","name":"a","namespace":"default",)"
         R"("annotations":{"com.dataartisans.appmanager.controller.deployment.spec.version":")" +
         newest + R"("}},"spec":{"state":"RUNNING"},"status":)" + status + "}";
}

TEST_F(CliTest, WaitForARevision) {
  const std::string path = "GET " + kBase + "/deployments/a";
  const auto wait = [&](const std::string& newest, const std::string& status) {
    server_.replies[path] = {{200, with_revision(newest, status)}};
    return run_weir(server_, {"wait", "a", "--for", "revision=2", "--timeout", "10ms"});
  };
  const Outcome runs = wait("2", R"({"state":"RUNNING","revision":{"desired":2,"running":2}})");
  EXPECT_EQ(runs.exit_code, 0) << runs.err;
  EXPECT_EQ(runs.out, "deployment/a is RUNNING with revision 2\n");
  const Outcome back = wait("2", R"({"state":"RUNNING","revision":{"desired":2,"running":1,)"
                                 R"("rolledBackBecause":"It fails."}})");
  EXPECT_NE(back.exit_code, 0);
  EXPECT_NE(back.err.find("was rolled back, revision 1 runs: It fails."), std::string::npos)
      << back.err;
  EXPECT_NE(wait("3", R"({"state":"RUNNING","revision":{"running":3}})")
                .err.find("overtaken by revision 3"),
            std::string::npos);
  EXPECT_NE(wait("1", R"({"state":"RUNNING","revision":{"running":1}})")
                .err.find("has no revision 2; its newest is 1"),
            std::string::npos);
  EXPECT_NE(
      wait("2", R"({"state":"FAILED","failure":{"message":"Gave up."}})").err.find("Gave up."),
      std::string::npos);
  EXPECT_NE(wait("2", R"({"state":"TRANSITIONING","revision":{"running":1}})")
                .err.find("is not RUNNING with revision 2 after"),
            std::string::npos);
  EXPECT_NE(run_weir(server_, {"wait", "a", "--for", "revision=x"}).err.find("revision=NUMBER"),
            std::string::npos);
}

TEST_F(CliTest, RetryWaitsForTheRevision) {
  const std::string path = kBase + "/deployments/a";
  server_.replies["GET " + path] = {{200, with_revision("2", R"({"state":"FAILED"})")}};
  server_.replies["POST " + path + ":retry"] = {{200, with_revision("2", R"({"state":"FAILED"})")}};
  EXPECT_EQ(run_weir(server_, {"retry", "a"}).out, "deployment/a is tried again\n");
  server_.replies["GET " + path] = {
      {200, with_revision("2", R"({"state":"FAILED"})")},
      {200, with_revision("2", R"({"state":"RUNNING","revision":{"running":2}})")}};
  EXPECT_EQ(run_weir(server_, {"retry", "a", "--wait"}).exit_code, 0);
}

}  // namespace
}  // namespace weir::cli

#include "runtime/local/local_runtime.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "async/event_loop.h"
#include "async/scope.h"
#include "async/virtual_loop.h"
#include "process/process.h"
#include "runtime/local/instance_directory.h"
#include "runtime/local/turns.h"

namespace weir::runtime {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Place {
 public:
  Place() {
    char name[] = "/tmp/weir-runtime-XXXXXX";
    data = ::mkdtemp(name);
    options.data_directory = data;
    options.shim = fs::read_symlink("/proc/self/exe").parent_path() / "weir-shim";
    options.stop_grace = 100ms;
  }
  ~Place() {
    for (const auto& entry : fs::directory_iterator(fs::path(data) / "clusters"))
      for (const auto& holder : InstanceDirectory(entry.path()).holders())
        process::send_signal(holder, SIGKILL);
    fs::remove_all(data);
  }
  std::string data;
  LocalRuntimeOptions options;
};

// A cluster whose "JVMs" are shells.
flink::ClusterSpec spec(const std::string& id, const std::string& manager = "exec sleep 1000",
                        const std::string& worker = "exec sleep 1000", int epoch = 1) {
  flink::ClusterSpec s;
  s.cluster_id = id;
  s.owner = "d";
  s.epoch = epoch;
  s.task_managers = 2;
  s.files = {{"conf/config.yaml", "dir: @INSTANCE@\n", true}};
  s.job_manager = {"jobmanager", 0, "/bin/sh", {"-c", manager}, {{"PATH", "/bin:/usr/bin"}}, 0};
  s.task_manager = {"taskmanager",
                    0,
                    "/bin/sh",
                    {"-c", worker},
                    {{"INDEX", "@INDEX@"}, {"PATH", "/bin:/usr/bin"}},
                    0};
  return s;
}

void with_place(const std::function<Task<void>(Environment, Place&)>& body) {
  Place place;
  run_blocking([&](Environment env) { return body(env, place); });
}

Task<ClusterObservation> look(LocalRuntime& runtime, const std::string& id) {
  auto seen = co_await runtime.observe(id);
  EXPECT_TRUE(seen);
  co_return *seen;
}

Task<void> ensure_and_count(LocalRuntime& runtime, int& done) {
  EXPECT_TRUE(co_await runtime.ensure(spec("c")));
  ++done;
}

Task<void> tear_down_and_count(Environment env, LocalRuntime& runtime, int& done) {
  EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
  ++done;
}

Task<void> take_and_note(Timer& timer, std::shared_ptr<Turns> turns, std::string name,
                         std::string& order) {
  const auto turn = co_await turns->take("x", MonoTime::max());
  order += name;
  co_await sleep_for(timer, 1ms);
}

TEST(LocalRuntime, StartsObservesAndTearsDownWithProof) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    const auto nothing = co_await look(runtime, "c");
    EXPECT_EQ(nothing.presence, Presence::kAbsent);
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));
    const auto up = co_await look(runtime, "c");
    EXPECT_EQ(up.presence, Presence::kPresent);
    EXPECT_TRUE(up.job_manager_alive);
    EXPECT_EQ(up.task_managers_alive, 2);
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));  // nothing is started twice
    EXPECT_EQ(InstanceDirectory(place.data + "/clusters/c").holders().size(), 6u)
        << "three shims and three programs hold the lock";
    auto alive = co_await runtime.discover();
    EXPECT_EQ(*alive, (std::vector<FoundCluster>{{"c", "d", 1}}));
    EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
    const auto down = co_await look(runtime, "c");
    EXPECT_EQ(down.presence, Presence::kAbsent);
    auto again = co_await runtime.ensure(spec("c"));
    EXPECT_FALSE(again);
  });
}

TEST(LocalRuntime, ATaskManagerThatWasEndedOnPurposeIsNotReplaced) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));
    Signal changed(env.timer);
    runtime.on_change([&](const std::string&) { changed.notify(); });
    EXPECT_FALSE(co_await runtime.end_task_manager("c", 0, 0, false)) << "an older epoch";
    EXPECT_TRUE(co_await runtime.end_task_manager("c", 1, 0, true));
    while ((co_await look(runtime, "c")).task_managers_alive == 2)
      EXPECT_TRUE(co_await changed.wait(env.now() + 20s));
    flink::ClusterSpec smaller = spec("c");
    smaller.task_managers = 1;
    EXPECT_TRUE(co_await runtime.ensure(smaller));
    EXPECT_EQ((co_await look(runtime, "c")).task_managers_alive, 1);
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));
    EXPECT_EQ((co_await look(runtime, "c")).task_managers_alive, 2);
    EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
  });
}

TEST(LocalRuntime, ADeadTaskManagerIsReplacedAndTheListenerHears) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    Signal changed(env.timer);
    runtime.on_change([&](const std::string& id) {
      EXPECT_EQ(id, "c");
      changed.notify();
    });
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));
    auto processes = InstanceDirectory(place.data + "/clusters/c").processes();
    const auto& victim = processes.back();
    EXPECT_EQ(victim.role, "taskmanager");
    process::send_signal(*victim.program, SIGKILL);
    EXPECT_TRUE(co_await changed.wait(env.now() + 20s));
    const auto seen = co_await look(runtime, "c");
    EXPECT_EQ(seen.task_managers_alive, 1);
    EXPECT_EQ(seen.processes.back().exit_signal, SIGKILL);
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));
    const auto healed = co_await look(runtime, "c");
    EXPECT_EQ(healed.task_managers_alive, 2);
    EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
  });
}

// The shim writes the exit status and lives a moment longer.
TEST(InstanceDirectory, AnExitStatusIsAnEndEvenWhileTheShimStillHoldsItsLock) {
  const Place place;
  const fs::path run = fs::path(place.data) / "clusters/c/run";
  fs::create_directories(run);
  const std::string lock = (run / "jobmanager-0-1.lock").string();
  const int file = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct flock whole{};
  whole.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(file, F_OFD_SETLK, &whole), 0);
  EXPECT_TRUE(write_file(run / "jobmanager-0-1.exit", "{\"code\":1}\n", 0600));
  const auto processes = InstanceDirectory(run.parent_path()).processes();
  ::close(file);
  ASSERT_EQ(processes.size(), 1u);
  EXPECT_TRUE(processes.front().shim_alive);
  EXPECT_TRUE(processes.front().has_ended());
}

TEST(LocalRuntime, AJobManagerRunsOnceAndItsEndIsExplained) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    Signal changed(env.timer);
    runtime.on_change([&](const std::string&) { changed.notify(); });
    EXPECT_TRUE(co_await runtime.ensure(spec("c", "echo java.net.BindException: port; exit 1")));
    ClusterObservation seen = co_await look(runtime, "c");
    while (seen.processes.front().state != ProcessState::kExited) {
      EXPECT_TRUE(co_await changed.wait(env.now() + 20s));
      seen = co_await look(runtime, "c");
    }
    EXPECT_EQ(seen.processes.front().exit_code, 1);
    EXPECT_EQ(seen.processes.front().cause, "PortTaken");
    auto again = co_await runtime.ensure(spec("c"));
    EXPECT_EQ(again.error().reason, "JobManagerEnded");
    EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
  });
}

TEST(LocalRuntime, AnotherInstanceAdoptsWhatRuns) {
  with_place([](Environment env, Place& place) -> Task<void> {
    {
      LocalRuntime first(env, place.options);
      EXPECT_TRUE(co_await first.ensure(spec("c")));
    }
    LocalRuntime second(env, place.options);
    Signal changed(env.timer);
    second.on_change([&](const std::string&) { changed.notify(); });
    const auto adopted = co_await look(second, "c");
    EXPECT_TRUE(adopted.job_manager_alive);
    EXPECT_EQ(adopted.task_managers_alive, 2);
    EXPECT_TRUE(co_await second.ensure(spec("c")));
    auto processes = InstanceDirectory(place.data + "/clusters/c").processes();
    process::send_signal(*processes.front().program, SIGKILL);
    EXPECT_TRUE(co_await changed.wait(env.now() + 20s));
    const auto seen = co_await look(second, "c");
    EXPECT_FALSE(seen.job_manager_alive);
    EXPECT_TRUE(co_await second.tear_down("c", 1, env.now() + 20s));
  });
}

TEST(LocalRuntime, StubbornProcessesAreKilled) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    EXPECT_TRUE(co_await runtime.ensure(spec("c", "trap '' TERM; while :; do sleep 0.05; done")));
    EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
    const auto seen = co_await look(runtime, "c");
    EXPECT_EQ(seen.presence, Presence::kAbsent);
  });
}

TEST(LocalRuntime, ATornDownClusterThatNeverWasCannotStart) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    EXPECT_TRUE(co_await runtime.tear_down("c", 3, env.now() + 20s));
    auto old = co_await runtime.ensure(spec("c", "exec sleep 1000", "exec sleep 1000", 3));
    EXPECT_EQ(old.error().reason, "EpochOutdated");
  });
}

TEST(LocalRuntime, CallsAtTheSameTimeStartEachProcessOnce) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    Scope scope(env.timer, "test");
    int done = 0;
    for (int i = 0; i < 4; ++i) scope.spawn("ensure", ensure_and_count(runtime, done));
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));
    while (done < 4) co_await sleep_for(env.timer, 1ms);
    EXPECT_EQ(InstanceDirectory(place.data + "/clusters/c").holders().size(), 6u);
    scope.spawn("tear down", tear_down_and_count(env, runtime, done));
    EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
    while (done < 5) co_await sleep_for(env.timer, 1ms);
    co_await scope.stop();
  });
}

TEST(LocalRuntime, ACallerThatGivesUpLeavesNothingHalfKnown) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    int done = 0;
    for (int i = 0; i < 3; ++i) {
      Scope scope(env.timer, "test");
      scope.spawn("ensure", ensure_and_count(runtime, done));
      scope.spawn("waits for its turn", ensure_and_count(runtime, done));
      co_await sleep_for(env.timer, std::chrono::microseconds(300 * i));
      co_await scope.stop();
    }
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));
    const auto seen = co_await look(runtime, "c");
    EXPECT_EQ(seen.task_managers_alive, 2);
    EXPECT_EQ(InstanceDirectory(place.data + "/clusters/c").holders().size(), 6u);
    EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
  });
}

TEST(LocalRuntime, AnUnstartedNameIsTakenAgainAndRunsOnce) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    // As a process leaves it that was killed between spawning and the shims' first steps.
    const fs::path run = fs::path(place.data) / "clusters/c/run";
    fs::create_directories(run);
    for (const char* name : {"jobmanager-0-1.lock", "taskmanager-0-1.lock"})
      std::ofstream(run / name).put('\n');
    EXPECT_TRUE(co_await runtime.ensure(spec("c")));
    EXPECT_EQ(InstanceDirectory(place.data + "/clusters/c").holders().size(), 6u);
    EXPECT_TRUE(fs::exists(run / "taskmanager-0-1.pid"));
    EXPECT_TRUE(co_await runtime.tear_down("c", 1, env.now() + 20s));
  });
}

TEST(Turns, PassOnInOrderAndSkipWhoGaveUp) {
  VirtualLoop loop(1);
  const auto turns = std::make_shared<Turns>(loop);
  std::string order;
  EXPECT_TRUE(loop.run([](VirtualLoop& l, std::shared_ptr<Turns> t, std::string& o) -> Task<void> {
    Scope scope(l, "test");
    Scope leaving(l, "leaving");
    {
      const auto mine = co_await t->take("x", MonoTime::max());
      scope.spawn("a", take_and_note(l, t, "a", o));
      leaving.spawn("b", take_and_note(l, t, "b", o));
      scope.spawn("c", take_and_note(l, t, "c", o));
      co_await sleep_for(l, 1ms);
      co_await leaving.stop();
      EXPECT_TRUE(co_await t->take("y", l.now()));
      EXPECT_FALSE(co_await t->take("x", l.now() + 1ms));
      EXPECT_EQ(o, "");
    }
    co_await sleep_for(l, 1s);
    co_await scope.stop();
  }(loop, turns, order)));
  EXPECT_TRUE(order == "ac" || order == "ca") << order;
}

TEST(LocalRuntime, PortsAreFreeAndNotTaken) {
  with_place([](Environment env, Place& place) -> Task<void> {
    LocalRuntime runtime(env, place.options);
    auto first = co_await runtime.choose_ports({});
    EXPECT_TRUE(first);
    auto second = co_await runtime.choose_ports({first->rest, first->rpc, first->blob});
    EXPECT_NE(second->rest, first->rest);
    fs::create_directories(fs::path(place.data) / "clusters");
  });
}

}  // namespace
}  // namespace weir::runtime

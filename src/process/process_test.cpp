#include "process/process.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "async/event_loop.h"

namespace weir::process {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Waits for what other processes do; the limit only ends a hang.
bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

class Instance {
 public:
  explicit Instance(int epoch = 1) {
    char name[] = "/tmp/weir-process-XXXXXX";
    path = ::mkdtemp(name);
    fs::create_directories(path / "run");
    fs::create_directories(path / "log");
    std::ofstream(path / "epoch") << epoch;
  }
  ~Instance() {
    for (pid_t pid : started) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    fs::remove_all(path);
  }
  pid_t start(const std::string& name, const std::string& script, int epoch = 1) {
    const fs::path shim = fs::read_symlink("/proc/self/exe").parent_path() / "weir-shim";
    Program program{shim,
                    {path, name, std::to_string(epoch), "--", "/bin/sh", "-c", script},
                    {{"PATH", "/bin:/usr/bin"}}};
    const auto pid = spawn(program);
    EXPECT_TRUE(pid) << to_string(pid.error());
    started.push_back(*pid);
    return *pid;
  }
  bool has(const std::string& file) const { return fs::exists(path / file); }
  bool all_gone() const { return FileLock::try_lock(path / "alive.lock")->has_value(); }

  fs::path path;
  std::vector<pid_t> started;
};

TEST(Spawn, EndsWithItsParentWhenAsked) {
  // The thread that spawns counts as the parent.
  pid_t pid = 0;
  std::thread([&] {
    Program program{"/bin/sleep", {"1000"}, {}, true};
    const auto spawned = spawn(program);
    ASSERT_TRUE(spawned);
    pid = *spawned;
    EXPECT_TRUE(eventually([&] { return read(fmt::format("/proc/{}/comm", pid)) == "sleep\n"; }));
  }).join();
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST(Spawn, InheritsNothing) {
  char name[] = "/tmp/weir-spawn-XXXXXX";
  const fs::path directory = ::mkdtemp(name);
  const int leaky = ::dup(0);  // without close-on-exec
  const fs::path out = directory / "out";
  const auto pid = spawn({"/bin/sh",
                          {"-c", "ls /proc/$$/fd > " + out.string() + "; env >> " + out.string()},
                          {{"ONLY", "this"}}});
  ASSERT_TRUE(pid);
  ::waitpid(*pid, nullptr, 0);
  ::close(leaky);
  const std::string text = read(out);
  EXPECT_EQ(text.find("\n" + std::to_string(leaky) + "\n"), std::string::npos) << text;
  EXPECT_NE(text.find("ONLY=this"), std::string::npos);
  EXPECT_EQ(text.find("HOME="), std::string::npos);
  fs::remove_all(directory);
}

TEST(Spawn, TellsWhatCannotBeStarted) {
  const auto pid = spawn({"/nowhere/java", {}, {}});
  ASSERT_FALSE(pid);
  EXPECT_EQ(pid.error().reason, "CannotExecute");
}

TEST(Identity, KnowsTheProcessAndNotItsPid) {
  const auto pid = spawn({"/bin/sleep", {"1000"}, {}});
  ASSERT_TRUE(pid);
  Identity identity = *identify(*pid);
  EXPECT_TRUE(is_alive(identity));
  Identity other = identity;
  other.start_time += 1;
  EXPECT_FALSE(is_alive(other));
  EXPECT_FALSE(send_signal(other, SIGKILL));
  EXPECT_TRUE(is_alive(identity));
  EXPECT_TRUE(send_signal(identity, SIGKILL));
  ::waitpid(*pid, nullptr, 0);
  EXPECT_FALSE(is_alive(identity));
}

TEST(ExitWatch, TellsTheEnd) {
  run_blocking([](Environment env) -> Task<void> {
    Signal ended(env.timer);
    const auto pid = spawn({"/bin/sleep", {"1000"}, {}});
    const Identity identity = *identify(*pid);
    auto watch = ExitWatch::start(env, *pid, [&] { ended.notify(); });
    EXPECT_TRUE(watch);
    EXPECT_TRUE(send_signal(identity, SIGTERM));
    EXPECT_TRUE(co_await ended.wait(env.now() + 20s));
    EXPECT_FALSE(is_alive(identity));
  });
}

TEST(Shim, KeepsOutputAndExitStatus) {
  Instance instance;
  instance.start("p", "echo hello; echo trouble >&2; exit 7");
  ASSERT_TRUE(eventually([&] { return instance.has("run/p.exit"); }));
  EXPECT_EQ(read(instance.path / "run/p.exit"), "{\"code\":7}\n");
  EXPECT_EQ(read(instance.path / "log/p.out"), "hello\ntrouble\n");
  EXPECT_TRUE(eventually([&] { return instance.all_gone(); }));
}

TEST(Shim, AnotherEpochIsRefused) {
  Instance instance(2);
  const pid_t pid = instance.start("p", "echo never", 1);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 75);
  EXPECT_FALSE(instance.has("run/p.pid"));
}

TEST(Shim, ANameRunsOnce) {
  Instance instance;
  instance.start("p", "exec sleep 1000");
  ASSERT_TRUE(eventually([&] { return instance.has("run/p.pid"); }));
  EXPECT_TRUE(is_record_locked(instance.path / "run/p.lock"));
  int status = 0;
  ::waitpid(instance.start("p", "echo second"), &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 76);
}

TEST(Shim, TheProgramDiesWithItsShimAndTheLockTellsWhen) {
  Instance instance;
  const pid_t shim = instance.start("p", "exec sleep 1000");
  ASSERT_TRUE(eventually([&] { return instance.has("run/p.pid"); }));
  EXPECT_FALSE(instance.all_gone());
  ::kill(shim, SIGKILL);
  EXPECT_TRUE(eventually([&] { return instance.all_gone(); }));
  EXPECT_FALSE(instance.has("run/p.exit"));
}

TEST(Shim, PassesTermOn) {
  Instance instance;
  const pid_t shim = instance.start("p", "trap 'exit 3' TERM; while :; do sleep 0.01; done");
  ASSERT_TRUE(eventually([&] { return instance.has("run/p.pid"); }));
  // The trap is set a moment after the start.
  ASSERT_TRUE(eventually([&] {
    ::kill(shim, SIGTERM);
    return instance.has("run/p.exit");
  }));
  const std::string status = read(instance.path / "run/p.exit");
  EXPECT_TRUE(status == "{\"code\":3}\n" || status == "{\"signal\":15}\n") << status;
}

TEST(Shim, ExecFailureIsTold) {
  Instance instance;
  const fs::path shim = fs::read_symlink("/proc/self/exe").parent_path() / "weir-shim";
  const auto pid = spawn({shim, {instance.path, "p", "1", "--", "/nowhere/java"}, {}});
  ASSERT_TRUE(pid);
  instance.started.push_back(*pid);
  ASSERT_TRUE(eventually([&] { return instance.has("run/p.exit"); }));
  EXPECT_EQ(read(instance.path / "run/p.exit"), "{\"code\":127}\n");
  EXPECT_NE(read(instance.path / "log/p.out").find("/nowhere/java"), std::string::npos);
}

}  // namespace
}  // namespace weir::process

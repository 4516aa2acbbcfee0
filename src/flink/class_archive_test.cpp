#include "flink/class_archive.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "async/event_loop.h"
#include "async/scope.h"
#include "flink/archive_schedule.h"
#include "flink/rest_flink_api.h"
#include "net/http_client.h"
#include "process/process.h"

namespace weir::flink {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// A home whose java is a shell script. The script's first argument names the archive to write.
class Home {
 public:
  explicit Home(const std::string& java) {
    char name[] = "/tmp/weir-archives-XXXXXX";
    path = fs::canonical(::mkdtemp(name));
    std::ofstream(path / "java") << "#!/bin/sh\n" << java << "\n";
    fs::permissions(path / "java", fs::perms::owner_all);
    fs::create_directories(path / "home");
  }
  ~Home() { fs::remove_all(path); }
  FlinkHome flink() const {
    FlinkHome home;
    home.version = "1.20.5";
    home.path = (path / "home").string();
    home.java = (path / "java").string();
    return home;
  }
  fs::path training() const { return path / "home/.weir-archive/training"; }
  /// What the scripts said about themselves; 0 until then.
  pid_t pid_of(const std::string& role) const {
    pid_t pid = 0;
    std::ifstream(path / ("home/.weir-archive/training/" + role + ".jsa.pid")) >> pid;
    return pid;
  }
  fs::path path;
};

TEST(ClassArchives, ACancelledTrainingLeavesNoProcessAndNoFile) {
  const Home home("echo $$ > ${1#*=}.pid; exec sleep 600");
  run_blocking([&home](Environment env) -> Task<void> {
    return [](Environment e, const Home& h) -> Task<void> {
      net::HttpClient client(e);
      RestFlinkApi api(e, client);
      ClassArchives archives(e, api);
      Scope scope(e.timer, "test");
      scope.spawn("training", [](ClassArchives& a, FlinkHome flink) -> Task<void> {
        (void)co_await a.train(std::move(flink));
      }(archives, h.flink()));
      while (h.pid_of("jm") == 0 || h.pid_of("tm") == 0) co_await sleep_for(e.timer, 5ms);
      const pid_t manager = h.pid_of("jm");
      const pid_t worker = h.pid_of("tm");
      EXPECT_TRUE(process::identify(manager) && process::identify(worker));
      co_await scope.stop();
      EXPECT_EQ(process::state_of(manager), '?') << "neither running nor a zombie";
      EXPECT_EQ(process::state_of(worker), '?');
      EXPECT_FALSE(fs::exists(h.training()));
    }(env, home);
  });
}

TEST(ClassArchives, AFailedTrainingSaysSoAndCanBeTriedAgain) {
  const Home home("exit 1");
  run_blocking([&home](Environment env) -> Task<void> {
    return [](Environment e, const Home& h) -> Task<void> {
      net::HttpClient client(e);
      RestFlinkApi api(e, client);
      ClassArchives archives(e, api);
      for (int i = 0; i < 2; ++i) {
        const Status trained = co_await archives.train(h.flink());
        EXPECT_EQ(trained ? Code::kInternal : trained.error().code, Code::kUnavailable);
        EXPECT_FALSE(fs::exists(h.training()));
      }
    }(env, home);
  });
}

TEST(ArchiveSchedule, TriesAgainAfterGrowingWaitsAndGivesUp) {
  ArchiveSchedule schedule;
  FlinkHome old;
  old.path = "/flink/1.20.5";
  old.java = "/java";
  FlinkHome fresh = old;
  fresh.path = "/flink/2.3.0";
  const std::vector<FlinkHome> homes{fresh, old};
  MonoTime now{};
  EXPECT_EQ(schedule.next(homes, now)->path, fresh.path);
  for (const Duration wait : {Duration(1min), Duration(4min), Duration(16min)}) {
    const std::string told = schedule.failed(fresh, "No room.", now);
    EXPECT_EQ(told, "No room. Tried again in " + format_duration(wait) + ".");
    EXPECT_EQ(schedule.next(homes, now + wait - 1s)->path, old.path) << "the others go on";
    now += wait;
    EXPECT_EQ(schedule.next(homes, now)->path, fresh.path);
  }
  EXPECT_EQ(schedule.failed(fresh, "No room.", now),
            "No room. 4 tries failed; a new start of the server tries again.");
  EXPECT_EQ(schedule.next({fresh}, now + 24h), std::nullopt);
}

TEST(ArchiveSchedule, LeavesOutWhatHasArchivesOrNoJava) {
  ArchiveSchedule schedule;
  FlinkHome home;
  home.path = "/flink/1.20.5";
  EXPECT_EQ(schedule.next({home}, MonoTime{}), std::nullopt);
  home.java = "/java";
  EXPECT_TRUE(schedule.next({home}, MonoTime{}));
  for (int i = 0; i < 10; ++i) schedule.left_to_another(home, MonoTime{});
  EXPECT_EQ(schedule.next({home}, MonoTime{}), std::nullopt);
  EXPECT_TRUE(schedule.next({home}, MonoTime{} + 1min)) << "waiting for another is no failure";
  home.job_manager_archive = home.task_manager_archive = "/archive";
  EXPECT_EQ(schedule.next({home}, MonoTime{} + 1min), std::nullopt);
}

}  // namespace
}  // namespace weir::flink

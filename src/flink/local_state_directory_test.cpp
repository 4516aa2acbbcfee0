#include "flink/local_state_directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "async/event_loop.h"

namespace weir::flink {
namespace {

namespace fs = std::filesystem;

class StateFolder {
 public:
  StateFolder() {
    char name[] = "/tmp/weir-state-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~StateFolder() { fs::remove_all(path); }
  void add(const std::string& folder, char id, const std::string& magic = "\x49\x60\x67\x2d") {
    fs::create_directories(fs::path(path) / folder);
    std::ofstream file(fs::path(path) / folder / "_metadata", std::ios::binary);
    file << magic << std::string(3, '\0') << '\4' << std::string(7, '\0') << id << "rest";
  }
  std::string path;
};

std::vector<std::pair<std::string, std::int64_t>> names(const std::vector<FoundState>& states) {
  std::vector<std::pair<std::string, std::int64_t>> all;
  for (const FoundState& state : states)
    all.emplace_back(fs::path(state.location).filename().string(), state.checkpoint_id);
  return all;
}

void run(const std::function<Task<void>(LocalStateDirectory&, StateFolder&)>& test) {
  StateFolder folder;
  run_blocking([&](Environment env) -> Task<void> {
    return [](Environment e, StateFolder& f,
              const std::function<Task<void>(LocalStateDirectory&, StateFolder&)>& body)
               -> Task<void> {
      LocalStateDirectory states(e);
      co_await body(states, f);
    }(env, folder, test);
  });
}

TEST(LocalStateDirectory, ListsCompleteCheckpointsNewestFirst) {
  run([](LocalStateDirectory& states, StateFolder& folder) -> Task<void> {
    folder.add("a1/job/chk-9", 9);
    folder.add("a1/job/chk-10", 10);
    folder.add("a1/chk-2", 2);
    folder.add("a1/job/chk-11", 11, "nope");                 // not a checkpoint
    folder.add("a1/job/deep/chk-12", 12);                    // too deep
    folder.add("a1/job/shared/x", 13);                       // another name
    fs::create_directories(folder.path + "/a1/job/chk-14");  // not complete
    for (const std::string& prefix : {"", "file:", "file://"}) {
      auto found = co_await states.checkpoints(prefix + folder.path + "/a1");
      EXPECT_TRUE(found);
      EXPECT_EQ(names(*found), (std::vector<std::pair<std::string, std::int64_t>>{
                                   {"chk-10", 10}, {"chk-9", 9}, {"chk-2", 2}}));
    }
    auto none = co_await states.checkpoints(folder.path + "/nowhere");
    EXPECT_TRUE(none->empty());
    auto remote = co_await states.checkpoints("s3://bucket/x");
    EXPECT_EQ(remote.error().code, Code::kUnavailable);
    auto file = co_await states.checkpoints(folder.path + "/a1/chk-2/_metadata");
    EXPECT_EQ(file.error().code, Code::kUnavailable);
  });
}

TEST(LocalStateDirectory, FindsTheSavepointOfARequestAndReadsOneLocation) {
  run([](LocalStateDirectory& states, StateFolder& folder) -> Task<void> {
    folder.add("s/savepoint-aaaaaa-1", 5);
    auto found = co_await states.savepoints("file:" + folder.path + "/s");
    EXPECT_EQ(found->size(), 1u);
    const std::string location = found->front().location;
    EXPECT_EQ(location, "file:" + folder.path + "/s/savepoint-aaaaaa-1");
    auto one = co_await states.inspect(location);
    EXPECT_EQ(one->checkpoint_id, 5);
    EXPECT_EQ(one->location, location);
    auto same = co_await states.inspect(location + "/_metadata");
    EXPECT_EQ(same->checkpoint_id, 5);
    auto missing = co_await states.inspect(location + "x");
    EXPECT_EQ(missing.error().code, Code::kNotFound);
    folder.add("s/broken", 5, "XXXX");
    auto broken = co_await states.inspect(folder.path + "/s/broken");
    EXPECT_EQ(broken.error().code, Code::kInvalidArgument);
    std::ofstream(folder.path + "/file") << "in the way";
    auto impossible = co_await states.savepoints(folder.path + "/file/s");
    EXPECT_TRUE(impossible && impossible->empty());
    auto remote = co_await states.inspect("s3://bucket/x");
    EXPECT_EQ(remote.error().reason, "SchemeNotSupported");
  });
}

TEST(LocalStateDirectory, PrepareMakesTheDirectoryAndSaysWhyNot) {
  run([](LocalStateDirectory& states, StateFolder& folder) -> Task<void> {
    EXPECT_TRUE(co_await states.prepare("file://" + folder.path + "/x/y"));
    EXPECT_TRUE(fs::is_empty(folder.path + "/x/y"));
    std::ofstream(folder.path + "/file").put('x');
    auto refused = co_await states.prepare(folder.path + "/file/below");
    EXPECT_EQ(refused.error().reason, "CheckpointDirectoryNotWritable");
    EXPECT_NE(refused.error().message.find(folder.path + "/file/below"), std::string::npos);
    auto pseudo = co_await states.prepare("/proc/nope");
    EXPECT_EQ(pseudo.error().reason, "CheckpointDirectoryNotWritable");
  });
}

TEST(LocalStateDirectory, RemovesOneDirectoryAndFollowsNoLink) {
  run([](LocalStateDirectory& states, StateFolder& folder) -> Task<void> {
    folder.add("sp/savepoint-1", 1);
    folder.add("elsewhere/savepoint-2", 2);
    fs::create_directory_symlink(folder.path + "/elsewhere", folder.path + "/sp/link");
    EXPECT_TRUE(co_await states.remove("file:" + folder.path + "/sp"));
    EXPECT_TRUE(co_await states.remove("file:" + folder.path + "/sp")) << "it is done already";
    EXPECT_FALSE(fs::exists(folder.path + "/sp"));
    EXPECT_TRUE(fs::exists(folder.path + "/elsewhere/savepoint-2/_metadata"));
    EXPECT_EQ((co_await states.remove("s3://b/sp")).error().code, Code::kInvalidArgument);
  });
}

TEST(LocalPath, TakesWhatFlinkTakes) {
  EXPECT_EQ(local_path("/a/b"), "/a/b");
  EXPECT_EQ(local_path("file:/a"), "/a");
  EXPECT_EQ(local_path("file:///a%20b"), "/a b");
  EXPECT_EQ(local_path("file://localhost/a"), "/a");
  EXPECT_EQ(local_path("file://other/a"), std::nullopt);
  EXPECT_EQ(local_path("s3://a/b"), std::nullopt);
  EXPECT_EQ(local_path("a/b"), std::nullopt);
}

TEST(CheckpointId, IsBigEndian) {
  EXPECT_EQ(*checkpoint_id_of(std::string("\x49\x60\x67\x2d\0\0\0\4\0\0\0\0\0\0\1\2", 16)), 258);
  EXPECT_FALSE(checkpoint_id_of(std::string("\x49\x60\x67\x2d\0\0\0\4\0\0\0\0\0\0\1", 15)));
}

TEST(LocalStateDirectory, ReadsHowAJobEndedFromItsArchive) {
  run([](LocalStateDirectory& states, StateFolder& folder) -> Task<void> {
    const std::string archive = folder.path + "/archive";
    const auto nothing = co_await states.archived_job(archive, "abc");
    EXPECT_TRUE(nothing && !*nothing) << "no directory";
    fs::create_directories(archive);
    const std::string text =
        R"({"archive":[{"path":"/jobs/overview","json":"{\"jobs\":[{\"jid\":\"abc\",)"
        R"(\"state\":\"FINISHED\"}]}"}]})";
    std::ofstream(archive + "/abc") << text;
    const auto ended = co_await states.archived_job("file:" + archive, "abc");
    EXPECT_TRUE(ended && *ended && (*ended)->state == JobState::kFinished);
    std::ofstream(archive + "/abc") << text.substr(0, text.size() / 2);
    const auto cut = co_await states.archived_job(archive, "abc");
    EXPECT_TRUE(cut && !*cut) << "what is cut off proves nothing";
    // As since Flink 2.3, where an application may have its only job's id.
    const std::string below = archive + "/cluster/applications/abc/jobs";
    fs::remove(archive + "/abc");
    fs::create_directories(below);
    std::ofstream(below + "/abc") << text;
    const auto deep = co_await states.archived_job(archive, "abc");
    EXPECT_TRUE(deep && *deep && (*deep)->state == JobState::kFinished);
    EXPECT_EQ((co_await states.archived_job("s3://b/archive", "abc")).error().code,
              Code::kUnavailable);
  });
}

TEST(LocalStateDirectory, JobDirectoriesAreWeirsOwnOnes) {
  run([](LocalStateDirectory& states, StateFolder& folder) -> Task<void> {
    const std::string job = "aaaaaaaa-0000-4000-8000-000000000000";
    const std::string state = folder.path + "/state";
    const auto none = co_await states.job_directories(state);
    EXPECT_TRUE(none && none->empty());
    folder.add("state/default/d1/checkpoints/jobs/" + job + "/a1/x/chk-3", 3);
    folder.add("state/default/d1/checkpoints/jobs/notes/chk-3", 3);
    folder.add("state/default/d1/savepoints/" + job + "/savepoint-1", 3);
    folder.add("elsewhere/" + job + "/chk-1", 1);
    fs::create_directories(state + "/default/d2/checkpoints");
    fs::create_directory_symlink(folder.path + "/elsewhere",
                                 state + "/default/d2/checkpoints/jobs");
    fs::create_directory_symlink(folder.path + "/elsewhere/" + job,
                                 state + "/default/d1/checkpoints/jobs/b" + job.substr(1));
    const auto found = co_await states.job_directories(state);
    EXPECT_TRUE(found) << to_string(found.error());
    EXPECT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().path, state + "/default/d1/checkpoints/jobs/" + job);
    EXPECT_EQ(found->front().deployment_id, "d1");
    EXPECT_EQ(found->front().job_id, job);
    EXPECT_EQ(found->front().bytes, 20);
    EXPECT_GT(found->front().last_written, WallTime{});
    EXPECT_TRUE(co_await states.remove(found->front().path));
    EXPECT_TRUE(fs::exists(folder.path + "/elsewhere/" + job + "/chk-1/_metadata"));
    EXPECT_TRUE((co_await states.job_directories(state))->empty());
    fs::create_directory_symlink(state, folder.path + "/other-name");
    folder.add("state/default/d1/checkpoints/jobs/" + job + "/a1/x/chk-3", 3);
    EXPECT_TRUE((co_await states.job_directories(folder.path + "/other-name"))->empty());
  });
}

TEST(LocalStateDirectory, OfASessionClusterEachJobsIsListedToo) {
  run([](LocalStateDirectory& states, StateFolder& folder) -> Task<void> {
    const std::string session = "aaaaaaaa-0000-4000-8000-000000000000";
    const std::string jobs = "/state/default/" + session + "/checkpoints/jobs/" + session;
    folder.add(jobs.substr(1) + "/a1/bbbbbbbb000040008000000000000000/chk-3", 3);
    folder.add(jobs.substr(1) + "/a2/bbbbbbbb000040008000000000000000/chk-4", 4);
    folder.add(jobs.substr(1) + "/a2/notes/chk-4", 4);
    const auto found = co_await states.job_directories(folder.path + "/state");
    EXPECT_EQ(found->size(), 3u);
    EXPECT_EQ(found->front().path, folder.path + jobs);
    EXPECT_FALSE(found->front().in_session_cluster);
    EXPECT_EQ(found->back().path, folder.path + jobs + "/a2/bbbbbbbb000040008000000000000000");
    EXPECT_EQ(found->back().deployment_id, session);
    EXPECT_EQ(found->back().job_id, "bbbbbbbb-0000-4000-8000-000000000000");
    EXPECT_TRUE(found->back().in_session_cluster);
    EXPECT_EQ(found->back().bytes, 20);
  });
}

}  // namespace
}  // namespace weir::flink

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "async/environment.h"
#include "net/http.h"

namespace weir::fake_flink {

/// What was asked of all clusters that changes a job.
struct Counts {
  std::uint64_t submits = 0;
  std::uint64_t duplicates = 0;  ///< submits of a job that was there already
  std::uint64_t stops = 0;       ///< with a savepoint
  std::uint64_t cancels = 0;
};

/// A Flink cluster that speaks enough of the REST API to be controlled: jobs run at once, complete
/// checkpoints by the clock, and end when they are told to. Nothing is written to any disk.
class FakeCluster {
 public:
  /// @param counts outlives this
  FakeCluster(Environment env, std::string id, int slots, Counts& counts)
      : env_(env), id_(std::move(id)), slots_(slots), counts_(counts) {}

  Task<net::Response> handle(net::Request& request);
  /// A black hole takes connections and requests and says nothing.
  void set_black_hole(bool is_one) { black_hole_ = is_one; }
  void set_slots(int slots) { slots_ = slots; }

 private:
  struct Job {
    std::string state = "RUNNING";
    MonoTime started{};
    std::string restored_from;
    int parallelism = 1;  ///< of both vertices
    int least = 1;        ///< the lower bound of both
    std::int64_t rescales = 0;
    std::int64_t asked_checkpoints = 0;             ///< besides those of the interval
    std::map<std::string, std::string> savepoints;  ///< location by trigger id
  };

  net::Response cluster_answer(const net::Request& request, const std::string& body);
  net::Response submit(const std::string& body);
  net::Response job_answer(const std::string& job_id, const net::Request& request,
                           const std::string& body);
  net::Response savepoint(Job& job, const std::string& body, bool stop);
  net::Response require_parallelism(Job& job, const std::string& body);
  std::string task_managers() const;
  std::string detail(const std::string& job_id, const Job& job) const;
  std::string process_metrics() const;
  std::string checkpoints(const std::string& job_id, const Job& job) const;

  Environment env_;
  std::string id_;
  int slots_;
  Counts& counts_;
  bool black_hole_ = false;
  std::map<std::string, std::string> jars_;  ///< name by id
  std::map<std::string, Job> jobs_;
};

}  // namespace weir::fake_flink

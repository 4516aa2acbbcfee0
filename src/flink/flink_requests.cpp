#include "flink/flink_requests.h"

#include "codec/describe_json.h"

namespace weir::flink::requests {
namespace {

// Writes members in the order in which they are added.
class Members {
 public:
  template <class T>
  void add(std::string_view name, const T& value) {
    text_ += text_.empty() ? '{' : ',';
    codec::append_json_string(text_, name);
    text_ += ':';
    codec::append_json(text_, value);
  }
  std::string finish() { return (text_.empty() ? "{" : text_) + "}"; }

 private:
  std::string text_;
};

// One text that Flink splits at white space outside of quotes.
std::string joined(const std::vector<std::string>& arguments) {
  std::string all;
  for (const std::string& argument : arguments) {
    if (!all.empty()) all += ' ';
    const bool plain = !argument.empty() && argument.find_first_of(" \t\n\"'") == std::string::npos;
    const char quote = argument.find('"') == std::string::npos ? '"' : '\'';
    all += plain ? argument : quote + argument + quote;
  }
  return all;
}

void add_trigger(Members& members, const std::string& trigger_id, const Capabilities& can) {
  if (can.savepoint_format) members.add("formatType", std::string("NATIVE"));
  if (can.client_trigger_id) members.add("triggerId", trigger_id);
}

}  // namespace

std::string run(const RunRequest& request, const Capabilities& can) {
  Members members;
  if (can.own_job_id) members.add("jobId", request.flink_job_id);
  if (request.entry_class) members.add("entryClass", *request.entry_class);
  if (can.program_args_list) members.add("programArgsList", request.program_args);
  else members.add("programArgs", joined(request.program_args));
  members.add("parallelism", request.parallelism);
  members.add("allowNonRestoredState", request.allow_non_restored_state);
  if (request.restore_location) {
    members.add("savepointPath", *request.restore_location);
    // Flink must never delete what Weir may still need.
    if (can.claim_mode) members.add("claimMode", std::string("NO_CLAIM"));
    else if (can.restore_mode) members.add("restoreMode", std::string("NO_CLAIM"));
  }
  if (can.run_configuration && !request.flink_configuration.empty())
    members.add("flinkConfiguration", request.flink_configuration);
  return members.finish();
}

std::string plan(const RunRequest& request) {
  Members members;
  if (request.entry_class) members.add("entryClass", *request.entry_class);
  members.add("programArgsList", request.program_args);
  members.add("parallelism", request.parallelism);
  return members.finish();
}

std::string require_parallelism(const std::map<std::string, int>& of_vertices) {
  Members members;
  for (const auto& [vertex, parallelism] : of_vertices) {
    const std::map<std::string, int> bounds{{"lowerBound", parallelism},
                                            {"upperBound", parallelism}};
    members.add(vertex, std::map<std::string, std::map<std::string, int>>{{"parallelism", bounds}});
  }
  return members.finish();
}

Savepoint trigger_savepoint(const std::string& directory, const std::string& trigger_id,
                            const Capabilities& can) {
  Members members;
  members.add("target-directory", directory);
  members.add("cancel-job", false);
  add_trigger(members, trigger_id, can);
  return {"/savepoints", members.finish()};
}

Savepoint stop_with_savepoint(const std::string& directory, const std::string& trigger_id,
                              bool drain, const Capabilities& can) {
  Members members;
  if (!can.stop_with_savepoint) {
    members.add("target-directory", directory);
    members.add("cancel-job", true);
    return {"/savepoints", members.finish()};
  }
  members.add("targetDirectory", directory);
  members.add("drain", drain);
  add_trigger(members, trigger_id, can);
  return {"/stop", members.finish()};
}

}  // namespace weir::flink::requests

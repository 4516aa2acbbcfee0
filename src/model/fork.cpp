#include "model/fork.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace weir::model {
namespace {

constexpr std::size_t kNameLimit = 63;

// Words that name something which two jobs must not share unknowingly.
bool names_something_shared(std::string_view word) {
  const std::string lower = to_lower(word);
  for (const char* part : {"group", "transaction", "output", "sink", "path", "dir", "topic"})
    if (lower.find(part) != std::string::npos) return true;
  return false;
}

// "--output /data/out" and "--output=/data/out", of the job's arguments.
std::vector<std::string> shared_arguments(const std::string& arguments) {
  std::vector<std::string> found;
  const auto words = split_arguments(arguments);
  if (!words) return found;
  for (std::size_t i = 0; i < words->size(); ++i) {
    const std::string& word = (*words)[i];
    if (!word.starts_with("-") || !names_something_shared(word.substr(0, word.find('=')))) continue;
    const bool has_value = word.find('=') == std::string::npos && i + 1 < words->size() &&
                           !(*words)[i + 1].starts_with("-");
    found.push_back(has_value ? word + " " + (*words)[i + 1] : word);
  }
  return found;
}

}  // namespace

std::string fork_name(const std::string& source, int count) {
  const std::string suffix = count > 1 ? fmt::format("-{}", count) : "";
  std::string name = slug("Fork of " + source).substr(0, kNameLimit - suffix.size());
  while (name.ends_with('-')) name.pop_back();
  return name + suffix;
}

std::vector<std::string> fork_warnings(const std::string& source, const DeploymentSpec& spec,
                                       bool with_state) {
  std::vector<std::string> warnings{fmt::format(
      "The fork has the arguments and the configuration of '{}': if both run, they share consumer "
      "groups, transactional-id prefixes and output paths. Change them before it is started.",
      source)};
  if (with_state)
    warnings.emplace_back(
        "The savepoint holds the state of sinks, too: Flink's FileSink goes on in the directory "
        "that "
        "its state names, whatever the arguments say. Give such a sink another uid and set "
        "allowNonRestoredState.");
  const auto& job = spec.template_ ? spec.template_->spec : std::nullopt;
  if (job && job->artifact && job->artifact->main_args)
    for (const std::string& argument : shared_arguments(*job->artifact->main_args))
      warnings.push_back(fmt::format("Both have the argument '{}'.", argument));
  return warnings;
}

}  // namespace weir::model

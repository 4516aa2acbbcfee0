#include "simulation/random_spec.h"

#include <fmt/format.h>

#include "codec/describe_json.h"
#include "model/defaults.h"
#include "model/validation.h"

namespace weir::simulation {

using simulated::World;

namespace {

struct Texts {
  std::string_view path;
  std::vector<std::string> values;
};

// Texts that the world understands. The state has an action of its own.
const std::vector<Texts>& texts() {
  static const std::vector<Texts> kTexts{
      {"template.spec.artifact.jarUri", {"file:///jars/job.jar", "file:///jars/other.jar"}},
      {"template.spec.resources.jobmanager.memory", {"1g", "2g"}},
      {"template.spec.resources.taskmanager.memory", {"1g", "2g"}},
      {"savepointPolicy.retention.age", {"10 s", "1 min"}},
      {"savepointPolicy.schedule.cron", {"* * * * *", "*/2 * * * *"}},
      {"savepointPolicy.schedule.timeZone", {"UTC", "Europe/Berlin"}},
      {"jobFailureExpirationTime", {"10 min", "1 h"}},
  };
  return kTexts;
}

using Change = std::function<void(World&)>;
using Changes = std::vector<std::pair<std::string, Change>>;

template <class T>
T pick(World& world, const std::vector<T>& values) {
  return values[world.below(values.size())];
}

// Every way to change what stands at `path`.
template <class T>
void collect(const std::string& path, T& value, Changes& changes);

template <class T>
void collect_members(const std::string& path, T& value, Changes& changes) {
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
      [&](auto member) {
        const std::string name = codec::wire_name(member.name);
        collect(path.empty() ? name : path + "." + name, value.*member.pointer, changes);
      });
}

template <class T>
void collect_enumerators(const std::string& path, T& value, Changes& changes) {
  std::vector<T> all;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
      [&](auto enumerator) { all.push_back(enumerator.value); });
  changes.emplace_back(path, [&value, all](World& world) { value = pick(world, all); });
}

void collect_text(const std::string& path, std::string& value, Changes& changes) {
  if (path == "template.spec.artifact.mainArgs")
    changes.emplace_back(path, [&value](World& world) { value = random_program(world); });
  for (const Texts& known : texts())
    if (known.path == path)
      changes.emplace_back(path, [&](World& world) { value = pick(world, known.values); });
}

template <class T>
void collect_optional(const std::string& path, std::optional<T>& value, Changes& changes) {
  if (value) {
    collect(path, *value, changes);
    changes.emplace_back(path + "=", [&value](World&) { value.reset(); });
    return;
  }
  // What is absent is made with one of its members, if it has any that can be given a value.
  auto made = std::make_shared<T>();
  Changes inner;
  collect(path, *made, inner);
  for (auto& [inner_path, change] : inner)
    changes.emplace_back(inner_path, [&value, made, change = std::move(change)](World& world) {
      change(world);
      value = *made;
    });
}

void collect_map(const std::string& path, model::StringMap& value, Changes& changes) {
  if (path != "template.spec.flinkConfiguration") return;
  changes.emplace_back(path, [&value](World& world) {
    value["execution.checkpointing.interval"] = fmt::format("{} s", 1 + world.below(12));
  });
}

template <class T>
void collect(const std::string& path, T& value, Changes& changes) {
  if constexpr (codec::detail::is_optional<T>::value) collect_optional(path, value, changes);
  else if constexpr (std::is_same_v<T, std::string>) collect_text(path, value, changes);
  else if constexpr (std::is_same_v<T, model::StringMap>) collect_map(path, value, changes);
  else if constexpr (std::is_same_v<T, bool>)
    changes.emplace_back(path, [&value](World& world) { value = world.chance(500); });
  else if constexpr (std::is_integral_v<T>)
    changes.emplace_back(path, [&value](World& world) { value = static_cast<T>(world.below(5)); });
  else if constexpr (std::is_same_v<T, double>)
    changes.emplace_back(path, [&value](World& world) { value = 0.5 * (1 + world.below(3)); });
  else if constexpr (codec::DescribedEnum<T>) collect_enumerators(path, value, changes);
  else if constexpr (codec::DescribedStruct<T>) collect_members(path, value, changes);
}

}  // namespace

// As the API does after a PATCH: structural members that are absent get their defaults.
bool complete(model::Deployment& deployment) {
  const model::DeploymentSpec nothing;
  auto filled = codec::from_node<model::DeploymentSpec>(
      model::refill_structure(codec::to_node(deployment.spec), nothing, nothing));
  if (!filled) return false;
  deployment.spec = std::move(*filled);
  return bool(model::validate(deployment));
}

std::string random_program(World& world) {
  const auto dice = world.below(100);
  if (dice < 66) return "unbounded";
  if (dice < 80) return fmt::format("bounded {}", 5 + world.below(60));
  if (dice < 85) return "main-throws";
  if (dice < 92) return "fails";
  return "restarts-forever";
}

std::string change_some_member(World& world, model::Deployment& deployment) {
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    model::Deployment changed = deployment;
    Changes changes;
    collect("", changed.spec, changes);
    std::erase_if(changes, [](const auto& each) {
      return each.first.starts_with("state") || each.first.starts_with("sessionCluster");
    });
    const auto& [path, change] = changes[world.below(changes.size())];
    change(world);
    const std::string name = path;
    if (!complete(changed)) continue;
    deployment.spec = std::move(changed.spec);
    return name;
  }
  return {};
}

}  // namespace weir::simulation

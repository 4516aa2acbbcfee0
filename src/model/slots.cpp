#include "model/slots.h"

#include <fmt/format.h>

#include <charconv>

namespace weir::model {
namespace {

constexpr char kSlotsKey[] = "taskmanager.numberOfTaskSlots";

Error slots_error(std::string message) {
  Error error(Code::kInvalidArgument, std::move(message), "isLower");
  error.fields.push_back({"spec.template.spec.numberOfTaskManagers", error.message, "isLower"});
  return error;
}

}  // namespace

Result<Slots> slots_of(const TemplateSpec& spec) {
  const int parallelism = spec.parallelism.value_or(1);
  int slots = 0;
  if (spec.flink_configuration)
    if (const auto found = spec.flink_configuration->find(kSlotsKey);
        found != spec.flink_configuration->end()) {
      const std::string& text = found->second;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), slots);
      if (error != std::errc() || end != text.data() + text.size() || slots < 1) {
        Error bad(Code::kInvalidArgument,
                  fmt::format("{} is '{}' but must be a whole number above 0.", kSlotsKey, text),
                  "isInvalid");
        bad.fields.push_back({std::string("spec.template.spec.flinkConfiguration.") + kSlotsKey,
                              "must be a whole number above 0.", "isInvalid"});
        return bad;
      }
    }
  const int managers = spec.number_of_task_managers.value_or(0);
  if (managers == 0 && slots == 0) return Slots{parallelism, 1};
  if (managers == 0) return Slots{(parallelism + slots - 1) / slots, slots};
  if (slots == 0) return Slots{managers, (parallelism + managers - 1) / managers};
  if (static_cast<std::int64_t>(managers) * slots < parallelism)
    return slots_error(
        fmt::format("numberOfTaskManagers {} x {} {} gives {} slots, but parallelism {} needs {}.",
                    managers, kSlotsKey, slots, managers * slots, parallelism, parallelism));
  return Slots{managers, slots};
}

Result<Slots> slots_of(const JobSpec& job) {
  TemplateSpec spec;
  spec.parallelism = job.parallelism;
  spec.number_of_task_managers = job.number_of_task_managers;
  spec.flink_configuration = job.user_flink_configuration;
  return slots_of(spec);
}

}  // namespace weir::model

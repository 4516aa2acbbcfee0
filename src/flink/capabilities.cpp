#include "flink/capabilities.h"

#include <fmt/format.h>

#include <charconv>

#include "base/strings.h"

namespace weir::flink {

Result<Version> parse_version(std::string_view text) {
  Version version;
  int* const parts[] = {&version.major, &version.minor, &version.patch};
  const auto pieces = split(text, '.');
  const auto bad = [&] {
    return fail(Code::kInvalidArgument,
                fmt::format("'{}' is not a Flink version like 1.20 or 1.20.5.", text));
  };
  if (pieces.empty() || pieces.size() > 3) return bad();
  if (pieces.size() == 1) version.minor = -1;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const char* end = pieces[i].data() + pieces[i].size();
    const auto [stop, error] = std::from_chars(pieces[i].data(), end, *parts[i]);
    if (error != std::errc() || stop != end || pieces[i].empty()) return bad();
  }
  return version;
}

Capabilities capabilities_of(const std::string& text) {
  const auto parsed = parse_version(text);
  const Version version = parsed ? *parsed : Version{2, 0, 0};
  const auto from = [&](int major, int minor) { return version >= Version{major, minor, -1}; };
  Capabilities can;
  can.program_args_list = from(1, 7);
  can.own_job_id = from(1, 8);
  can.stop_with_savepoint = from(1, 9);
  can.plugins = from(1, 9);
  can.unified_memory = from(1, 11);
  can.log4j2 = from(1, 11);
  can.state_backend_hashmap = from(1, 13);
  can.client_trigger_id = from(1, 15);
  can.savepoint_format = from(1, 15);
  can.restore_mode = from(1, 15);
  can.job_status_path = from(1, 16);
  can.post_plan = from(1, 10);
  can.checkpoint_trigger = from(1, 17);
  can.run_configuration = from(1, 17);
  can.restart_strategy_type = from(1, 17);
  can.config_yaml = from(1, 19);
  can.claim_mode = from(1, 20);
  can.checkpoint_keys_renamed = from(1, 20);
  can.rescale_in_place = from(1, 20);
  can.rescale_keys_renamed = from(2, 0);
  return can;
}

}  // namespace weir::flink

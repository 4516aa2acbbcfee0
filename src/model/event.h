#pragma once

#include "model/metadata.h"

namespace weir::model {

enum class EventLevel { INFO, WARNING, ERROR };
BOOST_DESCRIBE_ENUM(EventLevel, INFO, WARNING, ERROR)

/// Members after `message` are additive to the model product's API.
struct EventSpec {
  std::string message;
  EventLevel level = EventLevel::INFO;
  std::optional<std::string> reason;
  std::optional<std::string> cause;  ///< Flink's or the machine's own words
  std::optional<std::string> actor;  ///< "user", "controller", ...
  std::optional<std::int64_t> revision;
  std::optional<std::string> transition_id;
};
BOOST_DESCRIBE_STRUCT(EventSpec, (),
                      (message, level, reason, cause, actor, revision, transition_id))

/// metadata.name is the machine-readable identifier; only the names of `kEventNames` are emitted,
/// because old typed clients refuse others.
struct Event {
  Metadata metadata;
  EventSpec spec;
};
BOOST_DESCRIBE_STRUCT(Event, (), (metadata, spec))

}  // namespace weir::model

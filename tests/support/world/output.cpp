#include "support/world/output.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::simulated {

std::uint64_t Output::new_generation(const std::string& deployment_id) {
  written_[++generations_] = 0;
  return generations_;
}

std::uint64_t Output::copied_generation(std::int64_t position) {
  written_[++generations_] = position;
  return generations_;
}

void Output::begin(const std::string& deployment_id, std::uint64_t generation,
                   const std::string& writer, std::int64_t position) {
  auto& writers = writers_[deployment_id];
  if (!writers.empty() && violated)
    violated(fmt::format("two writers: {} begins while {} writes deployment {}", writer,
                         *writers.begin(), deployment_id));
  writers.insert(writer);
  const std::int64_t written = written_[generation];
  if (position > written) {
    gaps_ += position - written;
    if (violated)
      violated(
          fmt::format("gap: {} goes on at record {} of deployment {}, but only {} were written",
                      writer, position, deployment_id, written));
  }
  twice_ += std::max<std::int64_t>(0, written - position);
}

void Output::end(const std::string& deployment_id, std::uint64_t generation,
                 const std::string& writer, std::int64_t position) {
  writers_[deployment_id].erase(writer);
  written_[generation] = std::max(written_[generation], position);
}

bool Output::is_written(const std::string& deployment_id) const {
  const auto found = writers_.find(deployment_id);
  return found != writers_.end() && !found->second.empty();
}

}  // namespace weir::simulated

#include <fmt/format.h>

#include "base/strings.h"
#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {
namespace {

bool may_run(const codec::Node& deployment) {
  const std::string state = text_at(deployment, "status.state");
  return state == "RUNNING" || state == "TRANSITIONING";
}

}  // namespace

Task<Status> confirm_loss(Session& session, codec::Node deployment, std::string deed) {
  std::istream* const answers = session.terminal.answers;
  const bool production = text_at(deployment, "spec.production") != "false";
  if (answers == nullptr || !production || !may_run(deployment)) co_return Status();
  session.terminal.err << fmt::format(
                              "Deployment {} is for production and {}. Its job is stopped without "
                              "a savepoint. {} it? [y/N] ",
                              text_at(deployment, "metadata.name"),
                              text_at(deployment, "status.state"), deed)
                       << std::flush;
  const std::string answer = co_await session.env().run([answers] {
    std::string line;
    std::getline(*answers, line);
    return to_lower(trim(line));
  });
  if (answer == "y" || answer == "yes") co_return Status();
  co_return fail(Code::kCancelled, "Nothing was changed.");
}

}  // namespace weir::cli

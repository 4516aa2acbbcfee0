#include <fmt/format.h>

#include <map>
#include <set>

#include "cli/commands.h"
#include "cli/feed.h"
#include "cli/field.h"
#include "codec/json_text.h"
#include "net/url.h"

namespace weir::cli {
namespace {

using codec::Node;

// Equal times keep the order of the list.
void sort_oldest_first(std::vector<Node>& events) {
  std::multimap<std::optional<WallTime>, Node> ordered;
  for (Node& event : events) {
    const auto time = time_at(event, "metadata.createdAt");
    ordered.emplace(time, std::move(event));
  }
  events.clear();
  for (auto& [time, event] : ordered) events.push_back(std::move(event));
}

void print_event(Session& session, const Node& event) {
  std::ostream& out = session.terminal.out;
  switch (session.format) {
    case Format::kJson: out << codec::write_json(event) << std::endl; return;
    case Format::kYaml:
      out << "---\n";
      print_document(session, event);
      return;
    case Format::kName: out << text_at(event, "metadata.name") << std::endl; return;
    case Format::kTable: break;
  }
  const std::vector<Cell> row = event_row(event);
  out << fmt::format("{}  {}  {}  {}\n", row[0].text,
                     colored(fmt::format("{:7}", row[1].text), row[1].tone, session.terminal.color),
                     row[2].text, row[3].text)
      << std::flush;
}

// History comes first and may come in any order; from the bookmark on it is told as it happens.
Task<Status> follow(Session& session, std::string deployment_id) {
  std::string path = fmt::format("/api/v1/watch?namespace={}&kinds=Event&history=true",
                                 net::percent_encode(session.ns));
  if (!deployment_id.empty()) path += "&deploymentId=" + deployment_id;
  Feed feed(session.client, std::move(path));
  std::vector<Node> history;
  std::set<std::string> told;
  bool live = false;
  while (true) {
    const MonoTime deadline = no_deadline(session.env());
    WEIR_CO_TRY(std::optional<FeedEvent> event, co_await feed.next(deadline));
    if (!event) co_return Status();
    if (event->type == "BOOKMARK" && !live) {
      live = true;
      sort_oldest_first(history);
      for (const Node& old : history) print_event(session, old);
      history.clear();
    }
    if (event->type != "ADDED" || !told.insert(text_at(event->object, "metadata.id")).second)
      continue;
    if (live) print_event(session, event->object);
    else history.push_back(std::move(event->object));
  }
}

}  // namespace

Task<Status> run(Session& session, const EventsCommand& command) {
  std::string deployment_id;
  if (!command.name.empty()) {
    WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, command.name));
    deployment_id = text_at(deployment, "metadata.id");
  }
  if (command.watch) co_return co_await follow(session, std::move(deployment_id));
  const KindEntry kind = *find_kind("event");
  std::string path = path_of(kind, session.ns);
  if (!deployment_id.empty()) path += "?deploymentId=" + deployment_id;
  WEIR_CO_TRY(Node list, co_await session.client.get(path));
  if (Node* items = list.find("items")) {
    std::reverse(items->items.begin(), items->items.end());  // the server lists newest first
    sort_oldest_first(items->items);
  }
  print_list(session, kind, list);
  co_return Status();
}

}  // namespace weir::cli

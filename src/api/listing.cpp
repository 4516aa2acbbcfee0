#include "api/listing.h"

#include <fmt/format.h>

#include <charconv>

#include "base/ids.h"

namespace weir::api {
namespace {

std::int64_t micros(const model::Metadata& metadata) {
  return metadata.created_at ? metadata.created_at->time_since_epoch().count() : 0;
}

}  // namespace

Result<Listing> Listing::of(const Call& call) {
  Listing listing;
  WEIR_TRY(listing.selector_, model::LabelSelector::parse(call.query("labelSelector")));
  WEIR_TRY(const std::int64_t limit, call.number("limit", 0, 0, 1'000'000));
  listing.limit_ = static_cast<std::size_t>(limit);
  const std::string after = call.query("continue");
  if (after.empty()) return listing;
  const auto dot = after.find('.');
  const auto [end, error] =
      std::from_chars(after.data(), after.data() + after.size(), listing.after_time_);
  if (dot == std::string::npos || error != std::errc() || end != after.data() + dot ||
      !is_uuid(after.substr(dot + 1)))
    return fail(Code::kInvalidArgument,
                "The query parameter continue is not a token of this list; start without it.",
                "isInvalid");
  listing.after_id_ = after.substr(dot + 1);
  return listing;
}

bool Listing::matches(const model::Metadata& metadata) const {
  static const model::StringMap kNone;
  return selector_.matches(metadata.labels ? *metadata.labels : kNone);
}

std::size_t Listing::start(const std::vector<const model::Metadata*>& order,
                           bool newest_first) const {
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i]->id == after_id_) return i + 1;
  // It is gone meanwhile: go on where it stood.
  std::size_t i = 0;
  while (i < order.size() &&
         (newest_first ? micros(*order[i]) > after_time_ : micros(*order[i]) < after_time_))
    ++i;
  return i;
}

std::string Listing::token(const model::Metadata& metadata) {
  return fmt::format("{}.{}", micros(metadata), metadata.id);
}

std::vector<QueryParameter> list_query(std::vector<QueryParameter> more) {
  more.push_back({"labelSelector", kLabelSelectorText});
  more.push_back({"limit", "Most items of this page; all without it"});
  more.push_back({"continue", "metadata.continue of the page before"});
  return more;
}

}  // namespace weir::api

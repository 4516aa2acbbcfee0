#pragma once

#include <concepts>
#include <string>
#include <vector>

#include "api/call.h"
#include "api/negotiation.h"
#include "model/documents.h"
#include "model/label_selector.h"

namespace weir::api {

/// How every list is narrowed: `labelSelector`, `limit`, `continue`.
class Listing {
 public:
  /// @error kInvalidArgument a malformed parameter
  static Result<Listing> of(const Call& call);

  bool matches(const model::Metadata& metadata) const;

  /// Keeps one page of `items`, an ordered list of smart pointers to resources that all match.
  /// The page starts after the item that `continue` names, or where that item stood.
  template <class Item>
  void cut(std::vector<Item>& items, bool newest_first);

  const std::string& next() const { return next_; }

 private:
  std::size_t start(const std::vector<const model::Metadata*>& order, bool newest_first) const;
  static std::string token(const model::Metadata& metadata);

  model::LabelSelector selector_;
  std::size_t limit_ = 0;  ///< 0 = all
  std::int64_t after_time_ = 0;
  std::string after_id_;
  std::string next_;
};

template <class Item>
void Listing::cut(std::vector<Item>& items, bool newest_first) {
  std::erase_if(items, [this](const Item& item) { return !matches((*item).metadata); });
  if (!after_id_.empty()) {
    std::vector<const model::Metadata*> order;
    order.reserve(items.size());
    for (const Item& item : items) order.push_back(&(*item).metadata);
    items.erase(items.begin(),
                items.begin() + static_cast<std::ptrdiff_t>(start(order, newest_first)));
  }
  if (limit_ == 0 || items.size() <= limit_) return;
  items.resize(limit_);
  next_ = token((*items.back()).metadata);
}

/// A list's answer. Long ones are written in slices, so that other requests are served in between.
/// @param to_json gives the API form of an item, or of what it points to; must stay valid until
/// this returns
template <class Item, class ToJson>
Task<Result<net::Response>> answer_list(Call& call, std::string kind, std::vector<Item> items,
                                        bool newest_first, ToJson to_json) {
  constexpr Duration kSlice = std::chrono::milliseconds(2);
  WEIR_CO_TRY(Listing listing, Listing::of(call));
  listing.cut(items, newest_first);
  std::vector<std::string> texts;
  texts.reserve(items.size());
  MonoTime slice = call.env().now();
  for (const Item& item : items) {
    if constexpr (std::invocable<ToJson, const Item&>) texts.push_back(to_json(item));
    else texts.push_back(to_json(*item));
    if (texts.size() % 50 != 0 || call.env().now() - slice < kSlice) continue;
    co_await sleep_until(call.env().timer, call.env().now());
    slice = call.env().now();
  }
  std::string json = model::list_json(kind, texts, listing.next());
  const Format format = call.format;
  if (format == Format::kJson) co_return document(200, std::move(json), format);
  co_return co_await call.env().run(
      [&json, format] { return document(200, std::move(json), format); });
}

inline constexpr char kLabelSelectorText[] =
    "Kubernetes label selector: k=v, k!=v, k in (a,b), k notin (a,b), k, !k; comma means and";

/// The query parameters that every list takes.
std::vector<QueryParameter> list_query(std::vector<QueryParameter> more = {});

}  // namespace weir::api

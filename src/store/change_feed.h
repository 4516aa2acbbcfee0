#pragma once

#include <deque>
#include <list>
#include <memory>
#include <unordered_map>

#include "store/store.h"

namespace weir::store {

/// Tells listeners about changes and keeps the last `kRing` of them. Only the last `kExact` keep
/// the state of their moment; older ones share the newest state of their resource, so that a
/// resource which changes often does not fill the memory with what was overwritten. I/O thread
/// only.
class ChangeFeed {
 public:
  static constexpr std::size_t kRing = 10'000;
  static constexpr std::size_t kExact = 1'000;

  /// @param start the revision before the first change that will be published
  void reset(Revision start) { oldest_ = start; }
  void publish(const Change& change);
  std::shared_ptr<void> subscribe(Store::Listener listener);
  Result<std::vector<Change>> since(Revision revision) const;

 private:
  using Listeners = std::list<std::shared_ptr<Store::Listener>>;
  /// The newest state of one resource, shared by all of its changes in the ring.
  struct Newest {
    std::shared_ptr<const model::Resource> resource;
    std::size_t changes = 0;
  };
  struct Kept {
    Change change;  ///< without the resource when it is an old one
    Newest* newest;
  };
  void keep(const Change& change);
  void drop_oldest();

  std::deque<Kept> ring_;
  std::unordered_map<std::string, Newest> newest_;  ///< by id; nodes stay where they are
  Revision oldest_ = 0;                             ///< everything after it is in the ring
  std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
};

}  // namespace weir::store

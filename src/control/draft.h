#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "control/view.h"
#include "store/store.h"

namespace weir::control {

/// What an event says besides its message.
struct Telling {
  model::EventLevel level = model::EventLevel::INFO;
  std::string reason;
  std::string cause;  ///< Flink's or the machine's own words
};

/// The changes that one decision makes, to be committed as one transaction. Every accessor gives a
/// copy of the recorded resource to write into; what was not touched is not written.
class Draft {
 public:
  Draft(const View& view, IdSource& ids, WallTime now);

  bool empty() const { return batch_.empty() && !touched(); }
  WallTime now() const { return now_; }
  std::string new_id() { return ids_.uuid(); }

  model::Deployment& deployment();
  model::Transition& transition();  ///< precondition: one is open, or was opened here
  model::Job& job();                ///< precondition: the deployment has a current one
  model::Cluster& cluster();        ///< precondition: the job has one that is not gone
  model::Savepoint& savepoint();    ///< precondition: the transition has one
  /// The prepared job. Precondition: there is one, and it is not the phase's own.
  model::Job& next_job();
  bool has_transition() const { return transition_.has_value() || view_.transition; }

  /// Opens a transition: observed state TRANSITIONING, annotations, STATE_TRANSITION_IS_NEEDED
  /// (unless the message is empty).
  model::Transition& open(model::TransitionKind kind, model::TransitionPhase phase,
                          const std::string& message, Telling telling = {});
  /// Replaces the open transition by another kind because the user wants something else now.
  model::Transition& supersede(model::TransitionKind kind, model::TransitionPhase phase,
                               const std::string& message);
  void enter(model::TransitionPhase phase);
  /// What people read while it takes time.
  void waiting_for(const std::string& text);
  /// Ends the transition with this observed state. @param message empty: no completion event
  void finish(model::ObservedState state, const std::string& message);

  /// Becomes the deployment's current job.
  model::Job& create_job(model::Job job);
  /// Is prepared while the current job runs on.
  model::Job& create_next_job(model::Job job);
  model::Cluster& create_cluster(model::Cluster cluster);
  model::Savepoint& create_savepoint(model::Savepoint savepoint);
  /// Proven gone: its record is removed, its directory with the logs stays.
  void cluster_gone(const store::Stored<model::Cluster>& cluster);
  void cluster_ending(const store::Stored<model::Cluster>& cluster);
  void put(model::Resource resource, store::Expect expect) {
    batch_.puts.push_back({std::move(resource), expect});
  }
  template <class T>
  void remove(const store::Stored<T>& resource) {
    batch_.remove(resource);
  }

  void event(const char* name, std::string message, Telling telling = {});

  /// @return the batch; the draft is empty afterwards
  store::Batch take();

 private:
  bool touched() const {
    return deployment_ || transition_ || job_ || cluster_ || savepoint_ || next_job_;
  }
  model::Transition& begin(model::TransitionKind kind, model::TransitionPhase phase,
                           const std::string& message, Telling telling);
  void show_transition();

  template <class T>
  T& edit(std::optional<T>& mine, const store::Stored<T>& recorded, store::Expect& expect);

  const View& view_;
  IdSource& ids_;
  WallTime now_;
  store::Batch batch_;
  std::optional<model::Deployment> deployment_;
  std::optional<model::Transition> transition_;
  std::optional<model::Job> job_;
  std::optional<model::Cluster> cluster_;
  std::optional<model::Savepoint> savepoint_;
  std::optional<model::Job> next_job_;
  store::Expect expect_deployment_, expect_transition_, expect_job_, expect_cluster_,
      expect_savepoint_, expect_next_job_;
  bool transition_ended_ = false;
};

}  // namespace weir::control

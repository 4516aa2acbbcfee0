#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "net/http.h"

namespace weir::api {

/// Hides secret values in text that Flink wrote.
class Redaction {
 public:
  /// Values shorter than this are left alone: hiding them would destroy the text around them.
  static constexpr std::size_t kShortest = 4;

  Redaction() = default;
  explicit Redaction(const std::vector<std::string>& secrets);

  bool empty() const { return needles_.empty(); }
  std::string apply(std::string text) const;
  std::size_t longest() const { return needles_.empty() ? 0 : needles_.front().size(); }
  bool spans_lines() const { return spans_lines_; }

 private:
  std::vector<std::string> needles_;  ///< plain and as inside JSON, longest first
  bool spans_lines_ = false;
};

/// Every secret that the job's snapshot refers to.
Redaction redaction_of(const Context& context, const model::Job& job);

/// Hides secrets in a body that passes through piece by piece. What may be the start of a secret is
/// held back until more has come or `finish` is called.
class RedactingWriter final : public net::BodyWriter {
 public:
  RedactingWriter(net::BodyWriter& out, const Redaction& redaction)
      : out_(out), redaction_(redaction) {}

  Task<Status> write(std::string_view piece) override;
  Task<Status> finish();

 private:
  net::BodyWriter& out_;
  const Redaction& redaction_;
  std::string held_;
};

}  // namespace weir::api

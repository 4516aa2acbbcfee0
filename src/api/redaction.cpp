#include "api/redaction.h"

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "codec/describe_json.h"
#include "model/placeholders.h"

namespace weir::api {

Redaction::Redaction(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < kShortest) continue;
    std::string quoted;
    codec::append_json_string(quoted, secret);
    const std::string in_json = quoted.substr(1, quoted.size() - 2);
    needles_.push_back(secret);
    if (in_json != secret) needles_.push_back(in_json);
    spans_lines_ = spans_lines_ || secret.find('\n') != std::string::npos;
  }
  std::sort(needles_.begin(), needles_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Redaction::apply(std::string text) const {
  for (const std::string& needle : needles_) text = replace_all(std::move(text), needle, "******");
  return text;
}

Redaction redaction_of(const Context& context, const model::Job& job) {
  std::vector<std::string> values;
  // References stand in the configuration, the jar's URI and the arguments; the whole snapshot is
  // looked through so that none is forgotten.
  for (const std::string& name : model::secret_names(codec::to_json_text(job.spec))) {
    const auto secret = context.services.store.read().secret(job.metadata.namespace_, name);
    if (!secret) continue;
    if (auto value = context.services.secrets.open_sealed(secret->internal.sealed))
      values.push_back(std::move(*value));
  }
  return Redaction(values);
}

Task<Status> RedactingWriter::write(std::string_view piece) {
  if (redaction_.empty()) co_return co_await out_.write(piece);
  held_ = redaction_.apply(held_.append(piece));
  // A secret that is still incomplete starts in the last bytes.
  std::size_t keep = std::min(held_.size(), redaction_.longest() - 1);
  if (held_.ends_with('\n') && !redaction_.spans_lines()) keep = 0;
  const std::string ready = held_.substr(0, held_.size() - keep);
  held_.erase(0, ready.size());
  if (ready.empty()) co_return Status();
  co_return co_await out_.write(ready);
}

Task<Status> RedactingWriter::finish() {
  const std::string rest = std::exchange(held_, {});
  if (rest.empty()) co_return Status();
  co_return co_await out_.write(rest);
}

}  // namespace weir::api

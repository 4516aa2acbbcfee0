#include "model/label_selector.h"

#include <algorithm>

#include "base/strings.h"

namespace weir::model {
namespace {

Error malformed(std::string_view text) {
  return fail(
      Code::kInvalidArgument,
      "labelSelector '" + std::string(text) +
          "' is malformed; write k=v, k!=v, k in (a,b), k notin (a,b), k or !k, with commas.",
      "isInvalid");
}

bool is_key(std::string_view key) {
  return !key.empty() && key.find_first_of(" \t()=!,") == std::string_view::npos;
}

// Splits at commas outside parentheses.
std::vector<std::string_view> terms_of(std::string_view text) {
  std::vector<std::string_view> terms;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      terms.push_back(trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  return terms;
}

}  // namespace

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  if (trim(text).empty()) return selector;
  for (std::string_view term : terms_of(text)) {
    Requirement requirement;
    const auto equals = term.find('=');
    const auto open = term.find('(');
    if (open != std::string_view::npos) {
      const std::string_view head = trim(term.substr(0, open));
      const auto space = head.find_last_of(" \t");
      if (space == std::string_view::npos || term.back() != ')') return malformed(text);
      const std::string_view word = head.substr(space + 1);
      if (word != "in" && word != "notin") return malformed(text);
      requirement.negated = word == "notin";
      requirement.key = trim(head.substr(0, space));
      for (std::string_view value : split(term.substr(open + 1, term.size() - open - 2), ','))
        requirement.values.emplace_back(trim(value));
    } else if (equals != std::string_view::npos) {
      requirement.negated = equals > 0 && term[equals - 1] == '!';
      const bool twice = equals + 1 < term.size() && term[equals + 1] == '=';
      requirement.key = trim(term.substr(0, equals - (requirement.negated ? 1 : 0)));
      const std::string_view value = trim(term.substr(equals + (twice ? 2 : 1)));
      if (value.find_first_of("=!()") != std::string_view::npos) return malformed(text);
      requirement.values.emplace_back(value);
    } else {
      requirement.negated = term.starts_with('!');
      requirement.any_value = true;
      requirement.key = trim(requirement.negated ? term.substr(1) : term);
    }
    if (!is_key(requirement.key)) return malformed(text);
    selector.requirements_.push_back(std::move(requirement));
  }
  return selector;
}

bool LabelSelector::matches(const StringMap& labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& wanted) {
    const auto found = labels.find(wanted.key);
    const bool holds = found != labels.end() &&
                       (wanted.any_value || std::find(wanted.values.begin(), wanted.values.end(),
                                                      found->second) != wanted.values.end());
    return holds != wanted.negated;
  });
}

}  // namespace weir::model

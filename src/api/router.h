#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "codec/schema.h"
#include "net/http.h"

namespace weir::api {

struct Call;

/// Answers one request. A plain function: the Call outlives it.
using Handler = Task<Result<net::Response>> (*)(Call& call);
using SchemaOf = boost::json::value (*)(codec::Schemas& schemas);

/// The schema of a described struct, for a Route.
template <class T>
boost::json::value schema(codec::Schemas& schemas) {
  return codec::add_schema<T>(schemas);
}

struct QueryParameter {
  std::string name;
  std::string description;
};

/// One method of one path, with what OpenAPI says about it.
struct Route {
  std::string method;
  /// "/a/{name}/b", "/a/{name}:verb"; a last segment "{rest...}" takes everything that follows,
  /// also nothing.
  std::string pattern;
  Handler handler = nullptr;
  std::string summary = {};
  std::string tag = {};
  SchemaOf request = nullptr;  ///< nullptr: no document is read
  SchemaOf answer = nullptr;   ///< nullptr: see `media`
  bool list = false;           ///< the answer is a list of `answer`
  int success = 200;
  std::vector<QueryParameter> query = {};
  std::string media = "application/json";
};

using Parameters = std::map<std::string, std::string, std::less<>>;

struct Match {
  const Route* route = nullptr;      ///< nullptr: no such method, or no such path
  Parameters parameters;             ///< "rest" holds what "{rest...}" took, joined by '/'
  std::vector<std::string> allowed;  ///< methods of the path; empty: no such path
};

/// The table of all routes. Literal segments and verbs win over parameters.
class Router {
 public:
  void add(Route route);
  Match find(std::string_view method, const std::vector<std::string>& segments) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  ///< segments of each route's pattern
};

}  // namespace weir::api

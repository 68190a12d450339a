// Finds who handles a path.
//
// A pattern is literal ("/time"), has parameters ("/rooms/{room}/users/{user}": one whole,
// non-empty segment each), or ends with a rest ("/static/{rest...}": everything below "/static/",
// also nothing). Segment by segment from the left a literal beats a parameter and a parameter beats
// a rest; the first of equals wins. Thread: none of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace duplex::http {

struct RouteParameter {
  std::string_view name;  // as long as the router
  std::string value;      // percent-decoded
};

struct RouteMatch {
  enum class Status : std::uint8_t { found, no_path, no_method };  // 200, 404, 405

  Status status = Status::no_path;
  std::size_t index = 0;  // of the route, counted in the order of add()
  std::vector<RouteParameter> parameters = {};
  // no_method: what Allow says (RFC 9110 section 10.2.1), in the order of add(), each once.
  std::vector<std::string_view> allowed = {};

  // The value of the parameter, or empty if there is none of that name.
  std::string_view parameter(std::string_view name) const noexcept;
};

// The patterns, without what they lead to.
class RouteTable {
 public:
  // False, and nothing is added, when the pattern is malformed: it does not begin with '/', a brace
  // is not a whole segment, a name is empty or used twice, or a rest is not the last segment.
  bool add(std::string_view method, std::string_view pattern);

  // `path` still percent-encoded: a "%2F" does not part segments. HEAD is answered by GET if it has
  // no route of its own. A value of a rest keeps its escapes: see relative_file_path().
  RouteMatch match(std::string_view method, std::string_view path) const;

  std::size_t size() const noexcept { return routes_.size(); }

 private:
  enum class SegmentKind : std::uint8_t { literal, parameter, rest };  // best first
  struct Segment {
    SegmentKind kind = SegmentKind::literal;
    std::string text = {};  // the literal, decoded, or the name
  };
  struct Route {
    std::string method = {};
    std::vector<Segment> segments = {};
  };

  static std::optional<Segment> parse_segment(std::string_view text, bool last);
  static bool name_is_new(const std::vector<Segment>& segments, const Segment& segment) noexcept;
  static bool fits(const Route& route, std::string_view path);
  static bool is_better(const Route& a, const Route& b) noexcept;
  const Route* best(std::string_view method, std::string_view path) const;
  static std::vector<RouteParameter> parameters_of(const Route& route, std::string_view path);
  std::vector<std::string_view> methods_at(std::string_view path) const;

  std::vector<Route> routes_ = {};
};

// Patterns with what they lead to.
template <class Handler>
class Router {
 public:
  // As RouteTable::add().
  bool add(std::string_view method, std::string_view pattern, Handler handler) {
    if (!table_.add(method, pattern)) return false;
    handlers_.push_back(std::move(handler));
    return true;
  }

  RouteMatch match(std::string_view method, std::string_view path) const {
    return table_.match(method, path);
  }

  // Of a match whose status is `found`.
  Handler& handler(const RouteMatch& match) noexcept { return handlers_[match.index]; }
  const Handler& handler(const RouteMatch& match) const noexcept { return handlers_[match.index]; }

 private:
  RouteTable table_ = {};
  std::vector<Handler> handlers_ = {};
};

}  // namespace duplex::http

// Finds who handles a path. Patterns are few, so they are tried one after the other.
#include "duplex/http/router.h"

#include <algorithm>

#include "duplex/http/target.h"

namespace duplex::http {
namespace {

// Walks over the segments of a path or pattern; "/a/" has two, the last of them empty.
class Segments {
 public:
  explicit Segments(std::string_view path) noexcept : rest_(path) {}

  bool done() const noexcept { return rest_.empty(); }
  // All that is left, without the leading '/'.
  std::string_view rest() const noexcept { return rest_.substr(1); }

  std::string_view next() noexcept {
    const std::size_t end = std::min(rest_.find('/', 1), rest_.size());
    const std::string_view segment = rest_.substr(1, end - 1);
    rest_.remove_prefix(end);
    return segment;
  }

 private:
  std::string_view rest_;  // empty, or begins with '/'
};

std::string decode(std::string_view segment) {
  return percent_decode(segment).value_or(std::string(segment));
}

bool same_text(std::string_view segment, std::string_view literal) {
  const bool plain = segment.find('%') == std::string_view::npos;
  return plain ? segment == literal : decode(segment) == literal;
}

void add_once(std::vector<std::string_view>& list, std::string_view text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

}  // namespace

std::string_view RouteMatch::parameter(std::string_view name) const noexcept {
  for (const RouteParameter& each : parameters) {
    if (each.name == name) return each.value;
  }
  return {};
}

bool RouteTable::add(std::string_view method, std::string_view pattern) {
  if (!pattern.starts_with('/')) return false;
  Route route{.method = std::string(method)};
  for (Segments segments(pattern); !segments.done();) {
    const std::string_view text = segments.next();
    auto segment = parse_segment(text, segments.done());
    if (!segment || !name_is_new(route.segments, *segment)) return false;
    route.segments.push_back(std::move(*segment));
  }
  routes_.push_back(std::move(route));
  return true;
}

std::optional<RouteTable::Segment> RouteTable::parse_segment(std::string_view text, bool last) {
  const std::size_t braces = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c == '{' || c == '}'; }));
  if (braces == 0) return Segment{.text = decode(text)};
  if (braces != 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
  std::string_view name = text.substr(1, text.size() - 2);
  const bool is_rest = name.ends_with("...");
  if (is_rest) name.remove_suffix(3);
  if (name.empty() || (is_rest && !last)) return std::nullopt;
  return Segment{.kind = is_rest ? SegmentKind::rest : SegmentKind::parameter,
                 .text = std::string(name)};
}

bool RouteTable::name_is_new(const std::vector<Segment>& segments,
                             const Segment& segment) noexcept {
  return segment.kind == SegmentKind::literal ||
         std::none_of(segments.begin(), segments.end(), [&segment](const Segment& each) {
           return each.kind != SegmentKind::literal && each.text == segment.text;
         });
}

bool RouteTable::fits(const Route& route, std::string_view path) {
  if (!path.starts_with('/')) return false;  // "*"
  Segments segments(path);
  for (const Segment& segment : route.segments) {
    if (segments.done()) return false;
    if (segment.kind == SegmentKind::rest) return true;
    const std::string_view text = segments.next();
    const bool is_literal = segment.kind == SegmentKind::literal;
    if (is_literal ? !same_text(text, segment.text) : text.empty()) return false;
  }
  return segments.done();
}

// Of two routes that fit the same path. Kinds are ordered best first.
bool RouteTable::is_better(const Route& a, const Route& b) noexcept {
  return std::lexicographical_compare(
      a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
      [](const Segment& x, const Segment& y) { return x.kind < y.kind; });
}

const RouteTable::Route* RouteTable::best(std::string_view method, std::string_view path) const {
  const Route* best = nullptr;
  for (const Route& route : routes_) {
    if (route.method != method || !fits(route, path)) continue;
    if (best == nullptr || is_better(route, *best)) best = &route;
  }
  return best;
}

std::vector<RouteParameter> RouteTable::parameters_of(const Route& route, std::string_view path) {
  std::vector<RouteParameter> parameters;
  Segments segments(path);
  for (const Segment& segment : route.segments) {
    if (segment.kind == SegmentKind::rest) {
      parameters.push_back({segment.text, std::string(segments.rest())});
      break;
    }
    const std::string_view text = segments.next();
    if (segment.kind == SegmentKind::parameter) parameters.push_back({segment.text, decode(text)});
  }
  return parameters;
}

std::vector<std::string_view> RouteTable::methods_at(std::string_view path) const {
  std::vector<std::string_view> methods;
  for (const Route& route : routes_) {
    if (!fits(route, path)) continue;
    add_once(methods, route.method);
    if (route.method == "GET") add_once(methods, "HEAD");
  }
  return methods;
}

RouteMatch RouteTable::match(std::string_view method, std::string_view path) const {
  const Route* route = best(method, path);
  if (route == nullptr && method == "HEAD") route = best("GET", path);
  if (route != nullptr) {
    return {.status = RouteMatch::Status::found,
            .index = static_cast<std::size_t>(route - routes_.data()),
            .parameters = parameters_of(*route, path)};
  }
  RouteMatch match{.allowed = methods_at(path)};
  if (!match.allowed.empty()) match.status = RouteMatch::Status::no_method;
  return match;
}

}  // namespace duplex::http

// Cookies, kept and said again.
#include "http/cookie_jar.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "duplex/http/message.h"

namespace duplex::http {
namespace {

// So that no sum leaves the clock.
constexpr std::int64_t longest_age = 400LL * 24 * 60 * 60;

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// What stands before `end`, which is taken off `text` with it.
std::string_view take_until(std::string_view& text, char end) noexcept {
  const std::size_t size = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return trimmed(taken);
}

bool is_control(char c) noexcept {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

// Section 5.2.2. Digits beyond what a number holds are a long time.
std::optional<Seconds> end_of_age(std::string_view text, Seconds now) noexcept {
  std::int64_t age = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), age);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return {};
  if (error != std::errc()) age = text.starts_with('-') ? 0 : longest_age;
  return now + std::chrono::seconds(std::clamp<std::int64_t>(age, 0, longest_age));
}

// Max-Age has the last word (section 5.3, step 3).
std::optional<Seconds> end_of(std::string_view attributes, Seconds now) noexcept {
  std::optional<Seconds> by_date;
  std::optional<Seconds> by_age;
  while (!attributes.empty()) {
    std::string_view value = take_until(attributes, ';');
    const std::string_view name = take_until(value, '=');
    if (iequals(name, "Expires")) by_date = parse_http_date(trimmed(value), now);
    if (iequals(name, "Max-Age")) by_age = end_of_age(trimmed(value), now);
  }
  return by_age ? by_age : by_date;
}

}  // namespace

void CookieJar::take(std::string_view set_cookie, Seconds now) {
  if (std::ranges::any_of(set_cookie, is_control)) return;
  std::string_view pair = take_until(set_cookie, ';');
  if (pair.find('=') == std::string_view::npos) return;
  const std::string_view name = take_until(pair, '=');
  if (name.empty()) return;
  keep({.name = std::string(name),
        .value = std::string(trimmed(pair)),
        .end = end_of(set_cookie, now)},
       now);
}

void CookieJar::keep(Cookie cookie, Seconds now) {
  const auto old = std::ranges::find(cookies_, cookie.name, &Cookie::name);
  if (cookie.end && *cookie.end <= now) {
    if (old != cookies_.end()) cookies_.erase(old);
    return;
  }
  std::size_t size = cookie.name.size() + cookie.value.size();
  for (const Cookie& other : cookies_) {
    if (other.name != cookie.name) size += other.name.size() + other.value.size();
  }
  if (size > max_size_) return;
  if (old != cookies_.end()) {
    *old = std::move(cookie);
  } else {
    cookies_.push_back(std::move(cookie));
  }
}

std::string CookieJar::text(Seconds now) const {
  std::string text;
  for (const Cookie& cookie : cookies_) {
    if (cookie.end && *cookie.end <= now) continue;
    if (!text.empty()) text += "; ";
    text += cookie.name + '=' + cookie.value;
  }
  return text;
}

}  // namespace duplex::http

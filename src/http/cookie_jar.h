// The cookies that one server has set, for the requests that follow: RFC 6265, as far as a client
// needs it that speaks to one server on one path. Pure: the time is an argument.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/http/date.h"

namespace duplex::http {

class CookieJar {
 public:
  // `max_size`: bytes of all names and values. What goes beyond is not kept.
  explicit CookieJar(std::size_t max_size) noexcept : max_size_(max_size) {}

  // The value of a Set-Cookie field (section 5.2). Of its attributes only Expires and Max-Age
  // count. What is malformed is ignored.
  void take(std::string_view set_cookie, Seconds now);
  // The value of a Cookie field (section 4.2): "a=1; b=2". Empty: there is none.
  std::string text(Seconds now) const;

 private:
  struct Cookie {
    std::string name = {};
    std::string value = {};
    std::optional<Seconds> end = {};
  };

  void keep(Cookie cookie, Seconds now);

  std::size_t max_size_;
  std::vector<Cookie> cookies_ = {};  // in the order in which they were first set
};

}  // namespace duplex::http

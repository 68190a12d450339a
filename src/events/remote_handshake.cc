// A client's handshake as other servers know it.
#include "events/remote_handshake.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "duplex/codec/utf8.h"
#include "duplex/http/date.h"
#include "duplex/http/target.h"

namespace duplex::events {
namespace {

using codec::JsonMember;
using codec::JsonObject;

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// So many bytes of it are whole characters of UTF-8.
std::size_t valid_size(std::string_view text) noexcept {
  codec::Utf8Validator validator;
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size() && validator.step(static_cast<std::byte>(text[i])); ++i) {
    if (validator.complete()) size = i + 1;
  }
  return size;
}

// With U+FFFD for each byte that is no UTF-8, which other servers would refuse.
std::string as_utf8(std::string_view text) {
  std::string valid;
  for (;;) {
    const std::size_t size = valid_size(text);
    valid += text.substr(0, size);
    if (size == text.size()) return valid;
    valid += "\ufffd";
    text.remove_prefix(size + 1);
  }
}

JsonMember* find(JsonObject& object, std::string_view name) {
  const auto found = std::ranges::find(object, name, &JsonMember::first);
  return found == object.end() ? nullptr : &*found;
}

// As Node.js has them: names in lower case, lines of one name joined.
JsonObject headers_of(const http::Fields& fields) {
  JsonObject headers;
  for (const http::Field& field : fields) {
    std::string name = in_lower_case(field.name);
    if (JsonMember* const before = find(headers, name)) {
      before->second = *before->second.text() + ", " + as_utf8(field.value);
    } else {
      headers.emplace_back(std::move(name), as_utf8(field.value));
    }
  }
  return headers;
}

// Form encoding: '+' is a space. Nothing: a '%' is not part of it.
std::optional<std::string> decoded(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '+', ' ');
  const auto bytes = http::percent_decode(plain);
  if (!bytes) return std::nullopt;
  return as_utf8(*bytes);
}

JsonObject query_of(std::string_view query) {
  JsonObject parameters;
  std::unordered_set<std::string> names;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto name = decoded(part.substr(0, equals));
    const auto value = decoded(part.substr(std::min(equals + 1, part.size())));
    const bool is_new = name && value && !name->empty() && names.insert(*name).second;
    if (is_new) parameters.emplace_back(*name, *value);
  }
  return parameters;
}

// "Sun Nov 29 2026 20:41:18 GMT+0000", as JavaScript writes a Date.
std::string time_text(std::chrono::system_clock::time_point time) {
  // "Sun, 29 Nov 2026 20:41:18 GMT"
  const std::string date = http::http_date(std::chrono::floor<std::chrono::seconds>(time));
  return date.substr(0, 3) + " " + date.substr(8, 3) + " " + date.substr(5, 2) + " " +
         date.substr(12, 13) + " GMT+0000";
}

std::int64_t milliseconds_of(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

Json remote_handshake(const Handshake& handshake) {
  const http::Request& request = handshake.request->view();
  return JsonObject{{"headers", headers_of(request.fields)},
                    {"time", time_text(handshake.issued)},
                    {"address", handshake.address.host()},
                    {"xdomain", request.fields.find("Origin").has_value()},
                    {"secure", false},
                    {"issued", milliseconds_of(handshake.issued)},
                    {"url", as_utf8(request.target)},
                    {"query", query_of(request.query)},
                    {"auth", handshake.auth}};
}

}  // namespace duplex::events

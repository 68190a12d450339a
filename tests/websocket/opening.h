// Requests and answers of opening handshakes for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "duplex/websocket/handshake.h"

namespace duplex::websocket {

inline constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 section 1.3
inline constexpr std::string_view sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// A list of fields that can be changed by name.
class FieldList {
 public:
  FieldList(std::vector<http::Field> fields) : fields_(std::move(fields)) {}

  FieldList& add(std::string_view name, std::string_view value) {
    fields_.push_back({name, value});
    return *this;
  }
  FieldList& remove(std::string_view name) {
    std::erase_if(fields_, [name](const http::Field& field) { return field.name == name; });
    return *this;
  }
  FieldList& set(std::string_view name, std::string_view value) {
    return remove(name).add(name, value);
  }
  http::Fields view() const noexcept { return http::Fields(fields_); }

 private:
  std::vector<http::Field> fields_;
};

inline FieldList request_fields() {
  return FieldList({{"Host", "a"},
                    {"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Key", sample_key},
                    {"Sec-WebSocket-Version", "13"}});
}

inline http::Request request_with(const FieldList& fields) {
  return {.method = "GET", .target = "/ws", .path = "/ws", .fields = fields.view()};
}

inline FieldList answer_fields() {
  return FieldList({{"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Accept", sample_accept}});
}

inline http::Response answer_with(const FieldList& fields) {
  return {.status = 101, .reason = "Switching Protocols", .fields = fields.view()};
}

}  // namespace duplex::websocket

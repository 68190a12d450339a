// Replies of Redis as they are on the wire, and as a person reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "duplex/codec/resp.h"

namespace duplex::support {

inline std::string resp_bulk(std::string_view bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n";
}

inline std::string resp_array(const std::vector<std::string>& items) {
  std::string wire = "*" + std::to_string(items.size()) + "\r\n";
  for (const std::string& each : items) wire += each;
  return wire;
}

// What a server writes for it.
inline std::string resp_wire(const codec::RespValue& value) {
  using Kind = codec::RespValue::Kind;
  switch (value.kind) {
    case Kind::nil:
      return "$-1\r\n";
    case Kind::simple:
      return "+" + value.text + "\r\n";
    case Kind::error:
      return "-" + value.text + "\r\n";
    case Kind::integer:
      return ":" + std::to_string(value.integer) + "\r\n";
    case Kind::bulk:
      return resp_bulk(value.text);
    case Kind::array:
      break;
  }
  std::vector<std::string> items;
  for (const codec::RespValue& each : value.items) items.push_back(resp_wire(each));
  return resp_array(items);
}

// +OK !ERR 7 "bulk" nil [1 2]
inline std::string resp_text(const codec::RespValue& value) {
  using Kind = codec::RespValue::Kind;
  switch (value.kind) {
    case Kind::nil:
      return "nil";
    case Kind::simple:
      return "+" + value.text;
    case Kind::error:
      return "!" + value.text;
    case Kind::integer:
      return std::to_string(value.integer);
    case Kind::bulk:
      return '"' + value.text + '"';
    case Kind::array:
      break;
  }
  std::string text = "[";
  for (const codec::RespValue& each : value.items) {
    if (text.size() > 1) text += ' ';
    text += resp_text(each);
  }
  return text + "]";
}

}  // namespace duplex::support

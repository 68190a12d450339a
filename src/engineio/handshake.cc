// The text of the first packet.
#include "duplex/codec/json.h"
#include "duplex/engineio/packet.h"

namespace duplex::engineio {
namespace {

using codec::JsonArray;
using codec::JsonObject;
using codec::JsonValue;

// The number of that key into `number`, if it is there. False when it is none, or below 0.
bool take_number(const JsonValue& object, std::string_view key, std::uint64_t& number) {
  const JsonValue* const value = object.find(key);
  if (value == nullptr) return true;
  const auto integer = value->integer();
  if (!integer || *integer < 0) return false;
  number = static_cast<std::uint64_t>(*integer);
  return true;
}

bool names_websocket(const JsonValue* upgrades) {
  if (upgrades == nullptr || upgrades->array() == nullptr) return false;
  for (const JsonValue& each : *upgrades->array()) {
    if (each.text() != nullptr && *each.text() == "websocket") return true;
  }
  return false;
}

}  // namespace

std::string write_handshake(const Handshake& handshake) {
  JsonArray upgrades;
  if (handshake.can_upgrade) upgrades.emplace_back("websocket");
  return codec::write_json(JsonObject{{"sid", handshake.sid},
                                      {"upgrades", std::move(upgrades)},
                                      {"pingInterval", handshake.ping_interval},
                                      {"pingTimeout", handshake.ping_timeout},
                                      {"maxPayload", handshake.max_payload}});
}

Result<Handshake, std::string> parse_handshake(std::string_view text) {
  const auto json = codec::parse_json(text);
  if (!json) return Failure{"the open packet is no JSON: " + json.error().message};
  const JsonValue* const sid = json->find("sid");
  if (sid == nullptr || sid->text() == nullptr || sid->text()->empty()) {
    return Failure{std::string("the open packet has no sid")};
  }
  Handshake handshake = {.sid = *sid->text(),
                         .can_upgrade = names_websocket(json->find("upgrades")),
                         .max_payload = 0};
  if (!take_number(*json, "pingInterval", handshake.ping_interval) ||
      !take_number(*json, "pingTimeout", handshake.ping_timeout) ||
      !take_number(*json, "maxPayload", handshake.max_payload)) {
    return Failure{std::string("a number of the open packet is none of 0 and above")};
  }
  return handshake;
}

}  // namespace duplex::engineio

// Any bytes as MessagePack: what is read is the same when it is written and read again, in no more
// bytes than it came in, and is written the same way each time. Any value of JSON is, too, and so
// is a packet of Socket.IO.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "decisions.h"
#include "duplex/codec/msgpack.h"
#include "duplex/socketio/msgpack_packet.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using codec::JsonValue;

// What is not equal to itself, or has another form when it is written.
bool changes_form(const JsonValue& value) {
  if (const auto number = value.number()) return !value.integer();
  if (value.text() != nullptr) return value.text()->ends_with('Z');
  if (const codec::JsonArray* const items = value.array()) {
    return std::any_of(items->begin(), items->end(), changes_form);
  }
  if (const codec::JsonObject* const members = value.object()) {
    return std::any_of(members->begin(), members->end(),
                       [](const codec::JsonMember& each) { return changes_form(each.second); });
  }
  return false;
}

bool has_nan(const JsonValue& value) {
  if (const auto number = value.number()) return std::isnan(*number);
  if (const codec::JsonArray* const items = value.array()) {
    return std::any_of(items->begin(), items->end(), has_nan);
  }
  if (const codec::JsonObject* const members = value.object()) {
    return std::any_of(members->begin(), members->end(),
                       [](const codec::JsonMember& each) { return has_nan(each.second); });
  }
  return false;
}

void expect_round_trip(const JsonValue& value, std::size_t size) {
  const auto written = codec::write_msgpack(value);
  if (!changes_form(value)) {
    EXPECT_LE(written.size(), size);
  }
  const auto again = codec::parse_msgpack(written);
  ASSERT_TRUE(again) << again.error().message;
  if (!has_nan(value)) {
    EXPECT_EQ(*again, value);
  }
  EXPECT_EQ(codec::write_msgpack(*again), written);
}

void expect_packet(Bytes bytes, const socketio::PacketLimits& limits) {
  const auto packet = socketio::decode_msgpack(bytes, limits);
  if (!packet) {
    EXPECT_FALSE(packet.error().empty());
    return;
  }
  EXPECT_LE(packet->nsp.size(), limits.max_nsp_size);
  const auto written = socketio::encode_msgpack(*packet);
  const auto again = socketio::decode_msgpack(written);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->type, packet->type);
  EXPECT_EQ(again->nsp, packet->nsp);
  EXPECT_EQ(again->ack_id, packet->ack_id);
  if (!packet->data || !has_nan(*packet->data)) {
    EXPECT_EQ(again->data, packet->data);
  }
  EXPECT_EQ(socketio::encode_msgpack(*again), written);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const codec::JsonLimits limits = {.max_depth = 1 + decisions.below(64),
                                    .max_values = 1 + decisions.below(256)};
  const Bytes bytes = as_bytes(decisions.rest());
  const auto value = codec::parse_msgpack(bytes, limits);
  if (value) {
    expect_round_trip(*value, bytes.size());
  } else {
    EXPECT_LE(value.error().offset, bytes.size());
    EXPECT_FALSE(value.error().message.empty());
  }
  expect_packet(bytes, {.max_nsp_size = 16, .json = limits});
  const auto json = codec::parse_json(as_text(bytes), limits);
  if (json) expect_round_trip(*json, SIZE_MAX);
}

const Registration registration({"msgpack", run});

}  // namespace
}  // namespace duplex::fuzz

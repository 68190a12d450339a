// Messages between servers in the format of @socket.io/redis-adapter 8, and nothing else.
#include "socketio/classic_messages.h"

#include <gtest/gtest.h>

#include "duplex/codec/msgpack.h"
#include "socketio/message_parts.h"

namespace duplex::socketio {
namespace {

using codec::JsonBytes;
using Type = ClusterMessage::Type;

const ClassicChannels channels("socket.io", "/admin");

ClusterMessage broadcast() {
  return {.uid = "1GYG_P",
          .target = {.rooms = {"a"}, .except = {"b", "c"}},
          .flags = {.droppable = true, .timeout = std::chrono::milliseconds(200)},
          .values = {"news", 1, JsonBytes{std::byte{7}}}};
}

// What arrives when `message` is sent.
ClassicOutcome sent(const ClusterMessage& message) {
  const std::string text = encode_classic(message, "/admin");
  const std::string channel = channel_of(message, channels);
  if (channel == channels.requests) return decode_classic_request(as_bytes(text), {});
  if (channel == channels.responses) return decode_classic_response(as_bytes(text), {});
  return decode_classic_broadcast(as_bytes(text), "/admin", {});
}

std::string request_fault(const std::string& text) {
  const auto message = decode_classic_request(as_bytes(text), {});
  return message ? "" : message.error();
}
std::string response_fault(const std::string& text) {
  const auto message = decode_classic_response(as_bytes(text), {});
  return message ? "" : message.error();
}

TEST(ClassicMessages, HasAChannelForEachUse) {
  EXPECT_EQ(channels.broadcasts, "socket.io#/admin#");
  EXPECT_EQ(channel_of(broadcast(), channels), "socket.io#/admin#a#");
  EXPECT_EQ(channel_of({.target = {.rooms = {"a", "b"}}}, channels), "socket.io#/admin#");
  EXPECT_EQ(channel_of({.request = "r"}, channels), "socket.io-request#/admin#");
  EXPECT_EQ(channel_of({.type = Type::fetch_sockets}, channels), "socket.io-request#/admin#");
  EXPECT_EQ(channel_of({.type = Type::client_count}, channels), "socket.io-response#/admin#");
}

TEST(ClassicMessages, WritesBroadcastsByteForByte) {
  const ClusterMessage message = {.uid = "1GYG_P", .values = {"e"}};
  EXPECT_EQ(encode_classic(message, "/"), std::string("\x93\xa6"
                                                      "1GYG_P\x83\xa4type\x02\xa4"
                                                      "data\x91\xa1"
                                                      "e\xa3nsp\xa1/\x83\xa5rooms\x90\xa6"
                                                      "except\x90\xa5"
                                                      "flags\x80"));
}

TEST(ClassicMessages, WritesRequestsAsNodeDoes) {
  EXPECT_EQ(encode_classic({.type = Type::fetch_sockets, .uid = "u", .request = "r"}, "/"),
            R"({"uid":"u","requestId":"r","type":5,"opts":{"rooms":[],"except":[]}})");
  EXPECT_EQ(
      encode_classic(
          {.type = Type::sockets_join, .uid = "u", .target = {.rooms = {"a"}}, .rooms = {"b"}},
          "/"),
      R"({"uid":"u","type":2,"opts":{"rooms":["a"],"except":[]},"rooms":["b"]})");
  EXPECT_EQ(encode_classic({.type = Type::disconnect_sockets, .uid = "u", .close = true}, "/"),
            R"({"uid":"u","type":4,"opts":{"rooms":[],"except":[]},"close":true})");
  EXPECT_EQ(encode_classic({.type = Type::server_side_emit,
                            .uid = "u",
                            .values = {"e", JsonBytes{std::byte{1}, std::byte{255}}}},
                           "/"),
            R"({"uid":"u","type":6,"data":["e",{"type":"Buffer","data":[1,255]}]})");
  EXPECT_EQ(encode_classic({.type = Type::client_count, .request = "r", .count = 3}, "/"),
            R"({"type":8,"requestId":"r","clientCount":3})");
}

TEST(ClassicMessages, BroadcastsComeBack) {
  const auto message = sent(broadcast());
  ASSERT_TRUE(message) << message.error();
  EXPECT_EQ(message->type, Type::broadcast);
  EXPECT_EQ(message->uid, "1GYG_P");
  EXPECT_EQ(message->target.rooms, broadcast().target.rooms);
  EXPECT_EQ(message->target.except, broadcast().target.except);
  EXPECT_TRUE(message->flags.droppable);
  EXPECT_EQ(message->flags.timeout, std::chrono::milliseconds(200));
  EXPECT_EQ(message->values, broadcast().values);
  EXPECT_TRUE(message->request.empty());
}

TEST(ClassicMessages, RequestsComeBack) {
  ClusterMessage asking = broadcast();
  asking.request = "r1";
  const auto asked = sent(asking);
  ASSERT_TRUE(asked) << asked.error();
  EXPECT_EQ(asked->request, "r1");
  EXPECT_EQ(asked->values, asking.values);
  const auto leave = sent({.type = Type::sockets_leave, .uid = "u", .rooms = {"x", "y"}});
  ASSERT_TRUE(leave) << leave.error();
  EXPECT_EQ(leave->type, Type::sockets_leave);
  EXPECT_EQ(leave->rooms, (std::vector<std::string>{"x", "y"}));
  const auto list = sent({.type = Type::list_sockets, .target = {.rooms = {"x"}}});
  ASSERT_TRUE(list) << list.error();
  EXPECT_EQ(list->target.rooms, std::vector<std::string>{"x"});
  EXPECT_EQ(sent({.type = Type::list_rooms})->type, Type::list_rooms);
  const auto end =
      sent({.type = Type::disconnect_sockets, .target = {.except = {"x"}}, .close = true});
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->target.except, std::vector<std::string>{"x"});
  EXPECT_TRUE(end->close);
  const auto fetch = sent({.type = Type::fetch_sockets, .target = {.rooms = {"x"}}});
  ASSERT_TRUE(fetch) << fetch.error();
  EXPECT_EQ(fetch->target.rooms, std::vector<std::string>{"x"});
}

TEST(ClassicMessages, ResponsesComeBack) {
  const RemoteSocket socket = {
      .id = "s", .rooms = {"s", "a"}, .handshake = JsonObject(), .data = 5};
  const auto fetched = sent({.type = Type::fetched_sockets, .request = "r", .sockets = {socket}});
  ASSERT_TRUE(fetched) << fetched.error();
  EXPECT_EQ(fetched->type, Type::fetched_sockets);
  ASSERT_EQ(fetched->sockets.size(), 1U);
  EXPECT_EQ(fetched->sockets[0].rooms, socket.rooms);
  EXPECT_EQ(fetched->sockets[0].data, Json(5));
  const auto ack = sent({.type = Type::broadcast_ack, .request = "r", .value = 5});
  ASSERT_TRUE(ack) << ack.error();
  EXPECT_EQ(ack->type, Type::broadcast_ack);
  EXPECT_EQ(ack->value, Json(5));
  EXPECT_EQ(sent({.type = Type::client_count, .request = "r", .count = 9})->count, 9U);
  EXPECT_EQ(sent({.type = Type::server_side_ack, .request = "r", .value = 5})->value, Json(5));
  EXPECT_EQ(sent({.type = Type::listed_rooms, .rooms = {"a"}})->rooms.size(), 1U);
  EXPECT_EQ(sent({.type = Type::listed_sockets, .rooms = {"a"}})->type, Type::listed_sockets);
}

// An emitter has no name of its own, and waits for nothing.
TEST(ClassicMessages, TakesWhatEmittersSay) {
  const auto join = decode_classic_request(
      as_bytes(R"({"type":2,"opts":{"rooms":["a"],"except":[]},"rooms":["b"]})"), {});
  ASSERT_TRUE(join) << join.error();
  EXPECT_EQ(join->uid, "");
  const auto emitted =
      decode_classic_request(as_bytes(R"({"uid":"emitter","type":6,"data":["x",1]})"), {});
  ASSERT_TRUE(emitted) << emitted.error();
  EXPECT_EQ(emitted->values.size(), 2U);
}

TEST(ClassicMessages, SaysWhatIsWrong) {
  EXPECT_EQ(request_fault(R"({"type":99})"), "a request of type 99, which is none");
  EXPECT_EQ(request_fault(R"({"uid":"u"})"), "no type");
  EXPECT_EQ(request_fault(R"({"type":2,"opts":7,"rooms":[]})"),
            "opts is a number, where an object was expected");
  EXPECT_EQ(request_fault(R"({"type":2,"opts":{"rooms":[1]}})"),
            "rooms is an array, where texts were expected");
  EXPECT_EQ(request_fault(R"({"type":6,"data":[]})"), "no event in data");
  EXPECT_EQ(request_fault("{"), "JSON: expected a name in quotes, but the text ends at byte 1");
  EXPECT_NE(request_fault("\xc1").find("MessagePack: "), std::string::npos);
  EXPECT_EQ(response_fault(R"({"type":3})"), "a response of type 3, which is none");
  EXPECT_EQ(response_fault(R"({"type":8,"clientCount":-1})"),
            "clientCount is a number, where a count was expected");
}

TEST(ClassicMessages, TakesNoBroadcastOfAnotherNamespace) {
  const std::string text = encode_classic(broadcast(), "/other");
  const auto message = decode_classic_broadcast(as_bytes(text), "/admin", {});
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error(), "for another namespace: '/other' on a channel of '/admin'");
  EXPECT_TRUE(is_foreign(message.error()));
  const auto number = codec::write_msgpack(5);
  EXPECT_EQ(decode_classic_broadcast(number, "/", {}).error(),
            "a broadcast that is not [uid, packet, options]");
}

}  // namespace
}  // namespace duplex::socketio

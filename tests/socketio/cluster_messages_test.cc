// Messages between servers in the format of Socket.IO's cluster adapter, and nothing else.
#include "socketio/cluster_messages.h"

#include <gtest/gtest.h>

#include "duplex/codec/base64.h"
#include "duplex/codec/msgpack.h"

namespace duplex::socketio {
namespace {

using codec::JsonBytes;
using Type = ClusterMessage::Type;

std::string fault_of(const std::string& text) {
  const auto message = decode_cluster(as_bytes(text), "/", {});
  return message ? "" : message.error();
}

std::string stream_fault(const StreamFields& fields) {
  const auto message = decode_stream("u", fields, {});
  return message ? "" : message.error();
}

const std::vector<ClusterMessage>& all_types() {
  static const std::vector<ClusterMessage> all = {
      {.target = {.rooms = {"a"}, .except = {"b"}}, .values = {"e", 1}},
      {.type = Type::sockets_join, .target = {.rooms = {"a"}}, .rooms = {"b"}},
      {.type = Type::sockets_leave, .rooms = {"b"}},
      {.type = Type::disconnect_sockets, .close = true},
      {.type = Type::fetch_sockets, .request = "r", .target = {.except = {"b"}}},
      {.type = Type::fetched_sockets, .request = "r", .sockets = {{.id = "s", .rooms = {"s"}}}},
      {.type = Type::server_side_emit, .request = "r", .values = {"e"}},
      {.type = Type::server_side_ack, .request = "r", .value = "yes"},
      {.type = Type::client_count, .request = "r", .count = 12},
      {.type = Type::broadcast_ack, .request = "r", .value = JsonBytes{std::byte{9}}}};
  return all;
}

void expect_same(const ClusterMessage& a, const ClusterMessage& b) {
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.request, b.request);
  EXPECT_EQ(a.target.rooms, b.target.rooms);
  EXPECT_EQ(a.target.except, b.target.except);
  EXPECT_EQ(a.values, b.values);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.rooms, b.rooms);
  EXPECT_EQ(a.close, b.close);
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.sockets.size(), b.sockets.size());
}

TEST(ClusterMessages, ComeBackInEitherForm) {
  for (ClusterMessage message : all_types()) {
    message.uid = "u";
    const std::string text = encode_cluster(message, "/");
    const auto read = decode_cluster(as_bytes(text), "/", {});
    ASSERT_TRUE(read) << text << ": " << read.error();
    EXPECT_EQ(read->uid, "u");
    expect_same(*read, message);
    const std::string packed = encode_cluster_packed(message, "/");
    const auto unpacked = decode_cluster(as_bytes(packed), "/", {});
    ASSERT_TRUE(unpacked) << text << ": " << unpacked.error();
    expect_same(*unpacked, message);
    const auto entry = decode_stream("u", encode_stream(message), {});
    ASSERT_TRUE(entry) << text << ": " << entry.error();
    expect_same(*entry, message);
  }
}

TEST(ClusterMessages, KeepTheFlagsOfAnEvent) {
  for (const bool on : {false, true}) {
    const EmitFlags flags = {
        .droppable = on, .compress = !on, .timeout = std::chrono::milliseconds(on ? 5 : 0)};
    const auto read = decode_stream("u", encode_stream({.flags = flags, .values = {"e"}}), {});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->flags.droppable, flags.droppable);
    EXPECT_EQ(read->flags.compress, flags.compress);
    EXPECT_EQ(read->flags.timeout, flags.timeout);
  }
  const auto flags_in = [](const std::string& flags) {
    return decode_stream(
        "u", {.type = "3", .data = R"({"packet":{"data":["e"]},"opts":{"flags":)" + flags + "}}"},
        {});
  };
  EXPECT_TRUE(flags_in(R"({"compress":null})")->flags.compress);
  EXPECT_TRUE(flags_in(R"({"compress":true})")->flags.compress);
  EXPECT_FALSE(flags_in(R"({"compress":false})")->flags.compress);
  EXPECT_EQ(flags_in(R"({"compress":1})").error(),
            "compress is a number, where true or false was expected");
}

TEST(ClusterMessages, AreWhatNodeWrites) {
  EXPECT_EQ(encode_cluster({.uid = "u", .target = {.rooms = {"a"}}, .values = {"e", 1}}, "/"),
            R"({"type":3,"data":{"packet":{"type":2,"data":["e",1]},)"
            R"("opts":{"rooms":["a"],"except":[],"flags":{}}},"uid":"u","nsp":"/"})");
  const StreamFields entry = encode_stream({.type = Type::sockets_join, .rooms = {"b"}});
  EXPECT_EQ(entry.type, "4");
  EXPECT_EQ(entry.data, R"({"opts":{"rooms":[],"except":[]},"rooms":["b"]})");
}

TEST(ClusterMessages, ArePackedWhenTheyHoldBytes) {
  const ClusterMessage message = {.values = {"e", JsonBytes{std::byte{1}}}};
  EXPECT_EQ(encode_cluster(message, "/").front(), '\x84');
  const auto packed = codec::base64_decode(encode_stream(message).data);
  ASSERT_TRUE(packed);
  EXPECT_TRUE(codec::parse_msgpack(*packed));
}

TEST(ClusterMessages, SayWhatIsWrong) {
  EXPECT_EQ(fault_of("{"), "JSON: expected a name in quotes, but the text ends at byte 1");
  const std::string other = encode_cluster({.type = Type::list_sockets, .uid = "u"}, "/");
  EXPECT_EQ(fault_of(other), "a message of type 0, which is none here");
  EXPECT_EQ(fault_of("[]"), "MessagePack: expected the end of the input at byte 1");
  EXPECT_EQ(fault_of(R"({"type":99,"uid":"u","nsp":"/","data":{}})"),
            "a message of type 99, which is none here");
  EXPECT_EQ(fault_of(R"({"type":3,"uid":"u","nsp":"/x","data":{}})"),
            "for another namespace: '/x' on a channel of '/'");
  EXPECT_EQ(fault_of(R"({"type":3,"uid":"u","data":{}})"), "no nsp");
  EXPECT_EQ(fault_of(R"({"type":3,"uid":7,"nsp":"/","data":{}})"),
            "uid is a number, where a text was expected");
  EXPECT_EQ(fault_of(R"({"type":11,"uid":"u","nsp":"/","data":{"requestId":"r"}})"),
            "no clientCount");
  EXPECT_EQ(fault_of(R"({"type":8,"uid":"u","nsp":"/","data":{"sockets":[1]}})"),
            "a number instead of an object");
  EXPECT_EQ(stream_fault({.type = "x", .data = "{}"}), "a type that is no number");
  EXPECT_EQ(stream_fault({.type = "3", .data = "-"}), "data that is neither JSON nor Base64");
}

}  // namespace
}  // namespace duplex::socketio

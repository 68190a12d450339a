// RESP2: what is written and read, cut at every place, and what is refused.
#include "duplex/codec/resp.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "../support/allocations.h"
#include "../support/resp.h"

namespace duplex::codec {
namespace {

using support::resp_text;
using support::resp_wire;

// Each reply as a person reads it, or what is wrong; in pieces of `size` bytes.
std::string read(std::string_view wire, const RespLimits& limits = {}, std::size_t size = 1 << 20) {
  RespReader reader(limits);
  std::string text;
  for (; !wire.empty(); wire.remove_prefix(std::min(size, wire.size()))) {
    Bytes input = as_bytes(wire.substr(0, size));
    for (;;) {
      auto reply = reader.next(input);
      if (!reply) return text + reply.error().message;
      if (!*reply) break;
      text += resp_text(**reply) + " ";
    }
    EXPECT_TRUE(input.empty());
  }
  return text + (reader.is_waiting() ? "..." : "");
}

TEST(Resp, WritesCommands) {
  const std::array<std::string_view, 3> arguments = {"SET", "a b", std::string_view("\0\r\n", 3)};
  EXPECT_EQ(as_text(write_resp_command(arguments)),
            std::string_view("*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$3\r\n\0\r\n\r\n", 31));
}

TEST(Resp, ReadsEveryKind) {
  EXPECT_EQ(read("+OK\r\n"), "+OK ");
  EXPECT_EQ(read("+\r\n"), "+ ");
  EXPECT_EQ(read("-ERR what\r\n"), "!ERR what ");
  EXPECT_EQ(read(":0\r\n:-1\r\n:+5\r\n"), "0 -1 5 ");
  EXPECT_EQ(read(":9223372036854775807\r\n:-9223372036854775808\r\n"),
            "9223372036854775807 -9223372036854775808 ");
  EXPECT_EQ(read("$5\r\nhe\r\no\r\n"), "\"he\r\no\" ");
  EXPECT_EQ(read("$0\r\n\r\n"), "\"\" ");
  EXPECT_EQ(read("$-1\r\n*-1\r\n"), "nil nil ");
  EXPECT_EQ(read("*0\r\n"), "[] ");
  EXPECT_EQ(read("*2\r\n*1\r\n:1\r\n*2\r\n$-1\r\n+x\r\n"), "[[1] [nil +x]] ");
  EXPECT_EQ(read("*1\r\n*1\r\n*0\r\n:7\r\n"), "[[[]]] 7 ");
}

TEST(Resp, SaysWhetherItIsThoseWords) {
  EXPECT_TRUE((RespValue{.kind = RespValue::Kind::simple, .text = "OK"}.says("OK")));
  EXPECT_TRUE((RespValue{.kind = RespValue::Kind::bulk, .text = "OK"}.says("OK")));
  EXPECT_FALSE((RespValue{.kind = RespValue::Kind::error, .text = "OK"}.says("OK")));
  EXPECT_FALSE((RespValue{.kind = RespValue::Kind::bulk, .text = "OKAY"}.says("OK")));
}

TEST(Resp, IsTheSameInAnyPieces) {
  const std::string wire =
      "*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$4\r\n\r\n\r\n\r\n+OK\r\n-ERR a b\r\n:-12\r\n$-1\r\n"
      "*2\r\n*0\r\n*1\r\n$0\r\n\r\n";
  const std::string whole = read(wire);
  EXPECT_EQ(whole, "[\"message\" \"ch\" \"\r\n\r\n\"] +OK !ERR a b -12 nil [[] [\"\"]] ");
  for (std::size_t size = 1; size <= wire.size(); ++size) EXPECT_EQ(read(wire, {}, size), whole);
}

TEST(Resp, WaitsForTheRestAtEveryCut) {
  const std::string wire = "*2\r\n$3\r\nabc\r\n*1\r\n:1\r\n";
  for (std::size_t size = 1; size < wire.size(); ++size) {
    EXPECT_EQ(read(wire.substr(0, size)), "...") << size;
  }
}

TEST(Resp, LeavesWhatIsBehindTheReply) {
  RespReader reader;
  Bytes input = as_bytes("+a\r\n+b");
  EXPECT_EQ(resp_text(**reader.next(input)), "+a");
  EXPECT_EQ(as_text(input), "+b");
}

TEST(Resp, IsRefusedWithTheReasonAndThePlace) {
  const std::string type = "expected one of + - : $ *, not ";
  const std::string number = ", which is no number of 64 bits, at byte 1 of the reply";
  for (const auto& [wire, message] : std::vector<std::pair<std::string, std::string>>{
           {"HTTP/1.1 400", type + "'H', at byte 0 of the reply"},
           {"\r\n", type + "the byte 0x0d, at byte 0 of the reply"},
           {"*1\r\n_\r\n", type + "'_', at byte 4 of the reply"},
           {"+a\n", "a line feed without a carriage return at byte 2 of the reply"},
           {"+a\rb", "expected a line feed at byte 3 of the reply"},
           {":\r\n", "''" + number},
           {":-\r\n", "'-'" + number},
           {":1a\r\n", "'1a'" + number},
           {": 1\r\n", "' 1'" + number},
           {":01\r\n", "'01'" + number},
           {":-0\r\n", "'-0'" + number},
           {":+-1\r\n", "'+-1'" + number},
           {":9223372036854775808\r\n", "'9223372036854775808'" + number},
           {"$+1\r\n", "'+1'" + number},
           {"$-2\r\n", "the size -2 at byte 1 of the reply"},
           {"*-2\r\n", "the size -2 at byte 1 of the reply"},
           {"$1\r\nab\r\n", "expected the end of a bulk string at byte 5 of the reply"},
           {"$1\r\na\rb", "expected a line feed at byte 6 of the reply"},
           {"$123456789012345678901\r\n", "a line of more than 20 bytes at byte 1 of the reply"}}) {
    for (const std::size_t size : {std::size_t{1}, wire.size()}) {
      EXPECT_EQ(read(wire, {}, size), message) << wire;
    }
  }
}

TEST(Resp, StaysRefused) {
  RespReader reader;
  Bytes input = as_bytes("?+OK\r\n");
  ASSERT_FALSE(reader.next(input));
  const auto again = reader.next(input);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().offset, 0U);
}

TEST(Resp, HasLimits) {
  EXPECT_EQ(read("+abcd\r\n", {.max_line_size = 3}),
            "a line of more than 3 bytes at byte 1 of the reply");
  EXPECT_EQ(read("*1\r\n*1\r\n*1\r\n:1\r\n", {.max_depth = 2}),
            "deeper than 2 levels at byte 9 of the reply");
  EXPECT_EQ(read("*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n", {.max_values = 4}),
            "an array of 2, which makes more than 4 values, at byte 5 of the reply");
  EXPECT_EQ(read("*2\r\n*1\r\n:1\r\n:2\r\n:3\r\n", {.max_values = 4}), "[[1] 2] 3 ");
  EXPECT_EQ(read("$6\r\nabcdef\r\n", {.max_size = 9}),
            "a bulk string of 6 bytes, which makes more than 9, at byte 1 of the reply");
  EXPECT_EQ(read("$5\r\nabcde\r\n", {.max_size = 10}),
            "more than 10 bytes at byte 10 of the reply");
  EXPECT_EQ(read("$5\r\nabcde\r\n$5\r\nabcde\r\n", {.max_size = 11}), "\"abcde\" \"abcde\" ");
}

// What is only announced costs nothing.
TEST(Resp, TakesMemoryAsBytesCome) {
  for (const std::string_view wire :
       {"$200000000\r\nabc", "*1000000\r\n", "*1000\r\n*1000\r\n*1000\r\n$100000000\r\n"}) {
    SCOPED_TRACE(wire);
    const support::PeakAllocation peak;
    RespReader reader({.max_values = 10'000'000});
    Bytes input = as_bytes(wire);
    const auto reply = reader.next(input);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_FALSE(*reply);
    EXPECT_LE(peak.size(), 2048U);
  }
}

TEST(Resp, RefusesWhatIsAnnouncedBeyondAnySize) {
  EXPECT_EQ(read("*9223372036854775807\r\n"),
            "an array of 9223372036854775807, which makes more than 1000000 values, at byte 1 of "
            "the reply");
  EXPECT_EQ(read("$9223372036854775807\r\n"),
            "a bulk string of 9223372036854775807 bytes, which makes more than 268435456, at byte "
            "1 of the reply");
}

}  // namespace
}  // namespace duplex::codec

// What two sides say to each other: HTTP, then frames.
#include <gtest/gtest.h>

#include "../../tools/duplex/frames/dialogue.h"
#include "trace_talk.h"

namespace duplex::tools::trace {
namespace {

std::string kind_of(const SeenRequest& seen) { return seen.method + " " + seen.target; }
std::string kind_of(const SeenResponse& seen) { return std::to_string(seen.status); }
std::string kind_of(const SeenBody& seen) {
  return (seen.complete ? "body " : "part ") + seen.beginning;
}
std::string kind_of(const SeenFrame& seen) {
  const auto& payload = seen.inflated ? *seen.inflated : seen.payload;
  return std::to_string(static_cast<int>(seen.header.opcode)) + ":" + std::string(as_text(payload));
}
std::string kind_of(const Unreadable&) { return "unreadable"; }

class Talk {
 public:
  explicit Talk(bool from_start = true) : dialogue_(from_start) {}
  // What these bytes complete, "a|b|c".
  std::string hear(Side side, std::string_view bytes) {
    return take(dialogue_.hear(side, as_bytes(bytes)));
  }
  std::string client(std::string_view bytes) { return hear(Side::client, bytes); }
  std::string server(std::string_view bytes) { return hear(Side::server, bytes); }
  std::string finish(Side side) { return take(dialogue_.finish(side)); }
  void lose(Side side) { dialogue_.lose(side); }

  Utterance last = {};

 private:
  std::string take(const std::vector<Utterance>& said) {
    std::string text;
    for (const Utterance& utterance : said) {
      if (!text.empty()) text += '|';
      text += std::visit([](const auto& seen) { return kind_of(seen); }, utterance);
      last = utterance;
    }
    return text;
  }
  Dialogue dialogue_;
};

TEST(TraceDialogue, HearsAnOpeningAndFrames) {
  Talk talk;
  EXPECT_EQ(talk.client(opening_request), "GET /chat");
  const SeenRequest request = std::get<SeenRequest>(talk.last);
  EXPECT_TRUE(request.asks_for_upgrade);
  EXPECT_EQ(request.size, opening_request.size());
  EXPECT_EQ(request.key, "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(request.fields.size(), 5U);
  EXPECT_EQ(talk.server(opening_answer() + plain_hello), "101|1:Hello");
  EXPECT_EQ(talk.client(masked_hello + masked_hello), "1:Hello|1:Hello");
  const SeenFrame frame = std::get<SeenFrame>(talk.last);
  EXPECT_EQ(frame.header_size, 6U);
  EXPECT_EQ(frame.text, TextState::valid);
  EXPECT_EQ(as_text(frame.sent), masked_hello.substr(6));
}

TEST(TraceDialogue, SaysTheSameHoweverTheBytesAreCut) {
  Talk talk;
  std::string all;
  const auto add = [&](Side side, const std::string& bytes) {
    for (const char c : bytes) {
      const std::string said = talk.hear(side, {&c, 1});
      if (!said.empty()) all += said + "|";
    }
  };
  add(Side::client, opening_request);
  add(Side::server, opening_answer());
  EXPECT_EQ(std::get<SeenResponse>(talk.last).size, opening_answer().size());
  EXPECT_TRUE(std::get<SeenResponse>(talk.last).upgraded);
  add(Side::client, masked_hello + std::string("\x88\x82\x01\x02\x03\x04\x02\xea", 8));
  EXPECT_EQ(all, "GET /chat|101|1:Hello|8:\x03\xe8|");
}

TEST(TraceDialogue, HoldsWhatTheClientSaysTooEarly) {
  Talk accepted;
  EXPECT_EQ(accepted.client(opening_request + masked_hello), "GET /chat");
  EXPECT_EQ(accepted.server(opening_answer()), "101|1:Hello");
  Talk refused;
  refused.client(opening_request + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(refused.server("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"),
            "404|body no|GET /next");
}

TEST(TraceDialogue, SeesAWrongProof) {
  Talk talk;
  talk.client(opening_request);
  EXPECT_EQ(talk.server(opening_answer("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")), "101");
  EXPECT_FALSE(std::get<SeenResponse>(talk.last).upgraded);
}

TEST(TraceDialogue, HearsPollsAndStreams) {
  Talk talk;
  EXPECT_EQ(talk.client("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HEAD /a|GET /b");
  EXPECT_EQ(talk.server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), "200") << "no body";
  EXPECT_EQ(talk.server("HTTP/1.1 100 Continue\r\n\r\n"), "100");
  EXPECT_EQ(talk.server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            "200|part abc");
  EXPECT_EQ(talk.server("2\r\nde\r\n0\r\n\r\n"), "body de");
  talk.client("GET /c HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(talk.server("HTTP/1.1 200 OK\r\n\r\nto the end"), "200|part to the end");
  EXPECT_EQ(talk.finish(Side::server), "body ");
}

TEST(TraceDialogue, SaysWhatCannotBeRead) {
  Talk binary;
  EXPECT_EQ(binary.client(masked_hello), "unreadable");
  EXPECT_EQ(binary.client(opening_request), "") << "only once";
  Talk cut;
  cut.client(opening_request);
  cut.server(opening_answer());
  EXPECT_EQ(cut.client(masked_hello.substr(0, 8)), "");
  EXPECT_EQ(cut.finish(Side::client), "unreadable");
  Talk lost;
  lost.lose(Side::client);
  EXPECT_EQ(lost.client(opening_request), "");
  Talk half;
  half.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  half.server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(half.finish(Side::server), "unreadable");
}

// Both ends of a TLS handshake, and a record in the middle of a connection.
TEST(TraceDialogue, SaysThatTlsCannotBeRead) {
  for (const bool from_start : {true, false}) {
    for (const std::string_view record : {"\x16\x03\x01xx", "\x17\x03\x03xx"}) {
      for (const Side side : {Side::client, Side::server}) {
        Dialogue dialogue(from_start);
        const auto said = dialogue.hear(side, as_bytes(record));
        ASSERT_EQ(said.size(), 1U);
        ASSERT_TRUE(std::holds_alternative<Unreadable>(said[0]));
        EXPECT_EQ(std::get<Unreadable>(said[0]).why.substr(0, 4), "TLS ");
        EXPECT_TRUE(dialogue.hear(side, as_bytes(record)).empty());
      }
    }
  }
}

TEST(TraceDialogue, GuessesInTheMiddleOfAConnection) {
  Talk frames(false);
  EXPECT_EQ(frames.client(masked_hello), "1:Hello");
  EXPECT_EQ(frames.server(plain_hello), "1:Hello");
  Talk http(false);
  EXPECT_EQ(http.server(opening_answer() + plain_hello), "101|1:Hello");
  Talk noise(false);
  EXPECT_EQ(noise.client(std::string("\x83\x00", 2)), "unreadable");
}

// RFC 7692 section 7.2.3: "Hello", then the same with what came before.
TEST(TraceDialogue, InflatesWhatWasAgreedOn) {
  Talk talk;
  talk.client(opening_request);
  talk.server(opening_answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                             "Sec-WebSocket-Extensions: permessage-deflate; "
                             "client_no_context_takeover; server_max_window_bits=10\r\n"));
  EXPECT_EQ(talk.server(std::string("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", 9)), "1:Hello");
  EXPECT_EQ(talk.server(std::string("\xc1\x05\xf2\x00\x11\x00\x00", 7)), "1:Hello");
  EXPECT_EQ(std::get<SeenFrame>(talk.last).inflated_size, 5U);
  EXPECT_EQ(std::get<SeenFrame>(talk.last).text, TextState::valid);
  // In two frames, the second one a continuation.
  EXPECT_EQ(talk.server(std::string("\x41\x03\xf2\x48\xcd", 5)), "1:He");
  EXPECT_EQ(talk.server(std::string("\x80\x04\xc9\xc9\x07\x00", 6)), "0:llo");
  // Without a context there is nothing to refer to.
  talk.client(std::string("\xc1\x87\0\0\0\0\xf2\x48\xcd\xc9\xc9\x07\x00", 13));
  talk.client(std::string("\xc1\x85\0\0\0\0\xf2\x00\x11\x00\x00", 11));
  EXPECT_NE(std::get<SeenFrame>(talk.last).inflate_fault, "");
}

TEST(TraceDialogue, JudgesTextOverItsFrames) {
  Talk talk(false);
  const auto state = [&](std::string_view bytes) {
    talk.server(bytes);
    return std::get<SeenFrame>(talk.last).text;
  };
  EXPECT_EQ(state({"\x01\x01\xc3", 3}), TextState::unfinished);
  EXPECT_EQ(state({"\x89\x00", 2}), TextState::none) << "a ping between";
  EXPECT_EQ(state({"\x80\x01\xa9", 3}), TextState::valid);
  EXPECT_EQ(state({"\x81\x01\xc3", 3}), TextState::invalid);
  EXPECT_EQ(state({"\x82\x01\xc3", 3}), TextState::none);
}

TEST(TraceDialogue, KeepsTheBeginningOfALargePayload) {
  Talk talk(false);
  std::string frame("\x82\x7f\0\0\0\0\0\x01\x86\xa0", 10);
  talk.server(frame + std::string(100'000, 'x'));
  const SeenFrame seen = std::get<SeenFrame>(talk.last);
  EXPECT_EQ(seen.size(), 100'010U);
  EXPECT_EQ(seen.payload.size(), max_kept_payload);
}

}  // namespace
}  // namespace duplex::tools::trace

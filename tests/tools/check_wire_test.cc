// The suite's own measures: frames, UTF-8, compression, openings.
#include <gtest/gtest.h>

#include "../../tools/duplex/check/compression.h"
#include "../../tools/duplex/check/corpus.h"
#include "../../tools/duplex/check/frame_reader.h"
#include "../../tools/duplex/check/frame_writer.h"
#include "../../tools/duplex/check/opening.h"
#include "../../tools/duplex/check/utf8_reference.h"
#include "../codec/utf8_oracle.h"

namespace duplex::tools::suite {
namespace {

constexpr std::size_t roomy = std::size_t{1} << 20;

std::string violation_of(std::string_view bytes, Role ours = Role::client) {
  FrameReader reader(ours, roomy);
  reader.receive(bytes);
  return reader.violation();
}

TEST(CheckFrames, AreThoseOfTheRfc) {
  EXPECT_EQ(hex(encode(text_frame("Hello"), Role::client)), "81 85 37 fa 21 3d 7f 9f 4d 51 58");
  EXPECT_EQ(hex(encode(text_frame("Hello"), Role::server)), "81 05 48 65 6c 6c 6f");
  EXPECT_EQ(hex(encode(binary_frame(std::string(256, 'a')), Role::server)).substr(0, 11),
            "82 7e 01 00");
  EXPECT_EQ(encode(binary_frame(std::string(65536, 'a')), Role::server).size(), 65546U);
  EXPECT_EQ(from_hex("81 05 48"), from_hex("810548"));
}

TEST(CheckReader, TakesWhatComesInAnyPieces) {
  const std::string bytes = encode(part(opcode::text, "He", false), Role::server) +
                            encode(ping_frame("p"), Role::server) +
                            encode(part(opcode::continuation, "llo", true), Role::server) +
                            encode(pong_frame("q"), Role::server) +
                            encode(close_frame(1001), Role::server);
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    FrameReader reader(Role::client, roomy);
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      reader.receive(std::string_view(bytes).substr(at, size));
    }
    EXPECT_EQ(reader.take_items(),
              (std::vector<Item>{{Item::Kind::text, "Hello"}, {Item::Kind::pong, "q"}}));
    EXPECT_EQ(reader.take_pings(), std::vector<std::string>{"p"});
    EXPECT_EQ(reader.close_code(), 1001U);
    EXPECT_EQ(reader.violation(), "");
  }
}

// A frame that is too large is refused by its header, before there is memory for it.
TEST(CheckReader, TakesNoMessageThatIsTooLarge) {
  const std::string whole = encode(binary_frame(std::string(1001, 'x')), Role::server);
  const std::string front = encode(part(opcode::text, std::string(600, 'x'), false), Role::server);
  const std::string rest =
      encode(part(opcode::continuation, std::string(401, 'x'), true), Role::server);
  for (const std::size_t limit : {1000U, 1001U}) {
    for (const std::string& bytes : {whole.substr(0, 4), front + rest.substr(0, 4)}) {
      FrameReader reader(Role::client, limit);
      reader.receive(bytes);
      EXPECT_EQ(reader.violation().empty(), limit == 1001) << reader.violation();
    }
  }
}

TEST(CheckReader, GivesCompressedMessagesTwiceTheRoom) {
  Frame frame = binary_frame(std::string(2001, 'x'));
  frame.rsv = 4;
  for (const std::size_t limit : {1000U, 1001U}) {
    FrameReader reader(Role::client, limit);
    reader.allow_compression([](std::string_view) { return std::string(); });
    reader.receive(encode(frame, Role::server));
    EXPECT_EQ(reader.violation().empty(), limit == 1001) << reader.violation();
  }
}

TEST(CheckReader, KeepsTheNewestOfTooManyPings) {
  FrameReader reader(Role::client, roomy);
  for (int i = 0; i < 10'000; ++i) {
    reader.receive(encode(ping_frame(std::to_string(i)), Role::server));
  }
  const std::vector<std::string> pings = reader.take_pings();
  EXPECT_LE(pings.size(), 1024U);
  EXPECT_EQ(pings.back(), "9999");
}

TEST(CheckReader, FindsEachBrokenRule) {
  const auto sent = [](Frame frame) { return encode(frame, Role::server); };
  Frame frame = text_frame("x");
  frame.masked = true;
  EXPECT_NE(violation_of(sent(frame)), "");
  frame = text_frame("x");
  frame.rsv = 4;
  EXPECT_NE(violation_of(sent(frame)), "");
  frame = text_frame("x");
  frame.form = LengthForm::bits_16;
  EXPECT_NE(violation_of(sent(frame)), "");
  frame = binary_frame(std::string(126, 'x'));
  frame.form = LengthForm::bits_64;
  EXPECT_NE(violation_of(sent(frame)), "");
  EXPECT_NE(violation_of(sent({3, "x"})), "");
  EXPECT_NE(violation_of(sent(ping_frame(std::string(126, 'x')))), "");
  EXPECT_NE(violation_of(sent(part(opcode::ping, "x", false))), "");
  EXPECT_NE(violation_of(sent(part(opcode::continuation, "x", true))), "");
  EXPECT_NE(violation_of(sent(part(opcode::text, "x", false)) + sent(text_frame("y"))), "");
  EXPECT_NE(violation_of(sent(text_frame("\xff"))), "");
  EXPECT_NE(violation_of(sent({opcode::close, "x"})), "");
  EXPECT_NE(violation_of(sent(close_frame(1005))), "");
  EXPECT_NE(violation_of(sent(close_frame(1000, "\xff"))), "");
  EXPECT_NE(violation_of(sent(close_frame(1000)) + sent(text_frame("x"))), "");
  EXPECT_NE(violation_of(sent(text_frame("x")), Role::server), "");
}

TEST(CheckUtf8, AgreesWithTheOracle) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      for (const char* const rest : {"", "\x80", "\xbf\xbf", "a"}) {
        const std::string text = {static_cast<char>(first), static_cast<char>(second)};
        EXPECT_EQ(is_utf8(text + rest), codec::judge_utf8(text + rest).valid())
            << hex(text + std::string(rest));
      }
    }
  }
}

TEST(CheckCompression, WhatIsWrittenIsRead) {
  for (const bool takeover : {true, false}) {
    for (const unsigned bits : {8U, 9U, 12U, 15U}) {
      Deflater deflater({.context_takeover = takeover, .window_bits = bits});
      Inflater inflater({.context_takeover = takeover, .window_bits = bits}, roomy);
      for (const Corpus corpus : {Corpus::json, Corpus::archive, Corpus::bitmap}) {
        for (const std::size_t size : {0U, 1U, 300U, 70000U}) {
          const std::string text = excerpt(corpus, size, size);
          EXPECT_EQ(inflater.message(deflater.message(text)), text) << bits << " " << size;
        }
      }
    }
  }
}

TEST(CheckCompression, ContextMakesTheSecondMessageShort) {
  Deflater deflater({});
  const std::string text = excerpt(Corpus::archive, 0, 1000);
  const std::size_t first = deflater.message(text).size();
  EXPECT_LT(deflater.message(text).size() * 10, first);
}

TEST(CheckCompression, ReadsTheExamplesOfRfc7692) {
  for (const char* const bytes : {"f248cdc9c90700", "000500faff48656c6c6f00", "f348cdc9c9070000",
                                  "f24805000000ffffcac9c90700"}) {
    EXPECT_EQ(Inflater({}, roomy).message(from_hex(bytes)), "Hello") << bytes;
  }
  Inflater inflater({}, roomy);
  EXPECT_EQ(inflater.message(from_hex("f248cdc9c90700")), "Hello");
  EXPECT_EQ(inflater.message(from_hex("f200110000")), "Hello");
}

TEST(CheckCompression, RefusesWhatIsCutOrReachesTooFar) {
  EXPECT_FALSE(Inflater({}, roomy).message(from_hex("00ffff0000616263")));
  EXPECT_FALSE(Inflater({}, roomy).message(from_hex("ca48cdc9c957c84090")));
  EXPECT_FALSE(Inflater({}, roomy).message(from_hex("06")));
  EXPECT_FALSE(Inflater({}, roomy).message(from_hex("02020000")));
  const std::string front = excerpt(Corpus::archive, 0, 2000);
  const std::string far = Deflater({}).message(front + front);
  EXPECT_TRUE(Inflater({}, roomy).message(far));
  EXPECT_FALSE(Inflater({.window_bits = 9}, roomy).message(far));
}

TEST(CheckCompression, StopsAtTheLargestMessage) {
  const std::string payload = Deflater({}).message(std::string(100'000, 'x'));
  EXPECT_TRUE(Inflater({}, 100'000).message(payload));
  EXPECT_FALSE(Inflater({}, 99'999).message(payload));
  // What the window holds is no part of the message.
  Inflater inflater({}, 100'000);
  EXPECT_TRUE(inflater.message(payload));
  EXPECT_TRUE(inflater.message(payload));
}

HttpHead head_of(const std::string& text) { return *read_head(text); }

TEST(CheckOpening, AcceptsTheExampleOfTheRfc) {
  EXPECT_EQ(accept_for(usual_key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const HttpHead request = head_of(write_request({}, {.host = "h", .path = "/p"}));
  EXPECT_EQ(request.start_line, "GET /p HTTP/1.1");
  EXPECT_EQ(judge_request(request), "");
  EXPECT_EQ(judge_response(head_of(answer_request(request, {}).bytes), request).problem, "");
}

TEST(CheckOpening, TermsAreThoseOfTheAnswer) {
  const HttpHead request = head_of(write_request(
      {.offer = "permessage-deflate; server_max_window_bits=10; client_max_window_bits"}, {}));
  const auto judge = [&request](const std::string& extensions) {
    return judge_response(head_of("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                                  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                  "Sec-WebSocket-Extensions: " +
                                  extensions + "\r\n\r\n"),
                          request);
  };
  const Agreement good =
      judge("permessage-deflate; server_max_window_bits=9; client_max_window_bits=12");
  EXPECT_EQ(good.problem, "");
  ASSERT_TRUE(good.deflate);
  EXPECT_EQ(good.deflate->server_window_bits, 9U);
  EXPECT_EQ(good.deflate->client_window_bits, 12U);
  EXPECT_NE(judge("permessage-deflate").problem, "");  // what was asked is not granted
  EXPECT_NE(judge("permessage-deflate; server_max_window_bits=11").problem, "");
  EXPECT_NE(judge("permessage-deflate; server_max_window_bits=09").problem, "");
  EXPECT_NE(judge("permessage-deflate; server_max_window_bits=9; x").problem, "");
  EXPECT_NE(judge("x-other").problem, "");
}

// Behind sizes that wrap around, the same chunk would come again and again.
TEST(CheckHttp, ChunksThatNoMemoryHoldsEndTheAnswer) {
  for (const std::string size : {"ffffffffffffffec", "ffffffffffffffff", "7fffffffffffffff"}) {
    const std::string head = "HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(read_answers(head + size + "\r\n" + head).size(), 1U) << size;
  }
}

TEST(CheckHttp, CountsAnswers) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  const std::string chunked =
      "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
  const auto answers = read_answers(answer + chunked + "HTTP/1.1 426 X\r\n\r\nrest");
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].status(), 200);
  EXPECT_EQ(answers[1].status(), 404);
  EXPECT_EQ(answers[2].status(), 426);
  EXPECT_TRUE(read_answers("HTTP/1.1 200").empty());
}

}  // namespace
}  // namespace duplex::tools::suite

// What answers become: RFC 9112 sections 4 and 6.3 from the client's side.
#include <gtest/gtest.h>

#include "duplex/http/parser.h"
#include "transcript.h"

namespace duplex::http {
namespace {

// Reads `bytes`, then the end of the connection; the same at every cut.
Transcript read(std::string_view bytes, bool answers_head = false,
                const ParserLimits& limits = {}) {
  const auto run = [&](std::size_t cut) {
    ResponseParser parser(limits);
    parser.set_answers_head(answers_head);
    Feeder<ResponseParser> feeder(parser);
    feeder.feed(bytes.substr(0, cut));
    feeder.feed(bytes.substr(cut));
    feeder.end();
    return feeder.transcript();
  };
  const Transcript whole = run(0);
  for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(run(cut).text, whole.text) << bytes << " cut at " << cut;
  }
  return whole;
}

std::string body_of(std::string_view bytes, bool answers_head = false) {
  const std::string text = read(bytes, answers_head).text;
  const std::size_t begin = text.find("BODY ") + 5;
  return text.substr(begin, text.find("\nEND") - begin);
}

std::string fault_of(std::string_view bytes, const ParserLimits& limits = {}) {
  const std::string text = read(bytes, false, limits).text;
  const std::size_t begin = text.find("ERROR ");
  return begin == std::string::npos ? "" : text.substr(begin + 6);
}

TEST(ResponseParser, ReadsTheStatusLine) {
  const ParserLimits limits;
  ResponseParser parser(limits);
  std::string bytes = "HTTP/1.0 404 Not\tFound \xE9\r\nA: b\r\n\r\n";
  parser.receive(std::as_writable_bytes(std::span(bytes)));
  ASSERT_EQ(parser.next_event()->kind, Event::Kind::head);
  EXPECT_EQ(parser.response().status, 404);
  EXPECT_EQ(parser.response().reason, "Not\tFound \xE9");
  EXPECT_EQ(parser.response().minor_version, 0);
  EXPECT_EQ(parser.response().fields.find("a"), "b");
  EXPECT_FALSE(parser.response().keep_alive);
}

TEST(ResponseParser, NeedsNoReason) {
  EXPECT_EQ(body_of("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx"), "x");
}

struct FaultCase {
  const char* bytes;
  HttpError error;
};

TEST(ResponseParser, NamesTheRuleThatWasBroken) {
  constexpr FaultCase cases[] = {
      {"\x16", HttpError::invalid_version},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", HttpError::invalid_version},
      {"HTTP/1.1\t200 OK\r\n", HttpError::invalid_status},
      {"HTTP/2.0 200 OK\r\n", HttpError::unsupported_version},
      {"HTTP/1.2 200 OK\r\n", HttpError::unsupported_version},
      {"HTTP/1.1 2x0 OK\r\n", HttpError::invalid_status},
      {"HTTP/1.1 200\r\n", HttpError::invalid_status},
      {"HTTP/1.1 099 OK\r\n", HttpError::invalid_status},
      {"HTTP/1.1 600 OK\r\n", HttpError::invalid_status},
      {"HTTP/1.1 200 O\x01", HttpError::invalid_reason},
      {"HTTP/1.1 200 OK\n", HttpError::bare_lf},
      {"HTTP/1.1 200 OK\rX", HttpError::bare_cr},
      {"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n", HttpError::obsolete_folding},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
       HttpError::repeated_content_length},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       HttpError::transfer_encoding_with_content_length},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", HttpError::invalid_transfer_encoding},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", HttpError::body_too_large},
      {"HTTP/1.1 20", HttpError::unexpected_end},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", HttpError::unexpected_end},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
       HttpError::unexpected_end},
  };
  for (const auto& [bytes, error] : cases) EXPECT_EQ(fault_of(bytes), describe(error)) << bytes;
}

TEST(ResponseParser, FindsTheEndOfTheBody) {
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "hi");
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
            "hi");
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\n\r\nhi there"), "hi there");
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\n\r\n"), "");
}

TEST(ResponseParser, KnowsAnswersWithoutBody) {
  const std::string fields = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string next = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n";
  for (const char* status : {"100", "103", "204", "304"}) {
    const auto transcript = read("HTTP/1.1 " + std::string(status) + " \r\n" + fields + next);
    EXPECT_EQ(transcript.outcome, "200 200") << status;
  }
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + next, true).outcome, "200 200");
}

TEST(ResponseParser, BoundsABodyThatEndsWithTheConnection) {
  const ParserLimits limits{.max_body_size = 3};
  EXPECT_EQ(fault_of("HTTP/1.1 200 OK\r\n\r\nabc", limits), "");
  EXPECT_EQ(fault_of("HTTP/1.1 200 OK\r\n\r\nabcd", limits), describe(HttpError::body_too_large));
}

TEST(ResponseParser, ReadsNothingBehindTheLastAnswer) {
  const std::string more = "HTTP/1.1 200 OK\r\n\r\n";
  EXPECT_EQ(
      read("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" + more).outcome,
      "200");
  EXPECT_EQ(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n" + more).outcome, "200");
  // An interim answer is never the last one.
  EXPECT_EQ(read("HTTP/1.1 103 Hints\r\nConnection: close\r\n\r\n" + more).outcome, "200 200");
}

TEST(ResponseParser, HandsOverWhatFollows101) {
  const ParserLimits limits;
  ResponseParser parser(limits);
  Feeder<ResponseParser> feeder(parser);
  feeder.feed(
      "HTTP/1.1 103 \r\n\r\nHTTP/1.1 101 Switching Protocols\r\nContent-Length: 5\r\n\r\n\x81");
  EXPECT_EQ(feeder.transcript().outcome, "200 200");
  EXPECT_EQ(feeder.unread(), "\x81");
  EXPECT_EQ(parser.stage(), Stage::closed);
  EXPECT_FALSE(parser.receive_eof());
}

TEST(ResponseParser, TakesAnEndBetweenAnswersSilently) {
  const ParserLimits limits;
  ResponseParser parser(limits);
  EXPECT_FALSE(parser.receive_eof());
  EXPECT_EQ(parser.stage(), Stage::closed);
}

TEST(ResponseParser, KeepsTheHeadOfAStream) {
  const ParserLimits limits;
  ResponseParser parser(limits);
  Feeder<ResponseParser> feeder(parser);
  feeder.feed("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
  feeder.feed("data: x\n\n");
  EXPECT_EQ(parser.response().fields.find("content-type"), "text/event-stream");
  feeder.end();
  EXPECT_EQ(feeder.transcript().outcome, "200");
}

}  // namespace
}  // namespace duplex::http

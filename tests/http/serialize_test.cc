// Heads and chunks as bytes, and what is refused.
#include "duplex/http/serialize.h"

#include <gtest/gtest.h>

#include <array>
#include <new>

#include "../support/allocations.h"
#include "transcript.h"

namespace duplex::http {
namespace {

std::string contents(const SendQueue& queue) {
  std::array<Bytes, 16> pieces;
  const std::size_t count = queue.gather(pieces);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += as_text(pieces[i]);
  return text;
}

// With what must never get into a line.
const std::string dangerous[] = {"a\rb",  "a\nb", "a\r\nX: y", std::string("a\0b", 3),
                                 "a\x7F", "\x01"};

TEST(Serialize, WritesRequestHeads) {
  const Field fields[] = {{"A", "b"}, {"C", ""}};
  std::string out = "x";
  EXPECT_TRUE(append_request_head(out, {.host = "a:81", .fields = fields}));
  EXPECT_EQ(out, "xGET / HTTP/1.1\r\nHost: a:81\r\nA: b\r\nC: \r\n\r\n");
  SendQueue queue;
  EXPECT_TRUE(append_request_head(queue, {.method = "POST",
                                          .target = "/a?b=%20",
                                          .host = "[::1]",
                                          .body = BodyHeader::content_length,
                                          .content_length = 12}));
  EXPECT_EQ(contents(queue), "POST /a?b=%20 HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 12\r\n\r\n");
}

TEST(Serialize, WritesResponseHeads) {
  const Field fields[] = {{"A", "b"}};
  std::string out;
  EXPECT_TRUE(append_response_head(out, {.date = "today",
                                         .connection = "close",
                                         .content_type = "text/plain",
                                         .fields = fields,
                                         .content_length = 3}));
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nDate: today\r\nConnection: close\r\nContent-Type: text/plain\r\n"
            "A: b\r\nContent-Length: 3\r\n\r\n");
  SendQueue queue;
  EXPECT_TRUE(append_response_head(
      queue, {.status = 299, .reason = "So Be It", .body = BodyHeader::chunked}));
  EXPECT_TRUE(append_response_head(queue, {.status = 599, .body = BodyHeader::none}));
  EXPECT_EQ(contents(queue),
            "HTTP/1.1 299 So Be It\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 599 \r\n\r\n");
}

TEST(Serialize, IsReadBackByTheParsers) {
  const Field fields[] = {{"A", "b\t\xE9"}};
  std::string request;
  ASSERT_TRUE(append_request_head(request, {.host = "a", .fields = fields}));
  EXPECT_EQ(parse<RequestParser>(request).outcome, "200");
  std::string response;
  ASSERT_TRUE(append_response_head(response, {.status = 404, .fields = fields}));
  EXPECT_EQ(parse<ResponseParser>(response).outcome, "200");
}

TEST(Serialize, RefusesWhatCouldEndALine) {
  SendQueue queue;
  for (const std::string& text : dangerous) {
    const Field value[] = {{"A", text}};
    const Field name[] = {{text, "b"}};
    EXPECT_FALSE(append_response_head(queue, {.fields = value}));
    EXPECT_FALSE(append_response_head(queue, {.fields = name}));
    EXPECT_FALSE(append_response_head(queue, {.reason = text}));
    EXPECT_FALSE(append_response_head(queue, {.date = text}));
    EXPECT_FALSE(append_response_head(queue, {.connection = text}));
    EXPECT_FALSE(append_response_head(queue, {.content_type = text}));
    EXPECT_FALSE(append_request_head(queue, {.host = "a", .fields = value}));
    EXPECT_FALSE(append_request_head(queue, {.host = text}));
    EXPECT_FALSE(append_request_head(queue, {.target = text, .host = "a"}));
    EXPECT_FALSE(append_request_head(queue, {.method = text, .host = "a"}));
  }
  EXPECT_TRUE(queue.empty());
}

TEST(Serialize, RefusesWhatIsNoRequest) {
  std::string out;
  EXPECT_FALSE(append_request_head(out, {}));
  EXPECT_FALSE(append_request_head(out, {.method = "", .host = "a"}));
  EXPECT_FALSE(append_request_head(out, {.target = "", .host = "a"}));
  EXPECT_FALSE(append_request_head(out, {.target = "/a b", .host = "a"}));
  EXPECT_FALSE(append_request_head(out, {.target = "/#a", .host = "a"}));
  EXPECT_FALSE(append_response_head(out, {.status = 99}));
  EXPECT_FALSE(append_response_head(out, {.status = 600}));
  EXPECT_EQ(out, "");
}

TEST(Serialize, KeepsFramingToItself) {
  std::string out;
  for (const char* name : {"Content-Length", "transfer-encoding"}) {
    const Field fields[] = {{name, "1"}};
    EXPECT_FALSE(append_response_head(out, {.fields = fields}));
    EXPECT_FALSE(append_request_head(out, {.host = "a", .fields = fields}));
  }
  const Field host[] = {{"host", "b"}};
  EXPECT_FALSE(append_request_head(out, {.host = "a", .fields = host}));
  EXPECT_EQ(out, "");
}

TEST(Serialize, TellsSendableFields) {
  EXPECT_TRUE(is_sendable(Field{"X-Y", ""}));
  EXPECT_TRUE(is_sendable(Field{"X", "a\tb \xFF"}));
  EXPECT_FALSE(is_sendable(Field{"", "a"}));
  EXPECT_FALSE(is_sendable(Field{"X Y", "a"}));
  EXPECT_FALSE(is_sendable(Field{"X:", "a"}));
}

TEST(Chunks, AreFramed) {
  SendQueue queue;
  append_chunk(queue, as_bytes("0123456789abcdef"));
  append_chunk(queue, {});
  append_last_chunk(queue);
  EXPECT_EQ(contents(queue), "10\r\n0123456789abcdef\r\n0\r\n\r\n");
  EXPECT_EQ(as_text(*encode_chunk(as_bytes("hello"))), "5\r\nhello\r\n");
  EXPECT_TRUE(encode_chunk({})->empty());
}

// Otherwise what follows would be read as the rest of the chunk.
TEST(Chunks, AreQueuedWholeOrNotAtAll) {
  const std::string data(10'000, 'x');
  for (std::size_t successes = 0;; ++successes) {
    SendQueue queue;
    queue.append(as_bytes("before"));
    bool failed = false;
    try {
      const support::FailingAllocation failing(successes);
      append_chunk(queue, as_bytes(data));
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    EXPECT_EQ(contents(queue), failed ? "before" : "before2710\r\n" + data + "\r\n");
    if (!failed) return;
  }
}

TEST(ReasonPhrase, IsKnownForUsualStatuses) {
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(101), "Switching Protocols");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(505), "HTTP Version Not Supported");
  EXPECT_EQ(reason_phrase(299), "");
  EXPECT_EQ(reason_phrase(599), "");
}

}  // namespace
}  // namespace duplex::http

// Server-Sent Events, written and read.
#include "duplex/http/event_stream.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace duplex::http {
namespace {

std::string written(const ServerSentEvent& event) {
  std::string out;
  EXPECT_TRUE(append_event(out, event));
  return out;
}

bool is_refused(const ServerSentEvent& event) {
  std::string out = "before";
  return !append_event(out, event) && out == "before";
}

// All events of a stream as text, and how it ended.
class StreamText {
 public:
  explicit StreamText(std::size_t limit = 1000) : reader_(limit) {}

  StreamText& feed(std::string_view piece) {
    const std::vector<std::byte> block(as_bytes(piece).begin(), as_bytes(piece).end());
    reader_.receive(block);
    while (const auto event = reader_.next_event()) {
      text_.append(event->type).append("|").append(event->data).append("|").append(event->id);
      text_ += ";";
    }
    return *this;
  }

  const EventStreamReader& reader() const { return reader_; }
  std::string text() const { return text_ + (reader_.failed() ? "failed" : ""); }

 private:
  EventStreamReader reader_;
  std::string text_;
};

std::string read(std::string_view stream, std::size_t limit = 1000) {
  const std::string whole = StreamText(limit).feed(stream).text();
  StreamText slow(limit);
  for (const char c : stream) slow.feed({&c, 1});
  EXPECT_EQ(slow.text(), whole) << stream;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    EXPECT_EQ(StreamText(limit).feed(stream.substr(0, cut)).feed(stream.substr(cut)).text(), whole)
        << stream << " cut at " << cut;
  }
  return whole;
}

TEST(AppendEvent, WritesFields) {
  EXPECT_EQ(written({.data = "x"}), "data: x\n\n");
  EXPECT_EQ(written({.event = "tick", .data = "x", .id = "7", .retry = "100"}),
            "event: tick\nid: 7\nretry: 100\ndata: x\n\n");
  EXPECT_EQ(written({.data = "", .id = ""}), "id: \ndata: \n\n");
  EXPECT_EQ(written({.retry = "5"}), "retry: 5\n\n");
}

// P09
TEST(AppendEvent, SplitsDataAtEveryLineEnd) {
  EXPECT_EQ(written({.data = "a\nb\r\nc\rd"}), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(written({.data = "a\n"}), "data: a\ndata: \n\n");
  EXPECT_EQ(written({.data = "\r\r\n\n"}), "data: \ndata: \ndata: \ndata: \n\n");
  EXPECT_EQ(written({.data = "x\rid: 9"}), "data: x\ndata: id: 9\n\n");
}

// P07, P08
TEST(AppendEvent, RefusesLineEndsInTypeAndId) {
  for (const std::string& text : {std::string("a\r"), std::string("\n"),
                                  std::string("a\r\ndata: x"), std::string("a\0", 2)}) {
    EXPECT_TRUE(is_refused({.event = text, .data = "x"}));
    EXPECT_TRUE(is_refused({.data = "x", .id = text}));
  }
}

// P10
TEST(AppendEvent, RefusesARetryThatIsNotDigits) {
  for (const char* retry : {"a", "1a", "-1", "+1", " 1", "1\n", "1.5"}) {
    EXPECT_TRUE(is_refused({.data = "x", .retry = retry})) << retry;
  }
}

// P11
TEST(AppendEvent, RefusesWhatIsNotUtf8) {
  EXPECT_TRUE(is_refused({.data = "\xFF"}));
  EXPECT_TRUE(is_refused({.event = "\xC3", .data = "x"}));
  EXPECT_TRUE(is_refused({.data = "x", .id = "\xED\xA0\x80"}));
  EXPECT_EQ(written({.data = "\xC3\xA9"}), "data: \xC3\xA9\n\n");
}

TEST(EventStreamReader, ReadsEvents) {
  EXPECT_EQ(read("data: a\n\nevent: t\ndata:b\n\ndata\n\n"), "message|a|;t|b|;message||;");
  EXPECT_EQ(read("data: a\ndata:\ndata:  c\n\n"), "message|a\n\n c|;");
  EXPECT_EQ(read("data: a\n"), "");
  EXPECT_EQ(read(""), "");
}

TEST(EventStreamReader, TakesEveryLineEnd) {
  EXPECT_EQ(read("data: a\r\rdata: b\r\n\r\ndata: c\n\ndata: d\r\n\n"),
            "message|a|;message|b|;message|c|;message|d|;");
}

TEST(EventStreamReader, DoesNotHoldAnEventBackForALineFeed) {
  EXPECT_EQ(StreamText().feed("data: a\r\r").text(), "message|a|;");
  EXPECT_EQ(StreamText().feed("data: a\r\r").feed("\ndata: b\n\n").text(),
            "message|a|;message|b|;");
}

TEST(EventStreamReader, SkipsOneByteOrderMarkAtTheStart) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "data: a\n\n\xEF\xBB\xBF"
                 "data: b\n\n"),
            "message|a|;");
  EXPECT_EQ(read("\xEF\xBB\xBF\xEF\xBB\xBF"
                 "data: a\n\n"),
            "");
}

TEST(EventStreamReader, IgnoresCommentsAndUnknownFields) {
  EXPECT_EQ(read(":\n\n: data: x\nfoo: bar\nData: y\n data: z\ndata: a\n\n"), "message|a|;");
  EXPECT_EQ(read(std::string(event_stream_heartbeat) + "data: a\n\n"), "message|a|;");
}

TEST(EventStreamReader, RemembersTheLastId) {
  EXPECT_EQ(read("id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"),
            "message|a|1;message|b|1;message|c|;");
  EXPECT_EQ(read(std::string_view("id: 1\nid: 2\0\ndata: a\n\n", 22)), "message|a|1;");
  StreamText stream;
  stream.feed("id: 7\n");
  EXPECT_EQ(stream.reader().last_event_id(), "");
  stream.feed("\n");
  EXPECT_EQ(stream.reader().last_event_id(), "7");
}

TEST(EventStreamReader, ForgetsATypeWithoutData) {
  EXPECT_EQ(read("event: t\n\ndata: a\n\n"), "message|a|;");
}

TEST(EventStreamReader, TellsTheReconnectionTime) {
  StreamText stream;
  EXPECT_EQ(stream.reader().reconnection_time(), std::nullopt);
  stream.feed("retry: 1500\n");
  EXPECT_EQ(stream.reader().reconnection_time(), std::chrono::milliseconds(1500));
  stream.feed("retry: 1x\nretry: -1\nretry\nretry: 99999999999\n");
  EXPECT_EQ(stream.reader().reconnection_time(), std::chrono::milliseconds(1500));
}

TEST(EventStreamReader, FailsAboveItsLimit) {
  EXPECT_EQ(read("data: 234567890\n\n", 15), "message|234567890|;");
  EXPECT_EQ(read("data: 2345678901\n\n", 15), "failed");
  EXPECT_EQ(read("data: 1234\ndata: 1\n\n", 15), "message|1234\n1|;");
  EXPECT_EQ(read("data: 1234\ndata: 12345\n\ndata: a\n\n", 15), "failed");
  EXPECT_EQ(read(": a very long comment\ndata: a\n\n", 15), "failed");
}

TEST(EventStreamReader, ReadsWhatTheWriterWrites) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::string data;
    for (auto n = random() % 20; n > 0; --n) data += "ab :\n"[random() % 5];
    std::string out;
    ASSERT_TRUE(append_event(out, {.event = "t", .data = data, .id = "1"}));
    ASSERT_EQ(StreamText().feed(out).text(), "t|" + data + "|1;");
  }
}

}  // namespace
}  // namespace duplex::http

// Any bytes as answers, to HEAD or another method, until the peer closes: the same however they are
// cut, within every limit, of the one meaning that a naive reader finds, with every byte behind a
// 101 left for the next protocol, and the same again when written and read once more.
#include "http_parsing.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using http::Event;
using http::ResponseParser;

struct Outcome {
  http::Transcript transcript;
  std::string unread;
};

Outcome parse(std::string_view bytes, const Cuts& cuts, const http::ParserLimits& limits,
              bool answers_head) {
  ResponseParser parser(limits);
  parser.set_answers_head(answers_head);
  http::Feeder<ResponseParser> feeder(parser);
  for_each_piece(bytes, cuts, [&feeder](std::string_view piece) { feeder.feed(piece); });
  feeder.end();
  EXPECT_EQ(parser.stage(), http::Stage::closed);
  return {feeder.transcript(), feeder.unread()};
}

// What is refused is what the serializer would have to write itself.
void expect_same_when_written(const http::Response& response) {
  const auto fields = without(response.fields, {"Content-Length", "Transfer-Encoding"});
  std::string text;
  ASSERT_TRUE(http::append_response_head(text, {.status = response.status,
                                                .reason = response.reason,
                                                .fields = fields,
                                                .body = http::BodyHeader::none}));
  const http::ParserLimits limits{.max_head_size = text.size()};
  std::vector<std::byte> bytes(as_bytes(text).begin(), as_bytes(text).end());
  ResponseParser parser(limits);
  parser.receive(bytes);
  const auto event = parser.next_event();
  ASSERT_TRUE(event && event->kind == Event::Kind::head) << text;
  EXPECT_EQ(parser.response().status, response.status);
  EXPECT_TRUE(response.reason.empty() || parser.response().reason == response.reason);
  EXPECT_EQ(http::describe_fields(parser.response().fields),
            http::describe_fields(http::Fields(fields)));
}

void check_events(std::string_view bytes, const http::ParserLimits& limits, bool answers_head) {
  std::vector<std::byte> block(as_bytes(bytes).begin(), as_bytes(bytes).end());
  ResponseParser parser(limits);
  parser.set_answers_head(answers_head);
  parser.receive(block);
  std::size_t body_size = 0;
  while (const auto event = parser.next_event()) {
    if (event->kind == Event::Kind::head) {
      body_size = 0;
      expect_sound(parser.response().fields, limits);
      expect_same_when_written(parser.response());
    }
    if (event->kind == Event::Kind::body) expect_within(event->body, body_size, limits);
  }
}

void expect_naive_meaning(std::string_view bytes, const Outcome& outcome, bool answers_head) {
  NaiveReader reader(bytes);
  std::string text;
  for (int left = count_ended(outcome.transcript); left > 0; --left) {
    text += reader.read_response(answers_head);
  }
  EXPECT_EQ(outcome.transcript.text.substr(0, text.size()), text);
  if (!outcome.unread.empty()) {
    EXPECT_EQ(outcome.unread, reader.unread());
  }
}

void run(std::string_view input) {
  Decisions decisions(input);
  const bool answers_head = decisions.chance();
  const http::ParserLimits limits = choose_limits(decisions.byte());
  const std::uint8_t seed = decisions.byte();
  const std::string_view bytes = decisions.rest();
  const Outcome whole = parse(bytes, {}, limits, answers_head);
  for (const Cuts& cuts : all_cuts(bytes.size(), seed)) {
    const Outcome cut = parse(bytes, cuts, limits, answers_head);
    EXPECT_EQ(cut.transcript.text, whole.transcript.text);
    EXPECT_EQ(cut.unread, whole.unread);
  }
  expect_naive_meaning(bytes, whole, answers_head);
  check_events(bytes, limits, answers_head);
}

const Registration registration({"http_response", run});

}  // namespace
}  // namespace duplex::fuzz

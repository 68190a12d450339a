// Any bytes as requests: the same however they are cut, at fault with the byte that is at fault,
// within every limit, of the one meaning that a naive reader finds, and the same again when what
// was understood is written and read once more.
#include "http_parsing.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using http::Event;
using http::RequestParser;

// The parser reads back what the serializer makes of the request.
void expect_same_when_written(const http::Request& request) {
  if (request.minor_version == 0) return;
  const auto fields =
      without(request.fields, {"Host", "Content-Length", "Transfer-Encoding", "Expect"});
  std::string text;
  const bool written = http::append_request_head(text, {.method = request.method,
                                                        .target = request.target,
                                                        .host = *request.fields.find("Host"),
                                                        .fields = fields});
  ASSERT_TRUE(written);
  const http::ParserLimits limits{.max_head_size = text.size(), .max_field_count = 101};
  std::vector<std::byte> bytes(as_bytes(text).begin(), as_bytes(text).end());
  RequestParser parser(limits);
  parser.receive(bytes);
  const auto event = parser.next_event();
  ASSERT_TRUE(event && event->kind == Event::Kind::head) << text;
  EXPECT_EQ(parser.request().target, request.target);
  EXPECT_EQ(parser.request().path, request.path);
  EXPECT_EQ(parser.request().keep_alive, request.keep_alive);
  EXPECT_EQ(http::describe_fields(http::Fields(without(parser.request().fields, {"Host"}))),
            http::describe_fields(http::Fields(fields)));
}

void check_request(const http::Request& request, const http::ParserLimits& limits) {
  EXPECT_LE(request.method.size(), limits.max_method_size);
  EXPECT_LE(request.target.size(), limits.max_target_size);
  expect_sound(request.fields, limits);
  EXPECT_TRUE(request.path.starts_with('/') || request.path == "*");
  expect_same_when_written(request);
}

void check_events(std::string_view bytes, const http::ParserLimits& limits) {
  std::vector<std::byte> block(as_bytes(bytes).begin(), as_bytes(bytes).end());
  RequestParser parser(limits);
  parser.receive(block);
  std::size_t body_size = 0;
  while (const auto event = parser.next_event()) {
    if (event->kind == Event::Kind::head) check_request(parser.request(), limits);
    if (event->kind == Event::Kind::head) body_size = 0;
    if (event->kind == Event::Kind::body) expect_within(event->body, body_size, limits);
    if (event->kind != Event::Kind::error) continue;
    EXPECT_EQ(parser.stage(), http::Stage::closed);
    EXPECT_GE(http::status_for(event->error), 400);
  }
}

// One byte less is not at fault, however it comes.
void expect_fault_at_its_byte(std::string_view bytes, std::size_t position,
                              const http::ParserLimits& limits) {
  if (position == 0) return;
  const auto fault_of = [&](std::size_t size) {
    return http::parse<RequestParser>(bytes.substr(0, size), {}, limits).error_position;
  };
  EXPECT_EQ(fault_of(position - 1), 0U);
  EXPECT_EQ(fault_of(position), position);
}

void expect_naive_meaning(std::string_view bytes, const http::Transcript& transcript) {
  NaiveReader reader(bytes);
  std::string text;
  for (int left = count_ended(transcript); left > 0; --left) text += reader.read_request();
  EXPECT_EQ(transcript.text.substr(0, text.size()), text);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const http::ParserLimits limits = choose_limits(decisions.byte());
  const std::uint8_t seed = decisions.byte();
  const std::string_view bytes = decisions.rest();
  const http::Transcript whole = http::parse<RequestParser>(bytes, {}, limits);
  for (const Cuts& cuts : all_cuts(bytes.size(), seed)) {
    EXPECT_EQ(http::parse<RequestParser>(bytes, cuts, limits).text, whole.text);
  }
  const auto slow = http::parse<RequestParser>(bytes, cut_every_byte(bytes.size()), limits);
  expect_fault_at_its_byte(bytes, slow.error_position, limits);
  expect_naive_meaning(bytes, whole);
  check_events(bytes, limits);
}

const Registration registration({"http_request", run});

}  // namespace
}  // namespace duplex::fuzz

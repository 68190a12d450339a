// What requests become, and how long it lives.
#include "duplex/http/parser.h"

#include <gtest/gtest.h>

#include "../support/allocations.h"
#include "transcript.h"

namespace duplex::http {
namespace {

using Kind = Event::Kind;

// One read for a parser, in memory that can be overwritten.
class Read {
 public:
  explicit Read(std::string_view text) : bytes_(as_bytes(text).begin(), as_bytes(text).end()) {}
  operator MutableBytes() { return bytes_; }
  void overwrite() { std::fill(bytes_.begin(), bytes_.end(), std::byte{'#'}); }

 private:
  std::vector<std::byte> bytes_;
};

constexpr std::string_view simple_get = "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n";

std::string outcome(std::string_view bytes) { return parse<RequestParser>(bytes).outcome; }

HttpError error_of(std::string_view bytes, const ParserLimits& limits = {}) {
  RequestParser parser(limits);
  Read read(bytes);
  parser.receive(read);
  while (const auto event = parser.next_event()) {
    if (event->kind == Kind::error) return event->error;
  }
  return HttpError::none;
}

TEST(RequestParser, SplitsTheTarget) {
  const ParserLimits limits;
  RequestParser parser(limits);
  Read read("GET /a/b?c=d?e HTTP/1.1\r\nHost: a\r\nX-Y:  z \t\r\n\r\n");
  parser.receive(read);
  ASSERT_EQ(parser.next_event()->kind, Kind::head);
  const Request& request = parser.request();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a/b?c=d?e");
  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "c=d?e");
  EXPECT_EQ(request.minor_version, 1);
  EXPECT_EQ(request.fields.find("x-y"), "z");
  EXPECT_TRUE(request.keep_alive);
  EXPECT_FALSE(request.has_body);
  EXPECT_EQ(parser.next_event()->kind, Kind::end);
  EXPECT_FALSE(parser.next_event());
}

struct TargetCase {
  const char* target;
  const char* path;
  const char* query;
};

TEST(RequestParser, UnderstandsAbsoluteForm) {
  constexpr TargetCase cases[] = {
      {"http://a/x?y", "/x", "y"}, {"HTTP://A", "/", ""},          {"http://a?q", "/", "q"},
      {"https://a/", "/", ""},     {"http://a/x//y", "/x//y", ""},
  };
  for (const auto& [target, path, query] : cases) {
    const std::string bytes = "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    const ParserLimits limits;
    RequestParser parser(limits);
    Read read(bytes);
    parser.receive(read);
    ASSERT_EQ(parser.next_event()->kind, Kind::head) << target;
    EXPECT_EQ(parser.request().path, path) << target;
    EXPECT_EQ(parser.request().query, query) << target;
  }
}

struct ErrorCase {
  const char* bytes;
  HttpError error;
};

TEST(RequestParser, NamesTheRuleThatWasBroken) {
  constexpr ErrorCase cases[] = {
      {"\n", HttpError::bare_lf},
      {"\r\r", HttpError::bare_cr},
      {"\r\n\r", HttpError::invalid_method},
      {" ", HttpError::invalid_method},
      {"G\t", HttpError::invalid_method},
      {"BREW ", HttpError::unknown_method},
      {"PRI ", HttpError::http2_preface},
      {"GET \r", HttpError::invalid_target},
      {"GET /\"", HttpError::invalid_target},
      {"GET /#", HttpError::fragment_in_target},
      {"GET /%a ", HttpError::invalid_percent_escape},
      {"GET /%00", HttpError::encoded_nul},
      {"GET a ", HttpError::invalid_target_form},
      {"GET  ", HttpError::invalid_target_form},
      {"GET * ", HttpError::invalid_target_form},
      {"GET http:///x ", HttpError::invalid_authority},
      {"GET http://u@a/ ", HttpError::invalid_authority},
      {"GET / HTTQ", HttpError::invalid_version},
      {"GET / HTTP/1.1\n", HttpError::bare_lf},
      {"GET / HTTP/1.1\rX", HttpError::bare_cr},
      {"GET / HTTP/0.9\r", HttpError::unsupported_version},
      {"GET / HTTP/1.1\r\n:", HttpError::invalid_field_name},
      {"GET / HTTP/1.1\r\n\n", HttpError::bare_lf},
      {"GET / HTTP/1.1\r\nA ", HttpError::whitespace_before_colon},
      {"GET / HTTP/1.1\r\nA\r", HttpError::missing_colon},
      {"GET / HTTP/1.1\r\nA\n", HttpError::bare_lf},
      {"GET / HTTP/1.1\r\nA\x80", HttpError::invalid_field_name},
      {"GET / HTTP/1.1\r\n ", HttpError::obsolete_folding},
      {"GET / HTTP/1.1\r\nA: b\n", HttpError::bare_lf},
      {"GET / HTTP/1.1\r\nA: b\x01", HttpError::invalid_field_value},
      {"GET / HTTP/1.1\r\nA: b\rc", HttpError::bare_cr},
      {"GET / HTTP/1.1\r\n\r\n", HttpError::missing_host},
      {"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", HttpError::repeated_host},
      {"GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n", HttpError::repeated_host},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", HttpError::invalid_host},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", HttpError::host_mismatch},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", HttpError::unknown_expectation},
  };
  for (const auto& [bytes, error] : cases) {
    EXPECT_EQ(describe(error_of(bytes)), describe(error)) << bytes;
  }
}

std::string post(std::string_view fields, std::string_view body = {}) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

TEST(RequestParser, NamesTheRuleOfFramingThatWasBroken) {
  const std::pair<std::string, HttpError> cases[] = {
      {post("Content-Length: 1\r\nContent-Length: 1\r\n"), HttpError::repeated_content_length},
      {post("Content-Length: 1x\r\n"), HttpError::invalid_content_length},
      {post("Content-Length:\r\n"), HttpError::invalid_content_length},
      {post("Content-Length: 18446744073709551616\r\n"), HttpError::invalid_content_length},
      {post("Content-Length: 18446744073709551615\r\n"), HttpError::body_too_large},
      {post("Content-Length: 1000001\r\n"), HttpError::body_too_large},
      {post("Content-Length: 1000000\r\n"), HttpError::none},
      {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       HttpError::repeated_transfer_encoding},
      {post("Transfer-Encoding: gzip\r\n"), HttpError::invalid_transfer_encoding},
      {post("Transfer-Encoding: chunked, chunked\r\n"), HttpError::invalid_transfer_encoding},
      {post("Transfer-Encoding: a b, chunked\r\n"), HttpError::invalid_transfer_encoding},
      {post("Transfer-Encoding: gzip, chunked\r\n"), HttpError::unsupported_transfer_coding},
      {post("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
       HttpError::transfer_encoding_with_content_length},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
       HttpError::transfer_encoding_in_http_1_0},
      {post("transfer_encoding: chunked\r\nContent_Length: 9\r\n"), HttpError::none},
      // As long as names that mean something, and with the same first letter.
      {post("Hist: a\r\nExtend: x\r\nCommencing: close\r\nContent-Lengts: x\r\n"
            "Transfer-Encodins: x\r\n"),
       HttpError::none},
  };
  for (const auto& [bytes, error] : cases) {
    EXPECT_EQ(describe(error_of(bytes)), describe(error)) << bytes;
  }
}

struct PersistenceCase {
  const char* version;
  const char* connection;
  bool keep_alive;
};

TEST(RequestParser, KnowsWhetherTheConnectionPersists) {
  constexpr PersistenceCase cases[] = {
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: Upgrade , CLOSE\r\n", false},
      {"1.1", "Connection: closed\r\n", true},
      {"1.1", "Connection: Upgrade\r\nConnection: close\r\n", false},
      {"1.0", "", false},
      {"1.0", "Connection: Keep-Alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
  };
  for (const auto& [version, connection, keep_alive] : cases) {
    const std::string head = "GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n";
    const std::string bytes = head + connection + "\r\n" + std::string(simple_get);
    EXPECT_EQ(outcome(bytes), keep_alive ? "200 200" : "200") << version << connection;
  }
}

TEST(RequestParser, SaysWhetherTheBodyWaits) {
  const std::pair<std::string, bool> cases[] = {
      {post("Expect: 100-Continue\r\nContent-Length: 1\r\n"), true},
      {post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"), true},
      {post("Expect: 100-continue\r\nContent-Length: 0\r\n"), false},
      {post("Expect: 100-continue\r\n"), false},
      {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", false},
  };
  for (const auto& [bytes, waits] : cases) {
    const ParserLimits limits;
    RequestParser parser(limits);
    Read read(bytes);
    parser.receive(read);
    ASSERT_EQ(parser.next_event()->kind, Kind::head) << bytes;
    EXPECT_EQ(parser.request().expects_continue, waits) << bytes;
  }
}

TEST(RequestParser, KeepsTheHeadWhileItsBodyComes) {
  const ParserLimits limits;
  RequestParser parser(limits);
  Read first(post("Content-Length: 4\r\n", "ab"));
  parser.receive(first);
  EXPECT_EQ(parser.next_event()->kind, Kind::head);
  EXPECT_EQ(as_text(parser.next_event()->body), "ab");
  EXPECT_FALSE(parser.next_event());
  first.overwrite();
  EXPECT_EQ(parser.request().method, "POST");
  EXPECT_EQ(parser.request().fields.find("content-length"), "4");
  Read second("cd");
  parser.receive(second);
  EXPECT_EQ(as_text(parser.next_event()->body), "cd");
  EXPECT_EQ(parser.next_event()->kind, Kind::end);
  EXPECT_EQ(parser.request().path, "/");
}

TEST(RequestParser, GivesBackWhatItHasNotRead) {
  const ParserLimits limits;
  RequestParser parser(limits);
  Read read(post("Content-Length: 2\r\n", "abGET"));
  parser.receive(read);
  EXPECT_EQ(parser.next_event()->kind, Kind::head);
  Read moved(as_text(parser.take_unread()));
  read.overwrite();
  EXPECT_EQ(parser.request().method, "POST");
  EXPECT_EQ(as_text(MutableBytes(moved)), "abGET");
  parser.receive(moved);
  EXPECT_EQ(as_text(parser.next_event()->body), "ab");
  EXPECT_EQ(parser.next_event()->kind, Kind::end);
  EXPECT_EQ(as_text(parser.take_unread()), "GET");
  EXPECT_TRUE(parser.take_unread().empty());
  EXPECT_FALSE(parser.next_event());
}

TEST(RequestParser, ParsesNothingAfterAnError) {
  const ParserLimits limits;
  RequestParser parser(limits);
  Read bad("\x16\x03");
  parser.receive(bad);
  EXPECT_EQ(parser.next_event()->kind, Kind::error);
  EXPECT_EQ(parser.stage(), Stage::closed);
  Read good(simple_get);
  parser.receive(good);
  EXPECT_FALSE(parser.next_event());
  EXPECT_TRUE(parser.take_unread().empty());
  EXPECT_TRUE(parser.request().method.empty());
}

TEST(RequestParser, TellsWhatItWaitsFor) {
  const ParserLimits limits;
  RequestParser parser(limits);
  const std::string bytes = post("Content-Length: 1\r\n", "x");
  EXPECT_EQ(parser.stage(), Stage::idle);
  Feeder<RequestParser> feeder(parser);
  feeder.feed(bytes.substr(0, 1));
  EXPECT_EQ(parser.stage(), Stage::head);
  feeder.feed(bytes.substr(1, bytes.size() - 2));
  EXPECT_EQ(parser.stage(), Stage::body);
  feeder.feed("x");
  EXPECT_EQ(parser.stage(), Stage::idle);
  feeder.feed("\x01");
  EXPECT_EQ(parser.stage(), Stage::closed);
}

TEST(RequestParser, IsIdleOnceTheEndHasBeenTaken) {
  const ParserLimits limits;
  RequestParser parser(limits);
  Read read(simple_get);
  parser.receive(read);
  EXPECT_EQ(parser.next_event()->kind, Kind::head);
  EXPECT_EQ(parser.stage(), Stage::body);
  EXPECT_EQ(parser.next_event()->kind, Kind::end);
  EXPECT_EQ(parser.stage(), Stage::idle);
}

TEST(RequestParser, OwnsNoMemoryBetweenRequests) {
  const ParserLimits limits;
  RequestParser parser(limits);
  const std::string requests = std::string(simple_get) + post("Content-Length: 1\r\n", "x");
  const std::size_t before = support::live_allocation_count();
  for (const char c : requests) {
    auto byte = static_cast<std::byte>(c);
    parser.receive({&byte, 1});
    while (parser.next_event()) {
    }
  }
  EXPECT_EQ(parser.stage(), Stage::idle);
  EXPECT_EQ(support::live_allocation_count(), before);
}

TEST(RequestParser, KeepsNoMoreThanItsLimit) {
  const ParserLimits limits{.max_target_size = 100000, .max_head_size = 4096};
  RequestParser parser(limits);
  std::string flood(std::size_t{1} << 20, 'a');
  flood.replace(0, 5, "GET /");
  const std::size_t before = support::live_allocation_size();
  std::size_t most = 0;
  for (std::size_t at = 0; at < flood.size(); at += 100) {
    std::string piece = flood.substr(at, 100);
    parser.receive(std::as_writable_bytes(std::span(piece)));
    while (parser.next_event()) {
    }
    most = std::max(most, support::live_allocation_size());
  }
  EXPECT_EQ(parser.stage(), Stage::closed);
  EXPECT_LT(most - before, 4 * limits.max_head_size);
}

TEST(RequestParser, TakesSizesUpToTheirLimits) {
  const ParserLimits limits{.max_method_size = 3,
                            .max_target_size = 8,
                            .max_head_size = 40,
                            .max_field_count = 2,
                            .max_body_size = 3};
  const auto error = [&limits](std::string_view bytes) { return error_of(bytes, limits); };
  EXPECT_EQ(error("PUT /234567 HTTP/1.1\r\nHost: a\r\n\r\n"), HttpError::none);
  EXPECT_EQ(error("POST"), HttpError::method_too_long);
  EXPECT_EQ(error("GET /23456789"), HttpError::target_too_long);
  EXPECT_EQ(error("GET /23456%41 "), HttpError::target_too_long);
  EXPECT_EQ(error("GET / HTTP/1.1\r\nHost: a\r\nb:\r\n\r\n"), HttpError::none);
  EXPECT_EQ(error("GET / HTTP/1.1\r\nHost: a\r\nb:\r\nc"), HttpError::too_many_fields);
  EXPECT_EQ(error("GET / HTTP/1.1\r\nHost: a\r\nb: 23456789\r\n\r\n"), HttpError::none);
  EXPECT_EQ(error("GET / HTTP/1.1\r\nHost: a\r\nb: 23456789abc\r"), HttpError::head_too_large);
}

TEST(RequestParser, LimitsMayBeTheLargestNumbers) {
  constexpr std::size_t unlimited = static_cast<std::size_t>(-1);
  const ParserLimits limits{.max_method_size = unlimited,
                            .max_target_size = unlimited,
                            .max_head_size = unlimited,
                            .max_field_count = unlimited,
                            .max_body_size = unlimited,
                            .max_chunk_extension_size = unlimited,
                            .max_trailer_size = unlimited};
  const std::string bytes = std::string(simple_get) + post("Content-Length: 1\r\n", "x") +
                            post("Transfer-Encoding: chunked\r\n", "1;a\r\nx\r\n0\r\nX: y\r\n\r\n");
  const Transcript whole = parse<RequestParser>(bytes, {}, limits);
  EXPECT_EQ(whole.outcome, "200 200 200");
  EXPECT_EQ(parse<RequestParser>(bytes, every_byte(bytes.size()), limits).text, whole.text);
}

TEST(RequestParser, ReadsTheSameAtRandomCuts) {
  std::string bytes;
  for (int i = 0; i < 5; ++i) {
    bytes += simple_get;
    bytes += post("Content-Length: 11\r\n", "hello world");
    bytes += post("Transfer-Encoding: chunked\r\n",
                  "3;a=\"b\"\r\nabc\r\n10\r\n0123456789abcdef"
                  "\r\n0\r\nX: y\r\n\r\n");
  }
  const std::string whole = parse<RequestParser>(bytes).text;
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    const Cuts cuts = random_cuts(bytes.size(), 1 + seed % 40, seed);
    ASSERT_EQ(parse<RequestParser>(bytes, cuts).text, whole) << "seed " << seed;
  }
}

TEST(RequestParser, DoesNotAllocateWhatAPeerAnnounces) {
  const ParserLimits limits{.max_body_size = std::size_t{1} << 60};
  RequestParser parser(limits);
  const std::size_t before = support::live_allocation_size();
  Feeder<RequestParser> feeder(parser);
  feeder.feed(post("Content-Length: 1000000000000\r\n", "x"));
  EXPECT_EQ(parser.stage(), Stage::body);
  EXPECT_LT(support::live_allocation_size() - before, 4096U);
}

}  // namespace
}  // namespace duplex::http

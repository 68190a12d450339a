// The chunked coding: what is read, what is refused, and by which rule.
#include <gtest/gtest.h>

#include "duplex/http/body_decoder.h"
#include "transcript.h"

namespace duplex::http {
namespace {

std::string chunked(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

// The body, or the words for the fault; the same however it is cut.
std::string decode(std::string_view body, const ParserLimits& limits = {}) {
  const std::string bytes = chunked(body);
  const std::string whole = parse<RequestParser>(bytes, {}, limits).text;
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    EXPECT_EQ(parse<RequestParser>(bytes, {at}, limits).text, whole) << body << " cut at " << at;
  }
  const std::size_t error = whole.find("ERROR ");
  if (error != std::string::npos) return whole.substr(error + 6);
  if (whole.ends_with("wait")) return "wait";
  const std::size_t begin = whole.find("BODY ") + 5;
  return whole.substr(begin, whole.find("\nEND") - begin);
}

TEST(ChunkDecoder, JoinsChunks) {
  EXPECT_EQ(decode("0\r\n\r\n"), "");
  EXPECT_EQ(decode("1\r\na\r\n00A\r\n0123456789\r\n0000000000000000\r\n\r\n"), "a0123456789");
  EXPECT_EQ(decode("5\r\nhel"), "wait");
}

TEST(ChunkDecoder, DropsExtensions) {
  for (const char* extension :
       {";a", ";a=b", ";a=\"b;c\"", ";a=\"\\\"\\\\\"", " ; a", ";a = b", ";a ;b", ";a=b ;c",
        ";a=\"\";b", ";a=\"b\" ;c", "\t;a", ";a =\"b\"", ";a= \tb", ";a;b;c", ";a=\"b\tc \x80\""}) {
    EXPECT_EQ(decode("2" + std::string(extension) + "\r\nhi\r\n0" + extension + "\r\n\r\n"), "hi")
        << extension;
  }
}

TEST(ChunkDecoder, RefusesMalformedExtensions) {
  const std::string_view fault = describe(HttpError::invalid_chunk_extension);
  for (const char* extension :
       {" ",         ";",         "; ",     ";=",     ";a=",    ";a=;",        ";a=b=c",
        ";a ",       ";a b",      ";a=b ",  ";a=b c", ";a=\"b", ";a=\"\x01\"", ";a=\"\\\x01\"",
        ";a=\"b\"c", ";a=\"b\"=", ";\"a\"", ";a=b\"", ";(",     " a"}) {
    EXPECT_EQ(decode("2" + std::string(extension) + "\r\nhi\r\n"), fault) << extension;
  }
}

struct FaultCase {
  const char* body;
  HttpError error;
};

TEST(ChunkDecoder, NamesTheRuleThatWasBroken) {
  constexpr FaultCase cases[] = {
      {"\r\n", HttpError::invalid_chunk_size},
      {"g", HttpError::invalid_chunk_size},
      {" 1", HttpError::invalid_chunk_size},
      {";a", HttpError::invalid_chunk_size},
      {"1x", HttpError::invalid_chunk_size},
      {"00000000000000001", HttpError::invalid_chunk_size},
      {"1\n", HttpError::bare_lf},
      {"1;a\n", HttpError::bare_lf},
      {"1\rx", HttpError::bare_cr},
      {"1\r\naX", HttpError::invalid_chunk_end},
      {"1\r\na\rX", HttpError::invalid_chunk_end},
      {"1\r\na\n", HttpError::invalid_chunk_end},
      {"f4241\r", HttpError::body_too_large},
      {"1\r\na\r\nf4240;", HttpError::body_too_large},
      {"ffffffffffffffff ", HttpError::body_too_large},
      {"0\r\n\n", HttpError::bare_lf},
      {"0\r\na b", HttpError::whitespace_before_colon},
      {"0\r\na: b\r\n\rx", HttpError::bare_cr},
  };
  for (const auto& [body, error] : cases) EXPECT_EQ(decode(body), describe(error)) << body;
}

TEST(ChunkDecoder, BoundsExtensionsOfTheWholeBody) {
  const ParserLimits limits{.max_chunk_extension_size = 4};
  EXPECT_EQ(decode("1;a\r\nx\r\n1;a\r\ny\r\n0\r\n\r\n", limits), "xy");
  EXPECT_EQ(decode("1;a\r\nx\r\n1;a\r\ny\r\n0;a\r\n\r\n", limits),
            describe(HttpError::chunk_extensions_too_large));
}

TEST(ChunkDecoder, BoundsTrailers) {
  const ParserLimits limits{.max_field_count = 2, .max_trailer_size = 12};
  EXPECT_EQ(decode("0\r\na: b\r\nc:d\r\n\r\n", {.max_field_count = 2}), "");
  EXPECT_EQ(decode("0\r\na: 345678\r\n\r\n", limits), describe(HttpError::trailers_too_large));
  EXPECT_EQ(decode("0\r\na: 34567\r\n\r\n", limits), "");
  EXPECT_EQ(decode("0\r\na:\r\nb:\r\nc:", limits), describe(HttpError::too_many_fields));
}

}  // namespace
}  // namespace duplex::http

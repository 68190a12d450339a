// Any bytes as a chunked body: the decoder and a second, naive one take the same bytes for the same
// body, and refuse with the same status at the same byte.
#include <gtest/gtest.h>

#include "cuts.h"
#include "decisions.h"
#include "duplex/http/body_decoder.h"
#include "http_parsing.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using http::HttpError;

struct Decoded {
  std::string body;
  std::size_t taken = 0;  // bytes of the input
  int status = 0;         // 200: complete, 0: more is needed
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

void PrintTo(const Decoded& decoded, std::ostream* out) {
  *out << decoded.status << " after " << decoded.taken << " bytes: " << decoded.body;
}

bool is_one_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}
bool is_token_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || is_one_of(c, "!#$%&'*+-.^_`|~");
}
bool is_text_character(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7F');
}

// RFC 9112 section 7.1 by recursive descent. Whatever stops it is thrown as a status.
class NaiveDecoder {
 public:
  NaiveDecoder(std::string_view bytes, const http::ParserLimits& limits)
      : bytes_(bytes), limits_(limits) {}

  Decoded decode() {
    try {
      while (read_chunk()) {
      }
      read_trailers();
      result_.status = 200;
    } catch (int status) {
      result_.status = status;
    }
    result_.taken = at_;
    return result_;
  }

 private:
  char peek() const { return at_ == bytes_.size() ? throw 0 : bytes_[at_]; }
  char next() {
    const char c = peek();
    ++at_;
    return c;
  }
  void expect(std::string_view text) {
    for (const char c : text) {
      if (next() != c) throw 400;
    }
  }

  // False for the last chunk.
  bool read_chunk() {
    const std::uint64_t size = read_size();
    read_extensions();
    expect("\n");
    if (size == 0) return false;
    for (std::uint64_t left = size; left > 0; --left) result_.body += next();
    expect("\r\n");
    return true;
  }

  std::uint64_t read_size() {
    std::string digits;
    while (std::isxdigit(static_cast<unsigned char>(peek())) != 0) {
      if (digits.size() == 16) fail(400);
      digits += next();
    }
    if (digits.empty() || !is_one_of(peek(), "\r; \t")) fail(400);
    const std::uint64_t size = std::strtoull(digits.c_str(), nullptr, 16);
    if (size > limits_.max_body_size - result_.body.size()) fail(413);
    return size;
  }
  [[noreturn]] void fail(int status) {
    next();
    throw status;
  }

  // What counts for the limit is all between the size and CR.
  char next_of_extension() {
    const char c = next();
    if (++extension_size_ > limits_.max_chunk_extension_size) throw 400;
    return c;
  }
  void skip_spaces() {
    while (is_one_of(peek(), " \t")) next_of_extension();
  }
  void read_extensions() {
    while (peek() != '\r') {
      skip_spaces();
      if (peek() != ';') fail(400);
      next_of_extension();
      read_extension();
    }
    next();
  }
  void read_extension() {
    skip_spaces();
    read_token();
    if (is_one_of(peek(), " \t")) {
      skip_spaces();
      if (!is_one_of(peek(), "=;")) fail(400);
    }
    if (peek() != '=') return;
    next_of_extension();
    skip_spaces();
    peek() == '"' ? read_quoted() : read_token();
  }
  void read_token() {
    if (!is_token_character(peek())) fail(400);
    while (is_token_character(peek())) next_of_extension();
    if (!is_one_of(peek(), "\r;= \t")) fail(400);
  }
  void read_quoted() {
    next_of_extension();
    for (char c = 0; (c = peek()) != '"'; next_of_extension()) {
      if (c == '\\') next_of_extension();
      if (!is_text_character(peek())) fail(400);
    }
    next_of_extension();
  }

  // Field lines, RFC 9112 section 5, and the empty line. A byte at fault is not taken.
  void read_trailers() {
    if (limits_.max_trailer_size == 0 && at_ != bytes_.size()) throw 431;
    for (std::size_t count = 0; peek() != '\r'; ++count) {
      if (!is_token_character(peek())) throw 400;
      if (count == limits_.max_field_count) throw 431;
      read_field();
    }
    next_of_trailers();
    if (peek() != '\n') throw 400;
    next();
  }
  void read_field() {
    while (is_token_character(peek())) next_of_trailers();
    if (peek() != ':') throw 400;
    while (is_text_character(peek())) next_of_trailers();
    if (peek() != '\r') throw 400;
    next_of_trailers();
    if (peek() != '\n') throw 400;
    next_of_trailers();
  }
  // One that is not the last.
  void next_of_trailers() {
    next();
    if (++trailer_size_ == limits_.max_trailer_size) throw 431;
  }

  std::string_view bytes_;
  const http::ParserLimits& limits_;
  std::size_t at_ = 0;
  std::size_t extension_size_ = 0;
  std::size_t trailer_size_ = 0;
  Decoded result_;
};

Decoded decode(std::string_view bytes, const Cuts& cuts, const http::ParserLimits& limits) {
  http::BodyDecoder decoder;
  decoder.start({.kind = http::Framing::Kind::chunked});
  Decoded result;
  feed_pieces(bytes, cuts, [&](MutableBytes input) {
    Bytes piece;
    const std::size_t size = input.size();
    do {
      if (result.status != 0) return;
      const HttpError error = decoder.read(input, limits, piece = {});
      if (error != HttpError::none) result.status = http::status_for(error);
      result.body += as_text(piece);
    } while (!piece.empty());
    result.taken += size - input.size();
    if (result.status == 0 && decoder.complete()) result.status = 200;
  });
  return result;
}

void run(std::string_view input) {
  Decisions decisions(input);
  const http::ParserLimits limits = choose_limits(decisions.byte());
  const std::uint8_t seed = decisions.byte();
  const std::string_view bytes = decisions.rest();
  const Decoded expected = NaiveDecoder(bytes, limits).decode();
  EXPECT_LE(expected.body.size(), limits.max_body_size);
  EXPECT_EQ(decode(bytes, {}, limits), expected);
  for (const Cuts& cuts : all_cuts(bytes.size(), seed)) {
    EXPECT_EQ(decode(bytes, cuts, limits), expected);
  }
}

const Registration registration({"chunked", run});

}  // namespace
}  // namespace duplex::fuzz

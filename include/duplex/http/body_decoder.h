// Takes the framing off a message body: RFC 9112 sections 6 and 7.
#pragma once

#include <cstddef>
#include <cstdint>

#include "duplex/base/bytes.h"
#include "duplex/http/error.h"
#include "duplex/http/head_scanner.h"
#include "duplex/http/limits.h"

namespace duplex::http {

// How the end of a body is found, section 6.3.
struct Framing {
  enum class Kind : std::uint8_t { length, chunked, until_close };
  Kind kind = Kind::length;
  std::uint64_t length = 0;
};

// The chunked coding, section 7.1. Extensions are checked and dropped, trailers too.
class ChunkDecoder {
 public:
  // As BodyDecoder::read().
  HttpError read(MutableBytes& input, const ParserLimits& limits, Bytes& piece);
  bool complete() const noexcept { return state_ == State::complete; }

 private:
  enum class State : std::uint8_t {
    size,
    // Extensions, section 7.1.1
    space_before_semicolon,
    name_begin,
    name,
    space_after_name,
    value_begin,
    value,
    quoted,
    quoted_pair,
    quoted_end,
    // The rest
    size_end,
    data,
    data_cr,
    data_end,
    trailers,
    complete,
    invalid,
  };

  HttpError step(MutableBytes& input, const ParserLimits& limits, Bytes& piece);
  HttpError read_size(char c, const ParserLimits& limits) noexcept;
  HttpError finish_size(char c, const ParserLimits& limits) noexcept;
  HttpError read_extension(char c, const ParserLimits& limits) noexcept;
  static State after_extension(State state, char c) noexcept;
  HttpError read_line_end(char c) noexcept;
  void read_data(MutableBytes& input, Bytes& piece) noexcept;
  HttpError read_trailers(MutableBytes& input, const ParserLimits& limits);

  State state_ = State::size;
  std::uint8_t digit_count_ = 0;
  std::uint64_t remaining_ = 0;  // of the chunk
  std::size_t body_size_ = 0;    // all chunks so far
  std::size_t extension_size_ = 0;
  std::size_t trailer_size_ = 0;
  FieldScanner trailers_ = {};
};

class BodyDecoder {
 public:
  void start(Framing framing) noexcept;

  // Takes framing from the front of `input`, and at most one piece of the body, which is left in
  // `piece` as a view of the input. An empty piece means complete(), a fault, or more input needed.
  HttpError read(MutableBytes& input, const ParserLimits& limits, Bytes& piece);

  bool complete() const noexcept;
  bool ends_with_connection() const noexcept { return framing_.kind == Framing::Kind::until_close; }

 private:
  HttpError read_until_close(MutableBytes& input, const ParserLimits& limits, Bytes& piece);

  Framing framing_ = {};  // `length` counts what is missing; until_close: what has come
  ChunkDecoder chunks_ = {};
};

}  // namespace duplex::http

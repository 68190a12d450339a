// The chunked transfer coding, byte by byte: RFC 9112 section 7.1.
#include <algorithm>

#include "duplex/http/body_decoder.h"
#include "http/character.h"

namespace duplex::http {
namespace {

constexpr std::uint8_t max_digit_count = 16;  // a 64-bit size

}  // namespace

HttpError ChunkDecoder::read(MutableBytes& input, const ParserLimits& limits, Bytes& piece) {
  while (!input.empty() && piece.empty() && !complete()) {
    const HttpError error = step(input, limits, piece);
    if (error != HttpError::none) return error;
  }
  return HttpError::none;
}

HttpError ChunkDecoder::step(MutableBytes& input, const ParserLimits& limits, Bytes& piece) {
  if (state_ == State::trailers) return read_trailers(input, limits);
  if (state_ == State::data) {
    read_data(input, piece);
    return HttpError::none;
  }
  const char c = as_text(input).front();
  input = input.subspan(1);
  switch (state_) {
    case State::size:
      return read_size(c, limits);
    case State::size_end:
    case State::data_cr:
    case State::data_end:
      return read_line_end(c);
    default:
      return read_extension(c, limits);
  }
}

HttpError ChunkDecoder::read_size(char c, const ParserLimits& limits) noexcept {
  if (!is(c, CharacterClass::hex_digit)) return finish_size(c, limits);
  if (digit_count_ == max_digit_count) return HttpError::invalid_chunk_size;
  ++digit_count_;
  remaining_ = remaining_ << 4 | hex_value(c);
  return HttpError::none;
}

HttpError ChunkDecoder::finish_size(char c, const ParserLimits& limits) noexcept {
  if (c == '\n') return HttpError::bare_lf;
  const bool ends = c == '\r' || c == ';' || is_space(c);
  if (!ends || digit_count_ == 0) return HttpError::invalid_chunk_size;
  if (remaining_ > limits.max_body_size - body_size_) return HttpError::body_too_large;
  body_size_ += remaining_;
  digit_count_ = 0;
  if (c != '\r') {
    state_ = State::space_before_semicolon;
    return read_extension(c, limits);
  }
  state_ = State::size_end;
  return HttpError::none;
}

HttpError ChunkDecoder::read_extension(char c, const ParserLimits& limits) noexcept {
  if (c == '\n') return HttpError::bare_lf;
  state_ = after_extension(state_, c);
  if (state_ == State::invalid) return HttpError::invalid_chunk_extension;
  if (state_ == State::size_end) return HttpError::none;
  const bool fits = ++extension_size_ <= limits.max_chunk_extension_size;
  return fits ? HttpError::none : HttpError::chunk_extensions_too_large;
}

// chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ), section 7.1.1.
ChunkDecoder::State ChunkDecoder::after_extension(State state, char c) noexcept {
  const bool in_token = is(c, CharacterClass::token);
  switch (state) {
    case State::name_begin:
      if (is_space(c)) return state;
      return in_token ? State::name : State::invalid;
    case State::value_begin:
      if (is_space(c)) return state;
      if (c == '"') return State::quoted;
      return in_token ? State::value : State::invalid;
    case State::quoted:
      if (c == '"') return State::quoted_end;
      if (c == '\\') return State::quoted_pair;
      return is(c, CharacterClass::field_value) ? state : State::invalid;
    case State::quoted_pair:
      return is(c, CharacterClass::field_value) ? State::quoted : State::invalid;
    default:
      break;
  }
  // What is left ends with a space, a semicolon, a line end, or '=' behind a name.
  const bool after_space =
      state == State::space_before_semicolon || state == State::space_after_name;
  const bool named = state == State::name || state == State::space_after_name;
  if (in_token && (state == State::name || state == State::value)) return state;
  if (c == ';') return State::name_begin;
  if (c == '=' && named) return State::value_begin;
  if (is_space(c)) return named ? State::space_after_name : State::space_before_semicolon;
  return c == '\r' && !after_space ? State::size_end : State::invalid;
}

HttpError ChunkDecoder::read_line_end(char c) noexcept {
  switch (state_) {
    case State::size_end:
      if (c != '\n') return HttpError::bare_cr;
      state_ = remaining_ == 0 ? State::trailers : State::data;
      return HttpError::none;
    case State::data_cr:
      state_ = State::data_end;
      return c == '\r' ? HttpError::none : HttpError::invalid_chunk_end;
    default:
      state_ = State::size;
      return c == '\n' ? HttpError::none : HttpError::invalid_chunk_end;
  }
}

void ChunkDecoder::read_data(MutableBytes& input, Bytes& piece) noexcept {
  piece = input.first(std::min<std::uint64_t>(input.size(), remaining_));
  input = input.subspan(piece.size());
  remaining_ -= piece.size();
  if (remaining_ == 0) state_ = State::data_cr;
}

// Section 7.1.2 lets a recipient drop trailers; they still have to be field lines.
HttpError ChunkDecoder::read_trailers(MutableBytes& input, const ParserLimits& limits) {
  const std::size_t room = limits.max_trailer_size - trailer_size_;
  Cursor in{.bytes = as_text(input).data(), .at = 0, .end = std::min(input.size(), room)};
  const HttpError error = trailers_.scan(in, limits, nullptr);
  input = input.subspan(in.at);
  trailer_size_ += in.at;
  if (trailers_.complete()) state_ = State::complete;
  const bool full = trailer_size_ == limits.max_trailer_size && !complete();
  return error == HttpError::none && full ? HttpError::trailers_too_large : error;
}

}  // namespace duplex::http

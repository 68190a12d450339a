// Takes the framing off a message body: RFC 9112 section 6.
#include "duplex/http/body_decoder.h"

#include <algorithm>

namespace duplex::http {
namespace {

Bytes take(MutableBytes& input, std::size_t size) noexcept {
  const Bytes piece = input.first(size);
  input = input.subspan(size);
  return piece;
}

}  // namespace

void BodyDecoder::start(Framing framing) noexcept {
  framing_ = framing;
  chunks_ = {};
}

HttpError BodyDecoder::read(MutableBytes& input, const ParserLimits& limits, Bytes& piece) {
  switch (framing_.kind) {
    case Framing::Kind::chunked:
      return chunks_.read(input, limits, piece);
    case Framing::Kind::until_close:
      return read_until_close(input, limits, piece);
    default:
      piece = take(input, std::min<std::uint64_t>(input.size(), framing_.length));
      framing_.length -= piece.size();
      return HttpError::none;
  }
}

HttpError BodyDecoder::read_until_close(MutableBytes& input, const ParserLimits& limits,
                                        Bytes& piece) {
  const std::size_t room = limits.max_body_size - framing_.length;
  if (room == 0 && !input.empty()) return HttpError::body_too_large;
  piece = take(input, std::min(input.size(), room));
  framing_.length += piece.size();
  return HttpError::none;
}

bool BodyDecoder::complete() const noexcept {
  switch (framing_.kind) {
    case Framing::Kind::chunked:
      return chunks_.complete();
    case Framing::Kind::until_close:
      return false;
    default:
      return framing_.length == 0;
  }
}

}  // namespace duplex::http

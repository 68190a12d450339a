// HTTP/1.1 messages out of bytes: RFC 9112. Each step is what next_event() does at that point.
#include "duplex/http/parser.h"

#include <utility>

#include "http/framing.h"

namespace duplex::http {

template <class Message, class StartLine>
MutableBytes MessageParser<Message, StartLine>::take_unread() {
  if (stage() == Stage::body) keep_head();
  return std::exchange(input_, {});
}

template <class Message, class StartLine>
Stage MessageParser<Message, StartLine>::stage() const noexcept {
  if (step_ == &MessageParser::read_body) return Stage::body;
  if (step_ == &MessageParser::read_head && head_.started()) return Stage::head;
  const bool open = step_ == &MessageParser::read_head || step_ == &MessageParser::next_message;
  return open ? Stage::idle : Stage::closed;
}

template <class Message, class StartLine>
std::optional<Event> MessageParser<Message, StartLine>::next_message() {
  head_.reset();
  message_ = {};
  step_ = &MessageParser::read_head;
  return read_head();
}

template <class Message, class StartLine>
std::optional<Event> MessageParser<Message, StartLine>::read_head() {
  if (input_.empty()) {
    if (!head_.started()) head_.release();
    return std::nullopt;
  }
  HttpError error = head_.read(input_, *limits_);
  if (error != HttpError::none) return fail(error);
  if (!head_.complete()) return std::nullopt;
  head_.fill(message_);
  Framing framing;
  error = accept_head(*limits_, framing);
  if (error != HttpError::none) return fail(error);
  body_.start(framing);
  step_ = &MessageParser::read_body;
  return Event{.kind = Event::Kind::head};
}

template <class Message, class StartLine>
std::optional<Event> MessageParser<Message, StartLine>::read_body() {
  Bytes piece;
  const HttpError error = body_.read(input_, *limits_, piece);
  if (error != HttpError::none) return fail(error);
  if (!piece.empty()) return Event{.kind = Event::Kind::body, .body = piece};
  if (body_.complete()) return finish();
  keep_head();
  return std::nullopt;
}

// The memory behind the input is about to be used for other things, but the message goes on.
template <class Message, class StartLine>
void MessageParser<Message, StartLine>::keep_head() {
  head_.keep();
  head_.fill(message_);
}

template <class Message, class StartLine>
std::optional<Event> MessageParser<Message, StartLine>::finish() {
  step_ = step_after_message();
  return Event{.kind = Event::Kind::end};
}

template <class Message, class StartLine>
std::optional<Event> MessageParser<Message, StartLine>::discard() {
  input_ = {};
  return hand_over();
}

template <class Message, class StartLine>
std::optional<Event> MessageParser<Message, StartLine>::hand_over() {
  message_ = {};
  head_.release();
  return std::nullopt;
}

template <class Message, class StartLine>
std::optional<Event> MessageParser<Message, StartLine>::fail(HttpError error) {
  step_ = &MessageParser::discard;
  discard();
  return Event{.kind = Event::Kind::error, .error = error};
}

template class MessageParser<Request, RequestLine>;
template class MessageParser<Response, StatusLine>;

HttpError RequestParser::accept_head(const ParserLimits& limits, Framing& framing) noexcept {
  return frame_request(message_, limits, framing);
}

RequestParser::Step RequestParser::step_after_message() const noexcept {
  return message_.keep_alive ? &RequestParser::next_message : &RequestParser::discard;
}

HttpError ResponseParser::accept_head(const ParserLimits& limits, Framing& framing) noexcept {
  return frame_response(message_, answers_head_, limits, framing);
}

// An interim answer is never the last one, RFC 9110 section 15.2.
ResponseParser::Step ResponseParser::step_after_message() const noexcept {
  if (message_.status == 101) return &ResponseParser::hand_over;
  const bool more = message_.keep_alive || message_.status < 200;
  return more ? &ResponseParser::next_message : &ResponseParser::discard;
}

std::optional<Event> ResponseParser::receive_eof() {
  switch (stage()) {
    case Stage::head:
      return fail(HttpError::unexpected_end);
    case Stage::body:
      if (!body_.ends_with_connection()) return fail(HttpError::unexpected_end);
      step_ = &ResponseParser::discard;
      return Event{.kind = Event::Kind::end};
    default:
      step_ = &ResponseParser::discard;
      return std::nullopt;
  }
}

}  // namespace duplex::http

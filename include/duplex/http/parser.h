// HTTP/1.1 messages out of bytes, without any I/O: RFC 9112. Server and client side.
//
// A parser is pulled, like websocket::Protocol: give it what was read, then take events until there
// are none.
//
//   parser.receive(bytes);
//   while (auto event = parser.next_event()) { ... }
//
// Each message gives head, then any number of body events, then end; or an error at any point,
// after which nothing more is parsed. The sequence is the same however the bytes are cut into reads
// (only the cuts between body events follow the reads). An idle parser owns no heap memory. Thread:
// none of its own; use from one thread.
#pragma once

#include <cstdint>
#include <optional>

#include "duplex/base/bytes.h"
#include "duplex/http/body_decoder.h"
#include "duplex/http/error.h"
#include "duplex/http/head_reader.h"
#include "duplex/http/limits.h"
#include "duplex/http/message.h"

namespace duplex::http {

struct Event {
  enum class Kind : std::uint8_t { head, body, end, error };

  Kind kind = Kind::end;
  Bytes body = {};                    // body: one piece, a view into the input
  HttpError error = HttpError::none;  // error
};

// Where the parser stands, for deadlines: what it is waiting for.
enum class Stage : std::uint8_t {
  idle,    // the first byte of a message
  head,    // the rest of a head
  body,    // the rest of a body, or next_event() to say that there is none
  closed,  // nothing: after an error, a last message, or 101
};

// What both directions share. Message is Request or Response.
template <class Message, class StartLine>
class MessageParser {
 public:
  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  // `bytes` must stay until next_event() has returned nothing or take_unread() has been called.
  // Everything received before must have been taken by then.
  void receive(MutableBytes bytes) noexcept { input_ = bytes; }

  // The next event of what was received, or nothing when more input is needed.
  std::optional<Event> next_event() { return (this->*step_)(); }

  // What receive() was given and next_event() has not looked at; the parser forgets it. Give it to
  // receive() again later (from any memory) to go on, or to whoever speaks the next protocol.
  MutableBytes take_unread();

  Stage stage() const noexcept;

 protected:
  using Step = std::optional<Event> (MessageParser::*)();

  // `limits` must outlive the parser.
  explicit MessageParser(const ParserLimits& limits) noexcept : limits_(&limits) {}
  ~MessageParser() = default;

  // Checks the new head in message_ and says how its body is framed.
  virtual HttpError accept_head(const ParserLimits& limits, Framing& framing) noexcept = 0;
  // What follows the end of message_.
  virtual Step step_after_message() const noexcept = 0;

  std::optional<Event> next_message();  // forgets the last message
  std::optional<Event> read_head();
  std::optional<Event> read_body();
  std::optional<Event> finish();
  std::optional<Event> discard();    // closed: input is dropped
  std::optional<Event> hand_over();  // closed: input is left for take_unread()
  std::optional<Event> fail(HttpError error);

  void keep_head();

  const ParserLimits* limits_;
  Step step_ = &MessageParser::read_head;
  MutableBytes input_ = {};
  HeadReader<StartLine> head_ = {};
  BodyDecoder body_ = {};
  Message message_ = {};
};

extern template class MessageParser<Request, RequestLine>;
extern template class MessageParser<Response, StatusLine>;

// The server's side. After a request that ends the connection (RFC 9112 section 9.6) it reads
// nothing more.
class RequestParser final : public MessageParser<Request, RequestLine> {
 public:
  explicit RequestParser(const ParserLimits& limits) noexcept : MessageParser(limits) {}

  // The request of the last head event. Valid from then until the call of next_event() that follows
  // its end event; while the body is awaited over several reads the parser copies the head and
  // moves these views by itself. Views copied out of it are valid until the next call of
  // next_event() or take_unread(), and no longer than the bytes given to receive() stay; see
  // OwnedRequest.
  const Request& request() const noexcept { return message_; }

 private:
  HttpError accept_head(const ParserLimits& limits, Framing& framing) noexcept override;
  Step step_after_message() const noexcept override;
};

// The client's side. 1xx answers come as messages of their own; after 101 the parser is closed and
// take_unread() gives what belongs to the next protocol.
class ResponseParser final : public MessageParser<Response, StatusLine> {
 public:
  explicit ResponseParser(const ParserLimits& limits) noexcept : MessageParser(limits) {}

  // Whether the next answer is to HEAD, and so has no body. Call before its head is read; it holds
  // until it is changed.
  void set_answers_head(bool answers_head) noexcept { answers_head_ = answers_head; }

  // The peer has closed: `end` if that ends the body, unexpected_end inside a message, nothing
  // between messages. Call when next_event() has returned nothing. The parser is closed after it.
  std::optional<Event> receive_eof();

  // As RequestParser::request().
  const Response& response() const noexcept { return message_; }

 private:
  HttpError accept_head(const ParserLimits& limits, Framing& framing) noexcept override;
  Step step_after_message() const noexcept override;

  bool answers_head_ = false;
};

}  // namespace duplex::http

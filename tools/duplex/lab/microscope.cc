// The frame microscope.
#include "microscope.h"

#include <string_view>

#include "duplex/websocket/protocol.h"
#include "measure/json_writer.h"

namespace duplex::tools::lab {
namespace {

using websocket::Event;
using websocket::State;

constexpr websocket::ProtocolOptions options = {.max_message_size = max_microscope_message};

std::string_view name_of(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::text:
      return "text";
    case Event::Kind::binary:
      return "binary";
    case Event::Kind::ping:
      return "ping";
    case Event::Kind::pong:
      return "pong";
    case Event::Kind::close:
      return "close";
    default:
      return "fragment";
  }
}

std::string_view name_of(State state) {
  if (state == State::open) return "open";
  return state == State::closing ? "closing" : "closed";
}

std::string hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += digits[std::to_integer<std::size_t>(byte >> 4)];
    text += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

std::string take_hex(SendQueue& queue) {
  std::string text;
  while (!queue.empty()) {
    const Bytes piece = queue.front();
    text += hex(piece);
    queue.consume(piece.size());
  }
  return text;
}

void write_event(measure::JsonWriter& json, const Event& event) {
  json.begin_object();
  json.member("kind", name_of(event.kind));
  if (event.kind == Event::Kind::text) json.member("text", as_text(event.payload));
  json.member("hex", hex(event.payload));
  if (event.kind == Event::Kind::close) {
    json.member("code", static_cast<int>(event.close_code));
    json.member("reason", as_text(event.payload));
  }
  json.end_object();
}

void write_violation(measure::JsonWriter& json, const websocket::Protocol& protocol) {
  if (protocol.violation() == websocket::Violation::none) return;
  json.member("code", static_cast<int>(close_code_for(protocol.violation())));
  json.member("violation", describe(protocol.violation()));
}

}  // namespace

std::string examine(MutableBytes bytes) {
  SendQueue queue;
  const websocket::Clock::time_point never = {};
  websocket::Protocol protocol(websocket::Role::server, options, queue, never);
  protocol.receive(bytes, never);
  measure::JsonWriter json;
  json.begin_object();
  json.key("events").begin_array();
  while (const auto event = protocol.next_event()) {
    write_event(json, *event);
    const bool is_text = event->kind == Event::Kind::text;
    // It echoes, as /echo does.
    if (is_text || event->kind == Event::Kind::binary) {
      protocol.send_message(event->opcode, event->payload);
    }
  }
  json.end_array();
  json.member("state", name_of(protocol.state()));
  json.member("mid_message", protocol.mid_message());
  json.member("unread", protocol.take_unread().size());
  json.member("reply", take_hex(queue));
  write_violation(json, protocol);
  json.end_object();
  return json.text();
}

}  // namespace duplex::tools::lab

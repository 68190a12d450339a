// HTTP first, frames once the two have agreed on them.
#include "dialogue.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "duplex/websocket/deflate_parameters.h"
#include "duplex/websocket/handshake.h"

namespace duplex::tools {
namespace {

constexpr std::size_t max_beginning = 4096;  // of a body, to be shown

// Who looks on refuses nothing for its size.
http::ParserLimits generous_limits() {
  http::ParserLimits limits;
  limits.max_method_size = 1024;
  limits.max_target_size = std::size_t{64} << 10;
  limits.max_head_size = std::size_t{256} << 10;
  limits.max_field_count = 1000;
  limits.max_body_size = std::numeric_limits<std::size_t>::max() / 2;
  return limits;
}

FieldTexts copy_fields(const http::Fields& fields) {
  FieldTexts texts;
  for (const http::Field& field : fields) texts.emplace_back(field.name, field.value);
  return texts;
}

std::string find_text(const http::Fields& fields, std::string_view name) {
  return std::string(fields.find(name).value_or(std::string_view()));
}

// The value of "server_max_window_bits=12"; 15 when it is not a number that may be.
unsigned window_bits(const websocket::ExtensionParameter& parameter) {
  unsigned bits = 0;
  const std::string value = parameter.value.value_or("");
  std::from_chars(value.data(), value.data() + value.size(), bits);
  return bits >= 8 && bits <= 15 ? bits : 15;
}

struct BothWays {
  Compression from_client = {};
  Compression from_server = {};
};

// RFC 7692 section 7.1.
BothWays read_parameters(const websocket::ExtensionOffer& extension) {
  BothWays agreed;
  for (const websocket::ExtensionParameter& parameter : extension.parameters) {
    if (parameter.name == "server_no_context_takeover") agreed.from_server.context_takeover = false;
    if (parameter.name == "client_no_context_takeover") agreed.from_client.context_takeover = false;
    if (parameter.name == "server_max_window_bits") {
      agreed.from_server.window_bits = window_bits(parameter);
    }
    if (parameter.name == "client_max_window_bits") {
      agreed.from_client.window_bits = window_bits(parameter);
    }
  }
  return agreed;
}

// A record of TLS (RFC 8446 section 5.1): its type, then version 3. Neither HTTP nor a frame whose
// opcode is defined begins so.
bool begins_tls(Bytes bytes) noexcept {
  const auto type = std::to_integer<unsigned>(bytes.front());
  return type >= 20 && type <= 23 && bytes.size() > 1 && bytes[1] == std::byte{3};
}

bool is_defined(websocket::Opcode opcode) noexcept {
  const auto number = static_cast<unsigned>(opcode);
  return number <= 2 || (number >= 8 && number <= 10);
}

}  // namespace

Dialogue::Dialogue(bool from_start)
    : from_start_(from_start),
      limits_(generous_limits()),
      requests_(limits_),
      responses_(limits_) {}

Dialogue::~Dialogue() = default;

std::vector<Utterance> Dialogue::hear(Side side, Bytes bytes) {
  std::vector<Utterance> out;
  if (bytes.empty()) return out;
  Half& half = this->half(side);
  if (half.mode == Mode::unknown && begins_tls(bytes)) {
    half.mode = Mode::deaf;
    out.emplace_back(Unreadable{"TLS (https, wss): encrypted, and only its ends have the keys"});
    return out;
  }
  if (half.mode == Mode::unknown) half.mode = first_mode(half, bytes.front());
  switch (half.mode) {
    case Mode::http:
      hear_http(side, bytes, out);
      break;
    case Mode::waiting:
      half.held.insert(half.held.end(), bytes.begin(), bytes.end());
      break;
    case Mode::frames:
      hear_frames(half, bytes, out);
      break;
    case Mode::unknown:
    case Mode::deaf:
      break;
  }
  return out;
}

void Dialogue::lose(Side side) { half(side).mode = Mode::deaf; }

// A request begins with a letter, an answer with "HTTP"; a frame's first byte is no capital letter
// unless it has reserved bits.
Dialogue::Mode Dialogue::first_mode(Half& half, std::byte first) const noexcept {
  const auto c = std::to_integer<char>(first);
  if (from_start_ || (c >= 'A' && c <= 'Z')) return Mode::http;
  half.guessed = true;
  return Mode::frames;
}

// --- HTTP ----------------------------------------------------------------------------------------

void Dialogue::hear_http(Side side, Bytes bytes, std::vector<Utterance>& out) {
  if (side == Side::client) return parse(side, requests_, bytes, out);
  upgraded_ = false;
  parse(side, responses_, bytes, out);
  // What the client said meanwhile is either frames or a next request.
  Half& client = half(Side::client);
  if (client.mode != Mode::waiting || !(asked_.empty() || upgraded_)) return;
  client.mode = upgraded_ ? Mode::frames : Mode::http;
  const std::vector<std::byte> held = std::exchange(client.held, {});
  for (Utterance& utterance : hear(Side::client, held)) out.push_back(std::move(utterance));
}

template <class Parser>
void Dialogue::parse(Side side, Parser& parser, Bytes bytes, std::vector<Utterance>& out) {
  std::vector<std::byte> input(bytes.begin(), bytes.end());
  Half& half = this->half(side);
  half.heard += input.size();
  SeenBody body;
  prepare(parser);
  parser.receive(input);
  while (const auto event = parser.next_event()) {
    if (!take_event(side, parser, *event, body, out)) break;
    prepare(parser);
  }
  if (body.size > 0) out.emplace_back(std::move(body));
  const MutableBytes rest = parser.take_unread();
  if (half.mode == Mode::http || rest.empty()) return;
  for (Utterance& utterance : hear(side, rest)) out.push_back(std::move(utterance));
}

// False when the parser has nothing more to say to this side's bytes.
template <class Parser>
bool Dialogue::take_event(Side side, Parser& parser, const http::Event& event, SeenBody& body,
                          std::vector<Utterance>& out) {
  Half& half = this->half(side);
  switch (event.kind) {
    case http::Event::Kind::head: {
      // The parser keeps the head until its message has ended.
      const MutableBytes rest = parser.take_unread();
      take_head(parser, half.heard - rest.size() - half.message_start, out);
      parser.receive(rest);
      return true;
    }
    case http::Event::Kind::body:
      body.size += event.body.size();
      body.beginning +=
          as_text(event.body)
              .substr(0, max_beginning - std::min(body.beginning.size(), max_beginning));
      half.body_open = true;
      return true;
    case http::Event::Kind::end: {
      if (std::exchange(half.body_open, false)) {
        body.complete = true;
        out.emplace_back(std::exchange(body, SeenBody{}));
      }
      const bool more = end_message(parser);
      const MutableBytes rest = parser.take_unread();
      half.message_start = half.heard - rest.size();
      parser.receive(rest);
      return more;
    }
    case http::Event::Kind::error:
      half.mode = Mode::deaf;
      out.emplace_back(Unreadable{"not HTTP/1.1: " + std::string(http::describe(event.error))});
      return false;
  }
  return false;
}

void Dialogue::prepare(http::RequestParser&) noexcept {}

void Dialogue::prepare(http::ResponseParser& parser) noexcept {
  if (parser.stage() == http::Stage::idle) {
    parser.set_answers_head(!asked_.empty() && asked_.front().head);
  }
}

void Dialogue::take_head(const http::RequestParser& parser, std::uint64_t size,
                         std::vector<Utterance>& out) {
  const http::Request& request = parser.request();
  SeenRequest seen = {.method = std::string(request.method),
                      .target = std::string(request.target),
                      .minor_version = request.minor_version,
                      .fields = copy_fields(request.fields),
                      .size = static_cast<std::size_t>(size),
                      .asks_for_upgrade = websocket::is_upgrade_request(request),
                      .key = find_text(request.fields, "Sec-WebSocket-Key")};
  asked_.push_back(
      {.upgrade = seen.asks_for_upgrade, .head = request.method == "HEAD", .key = seen.key});
  out.emplace_back(std::move(seen));
}

void Dialogue::take_head(const http::ResponseParser& parser, std::uint64_t size,
                         std::vector<Utterance>& out) {
  const http::Response& response = parser.response();
  const Asked asked = asked_.empty() ? Asked{} : asked_.front();
  SeenResponse seen = {.status = response.status,
                       .reason = std::string(response.reason),
                       .minor_version = response.minor_version,
                       .fields = copy_fields(response.fields),
                       .size = static_cast<std::size_t>(size),
                       .answers_upgrade = asked.upgrade,
                       .key = asked.key,
                       .accept = find_text(response.fields, "Sec-WebSocket-Accept")};
  seen.upgraded =
      asked.upgrade && seen.status == 101 && seen.accept == websocket::accept_value(asked.key);
  // The question may have come before the capture began.
  upgraded_ = seen.status == 101 && (asked.upgrade || asked_.empty());
  if (upgraded_) agree_on_compression(response.fields);
  out.emplace_back(std::move(seen));
}

bool Dialogue::end_message(const http::RequestParser&) {
  if (asked_.empty() || !asked_.back().upgrade) return true;
  half(Side::client).mode = Mode::waiting;
  return false;
}

bool Dialogue::end_message(const http::ResponseParser& parser) {
  const bool interim = parser.response().status < 200 && !upgraded_;
  if (!interim && !asked_.empty()) asked_.pop_front();
  if (!upgraded_) return true;
  half(Side::server).mode = Mode::frames;
  websocket_ = true;
  return false;
}

void Dialogue::agree_on_compression(const http::Fields& fields) {
  const auto extensions = websocket::parse_extensions(fields);
  if (!extensions) return;
  for (const websocket::ExtensionOffer& extension : *extensions) {
    if (extension.name != websocket::deflate_name) continue;
    const BothWays agreed = read_parameters(extension);
    half(Side::client).frames.set_compression(agreed.from_client);
    half(Side::server).frames.set_compression(agreed.from_server);
  }
}

// --- WebSocket -----------------------------------------------------------------------------------

void Dialogue::hear_frames(Half& half, Bytes bytes, std::vector<Utterance>& out) {
  websocket_ = true;
  while (auto frame = half.frames.read(bytes)) {
    if (half.guessed && !is_defined(frame->header.opcode)) {
      half.mode = Mode::deaf;
      out.emplace_back(Unreadable{"neither HTTP nor the beginning of a frame"});
      return;
    }
    out.emplace_back(*std::move(frame));
  }
}

bool Dialogue::within_frame(Side side) const noexcept {
  const Half& half = halves_[static_cast<std::size_t>(side)];
  return half.mode == Mode::frames && half.frames.within_frame();
}

std::vector<Utterance> Dialogue::finish(Side side) {
  std::vector<Utterance> out;
  Half& half = this->half(side);
  if (within_frame(side)) {
    out.emplace_back(Unreadable{"it ends within a frame"});
  } else if (half.mode == Mode::http && side == Side::server) {
    const auto event = responses_.receive_eof();
    if (event && event->kind == http::Event::Kind::end)
      out.emplace_back(SeenBody{.complete = true});
    if (event && event->kind == http::Event::Kind::error) {
      out.emplace_back(Unreadable{"it ends within an answer"});
    }
  }
  half.mode = Mode::deaf;
  return out;
}

}  // namespace duplex::tools

// Any messages, back and forth over connections that have agreed on anything and share their
// compressors: the other end receives each as it was sent, however the bytes are cut, and so does a
// naive reader, which keeps to what was agreed. What is short, or does not shrink, is sent as it
// is.
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "../codec/utf8_oracle.h"
#include "../websocket/session.h"
#include "cuts.h"
#include "deflate_options.h"
#include "duplex/websocket/permessage_deflate.h"
#include "naive_inflate.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using websocket::DeflateOptions;
using websocket::DeflateParameters;
using websocket::Opcode;
using websocket::Role;
using websocket::SendStatus;

std::vector<websocket::ExtensionOffer> parse(std::string_view value) {
  const std::vector<http::Field> fields = {{"Sec-WebSocket-Extensions", value}};
  return websocket::parse_extensions(http::Fields(fields)).value();
}

// What the connections of one endpoint share.
struct Endpoint {
  DeflateOptions options;
  websocket::DeflateWorkshop workshop = {};
};

DeflateOptions take_options(Decisions& decisions) {
  constexpr std::size_t thresholds[] = {0, 1, 20, 128, 1000};
  DeflateOptions options = take_deflate_options(decisions);
  const std::uint8_t choice = decisions.byte();
  options.level = choice % 10;
  options.threshold = thresholds[choice / 10U % std::size(thresholds)];
  return options;
}

// One end of a connection, and a naive reader of what it sends.
class End {
 public:
  End(Role role, const DeflateParameters& agreed, Endpoint& endpoint)
      : session(role),
        window_bits_(role == Role::server ? agreed.server_max_window_bits
                                          : agreed.client_max_window_bits),
        alone_(role == Role::server ? agreed.server_no_context_takeover
                                    : agreed.client_no_context_takeover),
        endpoint_(endpoint),
        naive_({.window_bits = static_cast<unsigned>(window_bits_), .context_takeover = !alone_}) {
    session->set_extension(
        websocket::make_permessage_deflate(role, agreed, endpoint.options, endpoint.workshop));
  }

  // The bytes that were sent for `message`, once they have been looked at.
  std::string take_sent(const std::string& message) {
    const std::string bytes = session.sent_bytes();
    const auto frames = support::decode_frames(bytes);
    EXPECT_EQ(frames.size(), 1U);
    if (frames.size() == 1) expect_frame(frames[0], message);
    return bytes;
  }

  SharedBytes encode_shared(Opcode opcode, const std::string& message) {
    return websocket::encode_deflated_broadcast(opcode, as_bytes(message), endpoint_.options,
                                                window_bits_, endpoint_.workshop);
  }
  bool alone() const { return alone_; }

  websocket::Session session;
  std::size_t received = 0;  // messages

 private:
  void expect_frame(const support::WireFrame& frame, const std::string& message) {
    const bool compressed = (frame.first_byte & 0x40) != 0;
    if (!compressed) {
      EXPECT_EQ(frame.payload, message);
      EXPECT_TRUE(alone_ || message.size() < endpoint_.options.threshold);
      return;
    }
    EXPECT_GE(message.size(), endpoint_.options.threshold);
    if (alone_) {
      EXPECT_LT(frame.payload.size(), message.size());
    }
    const auto [output, error] = naive_.inflate_message(frame.payload);
    EXPECT_EQ(error, codec::InflateError::none);
    EXPECT_EQ(output, message);
  }

  int window_bits_;
  bool alone_;  // messages refer to no earlier ones
  Endpoint& endpoint_;
  NaiveInflater naive_;
};

struct Connected {
  End server;
  End client;
};

class SendingCheck {
 public:
  explicit SendingCheck(std::string_view input)
      : decisions_(input),
        seed_(decisions_.byte()),
        client_{take_options(decisions_)},
        server_{take_options(decisions_)},
        connections_{connect(), connect()} {}

  void run() {
    for (int i = 0; i < 8 && !decisions_.over() && !testing::Test::HasFailure(); ++i) exchange();
  }

 private:
  std::unique_ptr<Connected> connect() {
    const auto there = websocket::accept_deflate(parse(websocket::deflate_offer(client_.options)),
                                                 server_.options);
    const auto response = parse(there->response);
    const auto here = websocket::judge_deflate_response(response.at(0), client_.options);
    return std::unique_ptr<Connected>(
        new Connected{{Role::server, there->parameters, server_}, {Role::client, *here, client_}});
  }

  void exchange() {
    const std::uint8_t choice = decisions_.byte();
    Connected& connection = *connections_[choice & 1];
    const bool by_server = (choice & 2) == 0;
    End& from = by_server ? connection.server : connection.client;
    End& to = by_server ? connection.client : connection.server;
    const bool text = (choice & 4) != 0;
    const Opcode opcode = text ? Opcode::text : Opcode::binary;
    const std::string message = decisions_.repeated((choice & 8) == 0 ? 500 : 20'000);
    const bool shared = by_server && from.alone() && (choice & 16) != 0;
    const SendStatus status = shared ? send_shared(from, opcode, message)
                                     : send(from, opcode, message, (choice & 32) == 0);
    const bool sendable = !text || codec::judge_utf8(message).valid();
    EXPECT_EQ(status != SendStatus::refused, sendable);
    if (sendable) deliver(from.take_sent(message), to, (text ? "text " : "binary ") + message);
  }

  static SendStatus send(End& from, Opcode opcode, const std::string& message, bool copied) {
    using Hold = websocket::Protocol::Hold;
    return from.session->send_message(opcode, as_bytes(message),
                                      copied ? Hold::copy : Hold::borrow);
  }

  // As a broadcast is sent.
  static SendStatus send_shared(End& from, Opcode opcode, const std::string& message) {
    SharedBytes frame = from.encode_shared(opcode, message);
    if (frame == nullptr) frame = websocket::encode_broadcast(opcode, as_bytes(message));
    return from.session->send_encoded(frame);
  }

  // By turns whole, byte by byte, and at random.
  void deliver(const std::string& bytes, End& to, const std::string& expected) {
    const Cuts cuts = cut(static_cast<Cutting>(turn_ % 3), bytes.size(), seed_);
    for_each_piece(bytes, cuts,
                   [&to](std::string_view piece) { to.session.receive_where_wanted(piece); });
    EXPECT_EQ(to.session->state(), websocket::State::open);
    const auto& events = to.session.events();
    ASSERT_EQ(events.size(), ++to.received);
    EXPECT_EQ(events.back(), expected);
    ++turn_;
  }

  Decisions decisions_;
  std::uint8_t seed_;
  Endpoint client_;
  Endpoint server_;
  std::array<std::unique_ptr<Connected>, 2> connections_;
  unsigned turn_ = 0;
};

void run(std::string_view input) { SendingCheck(input).run(); }

const Registration registration({"permessage_deflate_send", run});

}  // namespace
}  // namespace duplex::fuzz

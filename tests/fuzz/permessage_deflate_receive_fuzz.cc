// Any bytes as the payloads of compressed and other messages, in frames with pings in between, to a
// server or a client that has agreed on anything: a naive reader makes the same messages of them
// and finds the same faults, however the bytes are cut, and memory stays within the limits.
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "../codec/utf8_oracle.h"
#include "../support/allocations.h"
#include "../websocket/session.h"
#include "cuts.h"
#include "decisions.h"
#include "duplex/websocket/permessage_deflate.h"
#include "naive_inflate.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using websocket::CloseCode;
using websocket::DeflateParameters;
using websocket::Lines;
using websocket::Role;

struct Incoming {
  bool text = false;
  bool compressed = false;
  bool pinged = false;  // before each fragment but the first
  std::vector<std::string> fragments = {};

  std::string payload() const {
    std::string all;
    for (const std::string& fragment : fragments) all += fragment;
    return all;
  }
};

Incoming take_message(Decisions& decisions) {
  const std::uint8_t choice = decisions.byte();
  Incoming message{
      .text = (choice & 1) != 0, .compressed = (choice & 2) == 0, .pinged = (choice & 4) != 0};
  message.fragments.emplace_back((choice & 8) != 0 ? decisions.take(decisions.below(65536))
                                                   : decisions.text());
  for (unsigned more = choice >> 6; more > 0; --more) {
    message.fragments.emplace_back(decisions.text());
  }
  return message;
}

DeflateParameters take_parameters(Decisions& decisions) {
  const unsigned choice = decisions.byte();
  return {.server_no_context_takeover = (choice & 1) != 0,
          .client_no_context_takeover = (choice & 2) != 0,
          .server_max_window_bits = 15 - static_cast<int>(choice >> 2 & 7),
          .client_max_window_bits = 15 - static_cast<int>(choice >> 5 & 7)};
}

// What the messages should become.
struct Expected {
  Lines events = {};
  Lines perhaps = {};              // pings that come while a message turns out to be wrong
  std::set<CloseCode> codes = {};  // those it may then be failed with; empty: all is well
};

class NaiveReader {
 public:
  NaiveReader(Role role, const DeflateParameters& agreed, std::size_t max_size)
      : max_size_(max_size),
        inflater_({.window_bits =
                       static_cast<unsigned>(role == Role::server ? agreed.client_max_window_bits
                                                                  : agreed.server_max_window_bits),
                   .context_takeover = role == Role::server ? !agreed.client_no_context_takeover
                                                            : !agreed.server_no_context_takeover,
                   .max_message_size = max_size + largest_stored_block}) {}

  Expected read(const std::vector<Incoming>& messages) {
    Expected expected;
    for (const Incoming& message : messages) {
      const Lines pings(message.pinged ? message.fragments.size() - 1 : 0, "ping !");
      const std::string decoded = decode(message, expected.codes);
      if (!expected.codes.empty()) {
        expected.perhaps = pings;
        break;
      }
      expected.events.insert(expected.events.end(), pings.begin(), pings.end());
      expected.events.push_back((message.text ? "text " : "binary ") + decoded);
    }
    return expected;
  }

 private:
  // The reader gives up at the head of a stored block that goes beyond its limit; the extension,
  // where the first byte beyond it comes.
  static constexpr std::size_t largest_stored_block = 65535;

  // All that is wrong, whichever is found first.
  std::string decode(const Incoming& message, std::set<CloseCode>& codes) {
    std::string decoded = message.payload();
    bool whole = decoded.size() <= max_size_;
    if (!whole) codes.insert(CloseCode::message_too_big);
    if (message.compressed) {
      const auto [output, error] = inflater_.inflate_message(decoded);
      decoded = output;
      const bool fits = decoded.size() <= max_size_;
      whole = fits && error == codec::InflateError::none;
      if (!whole) codes.insert(fits ? CloseCode::invalid_payload : CloseCode::message_too_big);
    }
    const auto verdict = codec::judge_utf8(std::string_view(decoded).substr(0, max_size_));
    const bool wrong = verdict.doomed_at != codec::Utf8Verdict::never || (whole && !verdict.whole);
    if (message.text && wrong) codes.insert(CloseCode::invalid_payload);
    return decoded;
  }

  std::size_t max_size_;
  NaiveInflater inflater_;
};

class ReceivingCheck {
 public:
  explicit ReceivingCheck(std::string_view input) {
    static constexpr std::size_t sizes[] = {65536, 0, 1, 100, 1000, 10'000};
    Decisions decisions(input);
    seed_ = decisions.byte();
    role_ = decisions.chance() ? Role::client : Role::server;
    agreed_ = take_parameters(decisions);
    options_.max_message_size = decisions.pick(sizes);
    do messages_.push_back(take_message(decisions));
    while (!decisions.over() && messages_.size() < 6);
    for (const Incoming& message : messages_) bytes_ += encode(message);
  }

  void run() const {
    const Expected expected =
        NaiveReader(role_, agreed_, options_.max_message_size).read(messages_);
    const Outcome whole = receive(options_, {}, false);
    expect_naive(whole, expected);
    websocket::ProtocolOptions in_pieces = options_;
    in_pieces.deliver_fragments = true;
    for (const Cuts& cuts : all_cuts(bytes_.size(), seed_)) {
      expect_same(receive(options_, cuts, false), whole, expected);
      expect_same(receive(options_, cuts, true), whole, expected);
      expect_same(receive(in_pieces, cuts, false), whole, expected);
      expect_little_memory(cuts);
    }
  }

 private:
  struct Outcome {
    Lines events;
    std::vector<support::WireFrame> sent;
    websocket::State state = {};
    websocket::Violation violation = {};
  };

  std::string encode(unsigned first_byte, std::string_view payload) const {
    return role_ == Role::server ? support::client_frame(first_byte, payload)
                                 : support::server_frame(first_byte, payload);
  }
  std::string encode(const Incoming& message) const {
    std::string bytes;
    unsigned first_byte = (message.text ? 1U : 2U) | (message.compressed ? 0x40U : 0U);
    for (std::size_t i = 0; i < message.fragments.size(); ++i) {
      if (message.pinged && i > 0) bytes += encode(0x89, "!");
      const bool last = i + 1 == message.fragments.size();
      bytes += encode(first_byte | (last ? 0x80U : 0U), message.fragments[i]);
      first_byte = 0;
    }
    return bytes;
  }

  void extend(websocket::Protocol& protocol, websocket::DeflateWorkshop& workshop) const {
    protocol.set_extension(websocket::make_permessage_deflate(role_, agreed_, deflate_, workshop));
  }

  Outcome receive(const websocket::ProtocolOptions& options, const Cuts& cuts,
                  bool in_place) const {
    websocket::DeflateWorkshop workshop;
    websocket::Session session(role_, options);
    extend(*session, workshop);
    for_each_piece(bytes_, cuts, [&](std::string_view piece) {
      in_place ? session.receive_where_wanted(piece) : session.receive(piece);
    });
    return {session.events(), session.sent(), session->state(), session->violation()};
  }

  static void expect_naive(const Outcome& outcome, const Expected& expected) {
    Lines all = expected.events;
    all.insert(all.end(), expected.perhaps.begin(), expected.perhaps.end());
    ASSERT_GE(outcome.events.size(), expected.events.size());
    ASSERT_LE(outcome.events.size(), all.size());
    all.resize(outcome.events.size());
    EXPECT_EQ(outcome.events, all);
    expect_end(outcome, expected);
  }

  // A pong for each ping, and a Close frame if something was wrong.
  static void expect_end(const Outcome& outcome, const Expected& expected) {
    const bool failed = !expected.codes.empty();
    EXPECT_EQ(outcome.state == websocket::State::closed, failed);
    EXPECT_EQ(outcome.violation != websocket::Violation::none, failed);
    const auto pings = std::count(outcome.events.begin(), outcome.events.end(), "ping !");
    ASSERT_EQ(outcome.sent.size(), static_cast<std::size_t>(pings) + (failed ? 1 : 0));
    for (std::size_t i = 0; i < static_cast<std::size_t>(pings); ++i) {
      EXPECT_EQ(outcome.sent[i].first_byte, 0x8AU);
    }
    if (!failed) return;
    EXPECT_EQ(outcome.sent.back().first_byte, 0x88U);
    const unsigned code = support::close_code(outcome.sent.back().payload);
    EXPECT_TRUE(expected.codes.contains(static_cast<CloseCode>(code))) << code;
  }

  // Of two faults in one message either may be found first.
  static void expect_same(const Outcome& outcome, const Outcome& whole, const Expected& expected) {
    EXPECT_EQ(outcome.events, whole.events);
    EXPECT_EQ(outcome.sent.size(), whole.sent.size());
    expect_end(outcome, expected);
  }

  // A message has at most twice its size, its compressed form, a window and what a connection has.
  void expect_little_memory(const Cuts& cuts) const {
    constexpr std::size_t allowance = 128 * 1024;
    websocket::DeflateWorkshop workshop;
    SendQueue queue;
    websocket::CountingKeys keys;
    websocket::Protocol protocol(role_, options_, queue, {}, &keys);
    const std::size_t before = support::live_allocation_size();
    extend(protocol, workshop);
    feed_pieces(bytes_, cuts, [&](MutableBytes piece) {
      protocol.receive(piece, {});
      while (const auto event = protocol.next_event()) {
        EXPECT_LE(event->payload.size(), std::max<std::size_t>(options_.max_message_size, 125));
        queue.clear();
      }
      EXPECT_LE(support::live_allocation_size() - before,
                4 * options_.max_message_size + allowance + piece.size());
    });
  }

  std::uint8_t seed_ = 0;
  Role role_ = Role::server;
  DeflateParameters agreed_;
  websocket::DeflateOptions deflate_;
  websocket::ProtocolOptions options_;
  std::vector<Incoming> messages_;
  std::string bytes_;
};

void run(std::string_view input) { ReceivingCheck(input).run(); }

const Registration registration({"permessage_deflate_receive", run});

}  // namespace
}  // namespace duplex::fuzz

// Any bytes as frames, for a server or a client: the same events and answers however they are cut,
// straight into the message's memory or not, in pieces or whole; those of a naive receiver; and
// never more memory than was received, nor than a message may have.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string_view>

#include "../support/allocations.h"
#include "cuts.h"
#include "decisions.h"
#include "naive_frames.h"

namespace duplex::fuzz {

// Turns messages round.
class Reversing final : public websocket::Extension {
 public:
  websocket::Violation decode(Bytes piece, bool last, std::size_t max_size,
                              MutableBytes& message) override {
    encoded_.insert(encoded_.end(), piece.begin(), piece.end());
    EXPECT_LE(encoded_.size(), max_size);
    if (!last) return websocket::Violation::none;
    memory_.assign(encoded_.rbegin(), encoded_.rend());
    encoded_.clear();
    message = memory_;
    return websocket::Violation::none;
  }
  bool encode(Bytes, Bytes&) override { return false; }

 private:
  std::vector<std::byte> encoded_;
  std::vector<std::byte> memory_;
};

class FramesCheck {
 public:
  FramesCheck(websocket::Role role, std::string_view input) : role_(role), decisions_(input) {
    static constexpr std::size_t sizes[] = {0x100000, 0, 1, 5, 125, 126, 1000, 65536};
    const std::uint8_t choice = decisions_.byte();
    options_.max_message_size = sizes[choice & 7];
    options_.max_fragments = (choice & 8) != 0 ? 1 + (choice >> 4 & 3U) : 16384;
    extended_ = (choice & 64) != 0;
    seed_ = decisions_.byte();
    bytes_ = decisions_.rest();
  }

  void run() {
    const Outcome whole = receive(options_, {}, false);
    expect_naive(whole);
    websocket::ProtocolOptions in_pieces = options_;
    in_pieces.deliver_fragments = true;
    for (const Cuts& cuts : all_cuts(bytes_.size(), seed_)) {
      expect_same(receive(options_, cuts, false), whole);
      expect_same(receive(options_, cuts, true), whole);
      expect_same(receive(in_pieces, cuts, false), whole);
      expect_little_memory(cuts);
    }
  }

 private:
  struct Outcome {
    websocket::Lines events;
    std::string sent;
    websocket::State state = {};
    websocket::Violation violation = {};
    bool mid_message = false;
  };

  void extend(websocket::Protocol& protocol) const {
    if (extended_) protocol.set_extension(std::make_unique<Reversing>());
  }

  Outcome receive(const websocket::ProtocolOptions& options, const Cuts& cuts, bool in_place) {
    websocket::Session session(role_, options);
    extend(*session);
    for_each_piece(bytes_, cuts, [&](std::string_view piece) {
      in_place ? session.receive_where_wanted(piece) : session.receive(piece);
    });
    return {session.events(), session.sent_bytes(), session->state(), session->violation(),
            session->mid_message()};
  }

  static void expect_same(const Outcome& a, const Outcome& b) {
    EXPECT_EQ(a.events, b.events);
    EXPECT_EQ(a.sent, b.sent);
    EXPECT_EQ(a.state, b.state);
    EXPECT_EQ(describe(a.violation), describe(b.violation));
    EXPECT_EQ(a.mid_message, b.mid_message);
  }

  void expect_naive(const Outcome& outcome) const {
    const ReceivedFrames naive = NaiveReceiver(role_, options_, extended_).receive(bytes_);
    EXPECT_EQ(outcome.events, naive.events);
    EXPECT_EQ(outcome.violation != websocket::Violation::none, naive.failed);
    EXPECT_EQ(outcome.state == websocket::State::closed, naive.close_code != 0);
    std::vector<support::WireFrame> sent = support::decode_frames(outcome.sent);
    ASSERT_EQ(sent.size(), naive.answers.size() + (naive.close_code != 0 ? 1 : 0));
    for (std::size_t i = 0; i < sent.size(); ++i) expect_frame(sent[i], naive, i);
  }

  void expect_frame(const support::WireFrame& frame, const ReceivedFrames& naive,
                    std::size_t index) const {
    EXPECT_NE(frame.masking_key.empty(), role_ == websocket::Role::client);
    if (index < naive.answers.size()) {
      EXPECT_EQ(frame.first_byte, naive.answers[index].first_byte);
      EXPECT_EQ(frame.payload, naive.answers[index].payload);
      return;
    }
    EXPECT_EQ(frame.first_byte, 0x88U);
    EXPECT_LE(frame.payload.size(), websocket::max_control_payload);
    EXPECT_EQ(support::close_code(frame.payload), static_cast<unsigned>(naive.close_code));
  }

  // Twice what was received, and what a connection and a message may have besides.
  std::size_t ceiling(std::size_t received) const {
    constexpr std::size_t allowance = 128 * 1024;
    return 2 * std::min(received, options_.max_message_size) + allowance;
  }

  void expect_little_memory(const Cuts& cuts) const {
    SendQueue queue;
    websocket::CountingKeys keys;
    websocket::Protocol protocol(role_, options_, queue, {}, &keys);
    extend(protocol);
    std::size_t received = 0;
    std::size_t before = support::live_allocation_size();
    feed_pieces(bytes_, cuts, [&](MutableBytes piece) {
      received += piece.size();
      protocol.receive(piece, {});
      while (const auto event = protocol.next_event()) {
        EXPECT_LE(event->payload.size(), std::max<std::size_t>(options_.max_message_size, 125));
        queue.clear();
      }
      queue.clear();
      EXPECT_LE(support::live_allocation_size() - before, ceiling(received) + piece.size());
    });
  }

  websocket::Role role_;
  Decisions decisions_;
  websocket::ProtocolOptions options_;
  bool extended_ = false;
  std::uint8_t seed_ = 0;
  std::string_view bytes_;
};

}  // namespace duplex::fuzz

// One protocol with all it needs, driven by bytes and an own clock, and a record of what it does.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../support/wire.h"
#include "duplex/base/send_queue.h"
#include "duplex/websocket/protocol.h"

namespace duplex::websocket {

// Counts up, so that each key is another.
class CountingKeys final : public MaskingKeySource {
 public:
  MaskingKey next_masking_key() override {
    ++count_;
    return {std::byte{0x5A}, std::byte(count_ >> 16), std::byte(count_ >> 8), std::byte(count_)};
  }
  unsigned count() const noexcept { return count_; }

 private:
  unsigned count_ = 0;
};

inline std::string name_of(Event::Kind kind) {
  constexpr std::array<const char*, 6> names = {"text", "binary", "fragment",
                                                "ping", "pong",   "close"};
  return names[static_cast<std::size_t>(kind)];
}

// One line per event. The pieces of a message are joined, so that every delivery reads the same.
class Record {
 public:
  void add(const Event& event) {
    const std::string payload(as_text(event.payload));
    if (event.kind == Event::Kind::close) {
      lines_.push_back("close " + std::to_string(static_cast<int>(event.close_code)) + " " +
                       payload);
    } else if (event.kind != Event::Kind::fragment) {
      lines_.push_back(name_of(event.kind) + " " + payload);
    } else {
      add_piece(event, payload);
    }
  }
  const std::vector<std::string>& lines() const noexcept { return lines_; }
  std::size_t count(std::string_view kind) const {
    const auto is_kind = [kind](const std::string& line) { return line.starts_with(kind); };
    return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), is_kind));
  }

 private:
  void add_piece(const Event& event, const std::string& payload) {
    EXPECT_EQ(event.first, !joining_);
    if (event.first)
      joined_ =
          name_of(event.opcode == Opcode::text ? Event::Kind::text : Event::Kind::binary) + " ";
    joined_ += payload;
    joining_ = !event.final;
    if (event.final) lines_.push_back(joined_);
  }

  std::vector<std::string> lines_;
  std::string joined_;
  bool joining_ = false;
};

// Takes everything out of the queue.
inline std::string drain(SendQueue& queue) {
  std::string bytes;
  std::array<Bytes, 8> views;
  while (!queue.empty()) {
    std::size_t taken = 0;
    for (std::size_t i = 0, count = queue.gather(views); i < count; ++i) {
      bytes += as_text(views[i]);
      taken += views[i].size();
    }
    queue.consume(taken);
  }
  return bytes;
}

class Session {
 public:
  explicit Session(Role role = Role::server, ProtocolOptions options = {})
      : options_(options), protocol_(role, options_, queue_, now_, &keys_) {}

  Protocol& operator*() noexcept { return protocol_; }
  Protocol* operator->() noexcept { return &protocol_; }
  SendQueue& queue() noexcept { return queue_; }
  CountingKeys& keys() noexcept { return keys_; }
  Clock::time_point now() const noexcept { return now_; }

  // One read: the memory is exactly as large as the bytes and gone afterwards.
  void receive(std::string_view bytes) {
    std::vector<std::byte> memory = support::to_bytes(bytes);
    protocol_.receive(memory, now_);
    take_events();
  }
  // As an endpoint does it: straight into the message's memory where there is a place for it.
  void receive_where_wanted(std::string_view bytes) {
    while (!bytes.empty()) {
      const MutableBytes target = protocol_.receive_target();
      if (target.empty()) return receive(bytes);
      const std::size_t size = std::min(target.size(), bytes.size());
      std::copy_n(as_bytes(bytes).begin(), size, target.begin());
      protocol_.received_in_place(size, now_);
      take_events();
      bytes.remove_prefix(size);
    }
  }
  void take_events() {
    while (auto event = protocol_.next_event()) record_.add(*event);
  }

  const std::vector<std::string>& events() const noexcept { return record_.lines(); }
  const Record& record() const noexcept { return record_; }

  // Everything sent since the last call.
  std::string sent_bytes() { return drain(queue_); }
  std::vector<support::WireFrame> sent() { return support::decode_frames(sent_bytes()); }

  void pass(Clock::duration time) noexcept { now_ += time; }
  void advance(Clock::duration time) {
    pass(time);
    protocol_.advance(now_);
  }
  // From the start until the deadline; zero for none.
  std::chrono::milliseconds deadline() const {
    const auto deadline = protocol_.next_deadline();
    if (!deadline) return {};
    return std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - start);
  }

  // The protocol sent a Close frame with `code`, as its last, because of `violation`.
  void expect_failed(Violation violation, unsigned code) {
    EXPECT_EQ(protocol_.state(), State::closed);
    EXPECT_EQ(describe(protocol_.violation()), describe(violation));
    const auto frames = sent();
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back().first_byte, 0x88u);
    EXPECT_EQ(support::close_code(frames.back().payload), code);
    EXPECT_TRUE(protocol_.close_sent());
  }

 private:
  static constexpr Clock::time_point start{std::chrono::hours(1000)};

  ProtocolOptions options_;
  SendQueue queue_;
  CountingKeys keys_;
  Clock::time_point now_ = start;
  Protocol protocol_;
  Record record_;
};

using Lines = std::vector<std::string>;

}  // namespace duplex::websocket

// What a random walk remembers of each end of a connection, and what it asserts as things happen.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "duplex/duplex.h"

namespace duplex::conformance {

// Whose message it is, and which of the sender's.
struct Numbered {
  std::uint32_t sender = 0;
  std::uint32_t number = 0;
};

inline char filling_of(Numbered id) noexcept {
  return static_cast<char>('a' + (id.sender + id.number) % 26);
}

// "17:4:230:" and then letters up to the size, which is the third number. At least 32 bytes.
inline std::string numbered_message(Numbered id, std::size_t size) {
  size = std::max<std::size_t>(size, 32);
  std::string text = std::to_string(id.sender) + ':' + std::to_string(id.number) + ':';
  text += std::to_string(size) + ':';
  text.resize(size, filling_of(id));
  return text;
}

inline std::size_t take_number(std::string_view& text) {
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const char* const after = std::from_chars(text.data(), end, number).ptr;
  text.remove_prefix(std::min(text.size(), static_cast<std::size_t>(after - text.data()) + 1));
  return number;
}

// Nothing unless the message is whole and as it was sent.
inline std::optional<Numbered> parse_numbered(std::string_view message) {
  std::string_view rest = message;
  const auto sender = static_cast<std::uint32_t>(take_number(rest));
  const auto number = static_cast<std::uint32_t>(take_number(rest));
  const std::size_t size = take_number(rest);
  const Numbered id{sender, number};
  if (size != message.size() || rest.find_first_not_of(filling_of(id)) != rest.npos) return {};
  return id;
}

// One end of a WebSocket: opens once, closes once, and hears nothing outside of that.
class End {
 public:
  bool is_open() const noexcept { return opened_ && !closed_; }
  bool is_closed() const noexcept { return closed_; }
  bool aborted() const noexcept { return aborted_; }
  void abort() noexcept { aborted_ = true; }

  // The number of the last message of that sender.
  std::uint32_t last_of(std::uint32_t sender) const {
    const auto found = last_.find(sender);
    return found == last_.end() ? 0 : found->second;
  }

  void open() {
    EXPECT_FALSE(opened_) << "opened twice";
    EXPECT_FALSE(closed_) << "opened after it had closed";
    opened_ = true;
  }
  void close() {
    EXPECT_TRUE(is_open()) << "closed twice, or before it opened";
    closed_ = true;
  }
  void expect_alive() const {
    EXPECT_TRUE(is_open()) << "a handler ran outside of the connection's life";
    EXPECT_FALSE(aborted_) << "a handler ran after abort()";
  }
  // Whole, in order, at most once; without a gap where nobody may leave one out.
  void receive(std::string_view message, bool may_miss) {
    expect_alive();
    const auto id = parse_numbered(message);
    ASSERT_TRUE(id) << "not a message that was sent: " << message.substr(0, 40);
    std::uint32_t& last = last_[id->sender];
    EXPECT_GT(id->number, last) << "of sender " << id->sender;
    if (!may_miss) {
      EXPECT_EQ(id->number, last + 1) << "of sender " << id->sender;
    }
    last = id->number;
  }

 private:
  bool opened_ = false;
  bool closed_ = false;
  bool aborted_ = false;
  std::map<std::uint32_t, std::uint32_t> last_;
};

// Lives while a handler runs.
class Depth {
 public:
  explicit Depth(int& depth) : depth_(depth) {
    EXPECT_EQ(++depth_, 1) << "a handler runs inside a handler";
  }
  ~Depth() { --depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  int& depth_;
};

}  // namespace duplex::conformance

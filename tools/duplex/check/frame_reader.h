// Reads what the peer sends after the opening, as strictly as RFC 6455 sections 5 to 7 allow: the
// suite's judge. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "script.h"

namespace duplex::tools::suite {

// Decompresses a message whose first frame had RSV1 set; nothing when that cannot be done.
using Decompress = std::function<std::optional<std::string>(std::string_view payload)>;

// What it holds of the peer's bytes is bounded, whatever comes: one message, and pings.
class FrameReader {
 public:
  // A message above `largest_message` bytes is a violation, a compressed one above twice as many.
  FrameReader(Role ours, std::size_t largest_message)
      : ours_(ours), largest_message_(largest_message) {}

  // RSV1 is allowed on the first frame of a message from now on.
  void allow_compression(Decompress decompress) { decompress_ = std::move(decompress); }

  void receive(std::string_view bytes);

  // --- What has come so far
  // Since the last call.
  std::vector<Item> take_items() { return std::exchange(items_, {}); }
  // The code of the peer's Close frame; 1005 for an empty one.
  std::optional<unsigned> close_code() const noexcept { return close_code_; }
  // The first rule that the peer broke, or empty; nothing is read after that.
  const std::string& violation() const noexcept { return violation_; }
  // Payloads of the peer's pings, to be answered; they are then forgotten. RFC 6455 section 5.5.3:
  // when there are too many, only the newest ones.
  std::vector<std::string> take_pings() { return std::exchange(pings_, {}); }
  // The peer is in the middle of a frame or message.
  bool mid_message() const noexcept { return !rest_.empty() || message_.has_value(); }

 private:
  // A frame at the front of rest_.
  struct Header {
    unsigned opcode = 0;
    bool fin = false;
    unsigned rsv = 0;
    bool masked = false;
    std::uint64_t length = 0;
    std::size_t size = 0;  // of the header
    std::string key = {};
  };
  struct Message {
    unsigned opcode = 0;
    bool compressed = false;
    std::string payload = {};
  };

  bool take_frame(std::string_view& unread);
  static bool read_header(std::string_view unread, Header& header);
  std::string judge(const Header& header) const;
  std::string judge_order(const Header& header) const;
  std::string judge_size(const Header& header) const;
  void take_data(const Header& header, std::string payload);
  void finish_message();
  void take_control(unsigned opcode, std::string payload);
  void take_close(std::string_view payload);
  void fail(std::string why);

  Role ours_;
  std::size_t largest_message_;
  Decompress decompress_;
  std::string rest_;        // not yet a whole frame
  std::size_t needed_ = 0;  // bytes of rest_ before the next frame can be whole
  std::optional<Message> message_;
  std::vector<Item> items_;
  std::vector<std::string> pings_;
  std::optional<unsigned> close_code_;
  std::string violation_;
};

// RFC 6455 section 7.4: whether a code may stand in a Close frame.
bool is_close_code(unsigned code) noexcept;

}  // namespace duplex::tools::suite

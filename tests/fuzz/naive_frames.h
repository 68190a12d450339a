// A second, naive receiver of WebSocket frames: RFC 6455 sections 5 and 7.4, on bytes that are all
// there. It knows no reads, no buffers and no state but what the words of the RFC ask for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../codec/utf8_oracle.h"
#include "../websocket/session.h"

namespace duplex::fuzz {

struct ReceivedFrames {
  websocket::Lines events;                  // in the words of session.h
  std::vector<support::WireFrame> answers;  // pongs, and one Close
  int close_code = 0;                       // of the Close frame that is sent; 0: none is
  bool failed = false;                      // because of the peer
};

class NaiveReceiver {
 public:
  // `reversed`: a message with RSV1 set is its bytes from back to front.
  NaiveReceiver(websocket::Role role, const websocket::ProtocolOptions& options, bool reversed)
      : server_(role == websocket::Role::server), options_(options), reversed_(reversed) {}

  ReceivedFrames receive(std::string_view bytes) {
    rest_ = bytes;
    try {
      while (receive_frame()) {
      }
    } catch (int code) {
      result_.close_code = code;
      result_.failed = true;
    }
    return result_;
  }

 private:
  struct Header {
    unsigned first = 0;
    bool masked = false;
    std::uint64_t size = 0;
    std::size_t size_bytes = 0;  // 0, 2 or 8 of them after the first two
    std::string_view key;

    unsigned opcode() const { return first & 15; }
    bool fin() const { return (first & 0x80) != 0; }
    bool control() const { return opcode() >= 8; }
  };

  static unsigned number(char c) { return static_cast<unsigned char>(c); }

  // False when the bytes end before the header does.
  bool read_header(Header& header) {
    if (rest_.size() < 2) return false;
    header.first = number(rest_[0]);
    header.masked = number(rest_[1]) >= 0x80;
    header.size = number(rest_[1]) & 0x7F;
    if (header.size == 126) header.size_bytes = 2;
    if (header.size == 127) header.size_bytes = 8;
    const std::size_t end = 2 + header.size_bytes + (header.masked ? 4 : 0);
    if (rest_.size() < end) return false;
    if (header.size_bytes != 0) header.size = 0;
    for (std::size_t i = 0; i < header.size_bytes; ++i) {
      header.size = header.size << 8 | number(rest_[2 + i]);
    }
    if (header.masked) header.key = rest_.substr(end - 4, 4);
    rest_.remove_prefix(end);
    return true;
  }

  void judge(const Header& header) const {
    const bool begins = header.opcode() == 1 || header.opcode() == 2;
    const unsigned allowed_bits = reversed_ && begins ? 0xCF : 0x8F;
    if ((header.first & ~allowed_bits) != 0) throw 1002;
    if ((header.opcode() & 7) > 2) throw 1002;
    if (header.masked != server_) throw 1002;
    const std::uint64_t least = header.size_bytes == 0 ? 0 : header.size_bytes == 2 ? 126 : 0x10000;
    if (header.size < least || header.size >> 63 != 0) throw 1002;
    if (header.control()) {
      if (header.size > 125 || !header.fin()) throw 1002;
      return;
    }
    if ((header.opcode() == 0) != in_message_) throw 1002;
    const std::size_t before = in_message_ ? message_.size() : 0;
    if (header.size > options_.max_message_size - before) throw 1009;
    if (in_message_ && frames_ == options_.max_fragments) throw 1008;
  }

  bool receive_frame() {
    Header header;
    if (!read_header(header)) return false;
    judge(header);
    std::string payload(rest_.substr(0, header.size));
    rest_.remove_prefix(payload.size());
    for (std::size_t i = 0; i < payload.size() && header.masked; ++i)
      payload[i] ^= header.key[i % 4];
    const bool whole = payload.size() == header.size;
    if (!header.control()) {
      receive_data(header, payload, whole);
    } else if (whole) {
      return receive_control(header.opcode(), payload);
    }
    return whole;
  }

  void receive_data(const Header& header, const std::string& payload, bool whole) {
    if (!in_message_) {
      message_.clear();
      text_ = header.opcode() == 1;
      encoded_ = (header.first & 0x40) != 0;
      frames_ = 0;
    }
    ++frames_;
    message_ += payload;
    in_message_ = true;
    const bool ends = whole && header.fin();
    if (ends && encoded_) std::reverse(message_.begin(), message_.end());
    // Section 8.1, and as soon as it can be said.
    const codec::Utf8Verdict verdict = codec::judge_utf8(message_);
    const bool wrong = ends ? !verdict.valid() : verdict.doomed_at != codec::Utf8Verdict::never;
    if (text_ && wrong && (ends || !encoded_)) throw 1007;
    if (!ends) return;
    in_message_ = false;
    result_.events.push_back((text_ ? "text " : "binary ") + message_);
  }

  // False when it ends the connection.
  bool receive_control(unsigned opcode, const std::string& payload) {
    if (opcode == 8) {
      receive_close(payload);
      return false;
    }
    result_.events.push_back((opcode == 9 ? "ping " : "pong ") + payload);
    if (opcode == 9) result_.answers.push_back({.first_byte = 0x8A, .payload = payload});
    return true;
  }

  // Section 7.4: which codes may be on the wire.
  static bool may_be_sent(unsigned code) {
    if (code >= 3000) return code < 5000;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  }

  void receive_close(const std::string& payload) {
    if (payload.size() == 1) throw 1002;
    const unsigned code = support::close_code(payload);
    const std::string reason = payload.empty() ? payload : payload.substr(2);
    if (!payload.empty() && !may_be_sent(code)) throw 1002;
    if (!codec::judge_utf8(reason).valid()) throw 1007;
    result_.events.push_back("close " + std::to_string(code) + " " + reason);
    result_.close_code = static_cast<int>(code);
  }

  bool server_;
  const websocket::ProtocolOptions& options_;
  bool reversed_;
  std::string_view rest_;
  std::string message_;
  bool in_message_ = false;
  bool text_ = false;
  bool encoded_ = false;
  std::uint32_t frames_ = 0;
  ReceivedFrames result_;
};

}  // namespace duplex::fuzz

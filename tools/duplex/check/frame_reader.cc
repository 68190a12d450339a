// Reads what the peer sends after the opening, and judges it.
#include "frame_reader.h"

#include <utility>

#include "utf8_reference.h"

namespace duplex::tools::suite {
namespace {

constexpr std::size_t most_pings = 1024;

unsigned at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

std::uint64_t number(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

}  // namespace

bool is_close_code(unsigned code) noexcept {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

void FrameReader::receive(std::string_view bytes) {
  if (!violation_.empty() || bytes.empty()) return;
  rest_ += bytes;
  if (rest_.size() < needed_) return;
  std::string_view unread = rest_;
  while (violation_.empty() && take_frame(unread)) {
  }
  rest_.erase(0, rest_.size() - unread.size());
}

bool FrameReader::take_frame(std::string_view& unread) {
  Header header;
  if (!read_header(unread, header)) return false;
  if (std::string why = judge(header); !why.empty()) {
    fail(std::move(why));
    return false;
  }
  needed_ = header.size + static_cast<std::size_t>(header.length);
  if (unread.size() < needed_) return false;
  std::string payload(unread.substr(header.size, needed_ - header.size));
  if (header.masked) payload = suite::masked(payload, header.key);
  unread.remove_prefix(std::exchange(needed_, 0));
  if (header.opcode >= 8) {
    take_control(header.opcode, std::move(payload));
  } else {
    take_data(header, std::move(payload));
  }
  return true;
}

bool FrameReader::read_header(std::string_view unread, Header& header) {
  if (unread.size() < 2) return false;
  header.fin = (at(unread, 0) & 0x80) != 0;
  header.rsv = at(unread, 0) >> 4 & 7;
  header.opcode = at(unread, 0) & 15;
  header.masked = (at(unread, 1) & 0x80) != 0;
  const unsigned form = at(unread, 1) & 0x7F;
  const std::size_t length_size = form == 126 ? 2 : form == 127 ? 8 : 0;
  header.size = 2 + length_size + (header.masked ? 4 : 0);
  header.length = form;
  if (unread.size() < header.size) return false;
  if (length_size != 0) header.length = number(unread.substr(2, length_size));
  if (header.masked) header.key = unread.substr(2 + length_size, 4);
  return true;
}

// Why the frame may not be, or empty.
std::string FrameReader::judge(const Header& header) const {
  const std::size_t length_size = header.size - 2 - (header.masked ? 4 : 0);
  if (close_code_) return "sent a frame after its Close frame (RFC 6455 5.5.1)";
  if (header.masked && ours_ == Role::client) return "a server masked a frame (RFC 6455 5.1)";
  if (!header.masked && ours_ == Role::server) {
    return "a client did not mask a frame (RFC 6455 5.1)";
  }
  if (!is_known(header.opcode)) {
    return "sent reserved opcode " + std::to_string(header.opcode) + " (RFC 6455 5.2)";
  }
  const bool may_compress = decompress_ && (header.opcode == 1 || header.opcode == 2);
  if ((header.rsv & (may_compress ? 3U : 7U)) != 0) {
    return "set a reserved bit without an extension (RFC 6455 5.2)";
  }
  if ((length_size == 2 && header.length < 126) || (length_size == 8 && header.length < 65536)) {
    return "did not use the shortest length form (RFC 6455 5.2)";
  }
  if (std::string why = judge_order(header); !why.empty()) return why;
  return judge_size(header);
}

std::string FrameReader::judge_order(const Header& header) const {
  if (header.opcode >= 8) {
    if (header.length > 125) return "a control frame above 125 bytes (RFC 6455 5.5)";
    return header.fin ? "" : "fragmented a control frame (RFC 6455 5.5)";
  }
  if (header.opcode == 0 && !message_) return "continued no message (RFC 6455 5.4)";
  if (header.opcode != 0 && message_) return "began a message inside another (RFC 6455 5.4)";
  return "";
}

std::string FrameReader::judge_size(const Header& header) const {
  const bool goes_on = header.opcode == 0;
  const bool compressed = goes_on ? message_->compressed : header.rsv != 0;
  const std::size_t limit = compressed ? 2 * largest_message_ : largest_message_;
  const std::size_t before = goes_on ? message_->payload.size() : 0;
  if (header.length <= limit - before) return "";
  return "sent more than " + std::to_string(limit) + " bytes, which is no echo of anything";
}

void FrameReader::take_data(const Header& header, std::string payload) {
  if (header.opcode != 0) {
    message_ = Message{.opcode = header.opcode, .compressed = header.rsv != 0};
  }
  if (message_->payload.empty()) {
    message_->payload = std::move(payload);
  } else {
    message_->payload += payload;
  }
  if (header.fin) finish_message();
}

void FrameReader::finish_message() {
  Message message = *std::exchange(message_, std::nullopt);
  if (message.compressed) {
    auto plain = decompress_(message.payload);
    if (!plain) {
      return fail("sent a compressed message that is invalid or too large (RFC 7692 7.2.2)");
    }
    message.payload = *std::move(plain);
  }
  const bool is_text = message.opcode == opcode::text;
  if (is_text && !is_utf8(message.payload)) return fail("sent text that is not UTF-8 (8.1)");
  items_.push_back({is_text ? Item::Kind::text : Item::Kind::binary, std::move(message.payload)});
}

void FrameReader::take_control(unsigned opcode, std::string payload) {
  if (opcode == opcode::close) return take_close(payload);
  if (opcode == opcode::ping) {
    if (pings_.size() == most_pings) pings_.clear();
    pings_.push_back(std::move(payload));
  } else {
    items_.push_back({Item::Kind::pong, std::move(payload)});
  }
}

void FrameReader::take_close(std::string_view payload) {
  close_code_ = 1005;
  if (payload.empty()) return;
  if (payload.size() == 1) return fail("sent a Close frame of one byte (RFC 6455 5.5.1)");
  close_code_ = static_cast<unsigned>(number(payload.substr(0, 2)));
  if (!is_close_code(*close_code_)) {
    return fail("sent close code " + std::to_string(*close_code_) + " (RFC 6455 7.4)");
  }
  if (!is_utf8(payload.substr(2))) fail("sent a close reason that is not UTF-8 (RFC 6455 5.5.1)");
}

void FrameReader::fail(std::string why) { violation_ = std::move(why); }

}  // namespace duplex::tools::suite

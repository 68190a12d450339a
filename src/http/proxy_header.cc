// The PROXY protocol; see proxy_header.h.
#include "http/proxy_header.h"

#include <algorithm>

#include "http/character.h"

namespace duplex::http {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view line_start = "PROXY ";
constexpr std::string_view signature = "\r\n\r\n\0\r\nQUIT\n"sv;  // section 2.2
constexpr std::size_t fixed_size = 16;  // signature, version and command, family, length

// What bytes 13 and 14 hold, four bits each; section 2.2.
constexpr unsigned version_2 = 2;
constexpr unsigned command_local = 0;
constexpr unsigned command_proxy = 1;
constexpr unsigned family_ipv4 = 1;
constexpr unsigned family_ipv6 = 2;
constexpr unsigned transport_datagram = 2;  // the last that is assigned
constexpr std::uint8_t tlv_head_size = 3;   // a type, and the length of the value

// Bytes of both addresses and ports, by family: unspecified, IPv4, IPv6, Unix.
constexpr std::array<std::size_t, 4> addresses_size = {0, 12, 36, 216};

std::string_view next_word(std::string_view& line) noexcept {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  return word;
}

// 0 to 65535 without leading zeroes.
std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0')) return {};
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return {};
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > 65535) return {};
  return static_cast<std::uint16_t>(value);
}

// What follows "TCP4 " or "TCP6 ": source, destination, source port, destination port.
std::optional<IpEndpoint> parse_addresses(std::string_view line, bool is_ipv4) noexcept {
  if (std::count(line.begin(), line.end(), ' ') != 3) return {};
  const auto parse = is_ipv4 ? parse_ipv4 : parse_ipv6;
  const auto source = parse(next_word(line));
  const auto destination = parse(next_word(line));
  const auto source_port = parse_port(next_word(line));
  const auto destination_port = parse_port(line);
  if (!source || !destination || !source_port || !destination_port) return {};
  return IpEndpoint{*source, *source_port};
}

}  // namespace

std::string_view describe(ProxyHeaderError error) noexcept {
  switch (error) {
    case ProxyHeaderError::missing:
      return "a listed proxy must begin with a header of the PROXY protocol, and sent something "
             "else";
    case ProxyHeaderError::unterminated:
      return "PROXY protocol: no CRLF within 107 bytes";
    case ProxyHeaderError::malformed_line:
      return "PROXY protocol: malformed line";
    case ProxyHeaderError::unknown_version:
      return "PROXY protocol: neither version 1 nor 2";
    case ProxyHeaderError::unknown_command:
      return "PROXY protocol: neither LOCAL nor PROXY";
    case ProxyHeaderError::unknown_family:
      return "PROXY protocol: unassigned address family or transport";
    case ProxyHeaderError::datagrams:
      return "PROXY protocol: a datagram transport, though this is a connection";
    case ProxyHeaderError::too_short:
      return "PROXY protocol: too short for its addresses";
    case ProxyHeaderError::malformed_tlv:
      return "PROXY protocol: a TLV does not end within the header";
    case ProxyHeaderError::too_long:
      return "PROXY protocol: more than 4096 bytes of addresses and TLVs";
  }
  return "PROXY protocol: unknown fault";
}

std::size_t ProxyHeaderReader::receive(Bytes bytes) noexcept {
  std::size_t taken = 0;
  while (status_ == Status::needs_more && taken < bytes.size()) take(bytes[taken++]);
  return taken;
}

void ProxyHeaderReader::take(std::byte byte) noexcept {
  if (size_ < head_.size()) head_[size_] = static_cast<char>(byte);
  ++size_;
  const bool is_line = head_[0] == line_start[0];
  const std::string_view start = is_line ? line_start : signature;
  const std::size_t known = std::min(size_, start.size());
  if (std::string_view(head_.data(), known) != start.substr(0, known)) {
    fail(ProxyHeaderError::missing);
  } else if (known == start.size()) {
    is_line ? take_of_line() : take_of_binary(byte);
  }
}

void ProxyHeaderReader::take_of_line() noexcept {
  const std::string_view line(head_.data(), size_);
  if (line.back() == '\n') {
    if (!line.ends_with("\r\n")) return fail(ProxyHeaderError::malformed_line);
    finish_line(line.substr(line_start.size(), line.size() - line_start.size() - 2));
  } else if (size_ == max_line_size) {
    fail(ProxyHeaderError::unterminated);
  }
}

void ProxyHeaderReader::finish_line(std::string_view line) noexcept {
  const std::string_view protocol = next_word(line);
  // Section 2.1: what follows UNKNOWN is to be ignored.
  if (protocol != "UNKNOWN") {
    const bool is_ipv4 = protocol == "TCP4";
    if (is_ipv4 || protocol == "TCP6") client_ = parse_addresses(line, is_ipv4);
    if (!client_) return fail(ProxyHeaderError::malformed_line);
  }
  status_ = Status::complete;
}

void ProxyHeaderReader::take_of_binary(std::byte byte) noexcept {
  if (size_ < fixed_size) return;
  if (size_ == fixed_size) {
    begin_binary();
  } else if (size_ > tlvs_begin_) {
    take_of_tlvs(byte);
  }
  if (status_ == Status::needs_more && size_ == binary_size_) finish_binary();
}

// Values that are not assigned must be refused, section 2.2.
void ProxyHeaderReader::begin_binary() noexcept {
  const std::size_t extra = number_at(14);
  binary_size_ = tlvs_begin_ = fixed_size + extra;
  if (upper_at(12) != version_2) return fail(ProxyHeaderError::unknown_version);
  if (lower_at(12) > command_proxy) return fail(ProxyHeaderError::unknown_command);
  if (extra > max_extra_size) return fail(ProxyHeaderError::too_long);
  if (lower_at(12) == command_local) return;  // all that follows is to be ignored
  const unsigned family = upper_at(13);
  if (family >= addresses_size.size() || lower_at(13) > transport_datagram) {
    return fail(ProxyHeaderError::unknown_family);
  }
  if (lower_at(13) == transport_datagram) return fail(ProxyHeaderError::datagrams);
  if (extra < addresses_size[family]) return fail(ProxyHeaderError::too_short);
  // What an unspecified family brings with it has no form of its own.
  if (family != 0) tlvs_begin_ = fixed_size + addresses_size[family];
}

// Section 2.2.2: a type, two bytes of length, the value; nobody asks what it says.
void ProxyHeaderReader::take_of_tlvs(std::byte byte) noexcept {
  if (tlv_left_ > 0) {
    --tlv_left_;
    return;
  }
  // The type leaves at the top.
  const unsigned length = unsigned{tlv_length_} << 8 | std::to_integer<unsigned>(byte);
  tlv_length_ = static_cast<std::uint16_t>(length);
  if (++tlv_head_ < tlv_head_size) return;
  tlv_head_ = 0;
  tlv_left_ = tlv_length_;
  if (tlv_left_ > binary_size_ - size_) fail(ProxyHeaderError::malformed_tlv);
}

// The source address stands first, and the source port behind both addresses.
void ProxyHeaderReader::finish_binary() noexcept {
  if (tlv_head_ != 0) return fail(ProxyHeaderError::malformed_tlv);
  status_ = Status::complete;
  if (lower_at(12) == command_local) return;
  if (upper_at(13) == family_ipv4) {
    client_ = IpEndpoint{mapped_ipv4({byte_at(16), byte_at(17), byte_at(18), byte_at(19)}),
                         static_cast<std::uint16_t>(number_at(24))};
  }
  if (upper_at(13) == family_ipv6) {
    client_.emplace();
    for (std::size_t i = 0; i < 16; ++i) client_->address.bytes[i] = byte_at(fixed_size + i);
    client_->port = static_cast<std::uint16_t>(number_at(48));
  }
}

void ProxyHeaderReader::fail(ProxyHeaderError error) noexcept {
  status_ = Status::failed;
  error_ = error;
}

}  // namespace duplex::http

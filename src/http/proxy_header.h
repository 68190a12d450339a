// The header of the PROXY protocol, versions 1 and 2, with which a proxy that passes bytes on as
// they are says whose they are. Sections: those of "The PROXY protocol", versions 1 & 2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "duplex/base/bytes.h"
#include "http/ip_address.h"

namespace duplex::http {

enum class ProxyHeaderError : std::uint8_t {
  missing,          // something else came
  unterminated,     // version 1: no CRLF within 107 bytes
  malformed_line,   // version 1
  unknown_version,  // version 2: another number behind its signature
  unknown_command,  // version 2: neither LOCAL nor PROXY
  unknown_family,   // version 2: a family or transport that is not assigned
  datagrams,        // version 2: UDP or alike, of which a connection is not made
  too_short,        // version 2: the addresses do not fit the length
  malformed_tlv,    // version 2: a TLV ends beyond the header, or is cut
  too_long,         // version 2: more than max_extra_size behind the fixed part
};

// For the answer to whoever set the proxy up.
std::string_view describe(ProxyHeaderError error) noexcept;

// Reads one header, which may come in any pieces. Owns its memory; cheap enough to be thrown away.
class ProxyHeaderReader {
 public:
  static constexpr std::size_t max_line_size = 107;    // section 2.1, with its CRLF
  static constexpr std::size_t max_extra_size = 4096;  // bytes: addresses and TLVs of version 2

  enum class Status : std::uint8_t { needs_more, complete, failed };

  // Takes bytes up to the end of the header or of `bytes`; says how many. Call it while more are
  // needed.
  std::size_t receive(Bytes bytes) noexcept;

  Status status() const noexcept { return status_; }
  // Complete: the client, or nothing when the connection is the proxy's own (LOCAL) or the client
  // has no IP address (UNKNOWN, AF_UNSPEC, AF_UNIX).
  const std::optional<IpEndpoint>& client() const noexcept { return client_; }
  ProxyHeaderError error() const noexcept { return error_; }  // failed

 private:
  void take(std::byte byte) noexcept;
  void take_of_line() noexcept;
  void take_of_binary(std::byte byte) noexcept;
  void begin_binary() noexcept;
  void take_of_tlvs(std::byte byte) noexcept;
  void finish_line(std::string_view line) noexcept;
  void finish_binary() noexcept;
  void fail(ProxyHeaderError error) noexcept;
  std::uint8_t byte_at(std::size_t index) const noexcept {
    return static_cast<std::uint8_t>(head_[index]);
  }
  unsigned upper_at(std::size_t index) const noexcept { return byte_at(index) >> 4U; }
  unsigned lower_at(std::size_t index) const noexcept { return byte_at(index) & 0x0FU; }
  std::size_t number_at(std::size_t index) const noexcept {
    return std::size_t{byte_at(index)} << 8 | byte_at(index + 1);
  }

  // A line, or of a binary header the fixed part and the addresses; of TLVs only the lengths.
  std::array<char, max_line_size> head_ = {};
  std::size_t size_ = 0;          // bytes taken
  std::size_t binary_size_ = 0;   // of all of it, once known
  std::size_t tlvs_begin_ = 0;    // binary_size_ where nobody needs to look at them
  std::uint16_t tlv_length_ = 0;  // of the present one's value, once its head is whole
  std::uint16_t tlv_left_ = 0;    // bytes of that still to come
  std::uint8_t tlv_head_ = 0;     // bytes taken of the present one's head
  std::optional<IpEndpoint> client_ = {};
  Status status_ = Status::needs_more;
  ProxyHeaderError error_ = ProxyHeaderError::missing;
};

}  // namespace duplex::http

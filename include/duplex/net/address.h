// Where a socket listens or connects to: IPv4, IPv6 or a path of the Unix domain. A value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "duplex/base/result.h"

namespace duplex::net {

enum class AddressFamily : std::uint8_t { unspecified, ipv4, ipv6, unix_domain };

// Memory: 48 bytes, and those of a Unix path that does not fit into them.
class Address {
 public:
  Address() noexcept = default;
  // Moving is copying: what has been moved from is as it was.
  Address(const Address&) noexcept = default;
  Address& operator=(const Address&) noexcept = default;

  // `host` is an IPv4 or IPv6 literal ("127.0.0.1", "::1", "[::1]") or "localhost" (127.0.0.1);
  // names are the resolver's business. Fails with std::errc::invalid_argument.
  static Result<Address, std::error_code> parse(std::string_view host, std::uint16_t port);
  // Fails with std::errc::filename_too_long above 107 bytes. A leading '@' means the abstract
  // namespace.
  static Result<Address, std::error_code> unix_path(std::string_view path);
  // The bytes of an IPv6 address; those of an IPv4-mapped one (RFC 4291 section 2.5.5.2) become
  // IPv4.
  static Address from_ip(const std::array<std::uint8_t, 16>& bytes, std::uint16_t port) noexcept;
  // From a raw sockaddr (what accept and getsockname fill in). Unspecified where it makes no sense,
  // or there is no memory for its path.
  static Address from_raw(const void* sockaddr, std::size_t size) noexcept;

  AddressFamily family() const noexcept;
  std::uint16_t port() const noexcept;  // 0 in the Unix domain
  void set_port(std::uint16_t port) noexcept;
  // In 16 bytes, IPv4 as IPv4-mapped; all zero when it is neither.
  std::array<std::uint8_t, 16> ip() const noexcept;
  std::string text() const;  // "127.0.0.1:80", "[::1]:80", "unix:/run/x", "" when unspecified
  std::string host() const;  // "127.0.0.1", "::1" (IPv4-mapped ones as IPv4), or the path

  const void* raw() const noexcept { return path_ == nullptr ? storage_.data() : path_->data(); }
  std::size_t raw_size() const noexcept { return size_; }
  static constexpr std::size_t max_raw_size = 128;

  friend bool operator==(const Address& a, const Address& b) noexcept;

 private:
  static constexpr std::size_t max_short_size = 28;  // of an IPv6 address

  alignas(4) std::array<std::byte, max_short_size> storage_ = {};
  std::uint8_t size_ = 0;
  std::shared_ptr<const std::array<std::byte, max_raw_size>> path_ = {};  // what is longer
};

}  // namespace duplex::net

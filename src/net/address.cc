// Addresses: sockaddr of three families, their literals (RFC 4291 section 2.2) and their text.
#include "duplex/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <new>

namespace duplex::net {

namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);
constexpr std::size_t max_path_size = sizeof(sockaddr_un) - path_offset - 1;
static_assert(Address::max_raw_size >= sizeof(sockaddr_storage));
static_assert(sizeof(Address) <= 48, "it is part of every session");

// A copy in the family's own type: the storage is bytes only.
template <class T>
T as(const void* raw) noexcept {
  T copy;
  std::memcpy(&copy, raw, sizeof copy);
  return copy;
}

std::size_t least_size(sa_family_t family) noexcept {
  switch (family) {
    case AF_INET:
      return sizeof(sockaddr_in);
    case AF_INET6:
      return sizeof(sockaddr_in6);
    case AF_UNIX:
      return path_offset;
    default:
      return Address::max_raw_size + 1;
  }
}

// Null without memory.
std::shared_ptr<const std::array<std::byte, Address::max_raw_size>> copy_of(
    const void* raw, std::size_t size) noexcept {
  try {
    auto copy = std::make_shared<std::array<std::byte, Address::max_raw_size>>();
    std::memcpy(copy->data(), raw, size);
    return copy;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

// "fe80::1%2": the number of the interface; names would need the system.
bool take_scope(std::string& host, std::uint32_t& scope) {
  const auto percent = host.find('%');
  if (percent == std::string::npos) return true;
  const char* first = host.data() + percent + 1;
  const char* last = host.data() + host.size();
  const auto [end, error] = std::from_chars(first, last, scope);
  if (error != std::errc{} || end != last) return false;
  host.resize(percent);
  return true;
}

bool parse_ipv4(const std::string& host, std::uint16_t port, sockaddr_in& out) {
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  return inet_pton(AF_INET, host.c_str(), &out.sin_addr) == 1;
}

bool parse_ipv6(std::string host, std::uint16_t port, sockaddr_in6& out) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  out.sin6_family = AF_INET6;
  out.sin6_port = htons(port);
  return take_scope(host, out.sin6_scope_id) &&
         inet_pton(AF_INET6, host.c_str(), &out.sin6_addr) == 1;
}

std::string ipv4_text(const void* in_addr) {
  std::array<char, INET_ADDRSTRLEN> text;
  return inet_ntop(AF_INET, in_addr, text.data(), text.size());
}

std::string ipv6_text(const sockaddr_in6& address) {
  // RFC 4291 section 2.5.5.2: the last four bytes are the IPv4 address.
  if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) return ipv4_text(&address.sin6_addr.s6_addr[12]);
  std::array<char, INET6_ADDRSTRLEN> text;
  std::string result = inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
  if (address.sin6_scope_id != 0) result += '%' + std::to_string(address.sin6_scope_id);
  return result;
}

// The kernel does not promise a NUL after a path that fills the field, and an abstract name may
// hold any byte: the size rules.
std::string unix_text(const void* raw, std::size_t size) {
  std::string path(static_cast<const char*>(raw) + path_offset, size - path_offset);
  if (path.empty()) return path;
  if (path.front() == '\0') {
    path.front() = '@';
    return path;
  }
  return path.substr(0, path.find('\0'));
}

std::error_code fault(std::errc code) { return std::make_error_code(code); }

}  // namespace

Result<Address, std::error_code> Address::parse(std::string_view host, std::uint16_t port) {
  if (host.find('\0') != std::string_view::npos) return Failure{fault(std::errc::invalid_argument)};
  const std::string name(host == "localhost" ? "127.0.0.1" : host);
  sockaddr_in ipv4 = {};
  if (parse_ipv4(name, port, ipv4)) return from_raw(&ipv4, sizeof ipv4);
  sockaddr_in6 ipv6 = {};
  if (parse_ipv6(name, port, ipv6)) return from_raw(&ipv6, sizeof ipv6);
  return Failure{fault(std::errc::invalid_argument)};
}

Result<Address, std::error_code> Address::unix_path(std::string_view path) {
  if (path.size() > max_path_size) return Failure{fault(std::errc::filename_too_long)};
  if (path.empty() || path.find('\0') != std::string_view::npos) {
    return Failure{fault(std::errc::invalid_argument)};
  }
  sockaddr_un raw = {};
  raw.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), raw.sun_path);
  const bool abstract = path.front() == '@';
  if (abstract) raw.sun_path[0] = '\0';
  return from_raw(&raw, path_offset + path.size() + (abstract ? 0 : 1));
}

Address Address::from_ip(const std::array<std::uint8_t, 16>& bytes, std::uint16_t port) noexcept {
  sockaddr_in6 ipv6 = {};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(port);
  std::memcpy(&ipv6.sin6_addr, bytes.data(), bytes.size());
  if (!IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr)) return from_raw(&ipv6, sizeof ipv6);
  sockaddr_in ipv4 = {};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = ipv6.sin6_port;
  std::memcpy(&ipv4.sin_addr, &bytes[12], sizeof ipv4.sin_addr);
  return from_raw(&ipv4, sizeof ipv4);
}

Address Address::from_raw(const void* sockaddr, std::size_t size) noexcept {
  Address address;
  if (size < sizeof(sa_family_t) || size > max_raw_size) return address;
  if (size < least_size(as<sa_family_t>(sockaddr))) return address;
  if (size > max_short_size) {
    const auto path = copy_of(sockaddr, size);
    if (path == nullptr) return address;
    address.path_ = path;
  } else {
    std::memcpy(address.storage_.data(), sockaddr, size);
  }
  address.size_ = static_cast<std::uint8_t>(size);
  return address;
}

AddressFamily Address::family() const noexcept {
  switch (as<sa_family_t>(raw())) {
    case AF_INET:
      return AddressFamily::ipv4;
    case AF_INET6:
      return AddressFamily::ipv6;
    case AF_UNIX:
      return AddressFamily::unix_domain;
    default:
      return AddressFamily::unspecified;
  }
}

std::uint16_t Address::port() const noexcept {
  switch (family()) {
    case AddressFamily::ipv4:
      return ntohs(as<sockaddr_in>(raw()).sin_port);
    case AddressFamily::ipv6:
      return ntohs(as<sockaddr_in6>(raw()).sin6_port);
    default:
      return 0;
  }
}

void Address::set_port(std::uint16_t port) noexcept {
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  const AddressFamily kind = family();
  if (kind != AddressFamily::ipv4 && kind != AddressFamily::ipv6) return;
  const std::uint16_t big_endian = htons(port);
  std::memcpy(storage_.data() + offsetof(sockaddr_in, sin_port), &big_endian, sizeof big_endian);
}

std::array<std::uint8_t, 16> Address::ip() const noexcept {
  std::array<std::uint8_t, 16> bytes = {};
  if (family() == AddressFamily::ipv4) {
    const auto address = as<sockaddr_in>(raw());
    bytes[10] = bytes[11] = 0xFF;
    std::memcpy(&bytes[12], &address.sin_addr, sizeof address.sin_addr);
  }
  if (family() == AddressFamily::ipv6) {
    const auto address = as<sockaddr_in6>(raw());
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
  }
  return bytes;
}

std::string Address::text() const {
  switch (family()) {
    case AddressFamily::ipv4:
      return host() + ':' + std::to_string(port());
    case AddressFamily::ipv6: {
      const std::string literal = host();
      const bool mapped = literal.find(':') == std::string::npos;
      return (mapped ? literal : '[' + literal + ']') + ':' + std::to_string(port());
    }
    case AddressFamily::unix_domain:
      return "unix:" + host();
    default:
      return {};
  }
}

std::string Address::host() const {
  switch (family()) {
    case AddressFamily::ipv4: {
      const auto address = as<sockaddr_in>(raw());
      return ipv4_text(&address.sin_addr);
    }
    case AddressFamily::ipv6:
      return ipv6_text(as<sockaddr_in6>(raw()));
    case AddressFamily::unix_domain:
      return unix_text(raw(), size_);
    default:
      return {};
  }
}

bool operator==(const Address& a, const Address& b) noexcept {
  return a.size_ == b.size_ && std::memcmp(a.raw(), b.raw(), a.size_) == 0;
}

}  // namespace duplex::net

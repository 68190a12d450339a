// "HOST:PORT" as an address.
#include "address_text.h"

#include <array>
#include <charconv>
#include <string>
#include <system_error>

namespace duplex::tools {
namespace {

// The host, which is empty when the text is wrong; `port` is left as it is when there is none.
std::string_view split_host(std::string_view host_and_port, std::uint16_t& port) {
  // A path, or a URL.
  if (host_and_port.find('/') != std::string_view::npos) return {};
  std::string_view host = host_and_port;
  const std::size_t colon = host_and_port.rfind(':');
  // The last colon of "[::1]" is inside the brackets.
  if (colon != std::string_view::npos && !host_and_port.ends_with(']')) {
    host = host_and_port.substr(0, colon);
    const std::string_view digits = host_and_port.substr(colon + 1);
    const char* const last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, port);
    if (error != std::errc() || end != last) return {};
  }
  // A name server would take a number for the four bytes of an address.
  const bool is_number = host.find_first_not_of("0123456789") == std::string_view::npos;
  return is_number ? std::string_view() : host;
}

}  // namespace

std::string address_problem(std::string_view host_and_port) {
  std::uint16_t port = 0;
  if (!split_host(host_and_port, port).empty()) return {};
  return "'" + std::string(host_and_port) + "' is not HOST or HOST:PORT, with a port of 0 to 65535";
}

net::Address resolve_address(net::Kernel& kernel, std::string_view host_and_port,
                             std::uint16_t port) {
  const std::string_view host = split_host(host_and_port, port);
  if (host.empty()) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            address_problem(host_and_port));
  }
  if (const auto literal = net::Address::parse(host, port)) return *literal;
  std::array<net::Address, 1> found;
  const int count = kernel.resolve(std::string(host), port, found);
  if (count > 0) return found.front();
  throw std::system_error(count < 0 ? -count : ENXIO, std::system_category(),
                          "no address is known for '" + std::string(host) + "'");
}

}  // namespace duplex::tools

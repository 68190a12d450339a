// host [":" port] as it stands in Host, targets and URLs: RFC 9110 section 4.2, RFC 3986 3.2.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace duplex::http {

struct AbsoluteForm {
  std::string_view authority = {};
  std::size_t authority_begin = 0;  // in the target; 0: not http:// or https://
};

// Finds the authority of a target in absolute-form, RFC 9112 section 3.2.2.
AbsoluteForm split_absolute(std::string_view target) noexcept;

struct HostAndPort {
  std::string_view host = {};  // an IPv6 literal keeps its brackets
  std::string_view port = {};  // digits, at most 65535 in value; may be empty
};

// Nothing unless the host is not empty and all of it is well-formed; no userinfo.
std::optional<HostAndPort> split_authority(std::string_view authority) noexcept;

inline bool is_valid_authority(std::string_view authority) noexcept {
  return split_authority(authority).has_value();
}

}  // namespace duplex::http

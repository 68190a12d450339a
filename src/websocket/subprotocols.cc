// Reads lists of subprotocols: RFC 6455 sections 4.1 and 11.3.4.
#include "websocket/subprotocols.h"

#include <algorithm>

#include "http/character.h"

namespace duplex::websocket {
namespace {

// 1#token, section 4.3: no element may be empty.
bool add_all(std::string_view list, SubprotocolList& names) noexcept {
  for (;;) {
    const bool last = list.find(',') == std::string_view::npos;
    if (!names.add(http::next_element(list))) return false;
    if (last) return true;
  }
}

}  // namespace

bool SubprotocolList::add(std::string_view name) noexcept {
  if (size_ == names_.size() || !http::is_token(name) || contains(name)) return false;
  names_[size_++] = name;
  return true;
}

bool SubprotocolList::contains(std::string_view name) const noexcept {
  const auto end = names_.begin() + static_cast<std::ptrdiff_t>(size_);
  return std::find(names_.begin(), end, name) != end;
}

std::optional<SubprotocolList> parse_subprotocols(const http::Fields& fields) noexcept {
  SubprotocolList names;
  for (const http::Field& field : fields) {
    if (!http::iequals(field.name, "Sec-WebSocket-Protocol")) continue;
    if (!add_all(field.value, names)) return std::nullopt;
  }
  return names;
}

}  // namespace duplex::websocket

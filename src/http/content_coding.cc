// Which content codings a client takes.
#include "duplex/http/content_coding.h"

#include <algorithm>

#include "duplex/http/message.h"

namespace duplex::http {
namespace {

std::string_view trim(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// Takes what stands before the first `mark`, without white space around it.
std::string_view take(std::string_view& text, char mark) {
  const std::size_t end = std::min(text.find(mark), text.size());
  const std::string_view front = trim(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

// Section 12.4.2: "q=0" and "q=0.000" mean "not acceptable".
bool is_refused(std::string_view weight) {
  const std::size_t equals = std::min(weight.find('='), weight.size());
  if (!iequals(trim(weight.substr(0, equals)), "q")) return false;
  const std::string_view value = trim(weight.substr(std::min(equals + 1, weight.size())));
  return value.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) noexcept {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view item = take(accept_encoding, ',');
    const std::string_view name = take(item, ';');
    if (iequals(name, coding)) return !is_refused(item);
    if (name == "*") any = !is_refused(item);
  }
  return any;
}

}  // namespace duplex::http

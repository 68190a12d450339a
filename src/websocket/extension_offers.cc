// The grammar of Sec-WebSocket-Extensions: RFC 6455 section 9.1, read once from left to right.
#include "duplex/websocket/handshake.h"
#include "http/character.h"

namespace duplex::websocket {
namespace {

constexpr std::string_view extensions_name = "Sec-WebSocket-Extensions";

// One field value. Space is allowed between any two elements of the grammar (RFC 2616 section 2.1,
// which is the one that section 9.1 uses).
class OfferReader {
 public:
  explicit OfferReader(std::string_view text) noexcept : rest_(text) {}

  // 1#extension. False on a fault; the list may then hold a part.
  bool read_list(std::vector<ExtensionOffer>& offers) {
    do {
      if (offers.size() == max_offered_extensions || !read_offer(offers.emplace_back())) {
        return false;
      }
    } while (accept(','));
    return rest_.empty();
  }

 private:
  // extension-token *( ";" extension-param )
  bool read_offer(ExtensionOffer& offer) {
    offer.name = read_token();
    if (offer.name.empty()) return false;
    while (accept(';')) {
      const bool full = offer.parameters.size() == max_extension_parameters;
      if (full || !read_parameter(offer.parameters.emplace_back())) return false;
    }
    return true;
  }

  // token [ "=" (token | quoted-string) ]
  bool read_parameter(ExtensionParameter& parameter) {
    parameter.name = read_token();
    if (parameter.name.empty()) return false;
    if (!accept('=')) return true;
    parameter.value = accept('"') ? read_quoted() : std::string(read_token());
    // What a quoted string means must be a token too.
    return http::is_token(*parameter.value);
  }

  // The rest of a quoted-string, RFC 9110 section 5.6.4; empty when it does not end.
  std::string read_quoted() {
    std::string value;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        skip_space();
        return value;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      value += rest_[i];
    }
    return {};
  }

  std::string_view read_token() noexcept {
    skip_space();
    std::size_t size = 0;
    while (size < rest_.size() && http::is(rest_[size], http::CharacterClass::token)) ++size;
    const std::string_view token = rest_.substr(0, size);
    rest_.remove_prefix(size);
    skip_space();
    return token;
  }

  bool accept(char c) noexcept {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_space() noexcept {
    while (!rest_.empty() && http::is_space(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<ExtensionOffer>> parse_extensions(const http::Fields& fields) {
  std::vector<ExtensionOffer> offers;
  for (const http::Field& field : fields) {
    if (!http::iequals(field.name, extensions_name)) continue;
    if (!OfferReader(field.value).read_list(offers)) return std::nullopt;
  }
  return offers;
}

}  // namespace duplex::websocket

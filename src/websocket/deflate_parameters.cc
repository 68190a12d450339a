// Negotiating permessage-deflate: RFC 7692 sections 5 and 7.1.
#include "duplex/websocket/deflate_parameters.h"

#include <algorithm>

namespace duplex::websocket {
namespace {

constexpr std::string_view server_no_takeover = "server_no_context_takeover";
constexpr std::string_view client_no_takeover = "client_no_context_takeover";
constexpr std::string_view server_window = "server_max_window_bits";
constexpr std::string_view client_window = "client_max_window_bits";

// The parameters of one offer or response, each at most once.
struct Parameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<int> server_max_window_bits = {};
  std::optional<int> client_max_window_bits = {};
  bool client_max_window_bits_alone = false;  // without a value, section 7.1.2.2
};

// Section 7.1.2: a decimal integer without leading zeroes, 8 to 15.
std::optional<int> read_window_bits(const std::optional<std::string>& value) noexcept {
  if (!value || value->empty() || value->size() > 2 || value->front() == '0') return std::nullopt;
  int bits = 0;
  for (const char c : *value) {
    if (c < '0' || c > '9') return std::nullopt;
    bits = bits * 10 + (c - '0');
  }
  return bits >= min_window_bits && bits <= max_window_bits ? std::optional(bits) : std::nullopt;
}

// Section 7.1.1: no value, and not twice.
bool set_flag(bool& flag, const ExtensionParameter& parameter) noexcept {
  const bool valid = !flag && !parameter.value;
  flag = true;
  return valid;
}

bool set_window(std::optional<int>& bits, const ExtensionParameter& parameter) noexcept {
  if (bits) return false;
  bits = read_window_bits(parameter.value);
  return bits.has_value();
}

// False when the parameter is unknown, malformed or repeated.
bool set(Parameters& parameters, const ExtensionParameter& parameter) noexcept {
  const std::string_view name = parameter.name;
  if (name == server_no_takeover) return set_flag(parameters.server_no_context_takeover, parameter);
  if (name == client_no_takeover) return set_flag(parameters.client_no_context_takeover, parameter);
  if (name == server_window) return set_window(parameters.server_max_window_bits, parameter);
  if (name != client_window) return false;
  if (parameters.client_max_window_bits_alone) return false;
  if (parameter.value) return set_window(parameters.client_max_window_bits, parameter);
  parameters.client_max_window_bits_alone = true;
  return !parameters.client_max_window_bits;
}

std::optional<Parameters> read(const ExtensionOffer& offer) noexcept {
  Parameters parameters;
  const bool valid = std::ranges::all_of(
      offer.parameters,
      [&](const ExtensionParameter& parameter) { return set(parameters, parameter); });
  return valid ? std::optional(parameters) : std::nullopt;
}

// An extension as it stands in the field.
class Text {
 public:
  Text& flag(bool wanted, std::string_view name) {
    if (wanted) text_.append("; ").append(name);
    return *this;
  }
  Text& window(bool wanted, std::string_view name, int bits) {
    if (wanted) text_.append("; ").append(name).append("=").append(std::to_string(bits));
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_{deflate_name};
};

DeflateAgreement agree(const Parameters& offer, const DeflateOptions& options) {
  const bool client_can_limit = offer.client_max_window_bits || offer.client_max_window_bits_alone;
  const DeflateParameters agreed = {
      .server_no_context_takeover = offer.server_no_context_takeover || !options.context_takeover,
      .client_no_context_takeover =
          offer.client_no_context_takeover || !options.peer_context_takeover,
      .server_max_window_bits =
          std::min(offer.server_max_window_bits.value_or(max_window_bits), options.max_window_bits),
      .client_max_window_bits =
          client_can_limit ? std::min(offer.client_max_window_bits.value_or(max_window_bits),
                                      options.peer_max_window_bits)
                           : max_window_bits};
  const bool say_server = offer.server_max_window_bits || agreed.server_max_window_bits < 15;
  const bool say_client = offer.client_max_window_bits || agreed.client_max_window_bits < 15;
  return {.parameters = agreed,
          .response = Text()
                          .flag(agreed.server_no_context_takeover, server_no_takeover)
                          .flag(agreed.client_no_context_takeover, client_no_takeover)
                          .window(say_server, server_window, agreed.server_max_window_bits)
                          .window(say_client, client_window, agreed.client_max_window_bits)
                          .take()};
}

}  // namespace

std::optional<DeflateAgreement> accept_deflate(std::span<const ExtensionOffer> offers,
                                               const DeflateOptions& options) {
  for (const ExtensionOffer& offer : offers) {
    if (offer.name != deflate_name) continue;
    if (const auto parameters = read(offer)) return agree(*parameters, options);
  }
  return std::nullopt;
}

std::string deflate_offer(const DeflateOptions& options) {
  const bool bare = options.max_window_bits == max_window_bits;
  return Text()
      .flag(!options.peer_context_takeover, server_no_takeover)
      .flag(!options.context_takeover, client_no_takeover)
      .window(options.peer_max_window_bits < max_window_bits, server_window,
              options.peer_max_window_bits)
      .flag(bare, client_window)
      .window(!bare, client_window, options.max_window_bits)
      .take();
}

std::optional<DeflateParameters> judge_deflate_response(const ExtensionOffer& response,
                                                        const DeflateOptions& options) {
  const auto answer = read(response);
  if (!answer || answer->client_max_window_bits_alone) return std::nullopt;
  // Sections 7.1.1.1 and 7.1.2.1: who accepts these says so.
  if (!options.peer_context_takeover && !answer->server_no_context_takeover) return std::nullopt;
  const int server_bits = answer->server_max_window_bits.value_or(max_window_bits);
  if (server_bits > options.peer_max_window_bits) return std::nullopt;
  // Section 7.1.2.2: what we offered to keep to, we keep to.
  const int client_bits = answer->client_max_window_bits.value_or(options.max_window_bits);
  if (client_bits > options.max_window_bits) return std::nullopt;
  return DeflateParameters{
      .server_no_context_takeover = answer->server_no_context_takeover,
      .client_no_context_takeover = answer->client_no_context_takeover || !options.context_takeover,
      .server_max_window_bits = server_bits,
      .client_max_window_bits = client_bits};
}

}  // namespace duplex::websocket

// The server's side of the opening: any bytes as a request are judged as section 4.2.1 says, in the
// words of a naive second implementation, and its answer satisfies our client. Or: whatever our
// client is made to write, the server reads as it was meant.
#include "duplex/http/target.h"
#include "openings.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using http::RequestParser;
using websocket::HandshakeError;
using websocket::HandshakePolicy;

const std::vector<std::string> spoken = {"chat", "b"};
const std::vector<std::string> origins = {"https://good.example", "self"};
const std::vector<std::string> any = {"*"};

bool is_naive_key(std::string_view key) {
  const auto belongs = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
  };
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2, belongs);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// host:port with the port that it has without saying so.
std::string naive_authority(std::string text, const std::string& usual_port) {
  const std::size_t colon = text.find(':', text.starts_with('[') ? text.find(']') : 0);
  std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (port.empty()) port = usual_port;
  while (port.starts_with('0')) port.erase(0, 1);
  return text.substr(0, colon) + ":" + port;
}

bool is_naively_own(std::string_view origin, std::string_view host) {
  const std::string page = lower_case(origin);
  const bool tls = page.starts_with("https://");
  if (host.empty() || (!tls && !page.starts_with("http://"))) return false;
  const std::string port = tls ? "443" : "80";
  return naive_authority(page.substr(tls ? 8 : 7), port) == naive_authority(lower_case(host), port);
}

bool is_refused(const http::Fields& fields, const HandshakePolicy& policy) {
  const auto origin = fields.find("Origin");
  if (!origin) return false;
  const bool own = is_naively_own(*origin, fields.find("Host").value_or(""));
  if (policy.allowed_origins.empty()) return fields.count("Cookie") != 0 && !own;
  if (policy.allowed_origins.front() == "*") return false;
  return *origin != origins.front() && !(policy.allowed_origins.size() == 2 && own);
}

bool share_any(const std::vector<std::string>& offered, const HandshakePolicy& policy) {
  return std::any_of(offered.begin(), offered.end(), [&](const std::string& name) {
    const auto& ours = policy.subprotocols;
    return std::find(ours.begin(), ours.end(), name) != ours.end();
  });
}

std::optional<HandshakeError> judge_naively(const http::Request& request,
                                            const HandshakePolicy& policy) {
  const std::vector<http::Field> all(request.fields.begin(), request.fields.end());
  const http::Fields& fields = request.fields;
  if (request.method != "GET") return HandshakeError::method_not_get;
  const bool asks = lists_among_tokens(all, "Upgrade", "websocket") &&
                    lists_among_tokens(all, "Connection", "upgrade");
  if (!asks || request.minor_version == 0) return HandshakeError::upgrade_missing;
  if (request.has_body) return HandshakeError::body_present;
  if (fields.count("Host") != 1) return HandshakeError::host_invalid;
  const auto key = fields.find("Sec-WebSocket-Key");
  if (fields.count("Sec-WebSocket-Key") != 1 || !is_naive_key(*key)) {
    return HandshakeError::key_invalid;
  }
  if (fields.count("Sec-WebSocket-Version") > 1) return HandshakeError::version_repeated;
  if (fields.find("Sec-WebSocket-Version") != "13") return HandshakeError::version_unsupported;
  if (fields.count("Origin") > 1) return HandshakeError::origin_repeated;
  if (is_refused(fields, policy)) return HandshakeError::origin_refused;
  const auto subprotocols = naive_subprotocols(fields);
  if (!subprotocols) return HandshakeError::subprotocols_invalid;
  if (policy.require_subprotocol && !share_any(*subprotocols, policy)) {
    return HandshakeError::subprotocol_missing;
  }
  return NaiveOffers::parse(fields) ? std::nullopt
                                    : std::optional(HandshakeError::extensions_invalid);
}

// What the server says is what the client wants to hear.
void expect_understood(const http::Request& request, const websocket::HandshakeAnswer& answer) {
  std::vector<std::string_view> names;
  for (const auto& offer : answer.extension_offers) names.push_back(offer.name);
  const auto subprotocols = naive_subprotocols(request.fields);
  const std::string_view key = *request.fields.find("Sec-WebSocket-Key");
  const auto see = [&](const http::Response& response) {
    const auto agreement = websocket::verify_handshake(response, key, *subprotocols, names);
    EXPECT_TRUE(agreement.has_value());
    if (!agreement) return true;
    EXPECT_EQ(agreement->subprotocol, answer.subprotocol);
    EXPECT_EQ(agreement->extensions.size(), answer.extensions.empty() ? 0U : 1U);
    return true;
  };
  EXPECT_EQ(read_head<http::ResponseParser>(websocket::encode_answer(answer), {}, see), "");
}

void judge(const http::Request& request, const HandshakePolicy& policy) {
  auto answer = websocket::accept_handshake(request, policy);
  const auto expected = judge_naively(request, policy);
  ASSERT_EQ(!answer, expected.has_value());
  if (!answer) {
    EXPECT_EQ(describe(answer.error()), describe(*expected));
    EXPECT_GE(websocket::refusal_for(*expected).status, 400);
    return;
  }
  if (!answer->extension_offers.empty()) answer->extensions = answer->extension_offers[0].name;
  expect_understood(request, *answer);
}

void read_request(Decisions& decisions) {
  const std::uint8_t choice = decisions.byte();
  const HandshakePolicy policy{.subprotocols = std::span(spoken).first(choice & 2U),
                               .require_subprotocol = (choice & 1) != 0,
                               .allowed_origins = (choice & 12U) == 12
                                                      ? std::span(any)
                                                      : std::span(origins).first(choice >> 2 & 3U)};
  const std::string_view bytes = decisions.rest();
  const auto see = [&](const http::Request& request) {
    judge(request, policy);
    return true;
  };
  EXPECT_EQ(read_head<RequestParser>(bytes, {}, see),
            read_head<RequestParser>(bytes, cut_every_byte(bytes.size()), see));
}

// A target that a server does not refuse.
std::string take_target(Decisions& decisions) {
  std::string target = "/" + std::string(decisions.text());
  const auto decoded = http::percent_decode(target);
  const bool good = decoded && decoded->find('\0') == std::string::npos;
  return good ? target : std::string("/");
}

void write_request(Decisions& decisions) {
  std::array<std::byte, 16> nonce = {};
  for (std::byte& byte : nonce) byte = static_cast<std::byte>(decisions.byte());
  const std::string key = websocket::make_key(nonce);
  const std::string target = take_target(decisions);
  const std::string_view origin = decisions.text();
  const std::vector<std::string> subprotocols = take_names(decisions);
  const std::string extensions = take_extensions(decisions);
  const std::string_view name = decisions.text();
  if (http::iequals(name, "Expect")) return;
  const std::vector<http::Field> fields = {{name, decisions.text()}};
  SendQueue queue;
  const bool written = websocket::append_handshake_request(queue, {.host = decisions.text(),
                                                                   .target = target,
                                                                   .key = key,
                                                                   .origin = origin,
                                                                   .subprotocols = subprotocols,
                                                                   .extensions = extensions,
                                                                   .fields = fields});
  const std::string bytes = websocket::drain(queue);
  EXPECT_EQ(written, !bytes.empty());
  if (!written) return;
  const auto see = [&](const http::Request& request) {
    EXPECT_EQ(request.target, target);
    EXPECT_EQ(request.fields.find(name), strip_spaces(fields[0].value));
    EXPECT_EQ(request.fields.count("Origin"), origin.empty() ? 0U : 1U);
    const auto answer = websocket::accept_handshake(
        request, {.subprotocols = subprotocols, .allowed_origins = any});
    EXPECT_TRUE(answer.has_value());
    if (!answer) return true;
    EXPECT_EQ(answer->subprotocol, subprotocols.empty() ? "" : subprotocols.front());
    EXPECT_EQ(answer->accept, websocket::accept_value(key));
    return true;
  };
  EXPECT_EQ(read_head<RequestParser>(bytes, {}, see), "") << bytes;
}

void run(std::string_view input) {
  Decisions decisions(input);
  decisions.chance() ? write_request(decisions) : read_request(decisions);
}

const Registration registration({"websocket_opening_server", run});

}  // namespace
}  // namespace duplex::fuzz

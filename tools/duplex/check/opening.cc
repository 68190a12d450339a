// The opening handshake as the suite writes and judges it.
#include "opening.h"

#include <algorithm>
#include <charconv>

#include "duplex/codec/base64.h"
#include "duplex/codec/sha1.h"
#include "transcript.h"

namespace duplex::tools::suite {
namespace {

struct Parameter {
  std::string name;
  std::optional<std::string> value;
};
using Parameters = std::vector<Parameter>;

Parameters parse_parameters(std::string_view text) {
  Parameters parameters;
  for (const std::string& part : split(text, ';')) {
    const std::size_t equals = part.find('=');
    Parameter parameter{part.substr(0, equals), std::nullopt};
    if (equals != std::string::npos) {
      parameter.value = replaced(part.substr(equals + 1), "\"", "");
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

// Members of Sec-WebSocket-Extensions; each begins with the extension's name.
std::vector<Parameters> parse_extensions(const HttpHead& head) {
  std::vector<Parameters> extensions;
  for (const std::string& member : split(head.value("sec-websocket-extensions"), ',')) {
    extensions.push_back(parse_parameters(member));
  }
  return extensions;
}

const Parameter* find(const Parameters& parameters, std::string_view name) {
  const auto it = std::find_if(parameters.begin(), parameters.end(),
                               [name](const Parameter& item) { return item.name == name; });
  return it == parameters.end() ? nullptr : &*it;
}

bool is_deflate(const Parameters& parameters) {
  return !parameters.empty() && parameters.front().name == "permessage-deflate";
}

// 8 to 15, without leading zeros; 0 for anything else.
unsigned window_bits(const std::string& text) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && text.front() != '0' && bits >= 8 && bits <= 15 ? bits : 0;
}

bool take_flag(const Parameter& parameter, bool& flag) {
  if (parameter.value || flag) return false;
  return flag = true;
}

bool take_bits(const Parameter& parameter, std::optional<unsigned>& bits) {
  if (!parameter.value || parameter.value->empty() || bits) return false;
  bits = window_bits(*parameter.value);
  return *bits != 0;
}

// The parameters of an answer; nothing when one breaks RFC 7692 section 7.1.
std::optional<DeflateTerms> parse_terms(const Parameters& parameters) {
  DeflateTerms terms;
  std::optional<unsigned> server_bits;
  std::optional<unsigned> client_bits;
  for (std::size_t i = 1; i < parameters.size(); ++i) {
    const Parameter& item = parameters[i];
    bool good = false;
    if (item.name == "server_no_context_takeover") {
      good = take_flag(item, terms.server_no_context_takeover);
    } else if (item.name == "client_no_context_takeover") {
      good = take_flag(item, terms.client_no_context_takeover);
    } else if (item.name == "server_max_window_bits") {
      good = take_bits(item, server_bits);
    } else if (item.name == "client_max_window_bits") {
      good = take_bits(item, client_bits);
    }
    if (!good) return std::nullopt;
  }
  terms.server_window_bits = server_bits.value_or(15);
  terms.client_window_bits = client_bits.value_or(15);
  return terms;
}

// Whether the answer grants what the offer asks, sections 7.1.1 and 7.1.2.
bool grants(const Parameters& offer, const Parameters& answer, const DeflateTerms& terms) {
  if (find(offer, "server_no_context_takeover") != nullptr && !terms.server_no_context_takeover) {
    return false;
  }
  if (const Parameter* const bits = find(offer, "server_max_window_bits")) {
    const unsigned asked = window_bits(bits->value.value_or("0"));
    if (asked == 0 || terms.server_window_bits > asked) return false;
  }
  return find(answer, "client_max_window_bits") == nullptr ||
         find(offer, "client_max_window_bits") != nullptr;
}

void judge_extensions(const HttpHead& response, const HttpHead& request, Agreement& agreement) {
  const std::vector<Parameters> answers = parse_extensions(response);
  if (answers.empty()) return;
  if (answers.size() > 1 || !is_deflate(answers.front())) {
    agreement.problem = "agreed to an extension that was not offered (RFC 6455 4.1)";
    return;
  }
  const auto terms = parse_terms(answers.front());
  for (const Parameters& offer : parse_extensions(request)) {
    if (!terms || !is_deflate(offer) || !grants(offer, answers.front(), *terms)) continue;
    agreement.deflate = terms;
    return;
  }
  agreement.problem = "answered no offer of permessage-deflate properly (RFC 7692 7.1): " +
                      printable(response.value("sec-websocket-extensions"));
}

// What the client asks for and what the wish adds to it, as an answer.
std::string deflate_answer(const Parameters& offer, const Parameters& wish) {
  std::string answer = "permessage-deflate";
  if (find(offer, "server_no_context_takeover") != nullptr) {
    answer += "; server_no_context_takeover";
  }
  if (const Parameter* const bits = find(offer, "server_max_window_bits"); bits && bits->value) {
    answer += "; server_max_window_bits=" + *bits->value;
  }
  if (find(wish, "client_no_context_takeover") != nullptr) {
    answer += "; client_no_context_takeover";
  }
  const Parameter* const bits = find(wish, "client_max_window_bits");
  if (bits != nullptr && bits->value && find(offer, "client_max_window_bits") != nullptr) {
    answer += "; client_max_window_bits=" + *bits->value;
  }
  return answer;
}

}  // namespace

std::string opening_fields() {
  return "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " +
         std::string(usual_key) + "\r\nSec-WebSocket-Version: 13\r\n";
}

std::string write_request(const Opening& opening, const Place& place) {
  std::string text = opening.request;
  if (text.empty()) {
    text = "GET {path} HTTP/1.1\r\nHost: {host}\r\n" + opening_fields();
    if (!opening.offer.empty()) text += "Sec-WebSocket-Extensions: " + opening.offer + "\r\n";
    text += "\r\n";
  }
  return replaced(replaced(std::move(text), "{path}", place.path), "{host}", place.host);
}

std::string accept_for(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return codec::base64_encode(codec::sha1(as_bytes(text)));
}

Agreement judge_response(const HttpHead& response, const HttpHead& request) {
  Agreement agreement;
  const std::string accept = accept_for(request.value("sec-websocket-key"));
  if (!response.start_line.starts_with("HTTP/1.1 101")) {
    agreement.problem = "did not open: " + printable(response.start_line);
  } else if (!response.has_token("upgrade", "websocket")) {
    agreement.problem = "answered without Upgrade: websocket (RFC 6455 4.2.2)";
  } else if (!response.has_token("connection", "upgrade")) {
    agreement.problem = "answered without Connection: Upgrade (RFC 6455 4.2.2)";
  } else if (response.value("sec-websocket-accept") != accept) {
    agreement.problem = "answered with Sec-WebSocket-Accept '" +
                        printable(response.value("sec-websocket-accept")) + "', not '" + accept +
                        "' (RFC 6455 4.2.2)";
  } else if (const std::string chosen = response.value("sec-websocket-protocol");
             !chosen.empty() && !request.has_token("sec-websocket-protocol", chosen)) {
    agreement.problem = "chose a subprotocol that was not offered (RFC 6455 4.2.2)";
  } else {
    judge_extensions(response, request, agreement);
  }
  return agreement;
}

std::string judge_request(const HttpHead& request) {
  const std::string key = request.value("sec-websocket-key");
  if (!request.start_line.starts_with("GET ") || !request.start_line.ends_with(" HTTP/1.1")) {
    return "the client's request line is not GET and HTTP/1.1 (RFC 6455 4.1)";
  }
  if (request.count("host") != 1) return "the client sent no Host (RFC 6455 4.1)";
  if (!request.has_token("upgrade", "websocket")) return "the client sent no Upgrade (4.1)";
  if (!request.has_token("connection", "upgrade")) return "the client sent no Connection (4.1)";
  if (request.value("sec-websocket-version") != "13") return "the client's version is not 13";
  const auto nonce = codec::base64_decode(key);
  if (!nonce || nonce->size() != 16) return "the client's key is not 16 bytes (RFC 6455 4.1)";
  return {};
}

Answer answer_request(const HttpHead& request, const Opening& opening) {
  const std::string accept = accept_for(request.value("sec-websocket-key"));
  if (!opening.response.empty()) return {replaced(opening.response, "{accept}", accept), {}};
  Answer answer;
  answer.bytes =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept + "\r\n";
  for (const Parameters& offer : parse_extensions(request)) {
    if (opening.offer.empty() || !is_deflate(offer)) continue;
    const std::string chosen = deflate_answer(offer, parse_parameters(opening.offer));
    answer.deflate = parse_terms(parse_parameters(chosen));
    answer.bytes += "Sec-WebSocket-Extensions: " + chosen + "\r\n";
    break;
  }
  answer.bytes += "\r\n";
  return answer;
}

}  // namespace duplex::tools::suite

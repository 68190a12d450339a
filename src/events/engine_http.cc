// What an Engine.IO server reads from requests, and how it answers them; see engine_http.h.
#include "events/engine_http.h"

#include <algorithm>
#include <utility>

#include "codec/gzip.h"
#include "duplex/codec/json.h"
#include "duplex/http/content_coding.h"
#include "duplex/http/target.h"

namespace duplex::events {
namespace {

constexpr std::string_view text_type = "text/plain; charset=UTF-8";
constexpr std::string_view bytes_type = "application/octet-stream";

int status_of(const EngineFault& fault) noexcept {
  if (fault.code == EngineFault::refused_by_the_application) return 403;
  return fault.code == EngineFault::no_room ? 503 : 400;
}

// Of all, and of the list that a preflight may ask for.
std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

}  // namespace

EngineQuery EngineQuery::of(const http::Request& request) {
  return {.transport = http::query_parameter(request.query, "transport"),
          .sid = http::query_parameter(request.query, "sid"),
          .version = http::query_parameter(request.query, "EIO"),
          .only_text = http::query_parameter(request.query, "b64").has_value(),
          .wants_script = http::query_parameter(request.query, "j").has_value()};
}

engineio::Dialect EngineQuery::dialect() const {
  return {.revision = version == "3" ? engineio::Revision::three : engineio::Revision::four,
          .only_text = only_text};
}

AnswerTerms AnswerTerms::of(const http::Request& request) {
  const auto accepted = request.fields.find("Accept-Encoding").value_or("");
  return {.origin = origin_of(request), .takes_gzip = http::accepts_coding(accepted, "gzip")};
}

EngineFault bad_request(std::string context) {
  return {.code = 3, .message = "Bad request", .context = std::move(context)};
}

std::string text_of(const EngineFault& fault) {
  std::string text = R"({"code":)" + std::to_string(fault.code) + R"(,"message":)";
  codec::append_json_string(text, fault.message);
  return text += '}';
}

std::string quoted(std::string_view said) {
  constexpr std::size_t most = 32;
  std::string text = "'" + std::string(said.substr(0, most));
  for (char& c : text) c = c < ' ' || c > '~' ? '?' : c;
  return text + (said.size() > most ? "...'" : "'");
}

std::string origin_of(const http::Request& request) {
  return std::string(request.fields.find("Origin").value_or(""));
}

// Fetch section 3.2.3: "*" cannot be said to requests with credentials.
std::vector<http::Field> EngineHttp::fields_for(std::string_view origin) const {
  std::vector<http::Field> fields;
  for (const endpoint::HeaderField& field : options_.fields) {
    fields.push_back({field.name, field.value});
  }
  if (!options_.cors) return fields;
  const auto listed = [&](std::string_view which) {
    return std::ranges::find(options_.cors->origins, which) != options_.cors->origins.end();
  };
  const bool any = listed("*");
  if (any && !options_.cors->credentials) {
    fields.push_back({"Access-Control-Allow-Origin", "*"});
    return fields;
  }
  fields.push_back({"Vary", "Origin"});
  if (origin.empty() || !(any || listed(origin))) return fields;
  fields.push_back({"Access-Control-Allow-Origin", origin});
  if (options_.cors->credentials) fields.push_back({"Access-Control-Allow-Credentials", "true"});
  return fields;
}

std::vector<http::Field> EngineHttp::fields_for(const AnswerTerms& terms) const {
  std::vector<http::Field> fields = fields_for(terms.origin);
  for (const endpoint::HeaderField& field : terms.fields) {
    fields.push_back({field.name, field.value});
  }
  fields.push_back({"Cache-Control", "no-store"});
  return fields;
}

void EngineHttp::respond(endpoint::Exchange& exchange, int status, std::string_view type,
                         std::string_view body, const AnswerTerms& terms) const {
  const std::vector<http::Field> fields = fields_for(terms);
  exchange.respond(status, type, body, fields);
}

bool EngineHttp::compresses(const engineio::OutMessage& payload,
                            const AnswerTerms& terms) const noexcept {
  return terms.takes_gzip && payload.compress && options_.poll_compression &&
         payload.content.size() >= options_.poll_compression->threshold;
}

void EngineHttp::payload(endpoint::Exchange& exchange, const engineio::OutMessage& payload,
                         const AnswerTerms& terms, std::string_view cookie) {
  std::vector<http::Field> fields = fields_for(terms);
  if (!cookie.empty()) fields.push_back({"Set-Cookie", cookie});
  std::string gzip;
  if (compresses(payload, terms)) gzip = codec::gzip_compress(as_bytes(payload.content), deflater_);
  const bool is_smaller = !gzip.empty() && gzip.size() < payload.content.size();
  if (is_smaller) fields.push_back({"Content-Encoding", "gzip"});
  exchange.respond(200, payload.is_bytes ? bytes_type : text_type,
                   is_smaller ? gzip : payload.content, fields);
}

void EngineHttp::refuse(endpoint::Exchange& exchange, const EngineFault& fault,
                        std::string origin) const {
  respond(exchange, status_of(fault), fault_type, text_of(fault), {.origin = std::move(origin)});
}

// Fetch section 3.2.2.
void EngineHttp::preflight(endpoint::Exchange& exchange) const {
  const http::Request& request = exchange.request();
  const std::string origin = origin_of(request);
  std::vector<http::Field> fields = fields_for(origin);
  std::string allowed = joined(options_.cors->allowed_fields);
  if (allowed.empty()) {
    allowed = request.fields.find("Access-Control-Request-Headers").value_or("");
    fields.push_back({"Vary", "Access-Control-Request-Headers"});
  }
  fields.push_back({"Access-Control-Allow-Methods", "GET,POST"});
  if (!allowed.empty()) fields.push_back({"Access-Control-Allow-Headers", allowed});
  exchange.respond(204, {}, {}, fields);
}

std::string EngineHttp::cookie_for(std::string_view sid) const {
  if (!options_.cookie) return {};
  return options_.cookie->name + "=" + std::string(sid) + "; " + options_.cookie->attributes;
}

}  // namespace duplex::events

// Options of Socket.IO.
#include "event_options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "duplex/http/url.h"
#include "opening_problem.h"

namespace duplex::tools {
namespace {

constexpr std::array ours = {"--path",   "--auth",    "--transport",
                             "--format", "--msgpack", "--ack-timeout"};
constexpr std::array of_websockets = {
    "--subprotocol", "--origin", "--text",   "--binary",    "--hex",     "--json",      "--echo",
    "--rtt",         "--ping",   "--frames", "--write-out", "--compare", "--transcript"};

std::vector<events::Transport> transports_of(std::string_view name) {
  if (name == "polling") return {events::Transport::polling};
  if (name == "websocket") return {events::Transport::websocket};
  return {events::Transport::polling, events::Transport::websocket};
}

// The URL without the namespace, which is its path, and without the query.
std::string base_of(const http::Url& url) {
  return url.is_unix() ? "http+unix:" + url.unix_path + ":/" : "http://" + http::host_field(url);
}

std::string nsp_of(const http::Url& url) {
  return url.path_and_query.substr(0, url.path_and_query.find('?'));
}

std::string query_of(const http::Url& url) {
  const std::size_t mark = url.path_and_query.find('?');
  return mark == std::string::npos ? "" : url.path_and_query.substr(mark + 1);
}

// An object, or nothing.
Result<Json, std::string> auth_of(const std::string& text) {
  if (text.empty()) return Json();
  auto value = codec::parse_json(text);
  if (value && value->object() != nullptr) return *std::move(value);
  const std::string why = value ? "it is no object" : value.error().message;
  return Failure{"--auth: '" + text +
                 "' is not a JSON object such as {\"token\": \"abc\"}: " + why};
}

socketio::ClientOptions client_options(const TypedEvents& typed,
                                       const ConversationOptions& common) {
  socketio::ClientOptions client;
  client.path = typed.path;
  client.reconnect = common.reconnect;
  if (common.max_attempts != 0) client.max_attempts = common.max_attempts;
  if (typed.msgpack) client.parser = socketio::Parser::msgpack;
  client.engine.transports = transports_of(typed.transport);
  client.engine.fields = common.connect.fields;
  client.engine.deflate = common.connect.deflate;
  return client;
}

}  // namespace

void add_event_options(OptionParser& parser, TypedEvents& typed) {
  parser.heading("Socket.IO")
      .flag("--socketio", typed.socketio,
            "speak Socket.IO 5: lines are events (list below). URL: http://HOST[:PORT][/NAMESPACE]")
      .text("--auth", "OBJECT", typed.auth, "JSON that the server is told when it is joined")
      .text("--path", "PATH", typed.path, "where the server is; default /socket.io/")
      .choice("--transport", {"upgrade", "websocket", "polling"}, typed.transport,
              "upgrade (the default) begins with polling and changes to WebSocket")
      .flag("--msgpack", typed.msgpack, "packets are MessagePack: the server must have that parser")
      .choice("--format", {"text", "json"}, typed.format,
              "json: events, answers and connections as a JSON object a line")
      .duration("--ack-timeout", typed.ack_timeout, "how long /ack waits; default 10s");
}

Result<EventConversationOptions, std::string> event_conversation_options(
    const TypedEvents& typed, const ConversationOptions& common) {
  const auto url = http::parse_url(common.url);
  if (!url) return Failure{"'" + common.url + "': " + std::string(describe(url.error()))};
  if (!typed.path.starts_with('/')) {
    return Failure{"--path: '" + typed.path + "' does not begin with '/'"};
  }
  const std::string opening = opening_problem("ws://" + http::host_field(*url), common.connect);
  if (!opening.empty()) return Failure{opening};
  auto auth = auth_of(typed.auth);
  if (!auth) return Failure{auth.error()};

  EventConversationOptions options = {.url = base_of(*url), .nsp = nsp_of(*url), .auth = *auth};
  options.client = client_options(typed, common);
  options.client.engine.query = query_of(*url);
  options.ack_timeout = std::chrono::ceil<std::chrono::milliseconds>(typed.ack_timeout);
  options.timeout = common.timeout;
  options.max_events = common.max_messages;
  options.display = {
      .json = typed.format == "json", .timestamps = common.display.timestamps, .home = options.nsp};
  return options;
}

std::string misplaced_option(const OptionParser& parser, bool socketio) {
  const auto was_given = [&parser](const char* name) { return parser.given(name).has_value(); };
  if (socketio) {
    const auto* const found = std::ranges::find_if(of_websockets, was_given);
    return found == of_websockets.end() ? "" : "--socketio excludes " + std::string(*found);
  }
  const auto* const found = std::ranges::find_if(ours, was_given);
  return found == ours.end() ? "" : std::string(*found) + " needs --socketio";
}

}  // namespace duplex::tools

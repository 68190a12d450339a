// Events as lines.
#include "event_display.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "clock_text.h"
#include "duplex/codec/json.h"
#include "measure/format.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

using socketio::AckStatus;
using socketio::Json;
using socketio::JsonArray;
using socketio::JsonObject;
using socketio::Values;

constexpr std::size_t shown_bytes = 16;

void append_bytes_words(std::string& text, Bytes bytes) {
  const bool all = bytes.size() <= shown_bytes;
  text += '<' + std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes");
  if (!bytes.empty()) text += ": " + hex_text(bytes.first(std::min(bytes.size(), shown_bytes)));
  text += all ? ">" : " ...>";
}

void append_bytes_object(std::string& text, Bytes bytes) {
  text += R"({"hex":")" + hex_text(bytes) + "\"}";
}

// A text that a line could hold as it is, and would still be one.
bool is_plain(const std::string& text) {
  const bool safe = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  });
  return safe && !text.empty() && !codec::parse_json(text);
}

std::string value_text(const Json& value) {
  const std::string* const text = value.text();
  if (text != nullptr && is_plain(*text)) return *text;
  return printable(codec::write_json(value, append_bytes_words));
}

std::string_view status_name(AckStatus status) {
  constexpr std::array<std::string_view, 3> names = {"answered", "timed out", "disconnected"};
  return names[static_cast<std::size_t>(status)];
}

Json array_of(Values values) { return JsonArray(values.begin(), values.end()); }

}  // namespace

std::string values_text(Values values) {
  std::string text;
  for (const Json& value : values) text += (text.empty() ? "" : " ") + value_text(value);
  return text;
}

std::string text_of(std::string_view nsp, const socketio::ClientDisconnect& why) {
  std::string text = std::string(nsp) + ": " + std::string(describe(why.reason));
  if (!why.detail.empty()) text += " (" + one_line(why.detail) + ")";
  return text;
}

std::optional<Written> EventDisplay::show_object(std::string_view type, JsonObject members) {
  if (!options_.json) return std::nullopt;
  JsonObject object = {{"time", utc_text(clock_.wall_clock())}, {"type", type}};
  std::ranges::move(members, std::back_inserter(object));
  return console_.show(codec::write_json(Json(std::move(object)), append_bytes_object));
}

std::string EventDisplay::front(std::string_view nsp) const {
  std::string text = options_.timestamps ? time_of_day(clock_.wall_clock()) + "  " : "";
  if (nsp != options_.home) text += std::string(nsp) + ' ';
  return text;
}

Written EventDisplay::event(std::string_view nsp, std::string_view name, Values values,
                            const std::optional<JsonArray>& answer) {
  JsonObject object = {{"nsp", nsp}, {"event", name}, {"values", array_of(values)}};
  if (answer) object.emplace_back("answer", *answer);
  if (const auto written = show_object("event", std::move(object))) return *written;
  std::string text = front(nsp) + value_text(Json(name));
  if (!values.empty()) text += ' ' + values_text(values);
  if (answer) text += answer->empty() ? " ->" : " -> " + values_text(*answer);
  return console_.show(text);
}

Written EventDisplay::reply(std::string_view nsp, std::string_view name,
                            const socketio::AckReply& reply, std::chrono::nanoseconds round_trip) {
  const std::string_view status = status_name(reply.status);
  const auto written =
      show_object("ack", {{"nsp", nsp},
                          {"event", name},
                          {"status", status},
                          {"values", array_of(reply.values)},
                          {"seconds", std::chrono::duration<double>(round_trip).count()}});
  if (written) return *written;
  const std::string after = measure::format_duration(round_trip);
  const std::string event = value_text(Json(name));
  if (reply.status == AckStatus::answered) {
    const std::string values = values_text(reply.values);
    return console_.show(front(nsp) + event + " -> " + values + (values.empty() ? "" : " ") +
                         "(after " + after + ")");
  }
  console_.complain("duplex connect: " + event + ": no answer, " + std::string(status) + " after " +
                    after);
  return Written::yes;
}

Written EventDisplay::connected(const socketio::ClientSocket& socket, events::Transport transport) {
  const std::string_view name = transport == events::Transport::polling ? "polling" : "websocket";
  const auto written = show_object("connect", {{"nsp", socket.nsp()},
                                               {"id", socket.id()},
                                               {"transport", name},
                                               {"recovered", socket.recovered()}});
  if (written) return *written;
  console_.note("connected to " + socket.nsp() + " as " + one_line(socket.id()) + ", over " +
                std::string(name) + (socket.recovered() ? ", with what it has missed" : "") +
                "; Ctrl-D closes");
  return Written::yes;
}

Written EventDisplay::refused(std::string_view nsp, const socketio::ConnectError& error,
                              bool again) {
  JsonObject object = {{"nsp", nsp}, {"message", error.message}, {"again", again}};
  if (error.data) object.emplace_back("data", *error.data);
  if (const auto written = show_object("connect_error", std::move(object))) return *written;
  std::string text = "duplex connect: " + std::string(nsp) + ": " + one_line(error.message);
  if (error.data) text += ' ' + value_text(*error.data);
  console_.complain(text);
  return Written::yes;
}

Written EventDisplay::disconnected(std::string_view nsp, const socketio::ClientDisconnect& why,
                                   bool again) {
  const auto written = show_object(
      "disconnect",
      {{"nsp", nsp}, {"reason", describe(why.reason)}, {"detail", why.detail}, {"again", again}});
  if (written) return *written;
  const std::string text = text_of(nsp, why);
  again ? console_.tell("duplex connect: " + text) : console_.note(text);
  return Written::yes;
}

Written EventDisplay::attempt(std::size_t number) {
  if (const auto written = show_object("reconnect_attempt", {{"attempt", number}})) return *written;
  console_.tell("duplex connect: attempt " + std::to_string(number) + " to reconnect");
  return Written::yes;
}

}  // namespace duplex::tools

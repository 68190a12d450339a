// Figures as text: times in seconds, as curl prints them.
#include "figures.h"

#include <optional>

#include "measure/format.h"

namespace duplex::tools {
namespace {

using Instant = net::Clock::time_point;

std::string seconds(std::chrono::nanoseconds time) {
  return measure::fixed(measure::Seconds(time).count(), 6);
}

// Of an instant that never came: nothing has been measured.
std::string since(Instant start, std::optional<Instant> instant) {
  if (!instant || *instant < start) return seconds(std::chrono::nanoseconds(0));
  return seconds(*instant - start);
}

std::string reply_time(const measure::Histogram& replies, double percentile) {
  return seconds(std::chrono::nanoseconds(replies.value_at_percentile(percentile)));
}

std::string close_code(std::optional<CloseCode> code) {
  return std::to_string(code ? static_cast<unsigned>(*code) : 0U);
}

}  // namespace

Figures figures_of(const FigureSources& from) {
  const ConversationFigures& talk = from.conversation;
  const std::uint64_t again = talk.connections > 1 ? talk.connections - 1 : 0;
  return {{"time_namelookup", since(talk.started, from.socket.connecting)},
          {"time_tcp", since(talk.started, from.socket.connected)},
          {"time_upgrade", since(talk.started, talk.opened)},
          {"time_first_message", since(talk.started, talk.first_message)},
          {"time_total", seconds(from.total)},
          {"bytes_out", std::to_string(from.socket.bytes_sent)},
          {"bytes_in", std::to_string(from.socket.bytes_received)},
          {"messages_out", std::to_string(talk.messages_sent)},
          {"messages_in", std::to_string(talk.messages_received)},
          {"rtt_min", reply_time(from.replies, 0)},
          {"rtt_median", reply_time(from.replies, 50)},
          {"rtt_max", reply_time(from.replies, 100)},
          {"http_code", std::to_string(talk.http_status)},
          {"subprotocol", talk.subprotocol},
          {"close_code", close_code(talk.close_code)},
          {"reconnects", std::to_string(again)},
          {"local", from.socket.local.text()},
          {"remote", from.socket.remote.text()},
          {"url", std::string(from.url)},
          {"exitcode", std::to_string(static_cast<int>(from.exit))}};
}

}  // namespace duplex::tools

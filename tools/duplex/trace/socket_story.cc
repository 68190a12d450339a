// System calls in place of packets.
#include "socket_story.h"

#include <iterator>
#include <utility>

#include "application_narrator.h"
#include "summary.h"
#include "words.h"

namespace duplex::tools::trace {
namespace {

using Kind = SocketEvent::Kind;

std::string figures_text(const std::optional<TcpFigures>& tcp) {
  if (!tcp) return "";
  return "round trip " + time_text(tcp->round_trip) + ", MSS " +
         std::to_string(tcp->max_segment_size) + ", segments out " +
         std::to_string(tcp->segments_out) + " and in " + std::to_string(tcp->segments_in) +
         ", sent again " + std::to_string(tcp->retransmissions) + ", congestion window " +
         std::to_string(tcp->congestion_window);
}

Line transport_line(const SocketEvent& event) {
  const std::string size = bytes_text(event.bytes.size());
  const std::string figures = figures_text(event.tcp);
  switch (event.kind) {
    case Kind::connected:
      return {.name = "CONNECTED",
              .what = figures,
              .meaning = "SYN, SYN-ACK and ACK have gone over the wire"};
    case Kind::sent:
      return {.name = "SENT", .what = size, .meaning = "given to the kernel, which sends it"};
    case Kind::received:
      return {.name = "RECEIVED", .what = size, .meaning = "it had come, and was read"};
    case Kind::ended:
      return {.name = "END", .what = figures, .meaning = "FIN of the server: it says nothing more"};
    case Kind::shut:
      return {.name = "SHUTDOWN", .what = figures, .meaning = "our FIN: we say nothing more"};
    case Kind::closed:
      break;
  }
  return {.name = "CLOSE", .what = figures, .meaning = "the socket is given back"};
}

bool from_server(Kind kind) { return kind == Kind::received || kind == Kind::ended; }

}  // namespace

Story tell_socket(const std::vector<SocketEvent>& events, std::size_t shown) {
  Story story;
  ApplicationNarrator application(true, shown);
  for (const SocketEvent& event : events) {
    if (story.steps.size() == most_steps) break;
    Step step = {.number = story.steps.size() + 1,
                 .time = event.time - events.front().time,
                 .from = from_server(event.kind) ? Side::server : Side::client};
    step.lines.push_back(transport_line(event));
    std::vector<Line> said = application.hear(step.from, step.time, event.bytes);
    std::move(said.begin(), said.end(), std::back_inserter(step.lines));
    story.steps.push_back(std::move(step));
  }
  if (events.size() > most_steps) {
    story.remarks.push_back(std::to_string(events.size() - most_steps) +
                            " more system calls were not told: a story has " +
                            std::to_string(most_steps) + " of them at most");
  }
  if (std::string untold = application.untold(); !untold.empty()) {
    story.remarks.push_back(std::move(untold));
  }
  summarize(story, {.application = &application});
  return story;
}

}  // namespace duplex::tools::trace

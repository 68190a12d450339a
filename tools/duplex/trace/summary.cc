// Seven layers, and the sums.
#include "summary.h"

#include <algorithm>

#include "words.h"

namespace duplex::tools::trace {
namespace {

using std::chrono::nanoseconds;

std::string application_layer(const ApplicationNarrator& application) {
  const UpperLayers& seen = application.seen();
  std::string text = "real: " + std::to_string(seen.requests) +
                     (seen.requests == 1 ? " HTTP request" : " HTTP requests");
  if (application.counts().frames > 0) {
    text += ", then " + std::to_string(application.counts().frames) + " WebSocket frames";
  }
  return text;
}

std::string presentation_layer(const UpperLayers& seen) {
  std::string text;
  const auto add = [&text](bool present, std::string_view what) {
    if (!present) return;
    if (!text.empty()) text += ", ";
    text += what;
  };
  add(seen.text, "UTF-8 of the text messages");
  add(seen.masked, "masks on what the client sent");
  add(seen.compressed, "DEFLATE");
  return "a convention, no layer of the Internet: " + (text.empty() ? "nothing seen of it" : text);
}

std::string session_layer(const UpperLayers& seen) {
  if (!seen.upgraded) return "a convention, no layer of the Internet: nothing seen of it";
  return std::string("a convention, no layer of the Internet: the time from 101 to ") +
         (seen.closed ? "Close" : "the end") + (seen.pinged ? ", kept alive by pings" : "");
}

nanoseconds median(std::vector<nanoseconds> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string transport_layer(const SegmentNarrator* segments) {
  if (segments == nullptr) return "real: TCP, seen from the socket only (TCP_INFO)";
  std::string text = "real: TCP";
  if (segments->refused()) return text + ", refused: reset before it was open";
  if (segments->opening_time()) {
    const std::string repeated(segments->repeated_to_open());
    text += ", open after " + time_text(*segments->opening_time()) +
            (repeated.empty() ? " (one round trip)" : " (the " + repeated + " was sent again)");
  }
  if (!segments->round_trips().empty()) {
    text += ", median round trip " + time_text(median(segments->round_trips()));
  }
  const std::size_t again = segments->retransmission_count();
  text += again == 0 ? ", nothing sent twice"
                     : ", " + std::to_string(again) + (again == 1 ? " segment" : " segments") +
                           " sent again";
  return text;
}

std::string network_layer(const Packet* packet) {
  if (packet == nullptr) return "real: IP, not captured";
  return std::string("real: ") + (packet->ip.version == 4 ? "IPv4" : "IPv6") + ", " +
         packet->from.host() + " to " + packet->to.host();
}

std::string link_layer(const Packet* packet) {
  if (packet == nullptr) return "not captured";
  if (!packet->ethernet) return "none that was captured: packets begin with IP";
  const MacAddress nobody = {};
  if (packet->ethernet->from == nobody) {
    return "make-believe: loopback puts an Ethernet header of zeros before its packets";
  }
  return "real: Ethernet, " + mac_text(packet->ethernet->from) + " to " +
         mac_text(packet->ethernet->to);
}

std::string physical_layer(const Packet* packet) {
  const MacAddress nobody = {};
  const bool loopback = packet != nullptr && packet->ethernet && packet->ethernet->from == nobody;
  if (loopback) return "none: the packets never left the memory of this machine";
  return "not to be seen from a program: cables, radio, light";
}

void add_sum(std::string& text, std::uint64_t size, std::string_view of) {
  if (size == 0) return;
  text += text.empty() ? "" : ", ";
  text += std::to_string(size) + " " + std::string(of);
}

// What was paid for what.
std::string cost_of(const ByteCounts& counts, std::uint64_t wire_size) {
  const std::uint64_t stream = counts.http_heads + counts.http_bodies + counts.frame_headers +
                               counts.messages + counts.control_payloads;
  std::string text;
  add_sum(text, counts.messages, "of messages");
  add_sum(text, counts.frame_headers, "of frame headers");
  add_sum(text, counts.control_payloads, "in ping, pong and close");
  add_sum(text, counts.http_heads, "of HTTP heads");
  add_sum(text, counts.http_bodies, "of HTTP bodies");
  if (wire_size > stream) add_sum(text, wire_size - stream, "of TCP, IP and link headers");
  return text;
}

}  // namespace

void summarize(Story& story, const SummaryInput& input) {
  const UpperLayers& seen = input.application->seen();
  story.layers = {{7, "Application", application_layer(*input.application)},
                  {6, "Presentation", presentation_layer(seen)},
                  {5, "Session", session_layer(seen)},
                  {4, "Transport", transport_layer(input.segments)},
                  {3, "Network", network_layer(input.first_packet)},
                  {2, "Data link", link_layer(input.first_packet)},
                  {1, "Physical", physical_layer(input.first_packet)}};
  const std::string cost = cost_of(input.application->counts(), input.wire_size);
  if (input.segments == nullptr) {
    if (!cost.empty()) story.totals.push_back("bytes through the socket: " + cost);
    return;
  }
  const std::size_t count = input.packets;
  story.totals.push_back(std::to_string(count) + (count == 1 ? " packet, " : " packets, ") +
                         bytes_text(input.wire_size) + " on the wire" +
                         (cost.empty() ? "" : ": " + cost));
}

}  // namespace duplex::tools::trace

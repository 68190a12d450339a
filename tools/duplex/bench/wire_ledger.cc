// Sorts captured packets by what their bytes are for.
#include "wire_ledger.h"

#include <algorithm>
#include <utility>

namespace duplex::tools {
namespace {

constexpr std::size_t ethernet_header_size = 14;
constexpr std::size_t timestamps_size = 12;       // of the option in each segment: RFC 7323 3.2
constexpr std::size_t usual_segment_size = 1460;  // where the capture has not seen a SYN
constexpr std::size_t max_head_size = std::size_t{64} << 10;
constexpr std::string_view own_question = "GET /metrics ";

double as_number(std::size_t size) { return static_cast<double>(size); }

}  // namespace

std::size_t WireLedger::Head::take(Bytes bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  const std::size_t known = text.size();
  text += as_text(bytes);
  const std::size_t at = text.find(end, known < end.size() ? 0 : known - end.size() + 1);
  complete = at != std::string::npos || text.size() > max_head_size;
  if (at == std::string::npos) return bytes.size();
  text.resize(at + end.size());
  return text.size() - known;
}

WireLedger::WireLedger(std::vector<std::uint16_t> server_ports)
    : server_ports_(std::move(server_ports)) {}

void WireLedger::count(Connection& connection, double WireBytes::*part, double bytes) {
  if (connection.ignored) return;
  if (connection.exchange.was_empty && part != &WireBytes::packets) part = &WireBytes::empty_polls;
  sum_.*part += bytes;
  connection.sum.*part += bytes;
  connection.exchange.bytes.*part += bytes;
}

void WireLedger::ignore(Connection& connection) {
  sum_ -= connection.sum;
  connection.ignored = true;
}

WireLedger::Connection& WireLedger::connection_of(const trace::Packet& packet,
                                                  const std::string& client) {
  Connection& connection = connections_[client];
  // The port is used again.
  if (packet.tcp.syn && !packet.tcp.ack && connection.client.stream.started() &&
      connection.client.stream.next_sequence() != packet.tcp.sequence + 1) {
    connection = {};
  }
  return connection;
}

void WireLedger::add(const trace::CapturedPacket& captured) {
  const auto packet = trace::read_packet(captured.link, captured.bytes);
  if (!packet) return;
  const bool from_client = std::find(server_ports_.begin(), server_ports_.end(),
                                     packet->to.port()) != server_ports_.end();
  Connection& connection = connection_of(*packet, (from_client ? packet->from : packet->to).text());
  Side& side = from_client ? connection.client : connection.server;
  Side& other = from_client ? connection.server : connection.client;
  const trace::TcpHeader& tcp = packet->tcp;
  if (tcp.syn) {
    side.stream.start(tcp.sequence + 1);
    side.max_segment_size = tcp.options.max_segment_size.value_or(usual_segment_size);
  }
  if (!side.stream.started()) side.stream.start(tcp.sequence);
  if (tcp.ack) other.stream.skip_to(tcp.acknowledgement);
  const std::size_t header_size = ethernet_header_size + packet->ip.header_size + tcp.header_size;
  const bool opens_or_ends = tcp.syn || tcp.fin || tcp.rst;
  if (packet->payload_size > 0) {
    add_payload(connection, from_client, *packet, as_number(header_size));
  } else {
    count(connection, &WireBytes::packets, 1);
    count(connection, opens_or_ends ? &WireBytes::packet_headers : &WireBytes::acknowledgements,
          as_number(header_size));
  }
  if (tcp.fin || tcp.rst) note_end(connection, side);
}

void WireLedger::add_payload(Connection& connection, bool from_client, const trace::Packet& packet,
                             double headers) {
  Side& side = from_client ? connection.client : connection.server;
  const std::size_t offered =
      std::min(connection.client.max_segment_size, connection.server.max_segment_size);
  const std::size_t taken = packet.tcp.options.timestamps ? timestamps_size : 0;
  const std::size_t most = (offered <= taken ? usual_segment_size : offered) - taken;
  const double packets = as_number((packet.payload_size + most - 1) / most);
  const std::uint32_t due = side.stream.next_sequence();
  const trace::Arrival arrival = side.stream.receive(packet.tcp.sequence, packet.payload);
  if (arrival.kind == trace::Arrival::Kind::retransmitted) {
    count(connection, &WireBytes::packets, packets);
    count(connection, &WireBytes::sent_again, packets * headers + as_number(packet.payload_size));
    return;
  }
  // First: whether this begins a request decides to which one its headers belong.
  if (from_client && !connection.upgraded) begin_request(connection);
  count(connection, &WireBytes::packets, packets);
  count(connection, &WireBytes::packet_headers, packets * headers);
  if (arrival.kind == trace::Arrival::Kind::overlapping) {
    count(connection, &WireBytes::sent_again,
          as_number(static_cast<std::size_t>(trace::sequence_distance(packet.tcp.sequence, due))));
  }
  if (arrival.kind == trace::Arrival::Kind::too_far) {
    count(connection, &WireBytes::content, as_number(packet.payload_size));
  }
  classify(connection, from_client, arrival.ready);
}

void WireLedger::classify(Connection& connection, bool from_client, Bytes bytes) {
  if (bytes.empty()) return;
  if (connection.upgraded || (!from_client && !connection.is_http)) {
    return count(connection, &WireBytes::content, as_number(bytes.size()));
  }
  from_client ? read_request(connection, bytes) : read_answer(connection, bytes);
}

// The answer to the one before has come: this is the next one.
void WireLedger::begin_request(Connection& connection) {
  connection.is_http = true;
  if (!connection.server.head.complete) return;
  end_exchange(connection);
  connection.exchange = {};
  connection.client.head = {};
  connection.server.head = {};
}

// Polls are GET requests: no content follows their heads.
void WireLedger::read_request(Connection& connection, Bytes bytes) {
  Head& head = connection.client.head;
  const std::size_t size = head.take(bytes);
  if (head.text.starts_with(own_question)) return ignore(connection);
  count(connection, &WireBytes::heads, as_number(size));
  count(connection, &WireBytes::content, as_number(bytes.size() - size));
}

void WireLedger::read_answer(Connection& connection, Bytes bytes) {
  Head& head = connection.server.head;
  const std::size_t size = head.complete ? 0 : head.take(bytes);
  count(connection, &WireBytes::heads, as_number(size));
  if (head.text.starts_with("HTTP/1.1 101")) connection.upgraded = true;
  count(connection, &WireBytes::content, as_number(bytes.size() - size));
}

void WireLedger::end_exchange(Connection& connection) {
  Exchange& exchange = connection.exchange;
  const bool answered = connection.server.head.complete && !connection.upgraded;
  if (!answered || exchange.was_empty || exchange.bytes.content > 0) return;
  const WireBytes moved = exchange.bytes;
  WireBytes change = moved * -1;
  change.packets = 0;
  change.empty_polls = moved.total();
  if (!connection.ignored) {
    sum_ += change;
    connection.sum += change;
  }
  exchange.was_empty = true;
}

// Both sides have nothing more to say: what still comes are the last acknowledgements.
void WireLedger::note_end(Connection& connection, Side& side) {
  side.ended = true;
  if (connection.client.ended && connection.server.ended) end_exchange(connection);
}

}  // namespace duplex::tools

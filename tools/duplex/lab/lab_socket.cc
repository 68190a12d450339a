// The WebSocket that the lab page keeps open for itself.
#include "lab_socket.h"

#include <algorithm>
#include <any>
#include <string>

#include "duplex/websocket/handshake.h"
#include "measure/json_writer.h"

namespace duplex::tools::lab {
namespace {

constexpr std::size_t max_token_size = 64;  // bytes of a question that come back

// How the connection began, kept as JSON until it is asked for.
std::string hello_json(const http::Request& request) {
  measure::JsonWriter json;
  json.begin_object().key("hello").begin_object();
  json.key("request").begin_object().member("target", request.target);
  json.key("fields").begin_array();
  for (const http::Field& field : request.fields) {
    // Cookies and passwords are nobody's business, not even on the page itself.
    const bool secret =
        http::iequals(field.name, "Cookie") || http::iequals(field.name, "Authorization");
    json.begin_array().value(field.name).value(secret ? "(not shown)" : field.value).end_array();
  }
  json.end_array().end_object();
  const auto key = request.fields.find("Sec-WebSocket-Key").value_or("");
  json.member("accept", websocket::accept_value(key));
  json.end_object().end_object();
  return json.text();
}

void write_tcp(measure::JsonWriter& json, const net::TcpInfo& tcp) {
  const auto milliseconds = [](std::chrono::microseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
  };
  json.begin_object();
  json.member("round_trip", milliseconds(tcp.round_trip));
  json.member("round_trip_variation", milliseconds(tcp.round_trip_variation));
  json.member("least_round_trip", milliseconds(tcp.least_round_trip));
  json.member("max_segment_size", tcp.max_segment_size);
  json.member("congestion_window", tcp.congestion_window);
  json.member("peer_window", tcp.peer_window);
  json.member("unacknowledged", tcp.unacknowledged);
  json.member("retransmissions", tcp.retransmissions);
  json.member("segments_sent", tcp.segments_sent);
  json.member("segments_received", tcp.segments_received);
  json.member("data_segments_sent", tcp.data_segments_sent);
  json.member("data_segments_received", tcp.data_segments_received);
  json.member("bytes_sent", tcp.bytes_sent);
  json.member("bytes_acknowledged", tcp.bytes_acknowledged);
  json.member("bytes_received", tcp.bytes_received);
  json.end_object();
}

std::string tcp_json(const Connection& peer) {
  measure::JsonWriter json;
  json.begin_object().key("tcp");
  if (const auto tcp = peer.tcp_info()) {
    write_tcp(json, *tcp);
  } else {
    json.null();
  }
  const net::Address address = peer.peer_address();
  const bool is_unix = address.family() == net::AddressFamily::unix_domain;
  json.member("address", is_unix ? "unix" : address.host());
  json.member("port", address.port());
  json.end_object();
  return json.text();
}

}  // namespace

void LabSocket::add_route() {
  server_.websocket(
      "/lab/socket",
      {.on_open = [](Connection& peer,
                     const http::Request& request) { peer.user_data() = hello_json(request); },
       .on_message = [this](Connection& peer, Message message) { answer(peer, message.text()); }},
      {.protocol = &protocol_});
}

void LabSocket::answer(Connection& peer, std::string_view question) {
  const std::string_view word = question.substr(0, question.find(' '));
  question.remove_prefix(std::min(word.size() + 1, question.size()));
  if (word == "hello") {
    peer.send_text(*std::any_cast<std::string>(&peer.user_data()));
    return;
  }
  if (word == "tcp") {
    peer.send_text(tcp_json(peer));
    return;
  }
  measure::JsonWriter json;
  json.begin_object();
  if (word == "clock") {
    json.member("clock", question.substr(0, max_token_size));
    json.member("now", server_.loop().kernel().now().time_since_epoch().count());
  } else if (word == "echo") {
    json.member("echo", question);
  } else {
    json.member("error", "clock TOKEN, hello, tcp or echo TEXT is asked here");
  }
  json.end_object();
  peer.send_text(json.text());
}

}  // namespace duplex::tools::lab

// Faults of deliberately broken clients, each with a case of the suite that must find it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "check_fault_makers.h"

namespace duplex::tools::suite {

// A client that asks for nothing takes whatever a server says of its context.
inline const websocket::DeflateOptions any_context = {.context_takeover = true,
                                                      .peer_context_takeover = true};

// Reads an answer as if `wrong` were `right`.
inline Fault believes(std::string name, std::string caught_by, std::string wrong,
                      std::string right) {
  return {.name = std::move(name),
          .caught_by = std::move(caught_by),
          .response = [wrong, right](std::string& head) { head = replaced(head, wrong, right); },
          .deflate = any_context};
}

inline std::vector<Fault> client_faults() {
  const std::string fields = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                             accept_for(usual_key) + "\r\n";
  return {
      believes("does not look at Sec-WebSocket-Accept", "K02",
               "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", accept_for(usual_key)),
      believes("does not miss Upgrade", "K05", "Protocols\r\nConnection: Upgrade\r\n",
               "Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"),
      believes("opens over HTTP/1.0", "K11", "HTTP/1.0", "HTTP/1.1"),
      believes("takes an extension that it did not offer", "K13",
               "Sec-WebSocket-Extensions: x-foo\r\n", ""),
      believes("does not look at the parameters of compression", "K16",
               "; server_max_window_bits=16", ""),
      believes("takes a subprotocol that it did not ask for", "K21",
               "Sec-WebSocket-Protocol: evil\r\n", ""),
      {.name = "opens whatever the status",
       .caught_by = "K08",
       .response =
           [fields](std::string& head) {
             head = replaced(head, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
                             "HTTP/1.1 101 OK\r\n" + fields);
           }},
      {.name = "opens before the head is whole",
       .caught_by = "K24",
       .response =
           [fields](std::string& head) {
             head = replaced(head, "101 X\r\nUpg", "101 X\r\n" + fields + "\r\n");
           }},
      {.name = "takes an interim answer for the last one",
       .caught_by = "K12",
       .response =
           [](std::string& head) { head = replaced(head, "HTTP/1.1 103", "HTTP/1.1 403"); }},
  };
}

}  // namespace duplex::tools::suite

// The rows of tests/data/client_openings.json: hostile answers to a client's opening.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../support/rows.h"
#include "duplex/websocket/handshake.h"

namespace duplex {

struct OpeningRow {
  std::string id;
  std::string head;  // {A} stands for the right Sec-WebSocket-Accept
  std::string then;
  bool ends = false;  // FIN follows

  // All that the server sends to a client with that key.
  std::string answer_to(const std::string& key) const {
    std::string answer = head;
    for (std::size_t at; (at = answer.find("{A}")) != std::string::npos;) {
      answer.replace(at, 3, websocket::accept_value(key));
    }
    return answer + then;
  }
};

inline std::vector<OpeningRow> load_openings() {
  std::vector<OpeningRow> rows;
  for (const auto& json : support::load_rows("client_openings.json").array) {
    rows.push_back({json["id"].string, support::bytes_of(json["response_head"]),
                    support::bytes_of(json["then"]), json["then"].string == "FIN"});
  }
  return rows;
}

}  // namespace duplex

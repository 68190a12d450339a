// Two ends that talk, packet by packet, and what is told of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "../../tools/duplex/trace/narrator.h"
#include "trace_packets.h"
#include "trace_talk.h"

namespace duplex::tools::trace {

// Two ends that count their bytes, and a narrator that hears them.
class Scene {
 public:
  explicit Scene(NarratorOptions options = {}) : narrator(options) {}

  // The names of the lines of layers 4 and 7: "DATA|GET".
  std::string add(PacketPlan plan) {
    plan.time = std::chrono::microseconds(time += 10);
    const Step* const step = narrator.add(make_packet(plan));
    if (step == nullptr) return "";
    last = *step;
    std::string names;
    for (const Line& line : step->lines) {
      if (line.layer != 4 && line.layer != 7) continue;
      if (!names.empty()) names += '|';
      names += line.name;
    }
    return names;
  }
  // The next packet of a side, after what it has said and heard.
  std::string say(Side from, std::string_view payload, std::string_view flags = "A") {
    std::uint32_t& mine = from == Side::client ? client : server;
    const std::uint32_t sequence = mine;
    mine += static_cast<std::uint32_t>(payload.size());
    if (flags.find_first_of("SF") != std::string_view::npos) ++mine;
    return add({.from_client = from == Side::client,
                .flags = flags,
                .sequence = sequence,
                .acknowledgement = from == Side::client ? server : client,
                .payload = payload});
  }
  void open() {
    EXPECT_EQ(say(Side::client, "", "S"), "SYN");
    EXPECT_EQ(say(Side::server, "", "SA"), "SYN-ACK");
    EXPECT_EQ(say(Side::client, ""), "ACK");
  }
  void upgrade() {
    open();
    EXPECT_EQ(say(Side::client, opening_request), "DATA|GET");
    EXPECT_EQ(say(Side::server, opening_answer()), "DATA|101");
  }
  const Line& line(std::string_view name) const {
    const auto found = std::find_if(last.lines.begin(), last.lines.end(),
                                    [name](const Line& line) { return line.name == name; });
    EXPECT_NE(found, last.lines.end()) << name;
    return found == last.lines.end() ? last.lines.front() : *found;
  }

  Narrator narrator;
  Step last = {};
  std::uint32_t client = 1000;
  std::uint32_t server = 5000;
  int time = 0;
};

}  // namespace duplex::tools::trace

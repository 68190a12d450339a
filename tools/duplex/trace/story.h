// A connection told: packets, and what each means at each layer. Values.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../capture/captured_packet.h"
#include "../frames/dialogue.h"

namespace duplex::tools::trace {

// One thing that a packet says at one layer of the OSI model.
struct Line {
  int layer = 4;                          // 2 to 7
  std::string name = {};                  // "SYN", "TEXT", "101"
  std::string what = {};                  // the rest of the line
  std::string meaning = {};               // in words a beginner understands: one sentence
  std::vector<std::string> details = {};  // lines below it
  std::string states = {};                // layer 4: of both ends, after it; flags, window
  std::string explanation = {};           // for who wants to know more
};

// What happened at one instant: a packet, or, where nothing could be captured, a system call.
struct Step {
  std::size_t number = 0;            // from 1
  std::chrono::nanoseconds time{0};  // since the first step
  Side from = Side::client;
  std::size_t size = 0;  // bytes with all headers; 0 for a system call
  std::vector<Line> lines = {};
};

// What is real at one layer here, and what showed it.
struct LayerSummary {
  int layer = 7;
  std::string name = {};
  std::string what = {};
};

// What is beyond these is counted and not told, which a remark says: a peer could fill all memory.
inline constexpr std::size_t most_steps = 50'000;
inline constexpr std::size_t most_utterances = 20'000;  // frames, requests, answers, bodies
inline constexpr std::size_t most_kept_bytes = std::size_t{64} << 20;  // of packets, or of a socket

struct Story {
  std::string client = {};  // "127.0.0.1:40000"
  std::string server = {};
  std::vector<Step> steps = {};
  std::vector<LayerSummary> layers = {};  // 7 first
  std::vector<std::string> totals = {};   // sentences
  std::vector<std::string> remarks = {};  // what the reader must know about how this came about
  // As captured, with the story as comments: empty when nothing was captured.
  std::vector<CapturedPacket> packets = {};
  std::string interface = {};  // it was captured on; empty when it is not known
};

}  // namespace duplex::tools::trace

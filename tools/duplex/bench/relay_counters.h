// What a relay of bytes has done. Values.
#pragma once

#include <chrono>
#include <cstdint>

namespace duplex::tools {

// Of one direction, in bytes of TCP's payload.
struct RelayDirection {
  std::uint64_t bytes_in = 0;   // read from who sends
  std::uint64_t bytes_out = 0;  // written to who receives
  std::uint64_t on_the_way = 0;
  std::chrono::nanoseconds latest{0};  // handed over that long after they were due, at most

  // Their connection had gone when they were due.
  std::uint64_t cut() const noexcept { return bytes_in - bytes_out - on_the_way; }
};

struct RelayCounters {
  std::uint64_t connections = 0;
  RelayDirection up = {};    // from who has connected
  RelayDirection down = {};  // to it
};

}  // namespace duplex::tools

// What the lanes of a race cost at the server's sockets, in bytes and segments of TCP.
//
// A browser uses its connections for any request, so the polls of two lanes share them: what the
// kernel counts for a connection (TCP_INFO) is read at each request and shared out. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "duplex/endpoint/exchange.h"
#include "duplex/net/kernel.h"

namespace duplex::tools::lab {

enum class LaneName : std::uint8_t { ws, sse, lp, sp };
inline constexpr std::array<std::string_view, 4> lane_names = {"ws", "sse", "lp", "sp"};

struct LaneUsage {
  std::uint64_t requests = 0;
  std::uint64_t bytes_received = 0;  // of the stream: heads, frames and payloads
  std::uint64_t bytes_sent = 0;
  std::uint64_t data_segments = 0;  // both ways
  std::uint64_t bare_segments = 0;  // acknowledgements that travel alone, mostly

  void add(const LaneUsage& other) noexcept;
};
using LaneUsages = std::array<LaneUsage, lane_names.size()>;

// Owner: the races of one thread. Thread: theirs.
class WireLedger {
 public:
  // Connections remembered; beyond, the one that was used the longest ago is forgotten.
  explicit WireLedger(std::size_t max_connections = 512) : max_connections_(max_connections) {}

  // A request for that lane has been read; for a WebSocket, its opening (request 0). What was
  // received since the last one is this request; what was sent, and every acknowledgement, belongs
  // to the lane before. Of a connection's first request nothing is known but where it ended.
  void note(endpoint::ExchangeId exchange, const net::TcpInfo& now,
            std::shared_ptr<LaneUsage> lane);
  // Everything since the last reading belongs to the lane that has the connection.
  void refresh(endpoint::ConnectionId connection, const net::TcpInfo& now);

  // Calls visit(ExchangeId) for each connection that `lane` has.
  template <class Visit>
  void for_each_of(const LaneUsage* lane, Visit visit) const {
    for (const auto& [connection, entry] : entries_) {
      if (entry.lane.get() == lane) visit(endpoint::ExchangeId{connection, entry.request});
    }
  }

 private:
  struct Entry {
    std::shared_ptr<LaneUsage> lane;
    net::TcpInfo last = {};
    std::uint32_t request = 0;
    std::uint64_t used = 0;  // when, counted in notes
  };

  void make_room();

  std::size_t max_connections_;
  std::map<endpoint::ConnectionId, Entry> entries_;
  std::uint64_t note_count_ = 0;
};

}  // namespace duplex::tools::lab

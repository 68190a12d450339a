// Sorts captured packets by what their bytes are for. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../capture/captured_packet.h"
#include "../trace/tcp_stream.h"
#include "wire_bytes.h"

namespace duplex::tools {

// Takes the packets of all connections to a server, in their order. A connection that begins with
// GET /metrics is the bench's own question and does not count. Owner: whoever captures.
//
// With segmentation offload one captured packet stands for several on the wire: as many as its
// content is times the segment size on which both sides agreed.
class WireLedger {
 public:
  explicit WireLedger(std::vector<std::uint16_t> server_ports);

  void add(const trace::CapturedPacket& packet);
  const WireBytes& sum() const noexcept { return sum_; }

 private:
  // A head of HTTP as it comes in, up to its empty line.
  struct Head {
    std::string text = {};
    bool complete = false;
    std::size_t take(Bytes bytes);  // how many of them belong to it
  };
  struct Side {
    trace::TcpStream stream = {};
    std::size_t max_segment_size = 0;  // that it has offered; 0: not seen
    Head head = {};
    bool ended = false;
  };
  // From a request until the next one, or from connecting to the first one's end.
  struct Exchange {
    WireBytes bytes = {};
    bool was_empty = false;  // it is known to be: what still comes is an empty poll's
  };
  struct Connection {
    Side client = {};
    Side server = {};
    Exchange exchange = {};
    WireBytes sum = {};
    bool ignored = false;
    bool is_http = false;   // the client has begun a request
    bool upgraded = false;  // no heads any more
  };

  Connection& connection_of(const trace::Packet& packet, const std::string& client);
  void add_payload(Connection& connection, bool from_client, const trace::Packet& packet,
                   double headers);
  void classify(Connection& connection, bool from_client, Bytes bytes);
  void read_request(Connection& connection, Bytes bytes);
  void read_answer(Connection& connection, Bytes bytes);
  void begin_request(Connection& connection);
  void end_exchange(Connection& connection);
  void note_end(Connection& connection, Side& side);
  void count(Connection& connection, double WireBytes::*part, double bytes);
  void ignore(Connection& connection);

  std::vector<std::uint16_t> server_ports_;
  std::map<std::string, Connection> connections_;  // by the client's address
  WireBytes sum_ = {};
};

}  // namespace duplex::tools

// The states of both ends of a TCP connection as its packets move them: RFC 9293 section 3.3.2.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "../capture/packet.h"
#include "../frames/dialogue.h"

namespace duplex::tools::trace {

enum class TcpState : std::uint8_t {
  closed,
  listen,
  syn_sent,
  syn_received,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  time_wait,
};

std::string_view name_of(TcpState state) noexcept;  // "SYN-SENT"

// Each packet counts as received when it is seen. Owner: a narrator.
class TcpStates {
 public:
  // Without its SYN, a connection is taken for established.
  explicit TcpStates(bool from_start);

  // `due` is the number that the other side waits for once this packet has come. A FIN that came
  // before what stands before it counts when that is there (RFC 9293 section 3.10.7.4), or when it
  // is acknowledged.
  void see(Side from, const TcpHeader& header, std::size_t payload_size, std::uint32_t due);
  TcpState of(Side side) const noexcept { return states_[static_cast<std::size_t>(side)]; }
  // Nothing more is due: both have said FIN and it was acknowledged, or one has reset it.
  bool ended() const noexcept;

 private:
  void see_syn(Side from, bool ack);
  void see_ack(Side from, std::uint32_t acknowledgement);
  void send_fin(Side from, std::uint32_t sequence);
  void receive_fin(Side to);
  TcpState& state(Side side) noexcept { return states_[static_cast<std::size_t>(side)]; }

  std::array<TcpState, 2> states_;
  std::array<std::optional<std::uint32_t>, 2> fins_ = {};  // the number of each FIN
};

}  // namespace duplex::tools::trace

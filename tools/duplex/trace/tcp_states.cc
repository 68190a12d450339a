// Moves both ends from state to state.
#include "tcp_states.h"

#include "tcp_stream.h"

namespace duplex::tools::trace {

std::string_view name_of(TcpState state) noexcept {
  static constexpr std::array<std::string_view, 11> names = {
      "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
      "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT"};
  return names[static_cast<std::size_t>(state)];
}

TcpStates::TcpStates(bool from_start)
    : states_{from_start ? TcpState::closed : TcpState::established,
              from_start ? TcpState::listen : TcpState::established} {}

void TcpStates::see(Side from, const TcpHeader& header, std::size_t payload_size,
                    std::uint32_t due) {
  if (header.rst) {
    states_.fill(TcpState::closed);
    return;
  }
  if (header.syn) see_syn(from, header.ack);
  if (header.ack) see_ack(from, header.acknowledgement);
  if (header.fin) send_fin(from, header.sequence + static_cast<std::uint32_t>(payload_size));
  const auto& fin = fins_[static_cast<std::size_t>(from)];
  if (fin && sequence_distance(*fin, due) >= 0) receive_fin(other(from));
}

void TcpStates::see_syn(Side from, bool ack) {
  if (!ack && state(from) == TcpState::closed) {
    state(from) = TcpState::syn_sent;
    state(other(from)) = TcpState::syn_received;
  }
  if (ack && state(other(from)) == TcpState::syn_sent) {
    state(other(from)) = TcpState::established;
  }
}

void TcpStates::see_ack(Side from, std::uint32_t acknowledgement) {
  TcpState& acknowledged = state(other(from));
  if (acknowledged == TcpState::syn_received && state(from) == TcpState::established) {
    acknowledged = TcpState::established;
  }
  const auto& fin = fins_[static_cast<std::size_t>(other(from))];
  if (!fin || sequence_distance(*fin, acknowledgement) <= 0) return;
  receive_fin(from);
  if (acknowledged == TcpState::fin_wait_1) acknowledged = TcpState::fin_wait_2;
  if (acknowledged == TcpState::closing) acknowledged = TcpState::time_wait;
  if (acknowledged == TcpState::last_ack) acknowledged = TcpState::closed;
}

void TcpStates::send_fin(Side from, std::uint32_t sequence) {
  fins_[static_cast<std::size_t>(from)] = sequence;
  TcpState& sender = state(from);
  if (sender == TcpState::established || sender == TcpState::syn_received) {
    sender = TcpState::fin_wait_1;
  }
  if (sender == TcpState::close_wait) sender = TcpState::last_ack;
}

// Again, it changes nothing.
void TcpStates::receive_fin(Side to) {
  TcpState& receiver = state(to);
  if (receiver == TcpState::established) receiver = TcpState::close_wait;
  if (receiver == TcpState::fin_wait_1) receiver = TcpState::closing;
  if (receiver == TcpState::fin_wait_2) receiver = TcpState::time_wait;
}

bool TcpStates::ended() const noexcept {
  const auto over = [](TcpState state) {
    return state == TcpState::closed || state == TcpState::time_wait;
  };
  const bool began = of(Side::server) != TcpState::listen;
  return began && over(of(Side::client)) && over(of(Side::server));
}

}  // namespace duplex::tools::trace

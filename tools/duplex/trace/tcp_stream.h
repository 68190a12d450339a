// One direction of a TCP connection: segments in, bytes in order out. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "duplex/base/bytes.h"

namespace duplex::tools::trace {

// How a segment fits to what came before it.
struct Arrival {
  enum class Kind : std::uint8_t {
    empty,          // no payload
    in_order,       // begins with the byte that was due
    retransmitted,  // all of it had come before
    overlapping,    // begins with what had come before, and has something new
    ahead,          // something before it is missing: it waits
    too_far,        // it would wait, but too much waits already: it is forgotten
  };
  Kind kind = Kind::empty;
  std::size_t missing = 0;  // ahead, too_far: bytes before it
  // What can be read now: of this segment, and what waited behind it.
  std::vector<std::byte> ready = {};
  bool filled_gap = false;  // something had been waiting for it
};

// Owner: whoever follows the connection.
class TcpStream {
 public:
  // Bytes that may wait for a missing segment.
  static constexpr std::size_t max_waiting = std::size_t{8} << 20;

  // `sequence` is the number of the first byte: one behind that of the SYN.
  void start(std::uint32_t sequence) noexcept;
  bool started() const noexcept { return started_; }
  std::uint32_t next_sequence() const noexcept { return next_; }  // the byte that is due

  Arrival receive(std::uint32_t sequence, Bytes payload);

  // The receiver has acknowledged up to `sequence`: what has not been seen before it was missed by
  // the capture, not lost on the way. Skips to it, and returns how many bytes were missed (0:
  // none).
  std::size_t skip_to(std::uint32_t sequence) noexcept;

 private:
  bool keep(std::uint64_t place, Bytes payload);
  void take_waiting(Arrival& arrival);

  bool started_ = false;
  std::uint32_t next_ = 0;
  std::map<std::uint64_t, std::vector<std::byte>> waiting_ = {};  // by place in the stream
  std::size_t waiting_size_ = 0;
  std::uint64_t place_ = 0;  // of the byte that is due, counted from the first
};

// How far `to` lies behind `from`, around the end of the numbers: RFC 9293 section 3.4.
constexpr std::int32_t sequence_distance(std::uint32_t from, std::uint32_t to) noexcept {
  return static_cast<std::int32_t>(to - from);
}

}  // namespace duplex::tools::trace

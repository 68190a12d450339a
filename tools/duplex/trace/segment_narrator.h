// What a packet says below the application: layers 2 to 4, and the bytes that it brings. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../capture/checksum.h"
#include "story.h"
#include "tcp_states.h"
#include "tcp_stream.h"

namespace duplex::tools::trace {

// Owner: a Narrator, one for each connection.
class SegmentNarrator {
 public:
  explicit SegmentNarrator(bool from_start) : from_start_(from_start), states_(from_start) {}

  struct Told {
    std::vector<Line> lines = {};        // layers 2, 3 and 4
    std::vector<std::byte> ready = {};   // for the application, in order
    std::optional<Side> lost_side = {};  // of which nothing more can be read
    std::string lost = {};               // why
    bool side_finished = false;          // FIN or RST, and everything before it has come
  };
  // `captured` is what `packet` was read from.
  Told tell(Side from, std::chrono::nanoseconds time, const Packet& packet, Bytes captured);

  bool ended() const noexcept { return states_.ended(); }
  // It was over before it was open.
  bool refused() const noexcept { return from_start_ && ended() && !opening_; }
  // From a segment to its acknowledgement, without those that were sent twice.
  const std::vector<std::chrono::nanoseconds>& round_trips() const noexcept { return trips_; }
  std::optional<std::chrono::nanoseconds> opening_time() const noexcept { return opening_; }
  // "SYN" or "SYN-ACK", or nothing; with it, the time to open is no round trip.
  std::string_view repeated_to_open() const noexcept { return repeated_to_open_; }
  std::size_t retransmission_count() const noexcept { return retransmissions_; }
  std::size_t unfinished_checksums() const noexcept { return unfinished_checksums_; }
  std::size_t largest_payload() const noexcept { return largest_payload_; }

 private:
  struct Half {
    TcpStream stream = {};
    std::optional<std::uint32_t> acknowledged = {};      // by the other side
    std::optional<std::uint16_t> max_segment_size = {};  // that this side takes
    std::optional<std::uint8_t> window_scale = {};
    bool window_closed = false;
    bool has_finished = false;
    std::optional<std::uint32_t> syn_sequence = {};
    std::optional<std::uint32_t> fin_sequence = {};
    bool fin_waits = false;  // it came before what stands before it
    // Ends of segments whose acknowledgement will tell a round trip.
    std::deque<std::pair<std::uint32_t, std::chrono::nanoseconds>> sent = {};
  };

  Line tell_segment(Side from, std::chrono::nanoseconds time, const Packet& packet,
                    const Arrival& arrival);
  Line tell_opening(std::chrono::nanoseconds time, const Packet& packet);
  Line tell_data(Side from, const Packet& packet, const Arrival& arrival);
  Line tell_fin(Side from, const Packet& packet);
  Line tell_bare(Side from, const Packet& packet);
  Line tell_acknowledgement(Side from, const Packet& packet);
  Line tell_selective(Side from, const Packet& packet) const;
  std::string span_text(Side of, const SackBlock& block) const;
  // A SYN or a bare FIN that has been seen before; data is for the stream to know.
  bool is_repeated(Side from, const Packet& packet) const noexcept;
  void note_opening(Side from, std::chrono::nanoseconds time, const Packet& packet);
  void add_details(Line& line, Side from, const Packet& packet) const;
  Arrival receive(Side from, const Packet& packet, Told& told);
  void take_acknowledgement(Side from, std::chrono::nanoseconds time, const Packet& packet,
                            Told& told);
  void remember(Side from, std::chrono::nanoseconds time, const Packet& packet,
                const Arrival& arrival);
  void finish_side(Side from, const Packet& packet, Told& told);
  Half& half(Side side) noexcept { return halves_[static_cast<std::size_t>(side)]; }
  const Half& half(Side side) const noexcept { return halves_[static_cast<std::size_t>(side)]; }
  std::uint64_t window_of(Side from, const Packet& packet) const noexcept;

  bool from_start_ = false;
  TcpStates states_;
  std::array<Half, 2> halves_ = {};
  std::optional<std::chrono::nanoseconds> syn_time_ = {};
  std::optional<std::chrono::nanoseconds> opening_ = {};  // from SYN to the third packet
  std::string_view repeated_to_open_ = {};
  bool opens_now_ = false;                                    // by the packet that is told
  bool repeated_ = false;                                     // the packet that is told
  std::optional<std::chrono::nanoseconds> newest_trip_ = {};  // by the packet that is told
  std::vector<std::chrono::nanoseconds> trips_ = {};
  std::size_t retransmissions_ = 0;
  std::size_t unfinished_checksums_ = 0;
  std::size_t largest_payload_ = 0;
};

}  // namespace duplex::tools::trace

// TCP, packet by packet.
#include "segment_narrator.h"

#include <algorithm>
#include <utility>

#include "explanations.h"
#include "lower_layers.h"
#include "words.h"

namespace duplex::tools::trace {
namespace {

using std::chrono::nanoseconds;

std::string numbers(const Packet& packet) {
  std::string text = "seq=" + std::to_string(packet.tcp.sequence);
  if (packet.tcp.ack) text += " ack=" + std::to_string(packet.tcp.acknowledgement);
  return text;
}

// "; I have everything of yours before 4711", where the packet says so.
std::string having(const Packet& packet) {
  if (!packet.tcp.ack) return "";
  return "; I have all of yours before " + std::to_string(packet.tcp.acknowledgement);
}

std::uint32_t end_of(const Packet& packet) noexcept {
  return packet.tcp.sequence + static_cast<std::uint32_t>(packet.payload_size) +
         (packet.tcp.syn ? 1 : 0) + (packet.tcp.fin ? 1 : 0);
}

Line make_line(std::string name, std::string what, std::string meaning) {
  Line line = {
      .layer = 4, .name = std::move(name), .what = std::move(what), .meaning = std::move(meaning)};
  line.explanation = explanation_of(line.name);
  return line;
}

constexpr std::string_view fin_text = "FIN: nothing more will come";

Line out_of_order_line(std::string what, std::size_t missing) {
  return make_line("OUT OF ORDER", std::move(what),
                   bytes_text(missing) + " before it have not come yet: it must wait");
}

// RFC 2883 section 4: the first block tells of what has come twice when it begins below the
// acknowledgement, or lies inside the second block.
bool is_duplicate_sack(const TcpHeader& tcp) noexcept {
  const std::vector<SackBlock>& blocks = tcp.options.sack;
  const SackBlock& first = blocks.front();
  if (sequence_distance(first.begin, first.end) <= 0) return false;
  if (sequence_distance(first.begin, tcp.acknowledgement) > 0) return true;
  return blocks.size() > 1 && sequence_distance(blocks[1].begin, first.begin) >= 0 &&
         sequence_distance(first.end, blocks[1].end) >= 0;
}

Line bad_checksum_line(const Packet& packet) {
  return make_line("BAD CHECKSUM", numbers(packet),
                   "something changed on the way: the receiver throws this away, unread");
}

}  // namespace

SegmentNarrator::Told SegmentNarrator::tell(Side from, nanoseconds time, const Packet& packet,
                                            Bytes captured) {
  Told told;
  told.lines = {link_line(packet), network_line(packet)};
  const ChecksumState checksum = tcp_checksum_state(packet, captured);
  if (checksum == ChecksumState::wrong) {
    told.lines.push_back(bad_checksum_line(packet));
    return told;
  }
  if (checksum == ChecksumState::unfinished) ++unfinished_checksums_;
  newest_trip_.reset();
  repeated_ = is_repeated(from, packet);
  if (packet.tcp.ack) take_acknowledgement(from, time, packet, told);
  Arrival arrival = receive(from, packet, told);
  note_opening(from, time, packet);
  Line line = tell_segment(from, time, packet, arrival);
  remember(from, time, packet, arrival);
  states_.see(from, packet.tcp, packet.payload_size, half(from).stream.next_sequence());
  add_details(line, from, packet);
  told.lines.push_back(std::move(line));
  told.ready = std::move(arrival.ready);
  finish_side(from, packet, told);
  return told;
}

// The third packet of the opening, which may bring data.
void SegmentNarrator::note_opening(Side from, nanoseconds time, const Packet& packet) {
  opens_now_ = syn_time_ && !opening_ && from == Side::client && packet.tcp.ack &&
               states_.of(Side::client) == TcpState::established;
  if (opens_now_) opening_ = time - *syn_time_;
}

// --- What a packet brings ------------------------------------------------------------------------

Arrival SegmentNarrator::receive(Side from, const Packet& packet, Told& told) {
  Half& sender = half(from);
  const TcpHeader& tcp = packet.tcp;
  if (tcp.syn && !sender.stream.started()) {
    sender.stream.start(tcp.sequence + 1);
    sender.max_segment_size = tcp.options.max_segment_size;
    sender.window_scale = tcp.options.window_scale;
  }
  if (!sender.stream.started() && !tcp.rst) sender.stream.start(tcp.sequence);
  largest_payload_ = std::max(largest_payload_, packet.payload_size);
  Arrival arrival = sender.stream.receive(tcp.sequence + (tcp.syn ? 1 : 0), packet.payload);
  if (!packet.complete()) {
    told.lost_side = from;
    told.lost = "the capture kept only " + std::to_string(packet.payload.size()) + " of the " +
                std::to_string(packet.payload_size) + " bytes that this packet brought";
    // They have come, all the same: nothing behind them waits.
    const bool waits = sequence_distance(sender.stream.next_sequence(), tcp.sequence) > 0;
    if (!waits) sender.stream.skip_to(end_of(packet) - (tcp.fin ? 1 : 0));
  }
  return arrival;
}

void SegmentNarrator::take_acknowledgement(Side from, nanoseconds time, const Packet& packet,
                                           Told& told) {
  Half& sender = half(other(from));
  const std::uint32_t number = packet.tcp.acknowledgement;
  while (!sender.sent.empty() && sequence_distance(sender.sent.front().first, number) >= 0) {
    newest_trip_ = time - sender.sent.front().second;
    sender.sent.pop_front();
  }
  if (newest_trip_) trips_.push_back(*newest_trip_);
  // The FIN takes a number, too.
  const bool of_fin = sender.fin_sequence && number == *sender.fin_sequence + 1;
  const std::size_t missed = sender.stream.skip_to(of_fin ? number - 1 : number);
  if (missed == 0) return;
  told.lost_side = other(from);
  told.lost = bytes_text(missed) + " arrived, but the capture has missed them";
}

void SegmentNarrator::remember(Side from, nanoseconds time, const Packet& packet,
                               const Arrival& arrival) {
  Half& sender = half(from);
  const bool takes_numbers = packet.payload_size > 0 || packet.tcp.syn || packet.tcp.fin;
  if (repeated_ || arrival.kind == Arrival::Kind::retransmitted) {
    // An acknowledgement of it could mean the first one: Karn's rule, RFC 6298 section 3.
    sender.sent.clear();
  } else if (takes_numbers) {
    sender.sent.emplace_back(end_of(packet), time);
  }
  if (packet.tcp.ack) half(other(from)).acknowledged = packet.tcp.acknowledgement;
  if (packet.tcp.syn) sender.syn_sequence = packet.tcp.sequence;
  if (packet.tcp.fin) {
    sender.fin_sequence = packet.tcp.sequence + static_cast<std::uint32_t>(packet.payload_size);
    sender.fin_waits = sequence_distance(sender.stream.next_sequence(), *sender.fin_sequence) > 0;
  }
}

bool SegmentNarrator::is_repeated(Side from, const Packet& packet) const noexcept {
  const Half& sender = half(from);
  if (packet.tcp.syn) return sender.syn_sequence || sender.acknowledged;
  const bool bare_fin = packet.tcp.fin && packet.payload_size == 0;
  return bare_fin && sender.fin_sequence == packet.tcp.sequence;
}

void SegmentNarrator::finish_side(Side from, const Packet& packet, Told& told) {
  Half& sender = half(from);
  const bool all_came = sender.fin_sequence && sender.stream.started() &&
                        sequence_distance(*sender.fin_sequence, sender.stream.next_sequence()) >= 0;
  const bool over = all_came || packet.tcp.rst;
  told.side_finished = over && !std::exchange(sender.has_finished, sender.has_finished || over);
}

// --- Words ---------------------------------------------------------------------------------------

Line SegmentNarrator::tell_segment(Side from, nanoseconds time, const Packet& packet,
                                   const Arrival& arrival) {
  if (packet.tcp.rst) {
    return make_line("RST", numbers(packet), "“This connection is over, at once and for all.”");
  }
  if (packet.tcp.syn) return tell_opening(time, packet);
  if (packet.payload_size > 0) {
    const bool probe = packet.payload_size == 1 && arrival.kind == Arrival::Kind::retransmitted &&
                       half(from).stream.next_sequence() == packet.tcp.sequence + 1;
    return probe ? tell_bare(from, packet) : tell_data(from, packet, arrival);
  }
  if (packet.tcp.fin) return tell_fin(from, packet);
  return tell_bare(from, packet);
}

Line SegmentNarrator::tell_opening(nanoseconds time, const Packet& packet) {
  const bool again = repeated_;
  if (again) ++retransmissions_;
  const bool late = again && !opening_;
  if (late && (!packet.tcp.ack || repeated_to_open_.empty())) {
    repeated_to_open_ = packet.tcp.ack ? "SYN-ACK" : "SYN";
  }
  const std::string options = options_text(packet.tcp.options);
  const std::string what = numbers(packet) + (options.empty() ? "" : "   " + options);
  const std::string first = std::to_string(packet.tcp.sequence + 1);
  if (packet.tcp.ack) {
    return make_line(again ? "SYN-ACK AGAIN" : "SYN-ACK", what,
                     "“Yes, and may I talk to you? My first byte has the number " + first + ".”");
  }
  if (!syn_time_) syn_time_ = time;
  return make_line(again ? "SYN AGAIN" : "SYN", what,
                   "“May I talk to you? My first byte will have the number " + first + ".”");
}

Line SegmentNarrator::tell_data(Side from, const Packet& packet, const Arrival& arrival) {
  const std::uint32_t last =
      packet.tcp.sequence + static_cast<std::uint32_t>(packet.payload_size) - 1;
  const std::string range =
      packet.payload_size == 1
          ? "byte " + std::to_string(last)
          : "bytes " + std::to_string(packet.tcp.sequence) + " to " + std::to_string(last);
  std::string what = numbers(packet) + "   " + bytes_text(packet.payload_size);
  if (packet.tcp.fin) what += " and " + std::string(fin_text);
  switch (arrival.kind) {
    case Arrival::Kind::retransmitted:
    case Arrival::Kind::overlapping:
      ++retransmissions_;
      return make_line("RETRANSMISSION", what,
                       "“You have not told me that you have it, so once more: " + range + ".”");
    case Arrival::Kind::ahead:
    case Arrival::Kind::too_far:
      return out_of_order_line(what, arrival.missing);
    default:
      break;
  }
  const Half& sender = half(from);
  const bool before_fin = sender.fin_waits && sender.fin_sequence == sender.stream.next_sequence();
  if (arrival.filled_gap || before_fin) {
    return make_line("FILLS THE GAP", what,
                     "what was missing (it came late, or was sent again): " + range);
  }
  return make_line(packet.tcp.fin ? "DATA, FIN" : "DATA", what,
                   "“Here are " + range + having(packet) + ".”");
}

// Without data.
Line SegmentNarrator::tell_fin(Side from, const Packet& packet) {
  if (repeated_) {
    ++retransmissions_;
    return make_line("FIN AGAIN", numbers(packet),
                     "“You have not told me that you know it, so once more: I say nothing more" +
                         having(packet) + ".”");
  }
  const std::int32_t missing =
      sequence_distance(half(from).stream.next_sequence(), packet.tcp.sequence);
  if (missing > 0) {
    return out_of_order_line(numbers(packet) + "   " + std::string(fin_text),
                             static_cast<std::size_t>(missing));
  }
  return make_line("FIN", numbers(packet), "“I say nothing more" + having(packet) + ".”");
}

Line SegmentNarrator::tell_bare(Side from, const Packet& packet) {
  Half& sender = half(from);
  if (packet.tcp.window == 0) {
    sender.window_closed = true;
    return make_line("ZERO WINDOW", numbers(packet), "“My memory is full: send nothing for now.”");
  }
  if (std::exchange(sender.window_closed, false)) {
    return make_line("WINDOW UPDATE",
                     numbers(packet) + "   window " + bytes_text(window_of(from, packet)),
                     "“There is room again: go on.”");
  }
  const bool old = sender.stream.started() &&
                   sequence_distance(packet.tcp.sequence, sender.stream.next_sequence()) == 1;
  if (old && !sender.fin_sequence) {
    return make_line("KEEP-ALIVE", numbers(packet), "“Are you still there?”");
  }
  return tell_acknowledgement(from, packet);
}

Line SegmentNarrator::tell_acknowledgement(Side from, const Packet& packet) {
  std::string what = numbers(packet);
  if (opens_now_) {
    return make_line("ACK", what + "   open after " + time_text(*opening_),
                     "“Yes.” The connection is open, both ways");
  }
  const Half& receiver = half(other(from));
  const bool repeated = receiver.acknowledged == packet.tcp.acknowledgement;
  if (!packet.tcp.options.sack.empty()) return tell_selective(from, packet);
  if (newest_trip_) what += "   after " + time_text(*newest_trip_);
  const bool of_fin =
      receiver.fin_sequence && packet.tcp.acknowledgement == *receiver.fin_sequence + 1;
  const std::string number = std::to_string(packet.tcp.acknowledgement);
  const std::string meaning =
      of_fin ? "“I know that you say nothing more.”"
             : "“I have all of yours before " + number + (repeated ? ", as I said.”" : ".”");
  return make_line("ACK", what, meaning);
}

Line SegmentNarrator::tell_selective(Side from, const Packet& packet) const {
  const std::string what = numbers(packet) + "   " + options_text(packet.tcp.options);
  const std::string gap = "Something is missing after that, but I have what comes behind it.”";
  if (!is_duplicate_sack(packet.tcp)) return make_line("ACK, SACK", what, "“" + gap);
  const std::vector<SackBlock>& blocks = packet.tcp.options.sack;
  const std::string twice =
      "“I have " + span_text(other(from), blocks.front()) + " twice" + having(packet) + ".";
  return make_line("ACK, D-SACK", what, twice + (blocks.size() > 1 ? " " + gap : "”"));
}

// What a block of SACK stands for. SYN and FIN take a number each, like a byte.
std::string SegmentNarrator::span_text(Side of, const SackBlock& block) const {
  const std::uint32_t last = block.end - 1;
  if (block.begin != last) {
    return "bytes " + std::to_string(block.begin) + " to " + std::to_string(last);
  }
  if (half(of).syn_sequence == last) return "your SYN";
  if (half(of).fin_sequence == last) return "your FIN";
  return "byte " + std::to_string(last);
}

void SegmentNarrator::add_details(Line& line, Side from, const Packet& packet) const {
  const auto mss = half(other(from)).max_segment_size;
  if (mss && *mss > 0 && packet.payload_size > *mss) {
    const std::size_t count = (packet.payload_size + *mss - 1) / *mss;
    line.details.push_back("in one piece only here: on a cable this would be " +
                           std::to_string(count) + " segments of at most " + std::to_string(*mss) +
                           " bytes (the network card cuts it)");
  }
  line.states = "client " + std::string(name_of(states_.of(Side::client))) + ", server " +
                std::string(name_of(states_.of(Side::server)));
  line.states +=
      "; flags " + flags_text(packet.tcp) + "; window " + bytes_text(window_of(from, packet));
}

// RFC 7323 section 2.2: the window of a SYN is never scaled, others only when both have said so.
std::uint64_t SegmentNarrator::window_of(Side from, const Packet& packet) const noexcept {
  const bool both = half(Side::client).window_scale && half(Side::server).window_scale;
  const unsigned scale = std::min<unsigned>(half(from).window_scale.value_or(0), 14);
  return std::uint64_t{packet.tcp.window} << (both && !packet.tcp.syn ? scale : 0);
}

}  // namespace duplex::tools::trace

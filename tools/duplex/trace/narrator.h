// Tells a connection packet by packet, in the order in which they were captured. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "application_narrator.h"
#include "connection_table.h"
#include "segment_narrator.h"
#include "story.h"

namespace duplex::tools::trace {

struct NarratorOptions {
  // Where no SYN is seen: who has this port is the server. 0: who has the lower one.
  std::uint16_t server_port = 0;
  // The connection that is told, counted from 1 in the order of their first packets.
  std::size_t connection = 1;
  // Or that of this client, whichever it is.
  std::optional<net::Address> client = {};
  std::size_t shown = 64;  // bytes of each payload, at most
};

// Owner: whoever captures or reads packets.
class Narrator {
 public:
  explicit Narrator(NarratorOptions options)
      : options_(std::move(options)), table_(options_.server_port) {}

  // What this packet says; null when it belongs to another connection, or to none, or is beyond
  // most_steps. Valid until the next call.
  const Step* add(const CapturedPacket& captured);

  const Story& story() const noexcept { return story_; }  // so far, without the summary
  bool began() const noexcept { return chosen_.has_value(); }
  bool ended() const noexcept { return segments_ && segments_->ended(); }  // nothing more is due

  // With the summary. The narrator is empty afterwards.
  Story finish();

 private:
  bool is_wanted(std::size_t index) const;
  void begin(std::size_t index, std::chrono::nanoseconds time);
  void tell(Step& step, Side from, const CapturedPacket& captured, const Packet& packet);
  void add_remarks();

  NarratorOptions options_;
  ConnectionTable table_;
  std::optional<std::size_t> chosen_ = {};  // in the table
  std::chrono::nanoseconds start_{0};
  std::unique_ptr<SegmentNarrator> segments_ = {};
  std::unique_ptr<ApplicationNarrator> application_ = {};
  Story story_ = {};
  std::optional<Packet> first_packet_ = {};  // without its payload
  std::size_t left_out_ = 0;                 // packets that are not TCP, or broken
  std::size_t untold_ = 0;                   // packets beyond most_steps
  std::uint64_t wire_size_ = 0;
  std::chrono::nanoseconds newest_{0};           // time of a step
  std::optional<std::size_t> turned_back_ = {};  // the first packet that is earlier than another
};

// A step's lines as the comment of its packet: those of layers 4 to 7.
std::string comment_of(const Step& step);

}  // namespace duplex::tools::trace

// What the two sides say to each other, in lines: layers 5 to 7. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "story.h"

namespace duplex::tools::trace {

// Bytes of what kind went over the connection, both ways.
struct ByteCounts {
  std::uint64_t http_heads = 0;
  std::uint64_t http_bodies = 0;
  std::uint64_t frame_headers = 0;
  std::uint64_t messages = 0;          // payloads of text, binary and continuation frames
  std::uint64_t control_payloads = 0;  // of ping, pong and close
  std::uint64_t frames = 0;            // how many
};

// What has happened at the upper layers, for the summary.
struct UpperLayers {
  bool upgraded = false;
  bool compressed = false;
  bool masked = false;
  bool text = false;
  bool pinged = false;
  bool closed = false;
  std::uint64_t requests = 0;
};

// Owner: a Narrator, one for each connection.
class ApplicationNarrator {
 public:
  // At most `shown` bytes of each payload are shown.
  ApplicationNarrator(bool from_start, std::size_t shown) : dialogue_(from_start), shown_(shown) {}

  std::vector<Line> hear(Side from, std::chrono::nanoseconds time, Bytes bytes);
  std::vector<Line> lose(Side from, const std::string& why);
  std::vector<Line> finish(Side from, std::chrono::nanoseconds time);

  const ByteCounts& counts() const noexcept { return counts_; }
  const UpperLayers& seen() const noexcept { return seen_; }
  // For the remarks: how much was beyond most_utterances. Or nothing.
  std::string untold() const;

 private:
  using Lines = std::vector<Line>;

  void tell(Side from, const SeenRequest& request, Lines& lines);
  void tell(Side from, const SeenResponse& response, Lines& lines);
  void tell(Side from, const SeenBody& body, Lines& lines);
  void tell(Side from, const SeenFrame& frame, Lines& lines);
  void tell(Side from, const Unreadable& unreadable, Lines& lines);
  Lines tell_all(Side from, std::chrono::nanoseconds time, const std::vector<Utterance>& said);

  bool may_tell(bool is_news = false);
  bool is_news(Side from, const SeenFrame& frame) const noexcept;
  void count(const SeenFrame& frame);
  Line session_line(Side from, const SeenFrame& frame);
  Line presentation_line(const SeenFrame& frame);
  Line frame_line(Side from, const SeenFrame& frame) const;
  std::string frame_meaning(Side from, const SeenFrame& frame) const;
  std::string shown_payload(const SeenFrame& frame) const;

  Dialogue dialogue_;
  std::size_t shown_;
  std::chrono::nanoseconds now_{0};
  // Payloads of pings that are not answered yet, by who sent them.
  std::array<std::map<std::string, std::chrono::nanoseconds>, 2> pings_ = {};
  std::array<std::optional<std::uint16_t>, 2> close_codes_ = {};
  std::size_t told_ = 0;
  std::size_t untold_ = 0;
  ByteCounts counts_ = {};
  UpperLayers seen_ = {};
};

}  // namespace duplex::tools::trace

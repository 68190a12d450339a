// What a case is, as data.
#include "script.h"

#include <array>
#include <utility>

namespace duplex::tools::suite {

std::string_view name_of(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, 5> names = {"OK", "INFORMATIONAL", "UNIMPLEMENTED",
                                                     "NON-STRICT", "FAILED"};
  return names[static_cast<std::size_t>(verdict)];
}

Script& Script::send(std::string bytes, std::size_t piece) {
  steps_.push_back({.kind = Step::Kind::send, .bytes = std::move(bytes), .piece = piece});
  return *this;
}

Script& Script::send(const Frame& frame, std::size_t piece) {
  note_close(frame);
  return send(encode(frame, role_), piece);
}

Script& Script::send_each(const std::vector<Frame>& frames) {
  for (const Frame& frame : frames) send(frame);
  return *this;
}

Script& Script::send_together(const std::vector<Frame>& frames, std::size_t piece) {
  std::string bytes;
  for (const Frame& frame : frames) {
    note_close(frame);
    bytes += encode(frame, role_);
  }
  return send(std::move(bytes), piece);
}

Script& Script::message(Item item, std::size_t frame_size) {
  steps_.push_back({.kind = Step::Kind::message, .piece = frame_size, .item = std::move(item)});
  return *this;
}

Script& Script::await(std::size_t item_count) {
  steps_.push_back({.kind = Step::Kind::await, .count = item_count});
  return *this;
}

Script& Script::await_all() { return await(right().items.size()); }

Script& Script::pause(milliseconds time) {
  steps_.push_back({.kind = Step::Kind::pause, .time = time});
  return *this;
}

Script& Script::half_close() {
  steps_.push_back({.kind = Step::Kind::half_close});
  return *this;
}

Script& Script::reset() {
  steps_.push_back({.kind = Step::Kind::reset});
  return *this;
}

Script& Script::expect(Item::Kind kind, std::string payload) {
  return expect_row(kind, std::move(payload), 1, 1);
}

Script& Script::expect_row(Item::Kind kind, std::string payload, std::size_t min, std::size_t max) {
  right().items.push_back({.item = {kind, std::move(payload)}, .min = min, .max = max});
  return *this;
}

Script& Script::peer_closes(std::vector<unsigned> codes) {
  right().ending = {Ending::Kind::closed_by_peer, std::move(codes)};
  return *this;
}

Script& Script::peer_drops() {
  right().ending = {Ending::Kind::dropped, {}};
  return *this;
}

Script& Script::stays_open() {
  right().ending = {Ending::Kind::open, {}};
  return *this;
}

Script& Script::before_step(std::size_t step) {
  right().before_step = step;
  return *this;
}

Script& Script::or_else(Outcome outcome) {
  outcomes_.push_back(std::move(outcome));
  return *this;
}

Script& Script::echo(Item::Kind kind, const std::string& payload, std::size_t piece) {
  const unsigned code = kind == Item::Kind::text ? opcode::text : opcode::binary;
  return send(Frame{code, payload}, piece).expect(kind, payload);
}

Script& Script::compressed(std::string offer) {
  opening_.offer = std::move(offer);
  needs_compression_ = true;
  return *this;
}

}  // namespace duplex::tools::suite

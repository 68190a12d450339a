// What the faults of broken peers are made of.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "../../tools/duplex/check/http_text.h"
#include "check_peer.h"

namespace duplex::tools::suite {

using FrameChange = std::function<void(WireFrame& frame)>;

inline bool is_close(const WireFrame& frame) { return frame.opcode() == opcode::close; }
inline bool is_pong(const WireFrame& frame) { return frame.opcode() == opcode::pong; }
inline bool is_data(const WireFrame& frame) { return frame.opcode() < 8; }
inline bool is_message(const WireFrame& frame) {
  return frame.opcode() == opcode::text || frame.opcode() == opcode::binary;
}
inline bool is_reserved(const WireFrame& frame) {
  return (frame.opcode() > 2 && frame.opcode() < 8) || frame.opcode() > 10;
}
inline unsigned code_of(const WireFrame& frame) { return support::close_code(frame.payload); }
inline void set_opcode(WireFrame& frame, unsigned code) {
  frame.first_byte = (frame.first_byte & 0xF0) | code;
}

inline Fault incoming(std::string name, std::string caught_by, const FrameChange& change) {
  return {.name = std::move(name),
          .caught_by = std::move(caught_by),
          .incoming = [change](WireFrames& frames) {
            for (WireFrame& frame : frames) change(frame);
          }};
}
inline Fault outgoing(std::string name, std::string caught_by, const FrameChange& change) {
  return {.name = std::move(name),
          .caught_by = std::move(caught_by),
          .outgoing = [change](WireFrames& frames) {
            for (WireFrame& frame : frames) change(frame);
          }};
}
using FramePredicate = std::function<bool(const WireFrame& frame)>;
inline Fault drops_incoming(std::string name, std::string caught_by, const FramePredicate& which) {
  return {.name = std::move(name),
          .caught_by = std::move(caught_by),
          .incoming = [which](WireFrames& frames) { std::erase_if(frames, which); }};
}
inline Fault drops_outgoing(std::string name, std::string caught_by, const FramePredicate& which) {
  return {.name = std::move(name),
          .caught_by = std::move(caught_by),
          .outgoing = [which](WireFrames& frames) { std::erase_if(frames, which); }};
}
// Reads a request as if `wrong` were `right`.
inline Fault mistakes(std::string name, std::string caught_by, std::string wrong,
                      std::string right) {
  return {.name = std::move(name),
          .caught_by = std::move(caught_by),
          .request = [wrong, right](std::string& head) { head = replaced(head, wrong, right); }};
}

}  // namespace duplex::tools::suite

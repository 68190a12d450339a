// Each frame of a conversation as its bits.
#pragma once

#include <optional>

#include "../frames/dialogue.h"
#include "console.h"
#include "socket_tap.h"

namespace duplex::tools {

// Owner: the command; thread: the loop's.
class FrameView {
 public:
  explicit FrameView(Console& console) : console_(console) {}

  void restart() { dialogue_.emplace(true); }  // a new connection
  void hear(SocketTap::Way way, Bytes bytes);

 private:
  void tell(Side from, const SeenFrame& frame);

  Console& console_;
  std::optional<Dialogue> dialogue_;
};

}  // namespace duplex::tools

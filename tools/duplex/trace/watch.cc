// Reads packets until the connection has ended.
#include "watch.h"

#include <signal.h>

#include <array>

#include "../capture/packet_capture.h"

namespace duplex::tools::trace {
namespace {

volatile sig_atomic_t signalled = 0;

// SIGINT and SIGTERM end the watching, and nothing else, as long as this lives.
class Interruptible {
 public:
  Interruptible() {
    signalled = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { signalled = 1; };
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &before_[i]);
  }
  ~Interruptible() {
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  static constexpr std::array signals = {SIGINT, SIGTERM};
  std::array<struct sigaction, 2> before_ = {};
};

}  // namespace

WatchResult watch(const Watch& order) {
  PacketCapture capture(place_of(order.interface), order.port);
  const Interruptible interruptible;
  Narrator narrator(order.narrator);
  while (signalled == 0 && !narrator.ended()) {
    std::vector<CapturedPacket> packets;
    capture.read(std::chrono::milliseconds(100), packets);
    for (const CapturedPacket& packet : packets) {
      const Step* const step = narrator.add(packet);
      if (step != nullptr && order.on_step) order.on_step(narrator.story(), *step);
    }
  }
  WatchResult result = {.interrupted = !narrator.ended()};
  result.story = narrator.finish();
  result.story.interface = order.interface;
  if (const std::uint32_t dropped = capture.take_dropped(); dropped > 0) {
    result.story.remarks.push_back("there was no room for " + std::to_string(dropped) + " packets");
  }
  return result;
}

}  // namespace duplex::tools::trace

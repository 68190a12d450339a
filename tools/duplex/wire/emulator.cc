// Moves packets between two ports.
#include "emulator.h"

#include <poll.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <array>

namespace duplex::tools::wire {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t batch = 64;         // packets of one direction at a time
constexpr Nanoseconds spun_wait = 100us;  // with --precise

Nanoseconds monotonic() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

// One direction: from port to port.
class Direction {
 public:
  Direction(const LinkOptions& link, std::uint64_t seed, LinkCounters& counters, const Port& from,
            const Port& to)
      : line_(link, seed, counters), from_(from), to_(to) {}

  void take_in(Nanoseconds start) {
    for (std::size_t i = 0; i < batch; ++i) {
      const ssize_t size = from_.read(buffer_);
      if (size < 0) return;
      line_.put(monotonic() - start, std::span(buffer_).first(static_cast<std::size_t>(size)));
    }
  }
  void hand_over(Nanoseconds start) {
    line_.take_due(monotonic() - start,
                   [this](std::span<const std::byte> packet) { return to_.write(packet); });
  }
  std::optional<Nanoseconds> next_due() const noexcept { return line_.next_due(); }
  pollfd interest() const noexcept { return {.fd = from_.fd(), .events = POLLIN, .revents = 0}; }

 private:
  DelayLine line_;
  const Port& from_;
  const Port& to_;
  std::array<std::byte, 65'536> buffer_ = {};
};

// Until a packet comes or the next one is due.
void wait(Direction& up, Direction& down, Nanoseconds start, Nanoseconds spun) {
  std::array<pollfd, 2> interests = {up.interest(), down.interest()};
  auto due = up.next_due();
  if (const auto other = down.next_due(); other && (!due || *other < *due)) due = other;
  timespec timeout = {};
  if (due) {
    const Nanoseconds left = std::max(Nanoseconds(0), *due + start - monotonic() - spun);
    timeout = {.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
  }
  ppoll(interests.data(), interests.size(), due ? &timeout : nullptr, nullptr);
}

}  // namespace

void emulate(const WireOptions& wire, const Port& client, const Port& server,
             WireCounters& counters) {
  prctl(PR_SET_TIMERSLACK, 1);
  Direction up(wire.up, wire.up_seed(), counters.up, client, server);
  Direction down(wire.down, wire.down_seed(), counters.down, server, client);
  const Nanoseconds start = monotonic();
  for (;;) {
    wait(up, down, start, wire.precise ? spun_wait : 0ns);
    up.take_in(start);
    down.take_in(start);
    up.hand_over(start);
    down.hand_over(start);
  }
}

}  // namespace duplex::tools::wire

// What a link does to packets, in each direction, and how that is written. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools::wire {

enum class JitterShape : std::uint8_t {
  normal,   // the sum of twelve uniform numbers: never more than six standard deviations
  uniform,  // within the square root of three standard deviations
  pareto,   // exponent 3: at least -0.58 standard deviations, and a long tail of late packets
};

// Losses by a chain of two states (Gilbert and Elliott), which takes a step with each packet. With
// `to_bad` 0 each packet is lost by itself, with the chance `in_good` (Bernoulli).
struct LossOptions {
  double to_bad = 0;  // all four are shares from 0 to 1
  double to_good = 1;
  double in_bad = 1;  // of the packets that meet this state
  double in_good = 0;

  double share() const noexcept;  // of all packets, in the long run
};

// Nothing passes from `start` on, counted from the first instant of the link. Repeated if `every`
// is above 0.
struct Outage {
  std::chrono::nanoseconds start{0};
  std::chrono::nanoseconds length{0};
  std::chrono::nanoseconds every{0};

  bool covers(std::chrono::nanoseconds time) const noexcept;
};

// One direction. A packet meets, in this order: outage, queue and transmitter, loss, delay.
struct LinkOptions {
  std::chrono::nanoseconds delay{0};   // until the last bit has arrived, after it was sent
  std::chrono::nanoseconds jitter{0};  // standard deviation of the delay, which is never negative
  JitterShape shape = JitterShape::normal;
  bool keeps_order = true;  // a packet never arrives before the one sent before it
  std::uint64_t rate = 0;   // bits per second; 0: packets take no time to be sent
  // A packet that would wait longer than this for the transmitter is dropped at the tail, as is one
  // that would make the queue longer than `queue_bytes` (0: any length). Without a rate there is no
  // queue.
  std::chrono::nanoseconds queue_time = std::chrono::milliseconds(100);
  std::uint64_t queue_bytes = 0;
  LossOptions loss = {};
  double reorder = 0;  // share of packets held back by `reorder_by`, while others pass them
  std::chrono::nanoseconds reorder_by = std::chrono::milliseconds(5);
  double duplicate = 0;  // share of packets that arrive twice
  std::vector<Outage> outages = {};
};

struct WireOptions {
  std::string name = "custom";  // or the profile's: "mobile", "mobile, changed"
  LinkOptions up = {};          // client to server
  LinkOptions down = {};        // server to client
  std::uint64_t seed = 1;
  std::uint64_t mtu = 1500;  // bytes of an IP packet
  bool precise = false;      // spin the last 100 µs of each wait

  std::chrono::nanoseconds round_trip() const noexcept { return up.delay + down.delay; }
  // The directions draw from sequences of their own.
  std::uint64_t up_seed() const noexcept { return 2 * seed; }
  std::uint64_t down_seed() const noexcept { return 2 * seed + 1; }
};

// Sets what `name` ("delay", "loss", ...) names to what `value` says. Returns what is wrong, or
// nothing: "'7' is not a duration such as 20ms".
std::string set(LinkOptions& link, std::string_view name, std::string_view value);

// Each name that set() knows, in the order in which they have to be set ("burst" needs "loss"), and
// how its value is written.
struct SettingForm {
  std::string_view name;
  std::string_view expects;  // "a duration such as 20ms"
};
const std::vector<SettingForm>& setting_forms();

// "loss=1%,rate=20mbit" for one direction. Returns what is wrong, or nothing.
std::string set_all(LinkOptions& link, std::string_view settings);

// A profile's name, settings for both directions, or both: "mobile", "delay=20ms,loss=1%",
// "mobile,loss=2%". A setting that begins with "up." or "down." is for that direction alone.
// Returns what is wrong, or nothing.
std::string set_wire(WireOptions& wire, std::string_view text);

// Named links. Delays are one way, so that the round trip is twice as long.
struct Profile {
  std::string_view name;
  std::string_view settings;  // for set_all(), both ways
  std::string_view what;
};
const std::vector<Profile>& profiles();
const Profile* find_profile(std::string_view name) noexcept;
std::string profile_names();  // "loopback, lan, ..."

// "20 ms ± 2 ms, loss 0.5 %, 20 Mbit/s with a queue of 100 ms": for people.
std::string describe(const LinkOptions& link);
// Both directions: once if they are equal.
std::string describe(const WireOptions& wire);

}  // namespace duplex::tools::wire

// The clients' packets as they pass the interface.
#include "capture_watch.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "cpu_time.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint16_t> ports_of(const std::vector<net::Address>& servers) {
  std::vector<std::uint16_t> ports;
  for (const net::Address& server : servers) ports.push_back(server.port());
  return ports;
}

std::int64_t system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::nanoseconds(now).count();
}

}  // namespace

CaptureWatch::CaptureWatch(const std::vector<net::Address>& servers) : ledger_(ports_of(servers)) {
  const trace::CapturePlace place = trace::place_towards(servers.front());
  interface_ = place.interface;
  for (const net::Address& server : servers) {
    captures_.push_back(std::make_unique<trace::PacketCapture>(place, server.port()));
  }
  thread_ = std::thread([this] { read_until_stopped(); });
}

CaptureWatch::~CaptureWatch() {
  stopping_ = true;
  thread_.join();
}

// The bench's own priority is for the clients. What comes between two looks waits in the kernel.
void CaptureWatch::read_until_stopped() {
  const sched_param usual = {};
  pthread_setschedparam(pthread_self(), SCHED_OTHER, &usual);
  while (!stopping_) {
    if (drain()) std::this_thread::sleep_for(10ms);
  }
}

// On its way to a socket of this machine a packet has passed AF_PACKET: what came before a mark is
// there to be read after it. The marks are asked for last, so that none is newer than a packet.
bool CaptureWatch::drain() {
  std::int64_t reached = system_now();  // all that came before then has been read
  bool is_empty = true;
  std::vector<trace::CapturedPacket> packets;
  std::uint64_t lost = 0;
  for (const auto& capture : captures_) {
    const std::size_t known = packets.size();
    capture->read(0ms, packets);
    const bool has_more = packets.size() - known == trace::PacketCapture::most_at_once;
    if (has_more) reached = std::min(reached, packets.back().time.count());
    is_empty = is_empty && !has_more;
    lost += capture->take_dropped();
  }
  const Window window = {.begin = begin_, .end = end_};
  if (block_begin_ != window.begin) {
    block_begin_ = window.begin;
    block_ = {};
    is_complete_ = true;
  }
  for (const trace::CapturedPacket& packet : packets) add(packet, window);
  dropped_ += lost;
  if (lost > 0 && counted_ != window.begin) is_complete_ = false;
  if (reached >= window.end) counted_ = window.begin;
  return is_empty;
}

// Of a block that has been counted nothing comes any more.
void CaptureWatch::add(const trace::CapturedPacket& packet, const Window& window) {
  const WireBytes before = ledger_.sum();
  ledger_.add(packet);
  const std::int64_t time = packet.time.count();
  if (time < window.begin || time >= window.end || counted_ == window.begin) return;
  block_ += ledger_.sum();
  block_ -= before;
}

void CaptureWatch::begin_block() {
  end_ = std::numeric_limits<std::int64_t>::max();
  begin_ = std::max(system_now(), begin_ + 1);
}

void CaptureWatch::end_block() { end_ = system_now(); }

bool CaptureWatch::has_counted() { return counted_ == begin_; }

std::optional<WireBytes> CaptureWatch::block() {
  if (!has_counted() || !is_complete_) return std::nullopt;
  return block_;
}

std::string CaptureWatch::source() {
  std::string text = "AF_PACKET on " + interface_;
  if (dropped_ > 0) {
    text += ", which lost " + std::to_string(dropped_) + ": blocks in which it did do not count";
  }
  return text;
}

double CaptureWatch::cpu_seconds() { return cpu_seconds_of(thread_); }

}  // namespace duplex::tools

// The clients' packets as they pass the interface.
#include "capture_watch.h"

#include <pthread.h>
#include <sched.h>

#include <chrono>

#include "cpu_time.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint16_t> ports_of(const std::vector<net::Address>& servers) {
  std::vector<std::uint16_t> ports;
  for (const net::Address& server : servers) ports.push_back(server.port());
  return ports;
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
    std::this_thread::sleep_for(10ms);
    const std::lock_guard lock(mutex_);
    drain();
  }
}

void CaptureWatch::drain() {
  std::vector<trace::CapturedPacket> packets;
  for (const auto& capture : captures_) {
    capture->read(0ms, packets);
    dropped_ += capture->take_dropped();
  }
  for (const trace::CapturedPacket& packet : packets) ledger_.add(packet);
}

// On its way to a socket of this machine a packet has passed AF_PACKET: nothing is missed here.
void CaptureWatch::begin_block() {
  const std::lock_guard lock(mutex_);
  drain();
  before_ = ledger_.sum();
}

WireBytes CaptureWatch::end_block() {
  const std::lock_guard lock(mutex_);
  drain();
  WireBytes bytes = ledger_.sum();
  bytes -= before_;
  return bytes;
}

std::string CaptureWatch::source() {
  const std::lock_guard lock(mutex_);
  std::string text = "AF_PACKET on " + interface_;
  if (dropped_ > 0) text += ", which lost " + std::to_string(dropped_) + " of them";
  return text;
}

double CaptureWatch::cpu_seconds() { return cpu_seconds_of(thread_); }

}  // namespace duplex::tools

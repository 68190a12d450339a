// Probes a link.
#include "self_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "../bench/priority.h"
#include "../command.h"
#include "accuracy.h"
#include "link_report.h"

namespace duplex::tools::wire {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::uint16_t port = 7;    // echo
constexpr std::size_t headers = 28;  // IP and UDP
constexpr std::size_t handshake_count = 15;
constexpr auto patience = 1s;  // beyond what the probes take

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

sockaddr_in address_of(const char* text) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, text, &address.sin_addr);
  return address;
}

Descriptor make_socket(int type) {
  Descriptor made(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  if (!made) fail("socket");
  return made;
}

// At the server's end of the link, or towards it.
Descriptor bound_socket(int type) {
  Descriptor made = make_socket(type);
  const sockaddr_in address = address_of(server_address);
  if (bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("bind");
  }
  return made;
}

int connect_there(const Descriptor& from) {
  const sockaddr_in address = address_of(server_address);
  return connect(from.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

// Sends back every datagram, in a process of its own; connections are the kernel's to accept.
class EchoProcess {
 public:
  explicit EchoProcess(const Wire& link) {
    link.enter_server();
    datagrams_ = bound_socket(SOCK_DGRAM);
    listener_ = bound_socket(SOCK_STREAM);
    if (listen(listener_.get(), static_cast<int>(handshake_count)) != 0) fail("listen");
    link.enter_client();
    process_ = fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) echo();
  }
  ~EchoProcess() {
    kill(process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  EchoProcess(const EchoProcess&) = delete;
  EchoProcess& operator=(const EchoProcess&) = delete;

 private:
  [[noreturn]] void echo() const {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::array<std::byte, 2048> buffer = {};
    for (;;) {
      sockaddr_in from = {};
      socklen_t length = sizeof from;
      auto* const address = reinterpret_cast<sockaddr*>(&from);
      const ssize_t size =
          recvfrom(datagrams_.get(), buffer.data(), buffer.size(), 0, address, &length);
      if (size < 0) continue;
      sendto(datagrams_.get(), buffer.data(), static_cast<std::size_t>(size), 0, address, length);
    }
  }

  Descriptor datagrams_;
  Descriptor listener_;
  pid_t process_ = -1;
};

// Sends the probes in time, and notes when each came back for the first time.
class Prober {
 public:
  explicit Prober(const ProbePlan& plan)
      : plan_(plan),
        round_trips_(plan.count),
        sent_(plan.count),
        datagrams_(make_socket(SOCK_DGRAM)) {
    if (connect_there(datagrams_) != 0) fail("connect");
  }

  RoundTrips run(Nanoseconds slowest) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < plan_.count; ++i) {
      receive_until(start + plan_.interval * static_cast<std::int64_t>(i));
      send_probe(i);
    }
    receive_until(Clock::now() + slowest + patience);
    return std::move(round_trips_);
  }

 private:
  void send_probe(std::size_t number) {
    std::vector<char> datagram(plan_.size - headers);
    std::memcpy(datagram.data(), &number, sizeof number);
    sent_[number] = Clock::now();
    send(datagrams_.get(), datagram.data(), datagram.size(), 0);
  }

  void receive_until(Clock::time_point end) {
    for (;;) {
      const Nanoseconds left = end - Clock::now();
      if (left.count() <= 0) return;
      pollfd interest = {.fd = datagrams_.get(), .events = POLLIN, .revents = 0};
      const timespec timeout = {.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
      if (ppoll(&interest, 1, &timeout, nullptr) == 1) note();
    }
  }

  void note() {
    std::array<char, 2048> datagram = {};
    const ssize_t size = recv(datagrams_.get(), datagram.data(), datagram.size(), 0);
    std::size_t number = 0;
    if (size < static_cast<ssize_t>(sizeof number)) return;
    std::memcpy(&number, datagram.data(), sizeof number);
    if (number >= plan_.count || round_trips_[number]) return;
    round_trips_[number] = Clock::now() - sent_[number];
  }

  ProbePlan plan_;
  RoundTrips round_trips_;
  std::vector<Clock::time_point> sent_;
  Descriptor datagrams_;
};

// Seconds from SYN to SYN-ACK; 0 with a second SYN (which comes after one second) or none.
double time_handshake(const WireOptions& options, const Descriptor& connection) {
  const Nanoseconds longest = expected_handshake(options) + 900ms;
  const timeval limit = {.tv_sec = 1 + longest / 1s, .tv_usec = 0};
  setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const auto start = Clock::now();
  const bool connected = connect_there(connection) == 0;
  const Nanoseconds time = Clock::now() - start;
  return connected && time < longest ? std::chrono::duration<double>(time).count() : 0;
}

std::vector<double> time_handshakes(const WireOptions& options) {
  std::vector<Descriptor> connections;  // until the end: closing one sends something, too
  std::vector<double> times;
  for (std::size_t i = 0; i < handshake_count; ++i) {
    std::this_thread::sleep_for(pause_of_handshakes(options));
    connections.push_back(make_socket(SOCK_STREAM));
    const double time = time_handshake(options, connections.back());
    if (time > 0) times.push_back(time);
  }
  return times;
}

std::string as_json(const LinkReport& link, const Accuracy& accuracy, const ProbePlan& plan) {
  measure::JsonWriter json;
  json.begin_object().member("schema_version", 1);
  json.member("units", "times are seconds, sizes bytes of IP packets");
  write_members(json, link);
  json.key("self_test").begin_object();
  json.member("probes", accuracy.probes).member("probe_size", plan.size);
  json.member("probe_interval", std::chrono::duration<double>(plan.interval).count());
  json.member("lost_asked", accuracy.lost_expected).member("lost_measured", accuracy.lost);
  json.member("lost_tolerance", accuracy.lost_tolerance);
  json.member("mean_asked", accuracy.mean_expected).member("mean_measured", accuracy.mean);
  json.member("mean_tolerance", accuracy.tolerance);
  json.member("error_p50", accuracy.error_p50).member("error_p95", accuracy.error_p95);
  json.member("error_worst", accuracy.error_worst);
  json.member("handshake_asked", accuracy.handshake_expected);
  json.member("handshake_measured", accuracy.handshake);
  json.member("handshake_tolerance", accuracy.handshake_tolerance);
  json.member("exit_code", static_cast<int>(verdict_of(accuracy)));
  json.member("verdict", verdict_text(accuracy));
  json.end_object().end_object();
  return json.text();
}

}  // namespace

SelfTest run_self_test(const WireOptions& options, const Wire& link) {
  prctl(PR_SET_TIMERSLACK, 1);
  raise_priority();
  const EchoProcess echo(link);
  const ProbePlan plan = plan_probes(options);
  const RoundTrips expected = expected_round_trips(options, plan);
  Nanoseconds slowest{0};
  for (const auto& round_trip : expected) {
    slowest = std::max(slowest, round_trip.value_or(0ns));
  }
  const RoundTrips measured = Prober(plan).run(slowest);
  const Accuracy accuracy = compare(options, expected, measured, time_handshakes(options));
  const LinkReport report = {
      .options = options, .engine = std::string(link.engine_name()), .counters = &link.counters()};
  return {.exit = verdict_of(accuracy),
          .text = render_text(report) + "\n" + table_of(accuracy) + "\n" + verdict_text(accuracy) +
                  "\n",
          .json = as_json(report, accuracy, plan)};
}

}  // namespace duplex::tools::wire

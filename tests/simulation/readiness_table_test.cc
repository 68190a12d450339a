// What epoll reports and what reads then give, case by case, as measured on Linux 6.18; the same
// scripts run over the real kernel's loopback, which must agree.
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <utility>

#include "plug.h"
#include "stage.h"

namespace duplex::simulation {
namespace {

using plug::events_of;
using plug::receive;
using plug::send;

// The script's view: we are the accepted end, the peer is the connecting one, as in the table.
class Script {
 public:
  Script(Stage& stage, const net::Address& address) : stage_(stage), kernel_(stage.kernel()) {
    net::Address bound = address;
    listener_ = plug::listen(kernel_, bound);
    peer_ = kernel_.socket(bound.family());
    kernel_.connect(peer_, bound);
    stage_.let_things_happen();
    we_ = kernel_.accept(listener_, nullptr);
  }
  ~Script() {
    for (const int fd : {listener_, peer_, we_}) {
      if (fd >= 0) kernel_.close(fd);
    }
  }

  void peer_closes() { kernel_.close(std::exchange(peer_, -1)), happen(); }
  void peer_resets() {
    kernel_.set_option(peer_, net::SocketOption::linger_reset, 1);
    peer_closes();
  }
  void peer_shuts() { kernel_.shutdown_write(peer_), happen(); }
  void peer_sends(std::string_view text) { send(kernel_, peer_, text), happen(); }
  void we_shut() { kernel_.shutdown_write(we_), happen(); }
  void we_send(std::string_view text) {
    const auto result = send(kernel_, we_, text);
    log_ += result < 0 ? std::string(strerrorname_np(static_cast<int>(-result))) + "; "
                       : std::to_string(result) + "; ";
    happen();
  }
  void look() { log_ += events_of(kernel_, we_) + "; "; }
  void read() { log_ += receive(kernel_, we_) + "; "; }
  void so_error() { log_ += std::to_string(kernel_.socket_error(we_)) + "; "; }
  void name_peer() {
    net::Address address;
    const int result = kernel_.peer_address(we_, address);
    log_ += result < 0 ? std::string(strerrorname_np(-result)) + "; " : "named; ";
  }
  const std::string& log() const { return log_; }

 private:
  void happen() { stage_.let_things_happen(); }

  Stage& stage_;
  net::Kernel& kernel_;
  int listener_ = -1;
  int peer_ = -1;
  int we_ = -1;
  std::string log_;
};

struct Row {
  const char* name;
  std::function<void(Script&)> script;
  std::string tcp;
  std::string unix_domain;
};

std::vector<Row> rows() {
  return {
      {"FreshConnection", [](Script& s) { s.look(), s.read(), s.name_peer(); },
       "OUT; EAGAIN; named; ", "OUT; EAGAIN; named; "},
      {"PeerCloses", [](Script& s) { s.peer_closes(), s.look(), s.read(), s.read(); },
       "IN OUT RDHUP; end; end; ", "IN OUT HUP RDHUP; end; end; "},
      {"PeerShutsDown", [](Script& s) { s.peer_shuts(), s.look(), s.read(), s.we_send("x"); },
       "IN OUT RDHUP; end; 1; ", "IN OUT RDHUP; end; 1; "},
      {"PeerSendsAndCloses",
       [](Script& s) {
         s.peer_sends("ab"), s.peer_closes(), s.look(), s.read(), s.look(), s.read();
       },
       "IN OUT RDHUP; ab; IN OUT RDHUP; end; ", "IN OUT HUP RDHUP; ab; IN OUT HUP RDHUP; end; "},
      {"PeerResets",
       [](Script& s) { s.peer_resets(), s.look(), s.read(), s.look(), s.read(), s.name_peer(); },
       "IN OUT ERR HUP RDHUP; ECONNRESET; IN OUT HUP RDHUP; end; ENOTCONN; ",
       "IN OUT HUP RDHUP; end; IN OUT HUP RDHUP; end; named; "},
      {"PeerSendsAndResets",
       [](Script& s) {
         s.peer_sends("ab"), s.peer_resets(), s.look(), s.read(), s.read(), s.read();
       },
       "IN OUT ERR HUP RDHUP; ab; ECONNRESET; end; ", "IN OUT HUP RDHUP; ab; end; end; "},
      {"PeerResetsAndErrorIsAsked",
       [](Script& s) { s.peer_resets(), s.so_error(), s.so_error(), s.read(), s.we_send("x"); },
       "104; 0; end; EPIPE; ", "0; 0; end; EPIPE; "},
      {"PeerResetsAndWeWrite",
       [](Script& s) { s.peer_resets(), s.we_send("x"), s.we_send("x"), s.read(); },
       "ECONNRESET; EPIPE; end; ", "EPIPE; EPIPE; end; "},
      {"WeShutDown", [](Script& s) { s.we_shut(), s.look(), s.read(), s.we_send("x"); },
       "OUT; EAGAIN; EPIPE; ", "OUT; EAGAIN; EPIPE; "},
      {"WeShutDownAndPeerSends",
       [](Script& s) { s.we_shut(), s.peer_sends("ab"), s.look(), s.read(), s.look(); },
       "IN OUT; ab; OUT; ", "IN OUT; ab; OUT; "},
      {"WeShutDownAndPeerCloses",
       [](Script& s) { s.we_shut(), s.peer_closes(), s.look(), s.read(), s.name_peer(); },
       "IN OUT HUP RDHUP; end; ENOTCONN; ", "IN OUT HUP RDHUP; end; named; "},
      {"PeerClosesAndWeShutDown",
       [](Script& s) { s.peer_closes(), s.we_shut(), s.look(), s.read(); },
       "IN OUT HUP RDHUP; end; ", "IN OUT HUP RDHUP; end; "},
      {"PeerClosedAndWeWrite",
       [](Script& s) {
         s.peer_closes(), s.we_send("x"), s.look(), s.read(), s.we_send("x"), s.we_send("x");
       },
       "1; IN OUT ERR HUP RDHUP; end; EPIPE; EPIPE; ",
       "EPIPE; IN OUT HUP RDHUP; end; EPIPE; EPIPE; "},
      {"PeerClosesWithOurDataUnread",
       [](Script& s) { s.we_send("x"), s.peer_closes(), s.look(), s.read(), s.read(); },
       "1; IN OUT ERR HUP RDHUP; ECONNRESET; end; ", "1; IN OUT ERR HUP RDHUP; ECONNRESET; end; "},
      {"PeerSendsThenClosesWithOurDataUnread",
       [](Script& s) {
         s.we_send("x"), s.peer_sends("ab"), s.peer_closes(), s.look(), s.read(), s.read();
       },
       "1; IN OUT ERR HUP RDHUP; ab; ECONNRESET; ", "1; IN OUT ERR HUP RDHUP; ab; ECONNRESET; "},
      {"WeShutDownAndPeerResets",
       [](Script& s) { s.we_shut(), s.peer_resets(), s.look(), s.read(), s.read(); },
       "IN OUT ERR HUP RDHUP; ECONNRESET; end; ", "IN OUT HUP RDHUP; end; end; "},
      {"PeerShutsDownAndResets",
       [](Script& s) { s.peer_shuts(), s.peer_resets(), s.look(), s.read(), s.so_error(); },
       "IN OUT ERR HUP RDHUP; end; 32; ", "IN OUT HUP RDHUP; end; 0; "},
  };
}

std::string run(Stage& stage, const net::Address& address, const Row& row) {
  Script script(stage, address);
  row.script(script);
  return script.log();
}

// Loopback may be late on a busy machine: a difference counts when it stays with patience.
std::string run_on_linux(const net::Address& address, const Row& row, const std::string& expected) {
  RealStage hasty(std::chrono::milliseconds(0));
  if (run(hasty, address, row) == expected) return expected;
  RealStage patient(std::chrono::milliseconds(5));
  return run(patient, address, row);
}

class ReadinessTable : public testing::TestWithParam<Row> {};

TEST_P(ReadinessTable, R31TcpIsSimulated) {
  SimulatedStage stage;
  EXPECT_EQ(run(stage, plug::loopback(), GetParam()), GetParam().tcp);
}

TEST_P(ReadinessTable, R31TcpIsWhatLinuxDoes) {
  const Row& row = GetParam();
  EXPECT_EQ(run_on_linux(plug::loopback(), row, row.tcp), row.tcp);
}

TEST_P(ReadinessTable, R31UnixDomainIsSimulated) {
  SimulatedStage stage;
  const auto address = *net::Address::unix_path("@readiness");
  EXPECT_EQ(run(stage, address, GetParam()), GetParam().unix_domain);
}

TEST_P(ReadinessTable, R31UnixDomainIsWhatLinuxDoes) {
  const Row& row = GetParam();
  const auto address = *net::Address::unix_path("@duplex-readiness-" + std::to_string(getpid()));
  EXPECT_EQ(run_on_linux(address, row, row.unix_domain), row.unix_domain);
}

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

INSTANTIATE_TEST_SUITE_P(Rows, ReadinessTable, testing::ValuesIn(rows()),
                         [](const auto& param) { return param.param.name; });

// --- Sockets that are not connected

std::string unconnected(Stage& stage) {
  net::Kernel& kernel = stage.kernel();
  const int fd = kernel.socket(net::AddressFamily::ipv4);
  std::string log = events_of(kernel, fd) + "; ";
  log += receive(kernel, fd) + "; ";
  log += std::to_string(send(kernel, fd, "x")) + "; ";
  log += std::to_string(kernel.shutdown_write(fd));
  kernel.close(fd);
  return log;
}

TEST(Readiness, R31FreshSocketIsHungUp) {
  SimulatedStage simulated;
  RealStage real;
  EXPECT_EQ(unconnected(simulated), "OUT HUP; ENOTCONN; -32; -107");
  EXPECT_EQ(unconnected(real), unconnected(simulated));
}

std::string refused(Stage& stage) {
  net::Kernel& kernel = stage.kernel();
  net::Address address = plug::loopback();
  const int reserved = kernel.socket(address.family());
  kernel.bind(reserved, address);  // not listening, so nobody else listens there either
  kernel.local_address(reserved, address);
  const int fd = kernel.socket(address.family());
  std::string log = std::to_string(kernel.connect(fd, address)) + "; ";
  stage.let_things_happen();
  log += events_of(kernel, fd) + "; ";
  log += std::to_string(kernel.socket_error(fd)) + "; ";
  log += std::to_string(kernel.socket_error(fd)) + "; ";
  log += events_of(kernel, fd);
  kernel.close(fd);
  kernel.close(reserved);
  return log;
}

TEST(Readiness, R31RefusedConnectIsReported) {
  SimulatedStage simulated;
  RealStage real;
  EXPECT_EQ(refused(simulated), "-115; IN OUT ERR HUP RDHUP; 111; 0; IN OUT HUP RDHUP");
  EXPECT_EQ(refused(real), refused(simulated));
}

}  // namespace
}  // namespace duplex::simulation

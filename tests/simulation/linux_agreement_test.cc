// Random scripts of calls: the simulated kernel answers every one of them as the real one does.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "../support/seeds.h"
#include "plug.h"
#include "stage.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;

struct End {
  int fd = -1;
  bool open = true;
};

// One script: both ends of one connection in the hands of a random number generator.
class Walk {
 public:
  Walk(Stage& stage, net::Address address, std::uint64_t seed)
      : stage_(stage), kernel_(stage.kernel()), random_(seed) {
    listener_ = plug::listen(kernel_, address);
    ends_[0].fd = kernel_.socket(address.family());
    kernel_.connect(ends_[0].fd, address);
    stage_.let_things_happen();
    ends_[1].fd = kernel_.accept(listener_, nullptr);
    if (address.family() == net::AddressFamily::unix_domain) return;
    for (const End& end : ends_) kernel_.set_option(end.fd, net::SocketOption::no_delay, 1);
  }
  ~Walk() {
    for (const End& end : ends_) {
      if (end.open) kernel_.close(end.fd);
    }
    kernel_.close(listener_);
  }

  std::string run(int steps) {
    std::string log;
    for (int i = 0; i < steps && (ends_[0].open || ends_[1].open); ++i) {
      const std::size_t which = random_.below(2);
      const auto action = random_.below(16);
      if (!ends_[which].open) continue;
      log += (which == 0 ? "a." : "b.") + act(ends_[which], action) + "\n";
      stage_.let_things_happen();
    }
    return log;
  }

 private:
  std::string act(End& end, std::uint64_t action) {
    if (action < 4) return "send=" + std::to_string(plug::send(kernel_, end.fd, "ab"));
    if (action < 8) return "recv=" + plug::receive(kernel_, end.fd, 1 + random_.below(5));
    if (action < 12) return "look=" + plug::events_of(kernel_, end.fd);
    if (action == 12) return "error=" + std::to_string(kernel_.socket_error(end.fd));
    if (action == 13) return "shutdown=" + std::to_string(kernel_.shutdown_write(end.fd));
    if (action == 14) return "name=" + std::to_string(kernel_.peer_address(end.fd, ignored_));
    end.open = false;
    const bool reset = random_.below(3) == 0;
    if (reset) kernel_.set_option(end.fd, net::SocketOption::linger_reset, 1);
    return std::string(reset ? "reset=" : "close=") + std::to_string(kernel_.close(end.fd));
  }

  Stage& stage_;
  net::Kernel& kernel_;
  Random random_;
  int listener_ = -1;
  End ends_[2];
  net::Address ignored_;
};

std::string walk(Stage& stage, const net::Address& address, std::uint64_t seed) {
  return Walk(stage, address, seed).run(60);
}

// On a busy machine loopback is late now and then; a difference counts when it stays with patience.
void expect_agreement(const net::Address& address, std::uint64_t seed) {
  SimulatedStage simulated;
  RealStage hasty(0ms);
  const std::string expected = walk(simulated, address, seed);
  if (walk(hasty, address, seed) == expected) return;
  RealStage patient(5ms);
  EXPECT_EQ(expected, walk(patient, address, seed));
}

TEST(LinuxAgreement, OfTcp) {
  support::for_each_seed(500, [](std::uint64_t seed) { expect_agreement(plug::loopback(), seed); });
}

TEST(LinuxAgreement, OfTheUnixDomain) {
  const auto address = *net::Address::unix_path("@duplex-agreement-" + std::to_string(getpid()));
  support::for_each_seed(500, [&](std::uint64_t seed) { expect_agreement(address, seed); });
}

// --- Readiness: who is reported in which order, when there is not room for all

class EpollWalk {
 public:
  EpollWalk(net::Kernel& kernel, std::uint64_t seed)
      : kernel_(kernel), random_(seed), epoll_(kernel.epoll_create()) {
    for (int& fd : counters_) fd = kernel_.eventfd();
  }
  ~EpollWalk() {
    for (const int fd : counters_) kernel_.close(fd);
    kernel_.close(epoll_);
  }

  std::string run(int steps) {
    std::string log;
    for (int i = 0; i < steps; ++i) {
      const auto action = random_.below(12);
      log += act(random_.below(counters_.size()), action) + "\n";
    }
    return log;
  }

 private:
  std::string act(std::size_t which, std::uint64_t action) {
    int& fd = counters_[which];
    if (action < 3) return "wake=" + std::to_string(kernel_.wake(fd));
    if (action < 5) return "clear=" + std::to_string(kernel_.clear_wake(fd));
    if (action < 9) return wait(1 + random_.below(3));
    if (action == 11) {
      kernel_.close(fd);
      fd = kernel_.eventfd();
    }
    const net::EpollOperation operations[] = {net::EpollOperation::add, net::EpollOperation::modify,
                                              net::EpollOperation::remove,
                                              net::EpollOperation::add};
    const std::uint32_t interest = random_.below(4) == 0 ? 0 : net::Ready::in;
    const auto operation = operations[random_.below(4)];
    return "control=" + std::to_string(kernel_.epoll_ctl(epoll_, operation, fd, {interest, which}));
  }
  std::string wait(std::size_t room) {
    std::vector<net::Ready> ready(room);
    const int count = kernel_.epoll_wait(epoll_, ready, 0ns);
    std::string log = "wait=" + std::to_string(count);
    for (int i = 0; i < count; ++i) {
      log += " " + std::to_string(ready[static_cast<std::size_t>(i)].data);
    }
    return log;
  }

  net::Kernel& kernel_;
  Random random_;
  int epoll_;
  std::array<int, 6> counters_{};
};

TEST(LinuxAgreement, OfEpoll) {
  support::for_each_seed(500, [](std::uint64_t seed) {
    World world;
    Kernel simulated(world);
    net::LinuxKernel real;
    EXPECT_EQ(EpollWalk(simulated, seed).run(100), EpollWalk(real, seed).run(100));
  });
}

}  // namespace
}  // namespace duplex::simulation

// Every kind of misfortune, and that without any there is none.
#include "simulation/faults.h"

#include <gtest/gtest.h>

#include "connected.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;
using net::Call;
using plug::events_of;
using plug::receive;
using plug::send;

// --- By rate

TEST(FaultRates, ShortReadsLoseNothing) {
  Connected c;
  c.kernel.faults().set_rates({.short_read = 1});
  send(c.kernel, c.here, "abcdefghijklmnop");
  std::string whole;
  int reads = 0;
  for (; whole.size() < 16; ++reads) whole += receive(c.kernel, c.there);
  EXPECT_EQ(whole, "abcdefghijklmnop");
  EXPECT_GT(reads, 1);
}

TEST(FaultRates, ShortWritesTakeAPart) {
  Connected c;
  c.kernel.faults().set_rates({.short_write = 1});
  const std::string all(1000, 'x');
  std::size_t sent = 0;
  int writes = 0;
  for (; sent < all.size(); ++writes) {
    sent += static_cast<std::size_t>(send(c.kernel, c.here, all.substr(sent)));
  }
  EXPECT_EQ(receive(c.kernel, c.there), all);
  EXPECT_GT(writes, 1);
}

TEST(Faults, ShortenerSaysHowMuchIsMoved) {
  Connected c;
  c.kernel.faults().set_shortener([](Call call, std::size_t size) {
    return call == Call::writev ? size - 1 : std::min<std::size_t>(size, 2);
  });
  EXPECT_EQ(send(c.kernel, c.here, "abcde"), 4);
  EXPECT_EQ(receive(c.kernel, c.there), "ab");
  c.kernel.faults().clear();
  EXPECT_EQ(receive(c.kernel, c.there), "cd");
}

TEST(FaultRates, AgainAlthoughReady) {
  Connected c;
  send(c.kernel, c.here, "x");
  c.kernel.faults().set_rates({.again = 1});
  EXPECT_EQ(events_of(c.kernel, c.there), "IN OUT");
  EXPECT_EQ(receive(c.kernel, c.there), "EAGAIN");
  EXPECT_EQ(send(c.kernel, c.there, "x"), -EAGAIN);
  EXPECT_EQ(c.kernel.accept(c.listener, nullptr), -EAGAIN);
  EXPECT_EQ(c.kernel.faults().injected(), 3U);
  c.kernel.faults().clear();
  EXPECT_EQ(receive(c.kernel, c.there), "x");
  EXPECT_EQ(c.kernel.faults().injected(), 0U);
}

TEST(FaultRates, AbortedAcceptTakesTheConnectionAway) {
  Connected c;
  net::Address address;
  c.kernel.local_address(c.listener, address);
  const int fd = c.kernel.socket(address.family());
  c.kernel.connect(fd, address);
  c.kernel.faults().set_rates({.aborted_accept = 1});
  EXPECT_EQ(c.kernel.accept(c.listener, nullptr), -ECONNABORTED);
  EXPECT_EQ(receive(c.kernel, fd), "ECONNRESET");
  EXPECT_EQ(events_of(c.kernel, c.listener), "-");
}

TEST(FaultRates, ResetConnectionsWhileReadingAndWriting) {
  Connected reading;
  reading.kernel.faults().set_rates({.reset = 1});
  EXPECT_EQ(receive(reading.kernel, reading.here), "ECONNRESET");
  EXPECT_EQ(events_of(reading.kernel, reading.there), "IN OUT ERR HUP RDHUP");
  Connected writing;
  writing.kernel.faults().set_rates({.reset = 1});
  EXPECT_EQ(send(writing.kernel, writing.here, "x"), -ECONNRESET);
}

TEST(FaultRates, BuffersRunOut) {
  Connected c;
  c.kernel.faults().set_rates({.no_buffers = 1});
  for (int i = 0; i < 10; ++i) {
    const auto result = send(c.kernel, c.here, "x");
    EXPECT_TRUE(result == -ENOBUFS || result == -ENOMEM);
  }
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
}

TEST(FaultRates, EpollIsInterruptedAndFull) {
  Connected c;
  c.kernel.faults().set_rates({.interrupted = 1, .epoll_full = 1});
  const int epoll = c.kernel.epoll_create();
  net::Ready ready;
  EXPECT_EQ(c.kernel.epoll_wait(epoll, {&ready, 1}, 1s), -EINTR);
  const int result = c.kernel.epoll_ctl(epoll, net::EpollOperation::add, c.here, {});
  EXPECT_TRUE(result == -ENOMEM || result == -ENOSPC);
  c.kernel.faults().set_rates({});
  EXPECT_EQ(c.kernel.epoll_ctl(epoll, net::EpollOperation::add, c.here, {}), 0);
  c.kernel.faults().set_rates({.epoll_full = 1});
  EXPECT_EQ(c.kernel.epoll_ctl(epoll, net::EpollOperation::modify, c.here, {}), 0);
  EXPECT_EQ(c.kernel.epoll_ctl(epoll, net::EpollOperation::remove, c.here, {}), 0);
  EXPECT_EQ(c.kernel.faults().rates().epoll_full, 1);
}

// --- By script

TEST(FaultScript, TheNthCallOfAKindFailsOnce) {
  Connected c;
  c.kernel.faults().fail_call(Call::writev, 2, ENOBUFS);
  EXPECT_EQ(send(c.kernel, c.here, "a"), 1);
  EXPECT_EQ(receive(c.kernel, c.here), "EAGAIN");
  EXPECT_EQ(send(c.kernel, c.here, "b"), -ENOBUFS);
  EXPECT_EQ(send(c.kernel, c.here, "b"), 1);
  EXPECT_EQ(receive(c.kernel, c.there), "ab");
}

TEST(FaultScript, OrForEver) {
  Connected c;
  c.kernel.faults().fail_call(Call::eventfd, 2, EMFILE, Repeat::for_ever);
  EXPECT_GE(c.kernel.eventfd(), 0);
  EXPECT_EQ(c.kernel.eventfd(), -EMFILE);
  EXPECT_EQ(c.kernel.eventfd(), -EMFILE);
  EXPECT_EQ(c.kernel.faults().injected(), 2U);
}

TEST(FaultScript, TheNthCallOfAllFailsAsChosen) {
  Connected c;
  c.kernel.faults().fail_any(2, [](Call call) { return call == Call::writev ? EPIPE : 0; });
  c.kernel.faults().fail_any(3, [](Call) { return EIO; });
  EXPECT_EQ(receive(c.kernel, c.here), "EAGAIN");
  EXPECT_EQ(send(c.kernel, c.here, "a"), -EPIPE);
  EXPECT_EQ(receive(c.kernel, c.here), "EIO");
}

TEST(FaultScript, TwoForTheSameCallGiveTheFirst) {
  Connected c;
  c.kernel.faults().fail_call(Call::eventfd, 1, EMFILE);
  c.kernel.faults().fail_call(Call::eventfd, 1, ENFILE);
  EXPECT_EQ(c.kernel.eventfd(), -EMFILE);
  EXPECT_GE(c.kernel.eventfd(), 0);
}

TEST(FaultScript, WithoutChooserTheErrnoIsAPlausibleOne) {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    World world({.seed = seed});
    Kernel kernel(world);
    kernel.faults().fail_any(1);
    const int result = kernel.socket(net::AddressFamily::ipv4);
    const auto plausible = plausible_errors(Call::socket);
    EXPECT_NE(std::find(plausible.begin(), plausible.end(), -result), plausible.end());
  }
}

TEST(FaultScript, EveryCallHasPlausibleErrnos) {
  for (std::size_t i = 0; i < net::call_count; ++i) {
    EXPECT_FALSE(plausible_errors(static_cast<Call>(i)).empty()) << i;
  }
  EXPECT_TRUE(plausible_errors(static_cast<Call>(net::call_count)).empty());
  World world;
  Faults faults(world.fork_random());
  EXPECT_EQ(faults.chosen(static_cast<Call>(net::call_count)), 0);
}

TEST(FaultScript, BrokenConnectionStaysBrokenAndThePeerIsTold) {
  Connected c;
  c.kernel.faults().fail_call(Call::recv, 1, ETIMEDOUT);
  EXPECT_EQ(receive(c.kernel, c.here), "ETIMEDOUT");
  EXPECT_EQ(receive(c.kernel, c.here), "end");
  EXPECT_EQ(send(c.kernel, c.here, "x"), -EPIPE);
  EXPECT_EQ(receive(c.kernel, c.there), "ECONNRESET");
}

TEST(FaultScript, DescriptorIsGoneWhateverCloseSays) {
  Connected c;
  c.kernel.faults().fail_call(Call::close, 1, EINTR);
  EXPECT_EQ(c.kernel.close(c.here), -EINTR);
  EXPECT_EQ(c.kernel.close(c.here), -EBADF);
  EXPECT_EQ(receive(c.kernel, c.there), "end");
}

TEST(FaultScript, ProcessesErrorLeavesTheConnectionWaiting) {
  Connected c;
  net::Address address;
  c.kernel.local_address(c.listener, address);
  c.kernel.connect(c.kernel.socket(address.family()), address);
  c.kernel.faults().fail_call(Call::accept, 1, ENFILE);
  EXPECT_EQ(c.kernel.accept(c.listener, nullptr), -ENFILE);
  EXPECT_GE(c.kernel.accept(c.listener, nullptr), 0);
}

TEST(FaultScript, WakeUpIsNotLostWhenTheCounterIsFull) {
  World world;
  Kernel kernel(world);
  const int fd = kernel.eventfd();
  kernel.faults().fail_call(Call::eventfd_write, 1, EAGAIN);
  EXPECT_EQ(kernel.wake(fd), -EAGAIN);
  EXPECT_EQ(events_of(kernel, fd), "IN OUT");
}

TEST(FaultScript, InterruptedConnectGoesOnAndAFailedOneDoesNot) {
  Connected c;
  net::Address address;
  c.kernel.local_address(c.listener, address);
  const int fd = c.kernel.socket(address.family());
  c.kernel.faults().fail_call(Call::connect, 1, ENETUNREACH);
  EXPECT_EQ(c.kernel.connect(fd, address), -ENETUNREACH);
  EXPECT_EQ(events_of(c.kernel, fd), "OUT HUP");
  c.kernel.faults().fail_call(Call::connect, 1, EINTR);
  EXPECT_EQ(c.kernel.connect(fd, address), -EINPROGRESS);
  EXPECT_EQ(events_of(c.kernel, fd), "OUT");
}

// The shape of a test that tries every single call of a scenario: it ends with a clean pass.
TEST(FaultScript, LoopOverAllCallsEnds) {
  std::uint64_t n = 1;
  for (;; ++n) {
    World world;
    Kernel kernel(world);
    kernel.faults().fail_any(n);
    net::Address address = plug::loopback();
    const int listener = plug::listen(kernel, address);
    const int fd = kernel.socket(net::AddressFamily::ipv4);
    kernel.connect(fd, address);
    kernel.close(kernel.accept(listener, nullptr));
    kernel.close(fd);
    kernel.close(listener);
    EXPECT_EQ(kernel.descriptor_count(), 0U);
    if (kernel.faults().injected() == 0) break;
    ASSERT_LT(n, 100U);
  }
  EXPECT_EQ(n, 11U);
}

}  // namespace
}  // namespace duplex::simulation

#include "duplex/net/linux_kernel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "net/linux_call.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

Bytes bytes(std::string_view text) { return as_bytes(text); }

struct LinuxKernelTest : testing::Test {
  LinuxKernel kernel;
  std::vector<int> open;

  ~LinuxKernelTest() override {
    for (const int fd : open) kernel.close(fd);
  }
  int keep(int fd) {
    EXPECT_GE(fd, 0);
    open.push_back(fd);
    return fd;
  }
  void wait_for(int fd, std::uint32_t events) {
    const int epoll = kernel.epoll_create();
    ASSERT_EQ(kernel.epoll_ctl(epoll, EpollOperation::add, fd, {.events = events, .data = 1}), 0);
    std::array<Ready, 1> ready;
    ASSERT_EQ(kernel.epoll_wait(epoll, ready, 5s), 1);
    kernel.close(epoll);
  }
  int listen_on(Address& address) {
    const int fd = keep(kernel.socket(address.family()));
    EXPECT_EQ(kernel.bind(fd, address), 0);
    EXPECT_EQ(kernel.listen(fd, 16), 0);
    EXPECT_EQ(kernel.local_address(fd, address), 0);
    return fd;
  }
  // Both ends of a connection: {client, server}.
  std::pair<int, int> connect_to(Address address) {
    const int listener = listen_on(address);
    const int client = keep(kernel.socket(address.family()));
    const int result = kernel.connect(client, address);
    EXPECT_TRUE(result == 0 || result == -EINPROGRESS) << result;
    wait_for(listener, Ready::in);
    return {client, keep(kernel.accept(listener, &peer))};
  }
  std::string read(int fd) {
    wait_for(fd, Ready::in);
    std::array<std::byte, 100> buffer;
    const auto size = kernel.recv(fd, buffer);
    return size < 0 ? "error" : std::string(as_text(Bytes(buffer).first(std::size_t(size))));
  }

  Address peer;
};

TEST_F(LinuxKernelTest, ConnectsAndCarriesBytesOverBothFamilies) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    const auto [client, server] = connect_to(*Address::parse(host, 0));
    EXPECT_EQ(peer.host(), host);
    Address name;
    EXPECT_EQ(kernel.peer_address(server, name), 0);
    EXPECT_EQ(name, peer);
    EXPECT_EQ(kernel.local_address(client, name), 0);
    EXPECT_EQ(name, peer);
    const std::array<Bytes, 1> one = {bytes("one")};
    EXPECT_EQ(kernel.writev(client, one), 3);
    EXPECT_EQ(read(server), "one");
    const std::array<Bytes, 3> three = {bytes("a"), bytes(""), bytes("bc")};
    EXPECT_EQ(kernel.writev(server, three), 3);
    EXPECT_EQ(read(client), "abc");
    EXPECT_EQ(kernel.writev(server, {}), 0);
    std::array<std::byte, 1> empty;
    EXPECT_EQ(kernel.recv(client, empty), -EAGAIN);
    EXPECT_EQ(kernel.shutdown_write(client), 0);
    EXPECT_EQ(read(server), "");
  }
}

TEST_F(LinuxKernelTest, UnixDomainSocketsRefuseTcpOptionsWithoutHarm) {
  const auto [client, server] = connect_to(*Address::unix_path("@duplex-kernel-test"));
  EXPECT_EQ(peer.text(), "unix:");
  EXPECT_LT(kernel.set_option(client, SocketOption::no_delay, 1), 0);
  EXPECT_LT(kernel.set_option(client, SocketOption::user_timeout, 1), 0);
  EXPECT_EQ(kernel.writev(client, std::array{bytes("x")}), 1);
  EXPECT_EQ(read(server), "x");
}

TEST_F(LinuxKernelTest, R18MoreThan1024PiecesAreWrittenInPart) {
  const auto [client, server] = connect_to(*Address::parse("127.0.0.1", 0));
  const std::vector<Bytes> pieces(2000, bytes("x"));
  EXPECT_EQ(kernel.writev(client, pieces), 1024);
}

TEST_F(LinuxKernelTest, R17WritingToAResetConnectionIsAnErrorNotASignal) {
  const auto [client, server] = connect_to(*Address::parse("127.0.0.1", 0));
  EXPECT_EQ(kernel.set_option(server, SocketOption::linger_reset, 1), 0);
  open.erase(std::find(open.begin(), open.end(), server));
  kernel.close(server);
  wait_for(client, Ready::in);
  EXPECT_EQ(kernel.socket_error(client), ECONNRESET);
  EXPECT_EQ(kernel.socket_error(client), 0);
  EXPECT_EQ(kernel.writev(client, std::array{bytes("x")}), -EPIPE);
}

TEST_F(LinuxKernelTest, TcpSaysWhatItHasCarried) {
  const auto [client, server] = connect_to(*Address::parse("127.0.0.1", 0));
  const std::array<Bytes, 1> five = {bytes("12345")};
  EXPECT_EQ(kernel.writev(client, five), 5);
  EXPECT_EQ(read(server), "12345");
  TcpInfo sent;
  TcpInfo received;
  ASSERT_EQ(kernel.tcp_info(client, sent), 0);
  ASSERT_EQ(kernel.tcp_info(server, received), 0);
  EXPECT_EQ(sent.bytes_sent, 5U);
  EXPECT_EQ(sent.data_segments_sent, 1U);
  EXPECT_EQ(sent.bytes_received, 0U);
  EXPECT_EQ(received.bytes_received, 5U);
  EXPECT_EQ(received.data_segments_received, 1U);
  EXPECT_GT(received.max_segment_size, 0U);
  EXPECT_EQ(kernel.counts().of(Call::tcp_info), 2U);
}

TEST_F(LinuxKernelTest, WhereThereIsNoTcpItSaysNothing) {
  const int fd = keep(kernel.socket(AddressFamily::unix_domain));
  TcpInfo info;
  EXPECT_EQ(kernel.tcp_info(fd, info), -EOPNOTSUPP);
  EXPECT_EQ(kernel.tcp_info(-1, info), -EBADF);
}

TEST_F(LinuxKernelTest, EveryOptionIsKnown) {
  const int fd = keep(kernel.socket(AddressFamily::ipv6));
  using enum SocketOption;
  for (const SocketOption option :
       {no_delay, reuse_address, reuse_port, ipv6_only, keep_alive, keep_alive_idle,
        keep_alive_interval, keep_alive_count, user_timeout, send_buffer, receive_buffer,
        linger_reset, not_sent_low_water}) {
    EXPECT_EQ(kernel.set_option(fd, option, 1), 0) << static_cast<int>(option);
  }
}

TEST_F(LinuxKernelTest, FailuresAreNegativeErrnos) {
  std::array<std::byte, 1> byte;
  Address address;
  FileStatus status;
  EXPECT_EQ(kernel.socket(AddressFamily::unspecified), -EAFNOSUPPORT);
  EXPECT_EQ(kernel.bind(-1, {}), -EBADF);
  EXPECT_EQ(kernel.listen(-1, 1), -EBADF);
  EXPECT_EQ(kernel.accept(-1, &address), -EBADF);
  EXPECT_EQ(kernel.connect(-1, *Address::parse("::1", 1)), -EBADF);
  EXPECT_EQ(kernel.set_option(-1, SocketOption::no_delay, 1), -EBADF);
  EXPECT_EQ(kernel.socket_error(-1), -EBADF);
  EXPECT_EQ(kernel.local_address(-1, address), -EBADF);
  EXPECT_EQ(kernel.peer_address(-1, address), -EBADF);
  EXPECT_EQ(kernel.recv(-1, byte), -EBADF);
  EXPECT_EQ(kernel.writev(-1, std::array{Bytes(byte)}), -EBADF);
  EXPECT_EQ(kernel.shutdown_write(-1), -EBADF);
  EXPECT_EQ(kernel.close(-1), -EBADF);
  EXPECT_EQ(kernel.epoll_ctl(-1, EpollOperation::modify, 0, {}), -EBADF);
  EXPECT_EQ(kernel.wake(-1), -EBADF);
  EXPECT_EQ(kernel.fstat(-1, status), -EBADF);
  EXPECT_EQ(kernel.pread(-1, byte, 0), -EBADF);
  EXPECT_EQ(kernel.unlink("/nowhere/at/all"), -ENOENT);
  const std::array bad_signal = {-1};
  EXPECT_EQ(kernel.signalfd(bad_signal), -EINVAL);
}

TEST_F(LinuxKernelTest, R52WaitsInNanosecondsAndNeverTooShort) {
  const int epoll = keep(kernel.epoll_create());
  std::array<Ready, 4> ready;
  for (const nanoseconds timeout : {nanoseconds(1), nanoseconds(300us), nanoseconds(1500us)}) {
    const auto before = kernel.now();
    EXPECT_EQ(kernel.epoll_wait(epoll, ready, timeout), 0);
    EXPECT_GE(kernel.now() - before, timeout);
  }
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, 0ns), 0);
}

TEST_F(LinuxKernelTest, WaitsOfThreeHundredYearsAreAccepted) {
  const int epoll = keep(kernel.epoll_create());
  const int event = keep(kernel.eventfd());
  ASSERT_EQ(kernel.epoll_ctl(epoll, EpollOperation::add, event, {.events = Ready::in}), 0);
  ASSERT_EQ(kernel.wake(event), 0);
  std::array<Ready, 4> ready;
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, nanoseconds::max()), 1);
}

TEST_F(LinuxKernelTest, R28NobodyStarvesWhenMoreAreReadyThanReported) {
  constexpr std::size_t count = 300;
  const int epoll = keep(kernel.epoll_create());
  for (std::size_t i = 0; i < count; ++i) {
    const int event = keep(kernel.eventfd());
    kernel.epoll_ctl(epoll, EpollOperation::add, event, {.events = Ready::in, .data = i});
    kernel.wake(event);
  }
  std::array<Ready, 7> ready;
  std::set<std::uint64_t> seen;
  for (std::size_t turn = 0; turn < count / ready.size() + 1; ++turn) {
    ASSERT_EQ(kernel.epoll_wait(epoll, ready, 0ns), 7);
    for (const Ready& one : ready) seen.insert(std::uint64_t{one.data});
  }
  EXPECT_EQ(seen.size(), count);
}

TEST_F(LinuxKernelTest, InterestIsChangedAndRemoved) {
  const int epoll = keep(kernel.epoll_create());
  const int event = keep(kernel.eventfd());
  std::array<Ready, 1> ready;
  kernel.epoll_ctl(epoll, EpollOperation::add, event, {.events = Ready::in});
  kernel.wake(event);
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, 0ns), 1);
  EXPECT_EQ(kernel.epoll_ctl(epoll, EpollOperation::modify, event, {.events = 0}), 0);
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, 0ns), 0);
  EXPECT_EQ(kernel.epoll_ctl(epoll, EpollOperation::remove, event, {}), 0);
  EXPECT_EQ(kernel.epoll_ctl(epoll, EpollOperation::remove, event, {}), -ENOENT);
}

TEST_F(LinuxKernelTest, SignalsAreReadOneByOne) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  const std::array signals = {SIGUSR1};
  const int fd = keep(kernel.signalfd(signals));
  EXPECT_EQ(kernel.next_signal(fd), -EAGAIN);
  ::raise(SIGUSR1);
  EXPECT_EQ(kernel.next_signal(fd), SIGUSR1);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// What a program that is executed has: its own three, what whoever started the tests let it
// inherit, and the folder that it lists.
std::string descriptors_of_a_child() {
  FILE* const output = ::popen("exec ls /proc/self/fd", "r");
  std::string text;
  for (int c = 0; output != nullptr && (c = std::fgetc(output)) != EOF;)
    text += static_cast<char>(c);
  EXPECT_TRUE(output != nullptr && ::pclose(output) == 0);
  return text;
}

TEST_F(LinuxKernelTest, R56EveryDescriptorClosesOnExec) {
  const std::string inherited = descriptors_of_a_child();
  EXPECT_TRUE(inherited.starts_with("0\n1\n")) << inherited;
  connect_to(*Address::parse("127.0.0.1", 0));
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  const std::array signals = {SIGUSR2};
  keep(kernel.epoll_create());
  keep(kernel.eventfd());
  keep(kernel.signalfd(signals));
  keep(kernel.reserve_descriptor());
  const int root = keep(kernel.open_directory("tests"));
  keep(kernel.open_beneath(root, "net"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_GE(open.size(), 9U);
  EXPECT_EQ(descriptors_of_a_child(), inherited);
}

TEST_F(LinuxKernelTest, FilesAreOpenedBeneathTheirRootOnly) {
  std::string root_path = testing::TempDir() + "duplex-XXXXXX";
  ASSERT_NE(::mkdtemp(root_path.data()), nullptr);
  const auto in_root = [&](const char* name) { return root_path + "/" + name; };
  const int made = keep(::open(in_root("file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  ASSERT_EQ(::write(made, "hello", 5), 5);
  ASSERT_EQ(::symlink("file", in_root("inside").c_str()), 0);
  ASSERT_EQ(::symlink("/etc/passwd", in_root("outside").c_str()), 0);
  ASSERT_EQ(::mkfifo(in_root("fifo").c_str(), 0600), 0);

  const int root = keep(kernel.open_directory(root_path));
  const int file = keep(kernel.open_beneath(root, "file"));
  FileStatus status;
  ASSERT_EQ(kernel.fstat(file, status), 0);
  EXPECT_EQ(status.size, 5U);
  EXPECT_TRUE(status.is_regular);
  EXPECT_FALSE(status.is_directory);
  EXPECT_GT(status.modified_seconds, 0);
  std::array<std::byte, 10> buffer;
  EXPECT_EQ(kernel.pread(file, buffer, 1), 4);
  EXPECT_EQ(as_text(Bytes(buffer).first(4)), "ello");
  EXPECT_EQ(kernel.pread(file, buffer, 5), 0);

  keep(kernel.open_beneath(root, "inside"));
  EXPECT_EQ(kernel.open_beneath(root, "outside"), -EXDEV);
  EXPECT_EQ(kernel.open_beneath(root, "../"), -EXDEV);
  EXPECT_EQ(kernel.open_beneath(root, "/etc/passwd"), -EXDEV);
  EXPECT_EQ(kernel.open_beneath(root, "none"), -ENOENT);
  const int fifo = keep(kernel.open_beneath(root, "fifo"));  // does not wait for a writer
  ASSERT_EQ(kernel.fstat(fifo, status), 0);
  EXPECT_FALSE(status.is_regular);
  EXPECT_EQ(kernel.open_directory(in_root("file")), -ENOTDIR);
  for (const char* name : {"file", "inside", "outside", "fifo"}) {
    EXPECT_EQ(kernel.unlink(in_root(name)), 0);
  }
  ::rmdir(root_path.c_str());
}

TEST_F(LinuxKernelTest, RandomFillsEverything) {
  std::array<std::byte, 1000> a = {};
  std::array<std::byte, 1000> b = {};
  EXPECT_EQ(kernel.random(a), 0);
  EXPECT_EQ(kernel.random(b), 0);
  EXPECT_NE(a, b);
  EXPECT_FALSE(std::all_of(a.end() - 20, a.end(), [](std::byte x) { return x == std::byte{}; }));
}

TEST_F(LinuxKernelTest, ResolvesAndSaysWhenThereIsNoSuchName) {
  std::array<Address, 8> addresses;
  const int count = kernel.resolve("127.0.0.1", 8080, addresses);
  ASSERT_EQ(count, 1);
  EXPECT_EQ(addresses[0].text(), "127.0.0.1:8080");
  EXPECT_EQ(kernel.blocking_resolve()("::1", 1, addresses), 1);
  EXPECT_EQ(addresses[0].text(), "[::1]:1");
  EXPECT_EQ(kernel.resolve("127.0.0.1", 1, {}), -ENXIO);
  EXPECT_EQ(kernel.resolve("not a name", 1, addresses), -ENXIO);
}

TEST_F(LinuxKernelTest, ClocksGoForward) {
  const auto before = kernel.now();
  EXPECT_GE(kernel.now(), before);
  EXPECT_GT(kernel.wall_clock().time_since_epoch(), std::chrono::hours(24 * 365 * 50));
}

TEST_F(LinuxKernelTest, CountsEachCallByName) {
  const int fd = keep(kernel.eventfd());
  kernel.wake(fd);
  kernel.wake(fd);
  kernel.clear_wake(fd);
  EXPECT_EQ(kernel.counts().of(Call::eventfd), 1U);
  EXPECT_EQ(kernel.counts().of(Call::eventfd_write), 2U);
  EXPECT_EQ(kernel.counts().of(Call::eventfd_read), 1U);
  EXPECT_EQ(kernel.counts().of(Call::recv), 0U);
  EXPECT_EQ(kernel.counts().total(), 4U);
}

TEST(Calls, HaveNames) {
  EXPECT_EQ(name_of(Call::socket), "socket");
  EXPECT_EQ(name_of(Call::epoll_wait), "epoll_wait");
  EXPECT_EQ(name_of(Call::resolve), "resolve");
  EXPECT_EQ(name_of(Call::tcp_info), "tcp_info");
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < call_count; ++i) names.insert(name_of(static_cast<Call>(i)));
  EXPECT_EQ(names.size(), call_count);
}

TEST(LinuxCall, R01R10R64AnInterruptedOneIsMadeAgain) {
  int calls = 0;
  const auto interrupted_twice = [&](int then) {
    calls = 0;
    return retry_interrupted([&, then] {
      errno = ++calls < 3 ? EINTR : EAGAIN;
      return calls < 3 ? -1 : then;
    });
  };
  EXPECT_EQ(interrupted_twice(7), 7);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(interrupted_twice(-1), -EAGAIN);
  EXPECT_EQ(calls, 3);
}

// A signal at every moment: calls are made again, the wait ends early and says so.
TEST_F(LinuxKernelTest, R22InterruptedCallsAreRepeatedAndInterruptedWaitsReported) {
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  struct sigaction before = {};
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  const int epoll = keep(kernel.epoll_create());
  const pthread_t waiter = pthread_self();
  std::atomic<bool> interrupted = false;
  std::thread thread([&] {
    while (!interrupted) {
      pthread_kill(waiter, SIGUSR1);
      std::this_thread::sleep_for(1ms);
    }
  });
  std::array<Ready, 1> ready;
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, nanoseconds(-1)), -EINTR);
  EXPECT_EQ(kernel.epoll_wait(epoll, ready, 1h), -EINTR);
  interrupted = true;
  thread.join();
  ::sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace duplex::net

// The seam played in memory: one simulated process in a World.
//
// Time moves only in the World. epoll_wait with nothing ready lets it move to the next event, or
// its deadline; while the World is driven (see Runner) it notes the deadline and returns. With
// nothing that could ever happen, waiting for ever gives -EDEADLK. Owner: the test; must not
// outlive its World; destroying it closes what is open, as the end of a process does. Thread: one,
// for wake() too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duplex/net/kernel.h"
#include "simulation/descriptors.h"
#include "simulation/faults.h"
#include "simulation/socket.h"
#include "simulation/world.h"

namespace duplex::simulation {

struct KernelOptions {
  std::string name = "process";  // in traces
  int descriptor_limit = 1 << 20;
};

class Kernel final : public net::Kernel {
 public:
  explicit Kernel(World& world, KernelOptions options = {});
  ~Kernel() override;

  // --- The seam
  int socket(net::AddressFamily family) override;
  int bind(int fd, const net::Address& address) override;
  int listen(int fd, int backlog) override;
  int accept(int fd, net::Address* peer) override;
  int connect(int fd, const net::Address& address) override;
  int set_option(int fd, net::SocketOption option, int value) override;
  int socket_error(int fd) override;
  int local_address(int fd, net::Address& address) override;
  int peer_address(int fd, net::Address& address) override;
  std::ptrdiff_t recv(int fd, MutableBytes bytes) override;
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override;
  int shutdown_write(int fd) override;
  int close(int fd) override;
  int epoll_create() override;
  int epoll_ctl(int epoll, net::EpollOperation operation, int fd, net::Ready interest) override;
  int epoll_wait(int epoll, std::span<net::Ready> ready, std::chrono::nanoseconds timeout) override;
  int eventfd() override;
  int wake(int eventfd) noexcept override;
  int clear_wake(int eventfd) override;
  int signalfd(std::span<const int> signals) override;
  int next_signal(int signalfd) override;
  int open_directory(const std::string& path) override;
  int open_beneath(int root, const std::string& path) override;
  int fstat(int fd, net::FileStatus& status) override;
  std::ptrdiff_t pread(int fd, MutableBytes bytes, std::uint64_t offset) override;
  int unlink(const std::string& path) override;
  net::Clock::time_point now() override;
  std::chrono::system_clock::time_point wall_clock() override;
  int random(MutableBytes bytes) override;
  int reserve_descriptor() override;
  int resolve(const std::string& host, std::uint16_t port,
              std::span<net::Address> addresses) override;

  // --- What a test does to the process
  World& world() noexcept { return world_; }
  Faults& faults() noexcept { return faults_; }
  void set_descriptor_limit(int limit) noexcept { descriptors_.set_limit(limit); }
  // The links of the connections this process begins from now on; without, the World's.
  void set_link(const LinkOptions& toward_server, const LinkOptions& toward_client);
  void set_link(const LinkOptions& both) { set_link(both, both); }
  // The link of one connection: null without one. Valid while the connection lives.
  Link* link(int fd);
  void reset_connection(int fd);  // RST arrives at both ends now
  void vanish(int fd);            // the descriptor is closed and the peer never hears of it
  bool raise(int signal);         // false when no signalfd of the process takes it

  // --- What a test looks at
  std::size_t descriptor_count() const noexcept { return descriptors_.count(); }
  std::vector<int> descriptors() const { return descriptors_.numbers(); }
  std::vector<int> descriptors(std::string_view kind) const;  // "socket", "epoll", "file" ...
  Socket* find_socket(int fd) const noexcept { return descriptors_.find_as<Socket>(fd); }
  const std::string& name() const noexcept { return options_.name; }

  // --- For Runner: whether the last epoll_wait found nothing and would have waited, and until when
  // (nothing: for ever).
  void begin_turn() noexcept { idle_ = false; }
  bool idle() const noexcept { return idle_; }
  std::optional<net::Clock::time_point> wake_up_time() const noexcept { return wake_up_time_; }

 private:
  // Counts, lets the network catch up, asks for a fault and records. `body` gets the fault's errno,
  // or 0.
  template <class F>
  auto with_fault(net::Call call, int fd, F&& body);
  // The same where a fault simply means that the call fails.
  template <class F>
  auto perform(net::Call call, int fd, F&& body);
  // The same for a call on a socket.
  template <class F>
  auto on_socket(net::Call call, int fd, F&& body);

  int insert(std::shared_ptr<Pollable> object);
  int accept_from(Socket& listener, net::Address* peer, int fault);
  std::ptrdiff_t fail_transfer(Socket& socket, int error);
  int control(Epoll& epoll, net::EpollOperation operation, int fd, net::Ready interest, int fault);
  int wait(Epoll& epoll, std::span<net::Ready> ready, std::chrono::nanoseconds timeout);
  int collect(Epoll& epoll, std::span<net::Ready> ready);
  int note_wait(std::chrono::nanoseconds timeout);

  World& world_;
  KernelOptions options_;
  Faults faults_;
  Random shuffle_random_;
  Descriptors descriptors_;
  std::optional<LinkOptions> toward_server_;
  std::optional<LinkOptions> toward_client_;
  bool idle_ = false;
  std::optional<net::Clock::time_point> wake_up_time_;
};

}  // namespace duplex::simulation

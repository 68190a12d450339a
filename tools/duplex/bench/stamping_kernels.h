// Kernels that ask Linux when it did what with each packet: SO_TIMESTAMPING,
// Documentation/networking/timestamping.rst.
#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "duplex/net/linux_kernel.h"
#include "ladder.h"

namespace duplex::tools {

// The sending side: of each connection that it accepts, what became of every send. Thread: the
// loop's; pieces() once that has ended.
//
// The stamps come by the error queue, which epoll signals as an error: it is none, and the loop is
// not told.
class SendStampingKernel final : public net::LinuxKernel {
 public:
  int accept(int fd, net::Address* peer) override;
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override;
  int close(int fd) override;
  int epoll_ctl(int epoll, net::EpollOperation operation, int fd, net::Ready interest) override;
  int epoll_wait(int epoll, std::span<net::Ready> ready, std::chrono::nanoseconds timeout) override;

  const SentPieces& pieces() const noexcept { return pieces_; }

 private:
  struct Connection {
    std::uint16_t client_port = 0;
    std::uint64_t sent = 0;  // bytes
  };

  bool read_stamps(int fd);  // false: there were none
  void add_stamp(int fd, std::uint32_t kind, std::uint32_t last_byte, std::chrono::nanoseconds at);

  std::map<int, Connection> connections_;    // by descriptor
  std::map<std::uint64_t, int> registered_;  // descriptors by what epoll reports
  SentPieces pieces_;
};

// The receiving side: of each connection that it makes, when its stack and its reader got what.
class ReceiveStampingKernel final : public net::LinuxKernel {
 public:
  int connect(int fd, const net::Address& address) override;
  std::ptrdiff_t recv(int fd, MutableBytes bytes) override;
  int close(int fd) override;

  const ReadPieces& pieces() const noexcept { return pieces_; }

 private:
  std::map<int, std::uint64_t> received_;  // bytes, by descriptor
  ReadPieces pieces_;
};

}  // namespace duplex::tools

// A `duplex serve` in a process of its own, for as long as the object lives.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "duplex/net/address.h"

namespace duplex::tools {

// Started on a free port, which it tells over a pipe; ended by its process id.
class ChildServer {
 public:
  // `arguments` go to `serve`, behind those that this class needs. Throws std::system_error.
  explicit ChildServer(const std::vector<std::string>& arguments);
  ~ChildServer();
  ChildServer(const ChildServer&) = delete;
  ChildServer& operator=(const ChildServer&) = delete;

  const std::string& http_address() const noexcept { return http_address_; }  // "127.0.0.1:4711"
  const std::string& tcp_address() const noexcept { return tcp_address_; }    // empty: none
  pid_t process() const noexcept { return process_; }

  // Waits until it has ended by itself. How it did, as of waitpid(2).
  int wait() noexcept;
  // At once, without a word to anybody (SIGKILL).
  void kill() noexcept;

 private:
  void end(int signal) noexcept;
  void read_addresses(int pipe, std::size_t line_count);

  pid_t process_ = -1;
  int output_ = -1;
  std::string http_address_;
  std::string tcp_address_;
};

}  // namespace duplex::tools

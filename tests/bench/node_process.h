// A program of Node in a process of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace duplex::bench {

// Runs `node script` on the first core; it prints its port. What it requires is in NODE_PATH.
class NodeProcess {
 public:
  explicit NodeProcess(const std::string& script);
  ~NodeProcess();  // ends it by its id
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  std::uint16_t port() const noexcept { return port_; }  // 0: it did not start
  pid_t id() const noexcept { return id_; }

 private:
  pid_t id_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace duplex::bench

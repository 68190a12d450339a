// Who is bound to which address, and which paths of the Unix domain exist.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "duplex/net/address.h"

namespace duplex::simulation {

class Socket;

class Ports {
 public:
  Ports(std::uint16_t first_ephemeral, std::uint16_t last_ephemeral)
      : first_(first_ephemeral), last_(last_ephemeral), next_(first_ephemeral) {}

  // Fills in the port when it is 0. Returns 0 or minus the errno of bind(2).
  int bind(Socket& socket, net::Address& address);
  // Binds to a free port for an outgoing connection; -EADDRNOTAVAIL when there is none.
  int bind_ephemeral(Socket& socket, net::Address& address);
  void release(const Socket& socket);

  // Who would get a connection to `address`, or null. Several with reuse_port take turns.
  Socket* listener(const net::Address& address);
  bool path_exists(const std::string& path) const { return paths_.contains(path); }
  bool unlink(const std::string& path) { return paths_.erase(path) > 0; }

 private:
  bool conflicts(const Socket& socket, const net::Address& address) const;
  int bind_path(Socket& socket, const net::Address& address);
  std::vector<Socket*> listeners(const net::Address& address) const;

  std::uint16_t first_;
  std::uint16_t last_;
  std::uint16_t next_;
  std::map<std::uint16_t, std::vector<Socket*>> bound_;  // in the order of binding
  std::map<std::string, Socket*> bound_paths_;
  std::set<std::string> paths_;  // the files; one outlives its socket until it is unlinked
  std::uint64_t turns_ = 0;
};

}  // namespace duplex::simulation

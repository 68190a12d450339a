// A link between two network namespaces, moved by a process of its own.
#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <string_view>

#include "descriptor.h"
#include "emulator.h"
#include "link_options.h"
#include "port.h"

namespace duplex::tools::wire {

inline constexpr const char* client_address = "10.77.0.1";
inline constexpr const char* server_address = "10.77.0.2";

enum class Engine : std::uint8_t {
  automatic,  // the first of the following that works
  tun,        // a TUN interface in each namespace
  veth,       // a veth pair into each, read by AF_PACKET sockets
};

// Owner: one at a time in a process, which is in the client's namespace from then on. The link dies
// with the object, or with the process.
class Wire {
 public:
  // Only while the process has one thread. Throws Unavailable, with what is missing.
  explicit Wire(const WireOptions& options, Engine engine = Engine::automatic);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  std::string_view engine_name() const noexcept;  // "TUN", "veth and AF_PACKET"
  const WireCounters& counters() const noexcept { return *counters_; }
  pid_t process() const noexcept { return process_; }  // of the emulator
  // This process, or one that was forked from it, goes to the one or the other side.
  void enter_client() const;
  void enter_server() const;

 private:
  void open_ports(Engine engine);
  void open_tuns();
  void open_veths();
  void start(const WireOptions& options);

  Engine engine_ = Engine::tun;
  std::uint64_t mtu_;
  Descriptor client_;
  Descriptor server_;
  Port client_port_;
  Port server_port_;
  WireCounters* counters_ = nullptr;
  pid_t process_ = -1;
};

}  // namespace duplex::tools::wire

// A link between two network namespaces.
#include "wire.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <new>

#include "../bench/priority.h"
#include "interfaces.h"
#include "namespaces.h"

namespace duplex::tools::wire {
namespace {

constexpr const char* interface = "wire0";  // in both namespaces

WireCounters* share_counters() {
  void* const memory = mmap(nullptr, sizeof(WireCounters), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw_unavailable("mmap", errno);
  return new (memory) WireCounters();
}

}  // namespace

Wire::Wire(const WireOptions& options, Engine engine) : mtu_(options.mtu) {
  leave_network();
  client_ = make_network();
  server_ = make_network();
  open_ports(engine);
  enter_client();
  start(options);
}

Wire::~Wire() {
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  munmap(counters_, sizeof *counters_);
}

std::string_view Wire::engine_name() const noexcept {
  return engine_ == Engine::tun ? "TUN" : "veth and AF_PACKET";
}

void Wire::enter_client() const { enter_network(client_); }
void Wire::enter_server() const { enter_network(server_); }

void Wire::open_ports(Engine engine) {
  if (engine != Engine::veth) {
    try {
      return open_tuns();
    } catch (const Unavailable&) {
      if (engine == Engine::tun) throw;
    }
  }
  open_veths();
}

void Wire::open_tuns() {
  enter_client();
  client_port_ = Port(make_tun(interface));
  give_address(interface, client_address, mtu_);
  enter_server();
  server_port_ = Port(make_tun(interface));
  give_address(interface, server_address, mtu_);
}

// The near ends are in a third namespace, which has no address: nobody but the emulator sees what
// comes there.
void Wire::open_veths() {
  engine_ = Engine::veth;
  const Descriptor middle = make_network();
  const auto open = [&](const char* near, const Descriptor& network, const char* address) {
    make_veth(near, interface, network);
    enter_network(network);
    make_cable_like(interface);
    give_address(interface, address, mtu_);
    enter_network(middle);
    bring_up(near);
    return Port::on_interface(near);
  };
  client_port_ = open("client", client_, client_address);
  server_port_ = open("server", server_, server_address);
}

void Wire::start(const WireOptions& options) {
  counters_ = share_counters();
  process_ = fork();
  if (process_ < 0) throw_unavailable("fork", errno);
  if (process_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_IGN);
  raise_priority();
  emulate(options, client_port_, server_port_, *counters_);
}

}  // namespace duplex::tools::wire

// Network namespaces of one's own.
#include "namespaces.h"

#include <fcntl.h>
#include <sched.h>

#include "interfaces.h"

namespace duplex::tools::wire {
namespace {

constexpr const char* advice =
    "no network namespace (it takes root, or user namespaces for everyone: sysctl "
    "kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0, "
    "user.max_user_namespaces above 0)";

void write_file(const char* path, const std::string& text) {
  const Descriptor file(open(path, O_WRONLY | O_CLOEXEC));
  if (!file || write(file.get(), text.data(), text.size()) < 0) throw_unavailable(advice, errno);
}

// This process is who it was, but may do what root may, within the namespace.
void enter_user_namespace() {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER) != 0) throw_unavailable(advice, errno);
  write_file("/proc/self/uid_map", user + " " + user + " 1");
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/gid_map", group + " " + group + " 1");
}

// Nothing speaks IPv6 by itself, so that every packet is a command's. Without IPv6 that is so.
void silence_new_interfaces() {
  const Descriptor file(open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC));
  if (file && write(file.get(), "1", 1) < 0) throw_unavailable("disable_ipv6", errno);
}

}  // namespace

void leave_network() {
  if (unshare(CLONE_NEWNET) == 0) return;
  if (errno != EPERM) throw_unavailable(advice, errno);
  enter_user_namespace();
  if (unshare(CLONE_NEWNET) != 0) throw_unavailable(advice, errno);
}

Descriptor make_network() {
  if (unshare(CLONE_NEWNET) != 0) throw_unavailable(advice, errno);
  silence_new_interfaces();
  bring_up("lo");
  return own(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "/proc/self/ns/net");
}

void enter_network(const Descriptor& network) {
  if (setns(network.get(), CLONE_NEWNET) != 0) throw_unavailable("setns", errno);
}

}  // namespace duplex::tools::wire

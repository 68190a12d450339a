// unshare(2), and an interface that is brought up.
#include "own_network.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace duplex::tools::trace {
namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

bool write_to(const char* path, const std::string& text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return written;
}

// We stay who we are outside, and are root inside: user_namespaces(7).
std::error_code map_users(uid_t user, gid_t group) {
  const bool mapped = write_to("/proc/self/setgroups", "deny") &&
                      write_to("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") &&
                      write_to("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
  return mapped ? std::error_code() : last_error();
}

std::error_code bring_loopback_up() {
  const int query = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (query < 0) return last_error();
  ifreq request = {};
  std::string("lo").copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  const std::error_code error =
      ioctl(query, SIOCSIFFLAGS, &request) == 0 ? std::error_code() : last_error();
  close(query);
  return error;
}

std::error_code enter() {
  if (unshare(CLONE_NEWNET) == 0) return bring_loopback_up();
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return last_error();
  if (const std::error_code error = map_users(user, group)) return error;
  return bring_loopback_up();
}

// Whether a child could. Where users cannot be mapped, a process is left in a network without
// loopback, and there is no way back.
std::error_code try_in_child() {
  const pid_t child = fork();
  if (child < 0) return last_error();
  if (child == 0) _exit(enter().value());
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return last_error();
  }
  if (!WIFEXITED(status)) return {EPERM, std::system_category()};
  return {WEXITSTATUS(status), std::system_category()};
}

}  // namespace

std::error_code enter_own_network() {
  const std::error_code error = try_in_child();
  return error ? error : enter();
}

}  // namespace duplex::tools::trace

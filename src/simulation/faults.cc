// The table of plausible errnos (accept(2), send(2), epoll_ctl(2) and their kin), and the choice of
// the call that fails.
#include "simulation/faults.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace duplex::simulation {
namespace {

using net::Call;

constexpr std::array new_descriptor{EMFILE, ENFILE, ENOMEM};
constexpr std::array new_socket{EMFILE, ENFILE, ENOBUFS, ENOMEM};
constexpr std::array bind_errors{EADDRINUSE, EACCES, EADDRNOTAVAIL};
constexpr std::array listen_errors{EADDRINUSE};
constexpr std::array accept_errors{EAGAIN,      ECONNABORTED, EPROTO,       EPERM,      ENETDOWN,
                                   ENOPROTOOPT, EHOSTDOWN,    ENONET,       EOPNOTSUPP, ENETUNREACH,
                                   EMFILE,      ENFILE,       EHOSTUNREACH, ENOBUFS,    ENOMEM};
constexpr std::array connect_errors{ECONNREFUSED,  ETIMEDOUT, EHOSTUNREACH, ENETUNREACH,
                                    EADDRNOTAVAIL, EACCES,    EAGAIN,       ENOBUFS};
constexpr std::array option_errors{EINVAL, ENOPROTOOPT, ENOMEM};
constexpr std::array no_buffers{ENOBUFS};
constexpr std::array peer_address_errors{ENOTCONN, ENOBUFS};
constexpr std::array recv_errors{EAGAIN,      ECONNRESET, ETIMEDOUT, EHOSTUNREACH,
                                 ENETUNREACH, EPIPE,      EIO,       ENOMEM};
constexpr std::array writev_errors{EAGAIN,    EPIPE,        ECONNRESET,  ENOBUFS,
                                   ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENOMEM};
constexpr std::array shutdown_errors{ENOTCONN};
constexpr std::array close_errors{EINTR, EIO};
constexpr std::array epoll_add_errors{ENOMEM, ENOSPC};
constexpr std::array wait_errors{EINTR};
constexpr std::array again{EAGAIN};
constexpr std::array open_errors{ENOENT, EACCES, EMFILE, ENFILE, EAGAIN, EXDEV, ELOOP, ENOMEM};
constexpr std::array file_errors{EIO, ENOMEM};
constexpr std::array unlink_errors{ENOENT, EACCES, EROFS};
constexpr std::array random_errors{ENOSYS, EAGAIN};
constexpr std::array resolve_errors{ENXIO, EAGAIN, ENOMEM};

}  // namespace

std::span<const int> plausible_errors(Call call) noexcept {
  switch (call) {
    case Call::socket:
      return new_socket;
    case Call::bind:
      return bind_errors;
    case Call::listen:
      return listen_errors;
    case Call::accept:
      return accept_errors;
    case Call::connect:
      return connect_errors;
    case Call::set_option:
      return option_errors;
    case Call::socket_error:
    case Call::local_address:
      return no_buffers;
    case Call::peer_address:
      return peer_address_errors;
    case Call::recv:
      return recv_errors;
    case Call::writev:
      return writev_errors;
    case Call::shutdown:
      return shutdown_errors;
    case Call::close:
      return close_errors;
    case Call::epoll_create:
    case Call::eventfd:
    case Call::signalfd:
    case Call::reserve_descriptor:
      return new_descriptor;
    case Call::epoll_ctl:
      return epoll_add_errors;
    case Call::epoll_wait:
      return wait_errors;
    case Call::eventfd_write:
    case Call::eventfd_read:
    case Call::signalfd_read:
      return again;
    case Call::open:
      return open_errors;
    case Call::fstat:
    case Call::pread:
      return file_errors;
    case Call::unlink:
      return unlink_errors;
    case Call::random:
      return random_errors;
    case Call::tcp_info:
      return option_errors;
    case Call::resolve:
      return resolve_errors;
  }
  return {};
}

bool breaks_connection(int error) noexcept {
  constexpr std::array breaking{ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EIO};
  return std::find(breaking.begin(), breaking.end(), error) != breaking.end();
}

void Faults::fail_call(Call call, std::uint64_t n, int error, Repeat repeat) {
  scripts_.push_back({false, call, n, repeat, error, {}});
}

void Faults::fail_any(std::uint64_t n, Chooser chooser, Repeat repeat) {
  scripts_.push_back({true, {}, n, repeat, 0, std::move(chooser)});
}

void Faults::clear() noexcept {
  rates_ = {};
  scripts_.clear();
  shortener_ = {};
  injected_ = 0;
}

int Faults::chosen(Call call) {
  const auto errors = plausible_errors(call);
  return errors.empty() ? 0 : errors[random_.below(errors.size())];
}

int Faults::strike(Call call) {
  int error = strike_by_script(call);
  if (error == 0) error = strike_by_rate(call);
  if (error != 0) ++injected_;
  return error;
}

// Every script counts every call, also one that another script makes fail.
int Faults::strike_by_script(Call call) {
  int result = 0;
  for (Script& script : scripts_) {
    if (!script.any && script.call != call) continue;
    if (script.left > 1) {
      --script.left;
      continue;
    }
    if (script.left == 0) continue;
    if (script.repeat == Repeat::once) script.left = 0;
    if (result != 0) continue;
    if (!script.any) {
      result = script.error;
    } else {
      result = script.chooser ? script.chooser(call) : chosen(call);
    }
  }
  return result;
}

int Faults::either(double rate, int one, int other) {
  if (!random_.chance(rate)) return 0;
  return random_.below(2) == 0 ? one : other;
}

int Faults::strike_by_rate(Call call) {
  switch (call) {
    case Call::accept:
      if (random_.chance(rates_.aborted_accept)) return ECONNABORTED;
      return random_.chance(rates_.again) ? EAGAIN : 0;
    case Call::recv:
      return random_.chance(rates_.again) ? EAGAIN : 0;
    case Call::writev:
      if (const int error = either(rates_.no_buffers, ENOBUFS, ENOMEM); error != 0) return error;
      return random_.chance(rates_.again) ? EAGAIN : 0;
    case Call::epoll_wait:
      return random_.chance(rates_.interrupted) ? EINTR : 0;
    case Call::epoll_ctl:
      return either(rates_.epoll_full, ENOMEM, ENOSPC);
    default:
      return 0;
  }
}

std::size_t Faults::shorten(Call call, std::size_t size) {
  if (shortener_ && size != 0) return shortener_(call, size);
  const double rate = call == Call::recv ? rates_.short_read : rates_.short_write;
  if (size < 2 || !random_.chance(rate)) return size;
  return 1 + static_cast<std::size_t>(random_.below(size));
}

bool Faults::resets_connection() { return random_.chance(rates_.reset); }

}  // namespace duplex::simulation

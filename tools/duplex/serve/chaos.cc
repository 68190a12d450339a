// Faults on purpose.
#include "chaos.h"

#include <string_view>
#include <thread>

#include "../units.h"

namespace duplex::tools {
namespace {

// As large as the head of a small frame.
constexpr std::size_t first_write_size = 2;

// "200ms@2s": stands still for the first out of the second.
bool set_stall(Chaos& chaos, std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return false;
  const auto length = parse_duration(text.substr(0, at));
  const auto period = parse_duration(text.substr(at + 1));
  if (!length || !period || length->count() == 0 || *period <= *length) return false;
  chaos.stall = *length;
  chaos.stall_period = *period;
  return true;
}

std::vector<Bytes> without_first_bytes(std::span<const Bytes> pieces) {
  std::vector<Bytes> rest(pieces.begin(), pieces.end());
  rest.front() = rest.front().subspan(first_write_size);
  return rest;
}

}  // namespace

std::string set_chaos(Chaos& chaos, const std::vector<std::string>& words) {
  constexpr std::string_view stall = "stall=";
  for (const std::string& word : words) {
    if (word == "nagle") {
      chaos.nagle = true;
    } else if (word == "split-writes") {
      chaos.split_writes = true;
    } else if (word == "lone-writes") {
      chaos.lone_writes = true;
    } else if (!word.starts_with(stall)) {
      return "'" + word + "' is not one of nagle, split-writes, lone-writes, stall=TIME@PERIOD";
    } else if (!set_stall(chaos, std::string_view(word).substr(stall.size()))) {
      return "'" + word + "' is not stall=TIME@PERIOD with a time above 0 and a longer period";
    }
  }
  return {};
}

ChaosKernel::ChaosKernel(const Chaos& chaos)
    : chaos_(chaos), next_stall_(net::Clock::now() + chaos.stall_period) {}

int ChaosKernel::set_option(int fd, net::SocketOption option, int value) {
  if (chaos_.nagle && option == net::SocketOption::no_delay) return 0;
  return LinuxKernel::set_option(fd, option, value);
}

std::ptrdiff_t ChaosKernel::writev(int fd, std::span<const Bytes> pieces) {
  const bool splits =
      chaos_.split_writes && !pieces.empty() && pieces.front().size() > first_write_size;
  return splits ? write_in_two(fd, pieces) : LinuxKernel::writev(fd, pieces);
}

std::ptrdiff_t ChaosKernel::write_in_two(int fd, std::span<const Bytes> pieces) {
  const Bytes head = pieces.front().first(first_write_size);
  const std::ptrdiff_t first = LinuxKernel::writev(fd, std::span(&head, 1));
  if (first < static_cast<std::ptrdiff_t>(head.size())) return first;
  const std::ptrdiff_t second = LinuxKernel::writev(fd, without_first_bytes(pieces));
  return second < 0 ? first : first + second;
}

int ChaosKernel::epoll_wait(int epoll, std::span<net::Ready> ready,
                            std::chrono::nanoseconds timeout) {
  if (chaos_.stall.count() > 0 && now() >= next_stall_) {
    std::this_thread::sleep_for(chaos_.stall);
    next_stall_ += chaos_.stall_period;
  }
  return LinuxKernel::epoll_wait(epoll, ready, timeout);
}

}  // namespace duplex::tools

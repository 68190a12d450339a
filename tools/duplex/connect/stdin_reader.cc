// Stdin, read by a thread.
#include "stdin_reader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace duplex::tools {

StdinReader::StdinReader(EventLoop& loop, Handlers handlers)
    : loop_(loop), handlers_(std::move(handlers)), stop_event_(eventfd(0, EFD_CLOEXEC)) {
  if (stop_event_ < 0) throw std::system_error(errno, std::system_category(), "eventfd");
  thread_ = std::thread([this] { read_until_end(); });
}

StdinReader::~StdinReader() {
  eventfd_write(stop_event_, 1);
  acknowledged_.release();
  thread_.join();
  close(stop_event_);
}

// False when the reader shall stop. poll() and not epoll: stdin may be a file.
bool StdinReader::wait_for_input() {
  std::array<pollfd, 2> waited = {{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                   {.fd = stop_event_, .events = POLLIN, .revents = 0}}};
  while (poll(waited.data(), waited.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return waited[1].revents == 0;
}

bool StdinReader::has_more() const {
  int unread = 0;
  return under_way_ || (ioctl(STDIN_FILENO, FIONREAD, &unread) == 0 && unread > 0);
}

void StdinReader::read_until_end() {
  std::vector<char> buffer(std::size_t{64} << 10);
  while (wait_for_input()) {
    const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      loop_.post([this] { handlers_.on_end(); });
      return;
    }
    under_way_ = true;
    std::string bytes(buffer.data(), static_cast<std::size_t>(size));
    if (!loop_.post(
            [this, bytes = std::move(bytes)]() mutable { handlers_.on_bytes(std::move(bytes)); })) {
      return;
    }
    acknowledged_.acquire();
  }
}

}  // namespace duplex::tools

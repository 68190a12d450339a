// Lines of stdin, read by a thread.
#include "stdin_reader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace duplex::tools {

std::vector<std::string> take_lines(std::string& text, std::size_t searched) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', std::max(begin, searched))) != std::string::npos;
       begin = end + 1) {
    const bool carriage_return = end > begin && text[end - 1] == '\r';
    lines.push_back(text.substr(begin, end - begin - (carriage_return ? 1 : 0)));
  }
  text.erase(0, begin);
  return lines;
}

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

bool StdinReader::hand_over(std::vector<std::string> lines) {
  under_way_ = !lines.empty();
  if (lines.empty()) return true;
  if (!loop_.post(
          [this, lines = std::move(lines)]() mutable { handlers_.on_lines(std::move(lines)); })) {
    return false;
  }
  acknowledged_.acquire();
  return true;
}

bool StdinReader::has_more() const {
  int unread = 0;
  return under_way_ || unfinished_ || (ioctl(STDIN_FILENO, FIONREAD, &unread) == 0 && unread > 0);
}

void StdinReader::read_until_end() {
  std::string unfinished;
  std::vector<char> buffer(std::size_t{64} << 10);
  while (wait_for_input()) {
    const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      under_way_ = !unfinished.empty();
      unfinished_ = false;
      if (under_way_ && !hand_over({std::move(unfinished)})) return;
      loop_.post([this] { handlers_.on_end(); });
      return;
    }
    under_way_ = true;
    const std::size_t searched = unfinished.size();
    unfinished.append(buffer.data(), static_cast<std::size_t>(size));
    std::vector<std::string> lines = take_lines(unfinished, searched);
    unfinished_ = !unfinished.empty();
    if (!hand_over(std::move(lines))) return;
    if (unfinished.size() > max_line_size) {
      loop_.post([this] { handlers_.on_too_long(); });
      return;
    }
  }
}

}  // namespace duplex::tools

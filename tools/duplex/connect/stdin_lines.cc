// Cuts stdin into lines.
#include "stdin_lines.h"

#include <algorithm>
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

void StdinLines::start(net::EventLoop& loop, InputHandlers handlers) {
  handlers_ = std::move(handlers);
  reader_.emplace(loop, StdinReader::Handlers{.on_bytes = [this](auto bytes) { take(bytes); },
                                              .on_end = [this] { end(); }});
}

void StdinLines::take(const std::string& bytes) {
  const std::size_t searched = unfinished_.size();
  unfinished_ += bytes;
  std::vector<std::string> lines = take_lines(unfinished_, searched);
  // Without an acknowledgement nothing more is read.
  if (unfinished_.size() > max_line_size) return handlers_.on_too_long();
  if (lines.empty()) return acknowledge();
  handlers_.on_lines(std::move(lines));
}

void StdinLines::end() {
  if (!unfinished_.empty()) handlers_.on_lines({std::exchange(unfinished_, {})});
  handlers_.on_end();
}

}  // namespace duplex::tools

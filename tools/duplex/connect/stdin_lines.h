// The lines of stdin, as they are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "input.h"
#include "stdin_reader.h"

namespace duplex::tools {

// Takes the complete lines off the front of `text`; "\r\n" ends a line as well as "\n". The first
// `searched` bytes are known to hold no end of a line.
std::vector<std::string> take_lines(std::string& text, std::size_t searched = 0);

// Owner: the command, which ends it before the loop. Thread: the loop's.
class StdinLines final : public Input {
 public:
  void start(net::EventLoop& loop, InputHandlers handlers) override;
  void acknowledge() override { reader_->acknowledge(); }
  bool has_more() const override {
    return !unfinished_.empty() || (reader_ && reader_->has_more());
  }

 private:
  void take(const std::string& bytes);
  void end();

  InputHandlers handlers_;
  std::string unfinished_;
  std::optional<StdinReader> reader_;  // last: it uses the others
};

}  // namespace duplex::tools

// Where a conversation shows what it hears, and says how it goes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "../command.h"

namespace duplex::tools {

// Each call takes a line without its end. Owner: the command; thread: the loop's.
class Console {
 public:
  virtual Written show(std::string_view line) = 0;      // what was asked for
  virtual void note(std::string_view line) = 0;         // for a person, where there is one
  virtual void tell(std::string_view line) = 0;         // what was asked for beside that
  virtual void complain(std::string_view line) = 0;     // what went wrong
  virtual bool shows_to_a_person() const noexcept = 0;  // who needs no control characters

 protected:
  ~Console() = default;
};

// Results go to stdout, everything else to stderr: notes only when that is a terminal.
class StandardConsole final : public Console {
 public:
  explicit StandardConsole(bool quiet) : notes_(!quiet && is_terminal(2)) {}

  // Called before and after each line: a prompt makes room for it.
  void around(std::function<void()> before, std::function<void()> after) {
    before_ = std::move(before);
    after_ = std::move(after);
  }

  Written show(std::string_view line) override {
    before_();
    const Written written = print(std::string(line) + '\n');
    after_();
    return written;
  }
  void note(std::string_view line) override {
    if (notes_) complain(line);
  }
  void tell(std::string_view line) override { complain(line); }
  void complain(std::string_view line) override {
    before_();
    tools::complain(line);
    after_();
  }
  bool shows_to_a_person() const noexcept override { return on_terminal_; }

 private:
  bool notes_;
  bool on_terminal_ = is_terminal(1);
  std::function<void()> before_ = [] {};
  std::function<void()> after_ = [] {};
};

}  // namespace duplex::tools

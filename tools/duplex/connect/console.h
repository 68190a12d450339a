// Where a conversation shows what it hears, and says how it goes.
#pragma once

#include <string>
#include <string_view>

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

  Written show(std::string_view line) override { return print(std::string(line) + '\n'); }
  void note(std::string_view line) override {
    if (notes_) tools::complain(line);
  }
  void tell(std::string_view line) override { tools::complain(line); }
  void complain(std::string_view line) override { tools::complain(line); }
  bool shows_to_a_person() const noexcept override { return on_terminal_; }

 private:
  bool notes_;
  bool on_terminal_ = is_terminal(1);
};

}  // namespace duplex::tools

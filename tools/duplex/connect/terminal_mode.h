// How a terminal treats what is typed.
#pragma once

#include <termios.h>

namespace duplex::tools {

// Key by key and without an echo, as long as it lives: what it finds it puts back. Ctrl-C still is
// a signal; Ctrl-Z is a key. Owner: an EditedInput.
class KeyMode {
 public:
  explicit KeyMode(int terminal);
  ~KeyMode() { leave(); }
  KeyMode(const KeyMode&) = delete;
  KeyMode& operator=(const KeyMode&) = delete;

  void enter() noexcept;
  void leave() noexcept;

 private:
  int terminal_;
  bool known_ = false;  // what was there before
  termios before_ = {};
};

}  // namespace duplex::tools

// Switches a terminal.
#include "terminal_mode.h"

#include <unistd.h>

namespace duplex::tools {

KeyMode::KeyMode(int terminal) : terminal_(terminal) {
  known_ = tcgetattr(terminal, &before_) == 0;
  enter();
}

void KeyMode::enter() noexcept {
  if (!known_) return;
  termios keys = before_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  keys.c_iflag &= ~static_cast<tcflag_t>(ICRNL | IXON);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  keys.c_cc[VSUSP] = _POSIX_VDISABLE;
  tcsetattr(terminal_, TCSADRAIN, &keys);
}

void KeyMode::leave() noexcept {
  if (known_) tcsetattr(terminal_, TCSADRAIN, &before_);
}

}  // namespace duplex::tools

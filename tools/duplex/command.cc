// What the subcommands of `duplex` share.
#include "command.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace duplex::tools {

bool parse_or_explain(OptionParser& parser, Arguments arguments, ExitCode& exit) {
  const ParseOutcome outcome = parser.parse(arguments);
  if (outcome.kind == ParseOutcome::Kind::run) return true;
  if (outcome.kind == ParseOutcome::Kind::help) {
    exit = show(parser.help());
  } else {
    complain(outcome.message);
    exit = ExitCode::usage;
  }
  return false;
}

void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    const bool input = descriptor == STDIN_FILENO;
    static_cast<void>(open("/dev/null", input ? O_WRONLY : O_RDONLY));  // takes the lowest number
  }
}

Written print(std::string_view text) {
  const bool taken = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) == 0 && taken) return Written::yes;
  if (errno == EPIPE) return Written::reader_gone;
  static bool told = false;
  if (!std::exchange(told, true)) {
    complain("duplex: cannot write to standard output: " + std::system_category().message(errno));
  }
  return Written::no;
}

ExitCode show(std::string_view text) {
  return print(text) == Written::no ? ExitCode::usage : ExitCode::ok;
}

void complain(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
}

bool is_terminal(int descriptor) {
  const char* const term = std::getenv("TERM");
  return isatty(descriptor) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

std::size_t terminal_columns(int descriptor) {
  winsize size = {};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : 80;
}

bool color_wanted(int descriptor) {
  const char* const no_color = std::getenv("NO_COLOR");
  return is_terminal(descriptor) && (no_color == nullptr || *no_color == '\0');
}

}  // namespace duplex::tools

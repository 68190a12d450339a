// What the subcommands of `duplex` share.
#include "command.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace duplex::tools {

bool parse_or_explain(OptionParser& parser, Arguments arguments, ExitCode& exit) {
  const ParseOutcome outcome = parser.parse(arguments);
  if (outcome.kind == ParseOutcome::Kind::run) return true;
  if (outcome.kind == ParseOutcome::Kind::help) {
    print(parser.help());
    exit = ExitCode::ok;
  } else {
    complain(outcome.message);
    exit = ExitCode::usage;
  }
  return false;
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void complain(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
}

bool is_terminal(int descriptor) {
  const char* const term = std::getenv("TERM");
  return isatty(descriptor) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

bool color_wanted(int descriptor) {
  const char* const no_color = std::getenv("NO_COLOR");
  return is_terminal(descriptor) && (no_color == nullptr || *no_color == '\0');
}

}  // namespace duplex::tools

// What the subcommands of `duplex` share: their entry points and how they speak to a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "exit_code.h"
#include "options.h"

namespace duplex::tools {

using Arguments = std::span<const std::string_view>;  // after the subcommand's name

ExitCode serve_command(Arguments arguments);
ExitCode bench_command(Arguments arguments);
ExitCode report_command(Arguments arguments);
ExitCode claims_command(Arguments arguments);
ExitCode connect_command(Arguments arguments);
ExitCode load_command(Arguments arguments);
ExitCode check_command(Arguments arguments);
ExitCode trace_command(Arguments arguments);
ExitCode wire_command(Arguments arguments);
ExitCode autobahn_client_command(Arguments arguments);

// Parses; prints the help or what is wrong. True when the command shall run; otherwise `exit` says
// how it ends.
bool parse_or_explain(OptionParser& parser, Arguments arguments, ExitCode& exit);

// Sees to it that no socket becomes descriptor 0, 1 or 2, where one of them was closed: reading and
// writing fail then. First of all.
void occupy_standard_descriptors();

// How a text went to stdout. A reader who has gone has had enough (`| head`): nobody's failure.
enum class Written : std::uint8_t { yes, reader_gone, no };

Written print(std::string_view text);          // at once; complains, once, of what was not written
ExitCode show(std::string_view text);          // prints what is all that was asked for
void complain(std::string_view text);          // a line on stderr
bool is_terminal(int descriptor);              // and TERM is not "dumb"
std::size_t terminal_columns(int descriptor);  // 80 when it does not say
bool color_wanted(int descriptor);             // on a terminal, unless NO_COLOR is set

}  // namespace duplex::tools

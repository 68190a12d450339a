// Fills formats in.
#include "write_out.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "measure/json_writer.h"

namespace duplex::tools {
namespace {

constexpr std::string_view all = "json";
constexpr std::array<std::string_view, 4> texts = {"subprotocol", "local", "remote", "url"};

// Calls `text` with what stands there, `variable` with each name. False when a brace is missing.
bool read_format(std::string_view format, const std::function<void(std::string_view)>& text,
                 const std::function<void(std::string_view)>& variable) {
  static constexpr std::string_view escapes = "nrt\\", meant = "\n\r\t\\";
  for (std::size_t at = 0; at < format.size();) {
    const std::string_view rest = format.substr(at);
    const std::size_t escape =
        rest[0] == '\\' && rest.size() > 1 ? escapes.find(rest[1]) : std::string_view::npos;
    if (escape != std::string_view::npos) {
      text(meant.substr(escape, 1));
      at += 2;
    } else if (rest.starts_with("%%")) {
      text("%");
      at += 2;
    } else if (rest.starts_with("%{")) {
      const std::size_t end = rest.find('}');
      if (end == std::string_view::npos) return false;
      variable(rest.substr(2, end - 2));
      at += end + 1;
    } else {
      text(rest.substr(0, 1));
      ++at;
    }
  }
  return true;
}

std::string json_of(const Figures& figures) {
  std::string text = "{";
  for (const auto& [name, value] : figures) {
    if (text.size() > 1) text += ',';
    const bool is_number = std::ranges::count(texts, name) == 0 && !value.empty();
    text += measure::json_string(name) + ':' + (is_number ? value : measure::json_string(value));
  }
  return text + '}';
}

}  // namespace

const std::vector<VariableHelp>& write_out_variables() {
  static const std::vector<VariableHelp> variables = {
      {"time_namelookup", "seconds until the name was looked up"},
      {"time_tcp", "seconds until TCP was connected"},
      {"time_upgrade", "seconds until the WebSocket was open"},
      {"time_first_message", "seconds until the first message came"},
      {"time_total", "seconds of everything"},
      {"bytes_out", "bytes sent, the opening and all frames"},
      {"bytes_in", "bytes received"},
      {"messages_out", "messages sent"},
      {"messages_in", "messages received"},
      {"rtt_min", "seconds of the fastest reply"},
      {"rtt_median", "seconds of half of the replies"},
      {"rtt_max", "seconds of the slowest reply"},
      {"http_code", "of the answer to the opening: 101"},
      {"subprotocol", "that was agreed on"},
      {"close_code", "of the end: 1000"},
      {"reconnects", "connections after the first"},
      {"local", "our address and port"},
      {"remote", "the server's"},
      {"url", "as it was given"},
      {"exitcode", "of the command"},
  };
  return variables;
}

std::string write_out_problem(std::string_view format) {
  std::string unknown;
  const bool closed = read_format(
      format, [](std::string_view) {},
      [&unknown](std::string_view name) {
        const bool known =
            name == all || std::ranges::count(write_out_variables(), name, &VariableHelp::name) > 0;
        if (!known && unknown.empty()) unknown = name.empty() ? "(empty)" : name;
      });
  if (!closed) return "-w: '" + std::string(format) + "' has a %{ without a }";
  if (unknown.empty()) return {};
  return "-w: there is no variable '" + unknown + "'; --help lists them";
}

std::string write_out(std::string_view format, const Figures& figures) {
  std::string out;
  read_format(
      format, [&out](std::string_view text) { out += text; },
      [&](std::string_view name) {
        if (name == all) out += json_of(figures);
        const auto found = std::ranges::find(figures, name, &Figures::value_type::first);
        if (found != figures.end()) out += found->second;
      });
  return out;
}

}  // namespace duplex::tools

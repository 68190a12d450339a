// The manual page knows every option of every command, and no other.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "../../tools/duplex/command.h"
#include "child.h"

namespace duplex::tools {
namespace {

using Options = std::set<std::string>;

bool is_name(char c) { return (c >= 'a' && c <= 'z') || c == '-'; }

// Every word of `text` that begins with two hyphens.
Options options_in(const std::string& text) {
  Options options;
  for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at)) {
    const std::size_t begin = at;
    while (at < text.size() && is_name(text[at])) ++at;
    options.insert(text.substr(begin, at - begin));
  }
  return options;
}

// The lines of a help that begin with an option say which there are.
std::string option_lines(const std::string& help) {
  std::istringstream lines(help);
  std::string line;
  std::string options;
  while (std::getline(lines, line)) {
    if (line == "Examples") break;
    const std::string words = line.substr(0, 40);
    if (words.starts_with("  -")) options += words.substr(0, words.find("  ", 2)) + '\n';
  }
  return options;
}

std::string help_of(ExitCode (*command)(Arguments)) {
  const auto ends = new_pipe();
  const Child child([&] {
    dup2(ends[1], 1);
    return command(std::vector<std::string_view>{"--help"});
  });
  close(ends[1]);
  std::string text;
  for (char c = 0; read(ends[0], &c, 1) == 1;) text += c;
  close(ends[0]);
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::ok));
  return text;
}

// The section of the page about a command, with plain hyphens.
std::string section_of(const std::string& name) {
  std::ifstream file("tools/duplex/duplex.1");
  std::stringstream page;
  page << file.rdbuf();
  std::string text = page.str();
  for (std::size_t at = 0; (at = text.find("\\-", at)) != std::string::npos;) text.erase(at, 1);
  const std::size_t begin = text.find(".SH OPTIONS OF " + name + '\n');
  return begin == std::string::npos ? "" : text.substr(begin, text.find("\n.SH", begin) - begin);
}

TEST(Manual, NamesEveryOption) {
  const std::vector<std::pair<std::string, ExitCode (*)(Arguments)>> commands = {
      {"SERVE", serve_command},   {"CONNECT", connect_command},
      {"BENCH", bench_command},   {"REPORT", report_command},
      {"CLAIMS", claims_command}, {"LOAD", load_command},
      {"CHECK", check_command},   {"TRACE", trace_command},
      {"WIRE", wire_command},     {"AUTOBAHN-CLIENT", autobahn_client_command}};
  for (const auto& [name, command] : commands) {
    const Options known = options_in(option_lines(help_of(command)));
    const Options told = options_in(section_of(name));
    EXPECT_FALSE(known.empty()) << name;
    for (const std::string& option : known) {
      EXPECT_TRUE(told.contains(option)) << name << ": the page lacks " << option;
    }
    for (const std::string& option : told) {
      EXPECT_TRUE(known.contains(option)) << name << ": there is no " << option;
    }
  }
}

}  // namespace
}  // namespace duplex::tools

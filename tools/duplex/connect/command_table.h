// Commands that begin with a slash: how they are found, listed and completed. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "measure/format.h"

namespace duplex::tools {

template <class Command>
struct KnownCommand {
  std::string_view name;      // with its slash
  std::string_view argument;  // as the help shows it
  std::string_view help;
  Command (*read)(std::string_view argument);
};

// Null: there is none of that name.
template <class Command, std::size_t size>
const KnownCommand<Command>* find_command(const std::array<KnownCommand<Command>, size>& table,
                                          std::string_view name) {
  const auto* const found = std::ranges::find(table, name, &KnownCommand<Command>::name);
  return found != table.end() ? found : nullptr;
}

// A line for each; what it does begins at that column.
template <class Table>
std::vector<std::string> help_lines(const Table& table, std::size_t column) {
  std::vector<std::string> lines;
  for (const auto& command : table) {
    const std::string usage = std::string(command.name) + ' ' + std::string(command.argument);
    lines.push_back(measure::pad_right(usage, column) + std::string(command.help));
  }
  return lines;
}

template <class Table>
std::vector<std::string_view> names_that_begin(const Table& table, std::string_view beginning) {
  std::vector<std::string_view> names;
  for (const auto& command : table) {
    if (command.name.starts_with(beginning)) names.push_back(command.name);
  }
  return names;
}

}  // namespace duplex::tools

// What -w prints at the end: a format with variables, as curl has it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace duplex::tools {

// Names and values, in the order of the help.
using Figures = std::vector<std::pair<std::string_view, std::string>>;

struct VariableHelp {
  std::string_view name;
  std::string_view help;
};
const std::vector<VariableHelp>& write_out_variables();

// What is wrong with the format: it names the variable that there is not. Empty when nothing is.
std::string write_out_problem(std::string_view format);
// %{name}, %{json} for all of them, %%, and \n, \r, \t, \\.
std::string write_out(std::string_view format, const Figures& figures);

}  // namespace duplex::tools

// A bench's report as a table, JSON, CSV or percentile listings. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "report.h"

namespace duplex::tools {

// Facts about the machine and the program, by name: "kernel" -> "Linux 6.1.0".
using Environment = std::map<std::string, std::string>;

std::string render_text(const BenchReport& report);
std::string render_json(const BenchReport& report, const Environment& environment);
std::string render_csv(const BenchReport& report);
std::string render_hgrm(const BenchReport& report);  // one listing per arm, with its name above

// By name ("text", "json", "csv", "hgrm").
std::string render(std::string_view format, const BenchReport& report,
                   const Environment& environment);
// The format that the ending of a file's name asks for; text unless it is one of the others.
std::string_view format_for(std::string_view path);

}  // namespace duplex::tools

// A run's report in each of the formats. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report.h"

namespace duplex::tools {

std::string render_text(const BenchReport& report);
std::string render_json(const BenchReport& report);  // the whole run: run.schema.json
std::string render_csv(const BenchReport& report);
std::string render_markdown(const BenchReport& report);
std::string render_hgrm(const BenchReport& report);  // one listing per arm, with its name above
std::string render_hlog(const BenchReport& report);  // one line per block, with the arm as tag

// The names that render() knows.
inline const std::vector<std::string> report_formats = {"text", "json", "csv",  "markdown",
                                                        "hgrm", "hlog", "html", "svg"};
std::string render(std::string_view format, const BenchReport& report);
// The format that the ending of a file's name asks for; text unless it is one of the others.
std::string_view format_for(std::string_view path);

}  // namespace duplex::tools

// A report as one page: no script, nothing from outside. Pure.
#pragma once

#include <string>

#include "preset_report.h"
#include "report.h"

namespace duplex::tools {

std::string render_page(const BenchReport& report);
std::string render_page(const PresetReport& report);

}  // namespace duplex::tools

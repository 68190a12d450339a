// What `duplex bench` was told on its command line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../options.h"
#include "../wire/wire.h"
#include "plan.h"
#include "report.h"

namespace duplex::tools {

// Options as they were typed.
struct BenchArguments {
  BenchOptions options = {};
  std::string preset = {};
  bool quick = false;
  bool list_presets = false;
  bool explain = false;
  std::string wire = {};
  wire::WireOptions link = {};
  std::string distribution = "poisson";
  std::vector<std::string> chaos = {};
  std::string format = "text";
  std::vector<std::string> outputs = {};
  bool check = false;
  bool no_progress = false;
  bool no_priority = false;
  ReportOptions report = {};
};

// As somebody would type it: "duplex bench --rate 4/s".
std::string command_line_of(std::span<const std::string_view> arguments);

// Writes into `typed`, which must outlive it.
OptionParser bench_parser(BenchArguments& typed);

// Makes options and `arms` of what was typed, as `parser` has read it. What is wrong with them, or
// nothing.
std::string finish(const OptionParser& parser, BenchArguments& typed, std::vector<ArmSpec>& arms);

}  // namespace duplex::tools

// An experiment that somebody has thought out: tools/experiments/NAME.conf. Pure.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/base/result.h"
#include "preset_check.h"

namespace duplex::tools {

// What `show` may name: columns that a table of text has only when an experiment is about them.
inline constexpr std::array<std::string_view, 8> more_columns = {
    "wire", "requests", "empty-polls", "syscalls", "spread", "client-cpu", "age", "first-event"};

// "some of wire, requests, ...", which they are not; or nothing.
std::string problem_with_columns(const std::vector<std::string>& words);

// A .conf has lines "name = value"; one that begins with a space goes on with the value above, and
// '#' begins a comment line.
struct Preset {
  std::string name = {};
  std::string place = {};  // of its arguments: "wind-4hz.conf:3"
  std::string question = {};
  std::string expected = {};                // the answer that theory gives, for a person
  std::vector<std::string> arguments = {};  // of `duplex bench`, for each step
  std::string varied = {};                  // the option that the steps differ in; empty: one step
  std::vector<std::string> values = {};     // of that, one for each step
  std::vector<std::string> quick = {};      // more arguments, with --quick
  std::vector<std::string> quick_values = {};  // instead of `values`; empty: the same
  std::chrono::nanoseconds limit{0};           // until: of WebSocket's p95; 0: none
  bool predicts = true;                        // judge: whether every mean is expected as predicted
  std::vector<std::string> shown = {};         // show: of more_columns, in the text's table
  std::vector<PresetCheck> checks = {};        // check: what its figures have to be

  bool shows(std::string_view column) const noexcept;
  // What step `index` is called with, before what the user adds.
  std::vector<std::string> step(std::size_t index, bool is_quick) const;
  std::size_t step_count(bool is_quick) const noexcept;
  const std::vector<std::string>& values_of(bool is_quick) const noexcept;
};

// What stands between spaces, tabs and carriage returns.
std::vector<std::string> words_of(std::string_view text);

// `name` is the file's, for the preset and for errors: "wind-4hz.conf:3: 'vari' is not ...".
Result<Preset, std::string> parse_preset(std::string_view name, std::string_view text);

}  // namespace duplex::tools

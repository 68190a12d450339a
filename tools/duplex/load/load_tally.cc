// What a process of `duplex load` counted.
#include "load_tally.h"

#include <algorithm>
#include <charconv>

#include "../feed_event.h"

namespace duplex::tools {
namespace {

struct Count {
  std::string_view name;
  std::uint64_t LoadTally::*member;
  bool is_time = false;
};

constexpr std::array<Count, 22> counts = {{
    {"opened", &LoadTally::opened},
    {"failed", &LoadTally::failed},
    {"dropped", &LoadTally::dropped},
    {"open_at_end", &LoadTally::open_at_end},
    {"most_open", &LoadTally::most_open},
    {"deflated", &LoadTally::deflated},
    {"silent", &LoadTally::silent},
    {"opening_at_end", &LoadTally::opening_at_end},
    {"missing", &LoadTally::missing},
    {"sent", &LoadTally::sent},
    {"received", &LoadTally::received},
    {"lost", &LoadTally::lost},
    {"overdue", &LoadTally::overdue},
    {"corrupt", &LoadTally::corrupt},
    {"misplaced", &LoadTally::misplaced},
    {"refused", &LoadTally::refused},
    {"skipped", &LoadTally::skipped},
    {"abandoned", &LoadTally::abandoned},
    {"unrecovered", &LoadTally::unrecovered},
    {"ramp_time", &LoadTally::ramp_time, true},
    {"measured_time", &LoadTally::measured_time, true},
    {"recovery_time", &LoadTally::recovery_time, true},
}};

// The next word of a line, as a number; 0 when there is none.
std::uint64_t take_number(std::string_view& line) noexcept {
  std::uint64_t number = 0;
  if (line.starts_with(' ')) line.remove_prefix(1);
  const auto result = std::from_chars(line.data(), line.data() + line.size(), number);
  line.remove_prefix(static_cast<std::size_t>(result.ptr - line.data()));
  return number;
}

std::string_view take_name(std::string_view& line) noexcept {
  const std::string_view name = line.substr(0, line.find(' '));
  line.remove_prefix(name.size());
  return name;
}

void write_histogram(std::string_view name, const measure::Histogram& histogram,
                     std::string& text) {
  histogram.for_each([&](std::int64_t low, std::int64_t, std::int64_t count) {
    text.append(name).append(" ").append(std::to_string(low));
    text.append(" ").append(std::to_string(count)).append("\n");
  });
}

void read_sample(measure::Histogram& histogram, std::string_view rest) {
  const auto value = static_cast<std::int64_t>(take_number(rest));
  histogram.record(value, static_cast<std::int64_t>(take_number(rest)));
}

// What is behind the space.
std::string words_of(std::string_view rest) {
  return std::string(rest.substr(std::min<std::size_t>(1, rest.size())));
}

void read_drop(LoadTally& tally, std::string_view rest) {
  const auto code = static_cast<unsigned>(take_number(rest));
  const std::uint64_t count = take_number(rest);
  tally.count_drop(code, words_of(rest), count);
}

void read_line(LoadTally& tally, std::string_view line) {
  const std::string_view name = take_name(line);
  if (name == "latency") return read_sample(tally.latency, line);
  if (name == "late") return read_sample(tally.late, line);
  if (name == "opening") return read_sample(tally.opening, line);
  if (name == "drop") return read_drop(tally, line);
  if (name == "failure") tally.failure = words_of(line);
  for (const Count& count : counts) {
    if (count.name == name) tally.*count.member = take_number(line);
  }
}

}  // namespace

void LoadTally::count_drop(unsigned code, const std::string& reason, std::uint64_t count) {
  Drops& same = drops[code];
  if (same.count == 0) same.reason = reason;
  same.count += count;
}

void LoadTally::add(const LoadTally& other) {
  for (const Count& count : counts) {
    std::uint64_t& mine = this->*count.member;
    const std::uint64_t theirs = other.*count.member;
    mine = count.is_time ? std::max(mine, theirs) : mine + theirs;
  }
  if (failure.empty()) failure = other.failure;
  for (const auto& [code, theirs] : other.drops) count_drop(code, theirs.reason, theirs.count);
  latency.add(other.latency);
  late.add(other.late);
  opening.add(other.opening);
}

std::string tally_text(const LoadTally& tally) {
  std::string text;
  for (const Count& count : counts) {
    text.append(count.name).append(" ").append(std::to_string(tally.*count.member)).append("\n");
  }
  if (!tally.failure.empty()) text.append("failure ").append(tally.failure).append("\n");
  for (const auto& [code, same] : tally.drops) {
    text.append("drop ").append(std::to_string(code)).append(" ");
    text.append(std::to_string(same.count)).append(" ").append(same.reason).append("\n");
  }
  write_histogram("latency", tally.latency, text);
  write_histogram("late", tally.late, text);
  write_histogram("opening", tally.opening, text);
  return text;
}

LoadTally read_tally(std::string_view text) {
  LoadTally tally;
  for_each_line(text, [&tally](std::string_view line) { read_line(tally, line); });
  return tally;
}

}  // namespace duplex::tools

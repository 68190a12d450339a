// Whether the server is still there.
#include "presence.h"

#include <algorithm>

namespace duplex::tools::suite {
namespace {

constexpr milliseconds between_tries(100);

std::string join(const std::vector<std::string>& words, const std::string& separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

}  // namespace

std::string describe(const Absence& absence) {
  const std::string where = absence.first.empty() ? "the last case" : "case " + absence.first;
  if (!absence.back) return "the server is gone since " + where;
  return "the server took no connection for a while, since " + where;
}

std::vector<std::string> explain(const Absence& absence, const std::string& repeat) {
  std::vector<std::string> lines = {describe(absence) + ": " + absence.problem};
  if (absence.suspects.empty()) return lines;
  lines.push_back("under way when it went, or just over: " + join(absence.suspects, ", "));
  const std::string cases = join(absence.suspects, " --case ") + " --parallel 1";
  lines.push_back("these alone, one after another: " + replaced(repeat, "{case}", cases));
  return lines;
}

void Presence::answered(Clock::time_point begun) {
  if (begun <= answered_) return;
  answered_ = begun;
  std::erase_if(over_, [begun](const Over& one) { return one.at < begun; });
}

void Presence::over(std::size_t index, Clock::time_point now) { over_.push_back({index, now}); }

void Presence::refused(Clock::time_point now) {
  if (!since_) since_ = now;
  gone_ = now - *since_ >= patience_;
  put_off(now);
}

void Presence::taken() noexcept { since_.reset(); }

void Presence::put_off(Clock::time_point now) noexcept { next_try_ = now + between_tries; }

std::vector<std::size_t> Presence::suspects() const {
  std::vector<std::size_t> indices;
  for (const Over& one : over_) indices.push_back(one.index);
  return indices;
}

}  // namespace duplex::tools::suite

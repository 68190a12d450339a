// What fills the events of the feed up to their size.
#include "event_content.h"

#include <algorithm>
#include <array>
#include <utility>

#include "measure/format.h"
#include "measure/random.h"

namespace duplex::tools {
namespace {

constexpr std::size_t piece_count = 64;  // that differ

constexpr std::array<std::pair<std::string_view, ContentKind>, 3> kinds = {
    {{"letter", ContentKind::letter},
     {"json", ContentKind::json},
     {"random", ContentKind::random}}};

// Between `low` and `high`, with one digit behind the point.
std::string reading(measure::Random& random, double low, double high) {
  return measure::fixed(low + random.uniform() * (high - low), 1);
}

std::string json_record(measure::Random& random) {
  std::string text = "{\"station\":\"pier-" + std::to_string(10 + random.below(90));
  text += "\",\"wind\":{\"speed\":" + reading(random, 3, 15);
  text += ",\"gust\":" + reading(random, 15, 30);
  text += ",\"direction\":" + std::to_string(random.below(360));
  text += "},\"temperature\":" + reading(random, 5, 25);
  text += ",\"pressure\":" + reading(random, 990, 1030);
  return text + ",\"humidity\":" + std::to_string(40 + random.below(60)) + "}";
}

std::string random_piece(measure::Random& random) {
  std::string text(16, ' ');
  std::generate(text.begin(), text.end(),
                [&random] { return static_cast<char>('!' + random.below('~' - '!' + 1)); });
  return text;
}

}  // namespace

std::optional<ContentKind> content_of(std::string_view name) noexcept {
  const auto* const found = std::find_if(kinds.begin(), kinds.end(),
                                         [name](const auto& entry) { return entry.first == name; });
  if (found == kinds.end()) return std::nullopt;
  return found->second;
}

EventContent::EventContent(ContentKind kind, std::size_t size, std::uint64_t seed) {
  if (kind == ContentKind::letter) {
    text_.assign(size, 'x');
    starts_ = {0};
    return;
  }
  measure::Random random(seed);
  while (starts_.size() < piece_count || text_.size() - starts_.back() < size) {
    if (starts_.size() < piece_count) starts_.push_back(text_.size());
    text_ += kind == ContentKind::json ? json_record(random) + "," : random_piece(random);
  }
}

std::string_view EventContent::text(std::uint64_t id) const noexcept {
  return std::string_view(text_).substr(starts_[id % starts_.size()]);
}

}  // namespace duplex::tools

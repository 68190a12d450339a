// Which stream has the events of a namespace; see stream_name.h.
#include "cluster/stream_name.h"

#include <algorithm>
#include <cstdint>

namespace duplex::cluster {
namespace {

// The hash of JavaScript's units, UTF-16, modulo 2^32 (as Java's String.hashCode).
class Hash {
 public:
  void add_point(std::uint32_t point) noexcept {
    constexpr std::uint32_t first_pair = 0x10000;
    if (point < first_pair) return add_unit(point);
    add_unit(0xd800 + ((point - first_pair) >> 10));
    add_unit(0xdc00 + (point & 0x3ff));
  }
  std::int32_t value() const noexcept { return static_cast<std::int32_t>(sum_); }

 private:
  void add_unit(std::uint32_t unit) noexcept { sum_ = sum_ * 31 + unit; }

  std::uint32_t sum_ = 0;
};

std::int32_t hash_of(std::string_view text) noexcept {
  Hash hash;
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (const char each : text.substr(1, length - 1)) {
      point = point << 6 | (static_cast<unsigned char>(each) & 0x3fU);
    }
    hash.add_point(point);
    text.remove_prefix(std::min(length, text.size()));
  }
  return hash.value();
}

std::string name_of(std::string_view prefix, std::int64_t remainder) {
  return std::string(prefix) + "-" + std::to_string(remainder);
}

}  // namespace

std::string stream_name(std::string_view prefix, std::string_view nsp, std::size_t count) {
  if (count == 1) return std::string(prefix);
  return name_of(prefix, hash_of(nsp) % static_cast<std::int64_t>(count));
}

std::vector<std::string> stream_names(std::string_view prefix, std::size_t count) {
  if (count == 1) return {std::string(prefix)};
  const auto end = static_cast<std::int64_t>(count);
  std::vector<std::string> names;
  for (std::int64_t i = 1 - end; i < end; ++i) names.push_back(name_of(prefix, i));
  return names;
}

}  // namespace duplex::cluster

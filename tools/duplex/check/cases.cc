// The cases, all together.
#include "cases.h"

#include <fnmatch.h>

namespace duplex::tools::suite {

Cases all_cases(std::optional<std::uint64_t> limit) {
  Cases cases;
  for (const auto add :
       {add_framing, add_pings, add_reserved_bits, add_opcodes, add_fragmentation, add_utf8,
        add_closing, add_limits, add_compression, add_frames, add_deflate, add_splits, add_floods,
        add_openings, add_http, add_smuggling, add_answers}) {
    add(cases);
  }
  if (limit) add_edges(cases, *limit);
  return cases;
}

bool matches(const std::string& pattern, const std::string& id) noexcept {
  return fnmatch(pattern.c_str(), id.c_str(), 0) == 0;
}

std::string filler(Item::Kind kind, std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    // 251 and 89 are prime: the pattern does not repeat with the sizes of frames and buffers.
    bytes[i] =
        kind == Item::Kind::text ? static_cast<char>(' ' + i % 89) : static_cast<char>(i % 251);
  }
  return bytes;
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace duplex::tools::suite

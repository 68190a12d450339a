// One entry of a stream.
#include "cluster/stream_entry.h"

#include <charconv>
#include <cstdint>
#include <utility>

namespace duplex::cluster {
namespace {

// Milliseconds, and a number within them.
std::pair<std::uint64_t, std::uint64_t> place_of(std::string_view offset) noexcept {
  std::uint64_t time = 0;
  std::uint64_t number = 0;
  const char* const end = offset.data() + offset.size();
  const char* const dash = std::from_chars(offset.data(), end, time).ptr;
  if (dash != end) std::from_chars(dash + 1, end, number);
  return {time, number};
}

}  // namespace

bool is_before(std::string_view one, std::string_view other) noexcept {
  return place_of(one) < place_of(other);
}

StreamEntry StreamEntry::of(const codec::RespValue& value) {
  StreamEntry entry;
  if (value.items.size() != 2) return entry;
  entry.offset = value.items[0].text;
  const auto& pairs = value.items[1].items;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const std::string& name = pairs[i].text;
    const std::string& text = pairs[i + 1].text;
    if (name == "uid") entry.uid = text;
    if (name == "nsp") entry.nsp = text;
    if (name == "ref") entry.ref = text;
    if (name == "type") entry.fields.type = text;
    if (name == "data") entry.fields.data = text;
  }
  return entry;
}

}  // namespace duplex::cluster

// How large the messages of a script are.
#include "sent_size.h"

#include <algorithm>
#include <utility>

namespace duplex::tools::suite {
namespace {

// Reads the headers of frames, in whatever pieces they come, and skips the rest.
class Sizes {
 public:
  void read(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto skipped = std::min<std::uint64_t>(payload_, bytes.size());
      payload_ -= skipped;
      bytes.remove_prefix(static_cast<std::size_t>(skipped));
      if (bytes.empty()) return;
      header_ += bytes.front();
      bytes.remove_prefix(1);
      if (header_.size() >= header_size()) take_header();
    }
  }
  std::uint64_t largest() const noexcept { return largest_; }

 private:
  unsigned byte(std::size_t i) const { return static_cast<unsigned char>(header_[i]); }
  std::size_t length_size() const {
    const unsigned form = byte(1) & 0x7F;
    return form == 126 ? 2 : form == 127 ? 8 : 0;
  }
  std::size_t header_size() const {
    if (header_.size() < 2) return 2;
    return 2 + length_size() + ((byte(1) & 0x80) != 0 ? 4 : 0);
  }
  std::uint64_t length() const {
    std::uint64_t length = length_size() == 0 ? byte(1) & 0x7F : 0;
    for (std::size_t i = 0; i < length_size(); ++i) length = length << 8 | byte(2 + i);
    return length;
  }
  void take_header() {
    payload_ = length();
    const unsigned code = byte(0) & 0x0F;
    if (code <= opcode::binary) {
      const std::uint64_t before = code == opcode::continuation ? message_ : 0;
      message_ = std::max(before, before + payload_);  // a length may be any number
      largest_ = std::max(largest_, message_);
    }
    header_.clear();
  }

  std::string header_;
  std::uint64_t payload_ = 0;  // of the frame, as far as it is still to come
  std::uint64_t message_ = 0;
  std::uint64_t largest_ = 0;
};

std::uint64_t largest_expected(const Script& script) {
  std::uint64_t largest = 0;
  for (const Expected& expected : script.outcomes().front().items) {
    largest = std::max<std::uint64_t>(largest, expected.item.payload.size());
  }
  return largest;
}

// What is echoed before a message that is too large.
std::vector<Expected> items_within(const Script& script, std::uint64_t limit) {
  std::vector<Expected> items;
  for (Expected expected : script.outcomes().front().items) {
    expected.min = 0;
    if (expected.item.payload.size() <= limit) items.push_back(std::move(expected));
  }
  return items;
}

}  // namespace

std::uint64_t largest_message(const Script& script) {
  Sizes sizes;
  std::uint64_t largest = largest_expected(script);  // compressed bytes do not tell
  for (const Step& step : script.steps()) {
    sizes.read(step.bytes);
    largest = std::max<std::uint64_t>(largest, step.item.payload.size());
  }
  return std::max(largest, sizes.largest());
}

void allow_limit(Script& script, std::uint64_t limit) {
  if (largest_message(script) <= limit) return;
  script.or_else({Verdict::informational,
                  items_within(script, limit),
                  {Ending::Kind::closed_by_peer, {1009}}});
}

}  // namespace duplex::tools::suite

// Any bytes as replies of Redis: the same in any pieces, within the limits, as a naive reader has
// them; and the same when they are written and read again.
#include <gtest/gtest.h>

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "../support/resp.h"
#include "cuts.h"
#include "decisions.h"
#include "duplex/codec/resp.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using codec::RespLimits;
using codec::RespReader;
using codec::RespValue;
using Kind = RespValue::Kind;

// Reads one value off the front of a text that is all there, by walking from line to line. Nothing:
// it is cut short or wrong.
class NaiveReader {
 public:
  explicit NaiveReader(std::string_view text) : text_(text) {}

  std::optional<RespValue> read() {
    const std::size_t end = text_.find("\r\n");
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    const char type = text_.front();
    const std::string line(text_.substr(1, end - 1));
    text_.remove_prefix(end + 2);
    if (line.find_first_of("\r\n") != std::string::npos) return std::nullopt;
    if (type == '+') return RespValue{.kind = Kind::simple, .text = line};
    if (type == '-') return RespValue{.kind = Kind::error, .text = line};
    const auto number = number_of(type == ':' ? without_plus(line) : line);
    if (!number) return std::nullopt;
    if (type == ':') return RespValue{.kind = Kind::integer, .integer = *number};
    if ((type == '$' || type == '*') && *number == -1) return RespValue{};
    if (type == '$') return read_bulk(*number);
    return type == '*' ? read_array(*number) : std::nullopt;
  }

  std::size_t left() const noexcept { return text_.size(); }

 private:
  static std::string without_plus(const std::string& line) {
    const bool has_plus = line.size() > 1 && line[0] == '+' && line[1] != '-';
    return has_plus ? line.substr(1) : line;
  }

  static std::optional<std::int64_t> number_of(const std::string& digits) {
    std::int64_t number = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (end.ec != std::errc() || digits != std::to_string(number)) return std::nullopt;
    return number;
  }

  std::optional<RespValue> read_bulk(std::int64_t size) {
    if (size < 0 || text_.size() < 2 || static_cast<std::uint64_t>(size) > text_.size() - 2) {
      return std::nullopt;
    }
    const auto length = static_cast<std::size_t>(size);
    RespValue value = {.kind = Kind::bulk, .text = std::string(text_.substr(0, length))};
    if (text_.substr(length, 2) != "\r\n") return std::nullopt;
    text_.remove_prefix(length + 2);
    return value;
  }

  std::optional<RespValue> read_array(std::int64_t count) {
    if (count < 0) return std::nullopt;
    RespValue value = {.kind = Kind::array};
    for (std::int64_t i = 0; i < count; ++i) {
      auto item = read();
      if (!item) return std::nullopt;
      value.items.push_back(*std::move(item));
    }
    return value;
  }

  std::string_view text_;
};

std::size_t count_of(const RespValue& value) {
  std::size_t count = 1;
  for (const RespValue& each : value.items) count += count_of(each);
  return count;
}

std::size_t depth_of(const RespValue& value) {
  if (value.kind != Kind::array) return 0;
  std::size_t depth = 0;
  for (const RespValue& each : value.items) depth = std::max(depth, depth_of(each));
  return depth + 1;
}

// What a reader makes of a stream.
struct Reading {
  std::vector<RespValue> replies = {};
  std::string error = {};
  bool waits = false;

  friend bool operator==(const Reading&, const Reading&) = default;
};

Reading read(std::string_view wire, const RespLimits& limits, const Cuts& cuts) {
  Reading reading;
  RespReader reader(limits);
  feed_pieces(wire, cuts, [&](Bytes piece) {
    while (reading.error.empty()) {
      auto reply = reader.next(piece);
      if (!reply) {
        reading.error = reply.error().message;
      } else if (*reply) {
        reading.replies.push_back(**std::move(reply));
      } else {
        EXPECT_TRUE(piece.empty());
        return;
      }
    }
  });
  reading.waits = reading.error.empty() && reader.is_waiting();
  return reading;
}

void expect_within(const RespValue& reply, std::size_t size, const RespLimits& limits) {
  EXPECT_LE(size, limits.max_size);
  EXPECT_LE(count_of(reply), limits.max_values);
  EXPECT_LE(depth_of(reply), limits.max_depth);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const RespLimits limits = {.max_size = 8 + decisions.below(256),
                             .max_line_size = 1 + decisions.below(32),
                             .max_depth = decisions.below(8),
                             .max_values = 1 + decisions.below(64)};
  const std::uint8_t seed = decisions.byte();
  const std::string_view wire = decisions.rest();
  const Reading whole = read(wire, limits, {});
  for (const Cuts& cuts : all_cuts(wire.size(), seed)) EXPECT_EQ(read(wire, limits, cuts), whole);

  NaiveReader naive(wire);
  std::string written;
  for (const RespValue& reply : whole.replies) {
    const std::size_t before = naive.left();
    EXPECT_EQ(naive.read(), reply);
    expect_within(reply, before - naive.left(), limits);
    written += support::resp_wire(reply);
  }
  const Reading again = {.replies = whole.replies};
  EXPECT_EQ(read(written, {}, {}), again);
  if (whole.waits) {
    EXPECT_FALSE(naive.read());
  }
}

const Registration registration({"resp", run});

}  // namespace
}  // namespace duplex::fuzz

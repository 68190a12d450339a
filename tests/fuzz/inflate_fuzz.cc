// Any bytes as compressed messages of one connection: the output and the verdict of a naive second
// implementation, however the input is cut and whatever memory the output goes into, and never more
// output than the limits allow.
#include <gtest/gtest.h>

#include "../codec/inflating.h"
#include "cuts.h"
#include "decisions.h"
#include "naive_inflate.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using codec::Inflated;
using codec::InflateError;
using codec::Memory;

struct Case {
  codec::InflateOptions options;
  std::vector<std::string_view> messages;
};

Case take_case(Decisions& decisions) {
  constexpr std::size_t sizes[] = {65536, 0, 1, 100, 1000, 4096, 5000, 32768};
  const std::uint8_t choice = decisions.byte();
  Case result{.options = {.window_bits = 15U - (choice & 7U),
                          .context_takeover = (choice & 8) == 0,
                          .max_message_size = decisions.pick(sizes)},
              .messages = {}};
  if ((choice & 16) != 0) {
    result.options.max_ratio = 1U + (choice >> 5);
    result.options.ratio_free_size = choice;
  }
  do {
    const std::size_t size = decisions.below(65536);
    result.messages.push_back(decisions.take(size));
  } while (!decisions.over() && result.messages.size() < 4);
  return result;
}

bool has_ratio(const codec::InflateOptions& options) { return options.max_ratio < 1032; }

void expect_within_limits(const Case& each, std::string_view message, const Inflated& inflated) {
  EXPECT_LE(inflated.output.size(), each.options.max_message_size);
  if (!has_ratio(each.options)) return;
  EXPECT_LE(inflated.output.size(),
            each.options.ratio_free_size + each.options.max_ratio * message.size());
}

// Without a limit of the ratio, which a naive reader does not know.
std::vector<Inflated> inflate_naively(const Case& each) {
  std::vector<Inflated> all;
  NaiveInflater inflater(each.options);
  for (const std::string_view message : each.messages) {
    auto [output, error] = inflater.inflate_message(message);
    all.push_back({std::move(output), error});
    if (error != InflateError::none) break;
  }
  return all;
}

// `cut` gives the cuts of a message.
template <class F>
std::vector<Inflated> inflate(const Case& each, F&& cut, std::size_t output_size, Memory memory) {
  std::vector<Inflated> all;
  codec::Inflater inflater(each.options);
  for (const std::string_view message : each.messages) {
    const Cuts cuts = cut(message);
    const auto size = [&cuts, i = std::size_t{0}](std::size_t rest) mutable {
      return i < cuts.size() ? cuts[i++] : rest;
    };
    all.push_back(codec::inflate_message(inflater, message, size, output_size, memory));
    expect_within_limits(each, message, all.back());
    if (all.back().error != InflateError::none) break;
  }
  return all;
}

void run(std::string_view input) {
  Decisions decisions(input);
  const std::uint8_t seed = decisions.byte();
  const Case each = take_case(decisions);
  const auto whole = [](std::string_view) { return Cuts(); };
  const auto bytes = [](std::string_view message) { return cut_every_byte(message.size()); };
  const auto pieces = [&](std::string_view message) { return cut_at_random(message.size(), seed); };
  const auto expected = inflate(each, whole, 65536, Memory::one_for_the_message);
  if (!has_ratio(each.options)) {
    EXPECT_EQ(expected, inflate_naively(each));
  }
  EXPECT_EQ(inflate(each, bytes, 300, Memory::one_for_the_message), expected);
  EXPECT_EQ(inflate(each, pieces, 1U + seed, Memory::one_for_the_message), expected);
  EXPECT_EQ(inflate(each, whole, 1U + seed, Memory::one_buffer), expected);
  EXPECT_EQ(inflate(each, bytes, 1, Memory::one_buffer), expected);
}

const Registration registration({"inflate", run});

}  // namespace
}  // namespace duplex::fuzz

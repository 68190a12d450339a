// Any bytes as compressed messages of one connection: the output and the verdict of a naive second
// implementation, however the input is cut and whatever memory the output goes into, and never more
// output than the limits allow.
#include <gtest/gtest.h>

#include "../codec/inflating.h"
#include "../support/guard_page.h"
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
  std::uint8_t seed = 0;  // of the cuts at random
  codec::InflateOptions options;
  std::vector<std::string_view> messages;
};

Case take_case(Decisions& decisions) {
  constexpr std::size_t sizes[] = {65536, 0, 1, 100, 1000, 4096, 5000, 32768};
  const std::uint8_t seed = decisions.byte();
  const std::uint8_t choice = decisions.byte();
  Case result{.seed = seed,
              .options = {.window_bits = 15U - (choice & 7U),
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

std::vector<Inflated> inflate(const Case& each, Cutting cutting, std::size_t output_size,
                              Memory memory) {
  std::vector<Inflated> all;
  codec::Inflater inflater(each.options);
  for (const std::string_view message : each.messages) {
    const auto sizes = sizes_of(cut(cutting, message.size(), each.seed));
    all.push_back(codec::inflate_message(inflater, message, sizes, output_size, memory));
    expect_within_limits(each, message, all.back());
    if (all.back().error != InflateError::none) break;
  }
  return all;
}

// Input and output end where memory does that may not be touched.
void expect_between_guards(const Case& each, const std::vector<Inflated>& expected) {
  support::GuardPage input(65536);
  support::GuardPage output(65536);
  codec::Inflater inflater(each.options);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Bytes bytes = input.place(each.messages[i]);
    const MutableBytes memory = output.place(std::string(expected[i].output.size(), '\0'));
    inflater.inflate_behind(bytes, memory, 0);
    if (expected[i].error != InflateError::none) return;
    EXPECT_EQ(inflater.end_message(memory), InflateError::none);
    EXPECT_EQ(as_text(memory), expected[i].output);
  }
}

void run(std::string_view input) {
  Decisions decisions(input);
  const Case each = take_case(decisions);
  const auto expected = inflate(each, Cutting::whole, 65536, Memory::one_for_the_message);
  if (!has_ratio(each.options)) {
    EXPECT_EQ(expected, inflate_naively(each));
  }
  expect_between_guards(each, expected);
  const std::size_t small = 1U + each.seed;
  EXPECT_EQ(inflate(each, Cutting::every_byte, 300, Memory::one_for_the_message), expected);
  EXPECT_EQ(inflate(each, Cutting::at_random, small, Memory::one_for_the_message), expected);
  EXPECT_EQ(inflate(each, Cutting::whole, small, Memory::one_buffer), expected);
  EXPECT_EQ(inflate(each, Cutting::every_byte, 1, Memory::one_buffer), expected);
}

const Registration registration({"inflate", run});

}  // namespace
}  // namespace duplex::fuzz

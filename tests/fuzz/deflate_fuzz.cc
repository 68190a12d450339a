// Any bytes as messages of one connection that are compressed: a naive reader and our own one read
// them back, no distance is larger than the window, and neither the cuts of the input nor the
// memory for the output change what comes out.
#include <gtest/gtest.h>

#include "../codec/deflating.h"
#include "cuts.h"
#include "decisions.h"
#include "naive_inflate.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

struct Case {
  std::uint8_t seed = 0;  // of the cuts at random
  codec::DeflateOptions options;
  bool context_takeover = true;
  std::vector<std::string> messages;
};

Case take_case(Decisions& decisions) {
  const std::uint8_t seed = decisions.byte();
  const std::uint8_t choice = decisions.byte();
  Case result{.seed = seed,
              .options = {.level = static_cast<unsigned>(decisions.below(10)),
                          .window_bits = 15U - (choice & 7U)},
              .context_takeover = (choice & 8) == 0,
              .messages = {}};
  const std::size_t most = (choice & 16) != 0 ? 20'000 : 1000;
  do result.messages.push_back(decisions.repeated(most));
  while (!decisions.over() && result.messages.size() < 4);
  return result;
}

std::vector<std::string> deflate(const Case& each, Cutting cutting, std::size_t output_size) {
  std::vector<std::string> all;
  codec::Deflater deflater(each.options);
  for (const std::string& message : each.messages) {
    const auto sizes = sizes_of(cut(cutting, message.size(), each.seed));
    all.push_back(codec::deflate_message(deflater, message, sizes, output_size));
    if (!each.context_takeover) deflater.reset();
  }
  return all;
}

// Both stand for what the peer would be.
void expect_read_back(const Case& each, const std::vector<std::string>& payloads) {
  const codec::InflateOptions options{.window_bits = each.options.window_bits,
                                      .context_takeover = each.context_takeover};
  codec::Inflater inflater(options);
  NaiveInflater naive(options);
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const codec::Inflated expected{each.messages[i], codec::InflateError::none};
    EXPECT_EQ(codec::inflate_message(inflater, payloads[i]), expected);
    const auto [output, error] = naive.inflate_message(payloads[i]);
    EXPECT_EQ((codec::Inflated{output, error}), expected);
    EXPECT_LE(payloads[i].size() + codec::flush_tail_size,
              codec::max_deflated_size(each.messages[i].size(), options.window_bits));
  }
}

void run(std::string_view input) {
  Decisions decisions(input);
  const Case each = take_case(decisions);
  const auto expected = deflate(each, Cutting::whole, 65536);
  expect_read_back(each, expected);
  EXPECT_EQ(deflate(each, Cutting::every_byte, 1U + each.seed), expected);
  EXPECT_EQ(deflate(each, Cutting::at_random, 65536), expected);
  EXPECT_EQ(deflate(each, Cutting::whole, 1), expected);
}

const Registration registration({"deflate", run});

}  // namespace
}  // namespace duplex::fuzz

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
  codec::DeflateOptions options;
  bool context_takeover = true;
  std::vector<std::string> messages;
};

Case take_case(Decisions& decisions) {
  const std::uint8_t choice = decisions.byte();
  Case result{.options = {.level = static_cast<unsigned>(decisions.below(10)),
                          .window_bits = 15U - (choice & 7U)},
              .context_takeover = (choice & 8) == 0,
              .messages = {}};
  const std::size_t most = (choice & 16) != 0 ? 20'000 : 1000;
  do result.messages.push_back(decisions.repeated(most));
  while (!decisions.over() && result.messages.size() < 4);
  return result;
}

// `cut` gives the cuts of a message.
template <class F>
std::vector<std::string> deflate(const Case& each, F&& cut, std::size_t output_size) {
  std::vector<std::string> all;
  codec::Deflater deflater(each.options);
  for (const std::string& message : each.messages) {
    const Cuts cuts = cut(message);
    const auto size = [&cuts, i = std::size_t{0}](std::size_t rest) mutable {
      return i < cuts.size() ? std::min(rest, cuts[i++]) : rest;
    };
    all.push_back(codec::deflate_message(deflater, message, size, output_size));
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
  const std::uint8_t seed = decisions.byte();
  const Case each = take_case(decisions);
  const auto whole = [](std::string_view) { return Cuts(); };
  const auto bytes = [](std::string_view message) { return cut_every_byte(message.size()); };
  const auto pieces = [&](std::string_view message) { return cut_at_random(message.size(), seed); };
  const auto expected = deflate(each, whole, 65536);
  expect_read_back(each, expected);
  EXPECT_EQ(deflate(each, bytes, 1U + seed), expected);
  EXPECT_EQ(deflate(each, pieces, 65536), expected);
  EXPECT_EQ(deflate(each, whole, 1), expected);
}

const Registration registration({"deflate", run});

}  // namespace
}  // namespace duplex::fuzz

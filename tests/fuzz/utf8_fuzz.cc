// Any bytes as text: the validator says no with exactly the byte after which a table says that
// nothing can help any more, however the text is cut.
#include <gtest/gtest.h>

#include "../codec/utf8_oracle.h"
#include "cuts.h"
#include "decisions.h"
#include "duplex/codec/utf8.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

// Where step() says no.
std::size_t doomed_at(std::string_view text) {
  codec::Utf8Validator validator;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!validator.step(static_cast<std::byte>(text[i]))) return i;
  }
  return codec::Utf8Verdict::never;
}

void expect_verdict(std::string_view text, const Cuts& cuts, const codec::Utf8Verdict& expected) {
  codec::Utf8Validator validator;
  std::size_t end = 0;
  feed_pieces(text, cuts, [&](MutableBytes piece) {
    end += piece.size();
    const bool doomed = expected.doomed_at != codec::Utf8Verdict::never && expected.doomed_at < end;
    EXPECT_EQ(validator.feed(piece), !doomed);
  });
  EXPECT_EQ(validator.complete(), expected.valid());
  validator.reset();
  EXPECT_TRUE(validator.feed({}) && validator.complete());
}

void run(std::string_view input) {
  Decisions decisions(input);
  const std::uint8_t seed = decisions.byte();
  const std::string_view text = decisions.rest();
  const codec::Utf8Verdict expected = codec::judge_utf8(text);
  EXPECT_EQ(doomed_at(text), expected.doomed_at);
  EXPECT_EQ(codec::is_valid_utf8(as_bytes(text)), expected.valid());
  expect_verdict(text, {}, expected);
  for (const Cuts& cuts : all_cuts(text.size(), seed)) expect_verdict(text, cuts, expected);
}

const Registration registration({"utf8", run});

}  // namespace
}  // namespace duplex::fuzz

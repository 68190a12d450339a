// Every input that is kept, through its fuzz target: corpus/ holds what reaches most of the code,
// regressions/ what was once found to go wrong.
#include "corpus.h"

#include <gtest/gtest.h>

#include <ostream>

#include "decisions.h"
#include "target.h"

namespace duplex::fuzz {

void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

namespace {

class Corpus : public testing::TestWithParam<Target> {};

std::string name_of(const testing::TestParamInfo<Target>& target) {
  return std::string(target.param.name);
}
INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, testing::ValuesIn(targets()), name_of);

// Returns how many there were.
std::size_t replay(const Target& target, const std::string& folder) {
  const std::string path = folder + "/" + std::string(target.name) + ".txt";
  const std::vector<KeptInput> inputs = load_inputs(path);
  for (const KeptInput& input : inputs) {
    SCOPED_TRACE("tests/fuzz/" + path + ":" + std::to_string(input.line));
    target.run(input.bytes);
    if (testing::Test::HasFailure()) break;
  }
  return inputs.size();
}

TEST_P(Corpus, HoldsTheProperty) { EXPECT_GE(replay(GetParam(), "corpus"), 10U); }
TEST_P(Corpus, HasNoRegression) { replay(GetParam(), "regressions"); }
TEST_P(Corpus, TakesNothingAtAll) { GetParam().run({}); }

TEST(KeptInputs, AreReadAsTheyWereWritten) {
  EXPECT_EQ(unescape(R"(a\r\n\t\\x\x00\xff)"), std::string("a\r\n\t\\x\0\xff", 8));
  EXPECT_THROW(unescape("\\"), std::runtime_error);
  EXPECT_THROW(unescape("\\x0"), std::runtime_error);
  EXPECT_THROW(unescape("\\q"), std::runtime_error);
  EXPECT_TRUE(goes_on("a\\"));
  EXPECT_FALSE(goes_on("a\\\\"));
  EXPECT_FALSE(goes_on("a"));
}

TEST(Decisions, ComeFromTheBytesAndEndHarmlessly) {
  Decisions decisions("\x01\x02\x03\x02xy");
  EXPECT_EQ(decisions.byte(), 1U);
  EXPECT_EQ(decisions.below(1000), (0x0203U) % 1000);
  EXPECT_EQ(decisions.text(), "xy");
  EXPECT_TRUE(decisions.over());
  EXPECT_EQ(decisions.below(7), 0U);
  EXPECT_EQ(decisions.below(1), 0U);
  EXPECT_FALSE(decisions.chance());
}

TEST(Occasions, ArePassedByUntilTheirTime) {
  Occasions occasions(
      std::string_view("\x02"
                       "a\x00"
                       "b",
                       4));
  EXPECT_FALSE(occasions.take());
  EXPECT_FALSE(occasions.take());
  EXPECT_EQ(occasions.take(), 'a');
  EXPECT_EQ(occasions.take(), 'b');
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(occasions.take());
}

}  // namespace
}  // namespace duplex::fuzz

// Tests of the value-or-error.
#include "duplex/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace duplex {
namespace {

enum class Fault { small, large };

Result<std::string, Fault> repeat(std::string_view text, int count) {
  if (count < 0) return Failure{Fault::small};
  if (count > 3) return Failure{Fault::large};
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Result, HoldsAValue) {
  auto result = repeat("ab", 2);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(*result, "abab");
  EXPECT_EQ(result->size(), 4u);
  EXPECT_EQ(std::as_const(result).value(), "abab");
  EXPECT_EQ(*std::as_const(result), "abab");
  EXPECT_EQ(std::as_const(result)->size(), 4u);
  result.value() = "changed";
  EXPECT_EQ(*result, "changed");
}

TEST(Result, HoldsAnError) {
  const auto result = repeat("ab", 4);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), Fault::large);
  EXPECT_EQ(repeat("ab", -1).error(), Fault::small);
}

TEST(Result, GivesAwayWhatCannotBeCopied) {
  using Owned = std::unique_ptr<int>;
  Result<Owned, Fault> first = std::make_unique<int>(1);
  Owned taken = *std::move(first);
  EXPECT_EQ(*taken, 1);
  Result<Owned, Fault> second = std::move(taken);
  EXPECT_EQ(*std::move(second).value(), 1);
}

TEST(Result, MakesAValueWhereItIs) {
  struct Fixed {
    explicit Fixed(int a) : number(a) {}
    Fixed(const Fixed&) = delete;
    Fixed& operator=(const Fixed&) = delete;
    int number;
  };
  const Result<std::optional<Fixed>, Fault> result(std::in_place, std::in_place, 7);
  ASSERT_TRUE(result);
  EXPECT_EQ((*result)->number, 7);
}

TEST(Result, TellsValueAndErrorOfTheSameTypeApart) {
  const Result<int, int> value = 1;
  const Result<int, int> error = Failure{1};
  EXPECT_TRUE(value);
  EXPECT_FALSE(error);
  EXPECT_EQ(error.error(), 1);
}

}  // namespace
}  // namespace duplex

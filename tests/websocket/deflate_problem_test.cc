// What options of permessage-deflate may be.
#include "websocket/deflate_problem.h"

#include <gtest/gtest.h>

namespace duplex::websocket {
namespace {

TEST(DeflateProblem, IsNoneWithinTheLimits) {
  EXPECT_EQ(problem_with({}), std::nullopt);
  EXPECT_EQ(problem_with({.level = 0, .max_window_bits = 8, .peer_max_window_bits = 8}),
            std::nullopt);
  EXPECT_EQ(problem_with({.level = 9, .max_window_bits = 15, .peer_max_window_bits = 15}),
            std::nullopt);
}

TEST(DeflateProblem, NamesTheValueAndItsLimits) {
  EXPECT_EQ(problem_with({.level = -1}), "level is -1, not 0 to 9");
  EXPECT_EQ(problem_with({.level = 10}), "level is 10, not 0 to 9");
  EXPECT_EQ(problem_with({.max_window_bits = 7}), "max_window_bits is 7, not 8 to 15");
  EXPECT_EQ(problem_with({.max_window_bits = 16}), "max_window_bits is 16, not 8 to 15");
  EXPECT_EQ(problem_with({.peer_max_window_bits = 7}), "peer_max_window_bits is 7, not 8 to 15");
  EXPECT_EQ(problem_with({.peer_max_window_bits = 16}), "peer_max_window_bits is 16, not 8 to 15");
}

}  // namespace
}  // namespace duplex::websocket

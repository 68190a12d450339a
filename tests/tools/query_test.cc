// Numbers in the query of a request-target.
#include "../../tools/duplex/serve/query.h"

#include <gtest/gtest.h>

namespace duplex::tools {
namespace {

TEST(Query, FindsTheNumberOfThatName) {
  EXPECT_EQ(query_number("after=12", "after"), 12U);
  EXPECT_EQ(query_number("x=1&after=12&after=13", "after"), 12U);
  EXPECT_EQ(query_number("&&after=0&", "after"), 0U);
}

TEST(Query, FindsNothingElse) {
  for (const auto* query : {"", "after", "after=", "after=-1", "after=1x", "thereafter=1",
                            "after2=1", "After=1", "after=99999999999999999999"}) {
    EXPECT_EQ(query_number(query, "after"), std::nullopt) << query;
  }
}

}  // namespace
}  // namespace duplex::tools

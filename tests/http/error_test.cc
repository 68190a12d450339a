// The answers to faults.
#include "duplex/http/error.h"

#include <gtest/gtest.h>

#include <set>

namespace duplex::http {
namespace {

TEST(HttpError, HasAnAnswerAndWordsOfItsOwn) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(HttpError::unexpected_end); ++i) {
    const auto error = static_cast<HttpError>(i);
    EXPECT_GE(status_for(error), 200);
    EXPECT_LE(status_for(error), 505);
    EXPECT_TRUE(words.insert(describe(error)).second) << describe(error);
  }
}

TEST(HttpError, IsAnsweredByItsStatus) {
  EXPECT_EQ(status_for(HttpError::bare_lf), 400);
  EXPECT_EQ(status_for(HttpError::body_too_large), 413);
  EXPECT_EQ(status_for(HttpError::target_too_long), 414);
  EXPECT_EQ(status_for(HttpError::unknown_expectation), 417);
  EXPECT_EQ(status_for(HttpError::head_too_large), 431);
  EXPECT_EQ(status_for(HttpError::unknown_method), 501);
  EXPECT_EQ(status_for(HttpError::unsupported_version), 505);
}

}  // namespace
}  // namespace duplex::http

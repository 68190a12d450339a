// What violations mean to the peer and to people.
#include <gtest/gtest.h>

#include <set>

#include "duplex/websocket/protocol.h"

namespace duplex::websocket {
namespace {

constexpr auto last = static_cast<unsigned>(Violation::close_timeout);

TEST(ViolationTest, EachHasItsCloseCode) {
  for (unsigned i = 0; i <= last; ++i) {
    const auto violation = static_cast<Violation>(i);
    CloseCode expected = CloseCode::protocol_error;
    if (violation == Violation::none) expected = CloseCode::normal_closure;
    if (violation == Violation::message_too_big) expected = CloseCode::message_too_big;
    if (violation == Violation::invalid_utf8 || violation == Violation::extension_data_invalid ||
        violation == Violation::close_reason_invalid_utf8) {
      expected = CloseCode::invalid_payload;
    }
    if (violation == Violation::too_many_fragments || violation == Violation::message_deadline) {
      expected = CloseCode::policy_violation;
    }
    if (violation == Violation::ping_timeout || violation == Violation::close_timeout) {
      expected = CloseCode::abnormal_closure;
    }
    EXPECT_EQ(close_code_for(violation), expected) << describe(violation);
  }
}

TEST(ViolationTest, EachHasASentenceThatFitsACloseFrame) {
  std::set<std::string_view> sentences;
  for (unsigned i = 0; i <= last + 1; ++i) {
    const std::string_view sentence = describe(static_cast<Violation>(i));
    EXPECT_FALSE(sentence.empty());
    EXPECT_LE(sentence.size(), 123u);
    EXPECT_TRUE(sentences.insert(sentence).second) << sentence;
  }
}

}  // namespace
}  // namespace duplex::websocket

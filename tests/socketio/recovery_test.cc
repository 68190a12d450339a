// What a namespace keeps for clients whose connection was lost.
#include "duplex/socketio/recovery.h"

#include <gtest/gtest.h>

namespace duplex::socketio {
namespace {

using std::chrono::seconds;

class RecoveryTest : public testing::Test {
 protected:
  // Keeps an event, and returns its offset.
  std::string keep(const std::string& name, std::vector<std::string> rooms = {},
                   std::vector<std::string> except = {}) {
    JsonArray values = {name};
    recovery_.keep(values, std::move(rooms), std::move(except), now_);
    return *values.back().text();
  }
  void save(const std::string& secret) {
    recovery_.save(secret, {.id = "me", .rooms = {"me", "a"}, .data = 7}, now_);
  }
  // The names of what was missed; "-" if nothing can be recovered.
  std::string missed(const std::string& secret, const std::string& offset) {
    const auto restored = recovery_.restore(secret, offset, now_);
    if (!restored) return "-";
    std::string names;
    for (const JsonArray& values : restored->missed) names += *values[0].text();
    return names;
  }

  RecoveryOptions options_ = {.max_disconnection = seconds(60), .max_events = 5};
  Recovery recovery_{options_};
  Recovery::Time now_ = Recovery::Time(seconds(1000));
};

TEST_F(RecoveryTest, GivesBackWhoWasThereAndWhatWasMissed) {
  keep("1");
  const std::string seen = keep("2");
  save("secret");
  keep("3");
  keep("4");
  const auto restored = recovery_.restore("secret", seen, now_);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->session.id, "me");
  EXPECT_EQ(restored->session.rooms, (std::vector<std::string>{"me", "a"}));
  EXPECT_EQ(std::any_cast<int>(restored->session.data), 7);
  ASSERT_EQ(restored->missed.size(), 2U);
  EXPECT_EQ(restored->missed[0], (JsonArray{"3", "3"}));  // with its offset
}

TEST_F(RecoveryTest, GivesOnlyWhatWasMeant) {
  const std::string seen = keep("0");
  keep("1", {"a"});
  keep("2", {"b"});
  keep("3", {"b", "me"});
  keep("4", {}, {"a"});
  save("secret");
  EXPECT_EQ(missed("secret", seen), "13");
}

TEST_F(RecoveryTest, GivesEachSessionOnce) {
  const std::string seen = keep("1");
  save("secret");
  EXPECT_EQ(missed("secret", seen), "");
  EXPECT_EQ(missed("secret", seen), "-");
}

TEST_F(RecoveryTest, KnowsWhenItHasForgottenTooMuch) {
  const std::string first = keep("1");
  const std::string second = keep("2");
  for (const char* const name : {"3", "4", "5", "6"}) keep(name);
  EXPECT_EQ(recovery_.event_count(), 5U);
  save("a");
  EXPECT_EQ(missed("a", first), "23456");  // the first is forgotten, but nothing after it
  keep("7");
  save("b");
  EXPECT_EQ(missed("b", first), "-");
  save("c");
  EXPECT_EQ(missed("c", second), "34567");
}

TEST_F(RecoveryTest, LimitsTheBytesOfEvents) {
  options_.max_event_bytes = 3500;
  const std::string first = keep("1");
  EXPECT_GT(recovery_.event_bytes(), 0U);
  keep("2");
  const std::string big = keep(std::string(3000, 'x'), {"a"});
  EXPECT_LT(recovery_.event_count(), 3U);
  EXPECT_LE(recovery_.event_bytes(), 3500U);
  JsonArray values = {"deep", JsonArray{codec::JsonObject{{"name", std::string(2000, 'y')}}},
                      codec::JsonBytes(2500)};
  recovery_.keep(values, {}, {}, now_);
  EXPECT_EQ(recovery_.event_count(), 0U);  // it is too large by itself
  EXPECT_EQ(recovery_.event_bytes(), 0U);
  save("a");
  EXPECT_EQ(missed("a", big), "-");
}

TEST_F(RecoveryTest, ForgetsInTime) {
  const std::string seen = keep("1");
  save("a");
  EXPECT_TRUE(recovery_.awaits_somebody(now_));
  now_ += seconds(61);
  EXPECT_FALSE(recovery_.awaits_somebody(now_));
  EXPECT_EQ(missed("a", seen), "-");
  EXPECT_EQ(recovery_.event_count(), 0U);
  save("b");
  now_ += seconds(61);
  keep("2");
  EXPECT_EQ(recovery_.session_count(), 0U);
}

TEST_F(RecoveryTest, TakesNoOffsetOfAnotherKind) {
  keep("1");
  for (const char* const offset : {"", "x", "1x", "-1", "2", "99", "18446744073709551615",
                                   "18446744073709551616", " 1", "0x1"}) {
    save("secret");
    EXPECT_EQ(missed("secret", offset), "-") << offset;
  }
}

TEST_F(RecoveryTest, LimitsSessions) {
  options_.max_sessions = 1;
  const std::string seen = keep("1");
  save("a");
  save("b");
  EXPECT_EQ(missed("b", seen), "-");
  EXPECT_EQ(missed("a", seen), "");
}

TEST_F(RecoveryTest, LimitsTheBytesOfSessions) {
  const std::string seen = keep("1");
  save("a");
  options_.max_session_bytes = 5 * recovery_.session_bytes() / 2;
  save("b");
  save("c");
  EXPECT_EQ(recovery_.session_count(), 2U);  // one of them is too much
  options_.max_session_bytes = 20'000;
  save("a");
  save("b");
  recovery_.save("large", {.id = "me", .rooms = {std::string(19'000, 'r')}}, now_);
  recovery_.save("small", {.id = "me", .rooms = {std::string(1'000, 'r')}}, now_);
  EXPECT_EQ(missed("large", seen), "-");
  for (const char* const kept : {"a", "b", "small"}) EXPECT_EQ(missed(kept, seen), "") << kept;
  save("c");
  save("c");  // in its own place
  EXPECT_EQ(missed("c", seen), "");
}

}  // namespace
}  // namespace duplex::socketio

// Who listens to every event.
#include "socketio/any_listeners.h"

#include <gtest/gtest.h>

namespace duplex::socketio {
namespace {

class AnyListenersTest : public testing::Test {
 protected:
  AnyHandler saying(char name) {
    return [this, name](std::string_view, Values) { log_ += name; };
  }
  std::string heard() {
    log_.clear();
    listeners_.call("a", {}, [] { return true; });
    return log_;
  }

  AnyListeners listeners_;
  std::string log_;
};

TEST_F(AnyListenersTest, HearInTheirOrder) {
  EXPECT_TRUE(listeners_.empty());
  listeners_.add(saying('2'));
  listeners_.add(saying('3'));
  listeners_.prepend(saying('1'));
  EXPECT_FALSE(listeners_.empty());
  EXPECT_EQ(heard(), "123");
  listeners_.clear();
  EXPECT_EQ(heard(), "");
  EXPECT_TRUE(listeners_.empty());
}

TEST_F(AnyListenersTest, HearTheEvent) {
  const JsonArray values = {1, "x"};
  listeners_.add([this](std::string_view event, Values all) {
    log_ += std::string(event) + std::to_string(all.size());
  });
  listeners_.call("name", values, [] { return true; });
  EXPECT_EQ(log_, "name2");
}

TEST_F(AnyListenersTest, ComeFromWithinForTheNextEvent) {
  listeners_.add([this](std::string_view, Values) {
    log_ += 'm';
    listeners_.prepend(saying('<'));
    listeners_.add(saying('>'));
  });
  EXPECT_EQ(heard(), "m");
  EXPECT_EQ(heard(), "<m>");
}

TEST_F(AnyListenersTest, LeaveFromWithin) {
  listeners_.add([this, text = std::string(100, 'x')](std::string_view, Values) {
    listeners_.clear();
    log_ += text.back();  // what runs is still there
  });
  listeners_.add(saying('2'));
  EXPECT_EQ(heard(), "x");
  EXPECT_EQ(heard(), "");
}

TEST_F(AnyListenersTest, HearForAsLongAsItGoesOn) {
  int left = 2;
  for (const char name : {'1', '2', '3'}) listeners_.add(saying(name));
  listeners_.call("a", {}, [&left] { return left-- > 0; });
  EXPECT_EQ(log_, "12");
}

}  // namespace
}  // namespace duplex::socketio

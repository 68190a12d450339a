// Who listens to which event.
#include "socketio/listeners.h"

#include <gtest/gtest.h>

namespace duplex::socketio {
namespace {

class ListenersTest : public testing::Test {
 protected:
  void add(std::string_view event, char name, bool once = false) {
    listeners_.add(event, make_handler([this, name] { log_ += name; }), once);
  }
  std::string heard(std::string_view event) {
    log_.clear();
    listeners_.call(event, {}, Ack());
    return log_;
  }

  Listeners listeners_;
  std::string log_;
};

TEST_F(ListenersTest, HearInTheirOrder) {
  add("a", '1');
  add("b", '2');
  add("a", '3');
  EXPECT_EQ(heard("a"), "13");
  EXPECT_EQ(heard("b"), "2");
  EXPECT_EQ(heard("c"), "");
  EXPECT_TRUE(listeners_.has("a"));
  EXPECT_FALSE(listeners_.has("c"));
}

TEST_F(ListenersTest, HearOnce) {
  add("a", '1', true);
  add("a", '2');
  EXPECT_EQ(heard("a"), "12");
  EXPECT_EQ(heard("a"), "2");
}

TEST_F(ListenersTest, OnceHoldsWithinItsOwnCall) {
  listeners_.add("a", make_handler([this] {
                   log_ += '1';
                   listeners_.call("a", {}, Ack());
                 }),
                 true);
  EXPECT_EQ(heard("a"), "1");
}

TEST_F(ListenersTest, LeaveFromWithin) {
  listeners_.add("a", make_handler([this] { listeners_.remove("a"); }), false);
  add("a", '2');
  EXPECT_EQ(heard("a"), "");
  EXPECT_FALSE(listeners_.has("a"));
  add("a", '3');
  EXPECT_EQ(heard("a"), "3");
}

TEST_F(ListenersTest, ComeFromWithinForTheNextEvent) {
  listeners_.add("a", make_handler([this] { add("a", '2'); }), true);
  EXPECT_EQ(heard("a"), "");
  EXPECT_EQ(heard("a"), "2");
}

TEST_F(ListenersTest, SayWhatIsWrongWithTheArguments) {
  listeners_.add("a", make_handler([](int) {}), false);
  listeners_.add("a", make_handler([](bool) {}), false);
  const JsonArray values = {"text"};
  EXPECT_EQ(listeners_.call("a", values, Ack()),
            "argument 1 is a text, where an integer in range was expected");
}

TEST_F(ListenersTest, SurviveOneThatThrows) {
  listeners_.add("a", make_handler([] { throw 1; }), true);
  EXPECT_THROW(listeners_.call("a", {}, Ack()), int);
  add("a", '2');
  EXPECT_EQ(heard("a"), "2");
}

}  // namespace
}  // namespace duplex::socketio

// Events as C++ writes them: arguments out, and parameters in.
#include "duplex/socketio/event.h"

#include <gtest/gtest.h>

#include <limits>

namespace duplex::socketio {
namespace {

using codec::parse_json;
using codec::write_json;

JsonArray values_of(std::string_view json) { return *parse_json(json)->array(); }

// What a handler says to arguments, or nothing.
template <class F>
std::string said(F function, std::string_view json) {
  return make_handler(std::move(function))(values_of(json), Ack()).value_or("");
}

TEST(Event, SaysWhatCppCanSay) {
  const JsonBytes bytes = {std::byte{1}};
  const Event event = make_event("all", 1, -2.5, true, nullptr, "text", std::string("own"),
                                 std::string_view("view"), std::vector<int>{1, 2},
                                 JsonArray{1, "a"}, JsonObject{{"k", 1}}, Json(7));
  EXPECT_EQ(write_json(event.values),
            R"(["all",1,-2.5,true,null,"text","own","view",[1,2],[1,"a"],{"k":1},7])");
  EXPECT_FALSE(event.on_ack);
  EXPECT_EQ(*make_event("b", bytes).values[1].bytes(), bytes);
  EXPECT_EQ(*make_event("b", Bytes(bytes)).values[1].bytes(), bytes);
}

TEST(Event, SaysVectorsOfBits) {
  const std::vector<bool> bits = {true, false};
  EXPECT_EQ(write_json(make_event("b", bits, std::vector<bool>{true}).values),
            R"(["b",[true,false],[true]])");
}

TEST(Event, TakesHandlersThatThrowNothing) {
  int got = 0;
  EXPECT_EQ(said([&](int n) noexcept { got = n; }, "[7]"), "");
  EXPECT_EQ(said([&got](int n) mutable noexcept { got += n; }, "[1]"), "");
  EXPECT_EQ(got, 8);
}

TEST(Event, TakesWhoWaitsForTheAnswer) {
  int status = -1;
  Event event =
      make_event("ask", 1, [&](AckReply& reply) { status = static_cast<int>(reply.status); });
  EXPECT_EQ(event.values.size(), 2U);
  AckReply reply = {.status = AckStatus::timed_out};
  event.on_ack(reply);
  EXPECT_EQ(status, 1);
}

TEST(Event, ReachesTypedParameters) {
  std::string got;
  const auto all = [&](const std::string& a, int b, double c, bool d, const JsonArray& e,
                       const JsonObject& f, const Json& g, std::string_view h) {
    got = a + std::to_string(b) + std::to_string(c) + std::to_string(d) + std::to_string(e.size()) +
          std::to_string(f.size()) + write_json(g) + std::string(h);
  };
  EXPECT_EQ(said(all, R"(["a",7,0.5,true,[1],{"x":1},null,"end"])"), "");
  EXPECT_EQ(got, "a70.500000111nullend");
}

TEST(Event, LeavesFurtherArgumentsAlone) {
  int calls = 0;
  EXPECT_EQ(said([&](int) { ++calls; }, "[1,2,3]"), "");
  EXPECT_EQ(said([&] { ++calls; }, "[1]"), "");
  EXPECT_EQ(calls, 2);
}

TEST(Event, OtherShapesDoNotReachTheHandler) {
  int calls = 0;
  const auto taken = [&](const std::string&, int) { ++calls; };
  EXPECT_EQ(said(taken, R"([1,2])"), "argument 1 is a number, where a text was expected");
  EXPECT_EQ(said(taken, R"(["a"])"),
            "argument 2 is missing, where an integer in range was expected");
  EXPECT_EQ(said(taken, R"(["a",1.5])"),
            "argument 2 is a number, where an integer in range was expected");
  EXPECT_EQ(said(taken, R"(["a",3000000000])"),
            "argument 2 is a number, where an integer in range was expected");
  EXPECT_EQ(said(taken, "[]"), "argument 1 is missing, where a text was expected");
  EXPECT_EQ(said([&](Bytes) { ++calls; }, R"([{}])"),
            "argument 1 is an object, where bytes was expected");
  EXPECT_EQ(said([&](const std::vector<int>&) { ++calls; }, R"([[1,"2"]])"),
            "argument 1 is an array, where an array of one kind was expected");
  EXPECT_EQ(said([&](std::optional<bool>) { ++calls; }, R"([0])"),
            "argument 1 is a number, where true or false was expected");
  EXPECT_EQ(calls, 0);
}

TEST(Event, GivesArraysOfOneKind) {
  std::vector<int> got;
  EXPECT_EQ(said([&](const std::vector<int>& all) { got = all; }, "[[1,2,3]]"), "");
  EXPECT_EQ(got, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(said([&](const std::vector<int>&) {}, "[7]"),
            "argument 1 is a number, where an array of one kind was expected");
}

TEST(Event, MayLeaveThingsOut) {
  std::vector<std::string> got;
  const auto taken = [&](std::optional<std::string> text, std::optional<int> number) {
    got.push_back(text.value_or("none") + std::to_string(number.value_or(-1)));
  };
  EXPECT_EQ(said(taken, R"([])"), "");
  EXPECT_EQ(said(taken, R"([null,1])"), "");
  EXPECT_EQ(said(taken, R"(["a"])"), "");
  EXPECT_EQ(got, (std::vector<std::string>{"none-1", "none1", "a-1"}));
}

TEST(Event, GivesTheRestAsItCame) {
  std::size_t left = 0;
  EXPECT_EQ(said([&](int, Values rest) { left = rest.size(); }, "[1,2,3]"), "");
  EXPECT_EQ(left, 2U);
  EXPECT_EQ(said([&](std::optional<int>, Values rest) { left = rest.size(); }, "[]"), "");
  EXPECT_EQ(left, 0U);
}

TEST(Event, GivesBytes) {
  std::size_t size = 0;
  const auto handler = make_handler([&](Bytes bytes) { size = bytes.size(); });
  const JsonArray values = {JsonBytes(5)};
  EXPECT_EQ(handler(values, Ack()), std::nullopt);
  EXPECT_EQ(size, 5U);
}

TEST(Event, AnswersOnce) {
  std::vector<std::string> sent;
  const Ack ack([&](JsonArray values) { sent.push_back(write_json(values)); });
  const Ack copy = ack;
  EXPECT_TRUE(static_cast<bool>(copy));
  EXPECT_EQ(make_handler([](int, const Ack& answer) { answer("ok", 2); })(values_of("[1]"), ack),
            std::nullopt);
  copy("again");
  EXPECT_FALSE(static_cast<bool>(copy));
  Ack()("nobody asked");
  EXPECT_EQ(sent, std::vector<std::string>{R"(["ok",2])"});
}

// What its function holds is not held for as long as somebody keeps the Ack.
TEST(Event, HoldsNothingOnceAnswered) {
  const auto held = std::make_shared<int>(7);
  const Ack ack([held](JsonArray) {});
  EXPECT_EQ(held.use_count(), 2);
  ack();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Event, KeepsItsHandlersState) {
  std::vector<int> seen;
  const auto handler = make_handler([count = 0, &seen]() mutable { seen.push_back(++count); });
  EXPECT_EQ(handler({}, Ack()), std::nullopt);
  EXPECT_EQ(handler({}, Ack()), std::nullopt);
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace duplex::socketio

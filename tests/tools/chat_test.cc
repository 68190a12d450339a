// The chat of the lab page: rooms, resuming, the cable; in virtual time.
#include "../../tools/duplex/lab/chat.h"

#include <gtest/gtest.h>

#include "../support/simulated.h"
#include "duplex/codec/json.h"

namespace duplex::tools::lab {
namespace {

using namespace std::chrono_literals;

// What a hub has sent, by visitor.
class ChatHubTest : public testing::Test {
 protected:
  static Visitor visitor(std::uint32_t number) {
    return {.loop = number % 2, .connection = {.slot = number, .generation = 1}};
  }
  std::string heard(std::uint32_t number) {
    return std::exchange(heard_[visitor(number)], std::string());
  }

  std::map<Visitor, std::string> heard_;
  ChatHub hub_{[this](const Visitor& to, const std::string& text) {
    for (const char c : text) {
      if (c != '\n' && c != ' ') heard_[to] += c;
    }
  }};
};

TEST_F(ChatHubTest, EverybodyInTheRoomHearsAndNobodyElse) {
  hub_.enter(visitor(1), "a", "Ada", {});
  hub_.enter(visitor(2), "a", "Bob", {});
  hub_.enter(visitor(3), "b", "Cleo", {});
  EXPECT_EQ(heard(2), R"({"present":["Bob","Ada"]})");
  heard_.clear();
  hub_.say(visitor(1), "hi");
  EXPECT_EQ(heard(1), R"({"id":1,"from":"Ada","text":"hi"})");
  EXPECT_EQ(heard(2), R"({"id":1,"from":"Ada","text":"hi"})");
  EXPECT_EQ(heard(3), "");
}

TEST_F(ChatHubTest, WhoComesBackHearsWhatWasSaidMeanwhile) {
  hub_.enter(visitor(1), "a", "Ada", {});
  hub_.enter(visitor(2), "a", "Bob", {});
  hub_.say(visitor(1), "one");
  hub_.leave(visitor(2));
  hub_.say(visitor(1), "two");
  hub_.say(visitor(1), "three");
  heard_.clear();
  hub_.enter(visitor(4), "a", "Bob", 1);
  EXPECT_EQ(heard(4), R"({"id":2,"from":"Ada","text":"two"}{"id":3,"from":"Ada","text":"three"})"
                      R"({"present":["Bob","Ada"]})");
}

TEST_F(ChatHubTest, ARoomWithoutVisitorsRemembers) {
  hub_.enter(visitor(1), "a", "Ada", {});
  hub_.say(visitor(1), "one");
  hub_.leave(visitor(1));
  heard_.clear();
  hub_.enter(visitor(2), "a", "Ada", {});
  EXPECT_TRUE(heard(2).starts_with(R"({"id":1,)"));
  hub_.enter(visitor(3), "a", "Ada", 77);  // an id of another life
  EXPECT_TRUE(heard(3).starts_with(R"({"id":1,)"));
}

TEST_F(ChatHubTest, ARoomRemembersSoMuchAndNoMore) {
  hub_.enter(visitor(1), "a", "Ada", {});
  for (std::size_t i = 0; i < ChatLimits::max_history + 5; ++i) hub_.say(visitor(1), "x");
  hub_.enter(visitor(2), "a", "Bob", {});
  EXPECT_TRUE(heard(2).starts_with(R"({"id":6,)"));
  hub_.enter(visitor(3), "a", "Cleo", 2);
  EXPECT_TRUE(heard(3).starts_with(R"({"id":6,)"));
}

TEST_F(ChatHubTest, TypingIsForTheOthers) {
  hub_.enter(visitor(1), "a", "Ada", {});
  hub_.enter(visitor(2), "a", "Bob", {});
  heard_.clear();
  hub_.type(visitor(1));
  EXPECT_EQ(heard(1), "");
  EXPECT_EQ(heard(2), R"({"typing":"Ada"})");
}

TEST_F(ChatHubTest, AnEmptyRoomGivesWayButNoOther) {
  for (std::uint32_t i = 0; i < ChatLimits::max_rooms; ++i) {
    hub_.enter(visitor(i), "room" + std::to_string(i), "Ada", {});
  }
  hub_.enter(visitor(1000), "another", "Bob", {});
  EXPECT_EQ(heard(1000), R"({"refused":"everyroomistaken"})");
  hub_.say(visitor(1000), "nobody hears this");
  hub_.leave(visitor(7));
  hub_.enter(visitor(1000), "another", "Bob", {});
  EXPECT_EQ(heard(1000), R"({"present":["Bob"]})");
  EXPECT_EQ(hub_.room_count(), ChatLimits::max_rooms);
}

TEST_F(ChatHubTest, AFullRoomIsFull) {
  for (std::uint32_t i = 0; i < ChatLimits::max_members; ++i) {
    hub_.enter(visitor(i), "a", "Ada", {});
  }
  hub_.enter(visitor(1000), "a", "Bob", {});
  EXPECT_EQ(heard(1000), R"({"refused":"thisroomisfull"})");
}

class ChatTest : public testing::Test {
 protected:
  ChatTest() { chat_.add_route(); }

  // A visitor's connection, and what comes over it.
  struct Guest {
    std::optional<ConnectionId> id;
    std::string heard;
    std::optional<CloseCode> closed;
    int refused = 0;
  };
  Guest& enter(const std::string& query, const std::string& origin = {}) {
    Guest& guest = guests_.emplace_back();
    ClientHandlers handlers;
    handlers.websocket.on_open = [&guest](Connection& peer, const auto&) { guest.id = peer.id(); };
    handlers.websocket.on_message = [&guest](Connection&, Message message) {
      guest.heard += message.text();
    };
    handlers.websocket.on_close = [&guest](Connection&, const CloseEvent& event) {
      guest.closed = event.code;
    };
    handlers.on_failure = [&guest](const OpeningFailure& failure) {
      guest.refused = failure.status;
    };
    client_.connect("ws://127.0.0.1/lab/chat?" + query, std::move(handlers), {.origin = origin});
    world_.runner.run_for(20ms);
    return guest;
  }
  void send(const Guest& guest, std::string_view text) {
    client_.find(*guest.id)->send_text(text);
    world_.runner.run_for(20ms);
  }

  support::SimulatedServer world_;
  ChatHub hub_{[this](const Visitor& to, const std::string& text) {
    world_.server->send(to.connection, text_message(text));
  }};
  Chat chat_{*world_.server, 0, [this](const auto& task) { task(hub_); }};
  Client client_{world_.client_side.loop};
  std::deque<Guest> guests_;
};

TEST_F(ChatTest, VisitorsHearEachOther) {
  const Guest& ada = enter("room=a&name=Ada");
  const Guest& bob = enter("room=a&name=B%C3%B6b");
  send(bob, "say hi <b>");
  EXPECT_NE(ada.heard.find(R"("text": "hi <b>")"), std::string::npos) << ada.heard;
  EXPECT_NE(ada.heard.find(R"("Böb")"), std::string::npos);
  send(ada, "typing");
  EXPECT_NE(bob.heard.find(R"("typing": "Ada")"), std::string::npos);
}

TEST_F(ChatTest, ThePulledCableIsNoFarewell) {
  const Guest& ada = enter("room=a&name=Ada");
  const Guest& bob = enter("room=a&name=Bob");
  send(bob, "cable");
  EXPECT_EQ(bob.closed, CloseCode::abnormal_closure);
  send(ada, "say where are you?");
  const Guest& again = enter("room=a&name=Bob&after=0");
  EXPECT_NE(again.heard.find("where are you?"), std::string::npos);
}

TEST_F(ChatTest, WhatIsNoWordOfItsIsRefused) {
  for (const std::string& word : {std::string("shout"), std::string("say "),
                                  "say " + std::string(ChatLimits::max_text_size + 1, 'x')}) {
    const Guest& guest = enter("room=a&name=Ada");
    send(guest, word);
    EXPECT_EQ(guest.closed, CloseCode::policy_violation) << word;
  }
}

TEST_F(ChatTest, WhoSpeaksTooFastIsSentAway) {
  const Guest& guest = enter("room=a&name=Ada");
  for (std::uint32_t i = 0; i < ChatLimits::max_per_second; ++i) {
    client_.find(*guest.id)->send_text("typing");
  }
  world_.runner.run_for(2s);
  EXPECT_EQ(guest.closed, std::nullopt);
  for (std::uint32_t i = 0; i <= ChatLimits::max_per_second; ++i) {
    client_.find(*guest.id)->send_text("typing");
  }
  world_.runner.run_for(20ms);
  EXPECT_EQ(guest.closed, CloseCode::policy_violation);
}

TEST_F(ChatTest, NamesHaveLimits) {
  const std::string long_name(ChatLimits::max_name_size + 1, 'x');
  for (const std::string& query :
       {std::string("room=a"), std::string("name=Ada"), std::string("room=&name=Ada"),
        "room=a&name=" + long_name, "room=" + long_name + "&name=Ada",
        std::string("room=a&name=%ff")}) {
    EXPECT_EQ(enter(query).refused, 400) << query;
  }
}

// RFC 6455 section 10.2.
TEST_F(ChatTest, PagesOfOtherOriginsStayOutside) {
  EXPECT_EQ(enter("room=a&name=A", "http://evil.example").refused, 403);
  EXPECT_EQ(enter("room=a&name=A", "null").refused, 403);
  EXPECT_EQ(enter("room=a&name=A", "http://127.0.0.1").refused, 0);
  EXPECT_EQ(enter("room=a&name=A", "https://127.0.0.1").refused, 0);
}

}  // namespace
}  // namespace duplex::tools::lab

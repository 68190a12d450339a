// Handlers of a whole namespace: who calls them, with which arguments, in which order.
#include "../support/socket_world.h"
#include "duplex/events/socket_server.h"

namespace duplex::events {
namespace {

using support::SocketWorld;
using support::Texts;

class NamespaceListenersTest : public SocketWorld {
 protected:
  void SetUp() override { serve(); }
  Namespace& main() { return io_->of("/"); }
  void note(const std::string& what) { log_ += what + ' '; }
};

TEST_F(NamespaceListenersTest, HearTheEventsOfEverySocket) {
  main().on("sum", [](Socket&, int a, int b, const Ack& ack) { ack(a + b); });
  const auto first = peer();
  const auto second = peer();
  first->join();
  second->join();
  first->say(R"(421["sum",1,2])");
  second->say(R"(422["sum",3,4])");
  EXPECT_EQ(first->take(), Texts{"431[3]"});
  EXPECT_EQ(second->take(), Texts{"432[7]"});
}

TEST_F(NamespaceListenersTest, KnowWhoseEventItIs) {
  main().on("join", [](Socket& socket, std::string_view room) { socket.join(room); });
  const auto client = peer();
  const std::string id = client->join();
  client->say(R"(42["join","red"])").take();
  EXPECT_TRUE(main().find(id)->is_in("red"));
}

TEST_F(NamespaceListenersTest, ComeBeforeTheSocketsOwn) {
  main().on("e", [this](Socket&) { note("nsp"); });
  main().on("e", [this](Socket&) { note("nsp2"); });
  io_->on_connection([this](Socket& socket) { socket.on("e", [this] { note("own"); }); });
  const auto client = peer();
  client->join();
  client->say(R"(42["e"])").take();
  EXPECT_EQ(log_, "nsp nsp2 own ");
}

TEST_F(NamespaceListenersTest, AreThoseOfTheirNamespaceAlone) {
  main().on("e", [this](Socket&) { note("main"); });
  io_->of("/b").on("e", [this](Socket&) { note("b"); });
  const auto client = peer();
  client->join();
  client->join("/b");
  client->say(R"(42/b,["e"])").take();
  EXPECT_EQ(log_, "b ");
}

TEST_F(NamespaceListenersTest, CountForSocketsThatAreThereAlready) {
  const auto client = peer();
  client->join();
  client->say(R"(42["e"])").take();
  main().on("e", [this](Socket&) { note("heard"); });
  client->say(R"(42["e"])").take();
  EXPECT_EQ(log_, "heard ");
  main().off("e").off("never");
  client->say(R"(42["e"])").take();
  EXPECT_EQ(log_, "heard ");
}

TEST_F(NamespaceListenersTest, MayChangeWhileTheyAreCalled) {
  main().on("e", [this](Socket&) {
    note("first");
    main().on("e", [this](Socket&) { note("added"); });
  });
  main().on("e", [this](Socket&) { note("second"); });
  const auto client = peer();
  client->join();
  client->say(R"(42["e"])").take();
  EXPECT_EQ(log_, "first second ");
  log_.clear();
  main().off("e").on("e", [this](Socket&) {
    main().off("e");
    note("gone");
  });
  client->say(R"(42["e"])").say(R"(42["e"])").take();
  EXPECT_EQ(log_, "gone ");
}

TEST_F(NamespaceListenersTest, MaySendTheSocketAway) {
  main().on("e", [](Socket& socket) { socket.disconnect(); });
  io_->on_connection([this](Socket& socket) { socket.on("e", [this] { note("own"); }); });
  const auto client = peer();
  client->join();
  client->say(R"(42["e"])");
  EXPECT_EQ(client->take(), Texts{"41"});
  EXPECT_EQ(log_, "");
}

TEST_F(NamespaceListenersTest, SayWhatIsWrongWithTheArguments) {
  main().on("e", [this](Socket&, int) { note("called"); });
  main().on_error([this](Socket& socket, std::string_view event, std::string_view why) {
    note(socket.id().empty() ? "nobody" : std::string(event) + ": " + std::string(why));
  });
  io_->on_connection([this](Socket& socket) {
    socket.on("e", [this](int) { note("called"); });
    socket.on_error([this](std::string_view event, std::string_view) { note(std::string(event)); });
  });
  const auto client = peer();
  client->join();
  client->say(R"(42["e","x"])").take();
  EXPECT_EQ(log_, "e e: argument 1 is a text, where an integer in range was expected ");
}

TEST_F(NamespaceListenersTest, HearOfSocketsThatLeave) {
  std::string id;
  io_->on_connection([this](Socket& socket) {
    socket.on_disconnect([this](Socket&, DisconnectReason) { note("own"); });
  });
  main().on_disconnect([&](Socket& socket, DisconnectReason reason) {
    id = socket.id();
    note(std::string(describe(reason)));
  });
  const auto client = peer();
  const std::string joined = client->join();
  client->say("41").take();
  EXPECT_EQ(log_, "own client namespace disconnect ");
  EXPECT_EQ(id, joined);
}

TEST_F(NamespaceListenersTest, AreSharedByWhatADynamicNamespaceBecomes) {
  io_->of_matching([](std::string_view name, const Json&) { return name.starts_with("/room"); })
      .on("e", [this](Socket& socket) { note(socket.nsp().name()); });
  const auto client = peer();
  client->join("/room1");
  client->join("/room2");
  client->say(R"(42/room1,["e"])").say(R"(42/room2,["e"])").take();
  EXPECT_EQ(log_, "/room1 /room2 ");
}

}  // namespace
}  // namespace duplex::events

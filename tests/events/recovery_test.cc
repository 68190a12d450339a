// Clients that take up where a lost connection left off.
#include "../support/socket_world.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Peer;
using support::SocketWorld;
using support::Texts;

class SocketRecovery : public SocketWorld {
 protected:
  void serve_recovering(socketio::RecoveryOptions recovery = {}) {
    serve({.recovery = recovery});
    io_->use([this](Socket&, const Next& next) {
      log_ += "asked ";
      next(std::nullopt);
    });
    io_->on_connection([this](Socket& socket) {
      log_ += socket.recovered() ? "again " : "new ";
      if (!socket.recovered()) socket.join("a");
      if (!socket.recovered()) socket.data() = 7;
      EXPECT_EQ(std::any_cast<int>(socket.data()), 7);
    });
  }

  static std::string member(const std::string& packet, const std::string& name) {
    const std::size_t at = packet.find('"' + name + R"(":")");
    return at == std::string::npos ? "" : packet.substr(at + name.size() + 4, 20);
  }
  static std::string coming_back(const std::string& secret, const std::string& offset) {
    return R"(40{"pid":")" + secret + R"(","offset":")" + offset + R"("})";
  }
};

TEST_F(SocketRecovery, TakesUpWhereTheConnectionWasLost) {
  serve_recovering();
  const auto client = peer();
  client->say("40");
  const std::string joined = client->take().at(0);
  io_->emit("seen", 1);
  run_for(milliseconds(5));
  EXPECT_EQ(client->take(), Texts{R"(42["seen",1,"1"])"});
  client->leave();
  io_->emit("missed");
  io_->to("a").emit("missed too");
  io_->to("b").emit("not meant");
  io_->everybody().droppable().emit("gone");
  const auto again = peer();
  again->say(coming_back(member(joined, "pid"), "1"));
  const Texts heard = again->take();
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard[0], R"(42["missed","2"])");
  EXPECT_EQ(heard[1], R"(42["missed too","3"])");
  EXPECT_EQ(member(heard[2], "sid"), member(joined, "sid"));
  EXPECT_EQ(member(heard[2], "pid"), member(joined, "pid"));
  EXPECT_EQ(log_, "asked new again ");
  EXPECT_TRUE(io_->of("/").find(member(joined, "sid"))->is_in("a"));
}

TEST_F(SocketRecovery, IsForThoseWhoWereLostAlone) {
  serve_recovering();
  const auto client = peer();
  client->say("40");
  const std::string secret = member(client->take().at(0), "pid");
  io_->emit("seen");
  client->say("41");
  client->say(coming_back(secret, "1"));
  EXPECT_NE(member(client->take().back(), "pid"), secret);
  EXPECT_EQ(log_, "asked new asked new ");
}

TEST_F(SocketRecovery, EndsTheOldConnectionThatNobodyKnewWasDead) {
  serve_recovering();
  const auto client = peer();
  client->say("40");
  const std::string joined = client->take().at(0);
  io_->emit("seen");
  const auto again = peer();
  again->say(coming_back(member(joined, "pid"), "1"));
  EXPECT_EQ(member(again->take().at(0), "sid"), member(joined, "sid"));
  EXPECT_TRUE(client->closed());
  EXPECT_EQ(io_->of("/").socket_count(), 1U);
  io_->to("a").emit("once");
  run_for(milliseconds(5));
  EXPECT_EQ(again->take().size(), 1U);
}

TEST_F(SocketRecovery, AsksTheMiddlewareAgainIfItShall) {
  serve_recovering({.skip_middleware = false});
  const auto client = peer();
  client->say("40");
  const std::string secret = member(client->take().at(0), "pid");
  io_->emit("seen");
  client->leave();
  peer()->say(coming_back(secret, "1"));
  EXPECT_EQ(log_, "asked new asked again ");
}

TEST_F(SocketRecovery, ForgetsInTime) {
  serve_recovering({.max_disconnection = seconds(10)});
  const auto client = peer();
  client->say("40");
  const std::string secret = member(client->take().at(0), "pid");
  io_->emit("seen");
  client->leave();
  run_for(seconds(11));
  peer()->say(coming_back(secret, "1"));
  EXPECT_EQ(log_, "asked new asked new ");
}

TEST_F(SocketRecovery, TakesNothingElseForASecret) {
  serve_recovering();
  for (const char* const auth : {R"({"pid":1,"offset":"1"})", R"({"pid":"x"})",
                                 R"({"pid":"x","offset":1})", R"({"offset":"1"})"}) {
    const auto client = peer();
    client->say(std::string("40") + auth);
    EXPECT_EQ(client->take().size(), 1U) << auth;
  }
  EXPECT_EQ(log_, "asked new asked new asked new asked new ");
}

TEST_F(SocketRecovery, KeepsADynamicNamespaceThatSomebodyMayComeBackTo) {
  serve({.recovery = socketio::RecoveryOptions{.max_disconnection = seconds(10)}});
  io_->of_matching([](std::string_view, const Json&) { return true; })
      .on_connection([this](Socket& socket) { log_ += socket.recovered() ? "again " : "new "; });
  const auto client = peer();
  client->say("40/some");
  const std::string secret = member(client->take().at(0), "pid");
  io_->of("/some").emit("seen");
  client->leave();
  run_for(seconds(5));
  const auto again = peer();
  again->say("40/some," + coming_back(secret, "1").substr(2));
  EXPECT_EQ(log_, "new again ");
}

TEST_F(SocketRecovery, MissesNothingWhileMiddlewareThinks) {
  serve({.recovery = socketio::RecoveryOptions{.max_events = 4, .skip_middleware = false}});
  std::vector<Next> asked;
  io_->use([&](Socket&, Next next) { asked.push_back(std::move(next)); });
  io_->on_connection([](Socket& socket) { socket.join("a"); });
  const auto client = peer();
  client->say("40");
  asked.at(0)({});
  run_for(milliseconds(5));
  const std::string joined = client->take().at(0);
  io_->emit("seen");
  client->leave();
  io_->emit("missed");
  const auto again = peer();
  again->say(coming_back(member(joined, "pid"), "1"));
  io_->to("a").emit("while it thinks");
  io_->to("b").emit("not meant");
  io_->everybody().except("a").emit("not meant");
  io_->everybody().droppable().emit("gone");
  asked.at(1)({});
  run_for(milliseconds(5));
  const Texts heard = again->take();
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard[0], R"(42["missed","2"])");
  EXPECT_EQ(heard[1], R"(42["while it thinks","3"])");
  // It does not think for ever.
  again->leave();
  const auto late = peer();
  late->say(coming_back(member(joined, "pid"), "3"));
  for (int i = 0; i < 5; ++i) io_->emit("n", i);
  run_for(milliseconds(5));
  EXPECT_TRUE(late->closed());
}

TEST_F(SocketRecovery, KeepsNoMoreThanItsBytesWhileMiddlewareThinks) {
  serve(
      {.recovery = socketio::RecoveryOptions{.max_event_bytes = 10'000, .skip_middleware = false}});
  Next last;
  io_->use([&](Socket&, Next next) { last = std::move(next); });
  const auto client = peer();
  client->say("40");
  last({});
  io_->emit("seen");
  run_for(milliseconds(5));
  const std::string secret = member(client->take().at(0), "pid");
  client->leave();
  const auto again = peer();
  again->say(coming_back(secret, "1"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(again->closed());
    io_->emit("large", std::string(4000, 'x'));
    run_for(milliseconds(5));
  }
  EXPECT_TRUE(again->closed());
}

// Nobody may keep others out by going from namespace to namespace.
TEST_F(SocketRecovery, DynamicNamespacesAreForgottenWithWhoWasInThem) {
  serve({.recovery = socketio::RecoveryOptions{.max_disconnection = seconds(1)},
         .max_namespaces = 2});
  io_->of_matching([](std::string_view, const Json&) { return true; });
  for (const char* name : {"/1", "/2"}) {
    const auto client = peer();
    client->join(name);
    client->leave();
    run_for(milliseconds(10));
  }
  run_for(seconds(3));
  for (const char* name : {"/3", "/4"}) EXPECT_NE(peer()->join(name), "");
}

}  // namespace
}  // namespace duplex::events

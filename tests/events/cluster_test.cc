// Servers of one application that hear of each other: here by a LoopGroup.
#include "../support/two_servers.h"
#include "duplex/events/loop_group.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Texts;

class ClusterTest : public support::TwoServers {
 protected:
  void serve_both(Recovery recovery = {}) {
    group_.emplace(recovery);
    TwoServers::serve_both(recovery);
    for (SocketServer* const server : {a_.get(), b_.get()}) {
      server->on_connection([this](Socket& socket) { log_ += socket.recovered() ? "again " : ""; });
    }
  }
  AdapterFactory adapter() override { return group_->adapter(); }

  std::optional<LoopGroup> group_;
};

TEST_F(ClusterTest, BroadcastsToBoth) {
  serve_both();
  b_->emit("all", 1);
  EXPECT_EQ(heard(), R"(a:42["all",1] b:42["all",1] )");
  b_->to("x").emit("room");
  EXPECT_EQ(heard(), R"(a:42["room"] )");
  b_->everybody().except("x").emit("others");
  EXPECT_EQ(heard(), R"(b:42["others"] )");
  b_->to(id_a_).emit("straight");
  EXPECT_EQ(heard(), R"(a:42["straight"] )");
  in_b().broadcast().emit("not me");
  EXPECT_EQ(heard(), R"(a:42["not me"] )");
  b_->everybody().local().emit("here");
  EXPECT_EQ(heard(), R"(b:42["here"] )");
  in_b().emit("one");
  EXPECT_EQ(heard(), R"(b:42["one"] )");
}

// What goes straight to a client does not overtake what goes to the other loops, too.
TEST_F(ClusterTest, SendsInTheOrderOfTheCalls) {
  serve_both();
  in_a().on("ask", [this](const Ack& ack) {
    a_->to("x").emit("a");
    ack("b");
    in_a().emit("c");
  });
  at_a_->say(R"(421["ask"])");
  EXPECT_EQ(heard(), R"(a:42["a"] a:431["b"] a:42["c"] )");
  a_->to("x").emit("d");
  in_a().leave("x");
  a_->to("x").emit("not any more");
  a_->emit("e");
  in_a().disconnect();
  EXPECT_EQ(heard(), R"(a:42["d"] a:42["e"] a:41 b:42["e"] )");
}

TEST_F(ClusterTest, MovesAndDisconnectsThoseOfBoth) {
  serve_both();
  b_->everybody().sockets_join("y");
  run_for(milliseconds(5));
  EXPECT_TRUE(in_a().is_in("y"));
  EXPECT_TRUE(in_b().is_in("y"));
  a_->to("y").local().sockets_leave("y");
  a_->to("x").sockets_leave("x");
  run_for(milliseconds(5));
  EXPECT_FALSE(in_a().is_in("y"));
  EXPECT_TRUE(in_b().is_in("y"));
  a_->to("y").disconnect_sockets();
  run_for(milliseconds(5));
  EXPECT_EQ(heard(), "b:41 ");
  EXPECT_EQ(b_->of("/").socket_count(), 0U);
  EXPECT_EQ(a_->of("/").socket_count(), 1U);
}

TEST_F(ClusterTest, FetchesThoseOfBoth) {
  serve_both();
  in_a().data() = Json("what it holds");
  std::optional<FetchedSockets> fetched;
  b_->everybody().fetch_sockets([&](FetchedSockets all) { fetched = std::move(all); });
  EXPECT_FALSE(fetched);
  run_for(milliseconds(5));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->silent_servers, 0U);
  ASSERT_EQ(fetched->sockets.size(), 2U);
  EXPECT_EQ(fetched->sockets[0].id, id_b_);
  const RemoteSocket& far = fetched->sockets[1];
  EXPECT_EQ(far.id, id_a_);
  EXPECT_EQ(far.rooms, (std::vector<std::string>{id_a_, "x"}));
  EXPECT_EQ(far.data, Json(std::string("what it holds")));
  EXPECT_EQ(*far.handshake.find("url")->text(), "/a/?EIO=4&transport=websocket&token=a");
  EXPECT_EQ(*far.handshake.find("address")->text(), "127.0.0.1");
  EXPECT_EQ(*far.handshake.find("query")->find("token")->text(), "a");
  EXPECT_EQ(*far.handshake.find("headers")->find("host")->text(), "127.0.0.1");
}

TEST_F(ClusterTest, GathersAnswersFromBoth) {
  serve_both();
  std::optional<AckReply> reply;
  a_->everybody().timeout(seconds(3)).emit("q", [&](AckReply& all) { reply = all; });
  EXPECT_EQ(heard(), R"(a:420["q"] b:420["q"] )");
  at_b_->say(R"(430["from b"])");
  EXPECT_FALSE(reply);
  at_a_->say(R"(430["from a"])");
  run_for(milliseconds(5));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, AckStatus::answered);
  EXPECT_EQ(codec::write_json(reply->values), R"(["from b","from a"])");
}

TEST_F(ClusterTest, GathersWhatHasComeInTime) {
  serve_both();
  std::optional<AckReply> reply;
  a_->everybody().timeout(seconds(3)).emit("q", [&](AckReply& all) { reply = all; });
  run_for(milliseconds(5));
  at_b_->say(R"(430["from b"])");
  run_for(seconds(4));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, AckStatus::timed_out);
  EXPECT_EQ(reply->values.size(), 1U);
}

TEST_F(ClusterTest, GathersFromNobody) {
  serve_both();
  std::optional<AckReply> reply;
  a_->to("nobody").timeout(seconds(3)).emit("q", [&](AckReply& all) { reply = all; });
  EXPECT_FALSE(reply);
  run_for(milliseconds(5));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, AckStatus::answered);
}

TEST_F(ClusterTest, AnswersToServers) {
  serve_both();
  b_->of("/").on_server_side("add", [](int left, int right, const Ack& ack) { ack(left + right); });
  b_->of("/").on_server_side("note", [this](const std::string& text) { log_ += text; });
  std::optional<AckReply> reply;
  a_->of("/").server_side_emit("add", 1, 2, [&](AckReply& all) { reply = all; });
  a_->of("/").server_side_emit("note", "heard");
  run_for(milliseconds(5));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, AckStatus::answered);
  EXPECT_EQ(codec::write_json(reply->values), "[3]");
  EXPECT_EQ(log_, "heard");
  // Nobody there takes that: the time is over, and nobody has answered.
  a_->of("/").server_side_emit("unknown", [&](AckReply& all) { reply = all; });
  run_for(seconds(2));
  EXPECT_EQ(reply->status, AckStatus::timed_out);
  EXPECT_TRUE(reply->values.empty());
}

TEST_F(ClusterTest, IsAloneWithoutTheOthers) {
  serve_both();
  b_.reset();
  std::optional<AckReply> reply;
  a_->of("/").server_side_emit("q", [&](AckReply& all) { reply = all; });
  std::optional<FetchedSockets> fetched;
  a_->everybody().fetch_sockets([&](FetchedSockets all) { fetched = std::move(all); });
  a_->emit("still there");
  EXPECT_EQ(heard(), R"(a:42["still there"] )");
  ASSERT_TRUE(reply && fetched);
  EXPECT_EQ(reply->status, AckStatus::answered);
  EXPECT_EQ(fetched->sockets.size(), 1U);
}

// What waits for the loops when a server goes does nothing.
TEST_F(ClusterTest, MayGoInTheMiddle) {
  serve_both();
  a_->emit("q", [this](AckReply&) { log_ += "answered "; });
  a_->everybody().fetch_sockets([this](const FetchedSockets&) { log_ += "fetched "; });
  b_->emit("x");
  a_.reset();
  run_for(seconds(100));
  b_->everybody().fetch_sockets([this](const FetchedSockets& all) {
    log_ += std::to_string(all.sockets.size());
    b_.reset();
  });
  run_for(seconds(5));
  EXPECT_EQ(log_, "1");
}

// Nobody but the server holds a namespace without sockets.
TEST_F(ClusterTest, MayGoWithinWhatAnotherServerSays) {
  serve_both();
  a_->of("/empty");
  b_->of("/empty").on_server_side("end", [this] { b_.reset(); });
  a_->of("/empty").server_side_emit("end");
  run_for(milliseconds(20));
  EXPECT_EQ(b_, nullptr);
}

TEST_F(ClusterTest, MayGoWithinAQuestion) {
  serve_both();
  in_a().on_any_outgoing([this](std::string_view, Values) { a_.reset(); });
  a_->emit("q", [this](const AckReply&) { log_ += "answered"; });
  run_for(seconds(100));
  EXPECT_EQ(a_, nullptr);
  EXPECT_EQ(log_, "");
}

TEST_F(ClusterTest, KeepsWhatIsMissedForAnyServer) {
  serve_both(socketio::RecoveryOptions());
  const auto client = peer("/a/");
  client->say("40");
  const std::string joined = client->take().at(0);
  const std::string id = joined.substr(joined.find("sid") + 6, 20);
  const std::string secret = joined.substr(joined.find("pid") + 6, 20);
  a_->of("/").find(id)->join("y");
  a_->of("/").find(id)->data() = Json(7);
  b_->emit("seen");
  run_for(milliseconds(5));
  ASSERT_EQ(client->take(), Texts{R"(42["seen","1"])"});
  client->leave();
  a_->to("y").emit("missed");
  b_->to("z").emit("not meant");
  b_->to(id).emit("missed too");
  a_->everybody().droppable().emit("gone");
  const auto again = peer("/b/");
  again->say(R"(40{"pid":")" + secret + R"(","offset":"1"})");
  b_->emit("after");
  run_for(milliseconds(5));
  const Texts heard = again->take();
  ASSERT_EQ(heard.size(), 4U);
  EXPECT_EQ(heard[0], R"(42["missed","2"])");
  EXPECT_EQ(heard[1], R"(42["missed too","4"])");
  EXPECT_NE(heard[2].find(id), std::string::npos);
  EXPECT_EQ(heard[3], R"(42["after","5"])");
  EXPECT_EQ(log_, "again ");
  EXPECT_EQ(*std::any_cast<Json>(&b_->of("/").find(id)->data()), Json(7));
}

// Nobody has noticed that its connection is dead.
TEST_F(ClusterTest, GivesUpAnOldConnectionElsewhere) {
  serve_both(socketio::RecoveryOptions());
  const auto client = peer("/a/");
  client->say("40");
  const std::string joined = client->take().at(0);
  const std::string id = joined.substr(joined.find("sid") + 6, 20);
  const std::string secret = joined.substr(joined.find("pid") + 6, 20);
  b_->emit("seen");
  run_for(milliseconds(5));
  b_->emit("lost on its way");
  run_for(milliseconds(5));
  a_->of("/").find(id)->on_disconnect(
      [this](Socket&, const Disconnect& why) { log_ += why.detail + ' '; });
  const auto again = peer("/b/");
  again->say(R"(40{"pid":")" + secret + R"(","offset":"1"})");
  run_for(milliseconds(5));
  const Texts heard = again->take();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[0], R"(42["lost on its way","2"])");
  EXPECT_NE(heard[1].find(id), std::string::npos);
  EXPECT_EQ(log_, "its client has come again again ");
  EXPECT_EQ(a_->of("/").find(id), nullptr);
  EXPECT_TRUE(client->closed());
}

// Straight to a socket, with somebody who has not seen it.
TEST_F(ClusterTest, KeepsWhatIsSentStraight) {
  serve_both(socketio::RecoveryOptions());
  in_a().emit("one");
  EXPECT_EQ(heard(), R"(a:42["one","1"] )");
}

// What others send meanwhile to a room whose members are all away does not come here.
TEST_F(ClusterTest, PromisesNoRecoveryThatItsAdapterCannotKeep) {
  group_.emplace(std::nullopt);
  TwoServers::serve_both(socketio::RecoveryOptions());
  const auto client = peer("/a/");
  client->say("40");
  const Texts heard = client->take();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].find("pid"), std::string::npos) << heard[0];
  in_a().emit("one");
  EXPECT_EQ(this->heard(), R"(a:42["one"] )");
}

}  // namespace
}  // namespace duplex::events

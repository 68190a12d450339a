// Namespaces and rooms of a Socket.IO server: who may join, and who hears what.
#include "../support/socket_world.h"
#include "duplex/events/socket_server.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Peer;
using support::SocketWorld;
using support::Texts;

class NamespaceTest : public SocketWorld {
 protected:
  using Clients = std::vector<std::unique_ptr<Peer>>;

  // Clients 0, 1, 2... of "/" whose rooms are named by the letters.
  Clients clients_in(const std::vector<std::string>& rooms) {
    Clients clients;
    for (const std::string& letters : rooms) {
      clients.push_back(peer());
      ids_.push_back(clients.back()->join());
      for (const char letter : letters) at(ids_.size() - 1).join(std::string(1, letter));
    }
    return clients;
  }
  Socket& at(std::size_t index) { return *io_->of("/").find(ids_[index]); }

  // The numbers of those who have heard of something.
  std::string heard_by(const Clients& clients) {
    run_for(milliseconds(5));
    std::string numbers;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      for (std::size_t n = clients[i]->take().size(); n > 0; --n) numbers += std::to_string(i);
    }
    return numbers;
  }

  std::vector<std::string> ids_;
};

TEST_F(NamespaceTest, EmitsToRooms) {
  serve();
  const Clients clients = clients_in({"", "a", "ab", "b"});
  io_->emit("x");
  EXPECT_EQ(heard_by(clients), "0123");
  io_->to("a").emit("x");
  EXPECT_EQ(heard_by(clients), "12");
  io_->to("a").to("b").emit("x");
  EXPECT_EQ(heard_by(clients), "123");  // once each
  io_->to("a").except("b").emit("x");
  EXPECT_EQ(heard_by(clients), "1");
  io_->everybody().except("a").except(ids_[3]).emit("x");
  EXPECT_EQ(heard_by(clients), "0");
  io_->to("nobody").emit("x");
  EXPECT_EQ(heard_by(clients), "");
  io_->to(ids_[0]).emit("x");
  EXPECT_EQ(heard_by(clients), "0");
}

TEST_F(NamespaceTest, EmitsFromASocketToOthers) {
  serve();
  const Clients clients = clients_in({"", "a", "a"});
  at(1).broadcast().emit("x");
  EXPECT_EQ(heard_by(clients), "02");
  at(1).to("a").emit("x");
  EXPECT_EQ(heard_by(clients), "2");
  at(1).except("a").emit("x");
  EXPECT_EQ(heard_by(clients), "0");
  at(1).emit("x");
  EXPECT_EQ(heard_by(clients), "1");
  at(1).to(ids_[1]).emit("x");
  EXPECT_EQ(heard_by(clients), "");
}

TEST_F(NamespaceTest, KeepsRooms) {
  serve();
  const Clients clients = clients_in({"a", "ab"});
  EXPECT_EQ(io_->of("/").room_size("a"), 2U);
  EXPECT_EQ(io_->of("/").room_size(ids_[0]), 1U);
  EXPECT_EQ(at(1).rooms(), (Texts{ids_[1], "a", "b"}));
  EXPECT_TRUE(at(1).is_in("b"));
  at(1).leave("b");
  at(1).leave("never");
  EXPECT_FALSE(at(1).is_in("b"));
  clients[0]->leave();
  EXPECT_EQ(io_->of("/").room_size("a"), 1U);
}

TEST_F(NamespaceTest, TellsOfItsRooms) {
  serve();
  io_->of("/").on_room(
      [&](Namespace& nsp, RoomEvent event, std::string_view room, std::string_view id) {
        constexpr std::string_view names[] = {"create", "join", "leave", "remove"};
        log_ += nsp.name() + std::string(names[static_cast<int>(event)]) + " " + std::string(room) +
                (id.empty()      ? ""
                 : id == ids_[0] ? "0"
                                 : "1") +
                " ";
      });
  const auto told = [this] { return std::exchange(log_, {}); };
  const Clients clients = clients_in({"", ""});
  at(0).join("a");
  at(0).join("a");
  EXPECT_EQ(told(), "/create a /join a0 ");
  io_->everybody().sockets_join("a");
  EXPECT_EQ(told(), "/join a1 ");
  at(0).leave("a");
  at(0).leave("b");
  EXPECT_EQ(told(), "/leave a0 ");
  at(1).join("b");
  told();
  clients[1]->leave();
  EXPECT_EQ(told(), "/leave a1 /remove a /leave b1 /remove b ");
}

TEST_F(NamespaceTest, MayChangeWhileTheyTellOfTheirRooms) {
  serve();
  io_->of("/").on_room(
      [&](Namespace& nsp, RoomEvent event, std::string_view room, std::string_view id) {
        if (event == RoomEvent::create && room == "a") nsp.to(ids_[0]).sockets_join("b");
        if (event == RoomEvent::join && room == "b") nsp.find(id)->leave("a");
        if (event == RoomEvent::leave && room == "b") io_.reset();
      });
  const Clients clients = clients_in({""});
  at(0).join("a");
  EXPECT_TRUE(at(0).is_in("b"));
  EXPECT_FALSE(at(0).is_in("a"));
  at(0).leave("b");
  EXPECT_FALSE(io_);
}

TEST_F(NamespaceTest, TellOfTheRoomsOfDynamicOnesToo) {
  serve();
  io_->of_matching([](std::string_view, const Json&) { return true; })
      .on_connection([](Socket& socket) { socket.join("a"); })
      .on_room([&](Namespace& nsp, RoomEvent, std::string_view room, std::string_view) {
        log_ += nsp.name() + std::string(room) + " ";
      });
  const auto client = peer();
  client->join("/any");
  EXPECT_EQ(log_, "/anya /anya ");
}

TEST_F(NamespaceTest, LimitsRooms) {
  serve({.max_rooms_per_socket = 2});
  const Clients clients = clients_in({"ab"});
  at(0).join("a");
  EXPECT_THROW(at(0).join("c"), std::length_error);
}

TEST_F(NamespaceTest, LimitsTheNamesOfRooms) {
  serve({.max_room_size = 3});
  const Clients clients = clients_in({"a"});
  at(0).join("abc");
  EXPECT_THROW(at(0).join("abcd"), std::length_error);
  EXPECT_EQ(at(0).rooms().size(), 3U);
}

TEST_F(NamespaceTest, MovesAndDisconnectsMany) {
  serve();
  const Clients clients = clients_in({"a", "a", "b"});
  io_->to("a").sockets_join("c");
  EXPECT_EQ(io_->of("/").room_size("c"), 2U);
  io_->to("c").sockets_leave("a");
  EXPECT_EQ(io_->of("/").room_size("a"), 0U);
  std::size_t count = 0;
  io_->to("c").fetch_sockets([&](const FetchedSockets& fetched) {
    count = fetched.sockets.size();
    EXPECT_EQ(fetched.sockets[0].rooms.size(), 2U);
  });
  EXPECT_EQ(count, 2U);
  io_->to("c").disconnect_sockets();
  EXPECT_EQ(heard_by(clients), "01");
  EXPECT_EQ(io_->of("/").socket_count(), 1U);
}

TEST_F(NamespaceTest, GathersAnswersOfMany) {
  serve();
  const Clients clients = clients_in({"a", "a", "a"});
  std::string replies;
  const auto taker = [&](AckReply& reply) {
    replies += std::to_string(static_cast<int>(reply.status)) +
               codec::write_json(Json(reply.values)) + ' ';
  };
  io_->to("a").timeout(milliseconds(100)).emit("ask", taker);
  EXPECT_EQ(heard_by(clients), "012");
  clients[1]->say(R"(430["one",2])");
  clients[0]->say("430[0]");
  EXPECT_EQ(replies, "");
  clients[2]->say("430[]");
  EXPECT_EQ(replies, R"(0["one",0,null] )");
  run_for(seconds(1));
  io_->to("a").timeout(milliseconds(100)).emit("ask", taker);
  run_for(milliseconds(5));
  clients[1]->say("431[1]");
  run_for(milliseconds(200));
  EXPECT_EQ(replies, R"(0["one",0,null] 1[1] )");
  io_->to("a").emit("ask", taker);
  run_for(milliseconds(5));
  clients[0]->say("432[1]");
  clients[1]->say("432[2]");
  clients[2]->leave();
  EXPECT_EQ(replies, R"(0["one",0,null] 1[1] 2[1,2] )");
  io_->to("nobody").emit("ask", taker);
  run_for(milliseconds(5));
  EXPECT_EQ(replies, R"(0["one",0,null] 1[1] 2[1,2] 0[] )");
}

TEST_F(NamespaceTest, AreApart) {
  serve();
  io_->of("admin").on_connection([&](Socket& socket) {
    log_ += "admin ";
    socket.on("x", [&] { log_ += "x "; });
    socket.emit("hello");
  });
  const auto client = peer();
  const std::string root = client->join();
  client->say("40/admin,");
  const Texts heard = client->take();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[1], R"(42/admin,["hello"])");
  EXPECT_EQ(heard[0].find(root), std::string::npos);
  client->say(R"(42/admin,["x"])").say(R"(42["x"])").say("41/admin");
  EXPECT_EQ(log_, "admin x ");
  EXPECT_EQ(io_->of("/admin").socket_count(), 0U);
  EXPECT_EQ(io_->of("/").socket_count(), 1U);
}

TEST_F(NamespaceTest, AreRefusedWhenUnknown) {
  serve();
  const auto client = peer();
  client->say("40/random");
  EXPECT_EQ(client->take(), Texts{R"(44/random,{"message":"Invalid namespace"})"});
  EXPECT_FALSE(client->closed());
}

TEST_F(NamespaceTest, AskTheirMiddleware) {
  serve();
  Next later;
  io_->use([&](Socket& socket, const Next& next) {
    log_ += "first ";
    socket.data() = 7;
    next(std::nullopt);
    next(Refusal{"a second answer is none"});
  });
  io_->use([&](Socket& socket, const Next& next) {
    log_ += "second ";
    const Json* const token = socket.handshake().auth.find("token");
    if (token == nullptr) return next(Refusal{"not authorized", codec::JsonObject{{"code", 7}}});
    later = next;
  });
  io_->on_connection(
      [&](Socket& socket) { log_ += std::to_string(std::any_cast<int>(socket.data())) + ' '; });
  const auto client = peer();
  client->say("40");
  EXPECT_EQ(client->take(), Texts{R"(44{"message":"not authorized","data":{"code":7}})"});
  client->say(R"(40{"token":1})");
  EXPECT_EQ(client->take(), Texts{});
  EXPECT_EQ(log_, "first second first second ");
  later(std::nullopt);
  EXPECT_EQ(log_, "first second first second 7 ");
  run_for(milliseconds(5));
  EXPECT_EQ(client->take().size(), 1U);
}

TEST_F(NamespaceTest, ForgetWhoLeavesWhileTheyThink) {
  serve();
  Next later;
  io_->use([&](Socket&, const Next& next) { later = next; });
  io_->on_connection([&](Socket&) { log_ += "in "; });
  const auto client = peer();
  client->say("40");
  client->leave();
  later(std::nullopt);
  const auto other = peer();
  other->say("40");
  io_.reset();
  later(std::nullopt);
  EXPECT_EQ(log_, "");
}

TEST_F(NamespaceTest, ComeIntoBeingWhenAskedFor) {
  serve({.max_namespaces = 1});
  io_->of_matching([](std::string_view name, const Json&) { return name.starts_with("/room-"); })
      .use([&](Socket&, const Next& next) {
        log_ += "middleware ";
        next(std::nullopt);
      })
      .on_connection([&](Socket& socket) { log_ += socket.nsp().name() + ' '; });
  const auto client = peer();
  EXPECT_EQ(client->join("/room-1").size(), 20U);
  EXPECT_EQ(client->join("/other"), "");
  EXPECT_EQ(client->join("/room-2"), "");  // one more than the limit
  EXPECT_EQ(log_, "middleware /room-1 ");
  client->say("41/room-1");
  EXPECT_EQ(client->join("/room-2").size(), 20U);
}

TEST_F(NamespaceTest, PassOnWhatIsSentToTheOneTheyComeFrom) {
  serve();
  Namespace& rooms =
      io_->of_matching([](std::string_view name, const Json&) { return name != "/other"; });
  rooms.on_connection([](Socket& socket) { socket.join(socket.nsp().name()); });
  io_->of("/other");
  const auto client = peer();
  for (const char* const nsp : {"/a", "/b", "/other"}) client->join(nsp);
  io_->of("/b");  // for ever, and still one of them
  client->take();
  rooms.emit("x", 1);
  rooms.to("/a").emit("y");
  rooms.except("/a").emit("z", as_bytes("q"));
  rooms.emit("asked", [this](AckReply& reply) { log_ += codec::write_json(Json(reply.values)); });
  run_for(milliseconds(10));
  EXPECT_EQ(client->take(), (Texts{R"(42/a,["x",1])", R"(42/b,["x",1])", R"(42/a,["y"])",
                                   R"(451-/b,["z",{"_placeholder":true,"num":0}])", "q"}));
  EXPECT_EQ(log_, "[]");
}

TEST_F(NamespaceTest, DropWhatMayBeDropped) {
  serve();
  const Clients clients = clients_in({"", ""});
  io_->everybody().droppable().emit("x", 1);
  EXPECT_EQ(heard_by(clients), "01");
  at(0).emit("first", std::string(std::size_t{4} << 20, 'x'));
  at(0).droppable().emit("dropped");
  io_->everybody().droppable().emit("dropped");
  run_for(seconds(30));
  EXPECT_EQ(clients[0]->take().size(), 1U);
  EXPECT_EQ(clients[1]->take(), Texts{R"(42["dropped"])"});
}

TEST_F(NamespaceTest, DropWhatMayBeDroppedAboveTheLimit) {
  SocketServerOptions options;
  options.engine.droppable_limit = 1 << 20;
  options.engine.send_limit = 4 << 20;
  serve(std::move(options));
  const Clients clients = clients_in({""});
  Socket& socket = at(0);
  socket.on_drain([this](Socket& each) { log_ += "drained " + each.id() + ' '; });
  socket.on_disconnect(
      [this](Socket&, DisconnectReason reason) { log_ += std::string(describe(reason)) + ' '; });
  const std::string half(std::size_t{1} << 19, 'x');
  for (int i = 0; i < 5; ++i) socket.droppable().emit("may be dropped", half);
  const std::size_t queued = socket.queued_bytes();
  EXPECT_GT(queued, std::size_t{1} << 20);
  EXPECT_LT(queued, std::size_t{2} << 20);
  run_for(seconds(30));
  EXPECT_EQ(clients[0]->take().size(), queued / half.size());
  EXPECT_EQ(log_, "drained " + ids_[0] + ' ');
  log_.clear();
  for (int i = 0; i < 9; ++i) socket.emit("may not", half);
  run_for(milliseconds(5));
  EXPECT_EQ(log_, "transport error ");
}

TEST_F(NamespaceTest, LetEmittersOutliveThem) {
  serve();
  const auto client = peer();
  client->join();
  const Emitter emitter = io_->to("a");
  io_.reset();
  emitter.emit("nothing");
  emitter.sockets_join("b");
  emitter.fetch_sockets(
      [&](const FetchedSockets& fetched) { log_ += std::to_string(fetched.sockets.size()); });
  EXPECT_EQ(log_, "0");
}

}  // namespace
}  // namespace duplex::events

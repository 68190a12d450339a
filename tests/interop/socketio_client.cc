// Our client of Socket.IO, put through what users do, against servers that others wrote.
//
//   interop_socketio_client URL SERVER PARSER TRANSPORT [SCENARIO]
//
// SERVER: npm, python or duplex, which have not all the same abilities; PARSER: text or msgpack;
// TRANSPORT: polling, websocket or upgrade. SCENARIO: only those with that in their names. Says
// what failed, and "N passed, N failed".
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "socketio_stage.h"

namespace duplex::interop {
namespace {

using socketio::Ack;
using socketio::JsonBytes;
using socketio::JsonObject;

Json some_auth(int n) { return JsonObject{{"token", "abc"}, {"n", n}}; }

// --- Coming and going ----------------------------------------------------------------------------

void joins_and_says_who_it_is(Stage& stage) {
  ClientSocket& socket = stage.connect({.auth = some_auth(1)});
  stage.log_event(socket, "auth");
  stage.expect(R"(connect auth[{"token":"abc","n":1}] )");
  if (socket.id().size() != 20) fail("its id is '" + socket.id() + "'");
  stage.settle();
}

void has_namespaces_on_one_connection(Stage& stage) {
  ClientSocket& root = stage.connect();
  ClientSocket& custom = stage.client().of("/custom", {.auth = some_auth(2)});
  stage.log_event(root, "message-back");
  stage.log_event(custom, "auth");
  stage.log_event(custom, "message-back");
  stage.wait_until([&] { return root.connected() && custom.connected(); }, "connection");
  stage.run_for(milliseconds(100));
  stage.expect(R"(connect auth[{"token":"abc","n":2}] )");
  custom.emit("message", "in custom");
  stage.expect(R"(message-back["in custom"] )");
  custom.disconnect();
  root.emit("message", "still here");
  stage.expect(R"(message-back["still here"] )");
}

void is_refused(Stage& stage) {
  const bool is_python = stage.row().server == "python";
  stage.connect();
  stage.expect("connect ");
  ClientSocket& guarded = stage.watch(stage.client().of("/guarded"));
  stage.expect(R"(refused: not authorized{"why":"who are you?","code":7} )");
  guarded.set_auth(JsonObject{{"token", "open"}});
  guarded.connect();
  stage.expect("connect ");
  stage.watch(stage.client().of("/unknown"));
  stage.expect(is_python ? "refused: Unable to connectnull " : "refused: Invalid namespacenull ");
}

void is_sent_away(Stage& stage) {
  ClientSocket& socket = stage.connect();
  for (const bool close : {false, true}) {
    stage.expect("connect ");
    stage.settle();
    socket.emit("kick me", close);
    stage.expect("[io server disconnect] ");
    stage.run_for(milliseconds(400));
    if (socket.active()) fail("it came again");
    socket.connect();
  }
  stage.expect("connect ");
}

void comes_again(Stage& stage) {
  int asked = 0;
  ClientSocket& socket = stage.connect({.make_auth = [&asked] { return some_auth(++asked); }});
  stage.log_event(socket, "auth");
  stage.expect(R"(connect auth[{"token":"abc","n":1}] )");
  stage.settle();
  const std::string before = socket.id();
  socket.emit("late", 5000, stage.reply("late"));
  socket.emit("drop me");
  stage.wait_until([&] { return !socket.connected(); }, "loss");
  stage.expect("[transport close] ");
  stage.expect("late2[] ");
  stage.expect(R"(connect auth[{"token":"abc","n":2}] )");
  if (socket.id() == before) fail("it has the same id");
}

// The runner starts the server again.
void outlives_its_server(Stage& stage) {
  ClientSocket& socket = stage.connect();
  stage.log_event(socket, "message-back");
  stage.expect("connect ");
  stage.settle();
  std::vector<std::chrono::steady_clock::time_point> attempts;
  stage.client().on_reconnect_attempt([&](std::size_t) { attempts.push_back(stage.loop().now()); });
  socket.on_disconnect([&](ClientSocket&, const ClientDisconnect&) {
    attempts.push_back(stage.loop().now());
    stage.say("lost");
  });
  socket.emit("die");
  stage.expect("lost ");
  for (int i = 0; i < 3; ++i) socket.emit("message", i);
  socket.droppable().emit("message", "dropped");
  stage.expect("connect message-back[0] message-back[1] message-back[2] ");
  if (attempts.size() < 3) fail("it needed only " + std::to_string(attempts.size() - 1) + " tries");
  for (std::size_t i = 1; i < attempts.size(); ++i) {
    const auto least = std::min(milliseconds(100) * (1 << (i - 1)), milliseconds(2000));
    if (attempts[i] - attempts[i - 1] < least) fail("try " + std::to_string(i) + " was too early");
  }
  socket.on_disconnect({});  // it is told of its own leave, too, and that is later
}

void notices_that_its_server_is_frozen(Stage& stage) {
  ClientSocket& socket = stage.connect();
  stage.expect("connect ");
  stage.settle();
  socket.emit("freeze");
  stage.expect("[ping timeout] ");
  stage.expect("connect ");
}

void takes_up_where_it_left_off(Stage& stage) {
  ClientOptions options = stage.options();
  options.path = "/recovering/";
  ClientSocket& other = stage.open(options).of("/");
  options.backoff.delay = milliseconds(500);
  ClientSocket& socket = stage.watch(stage.open(options).of("/"));
  // The offset stands behind the arguments.
  socket.on("to all", [&](int n) { stage.say("all" + std::to_string(n)); });
  socket.on("welcome", [&](bool recovered) { stage.say(recovered ? "again" : "welcome"); });
  stage.expect("connect welcome ");
  stage.settle();
  const std::string before = socket.id();
  if (socket.recovered()) fail("it has recovered at once");
  socket.emit("drop me");
  stage.expect("[transport close] ");
  for (int i = 0; i < 3; ++i) other.emit("all later", i);
  stage.expect("connect all0 all1 all2 again ");
  if (!socket.recovered() || socket.id() != before) fail("it is another one");
}

// --- Events --------------------------------------------------------------------------------------

void echoes_texts_numbers_objects(Stage& stage) {
  ClientSocket& socket = stage.connect();
  stage.log_event(socket, "message-back");
  stage.expect("connect ");
  const JsonArray inner = {true, nullptr, "ä€😀"};
  socket.emit("message", 1, "2", JsonObject{{"3", inner}}, -0.5, 1e15, JsonArray{""});
  stage.expect(R"(message-back[1,"2",{"3":[true,null,"ä€😀"]},-0.5,1000000000000000,[""]] )");
  socket.emit("message");
  stage.expect("message-back[] ");
}

void echoes_bytes(Stage& stage) {
  ClientSocket& socket = stage.connect();
  stage.log_event(socket, "message-back");
  stage.log_event(socket, "bytes");
  stage.expect("connect ");
  const JsonBytes some = {std::byte{1}, std::byte{2}, std::byte{255}};
  const JsonBytes many(100'000, std::byte{7});
  const Json deep = JsonObject{{"deep", JsonArray{some, "x"}}};
  socket.emit("message", deep, many, JsonBytes());
  stage.expect("message-back" + text_of(Json(JsonArray{deep, many, JsonBytes()})) + ' ');
  socket.emit("bytes please");
  const JsonBytes three = {std::byte{1}, std::byte{2}, std::byte{3}};
  stage.expect("bytes" +
               text_of(Json(JsonArray{three, JsonObject{{"deep", JsonArray{many}}}, JsonBytes()})) +
               ' ');
}

void is_answered(Stage& stage) {
  ClientSocket& socket = stage.connect();
  const JsonBytes some = {std::byte{0}, std::byte{200}};
  socket.emit("message-with-ack", 1, some, "x", stage.reply("a"));
  stage.expect("connect a0" + text_of(Json(JsonArray{1, some, "x"})) + ' ');
  socket.timeout(milliseconds(50)).emit("late", 200, stage.reply("b"));
  stage.expect("b1[] ");
  socket.timeout(seconds(5)).emit("late", 300, stage.reply("c"));
  stage.expect(R"(c0["late"] )");
}

void answers_or_does_not(Stage& stage) {
  ClientSocket& socket = stage.connect();
  socket.on("question", [](int n, const Ack& ack) {
    if (n < 2) ack("n" + std::to_string(n));
  });
  stage.log_event(socket, "answered");
  socket.emit("ask me", 3);
  stage.expect(R"(connect answered[0,["n0"]] answered[0,["n1"]] answered[1,[]] )");
}

void hears_every_event(Stage& stage) {
  ClientSocket& socket = stage.connect();
  socket.on_any([&](std::string_view event, Values values) {
    if (event != "auth") stage.say("in:" + std::string(event) + text_of(values));
  });
  socket.on_any_outgoing([&](std::string_view event, Values values) {
    stage.say("out:" + std::string(event) + text_of(values));
  });
  stage.expect("connect ");
  socket.emit("message", "a");
  stage.expect(R"(out:message["a"] in:message-back["a"] )");
}

void keeps_events_for_a_connection(Stage& stage) {
  ClientSocket& socket = stage.connect();
  stage.log_event(socket, "message-back");
  socket.emit("message", 1);
  socket.droppable().emit("message", "dropped", stage.reply("dropped"));
  std::string expected = "connect message-back[1] ";
  for (int i = 2; i < 50; ++i) {
    socket.emit("message", i);
    expected += "message-back[" + std::to_string(i) + "] ";
  }
  stage.expect("dropped2[] ");
  stage.expect(expected);
  stage.settle();
  stage.run_for(milliseconds(50));
  socket.droppable().emit("message", "not dropped");
  stage.expect(R"(message-back["not dropped"] )");
}

void sends_again_what_is_not_answered(Stage& stage) {
  const std::string key = std::to_string(stage.loop().now().time_since_epoch().count());
  ClientSocket& socket = stage.connect({.ack_timeout = seconds(1), .retries = 3});
  for (const char* const name : {"a", "b", "c"})
    socket.emit("again", name + key, stage.reply(name));
  stage.expect("connect a0[2] b0[2] c0[2] ");
}

void sends_again_what_was_lost(Stage& stage) {
  const std::string key = std::to_string(stage.loop().now().time_since_epoch().count());
  ClientSocket& socket = stage.connect({.ack_timeout = seconds(10), .retries = 3});
  stage.expect("connect ");
  stage.settle();
  socket.emit("lose once", key, stage.reply("a"));
  socket.emit("message-with-ack", 5, stage.reply("b"));
  stage.expect(R"([transport close] connect a0["kept"] b0[5] )");
}

void is_one_of_many_in_a_room(Stage& stage) {
  std::vector<ClientSocket*> sockets;
  for (int i = 0; i < 3; ++i) {
    sockets.push_back(&stage.open(stage.options()).of("/"));
    sockets.back()->on(
        "said", [&stage, i](const std::string& text) { stage.say(std::to_string(i) + text); });
    if (i < 2) sockets.back()->emit("join", "red", stage.reply("join"));
    if (i < 2) stage.expect(R"(join0["joined"] )");
  }
  sockets[2]->emit("count", stage.reply("count"));
  stage.expect("count0[3] ");
  sockets[0]->emit("say", "red", "hello");
  stage.expect("1hello ");
  sockets[2]->emit("message-with-ack", stage.reply("a"));
  stage.expect("a0[] ");
}

void gets_everything_in_order_while_it_changes(Stage& stage) {
  ClientSocket& socket = stage.connect();
  std::string heard;
  std::string sent;
  std::string back;
  std::string expected;
  socket.on("number", [&](int n) { heard += std::to_string(n) + ','; });
  socket.on("message-back", [&](int n) { back += std::to_string(n) + ','; });
  for (int i = 0; i < 20; ++i) {
    socket.emit("count up", 50);
    socket.emit("message", i);
    for (int n = 0; n < 50; ++n) expected += std::to_string(n) + ',';
    sent += std::to_string(i) + ',';
    stage.run_for(milliseconds(2));
  }
  stage.wait_until([&] { return heard.size() >= expected.size() && back.size() >= sent.size(); },
                   "number");
  if (heard != expected || back != sent) fail("out of order: " + heard + ' ' + back);
  stage.settle();
}

// --- All of them ---------------------------------------------------------------------------------

struct Scenario {
  const char* name;
  void (*run)(Stage& stage);
  bool (*fits)(const Row& row);
};

bool any(const Row&) { return true; }
bool drops(const Row& row) { return row.can_drop(); }
bool npm(const Row& row) { return row.is_npm(); }

const std::vector<Scenario> scenarios = {
    {"joins, and says who it is", joins_and_says_who_it_is, any},
    {"has namespaces on one connection", has_namespaces_on_one_connection, any},
    {"is refused", is_refused, any},
    {"is sent away", is_sent_away, any},
    {"comes again", comes_again, drops},
    {"takes up where it left off", takes_up_where_it_left_off, npm},
    {"echoes texts, numbers, objects", echoes_texts_numbers_objects, any},
    {"echoes bytes", echoes_bytes, any},
    {"is answered", is_answered, any},
    {"answers, or does not", answers_or_does_not, any},
    {"hears every event", hears_every_event, any},
    {"keeps events for a connection", keeps_events_for_a_connection, any},
    {"sends again what is not answered", sends_again_what_is_not_answered, any},
    {"sends again what was lost", sends_again_what_was_lost, drops},
    {"is one of many in a room", is_one_of_many_in_a_room, any},
    {"gets everything in order while it changes its transport",
     gets_everything_in_order_while_it_changes, any},
    {"notices that its server is frozen", notices_that_its_server_is_frozen, drops},
    {"outlives its server", outlives_its_server, any},
};

bool passes(const Scenario& scenario, const Row& row) {
  try {
    Stage stage(row);
    scenario.run(stage);
    stage.leave();
    return true;
  } catch (const std::exception& error) {
    std::printf("FAILED %s: %s\n", scenario.name, error.what());
    return false;
  }
}

}  // namespace

int run(const Row& row, const std::string& wanted) {
  int passed = 0;
  int failed = 0;
  for (const Scenario& scenario : scenarios) {
    const bool is_wanted = std::string(scenario.name).find(wanted) != std::string::npos;
    if (is_wanted && scenario.fits(row)) ++(passes(scenario, row) ? passed : failed);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace duplex::interop

int main(int argc, char** argv) {
  if (argc < 5) return EXIT_FAILURE;
  return duplex::interop::run(
      {.url = argv[1], .server = argv[2], .parser = argv[3], .transport = argv[4]},
      argc > 5 ? argv[5] : "");
}

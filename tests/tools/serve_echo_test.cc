// POST /echo of `duplex serve`: the HTTP side of `connect --compare`.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "../../tools/duplex/serve/serve_loop.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools {
namespace {

constexpr const char* url = "http://127.0.0.1/echo";

struct Answered {
  int status = 0;
  std::string field = {};  // the one that was asked for
  std::string body = {};
};

Answered ask(HttpRequest request, const std::string& field) {
  simulation::World world;
  simulation::Kernel kernel(world);
  EventLoop loop(kernel);
  ServeLoops serve;
  serve.push_back(std::make_unique<ServeLoop>(loop, ServeOptions{.port = 80}, serve));
  HttpClient client(loop);
  Answered answered;
  HttpResponseHandlers handlers;
  handlers.on_head = [&](const http::Response& response) {
    answered.field = response.fields.find(field).value_or("");
  };
  handlers.on_done = [&](int status, std::string_view body) {
    answered.status = status;
    answered.body = body;
    loop.stop();
  };
  client.request(std::move(request), std::move(handlers));
  loop.run();
  return answered;
}

TEST(ServeEcho, GivesTheBodyBackAsBytes) {
  const Answered answered = ask({.method = "POST", .url = url, .body = "<b>\xff"}, "content-type");
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.body, "<b>\xff");
  EXPECT_EQ(answered.field, "application/octet-stream") << "never a page of somebody else's making";
}

// How the WebSocket there ends that sends such a message, or 1000 when it comes back.
CloseCode end_after(const std::string& path, std::size_t size) {
  simulation::World world;
  simulation::Kernel kernel(world);
  EventLoop loop(kernel);
  ServeLoops serve;
  serve.push_back(std::make_unique<ServeLoop>(
      loop, ServeOptions{.port = 80, .feed = {.start = net::Clock::now()}}, serve));
  Client client(loop);
  CloseCode code = CloseCode::no_status_received;
  ClientHandlers handlers;
  handlers.websocket = {
      .on_open = [size](Connection& peer,
                        const http::Request&) { peer.send_text(std::string(size, 'x')); },
      .on_message =
          [size](Connection& peer, Message message) {
            if (message.payload.size() == size) peer.close();
          },
      .on_close =
          [&](Connection&, const CloseEvent& event) {
            code = event.code;
            loop.stop();
          }};
  client.connect("ws://127.0.0.1" + path, std::move(handlers));
  loop.run_after(std::chrono::seconds(2), [&loop] { loop.stop(); });
  loop.run();
  return code;
}

TEST(ServeEcho, TakesLargeMessagesOnlyWhereTheyAreEchoed) {
  EXPECT_EQ(end_after("/echo", max_short_message + 1), CloseCode::normal_closure);
  EXPECT_EQ(end_after("/", max_short_message + 1), CloseCode::normal_closure);
  for (const std::string path : {"/feed/ws", "/client", "/lab/socket", "/lab/chat?room=a&name=b"}) {
    EXPECT_EQ(end_after(path, max_short_message + 1), CloseCode::message_too_big) << path;
  }
  EXPECT_EQ(end_after("/feed/ws", max_short_message), CloseCode::no_status_received);
}

// How often a silent client is pinged within a second.
int pings_of(const std::string& path, std::chrono::nanoseconds interval) {
  simulation::World world;
  simulation::Kernel kernel(world);
  EventLoop loop(kernel);
  ServeLoops serve;
  const ServeOptions options = {
      .port = 80, .ping_interval = interval, .feed = {.start = net::Clock::now()}};
  serve.push_back(std::make_unique<ServeLoop>(loop, options, serve));
  Client client(loop);
  int pings = 0;
  ClientHandlers handlers;
  handlers.websocket.on_ping = [&pings](Connection&, Bytes) { ++pings; };
  client.connect("ws://127.0.0.1" + path, std::move(handlers));
  loop.run_after(std::chrono::seconds(1), [&loop] { loop.stop(); });
  loop.run();
  return pings;
}

TEST(ServeEcho, PingsWhoIsSilentForAsLongAsWasAsked) {
  using namespace std::chrono_literals;
  for (const std::string path : {"/", "/echo", "/feed/ws", "/client"}) {
    EXPECT_EQ(pings_of(path, 300ms), 3) << path;
    EXPECT_EQ(pings_of(path, ServeOptions{}.ping_interval), 0) << path;
    EXPECT_EQ(pings_of(path, 0ns), 0) << path;
    EXPECT_GT(pings_of(path, 1ns), 0) << path << ": that is not never";
  }
}

TEST(ServeEcho, NamesTheMethodsThatAreAllowed) {
  const Answered answered = ask({.method = "DELETE", .url = url}, "allow");
  EXPECT_EQ(answered.status, 405);
  EXPECT_EQ(answered.body, "no such method here\n");
  EXPECT_EQ(answered.field, "POST, GET");
}

}  // namespace
}  // namespace duplex::tools

// POST /echo of `duplex serve`: the HTTP side of `connect --compare`.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "../../tools/duplex/serve/serve_loop.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools {
namespace {

TEST(ServeEcho, GivesTheBodyBackAsBytes) {
  simulation::World world;
  simulation::Kernel kernel(world);
  EventLoop loop(kernel);
  ServeLoops serve;
  serve.push_back(std::make_unique<ServeLoop>(loop, ServeOptions{.port = 80}, serve));
  HttpClient client(loop);
  std::string type;
  std::string echoed;
  HttpResponseHandlers handlers;
  handlers.on_head = [&](const http::Response& response) {
    type = response.fields.find("content-type").value_or("");
  };
  handlers.on_done = [&](int status, std::string_view body) {
    EXPECT_EQ(status, 200);
    echoed = body;
    loop.stop();
  };
  client.request({.method = "POST", .url = "http://127.0.0.1/echo", .body = "<b>\xff"},
                 std::move(handlers));
  loop.run();
  EXPECT_EQ(echoed, "<b>\xff");
  EXPECT_EQ(type, "application/octet-stream") << "never a page of somebody else's making";
}

TEST(ServeEcho, NamesTheMethodsThatAreAllowed) {
  simulation::World world;
  simulation::Kernel kernel(world);
  EventLoop loop(kernel);
  ServeLoops serve;
  serve.push_back(std::make_unique<ServeLoop>(loop, ServeOptions{.port = 80}, serve));
  HttpClient client(loop);
  std::string allowed;
  HttpResponseHandlers handlers;
  handlers.on_head = [&](const http::Response& response) {
    allowed = response.fields.find("allow").value_or("");
  };
  handlers.on_done = [&](int status, std::string_view body) {
    EXPECT_EQ(status, 405);
    EXPECT_EQ(body, "no such method here\n");
    loop.stop();
  };
  client.request({.method = "DELETE", .url = "http://127.0.0.1/echo"}, std::move(handlers));
  loop.run();
  EXPECT_EQ(allowed, "POST, GET");
}

}  // namespace
}  // namespace duplex::tools

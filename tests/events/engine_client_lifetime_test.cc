// How clients of Engine.IO end: closed, destroyed and replaced, at any time and by any handler.
#include <functional>
#include <stdexcept>

#include "engine_client_stage.h"

namespace duplex::events {
namespace {

class EngineClientLifetime : public EngineClientStage {};

TEST_F(EngineClientLifetime, SendsWhatIsQueuedBeforeItCloses) {
  serve();
  for (const Transport transport : {Transport::polling, Transport::websocket}) {
    log_.clear();
    served_.clear();
    EngineClient& client = connect(only(transport));
    run_for(milliseconds(20));
    client.send_text("a");
    client.send_text("b");
    client.close();
    client.send_text("c");
    EXPECT_FALSE(client.is_open());
    EXPECT_EQ(log_, "open ");
    run_for(milliseconds(50));
    EXPECT_EQ(log_.substr(0, 19), "open (forced close:");
    EXPECT_EQ(served_, "a b (transport close)");
    EXPECT_EQ(engine_->session_count(), 0U);
  }
}

TEST_F(EngineClientLifetime, ClosesInTheMiddleOfTheChange) {
  serve();
  for (int time = 0; time < 30; ++time) {
    log_.clear();
    served_.clear();
    EngineClient& client = connect();
    run_for(milliseconds(time));
    const bool was_open = client.is_open();
    client.send_text("last");
    client.close();
    run_for(milliseconds(100));
    EXPECT_EQ(log_.substr(log_.find('('), 14), "(forced close:") << time;
    EXPECT_EQ(served_.starts_with("last "), was_open) << time << ' ' << served_;
    EXPECT_EQ(engine_->session_count(), 0U) << time;
  }
}

TEST_F(EngineClientLifetime, ClosesWhileAWebSocketIsOpened) {
  serve();
  for (int time = 0; time < 10; ++time) {
    log_.clear();
    EngineClient& client = connect(only(Transport::websocket));
    run_for(milliseconds(time));
    client.close();
    run_for(milliseconds(100));
    EXPECT_EQ(log_.substr(log_.find('('), 14), "(forced close:") << time;
    EXPECT_EQ(engine_->session_count(), 0U) << time;
  }
}

TEST_F(EngineClientLifetime, LeavesAServerThatDoesNotOpen) {
  world_.server->get("/engine.io/", [](Exchange&) {});
  EngineClient& client = connect();
  run_for(milliseconds(20));
  client.close();
  run_for(milliseconds(4900));
  EXPECT_EQ(log_, "");
  run_for(milliseconds(200));
  EXPECT_EQ(log_, "(forced close: )");
}

TEST_F(EngineClientLifetime, IsDestroyedByAnyHandler) {
  serve();
  const auto destroy = [this](auto&&...) {
    client_.reset();
    log_ += "gone ";
  };
  for (int which = 0; which < 4; ++which) {
    log_.clear();
    EngineClientHandlers handlers = logging();
    if (which == 0) handlers.on_open = destroy;
    if (which == 1) handlers.on_message = destroy;
    if (which == 2) handlers.on_upgrade = destroy;
    if (which == 3) handlers.on_close = destroy;
    connect(std::move(handlers));
    run_for(milliseconds(40));
    if (which == 1) client_->send_text("a");
    if (which == 3) client_->send_text("close me");
    run_for(milliseconds(40));
    EXPECT_EQ(client_, nullptr);
    EXPECT_TRUE(log_.ends_with("gone ")) << log_;
    // Without a GET to abort the server does not know before it misses a pong.
    run_for(milliseconds(600));
    EXPECT_EQ(engine_->session_count(), 0U);
  }
}

TEST_F(EngineClientLifetime, IsReplacedByItsOwnHandler) {
  serve();
  int opened = 0;
  std::function<EngineClientHandlers()> again = [&] {
    EngineClientHandlers handlers;
    handlers.on_open = [&](EngineClient& client) {
      if (++opened < 5) client.close();
    };
    handlers.on_close = [&](EngineClient&, const EngineClose&) { connect(again()); };
    return handlers;
  };
  connect(again());
  run_for(milliseconds(200));
  EXPECT_EQ(opened, 5);
  EXPECT_EQ(engine_->session_count(), 1U);
}

TEST_F(EngineClientLifetime, IsClosedByAHandlerThatThrows) {
  serve();
  int thrown = 0;
  world_.client_side.loop.on_exception([&](std::exception_ptr) { ++thrown; });
  EngineClientHandlers handlers = logging();
  handlers.on_open = [](EngineClient&) { throw std::runtime_error("no"); };
  connect(std::move(handlers));
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "(transport error: a handler threw)");
  EXPECT_EQ(thrown, 1);
}

TEST_F(EngineClientLifetime, EndsInAPollAndInsideItsPayload) {
  script({polling_only,
          "4a\x1e"
          "4b\x1e"
          "4c"});
  EngineClientHandlers handlers = logging();
  handlers.on_message = [this](EngineClient& client, const engineio::Packet& packet) {
    log_ += std::string(packet.text) + ' ';
    if (packet.text == "b") client.close();
  };
  connect(std::move(handlers));
  run_for(milliseconds(20));
  EXPECT_EQ(log_, "open a b (forced close: )");
  EXPECT_EQ(served_, "1 ");
}

}  // namespace
}  // namespace duplex::events

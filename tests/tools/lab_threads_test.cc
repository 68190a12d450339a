// The lab over real sockets and two threads, which share a port: wherever a connection lands.
#include "duplex/codec/json.h"
#include "two_serve_loops.h"

namespace duplex::tools {
namespace {

class LabThreadsTest : public TwoServeLoops {
 protected:
  codec::JsonValue ask(const std::string& path) {
    std::string answer;
    HttpClient http(loop_);
    http.request({.url = "http://" + base_ + path},
                 {.on_done = [&](int, std::string_view body) { answer = body; }});
    until([&] { return !answer.empty(); });
    auto json = codec::parse_json(answer);
    EXPECT_TRUE(json.has_value()) << answer;
    return json.has_value() ? std::move(*json) : codec::JsonValue();
  }

  Client client_{loop_};
};

TEST_F(LabThreadsTest, VisitorsOfBothThreadsAreInOneRoom) {
  constexpr std::size_t count = 12;
  std::vector<ConnectionId> ids;
  std::vector<std::size_t> heard(count);
  for (std::size_t i = 0; i < count; ++i) {
    ClientHandlers handlers;
    handlers.websocket.on_open = [&](Connection& peer, const auto&) { ids.push_back(peer.id()); };
    handlers.websocket.on_message = [&heard, i](Connection&, Message message) {
      if (message.text().find("\"id\"") != std::string_view::npos) ++heard[i];
    };
    client_.connect("ws://" + base_ + "/lab/chat?room=a&name=" + std::to_string(i),
                    std::move(handlers));
  }
  until([&] { return ids.size() == count; });
  for (const ConnectionId id : ids) client_.find(id)->send_text("say hello");
  // Who entered later had the first words from the room's memory.
  until([&] { return heard == std::vector<std::size_t>(count, count); });
}

TEST_F(LabThreadsTest, TheStateIsThatOfBothThreads) {
  const auto plan = ask("/lab/plan?rate=100&dist=periodic&delay=0");
  const std::string query = *plan.find("query")->text();
  std::size_t events = 0;
  std::size_t open = 0;
  constexpr std::size_t count = 12;
  for (std::size_t i = 0; i < count; ++i) {
    ClientHandlers handlers;
    handlers.websocket.on_open = [&](Connection&, const auto&) { ++open; };
    handlers.websocket.on_message = [&](Connection&, Message) { ++events; };
    client_.connect("ws://" + base_ + "/lab/race/ws?" + query, std::move(handlers));
  }
  until([&] { return open == count && events >= 10 * count; });
  const auto state = ask("/lab/state?" + query);
  const codec::JsonValue& lane = *state.find("lanes")->find("ws");
  EXPECT_EQ(lane.find("requests")->integer(), 12);
  // A frame of 64 bytes has a head of two.
  EXPECT_GE(lane.find("bytes_sent")->integer(), static_cast<std::int64_t>(events * 66));
  EXPECT_GE(lane.find("data_segments")->integer(), 1);
  EXPECT_EQ(state.find("server")->find("websockets")->integer(), 12);
  EXPECT_GT(state.find("server")->find("resident_bytes")->integer(), 0);
}

}  // namespace
}  // namespace duplex::tools

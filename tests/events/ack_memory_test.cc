// Whoever asks and gets no answer in time keeps nothing of the question: 37aad114.
#include "../support/allocations.h"
#include "../support/sanitized.h"
#include "../support/socket_world.h"
#include "client_stage.h"

namespace duplex::events {
namespace {

constexpr int rounds = support::sanitized ? 5 : 100;
constexpr int questions = 1000;      // in each round
constexpr std::size_t slack = 4096;  // bytes, where hundreds of thousands would be lost

// What more is alive after all rounds than after the first few, in which buffers have grown.
template <class F>
std::size_t growth_over(F&& ask_all) {
  for (int i = 0; i < 3; ++i) ask_all();
  const std::size_t before = support::live_allocation_size();
  for (int i = 0; i < rounds; ++i) ask_all();
  const std::size_t after = support::live_allocation_size();
  return after < before ? 0 : after - before;
}

class ServerAckMemoryTest : public support::SocketWorld {
 protected:
  // Nobody answers; `ask` has 10 ms.
  template <class F>
  std::size_t growth(F ask) {
    serve();
    const auto client = peer();
    const std::string id = client->join();
    return growth_over([&] {
      for (int i = 0; i < questions; ++i) ask(*io_->of("/").find(id));
      run_for(milliseconds(20));
      EXPECT_EQ(client->take().size(), std::size_t{questions});
    });
  }
  auto counting() {
    return [this](const AckReply& reply) {
      if (reply.status == AckStatus::timed_out) ++timed_out_;
    };
  }

  int timed_out_ = 0;
};

TEST_F(ServerAckMemoryTest, AQuestionLeavesNothing) {
  const std::size_t grown =
      growth([this](Socket& socket) { socket.timeout(milliseconds(10)).emit("q", counting()); });
  EXPECT_LE(grown, slack);
  EXPECT_EQ(timed_out_, (3 + rounds) * questions);
}

TEST_F(ServerAckMemoryTest, AQuestionToManyLeavesNothing) {
  const std::size_t grown = growth(
      [this](Socket& socket) { socket.nsp().timeout(milliseconds(10)).emit("q", counting()); });
  EXPECT_LE(grown, slack);
  EXPECT_EQ(timed_out_, (3 + rounds) * questions);
}

class ClientAckMemoryTest : public ClientStage {
 protected:
  // `ask` has 10 ms.
  std::size_t growth(ClientSocket& socket) {
    return growth_over([&] {
      for (int i = 0; i < questions; ++i) {
        socket.timeout(milliseconds(10)).emit("q", [this](const AckReply& reply) {
          if (reply.status == AckStatus::timed_out) ++timed_out_;
        });
      }
      run_for(milliseconds(20));
    });
  }

  int timed_out_ = 0;
};

TEST_F(ClientAckMemoryTest, AQuestionLeavesNothing) {
  serve();
  ClientSocket& socket = connect();
  run_for(milliseconds(10));
  EXPECT_TRUE(socket.connected());
  EXPECT_LE(growth(socket), slack);
  EXPECT_EQ(timed_out_, (3 + rounds) * questions);
}

TEST_F(ClientAckMemoryTest, AQuestionThatHasNotLeftLeavesNothing) {
  SocketClientOptions options = websocket_only();
  options.reconnect = false;
  ClientSocket& socket = connect(std::move(options));
  run_for(milliseconds(10));
  EXPECT_FALSE(socket.connected());
  EXPECT_LE(growth(socket), slack);
  EXPECT_EQ(timed_out_, (3 + rounds) * questions);
}

}  // namespace
}  // namespace duplex::events

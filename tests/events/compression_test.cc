// What is compressed on its way to a client, and what is not.
#include "../support/wire.h"
#include "codec/zlib.h"
#include "duplex/events/socket_server.h"
#include "engine_test.h"

namespace duplex {
namespace {

using events::SocketServer;
using events::SocketServerOptions;
using support::client_frame;

// --- Answers to polls ----------------------------------------------------------------------------

class PollCompressionTest : public EngineTest {
 protected:
  // The answer to the poll that comes after a message of that size.
  Answer poll(std::size_t size, const std::string& accepted, bool compress = true) {
    const std::string query = open();
    send(query, std::string(size, 'x'), compress);
    return poll_of(query, accepted);
  }
  void send(const std::string& query, std::string content, bool compress) {
    engine_->find(sid_of(query))
        ->send(std::make_shared<engineio::OutMessage>(
            engineio::OutMessage{.content = std::move(content), .compress = compress}));
  }
  Answer poll_of(const std::string& query, const std::string& accepted) {
    RawPeer peer(world_);
    start(peer, "GET", query, {}, "Accept-Encoding: " + accepted + "\r\n");
    peer.run_for(milliseconds(5));
    return answer_of(peer);
  }
  // Of a member that inflates to `text`; zlib's form has the same stream and another checksum.
  static std::string inflated(const Answer& answer, const std::string& text) {
    if (answer.body.size() < 18) return "(too short)";
    std::string zlib = "\x78\x9C" + answer.body.substr(10, answer.body.size() - 18);
    const std::uint32_t sum = codec::adler32(as_bytes(text));
    for (const int shift : {24, 16, 8, 0}) zlib += static_cast<char>(sum >> shift & 0xFF);
    const auto bytes = codec::zlib_decompress(as_bytes(zlib), std::size_t{1} << 20);
    return bytes ? std::string(as_text(*bytes)) : "(refused)";
  }
};

TEST_F(PollCompressionTest, SendsGzipToWhoAcceptsIt) {
  serve();
  const Answer answer = poll(5000, "deflate, gzip;q=0.5");
  EXPECT_EQ(answer.field("Content-Encoding"), "gzip");
  EXPECT_TRUE(answer.has("Content-Type: text/plain; charset=UTF-8")) << answer.head;
  EXPECT_LT(answer.body.size(), 100U);
  const std::string text = "4" + std::string(5000, 'x');
  EXPECT_EQ(inflated(answer, text), text);
  EXPECT_EQ(poll(5000, "identity").body, text);
  EXPECT_EQ(poll(5000, "gzip;q=0").field("Content-Encoding"), "");
}

TEST_F(PollCompressionTest, LeavesShortAnswersAsTheyAre) {
  serve();
  EXPECT_EQ(poll(1022, "gzip").body.size(), 1023U);
  EXPECT_EQ(poll(1023, "gzip").field("Content-Encoding"), "gzip");
  options_.poll_compression->threshold = 10;
  world_.server.emplace(world_.server_side.loop, ServerOptions{.port = 80});
  serve();
  const std::string query = open();
  send(query, "0a1b2c3d4e", true);  // nothing to be gained
  EXPECT_EQ(poll_of(query, "gzip").body, "40a1b2c3d4e");
}

TEST_F(PollCompressionTest, CanBeSwitchedOff) {
  options_.poll_compression.reset();
  serve();
  EXPECT_EQ(poll(5000, "gzip").body.size(), 5001U);
}

TEST_F(PollCompressionTest, LeavesAnAnswerWithAMessageThatMayNotBeCompressed) {
  serve();
  EXPECT_EQ(poll(5000, "gzip", false).body.size(), 5001U);
  const std::string query = open();
  send(query, std::string(5000, 'x'), true);
  send(query, "secret", false);
  EXPECT_EQ(poll_of(query, "gzip").body.size(), 5001U + 8);
}

TEST_F(PollCompressionTest, RemembersWhatAPollThatWaitsAccepts) {
  serve();
  const std::string query = open();
  RawPeer peer(world_);
  start(peer, "GET", query, {}, "Accept-Encoding: gzip\r\n");
  peer.run_for(milliseconds(5));
  send(query, std::string(5000, 'x'), true);
  peer.run_for(milliseconds(5));
  EXPECT_EQ(answer_of(peer).field("Content-Encoding"), "gzip");
}

// --- WebSockets ----------------------------------------------------------------------------------

class CompressFlagTest : public testing::Test {
 protected:
  void serve(bool context_takeover) {
    SocketServerOptions options;
    options.engine.deflate =
        websocket::DeflateOptions{.threshold = 200, .context_takeover = context_takeover};
    io_.emplace(*world_.server, std::move(options));
  }
  std::unique_ptr<RawPeer> join() {
    auto peer = std::make_unique<RawPeer>(world_);
    peer->send(support::opening_request("/socket.io/?EIO=4&transport=websocket",
                                        "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    peer->run_for(milliseconds(5));
    peer->send(client_frame(0x81, "40"));
    peer->run_for(milliseconds(5));
    return peer;
  }
  // The frames of events, without what came before them.
  static std::vector<support::WireFrame> events_of(RawPeer& peer) {
    peer.run_for(milliseconds(5));
    const std::string& all = peer.received();
    auto frames = support::decode_frames(std::string_view(all).substr(all.find("\r\n\r\n") + 4));
    frames.erase(frames.begin(), frames.begin() + 2);
    return frames;
  }

  SimulatedServer world_;
  std::optional<SocketServer> io_;
};

constexpr unsigned compressed = 0xC1;
constexpr unsigned plain = 0x81;

TEST_F(CompressFlagTest, DecidesForEachEvent) {
  for (const bool context_takeover : {false, true}) {
    serve(context_takeover);
    const auto peer = join();
    const std::string text(300, 'x');
    io_->emit("a", text);
    io_->everybody().compress(false).emit("b", text);
    io_->of("/").compress(false).to("nobody").emit("c", text);
    io_->everybody().compress(true).emit("d", text);
    const auto frames = events_of(*peer);
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_EQ(frames[0].first_byte, compressed);
    EXPECT_EQ(frames[1].first_byte, plain);
    EXPECT_EQ(frames[1].payload, R"(42["b",")" + text + R"("])");
    EXPECT_EQ(frames[2].first_byte, compressed);
    io_.reset();
    world_.server.emplace(world_.server_side.loop, ServerOptions{.port = 80});
  }
}

TEST_F(CompressFlagTest, DecidesForWhatOneSocketIsSent) {
  serve(true);
  io_->on_connection([](events::Socket& socket) {
    const std::string text(300, 'x');
    socket.compress(false).emit("a", text);
    socket.emit("b", text);
    socket.compress(false).emit("bytes", as_bytes(text));
  });
  const auto peer = join();
  const auto frames = events_of(*peer);
  ASSERT_EQ(frames.size(), 4U);
  EXPECT_EQ(frames[0].first_byte, plain);
  EXPECT_EQ(frames[1].first_byte, compressed);
  EXPECT_EQ(frames[2].first_byte, plain);
  EXPECT_EQ(frames[3].first_byte, 0x82U);
}

}  // namespace
}  // namespace duplex

// Connections that do not read for a while, because the user or a full queue says so.
#include <gtest/gtest.h>

#include <string>

#include "websocket_flow.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::client_frame;
using support::close_payload;
using support::server_frame;

class WebSocketPause : public WebSocketFlow {};

// A message that is read straight to where it belongs ends with a pause, and more is under way.
TEST_F(WebSocketPause, AfterAMessageReadInPlace) {
  const auto peer = open();
  on_message_ = [](Connection& connection, Message) { connection.pause_reading(); };
  const std::string large = client_frame(0x82, std::string(400'000, 'x'));
  peer->send(large + client_frame(0x82, std::string(100'000, 'y')));
  peer->run_for(seconds(1));
  EXPECT_EQ(messages_, 1);
  peer->send(client_frame(0x82, "x"));
  peer->run_for(seconds(120));
  EXPECT_EQ(messages_, 1);
  ASSERT_EQ(closed_, 0) << "who is not listened to cannot answer pings";
  on_message_ = nullptr;
  connection().resume_reading();
  peer->run_for(seconds(1));
  EXPECT_EQ(messages_, 3);
}

// Time in which we did not listen is not the sender's, but all other time is.
TEST_F(WebSocketPause, T04IsNotTheMessagesTime) {
  for (const int bytes_after : {2, 5}) {
    const auto peer = open();
    messages_ = closed_ = 0;
    const std::string frame = client_frame(0x82, std::string(100, 'x'));
    std::size_t sent = 40;
    peer->send(frame.substr(0, sent));
    const auto trickle = [&](int bytes) {
      for (; bytes > 0; --bytes) {
        peer->send(frame.substr(sent++, 1));
        peer->run_for(seconds(10));
      }
    };
    trickle(3);
    connection().pause_reading();
    peer->run_for(seconds(100));
    connection().resume_reading();
    trickle(bytes_after);
    peer->send(frame.substr(sent));
    peer->run_for(milliseconds(10));
    EXPECT_EQ(messages_, bytes_after == 2 ? 1 : 0);
    EXPECT_EQ(closed_, bytes_after == 2 ? 0 : 1);
  }
}

// The reset comes when reading is about to go on, and what has been read pauses it again.
TEST_F(WebSocketPause, HearsOfAResetThatCameInBetween) {
  const auto peer = open();
  on_message_ = [](Connection& connection, Message) { connection.pause_reading(); };
  for (int i = 0; i < 4; ++i) peer->send(client_frame(0x81, "x"));
  peer->end();
  peer->run_for(milliseconds(50));
  ASSERT_EQ(messages_, 1);
  connection().resume_reading();
  peer->reset();
  world_.world.advance_by(milliseconds(5));
  peer->run_for(seconds(3));
  EXPECT_EQ(messages_, 2);
  EXPECT_EQ(closed_, 1);
}

// Closing ends a pause: the peer's Close frame stands behind what has not been read.
TEST_F(WebSocketPause, EndsWhenWeClose) {
  const auto peer = open();
  connection().pause_reading();
  peer->send(client_frame(0x81, "before"));
  peer->run_for(milliseconds(5));
  EXPECT_EQ(messages_, 0);
  connection().close();
  peer->run_for(milliseconds(5));
  EXPECT_EQ(frames_of(*peer), server_frame(0x88, close_payload(1000)));
  peer->send(client_frame(0x88, close_payload(1000)));
  peer->run_for(milliseconds(5));
  EXPECT_EQ(messages_, 1);
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(event_.code, CloseCode::normal_closure);
}

TEST_F(WebSocketPause, EndsWhenTheServerStops) {
  const auto peer = open();
  connection().pause_reading();
  world_.server->stop();
  peer->send(client_frame(0x88, close_payload(1001)));
  peer->run_for(milliseconds(5));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(event_.code, CloseCode::going_away);
}

}  // namespace
}  // namespace duplex

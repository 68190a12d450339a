// Bytes per event: framing, chunks, segments, and what the model makes of them.
#include "measure/wire_size.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string_view>

#include "measure/model.h"

namespace duplex::measure {
namespace {

using namespace std::chrono_literals;

// The heads of a current browser's poll, and one byte between events.
constexpr HeaderProfile browser{
    .poll_request = 495, .poll_response = 71, .poll_empty_response = 71, .poll_event = 1};

Scenario feed(double rate) { return {.one_way_delay = 10ms, .rate = rate, .headers = browser}; }

TEST(WireSize, WebSocketFramesAsInRfc6455Section52) {
  EXPECT_EQ(websocket_frame_size(0, false), 2u);
  EXPECT_EQ(websocket_frame_size(125, false), 127u);
  EXPECT_EQ(websocket_frame_size(126, false), 130u);
  EXPECT_EQ(websocket_frame_size(65535, false), 65539u);
  EXPECT_EQ(websocket_frame_size(65536, false), 65546u);
  EXPECT_EQ(websocket_frame_size(20, true), 26u);
}

TEST(WireSize, ServerSentEventIsAChunkOfItsOwn) {
  EXPECT_EQ(sse_chunk_size(20), 34u);
  EXPECT_EQ(sse_chunk_size(7), 1u + 4 + 15);
  EXPECT_EQ(sse_chunk_size(8), 2u + 4 + 16);
  EXPECT_EQ(sse_chunk_size(248), 3u + 4 + 256);
}

TEST(WireSize, SocketIoWritesAnArrayOfJson) {
  EXPECT_EQ(socketio_packet_size(5, 3), std::string_view(R"(42["event","abc"])").size());
}

TEST(WireSize, SegmentsAndAcknowledgements) {
  EXPECT_EQ(link_size(0), 0);
  EXPECT_EQ(link_size(22), 88);
  EXPECT_EQ(link_size(1448), 1448 + 66);
  EXPECT_EQ(link_size(1449), 1449 + 132);
  EXPECT_EQ(acknowledgement_size(22), 66);
  EXPECT_EQ(acknowledgement_size(2 * 1448), 66);
  EXPECT_EQ(acknowledgement_size(2 * 1448 + 1), 132);
  EXPECT_EQ(connection_overhead, 412);
}

TEST(BytesPerEvent, OfEveryPush) {
  const Scenario scenario = feed(10);
  EXPECT_EQ(predict(Transport::websocket, scenario).application_bytes_per_event, 22);
  EXPECT_EQ(predict(Transport::websocket, scenario).link_bytes_per_event, 134 + 20);
  EXPECT_EQ(predict(Transport::sse, scenario).application_bytes_per_event, 34);
  EXPECT_EQ(predict(Transport::sse, scenario).link_bytes_per_event, 146 + 20);
  EXPECT_EQ(predict(Transport::tcp, scenario).application_bytes_per_event, 20);
  EXPECT_EQ(predict(Transport::tcp, scenario).link_bytes_per_event, 132 + 20);
  EXPECT_EQ(predict(Transport::echo, scenario).application_bytes_per_event, 22 + 26);
  EXPECT_EQ(predict(Transport::echo, scenario).link_bytes_per_event, 88 + 66 + 92);
}

TEST(BytesPerEvent, OfALongPollThatNeverBatches) {
  Scenario scenario = feed(1);
  scenario.arrivals = Arrivals::periodic;
  const Prediction slow = predict(Transport::long_poll, scenario);
  EXPECT_NEAR(slow.application_bytes_per_event, 495 + 71 + 21, 1e-9);
  // Parked for more than 40 ms: the server's acknowledgement of the poll travels alone.
  EXPECT_NEAR(slow.link_bytes_per_event, 132 + 66 + 587, 1e-9);
  scenario.rate = 20;
  EXPECT_NEAR(predict(Transport::long_poll, scenario).link_bytes_per_event, 132 + 587, 1e-9);
}

TEST(BytesPerEvent, OfSocketIoOverWebSocket) {
  for (const Transport transport : {Transport::socketio_websocket, Transport::socketio_upgrade}) {
    const Prediction pushed = predict(transport, feed(10));
    EXPECT_EQ(pushed.application_bytes_per_event, 2 + 14 + 20);
    EXPECT_EQ(pushed.link_bytes_per_event, 132 + 2 + 14 + 20);
  }
  Scenario large = feed(10);
  large.payload_size = 112;  // with 14 around it too much for one byte of length
  EXPECT_EQ(predict(Transport::socketio_websocket, large).application_bytes_per_event, 4 + 126);
  large.event_name_size = 4;
  EXPECT_EQ(predict(Transport::socketio_websocket, large).application_bytes_per_event, 2 + 125);
}

// Separators stand between packets, of which there are as many as events in an answer.
TEST(BytesPerEvent, OfSocketIoOverLongPolling) {
  Scenario scenario = feed(1);
  scenario.arrivals = Arrivals::periodic;
  EXPECT_NEAR(predict(Transport::socketio_polling, scenario).application_bytes_per_event,
              495 + 71 + 34, 1e-9);
  const double events = 2 + std::exp(-2);
  EXPECT_NEAR(predict(Transport::socketio_polling, feed(100)).application_bytes_per_event,
              (566 - 1) / events + 35, 1e-9);
}

TEST(BytesPerEvent, OfALongPollThatBatches) {
  const Prediction poll = predict(Transport::long_poll, feed(100));
  const double events = 2 + std::exp(-2);
  EXPECT_NEAR(poll.application_bytes_per_event, 566 / events + 21, 1e-9);
  const double alone = std::exp(-100 * 0.06) * 66;
  EXPECT_NEAR(poll.link_bytes_per_event, (132 + alone + 566) / events + 21, 1e-9);
}

// The relay waits for the answer for a round trip more than the server keeps the poll.
TEST(BytesPerEvent, OfALongPollThatARelayAcknowledges) {
  Scenario scenario = feed(100);
  scenario.handshake_is_local = true;
  const double alone = std::exp(-100 * 0.04) * 66;
  EXPECT_NEAR(predict(Transport::long_poll, scenario).link_bytes_per_event,
              (132 + alone + 566) / (2 + std::exp(-2)) + 21, 1e-9);
  scenario.one_way_delay = 20ms;
  EXPECT_NEAR(predict(Transport::long_poll, scenario).link_bytes_per_event,
              (132 + 66 + 566) / (4 + std::exp(-4)) + 21, 1e-9);
}

TEST(BytesPerEvent, OfAShortPollThatARelayAcknowledges) {
  Scenario scenario = feed(1);
  scenario.one_way_delay = 20ms;
  const Prediction direct = predict(Transport::short_poll, scenario);
  scenario.handshake_is_local = true;
  EXPECT_NEAR(predict(Transport::short_poll, scenario).link_bytes_per_event,
              direct.link_bytes_per_event + 66 * direct.requests_per_event, 1e-9);
}

TEST(BytesPerEvent, ShortPollAgainstWebSocketByEventsPerPoll) {
  struct Row {
    double events_per_poll, ratio;
  };
  for (const Row row : {Row{0.01, 496}, Row{0.1, 49.8}, Row{0.5, 10.1}, Row{1, 5.1}, Row{2, 2.6},
                        Row{5, 1.13}, Row{5.75, 1.0}, Row{10, 0.63}, Row{50, 0.24}}) {
    Scenario scenario = feed(row.events_per_poll / 1.02);
    const double poll = predict(Transport::short_poll, scenario).link_bytes_per_event;
    const double push = predict(Transport::websocket, scenario).link_bytes_per_event;
    EXPECT_NEAR(poll / push, row.ratio, 0.005 + row.ratio * 0.01) << row.events_per_poll;
  }
}

TEST(BytesPerEvent, EmptyAnswersHaveTheirOwnHead) {
  Scenario scenario = feed(1 / 1.02);
  scenario.headers.poll_empty_response = 31;
  EXPECT_NEAR(predict(Transport::short_poll, scenario).application_bytes_per_event,
              566 + 21 - 40 * std::exp(-1), 1e-9);
}

TEST(BytesPerEvent, NewConnectionAddsSixSegments) {
  Scenario scenario = feed(1);
  scenario.handshake_is_local = true;
  const double kept = predict(Transport::short_poll, scenario).link_bytes_per_event;
  const Prediction fresh = predict(Transport::short_poll_new_connection, scenario);
  EXPECT_NEAR(fresh.link_bytes_per_event - kept, 412 * fresh.requests_per_event, 1e-9);
}

TEST(BytesPerEvent, PollsInQuickSuccessionAcknowledgeForEachOther) {
  Scenario scenario = feed(1);
  scenario.poll_interval = 20ms;
  const Prediction quick = predict(Transport::short_poll, scenario);
  EXPECT_NEAR(quick.link_bytes_per_event, (132 + 566) * quick.requests_per_event + 21, 1e-9);
}

}  // namespace
}  // namespace duplex::measure
